//! `F32` and `F64`: floats as bits, which keep the payload of every NaN.

use core::cmp::Ordering;
use core::fmt;

macro_rules! floats {
    ($($(#[$doc:meta])* $name:ident $float:ty, $bits:ty;)*) => {$(
        $(#[$doc])*
        #[derive(Copy, Clone)]
        pub struct $name($bits);

        impl $name {
            /// Creates the value from its bits.
            #[inline]
            pub fn from_bits(bits: $bits) -> Self {
                Self(bits)
            }

            /// Returns the value's bits.
            #[inline]
            pub fn to_bits(self) -> $bits {
                self.0
            }

            /// Creates the value from a float.
            #[inline]
            pub fn from_float(float: $float) -> Self {
                Self(float.to_bits())
            }

            /// Returns the value as a float.
            #[inline]
            pub fn to_float(self) -> $float {
                <$float>::from_bits(self.0)
            }
        }

        impl From<$float> for $name {
            #[inline]
            fn from(float: $float) -> Self {
                Self::from_float(float)
            }
        }

        impl From<$name> for $float {
            #[inline]
            fn from(value: $name) -> Self {
                value.to_float()
            }
        }

        /// Compares as floats do: a NaN equals nothing.
        impl PartialEq for $name {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                self.to_float() == other.to_float()
            }
        }

        impl PartialOrd for $name {
            #[inline]
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                self.to_float().partial_cmp(&other.to_float())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.to_float() {
                    float if float.is_nan() => write!(f, "nan:{:#X}", self.0),
                    float => fmt::Debug::fmt(&float, f),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.to_float() {
                    float if float.is_nan() => write!(f, "nan:{:#X}", self.0),
                    float => fmt::Display::fmt(&float, f),
                }
            }
        }
    )*};
}

floats! {
    /// A 32-bit float as its bits. See [`Val`](crate::Val).
    F32 f32, u32;
    /// A 64-bit float as its bits. See [`Val`](crate::Val).
    F64 f64, u64;
}
