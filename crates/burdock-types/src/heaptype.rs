//! Heap types and reference types (spec sections 2.3.4 and 2.3.5), and their subtyping (3.3.3 and
//! 3.3.4).

use crate::TypeIdx;
use core::fmt;

/// The type of a reference's referent.
///
/// `X` is how the type names a type that a module defines: by its index in the module
/// ([`TypeIdx`]), or by its number in an engine.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum HeapType<X = TypeIdx> {
    /// Any function.
    Func,
    /// A function of a certain type.
    ConcreteFunc(X),
    /// A function of a certain type and of no subtype of it.
    ExactFunc(X),
    /// No function: null is the only reference to it.
    NoFunc,
    /// A host value, or an internal value that the host passed on.
    Extern,
    /// No external value: null is the only reference to it.
    NoExtern,
    /// Any internal value.
    Any,
    /// An internal value that can be compared: an `i31`, a structure or an array.
    Eq,
    /// An integer of 31 bits in place of a reference.
    I31,
    /// Any structure.
    Struct,
    /// A structure of a certain type.
    ConcreteStruct(X),
    /// A structure of a certain type and of no subtype of it.
    ExactStruct(X),
    /// Any array.
    Array,
    /// An array of a certain type.
    ConcreteArray(X),
    /// An array of a certain type and of no subtype of it.
    ExactArray(X),
    /// No internal value: null is the only reference to it.
    None,
    /// An exception.
    Exn,
    /// An exception of the tags of a certain function type. Only the host has such types: no module
    /// can write one.
    ConcreteExn(X),
    /// No exception: null is the only reference to it.
    NoExn,
}

impl<X: Copy> HeapType<X> {
    /// Returns the most general type that this one is a subtype of.
    pub const fn top(self) -> Self {
        match self {
            Self::Func | Self::ConcreteFunc(_) | Self::ExactFunc(_) | Self::NoFunc => Self::Func,
            Self::Extern | Self::NoExtern => Self::Extern,
            Self::Exn | Self::ConcreteExn(_) | Self::NoExn => Self::Exn,
            Self::Any
            | Self::Eq
            | Self::I31
            | Self::Struct
            | Self::ConcreteStruct(_)
            | Self::ExactStruct(_)
            | Self::Array
            | Self::ConcreteArray(_)
            | Self::ExactArray(_)
            | Self::None => Self::Any,
        }
    }

    /// Returns the most special type that is a subtype of this one: a reference to it is null.
    pub const fn bottom(self) -> Self {
        match self.top() {
            Self::Func => Self::NoFunc,
            Self::Extern => Self::NoExtern,
            Self::Exn => Self::NoExn,
            _ => Self::None,
        }
    }

    /// Returns the type that a module defines, if the type names one, exactly or not.
    pub const fn concrete(self) -> Option<X> {
        match self {
            Self::ConcreteFunc(x)
            | Self::ExactFunc(x)
            | Self::ConcreteStruct(x)
            | Self::ExactStruct(x)
            | Self::ConcreteArray(x)
            | Self::ExactArray(x)
            | Self::ConcreteExn(x) => Some(x),
            _ => None,
        }
    }

    /// Returns the type to which subtypes of a concrete type do not belong; any other type as it
    /// is.
    #[must_use]
    pub const fn exact(self) -> Self {
        match self {
            Self::ConcreteFunc(x) => Self::ExactFunc(x),
            Self::ConcreteStruct(x) => Self::ExactStruct(x),
            Self::ConcreteArray(x) => Self::ExactArray(x),
            other => other,
        }
    }

    /// Returns the type in which concrete types have the names that `name` gives.
    #[inline]
    pub fn map<Y>(self, mut name: impl FnMut(X) -> Y) -> HeapType<Y> {
        match self {
            Self::Func => HeapType::Func,
            Self::ConcreteFunc(x) => HeapType::ConcreteFunc(name(x)),
            Self::ExactFunc(x) => HeapType::ExactFunc(name(x)),
            Self::NoFunc => HeapType::NoFunc,
            Self::Extern => HeapType::Extern,
            Self::NoExtern => HeapType::NoExtern,
            Self::Any => HeapType::Any,
            Self::Eq => HeapType::Eq,
            Self::I31 => HeapType::I31,
            Self::Struct => HeapType::Struct,
            Self::ConcreteStruct(x) => HeapType::ConcreteStruct(name(x)),
            Self::ExactStruct(x) => HeapType::ExactStruct(name(x)),
            Self::Array => HeapType::Array,
            Self::ConcreteArray(x) => HeapType::ConcreteArray(name(x)),
            Self::ExactArray(x) => HeapType::ExactArray(name(x)),
            Self::None => HeapType::None,
            Self::Exn => HeapType::Exn,
            Self::ConcreteExn(x) => HeapType::ConcreteExn(name(x)),
            Self::NoExn => HeapType::NoExn,
        }
    }

