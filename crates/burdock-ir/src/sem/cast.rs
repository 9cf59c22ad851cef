//! Casts: to structure and array types, by the store's numbers of types; to abstract types, by
//! the classes of references.

/// Tells whether a reference is of a type.
pub trait Cast {
    /// `true` if `own` is the number of the reference's class, and `expected` has a bit for each
    /// class of the type.
    const BY_CLASS: bool;

    /// Returns `true` if an object of type `own` is of type `expected`. `supertype` returns the
    /// supertype of `own` that has as many supertypes as `expected`.
    fn holds(own: u32, expected: u32, supertype: impl FnOnce() -> u32) -> bool;
}

macro_rules! casts {
    (@by_class ty) => { false };
    (@by_class class) => { true };
    ($($name:ident by $by:ident: |$own:ident, $expected:ident, $supertype:ident| $body:expr;)*) => {$(
        #[doc = concat!("The meaning of `", stringify!($name), "`.")]
        #[derive(Copy, Clone, Debug)]
        pub struct $name;

        impl Cast for $name {
            const BY_CLASS: bool = casts!(@by_class $by);

            #[inline(always)]
            #[allow(unused_variables, reason = "only some types have subtypes")]
            fn holds($own: u32, $expected: u32, $supertype: impl FnOnce() -> u32) -> bool {
                $body
            }
        }
    )*};
}

casts! {
    RefTestExact by ty: |own, expected, supertype| own == expected;
    RefTestSub by ty: |own, expected, supertype| supertype() == expected;
    RefTestClass by class: |own, expected, supertype| expected >> own & 1 == 1;
}

/// The meaning of `RefCastExact`, that of `RefTestExact`.
pub type RefCastExact = RefTestExact;
/// The meaning of `RefCastSub`, that of `RefTestSub`.
pub type RefCastSub = RefTestSub;
/// The meaning of `RefCastClass`, that of `RefTestClass`.
pub type RefCastClass = RefTestClass;

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

    #[test]
    fn a_class_is_one_of_several() {
        assert!(RefTestClass::holds(2, 0b0110, || 0));
        assert!(!RefTestClass::holds(0, 0b0110, || 0));
        assert!(!RefTestClass::holds(7, 0b0110, || 0));
    }
}
