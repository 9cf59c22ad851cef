//! From wasmparser's types to ours. What a later proposal needs is refused here, by name.

use crate::{ConstExpr, ConstOp, ParseError, plain};
use alloc::{boxed::Box, format, vec::Vec};
use burdock_types::{
    CompositeType, FieldType, FuncIdx, FuncType, GlobalIdx, GlobalType, HeapType, IndexType,
    MemoryType, RefType, StorageType, StructType, SubType, TableType, TypeIdx, V128, ValType,
};
use smallvec::SmallVec;
use wasmparser::{
    AbstractHeapType, BinaryReader, CompositeInnerType, Operator, PackedIndex, RecGroup,
    UnpackedIndex,
};

/// The kind of a type that a module defines, which a reference to the type has to say.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Func,
    Struct,
    Array,
}

/// The types that a type can refer to: those before its recursion group, and the group's own.
#[derive(Copy, Clone)]
pub(crate) struct Types<'t> {
    /// The types before the recursion group.
    pub(crate) before: &'t [SubType],
    /// The kinds of the recursion group's own types.
    pub(crate) group: &'t [Kind],
}

impl<'t> Types<'t> {
    /// Returns the types of a module all of whose types are known.
    pub(crate) fn all(types: &'t [SubType]) -> Self {
        Self { before: types, group: &[] }
    }

    fn kind(&self, index: u32) -> Option<Kind> {
        let index = index as usize;
        let Some(known) = self.before.get(index) else {
            return self.group.get(index - self.before.len()).copied();
        };
        Some(match known.composite {
            CompositeType::Func(_) => Kind::Func,
            CompositeType::Struct(_) => Kind::Struct,
            CompositeType::Array(_) => Kind::Array,
        })
    }

    /// Converts a value type.
    #[inline]
    pub(crate) fn val_type(
        &self,
        ty: wasmparser::ValType,
        offset: u64,
    ) -> Result<ValType, ParseError> {
        Ok(match ty {
            wasmparser::ValType::I32 => ValType::I32,
            wasmparser::ValType::I64 => ValType::I64,
            wasmparser::ValType::F32 => ValType::F32,
            wasmparser::ValType::F64 => ValType::F64,
            wasmparser::ValType::V128 => ValType::V128,
            wasmparser::ValType::Ref(ty) => ValType::Ref(self.ref_type(ty, offset)?),
        })
    }

    /// Converts a reference type.
    pub(crate) fn ref_type(
        &self,
        ty: wasmparser::RefType,
        offset: u64,
    ) -> Result<RefType, ParseError> {
        let heap = self.heap_type(ty.heap_type(), offset)?;
        Ok(RefType { nullable: ty.is_nullable(), heap })
    }

    /// Converts a heap type.
    pub(crate) fn heap_type(
        &self,
        ty: wasmparser::HeapType,
        offset: u64,
    ) -> Result<HeapType, ParseError> {
        use AbstractHeapType as A;
        match ty {
            wasmparser::HeapType::Abstract { shared: true, .. } => {
                Err(unsupported("shared references", "shared-everything-threads", offset))
            }
            wasmparser::HeapType::Abstract { shared: false, ty } => Ok(match ty {
                A::Func => HeapType::Func,
                A::NoFunc => HeapType::NoFunc,
                A::Extern => HeapType::Extern,
                A::NoExtern => HeapType::NoExtern,
                A::Any => HeapType::Any,
                A::Eq => HeapType::Eq,
                A::I31 => HeapType::I31,
                A::Struct => HeapType::Struct,
                A::Array => HeapType::Array,
                A::None => HeapType::None,
                A::Exn => HeapType::Exn,
                A::NoExn => HeapType::NoExn,
                A::Cont | A::NoCont => {
                    return Err(unsupported("continuations", "stack-switching", offset));
                }
            }),
            wasmparser::HeapType::Concrete(index) => {
                let UnpackedIndex::Module(index) = index else {
                    return Err(unknown_type(format!("{index}"), offset));
                };
                let x = TypeIdx(index);
                match self.kind(index) {
                    Some(Kind::Func) => Ok(HeapType::ConcreteFunc(x)),
                    Some(Kind::Struct) => Ok(HeapType::ConcreteStruct(x)),
                    Some(Kind::Array) => Ok(HeapType::ConcreteArray(x)),
                    None => Err(unknown_type(format!("{index}"), offset)),
                }
            }
            wasmparser::HeapType::Exact(index) => {
                self.heap_type(wasmparser::HeapType::Concrete(index), offset).map(HeapType::exact)
            }
        }
    }

