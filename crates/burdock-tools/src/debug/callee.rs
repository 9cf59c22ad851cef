//! The function that an operator calls, and the functions at which a module begins.

use burdock::{Frame, Instance, Module, Result, StoreContextMut, Val};
use wasmparser::{BinaryReader, ExternalKind, Operator, OperatorsReader, Parser, Payload};

/// Returns the function that a frame's operator is about to call, unless it is a function of the
/// host or the call is about to trap.
pub(super) fn callee<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    frame: &Frame,
) -> Option<(Instance, u32)> {
    let instance = frame.instance();
    let module = frame.module(&*store).clone();
    let at = frame.offset() as usize;
    let bytes = module.debug_bytecode()?.get(at..)?;
    let operator = OperatorsReader::new(BinaryReader::new(bytes, 0)).read().ok()?;
    let func = match operator {
        Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
            instance.debug_function(&*store, function_index)?
        }
        Operator::CallIndirect { table_index, .. }
        | Operator::ReturnCallIndirect { table_index, .. } => {
            let top = frame.num_operands(&*store).ok()?.checked_sub(1)?;
            let index = match frame.operand(&*store, top).ok()? {
                Val::I32(index) => u64::from(index as u32),
                Val::I64(index) => index as u64,
                _ => return None,
            };
            let table = instance.debug_table(&*store, table_index)?;
            *table.get(&mut *store, index)?.as_func()??
        }
        Operator::CallRef { .. } | Operator::ReturnCallRef { .. } => {
            let top = frame.num_operands(&*store).ok()?.checked_sub(1)?;
            let Val::FuncRef(func) = frame.operand(&*store, top).ok()? else { return None };
            func?
        }
        _ => return None,
    };
    func.debug_definition(&*store)
}

/// Returns the indices of the functions that a module exports, and of its start function.
pub(super) fn entries(module: &Module) -> Result<Vec<u32>> {
    let mut funcs = Vec::new();
    let bytes = module.debug_bytecode().unwrap_or_default();
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(burdock::Error::new)? {
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export.map_err(burdock::Error::new)?;
                    if export.kind == ExternalKind::Func {
                        funcs.push(export.index);
                    }
                }
            }
            Payload::StartSection { func, .. } => funcs.push(func),
            Payload::CodeSectionStart { .. } => break,
            _ => {}
        }
    }
    Ok(funcs)
}
