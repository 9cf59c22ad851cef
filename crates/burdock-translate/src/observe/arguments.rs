//! The arguments of calls, as a debugger sees them in the frame of the caller.
//!
//! Arguments lie in the callee's first slots. In code for debuggers a function leaves them as they
//! were: parameters that it assigns have slots of their own. A tail call overwrites them, so where
//! the callee may make one, the caller copies them.

use super::Observing;
use crate::func::{Func, Local};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use burdock_parse::{ModuleDef, operators};
use burdock_types::{FuncType, ValType};
use core::ops::Range;
use wasmparser::Operator;

/// The function that a call calls.
#[derive(Clone, Copy)]
pub(crate) enum Callee {
    /// The function with this index.
    Func(u32),
    /// Any function.
    Any,
    /// Any function, whose frame replaces the caller's.
    Successor,
}

/// The slots that keep arguments, and the calls whose arguments are copied there. The copies begin
/// at `Sites::arguments`.
pub(super) struct Arguments {
    /// The number of slots to which the function copies arguments of its calls.
    slots: u32,
    /// The functions that are called directly and may make tail calls.
    tail_calling: BTreeSet<u32>,
    /// The parameters that the function assigns: their first slot, the argument's, and the type.
    assigned: Vec<(u16, u16, ValType)>,
}

impl Observing<'_> {
    /// Returns the number of slots to which the function copies arguments of its calls, and of
    /// those to which it copies its own.
    pub(crate) fn argument_slots(&self) -> (u32, u32) {
        let Some(Arguments { slots, assigned, .. }) = &self.arguments else { return (0, 0) };
        (*slots, assigned.iter().map(|(_, _, ty)| u32::from(ty.slots())).sum())
    }
}

impl Func<'_> {
    /// Reserves the slots that keep arguments, if they are kept.
    pub(crate) fn reserve_arguments(&mut self, body: Range<usize>) {
        if !self.settings.keep_arguments || !self.has_sites() {
            return;
        }
        let (module, bytes) = (self.module, self.bytes);
        let (mut slots, mut assigned) = (0, BTreeSet::new());
        let mut callees = BTreeMap::new();
        for operator in operators(module, bytes, body) {
            let ty = match operator {
                Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                    assigned.insert(local_index);
                    continue;
                }
                Operator::Call { function_index: func } => {
                    let makes = || may_make_tail_calls(module, bytes, func);
                    let may = *callees.entry(func).or_insert_with(makes);
                    module.funcs.get(func as usize).filter(|_| may).map(|ty| ty.0)
                }
                Operator::CallIndirect { type_index, .. } | Operator::CallRef { type_index } => {
                    Some(type_index)
                }
                _ => continue,
            };
            let ty = ty.and_then(|ty| module.types.get(ty as usize)?.as_func());
            slots = slots.max(ty.map_or(0, FuncType::param_slots));
        }
        let copies = self.next_home;
        self.next_home += slots;
        let own = assigned.range(..self.ty.params().len() as u32);
        let assigned = own.map(|local| self.move_parameter(*local)).collect();
        if let Some(observing) = &mut self.observing {
            let tail_calling = callees.into_iter().filter(|(_, may)| *may).map(|(func, _)| func);
            let tail_calling = tail_calling.collect();
            observing.sites.arguments = Some(copies);
            observing.arguments = Some(Arguments { slots, tail_calling, assigned });
        }
    }

    /// Gives a parameter a slot of its own. Returns the slot, the argument's, and the type.
    fn move_parameter(&mut self, local: u32) -> (u16, u16, ValType) {
        let slot = self.slot_number(self.next_home);
        let info = &mut self.s.locals[local as usize];
        let (ty, argument) = (info.ty(), info.slot);
        *info = Local::new(local, ty, slot);
        self.next_home += u32::from(ty.slots());
        if let Some(observing) = &mut self.observing {
            observing.sites.locals[local as usize].1 = slot;
        }
        (slot, argument, ty)
    }

    /// Emits the copies of parameters to slots of their own.
    pub(crate) fn copy_parameters(&mut self) {
        let Some(arguments) = self.observing.as_ref().and_then(|own| own.arguments.as_ref()) else {
            return;
        };
        for (slot, argument, ty) in arguments.assigned.clone() {
            self.emit_copy(ty, slot, argument);
        }
        self.barrier();
    }

    /// Copies the arguments of a call, which are at home and have been popped, if they are kept and
    /// the callee might overwrite them.
    pub(crate) fn keep_arguments(&mut self, ty: &FuncType, callee: Callee) {
        let Some(observing) = &mut self.observing else { return };
        let Some(own) = &observing.arguments else { return };
        let overwrites = match callee {
            Callee::Func(func) => own.tail_calling.contains(&func),
            Callee::Any => true,
            Callee::Successor => false,
        };
        let (first, call) = (observing.sites.arguments, observing.sites.calls.last_mut());
        let Some((mut to, call)) = first.zip(call).filter(|_| overwrites) else { return };
        call.copied = true;
        let mut from = self.next_home;
        for param in ty.params() {
            self.emit_copy(*param, to as u16, from as u16);
            (to, from) = (to + u32::from(param.slots()), from + u32::from(param.slots()));
        }
    }
}

/// The length in bytes of a body that is searched for tail calls. *Rationale:* each call may need
/// such a search, which has to take a bounded time; the longer the callee, the less copies matter.
const SEARCHED: usize = 256;

/// Returns `true` if a function may make tail calls. An imported one may, and one with a long body.
fn may_make_tail_calls(module: &ModuleDef, bytes: &[u8], func: u32) -> bool {
    let defined = func.checked_sub(module.imported_funcs);
    let body = defined.and_then(|defined| module.bodies.get(defined as usize));
    let Some(body) = body.filter(|body| body.len() <= SEARCHED) else { return true };
    operators(module, bytes, body.clone()).any(|operator| {
        matches!(
            operator,
            Operator::ReturnCall { .. }
                | Operator::ReturnCallIndirect { .. }
                | Operator::ReturnCallRef { .. }
        )
    })
}