    /// Returns the next function type if it is encoded without the forms of the gc proposal, for
    /// which wasmparser's more general types do extra work. `contents` are those of the section.
    pub(crate) fn func_type(
        before: &'t [SubType],
        reader: &mut BinaryReader<'_>,
        contents: &[u8],
    ) -> Result<Option<FuncType>, ParseError> {
        let types = Types { before, group: &[Kind::Func] };
        let offset = reader.original_position();
        let mut ahead = reader.clone();
        if ahead.read_u8()? != plain::FUNC {
            return Ok(None);
        }
        let mut found = SmallVec::<[ValType; 16]>::new();
        let mut list = |found: &mut SmallVec<_>| -> Result<usize, ParseError> {
            for _ in 0..ahead.read_var_u32()? {
                let next = contents.get(ahead.current_position());
                found.push(match next.and_then(|byte| plain::val_type(*byte)) {
                    Some(ty) => {
                        ahead.read_u8()?;
                        ty
                    }
                    None => types.val_type(ahead.read()?, offset)?,
                });
            }
            Ok(found.len())
        };
        let params = list(&mut found)?;
        list(&mut found)?;
        *reader = ahead;
        Ok(Some(FuncType::from_types(&found[..], params)))
    }

    /// Converts the types of a recursion group.
    pub(crate) fn rec_group(
        before: &'t [SubType],
        group: &RecGroup,
        offset: u64,
    ) -> Result<Vec<SubType>, ParseError> {
        let kinds = group.types().map(|ty| match &ty.composite_type.inner {
            CompositeInnerType::Func(_) => Ok(Kind::Func),
            CompositeInnerType::Struct(_) => Ok(Kind::Struct),
            CompositeInnerType::Array(_) => Ok(Kind::Array),
            CompositeInnerType::Cont(_) => {
                Err(unsupported("continuation types", "stack-switching", offset))
            }
        });
        let kinds = kinds.collect::<Result<SmallVec<[Kind; 8]>, _>>()?;
        let types = Types { before, group: &kinds };
        group.types().map(|ty| types.sub_type(ty, offset)).collect()
    }

    fn sub_type(&self, ty: &wasmparser::SubType, offset: u64) -> Result<SubType, ParseError> {
        if ty.composite_type.shared {
            return Err(unsupported("shared types", "shared-everything-threads", offset));
        }
        let named =
            |index: Option<PackedIndex>| index.map(|index| self.defined(index, offset)).transpose();
        let composite = match &ty.composite_type.inner {
            CompositeInnerType::Func(ty) => {
                let types = ty.params().iter().chain(ty.results());
                let types = types.map(|ty| self.val_type(*ty, offset));
                let types = types.collect::<Result<SmallVec<[ValType; 16]>, _>>()?;
                CompositeType::Func(FuncType::from_types(&types, ty.params().len()))
            }
            CompositeInnerType::Struct(fields) => {
                let fields = fields.fields.iter().map(|field| self.field_type(field, offset));
                CompositeType::Struct(StructType {
                    fields: fields.collect::<Result<Box<[_]>, _>>()?,
                    descriptor: named(ty.composite_type.descriptor_idx)?,
                    describes: named(ty.composite_type.describes_idx)?,
                })
            }
            CompositeInnerType::Array(ty) => CompositeType::Array(self.field_type(&ty.0, offset)?),
            CompositeInnerType::Cont(_) => {
                return Err(unsupported("continuation types", "stack-switching", offset));
            }
        };
        let supertype = named(ty.supertype_idxs.first().copied())?;
        Ok(SubType { is_final: ty.is_final, supertype, composite })
    }

    /// Returns the name of a type that another type names.
    fn defined(&self, index: PackedIndex, offset: u64) -> Result<TypeIdx, ParseError> {
        match index.unpack() {
            UnpackedIndex::Module(index) if self.kind(index).is_some() => Ok(TypeIdx(index)),
            index => Err(unknown_type(format!("{index}"), offset)),
        }
    }

    fn field_type(&self, ty: &wasmparser::FieldType, offset: u64) -> Result<FieldType, ParseError> {
        let storage = match ty.element_type {
            wasmparser::StorageType::I8 => StorageType::I8,
            wasmparser::StorageType::I16 => StorageType::I16,
            wasmparser::StorageType::Val(ty) => StorageType::Val(self.val_type(ty, offset)?),
        };
        Ok(FieldType { storage, mutable: ty.mutable })
    }

    /// Converts a table type.
    pub(crate) fn table_type(
        &self,
        ty: &wasmparser::TableType,
        offset: u64,
    ) -> Result<TableType, ParseError> {
        if ty.shared {
            let proposal = "shared-everything-threads";
            return Err(unsupported("shared tables", proposal, offset));
        }
        Ok(TableType {
            index: index_type(ty.table64),
            element: self.ref_type(ty.element_type, offset)?,
            min: ty.initial,
            max: ty.maximum,
        })
    }

    /// Converts a global type.
    pub(crate) fn global_type(
        &self,
        ty: &wasmparser::GlobalType,
        offset: u64,
    ) -> Result<GlobalType, ParseError> {
        if ty.shared {
            let proposal = "shared-everything-threads";
            return Err(unsupported("shared globals", proposal, offset));
        }
        Ok(GlobalType { content: self.val_type(ty.content_type, offset)?, mutable: ty.mutable })
    }
}

