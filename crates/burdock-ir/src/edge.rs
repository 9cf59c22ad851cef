//! The table in which sequences of instructions are found: its entries and its hash function, for
//! the crate that writes the table and the one that looks into it.

/// An entry of the table of sequences: a handler that may follow, the handler of the sequence that
/// ends with it, and the block of entries for what may follow next. The last two are 0 if there is
/// none.
///
/// All three are packed into one word, so that one load finds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge(pub u64);

/// The width of a handler's number in bits.
const HANDLER: u32 = 18;
const HANDLERS: u64 = (1 << HANDLER) - 1;

impl Edge {
    /// An empty place of the table. No handler has its number.
    pub const EMPTY: Self = Self(HANDLERS);

    /// Returns the entry for a handler, or `None` if a number has too many bits.
    pub fn new(key: usize, handler: usize, block: u32) -> Option<Self> {
        let [key, handler] = [key as u64, handler as u64];
        let fits = key < HANDLERS && handler < HANDLERS && block >> (64 - 2 * HANDLER) == 0;
        fits.then_some(Self(key | handler << HANDLER | u64::from(block) << (2 * HANDLER)))
    }

    /// Returns the number of the handler that may follow.
    #[inline]
    pub const fn key(self) -> u32 {
        (self.0 & HANDLERS) as u32
    }

    /// Returns the number of the handler of the sequence that ends here, or 0.
    #[inline]
    pub const fn handler(self) -> u32 {
        (self.0 >> HANDLER & HANDLERS) as u32
    }

    /// Returns the block of what may follow next, or 0.
    #[inline]
    pub const fn block(self) -> u32 {
        (self.0 >> (2 * HANDLER)) as u32
    }

    /// Returns the place, among 2 to the `power` places of a block, where a handler is looked for
    /// first.
    #[inline]
    pub const fn place(handler: u32, power: u32) -> usize {
        // The upper bits of the product depend on all bits of the number (Knuth, The Art of
        // Computer Programming 3, section 6.4).
        let product = handler.wrapping_mul(0x9e37_79b1);
        ((product as u64) << power >> 32) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_has_the_numbers_that_it_was_made_of() {
        let most = HANDLERS as usize - 1;
        let rows = [
            (0, 0, 0, true),
            (1, 2, 3, true),
            (most, most, (1 << 28) - 1, true),
            (most + 1, 0, 0, false),
            (0, most + 1, 0, false),
            (0, 0, 1 << 28, false),
        ];
        for (key, handler, block, fits) in rows {
            let edge = Edge::new(key, handler, block);
            let expected = fits.then_some((key, handler, block));
            let numbers = |edge: Edge| (edge.key() as usize, edge.handler() as usize, edge.block());
            assert_eq!(edge.map(numbers), expected, "{key} {handler} {block}");
            if let Some(edge) = edge {
                assert_ne!(edge, Edge::EMPTY);
            }
        }
    }

    #[test]
    fn the_first_place_is_within_the_block() {
        for power in 0..16 {
            for handler in [0, 1, 2, 1 << 17, u32::MAX] {
                assert!(Edge::place(handler, power) < 1 << power, "{handler} {power}");
            }
        }
    }
}
