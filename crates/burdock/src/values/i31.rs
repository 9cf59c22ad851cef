//! `I31`: an integer of 31 bits that lies in a reference.

use core::fmt;

/// An integer of 31 bits, which guests have as a reference of type `i31`.
///
/// Source: Wasmtime's `I31`.
///
/// # Example
///
/// ```
/// use burdock::I31;
/// assert_eq!(I31::new_i32(-5).unwrap().get_i32(), -5);
/// assert_eq!(I31::new_u32(1 << 31), None);
/// assert_eq!(I31::wrapping_u32(1 << 31 | 3).get_u32(), 3);
/// ```
#[derive(Copy, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct I31(u32);

/// The number of values, if they are taken as unsigned.
const COUNT: u32 = 1 << 31;

impl I31 {
    /// Creates an integer from an unsigned number; `None` if that has more than 31 bits.
    pub fn new_u32(value: u32) -> Option<Self> {
        (value < COUNT).then_some(Self(value))
    }

    /// Creates an integer from a signed number; `None` if that has more than 31 bits.
    pub fn new_i32(value: i32) -> Option<Self> {
        let integer = Self::wrapping_i32(value);
        (integer.get_i32() == value).then_some(integer)
    }

    /// Creates an integer from the lower 31 bits of a number.
    pub const fn wrapping_u32(value: u32) -> Self {
        Self(value & (COUNT - 1))
    }

    /// Creates an integer from the lower 31 bits of a number.
    pub const fn wrapping_i32(value: i32) -> Self {
        Self::wrapping_u32(value as u32)
    }

    /// Returns the integer as an unsigned number.
    pub const fn get_u32(&self) -> u32 {
        self.0
    }

    /// Returns the integer as a signed number.
    pub const fn get_i32(&self) -> i32 {
        (self.0 << 1) as i32 >> 1
    }
}

impl fmt::Debug for I31 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("I31").field(&self.get_i32()).finish()
    }
}
