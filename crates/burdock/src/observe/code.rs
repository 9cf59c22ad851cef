//! Code of observed functions: its translation, and the facts that follow from it alone.

use crate::{Module, Result};
use burdock_ir::CodeBuffer;
use burdock_parse::Validation;
use burdock_translate::{Body, Known, Observe, Sites};
use burdock_types::FuncIdx;

/// Returns the byte offset of the first reachable operator at or behind `offset`, `else` and `end`
/// included.
pub(crate) fn operator_from(module: &Module, offset: u32) -> Option<u32> {
    let exact = Observe { known: Known::AtOperators, ..Observe::default() };
    let bodies = &module.def().bodies;
    let first = bodies.partition_point(|body| body.end as u64 <= u64::from(offset));
    let funcs = (module.def().imported_funcs..).zip(bodies).skip(first);
    funcs.into_iter().find_map(|(func, _)| {
        let (_, sites) = translate(module, FuncIdx(func), &exact, [0, 0]).ok()?;
        sites.operator_from(offset)
    })
}

/// Returns the code of a function for observation.
pub(super) fn translate(
    module: &Module,
    func: FuncIdx,
    wanted: &Observe,
    first: [u32; 2],
) -> Result<(CodeBuffer, Sites)> {
    let (engine, def) = (module.engine(), module.def());
    let mut buffer = CodeBuffer::default();
    let body = Body {
        module: def,
        bytes: module.bytes(),
        defined: func.0 - def.imported_funcs,
        validation: Validation::Checked,
    };
    let sites = engine.translate(|translator| {
        translator.translate_observed(&body, engine.target(), &mut buffer, wanted, first)
    })?;
    Ok((buffer, sites))
}
