//! The types that modules define: function, structure and array types (spec sections 2.3.7 to
//! 2.3.9), and sub types, which name a supertype (2.3.9).

use crate::{TypeIdx, ValType};
use alloc::boxed::Box;
use core::fmt;
use core::hash::{Hash, Hasher};
use smallvec::SmallVec;

/// The number of types for which a function type allocates nothing.
const FEW: usize = 6;

/// The type of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FuncType<X = TypeIdx> {
    /// Parameters, then results.
    /// Few types, as most functions have, have room here.
    types: SmallVec<[ValType<X>; FEW]>,
    params: u32,
}

impl<X> FuncType<X> {
    /// Creates a function type from its parameter and result types.
    // Always, for otherwise the compiler decides by what else is in the program, and
    // `cargo xtask hookfree` sees a difference that hook support does not make.
    #[inline(always)]
    pub fn new(
        params: impl IntoIterator<Item = ValType<X>>,
        results: impl IntoIterator<Item = ValType<X>>,
    ) -> Self {
        let mut types: SmallVec<_> = params.into_iter().collect();
        let params = types.len() as u32;
        types.extend(results);
        Self { types, params }
    }

    /// Returns the parameter types.
    #[inline]
    pub fn params(&self) -> &[ValType<X>] {
        &self.types[..self.params as usize]
    }

    /// Returns the result types.
    #[inline]
    pub fn results(&self) -> &[ValType<X>] {
        &self.types[self.params as usize..]
    }

    /// Returns the parameter types, then the result types.
    #[inline]
    pub fn all(&self) -> &[ValType<X>] {
        &self.types
    }
}

impl<X: Copy> FuncType<X> {
    /// Creates a function type from its parameter and result types in one list. The first `params`
    /// types are the parameters.
    ///
    /// # Panics
    ///
    /// The list is shorter than that.
    pub fn from_types(types: &[ValType<X>], params: usize) -> Self {
        assert!(params <= types.len(), "there are fewer types than parameters");
        // Not `into`, which clones one type after the other.
        Self { types: SmallVec::from_slice(types), params: params as u32 }
    }

    /// Returns the number of slots that the parameters take.
    pub fn param_slots(&self) -> u32 {
        slots(self.params())
    }

    /// Returns the number of slots that the results take.
    pub fn result_slots(&self) -> u32 {
        slots(self.results())
    }

    /// Returns the type in which concrete types have the names that `name` gives.
    pub fn map<Y>(&self, mut name: impl FnMut(X) -> Y) -> FuncType<Y> {
        let mut mapped = self.types.iter().map(|ty| ty.map(&mut name));
        let types = match self.types.len() {
            // Not `collect`, which asks for room before each type.
            few @ 0..=FEW => {
                let types = core::array::from_fn(|_| mapped.next().unwrap_or(ValType::I32));
                SmallVec::from_buf_and_len(types, few)
            }
            _ => mapped.collect(),
        };
        FuncType { types, params: self.params }
    }

    /// Returns the type without what only a module or an engine knows; see [`ValType::erased`].
    pub fn erased<Y: Copy>(&self) -> FuncType<Y> {
        FuncType { types: self.types.iter().map(|ty| ty.erased()).collect(), params: self.params }
    }
}

/// Returns the number of slots that consecutive values of these types take.
fn slots<X: Copy>(types: &[ValType<X>]) -> u32 {
    types.iter().map(|ty| u32::from(ty.slots())).sum()
}

impl<X: fmt::Display> fmt::Display for FuncType<X> {
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

fn list<X: fmt::Display>(f: &mut fmt::Formatter<'_>, types: &[ValType<X>]) -> fmt::Result {
    f.write_str("(")?;
    for (i, ty) in types.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        fmt::Display::fmt(ty, f)?;
    }
    f.write_str(")")
}

/// The type of what a field of a structure or an element of an array holds.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum StorageType<X = TypeIdx> {
    /// The lower 8 bits of an `i32`.
    I8,
    /// The lower 16 bits of an `i32`.
    I16,
    /// A value.
    Val(ValType<X>),
}

impl<X: Copy> StorageType<X> {
    /// Returns the type of the value that an access reads or writes.
    pub const fn unpacked(self) -> ValType<X> {
        match self {
            Self::I8 | Self::I16 => ValType::I32,
            Self::Val(ty) => ty,
        }
    }

    /// Returns the type in which concrete types have the names that `name` gives.
    pub fn map<Y>(self, name: impl FnMut(X) -> Y) -> StorageType<Y> {
        match self {
            Self::I8 => StorageType::I8,
            Self::I16 => StorageType::I16,
            Self::Val(ty) => StorageType::Val(ty.map(name)),
        }
    }
}

impl<X: fmt::Display> fmt::Display for StorageType<X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::I8 => f.write_str("i8"),
            Self::I16 => f.write_str("i16"),
            Self::Val(ty) => fmt::Display::fmt(ty, f),
        }
    }
}

/// The type of a field of a structure, or of the elements of an array.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldType<X = TypeIdx> {
    /// The type of its contents.
    pub storage: StorageType<X>,
    /// `true` if it can be written.
    pub mutable: bool,
}

impl<X: Copy> FieldType<X> {
    /// Returns the type in which concrete types have the names that `name` gives.
    pub fn map<Y>(self, name: impl FnMut(X) -> Y) -> FieldType<Y> {
        FieldType { storage: self.storage.map(name), mutable: self.mutable }
    }
}

impl<X: fmt::Display> fmt::Display for FieldType<X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mutable {
            true => write!(f, "(mut {})", self.storage),
            false => fmt::Display::fmt(&self.storage, f),
        }
    }
}

