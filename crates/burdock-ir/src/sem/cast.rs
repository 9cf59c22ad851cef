//! Casts to structure and array types, by the store's numbers of types.

/// Tells whether an object is of a type.
pub trait Cast {
    /// Returns `true` if an object of type `own` is of type `expected`. `supertype` returns the
    /// supertype of `own` that has as many supertypes as `expected`.
    fn holds(own: u32, expected: u32, supertype: impl FnOnce() -> u32) -> bool;
}

macro_rules! casts {
    ($($name:ident: |$own:ident, $expected:ident, $supertype:ident| $body:expr;)*) => {$(
        #[doc = concat!("The meaning of `", stringify!($name), "`.")]
        #[derive(Copy, Clone, Debug)]
        pub struct $name;

        impl Cast for $name {
            #[inline(always)]
            #[allow(unused_variables, reason = "a final type has no subtypes")]
            fn holds($own: u32, $expected: u32, $supertype: impl FnOnce() -> u32) -> bool {
                $body
            }
        }
    )*};
}

casts! {
    RefTestExact: |own, expected, supertype| own == expected;
    RefTestSub: |own, expected, supertype| supertype() == expected;
}

/// The meaning of `RefCastExact`, that of `RefTestExact`.
pub type RefCastExact = RefTestExact;
/// The meaning of `RefCastSub`, that of `RefTestSub`.
pub type RefCastSub = RefTestSub;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_final_type_is_compared_and_another_is_looked_up() {
        assert!(RefTestExact::holds(7, 7, || 0));
        assert!(!RefTestExact::holds(8, 7, || 7));
        assert!(RefTestSub::holds(8, 7, || 7));
        assert!(!RefTestSub::holds(7, 7, || 8));
    }
}
