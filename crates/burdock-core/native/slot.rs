//! Where a block of edges has a handler: for who writes the tables and who reads them.

/// The place, among so many powers of two, at which the handler is looked for first.
pub(crate) const fn slot(handler: u32, power: u32) -> usize {
    // The upper bits of the product depend on all bits of the number (Knuth, The Art of Computer
    // Programming 3, section 6.4).
    let product = handler.wrapping_mul(0x9e37_79b1);
    ((product as u64) << power >> 32) as usize
}
