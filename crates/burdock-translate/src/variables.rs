//! Locals, globals, functions as values.

use crate::entry::{Entry, Place, Type};
use crate::func::Func;
use burdock_ir::control::{GlobalGet, GlobalGetV128, GlobalSet, GlobalSetV128, RefFunc};
use burdock_ir::{Bank, Kind, Meaning, Operands};
use burdock_types::ValType;

impl Func<'_> {
    /// Translates `local.get`.
    pub(crate) fn local_get(&mut self, local: u32) {
        if self.reachable {
            self.push_local(local);
        }
    }

    /// Translates `local.set`.
    pub(crate) fn local_set(&mut self, local: u32) {
        if self.reachable {
            let value = self.pop();
            self.assign(local, value);
        }
    }

    /// Translates `local.tee`.
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
        self.facts.assign(local, value);
        if self.is_wanted(local) {
            // The old value is still wanted. It is saved before the instruction that computes the
            // new one, so that this one may write the local itself.
            let movable =
                self.last_defines(value) && !self.last_is_mapped() && !self.last_takes_vector();
            let taken = if movable { self.take_last() } else { None };
            self.preserve(local);
            if let Some(taken) = taken {
                value = self.put_back(&taken, value);
            }
        }
        self.move_to_local(value, local);
    }

    /// Translates `global.get`.
    pub(crate) fn global_get(&mut self, global: u32) {
        if !self.reachable {
            return;
        }
        let ty = self.module.globals[global as usize].ty.content;
        if ty == ValType::V128 {
            return self.emit_op_to_home(Type::V128, |to| GlobalGetV128 { to, global });
        }
        let to_register = match Bank::of(ty) {
            Some(Bank::F32) => Meaning::GlobalGetF32,
            Some(Bank::F64) => Meaning::GlobalGetF64,
            _ => Meaning::GlobalGetI,
        };
        let result = self.result_of(to_register, Type::of(ty));
        let meaning = if result.is_home() { Meaning::GlobalGet } else { to_register };
        let operands = GlobalGet { to: result.field(), global };
        self.emit_result(meaning.only_op(), result, operands.word());
    }

    /// Translates `global.set`.
    pub(crate) fn global_set(&mut self, global: u32) {
        if !self.reachable {
            return;
        }
        let ty = self.module.globals[global as usize].ty.content;
        let value = self.pop();
        let from_register = match Bank::of(ty) {
            None => {
                let value = self.slot(value);
                return self.emit_op(GlobalSetV128 { value, global });
            }
            Some(Bank::Int) => Meaning::GlobalSetI,
            Some(Bank::F32) => Meaning::GlobalSetF32,
            Some(Bank::F64) => Meaning::GlobalSetF64,
        };
        let value = self.operand(from_register, value);
        let (meaning, value) = match value.kind() {
            Kind::Reg => (from_register, value.field()),
            _ => (Meaning::GlobalSet, self.slot(value)),
        };
        self.emit_as(meaning, GlobalSet { value, global });
    }

    /// Translates `ref.func`.
    pub(crate) fn ref_func(&mut self, func: u32) {
        if self.reachable {
            self.emit_op_to_home(Type::FUNC, |to| RefFunc { to, func });
        }
    }
}
