//! What may follow in a sequence, and where a block has it: for who writes the tables and who reads
//! them.

/// What follows in a sequence: a handler, the handler of the sequence that it ends, and the block of
/// what may follow behind it; 0 for the last two if there is none. One word, so that one load finds
/// all of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edge(pub(crate) u64);

/// The bits of a handler's number.
const HANDLER: u32 = 18;
const HANDLERS: u64 = (1 << HANDLER) - 1;

impl Edge {
    /// A place where there is none. No handler has its number.
    pub(crate) const EMPTY: Self = Self(HANDLERS);

    #[allow(dead_code, reason = "only the build script writes tables")]
    pub(crate) fn new(key: usize, handler: usize, block: u32) -> Self {
        let [key, handler] = [key as u64, handler as u64];
        assert!(key < HANDLERS && handler < HANDLERS && block >> (64 - 2 * HANDLER) == 0);
        Self(key | handler << HANDLER | u64::from(block) << (2 * HANDLER))
    }

    pub(crate) const fn key(self) -> u32 {
        (self.0 & HANDLERS) as u32
    }

    #[allow(dead_code, reason = "only the engine reads tables")]
    pub(crate) const fn handler(self) -> u32 {
        (self.0 >> HANDLER & HANDLERS) as u32
    }

    #[allow(dead_code, reason = "only the engine reads tables")]
    pub(crate) const fn block(self) -> u32 {
        (self.0 >> (2 * HANDLER)) as u32
    }
}

/// The place, among so many powers of two, at which the handler is looked for first.
pub(crate) const fn slot(handler: u32, power: u32) -> usize {
    // The upper bits of the product depend on all bits of the number (Knuth, The Art of Computer
    // Programming 3, section 6.4).
    let product = handler.wrapping_mul(0x9e37_79b1);
    ((product as u64) << power >> 32) as usize
}
