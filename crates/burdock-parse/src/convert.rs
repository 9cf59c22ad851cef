//! From wasmparser's types to ours. What a later proposal needs is refused here, by name.

use crate::{ConstExpr, ConstOp, ParseError};
use alloc::{format, vec::Vec};
use burdock_types::{
    FuncIdx, FuncType, GlobalIdx, GlobalType, HeapType, IndexType, MemoryType, RefType, TableType,
    V128, ValType,
};
use smallvec::SmallVec;
use wasmparser::{BinaryReader, CompositeInnerType, Operator};

/// Converts a value type of wasmparser to ours.
pub fn val_type(ty: wasmparser::ValType, offset: u64) -> Result<ValType, ParseError> {
    Ok(match ty {
        wasmparser::ValType::I32 => ValType::I32,
        wasmparser::ValType::I64 => ValType::I64,
        wasmparser::ValType::F32 => ValType::F32,
        wasmparser::ValType::F64 => ValType::F64,
        wasmparser::ValType::V128 => ValType::V128,
        wasmparser::ValType::Ref(ty) => ValType::Ref(ref_type(ty, offset)?),
    })
}

/// Converts a reference type of wasmparser to ours.
pub(crate) fn ref_type(ty: wasmparser::RefType, offset: u64) -> Result<RefType, ParseError> {
    let heap = match ty.heap_type() {
        wasmparser::HeapType::FUNC => HeapType::Func,
        wasmparser::HeapType::EXTERN => HeapType::Extern,
        _ => {
            let message = format!(
                "reference type `{ty}` is not supported: it needs the gc, function-references or exceptions proposal"
            );
            return Err(ParseError::new(message, offset));
        }
    };
    Ok(RefType { nullable: ty.is_nullable(), heap })
}

/// Returns the error for something that needs a proposal that is not supported.
pub(crate) fn unsupported(what: &str, proposal: &str, offset: u64) -> ParseError {
    let message = format!("{what} are not supported: they need the {proposal} proposal");
    ParseError::new(message, offset)
}

/// Returns the next function type if it is encoded without the forms of the gc proposal, for which
/// wasmparser's more general types do extra work.
pub(crate) fn plain_func_type(
    reader: &mut BinaryReader<'_>,
) -> Result<Option<FuncType>, ParseError> {
    const FUNC: u8 = 0x60;
    let offset = reader.original_position();
    let mut ahead = reader.clone();
    if ahead.read_u8()? != FUNC {
        return Ok(None);
    }
    let mut types = SmallVec::<[ValType; 16]>::new();
    let mut list = |types: &mut SmallVec<_>| -> Result<usize, ParseError> {
        for _ in 0..ahead.read_var_u32()? {
            types.push(val_type(ahead.read()?, offset)?);
        }
        Ok(types.len())
    };
    let params = list(&mut types)?;
    list(&mut types)?;
    *reader = ahead;
    Ok(Some(FuncType::from_types(&types[..], params)))
}

/// Converts a function type of wasmparser to ours.
pub(crate) fn func_type(ty: &wasmparser::SubType, offset: u64) -> Result<FuncType, ParseError> {
    let CompositeInnerType::Func(func) = &ty.composite_type.inner else {
        return Err(unsupported(
            "struct, array and continuation types",
            "gc or stack-switching",
            offset,
        ));
    };
    let params = func.params().len();
    let mut types = Vec::with_capacity(params + func.results().len());
    for ty in func.params().iter().chain(func.results()) {
        types.push(val_type(*ty, offset)?);
    }
    Ok(FuncType::from_types(&types, params))
}

/// Converts a table type of wasmparser to ours.
pub(crate) fn table_type(ty: &wasmparser::TableType, offset: u64) -> Result<TableType, ParseError> {
    if ty.shared {
        let proposal = "shared-everything-threads";
        return Err(unsupported("shared tables", proposal, offset));
    }
    Ok(TableType {
        index: index_type(ty.table64),
        element: ref_type(ty.element_type, offset)?,
        min: ty.initial,
        max: ty.maximum,
    })
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

/// Converts a global type of wasmparser to ours.
pub(crate) fn global_type(
    ty: &wasmparser::GlobalType,
    offset: u64,
) -> Result<GlobalType, ParseError> {
    if ty.shared {
        let proposal = "shared-everything-threads";
        return Err(unsupported("shared globals", proposal, offset));
    }
    Ok(GlobalType { content: val_type(ty.content_type, offset)?, mutable: ty.mutable })
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
pub(crate) fn const_expr(expr: &wasmparser::ConstExpr<'_>) -> Result<ConstExpr, ParseError> {
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
            Operator::RefNull { hty } => {
                let ty = wasmparser::RefType::new(true, hty);
                ConstOp::RefNull(match ty {
                    Some(ty) => ref_type(ty, offset)?,
                    None => return Err(unsupported("these references", "gc", offset)),
                })
            }
            Operator::RefFunc { function_index } => ConstOp::RefFunc(FuncIdx(function_index)),
            Operator::GlobalGet { global_index } => ConstOp::GlobalGet(GlobalIdx(global_index)),
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
