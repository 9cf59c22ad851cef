//! Calls, tail calls, returns.
//!
//! Outgoing arguments are the callee's first slots: a call brings them home, and the callee's frame
//! begins at the first of them. Behind parameters and results lies the callee's record (see
//! [`record_slot`]).

use crate::func::{Func, RECORD_SLOTS};
use crate::observe::{Callee, Point};
use burdock_ir::control::{
    Call, CallImported, CallIndirect, CallRef, CopySpan, Return, ReturnCall, ReturnCallIndirect,
    ReturnCallRef, ReturnImm, ReturnSlot,
};
use burdock_ir::{Bank, Kind, Meaning, record_slot};
use burdock_types::{FuncType, ValType};

impl Func<'_> {
    /// Translates `call`.
    pub(crate) fn call(&mut self, func: u32) {
        if !self.reachable {
            return;
        }
        let module = self.module;
        let ty = module.func_type(func.into());
        let (args, record) = self.stage(ty, Callee::Func(func));
        self.store_pins();
        self.map_offset();
        match func.checked_sub(module.imported_funcs) {
            Some(defined) => {
                self.emit_op(Call { args, record, func: defined, guess: 0 });
            }
            None => self.emit_op(CallImported { args, record, func }),
        }
        self.after_call(ty);
    }

    /// Continues translation behind a call, whose results are where its arguments were.
    fn after_call(&mut self, ty: &FuncType) {
        self.push_homes(ty.results());
        self.observe_returned();
        self.load_pins();
        self.begin_segment(0);
    }

    /// Translates `call_indirect`.
    pub(crate) fn call_indirect(&mut self, type_index: u32, table: u32) {
        if !self.reachable {
            return;
        }
        let module = self.module;
        let ty = module.func_type_at(type_index.into());
        let index = self.pop();
        let index = if index.kind() == Kind::Imm { self.in_slot(index) } else { index };
        let index = self.operand(Meaning::CallIndirectR, index);
        let in_register = index.kind() == Kind::Reg;
        // Not written by what `stage` emits: the arguments' homes lie below it.
        let index = index.field();
        let (args, record) = self.stage(ty, Callee::Any);
        self.store_pins();
        self.map_offset();
        let meaning = if in_register { Meaning::CallIndirectR } else { Meaning::CallIndirect };
        let operands = CallIndirect { args, index, record, ty: type_index, table };
        self.emit_as(meaning, operands);
        self.after_call(ty);
    }

    /// Translates `call_ref`.
    pub(crate) fn call_ref(&mut self, type_index: u32) {
        if !self.reachable {
            return;
        }
        let module = self.module;
        let ty = module.func_type_at(type_index.into());
        let func = self.pop();
        let func = if func.kind() == Kind::Imm { self.in_slot(func) } else { func };
        let func = self.operand(Meaning::CallRefR, func);
        let in_register = func.kind() == Kind::Reg;
        let func = func.field();
        let (args, record) = self.stage(ty, Callee::Any);
        self.store_pins();
        self.map_offset();
        let meaning = if in_register { Meaning::CallRefR } else { Meaning::CallRef };
        self.emit_as(meaning, CallRef { args, func, record });
        self.after_call(ty);
    }

    /// Brings the arguments of a call home and everything else out of the registers. Returns where
    /// the callee's frame begins, and where its record lies in it.
    fn stage(&mut self, ty: &FuncType, callee: Callee) -> (u16, u16) {
        let params = ty.params().len();
        self.settle_top(params);
        self.truncate(self.s.stack.len().saturating_sub(params));
        self.observe_call(Some(params));
        self.keep_arguments(ty, callee);
        self.flush_registers();
        self.forget_mirrors();
        self.end_segment();
        let record = record_slot(ty);
        self.need_frame(self.next_home + record + RECORD_SLOTS);
        let args = self.next_slot();
        (args, self.slot_number(record))
    }

    /// Translates `return_call`.
    pub(crate) fn return_call(&mut self, func: u32) {
        if !self.reachable {
            return;
        }
        let module = self.module;
        let ty = module.func_type(func.into());
        let (args, record) = self.stage_tail(ty);
        self.map_offset();
        let (meaning, callee) = match func.checked_sub(module.imported_funcs) {
            Some(defined) => (Meaning::ReturnCall, defined),
            None => (Meaning::ReturnCallImported, func),
        };
        let own_record = self.record;
        let params = self.slot_number(ty.param_slots());
        self.emit_as(meaning, ReturnCall { args, own_record, record, params, func: callee });
        if meaning == Meaning::ReturnCallImported {
            self.return_results_from(args);
        }
        self.reachable = false;
    }

    /// Translates `return_call_indirect`.
    pub(crate) fn return_call_indirect(&mut self, type_index: u32, table: u32) {
        if !self.reachable {
            return;
        }
        let module = self.module;
        let ty = module.func_type_at(type_index.into());
        let index = self.pop();
        let index = self.slot(index);
        let (args, record) = self.stage_tail(ty);
        self.map_offset();
        let params = self.slot_number(ty.param_slots());
        let (ty, own_record) = (type_index, self.record);
        self.emit_op(ReturnCallIndirect { args, index, record, params, ty, table, own_record });
        // A table may have host functions.
        self.return_results_from(args);
        self.reachable = false;
    }

    /// Translates `return_call_ref`.
    pub(crate) fn return_call_ref(&mut self, type_index: u32) {
        if !self.reachable {
            return;
        }
        let module = self.module;
        let ty = module.func_type_at(type_index.into());
        let func = self.pop();
        let func = self.slot(func);
        let (args, record) = self.stage_tail(ty);
        self.map_offset();
        let params = self.slot_number(ty.param_slots());
        let own_record = self.record;
        self.emit_op(ReturnCallRef { args, own_record, record, params, func });
        self.return_results_from(args);
        self.reachable = false;
    }

    /// Emits the code that returns the results of a tail-called host function.
    fn return_results_from(&mut self, args: u16) {
        let len = self.slot_number(self.ty.result_slots());
        if len > 0 {
            self.emit_op(CopySpan { to: 0, from: args, len });
        }
        self.emit_op(Return { record: self.record });
    }

    /// Stages arguments like `stage`, for a callee whose frame will replace this one.
    fn stage_tail(&mut self, ty: &FuncType) -> (u16, u16) {
        let (args, record) = self.stage(ty, Callee::Successor);
        self.need_frame(u32::from(record) + RECORD_SLOTS);
        self.leave_depth();
        (args, record)
    }

    /// Brings several results to consecutive homes, before a return that may not be taken.
    pub(crate) fn prepare_return(&mut self) {
        self.prepare_observed_return();
        let results = self.ty.results();
        if results.len() > 1 || results.contains(&ValType::V128) {
            self.settle_top(results.len());
        }
    }

    /// Returns the topmost values; leaves the stack as it is. After `prepare_return`.
    pub(crate) fn emit_return(&mut self) {
        self.observe(Point::Return);
        self.leave_depth();
        let types = self.ty.results();
        let record = self.record;
        let [ty] = types else {
            if !types.is_empty() {
                self.emit_result_span(types.len());
            }
            return self.emit_op(Return { record });
        };
        let Some(&value) = self.s.stack.last() else {
            return;
        };
        if *ty == ValType::V128 {
            self.emit_copy(*ty, 0, value.home());
            return self.emit_op(Return { record });
        }
        if let Some(bits) = value.bits()
            && bits <= u64::from(u32::MAX)
        {
            return self.emit_op(ReturnImm { record, value: bits as u32 });
        }
        let in_register = match Bank::of(*ty) {
            Some(Bank::F32) => Meaning::ReturnF32,
            Some(Bank::F64) => Meaning::ReturnF64,
            _ => Meaning::ReturnI,
        };
        let value = self.operand(in_register, value);
        if value.kind() == Kind::Reg {
            let operands = ReturnSlot { record, value: value.field() };
            return self.emit_as(in_register, operands);
        }
        let value = self.slot(value);
        self.emit_op(ReturnSlot { record, value });
    }

    /// Copies several results, which lie in their homes, to the frame's first slots.
    fn emit_result_span(&mut self, count: usize) {
        let first = self.s.stack.len().saturating_sub(count);
        let Some(&first) = self.s.stack.get(first) else {
            return;
        };
        let slots = self.next_home - u32::from(first.home());
        let len = self.slot_number(slots);
        self.emit_op(CopySpan { to: 0, from: first.home(), len });
    }
}
