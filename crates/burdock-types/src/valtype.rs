//! Value, reference and function types (spec sections 2.3.4 to 2.3.8). What GC, typed function
//! references and exceptions add has its place here already: a heap type may be concrete.

use core::fmt;
use smallvec::SmallVec;

/// The type of a reference's referent.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum HeapType {
    /// Any function.
    Func,
    /// A host value.
    Extern,
}

/// The type of a reference: nullable or not, and what it refers to.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct RefType {
    /// `true` if null belongs to the type.
    pub nullable: bool,
    /// The type of the referent.
    pub heap: HeapType,
}

impl RefType {
    /// `(ref null func)`.
    pub const FUNCREF: Self = Self { nullable: true, heap: HeapType::Func };
    /// `(ref null extern)`.
    pub const EXTERNREF: Self = Self { nullable: true, heap: HeapType::Extern };
}

impl fmt::Display for RefType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heap = match self.heap {
            HeapType::Func => "func",
            HeapType::Extern => "extern",
        };
        match self.nullable {
            true => write!(f, "{heap}ref"),
            false => write!(f, "(ref {heap})"),
        }
    }
}

/// The type of a value.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum ValType {
    /// 32-bit integer.
    I32,
    /// 64-bit integer.
    I64,
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
    /// 128-bit vector.
    V128,
    /// A reference.
    Ref(RefType),
}

impl ValType {
    /// `(ref null func)`.
    pub const FUNCREF: Self = Self::Ref(RefType::FUNCREF);
    /// `(ref null extern)`.
    pub const EXTERNREF: Self = Self::Ref(RefType::EXTERNREF);

    /// Returns the number of 64-bit frame slots that a value of this type takes.
    #[inline]
    pub const fn slots(self) -> u16 {
        match self {
            Self::V128 => 2,
            _ => 1,
        }
    }
}

impl fmt::Display for ValType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::I32 => f.write_str("i32"),
            Self::I64 => f.write_str("i64"),
            Self::F32 => f.write_str("f32"),
            Self::F64 => f.write_str("f64"),
            Self::V128 => f.write_str("v128"),
            Self::Ref(ty) => fmt::Display::fmt(ty, f),
        }
    }
}

/// The type of a function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FuncType {
    /// Parameters, then results.
    /// Few types, as most functions have, have room here.
    types: SmallVec<[ValType; 8]>,
    params: u32,
}

impl FuncType {
    /// Creates a function type from its parameter and result types.
    // Always, for otherwise the compiler decides by what else is in the program, and
    // `cargo xtask hookfree` sees a difference that hook support does not make.
    #[inline(always)]
    pub fn new(
        params: impl IntoIterator<Item = ValType>,
        results: impl IntoIterator<Item = ValType>,
    ) -> Self {
        let mut types: SmallVec<_> = params.into_iter().collect();
        let params = types.len() as u32;
        types.extend(results);
        Self { types, params }
    }

    /// Creates a function type from its parameter and result types in one list. The first `params`
    /// types are the parameters.
    ///
    /// # Panics
    ///
    /// The list is shorter than that.
    pub fn from_types(types: &[ValType], params: usize) -> Self {
        assert!(params <= types.len(), "there are fewer types than parameters");
        Self { types: types.into(), params: params as u32 }
    }

    /// Returns the parameter types.
    #[inline]
    pub fn params(&self) -> &[ValType] {
        &self.types[..self.params as usize]
    }

    /// Returns the result types.
    #[inline]
    pub fn results(&self) -> &[ValType] {
        &self.types[self.params as usize..]
    }

    /// Returns the number of slots that the parameters take.
    pub fn param_slots(&self) -> u32 {
        slots(self.params())
    }

    /// Returns the number of slots that the results take.
    pub fn result_slots(&self) -> u32 {
        slots(self.results())
    }
}

/// Returns the number of slots that consecutive values of these types take.
fn slots(types: &[ValType]) -> u32 {
    types.iter().map(|ty| u32::from(ty.slots())).sum()
}

impl fmt::Display for FuncType {
    /// Writes `(i32, i32) -> i64`, as in error messages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        list(f, self.params())?;
        f.write_str(" -> ")?;
        match self.results() {
            [one] => fmt::Display::fmt(one, f),
            many => list(f, many),
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, types: &[ValType]) -> fmt::Result {
    f.write_str("(")?;
    for (i, ty) in types.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        fmt::Display::fmt(ty, f)?;
    }
    f.write_str(")")
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn types_print_as_error_messages_show_them() {
        let check = |ty: FuncType, text: &str| assert_eq!(ty.to_string(), text);
        check(FuncType::new([], []), "() -> ()");
        check(FuncType::new([ValType::I32], [ValType::V128]), "(i32) -> v128");
        check(
            FuncType::new([ValType::FUNCREF], [ValType::F32, ValType::EXTERNREF]),
            "(funcref) -> (f32, externref)",
        );
    }

    #[test]
    fn vectors_take_two_slots() {
        let ty = FuncType::new([ValType::V128, ValType::I32], [ValType::F64]);
        assert_eq!((ty.param_slots(), ty.result_slots()), (3, 1));
    }
}
