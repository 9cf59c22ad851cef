//! From wasmparser's types to ours. What a later proposal needs is refused here, by name.

use crate::ParseError;
use alloc::format;
use burdock_types::{HeapType, RefType, ValType};

/// Our value type for wasmparser's.
pub(crate) fn val_type(ty: wasmparser::ValType, offset: u64) -> Result<ValType, ParseError> {
    Ok(match ty {
        wasmparser::ValType::I32 => ValType::I32,
        wasmparser::ValType::I64 => ValType::I64,
        wasmparser::ValType::F32 => ValType::F32,
        wasmparser::ValType::F64 => ValType::F64,
        wasmparser::ValType::V128 => ValType::V128,
        wasmparser::ValType::Ref(ty) => ValType::Ref(ref_type(ty, offset)?),
    })
}

/// Our reference type for wasmparser's.
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
    Ok(RefType {
        nullable: ty.is_nullable(),
        heap,
    })
}
