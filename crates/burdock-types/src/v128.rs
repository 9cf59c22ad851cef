//! `V128`: the value of type `v128`, as 128 bits in the lane order of the spec (lane 0 lowest).

use core::fmt;

/// A 128-bit vector value (spec section 2.3.2), lane 0 in the lowest bits.
///
/// # Example
///
/// ```
/// use burdock_types::V128;
/// let vector = V128::from(0x0706_0504_0302_0100);
/// assert_eq!(vector.to_le_bytes()[..4], [0, 1, 2, 3]);
/// assert_eq!(vector.to_halves(), [0x0706_0504_0302_0100, 0]);
/// ```
#[derive(Copy, Clone, PartialEq, Eq, Hash, Default)]
pub struct V128(u128);

impl V128 {
    /// Returns the low and the high 64 bits, as they lie in two frame slots.
    #[inline]
    pub const fn to_halves(self) -> [u64; 2] {
        [self.0 as u64, (self.0 >> 64) as u64]
    }

    /// Puts a vector together from its low and high 64 bits.
    #[inline]
    pub const fn from_halves(halves: [u64; 2]) -> Self {
        Self(halves[0] as u128 | (halves[1] as u128) << 64)
    }

    /// Returns the vector as an integer.
    #[inline]
    pub const fn as_u128(self) -> u128 {
        self.0
    }

    /// Returns the vector's bytes as they lie in linear memory.
    #[inline]
    pub const fn to_le_bytes(self) -> [u8; 16] {
        self.0.to_le_bytes()
    }

    /// Creates a vector from its bytes as they lie in linear memory.
    #[inline]
    pub const fn from_le_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_le_bytes(bytes))
    }
}

impl From<u128> for V128 {
    #[inline]
    fn from(bits: u128) -> Self {
        Self(bits)
    }
}

impl From<V128> for u128 {
    #[inline]
    fn from(vector: V128) -> Self {
        vector.0
    }
}

impl fmt::Debug for V128 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#034x}", self.0)
    }
}