/// The type of a structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StructType<X = TypeIdx> {
    /// The fields.
    pub fields: Box<[FieldType<X>]>,
    /// The type of the descriptor that each structure of this type has.
    pub descriptor: Option<X>,
    /// The type of the structures that structures of this type describe.
    pub describes: Option<X>,
}

impl<X> StructType<X> {
    /// Creates a structure type that has no descriptor and describes nothing.
    pub fn new(fields: impl IntoIterator<Item = FieldType<X>>) -> Self {
        Self { fields: fields.into_iter().collect(), descriptor: None, describes: None }
    }
}

impl<X: Copy> StructType<X> {
    /// Returns the type in which concrete types have the names that `name` gives.
    pub fn map<Y>(&self, mut name: impl FnMut(X) -> Y) -> StructType<Y> {
        StructType {
            fields: self.fields.iter().map(|field| field.map(&mut name)).collect(),
            descriptor: self.descriptor.map(&mut name),
            describes: self.describes.map(&mut name),
        }
    }
}

/// A function, structure or array type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompositeType<X = TypeIdx> {
    /// The type of a function.
    Func(FuncType<X>),
    /// The type of a structure.
    Struct(StructType<X>),
    /// The type of an array: that of its elements.
    Array(FieldType<X>),
}

impl<X: Copy> CompositeType<X> {
    /// Returns the type in which concrete types have the names that `name` gives.
    pub fn map<Y>(&self, name: impl FnMut(X) -> Y) -> CompositeType<Y> {
        match self {
            Self::Func(ty) => CompositeType::Func(ty.map(name)),
            Self::Struct(ty) => CompositeType::Struct(ty.map(name)),
            Self::Array(element) => CompositeType::Array(element.map(name)),
        }
    }
}

/// A type that a module defines, with the supertype that it declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubType<X = TypeIdx> {
    /// `true` if no type can declare this one as its supertype.
    pub is_final: bool,
    /// The declared supertype.
    pub supertype: Option<X>,
    /// The type itself.
    pub composite: CompositeType<X>,
}

impl<X> SubType<X> {
    /// Returns the type of a function, in the form of a type that declares nothing.
    #[inline]
    pub fn func(ty: FuncType<X>) -> Self {
        Self { is_final: true, supertype: None, composite: CompositeType::Func(ty) }
    }

    /// Returns the function type if the type is one.
    #[inline]
    pub fn as_func(&self) -> Option<&FuncType<X>> {
        match &self.composite {
            CompositeType::Func(ty) => Some(ty),
            CompositeType::Struct(_) | CompositeType::Array(_) => None,
        }
    }
}

impl<X: Copy> SubType<X> {
    /// Returns `true` if the type is a function type that names no type.
    pub fn is_closed(&self) -> bool {
        let names = |ty: &ValType<X>| match ty {
            ValType::Ref(ty) => ty.heap.concrete().is_some(),
            _ => false,
        };
        self.supertype.is_none() && self.as_func().is_some_and(|ty| !ty.all().iter().any(names))
    }
}

// Linking a host function hashes a type. What would be derived hashes a number of 64 bits for each
// flag and length, and takes twice as many instructions.
impl<X: Hash> Hash for SubType<X> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let (kind, first, second) = match &self.composite {
            CompositeType::Func(ty) => (0, ty.params as usize, ty.types.len()),
            CompositeType::Struct(ty) => {
                let clauses =
                    usize::from(ty.descriptor.is_some()) | usize::from(ty.describes.is_some()) << 1;
                (1, ty.fields.len(), clauses)
            }
            CompositeType::Array(_) => (2, 0, 0),
        };
        let flags = u64::from(self.is_final) | u64::from(self.supertype.is_some()) << 1 | kind << 2;
        state.write_u64(flags | (first as u64) << 4 | (second as u64) << 34);
        if let Some(supertype) = &self.supertype {
            supertype.hash(state);
        }
        match &self.composite {
            CompositeType::Func(ty) => ty.types.iter().for_each(|ty| ty.hash(state)),
            CompositeType::Struct(ty) => {
                ty.fields.iter().for_each(|field| field.hash(state));
                ty.descriptor.iter().chain(&ty.describes).for_each(|name| name.hash(state));
            }
            CompositeType::Array(element) => element.hash(state),
        }
    }
}

impl<X: Copy> SubType<X> {
    /// Returns the type in which concrete types have the names that `name` gives.
    pub fn map<Y>(&self, mut name: impl FnMut(X) -> Y) -> SubType<Y> {
        let supertype = self.supertype.map(&mut name);
        SubType { is_final: self.is_final, supertype, composite: self.composite.map(name) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HeapType, RefType};
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
        let ty: FuncType = FuncType::new([ValType::V128, ValType::I32], [ValType::F64]);
        assert_eq!((ty.param_slots(), ty.result_slots()), (3, 1));
    }

    #[test]
    fn names_of_concrete_types_are_replaced_everywhere() {
        let at = |x: u32| ValType::Ref(RefType::new(true, HeapType::ConcreteStruct(x)));
        let field = |x| FieldType { storage: StorageType::Val(at(x)), mutable: true };
        let sub = |composite| SubType { is_final: false, supertype: Some(1), composite };
        for composite in [
            CompositeType::Func(FuncType::new([at(1), ValType::I32], [at(1)])),
            CompositeType::Struct(StructType {
                fields: [field(1), field(1)].into(),
                descriptor: Some(1),
                describes: Some(1),
            }),
            CompositeType::Array(field(1)),
        ] {
            let text = alloc::format!("{:?}", sub(composite.clone()));
            let mapped = alloc::format!("{:?}", sub(composite).map(|x| x + 7));
            assert_eq!(mapped, text.replace("(1)", "(8)"));
        }
    }
}
