//! Locals, globals, functions as values.

use crate::entry::{Entry, Place, Type};
use crate::func::Func;
use burdock_ir::{Bank, Kind, Meaning, fields_imm};
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

    fn assign(&mut self, local: u32, mut value: Entry) {
        if let Place::Local(same) | Place::Mirrored { local: same, .. } = value.place()
            && same == local
        {
            return;
        }
        if self.is_wanted(local) {
            // The old value is still wanted. It is saved before the instruction that computes the
            // new one, so that this one may write the local itself.
            let movable = self.last_defines(value) && !self.last_is_mapped();
            let taken = if movable { self.take_last() } else { None };
            self.preserve(local);
            if let Some(taken) = taken {
                value = self.put_back(&taken, value);
            }
        }
        self.move_to_local(value, local);
    }

    /// `global.get`
    pub(crate) fn global_get(&mut self, global: u32) {
        if !self.reachable {
            return;
        }
        let ty = self.module.globals[global as usize].ty.content;
        if ty == ValType::V128 {
            let word = fields_imm(self.next_slot(), 0, global);
            self.emit_only(Meaning::GlobalGetV128, &[word]);
            self.push_home(Type::V128);
            return;
        }
        let to_register = match Bank::of(ty) {
            Some(Bank::F32) => Meaning::GlobalGetF32,
            Some(Bank::F64) => Meaning::GlobalGetF64,
            _ => Meaning::GlobalGetI,
        };
        let result = self.result_of(to_register, Type::of(ty));
        let meaning = if result.is_home() { Meaning::GlobalGet } else { to_register };
        self.emit_result(meaning.only_op(), result, fields_imm(result.field(), 0, global));
    }

    /// `global.set`
    pub(crate) fn global_set(&mut self, global: u32) {
        if !self.reachable {
            return;
        }
        let ty = self.module.globals[global as usize].ty.content;
        let value = self.pop();
        let from_register = match Bank::of(ty) {
            None => {
                let slot = self.slot(value);
                return self.emit_only(Meaning::GlobalSetV128, &[fields_imm(slot, 0, global)]);
            }
            Some(Bank::Int) => Meaning::GlobalSetI,
            Some(Bank::F32) => Meaning::GlobalSetF32,
            Some(Bank::F64) => Meaning::GlobalSetF64,
        };
        let value = self.operand(from_register, value);
        let (meaning, x) = match value.kind() {
            Kind::Reg => (from_register, value.field()),
            _ => (Meaning::GlobalSet, self.slot(value)),
        };
        self.emit_only(meaning, &[fields_imm(x, 0, global)]);
    }

    /// `ref.func`
    pub(crate) fn ref_func(&mut self, func: u32) {
        if self.reachable {
            let x = self.next_slot();
            self.emit_only(Meaning::RefFunc, &[fields_imm(x, 0, func)]);
            self.push_home(Type::FUNCREF);
        }
    }
}