    /// Returns `true` if every value of this type belongs to `other`. `declared` decides whether
    /// the declaration of a concrete type makes it a subtype of another.
    pub fn matches(self, other: Self, declared: impl Fn(X, X) -> bool) -> bool {
        match (self, other) {
            (Self::NoFunc, other) => matches!(other.top(), Self::Func),
            (Self::None, other) => matches!(other.top(), Self::Any),
            (this, Self::Func) => matches!(this.top(), Self::Func),
            (this, Self::Any) => matches!(this.top(), Self::Any),
            (this, Self::Eq) => matches!(this.top(), Self::Any) && !matches!(this, Self::Any),
            (Self::Extern | Self::NoExtern, Self::Extern)
            | (Self::NoExtern, Self::NoExtern)
            | (Self::Exn | Self::ConcreteExn(_) | Self::NoExn, Self::Exn)
            | (Self::NoExn, Self::ConcreteExn(_) | Self::NoExn)
            | (Self::I31, Self::I31)
            | (Self::Struct | Self::ConcreteStruct(_) | Self::ExactStruct(_), Self::Struct)
            | (Self::Array | Self::ConcreteArray(_) | Self::ExactArray(_), Self::Array) => true,
            (Self::ConcreteFunc(this) | Self::ExactFunc(this), Self::ConcreteFunc(other))
            | (Self::ConcreteStruct(this) | Self::ExactStruct(this), Self::ConcreteStruct(other))
            | (Self::ConcreteArray(this) | Self::ExactArray(this), Self::ConcreteArray(other)) => {
                declared(this, other)
            }
            // Two names of one type are subtypes of each other.
            (Self::ExactFunc(this), Self::ExactFunc(other))
            | (Self::ConcreteExn(this), Self::ConcreteExn(other))
            | (Self::ExactStruct(this), Self::ExactStruct(other))
            | (Self::ExactArray(this), Self::ExactArray(other)) => {
                declared(this, other) && declared(other, this)
            }
            _ => false,
        }
    }

    /// Returns `true` if this is `extern`.
    pub const fn is_extern(&self) -> bool {
        matches!(self, Self::Extern)
    }

    /// Returns `true` if this is `func`.
    pub const fn is_func(&self) -> bool {
        matches!(self, Self::Func)
    }
}

impl<X: fmt::Display> fmt::Display for HeapType<X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Func => "func",
            Self::NoFunc => "nofunc",
            Self::Extern => "extern",
            Self::NoExtern => "noextern",
            Self::Any => "any",
            Self::Eq => "eq",
            Self::I31 => "i31",
            Self::Struct => "struct",
            Self::Array => "array",
            Self::None => "none",
            Self::Exn => "exn",
            Self::NoExn => "noexn",
            Self::ConcreteFunc(x) | Self::ConcreteStruct(x) | Self::ConcreteArray(x) => {
                return fmt::Display::fmt(x, f);
            }
            Self::ExactFunc(x) | Self::ExactStruct(x) | Self::ExactArray(x) => {
                return write!(f, "(exact {x})");
            }
            Self::ConcreteExn(x) => return write!(f, "(exn {x})"),
        })
    }
}

/// The type of a reference: nullable or not, and what it refers to.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct RefType<X = TypeIdx> {
    /// `true` if null belongs to the type.
    pub nullable: bool,
    /// The type of the referent.
    pub heap: HeapType<X>,
}

impl<X> RefType<X> {
    /// `(ref null func)`.
    pub const FUNCREF: Self = Self { nullable: true, heap: HeapType::Func };
    /// `(ref null extern)`.
    pub const EXTERNREF: Self = Self { nullable: true, heap: HeapType::Extern };
}

impl<X: Copy> RefType<X> {
    /// Creates a reference type.
    pub const fn new(nullable: bool, heap: HeapType<X>) -> Self {
        Self { nullable, heap }
    }

    /// Returns the type in which concrete types have the names that `name` gives.
    #[inline]
    pub fn map<Y>(self, name: impl FnMut(X) -> Y) -> RefType<Y> {
        RefType { nullable: self.nullable, heap: self.heap.map(name) }
    }

    /// Returns `true` if every reference of this type belongs to `other`. `declared` decides
    /// whether the declaration of a concrete type makes it a subtype of another.
    pub fn matches(self, other: Self, declared: impl Fn(X, X) -> bool) -> bool {
        (other.nullable || !self.nullable) && self.heap.matches(other.heap, declared)
    }
}