/// Returns the error for something that needs a proposal that is not supported.
pub(crate) fn unsupported(what: &str, proposal: &str, offset: u64) -> ParseError {
    let message = format!("{what} are not supported: they need the {proposal} proposal");
    ParseError::new(message, offset)
}

/// Returns the error for a type index that no type has.
#[cold]
fn unknown_type(index: alloc::string::String, offset: u64) -> ParseError {
    ParseError::new(format!("unknown type {index}: type index out of bounds"), offset)
}

/// Converts a memory type of wasmparser to ours.
pub(crate) fn memory_type(
    ty: &wasmparser::MemoryType,
    offset: u64,
) -> Result<MemoryType, ParseError> {
    if ty.shared {
        return Err(unsupported("shared memories", "threads", offset));
    }
    let page_size_log2 = ty.page_size_log2.unwrap_or(16);
    Ok(MemoryType {
        index: index_type(ty.memory64),
        min: ty.initial,
        max: ty.maximum,
        page_size_log2: page_size_log2.min(16) as u8,
    })
}

fn index_type(is_64: bool) -> IndexType {
    match is_64 {
        true => IndexType::I64,
        false => IndexType::I32,
    }
}

/// Returns the number if an expression is a single `i32.const`, as most offsets of segments are.
fn i32_const(mut reader: BinaryReader<'_>) -> Option<i32> {
    const I32_CONST: u8 = 0x41;
    const END: u8 = 0x0B;
    if reader.read_u8().ok()? != I32_CONST {
        return None;
    }
    let value = reader.read_var_i32().ok()?;
    (reader.read_u8().ok()? == END && reader.eof()).then_some(value)
}

/// Returns the operators of a constant expression.
pub(crate) fn const_expr(
    types: Types<'_>,
    expr: &wasmparser::ConstExpr<'_>,
) -> Result<ConstExpr, ParseError> {
    let mut ops = SmallVec::new();
    if let Some(value) = i32_const(expr.get_binary_reader()) {
        ops.push(ConstOp::I32Const(value));
        return Ok(ConstExpr(ops));
    }
    let mut reader = expr.get_operators_reader();
    while !reader.eof() {
        let (op, offset) = reader.read_with_offset()?;
        ops.push(match op {
            Operator::I32Const { value } => ConstOp::I32Const(value),
            Operator::I64Const { value } => ConstOp::I64Const(value),
            Operator::F32Const { value } => ConstOp::F32Const(value.bits()),
            Operator::F64Const { value } => ConstOp::F64Const(value.bits()),
            Operator::V128Const { value } => {
                ConstOp::V128Const(V128::from_le_bytes(*value.bytes()))
            }
            Operator::RefNull { hty } => ConstOp::RefNull(types.heap_type(hty, offset)?),
            Operator::RefFunc { function_index } => ConstOp::RefFunc(FuncIdx(function_index)),
            Operator::GlobalGet { global_index } => ConstOp::GlobalGet(GlobalIdx(global_index)),
            Operator::StructNew { struct_type_index: ty } => ConstOp::StructNew(TypeIdx(ty)),
            Operator::StructNewDefault { struct_type_index: ty } => {
                ConstOp::StructNewDefault(TypeIdx(ty))
            }
            Operator::StructNewDesc { struct_type_index: ty } => {
                ConstOp::StructNewDesc(TypeIdx(ty))
            }
            Operator::StructNewDefaultDesc { struct_type_index: ty } => {
                ConstOp::StructNewDefaultDesc(TypeIdx(ty))
            }
            Operator::ArrayNew { array_type_index: ty } => ConstOp::ArrayNew(TypeIdx(ty)),
            Operator::ArrayNewDefault { array_type_index: ty } => {
                ConstOp::ArrayNewDefault(TypeIdx(ty))
            }
            Operator::ArrayNewFixed { array_type_index: ty, array_size } => {
                ConstOp::ArrayNewFixed(TypeIdx(ty), array_size)
            }
            Operator::RefI31 => ConstOp::RefI31,
            Operator::AnyConvertExtern | Operator::ExternConvertAny => ConstOp::Convert,
            Operator::I32Add => ConstOp::I32Add,
            Operator::I32Sub => ConstOp::I32Sub,
            Operator::I32Mul => ConstOp::I32Mul,
            Operator::I64Add => ConstOp::I64Add,
            Operator::I64Sub => ConstOp::I64Sub,
            Operator::I64Mul => ConstOp::I64Mul,
            Operator::End => break,
            other => {
                let message =
                    format!("constant expression required: operator `{other:?}` is not constant");
                return Err(ParseError::new(message, offset));
            }
        });
    }
    Ok(ConstExpr(ops))
}
