//! Locals, globals, functions as values.

use crate::func::Func;
use crate::stack::{Bank, Entry, NONE, Place};
use burdock_ir::{Kind, Meaning, fields_imm};
use burdock_types::ValType;

impl Func<'_> {
    /// `local.get`
    pub(crate) fn local_get(&mut self, local: u32) {
        if self.reachable {
            self.push_local(local);
        }
    }

    /// `local.set`
    pub(crate) fn local_set(&mut self, local: u32) {
        if self.reachable {
            let value = self.pop();
            self.assign(local, value);
        }
    }

    /// `local.tee`
    pub(crate) fn local_tee(&mut self, local: u32) {
        if self.reachable {
            let value = self.pop();
            self.assign(local, value);
            self.push_local(local);
        }
    }

    fn assign(&mut self, local: u32, value: Entry) {
        match value.place {
            Place::Local { local: same, .. } | Place::Mirrored { local: same } if same == local => {
                return;
            }
            _ => {}
        }
        let info = self.s.locals[local as usize];
        if info.top_ref != NONE {
            // The old value is still wanted. It is saved before the instruction that computes the
            // new one, so that this one may write the local itself.
            let mapped = self.last.is_some_and(|last| last.mapped);
            let taken = if self.last_defines(value) && !mapped { self.take_last() } else { None };
            self.preserve(local);
            if let Some(taken) = taken {
                self.put_back(&taken);
            }
        }
        self.move_to_local(value, local, info.slot);
    }

    /// `global.get`
    pub(crate) fn global_get(&mut self, global: u32) {
        if !self.reachable {
            return;
        }
        let ty = self.module.globals[global as usize].ty.content;
        let word = fields_imm(self.next_slot(), 0, global);
        if ty == ValType::V128 {
            self.emit_only(Meaning::GlobalGetV128, &[word]);
            self.push(ty, Place::Home);
            return;
        }
        let dst = self.result_kind(ty);
        let bank = if dst == Kind::Reg { Bank::of(ty) } else { None };
        let meaning = match bank {
            Some(Bank::Int) => Meaning::GlobalGetI,
            Some(Bank::F32) => Meaning::GlobalGetF32,
            Some(Bank::F64) => Meaning::GlobalGetF64,
            None => Meaning::GlobalGet,
        };
        self.emit_valued(meaning, dst, bank, &[word]);
        self.push_result(ty, dst);
    }

    /// `global.set`
    pub(crate) fn global_set(&mut self, global: u32) {
        if !self.reachable {
            return;
        }
        let ty = self.module.globals[global as usize].ty.content;
        let value = self.pop();
        let meaning = match (value.place, Bank::of(ty)) {
            (_, None) => Meaning::GlobalSetV128,
            (Place::Reg, Some(Bank::Int)) => Meaning::GlobalSetI,
            (Place::Reg, Some(Bank::F32)) => Meaning::GlobalSetF32,
            (Place::Reg, Some(Bank::F64)) => Meaning::GlobalSetF64,
            _ => Meaning::GlobalSet,
        };
        let x = if value.place == Place::Reg { 0 } else { self.slot(value) };
        self.emit_only(meaning, &[fields_imm(x, 0, global)]);
    }

    /// `ref.func`
    pub(crate) fn ref_func(&mut self, func: u32) {
        if self.reachable {
            let x = self.next_slot();
            self.emit_only(Meaning::RefFunc, &[fields_imm(x, 0, func)]);
            self.push(ValType::FUNCREF, Place::Home);
        }
    }
}