impl<X: fmt::Display> fmt::Display for RefType<X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use HeapType as H;
        let short = match self.heap {
            H::Func => "funcref",
            H::NoFunc => "nullfuncref",
            H::Extern => "externref",
            H::NoExtern => "nullexternref",
            H::Any => "anyref",
            H::Eq => "eqref",
            H::I31 => "i31ref",
            H::Struct => "structref",
            H::Array => "arrayref",
            H::None => "nullref",
            H::Exn => "exnref",
            H::NoExn => "nullexnref",
            H::ConcreteFunc(_)
            | H::ExactFunc(_)
            | H::ConcreteStruct(_)
            | H::ExactStruct(_)
            | H::ConcreteArray(_)
            | H::ExactArray(_)
            | H::ConcreteExn(_) => "",
        };
        match self.nullable {
            true if !short.is_empty() => f.write_str(short),
            true => write!(f, "(ref null {})", self.heap),
            false => write!(f, "(ref {})", self.heap),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    /// Every heap type, with two concrete and two exact types of each kind: 1 is a subtype of 0.
    const ALL: [HeapType<u8>; 26] = {
        use HeapType as H;
        [
            H::Func,
            H::ConcreteFunc(0),
            H::ConcreteFunc(1),
            H::ExactFunc(0),
            H::ExactFunc(1),
            H::NoFunc,
            H::Extern,
            H::NoExtern,
            H::Any,
            H::Eq,
            H::I31,
            H::Struct,
            H::ConcreteStruct(0),
            H::ConcreteStruct(1),
            H::ExactStruct(0),
            H::ExactStruct(1),
            H::Array,
            H::ConcreteArray(0),
            H::ConcreteArray(1),
            H::ExactArray(0),
            H::ExactArray(1),
            H::None,
            H::Exn,
            H::ConcreteExn(0),
            H::ConcreteExn(1),
            H::NoExn,
        ]
    };

    fn matches(a: HeapType<u8>, b: HeapType<u8>) -> bool {
        a.matches(b, |a, b| a >= b)
    }

    #[test]
    fn subtyping_is_an_order_between_bottom_and_top() {
        for a in ALL {
            assert!(matches(a, a), "{a:?}");
            assert!(matches(a, a.top()) && matches(a.bottom(), a), "{a:?}");
            for b in ALL {
                let both = matches(a, b) && matches(b, a);
                assert_eq!(both, a == b, "{a:?}, {b:?}");
                assert!(!matches(a, b) || a.top() == b.top(), "{a:?}, {b:?}");
                for c in ALL {
                    assert!(!matches(a, b) || !matches(b, c) || matches(a, c), "{a:?} {b:?} {c:?}");
                }
            }
        }
    }

    #[test]
    fn the_supertypes_of_each_type_are_those_of_the_specification() {
        let text = ALL.map(|a| {
            let above = ALL.into_iter().filter(|b| a != *b && matches(a, *b));
            let above: alloc::vec::Vec<_> = above.map(|b| alloc::format!("{b:?}")).collect();
            alloc::format!("{a:?} <: {}\n", above.join(", "))
        });
        assert_eq!(
            text.concat(),
            "Func <: \n\
             ConcreteFunc(0) <: Func\n\
             ConcreteFunc(1) <: Func, ConcreteFunc(0)\n\
             ExactFunc(0) <: Func, ConcreteFunc(0)\n\
             ExactFunc(1) <: Func, ConcreteFunc(0), ConcreteFunc(1)\n\
             NoFunc <: Func, ConcreteFunc(0), ConcreteFunc(1), ExactFunc(0), ExactFunc(1)\n\
             Extern <: \n\
             NoExtern <: Extern\n\
             Any <: \n\
             Eq <: Any\n\
             I31 <: Any, Eq\n\
             Struct <: Any, Eq\n\
             ConcreteStruct(0) <: Any, Eq, Struct\n\
             ConcreteStruct(1) <: Any, Eq, Struct, ConcreteStruct(0)\n\
             ExactStruct(0) <: Any, Eq, Struct, ConcreteStruct(0)\n\
             ExactStruct(1) <: Any, Eq, Struct, ConcreteStruct(0), ConcreteStruct(1)\n\
             Array <: Any, Eq\n\
             ConcreteArray(0) <: Any, Eq, Array\n\
             ConcreteArray(1) <: Any, Eq, Array, ConcreteArray(0)\n\
             ExactArray(0) <: Any, Eq, Array, ConcreteArray(0)\n\
             ExactArray(1) <: Any, Eq, Array, ConcreteArray(0), ConcreteArray(1)\n\
             None <: Any, Eq, I31, Struct, ConcreteStruct(0), ConcreteStruct(1), \
             ExactStruct(0), ExactStruct(1), Array, ConcreteArray(0), ConcreteArray(1), \
             ExactArray(0), ExactArray(1)\n\
             Exn <: \n\
             ConcreteExn(0) <: Exn\n\
             ConcreteExn(1) <: Exn\n\
             NoExn <: Exn, ConcreteExn(0), ConcreteExn(1)\n"
        );
    }

    #[test]
    fn a_type_without_null_matches_the_one_with_it() {
        let [with, without] = [true, false].map(|null| RefType::<u8>::new(null, HeapType::Eq));
        assert!(without.matches(with, |_, _| false));
        assert!(!with.matches(without, |_, _| false));
    }

    #[test]
    fn references_print_as_in_the_text_format() {
        let check = |nullable, heap, text: &str| {
            assert_eq!(RefType::<u8>::new(nullable, heap).to_string(), text);
        };
        check(true, HeapType::Func, "funcref");
        check(false, HeapType::Extern, "(ref extern)");
        check(true, HeapType::None, "nullref");
        check(true, HeapType::ConcreteStruct(7), "(ref null 7)");
        check(false, HeapType::ConcreteFunc(7), "(ref 7)");
        check(false, HeapType::ExactFunc(7), "(ref (exact 7))");
        check(true, HeapType::ExactArray(7), "(ref null (exact 7))");
    }
}
