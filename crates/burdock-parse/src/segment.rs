//! Element and data segments.

use crate::convert::{Types, const_expr};
use crate::{DataMode, DataSegment, ElemItems, ElemMode, ElemSegment, ParseError};
use alloc::boxed::Box;
use burdock_types::{FuncIdx, MemoryIdx, TableIdx};
use wasmparser::{DataKind, ElementItems, ElementKind};

/// Converts an element segment.
pub(crate) fn elem_segment(
    types: Types<'_>,
    elem: wasmparser::Element<'_>,
    offset: u64,
) -> Result<ElemSegment, ParseError> {
    let mode = match elem.kind {
        ElementKind::Passive => ElemMode::Passive,
        ElementKind::Declared => ElemMode::Declared,
        ElementKind::Active { table_index, offset_expr } => ElemMode::Active {
            table: TableIdx(table_index.unwrap_or(0)),
            offset: const_expr(types, &offset_expr)?,
        },
    };
    let (ty, items) = match elem.items {
        ElementItems::Functions(funcs) => {
            let funcs: Result<Box<[FuncIdx]>, _> =
                funcs.into_iter().map(|func| func.map(FuncIdx)).collect();
            (burdock_types::RefType::FUNCREF, ElemItems::Funcs(funcs?))
        }
        ElementItems::Expressions(ty, exprs) => {
            let exprs: Result<Box<[_]>, ParseError> =
                exprs.into_iter().map(|expr| const_expr(types, &expr?)).collect();
            (types.ref_type(ty, offset)?, ElemItems::Exprs(exprs?))
        }
    };
    Ok(ElemSegment { ty, mode, items })
}

/// Converts a data segment.
pub(crate) fn data_segment(
    types: Types<'_>,
    data: wasmparser::Data<'_>,
) -> Result<DataSegment, ParseError> {
    let mode = match data.kind {
        DataKind::Passive => DataMode::Passive,
        DataKind::Active { memory_index, offset_expr } => DataMode::Active {
            memory: MemoryIdx(memory_index),
            offset: const_expr(types, &offset_expr)?,
        },
    };
    let end = data.range.end as usize;
    Ok(DataSegment { mode, bytes: end - data.data.len()..end })
}
