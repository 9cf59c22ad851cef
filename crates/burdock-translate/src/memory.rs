//! Loads, stores, and memories and tables as wholes.

use crate::entry::{Entry, Place, Type};
use crate::func::Func;
use burdock_ir::control::{DataDrop, ElemDrop, MemorySize, TableGet, TableSet, TableSize};
use burdock_ir::operands::{
    FIRST, RESULT, SECOND, with_result, with_result_and_number, without_result,
};
use burdock_ir::{Kind, Kinds, Meaning};
use burdock_types::{TableIdx, ValType};
use wasmparser::{MemArg, MemArgTarget};

/// Returns the memory that an access names. (Arrays belong to GC; the validator rejects them.)
pub(crate) fn memory_of(arg: MemArg) -> u32 {
    match arg.target {
        MemArgTarget::Memory(memory) | MemArgTarget::Array(memory) => memory,
    }
}

impl Func<'_> {
    /// Returns `true` if an access is to memory 0, with an address and an offset of 32 bits, whose
    /// sum cannot overflow 64 bits.
    #[inline]
    pub(crate) fn is_near(&self, arg: MemArg) -> bool {
        self.memory_is_near && memory_of(arg) == 0 && u32::try_from(arg.offset).is_ok()
    }

    /// Returns the end of an access, counted from its address, if the short forms of loads and
    /// stores can encode it.
    #[inline]
    fn near_end(&self, meaning: Meaning, arg: MemArg) -> Option<u32> {
        let end = (arg.offset as u32).checked_add(meaning.row().bytes.into());
        end.filter(|_| self.is_near(arg))
    }

    /// Translates a load of a scalar.
    pub(crate) fn load(&mut self, meaning: Meaning, arg: MemArg) {
        self.load_as(meaning, Type::of_result(meaning), arg);
    }

    /// Translates a load of an `i32`.
    pub(crate) fn load_i32(&mut self, meaning: Meaning, arg: MemArg) {
        self.load_as(meaning, Type::I32, arg);
    }

    fn load_as(&mut self, meaning: Meaning, ty: Type, arg: MemArg) {
        if !self.reachable {
            return;
        }
        let address = self.pop();
        match self.near_end(meaning, arg) {
            Some(end) => self.load_near(meaning, ty, address, end),
            None => self.load_far(meaning, ty, address, arg),
        }
    }

    #[inline(always)]
    fn load_near(&mut self, meaning: Meaning, ty: Type, address: Entry, end: u32) {
        let address = self.operand(meaning, address);
        let result = self.result_of(meaning, ty);
        let dst = result.field();
        let (kinds, word) = match self.indexed_address(meaning, result.kind(), address, end) {
            Some((kinds, word)) => (kinds, RESULT.put(word, dst.into())),
            None => {
                let (address, end) = self.near_address(address, end);
                let kinds = Kinds::new(result.kind(), address.kind(), Kind::None);
                (kinds, with_result_and_number(dst, address.field(), end))
            }
        };
        self.map_offset();
        let op = meaning.op(kinds).unwrap_or(meaning.only_op());
        self.emit_result(op, result, word);
    }

    /// Returns the two addends of an address that the last instruction computes as a sum; both
    /// become operands of the load.
    fn indexed_address(
        &mut self,
        meaning: Meaning,
        dst: Kind,
        address: Entry,
        end: u32,
    ) -> Option<(Kinds, u64)> {
        let end = u16::try_from(end).ok()?;
        let in_register = address.register().is_some() && self.last_defines(address);
        let last = self.last.filter(|last| in_register && last.op.meaning() == Meaning::I32Add)?;
        let kinds = Kinds { dst, ..last.kinds() };
        if kinds.b == Kind::Imm || meaning.op(kinds).is_none() {
            return None;
        }
        let taken = self.take_last()?;
        if self.observing.is_some() {
            self.note_sum(last.position() as u32, &taken);
        }
        let [a, b] = [FIRST, SECOND].map(|field| field.get(taken.operands()) as u16);
        Some((kinds, with_result(0, a, b, end)))
    }

    /// Returns the address and end for the short forms; a constant address is added to the end.
    #[inline]
    fn near_address(&mut self, address: Entry, end: u32) -> (Entry, u32) {
        match address.place() {
            Place::Const(bits) => match u32::try_from(bits + u64::from(end)) {
                Ok(sum) => (address, sum),
                Err(_) => (self.in_slot(address), end),
            },
            _ => (address, end),
        }
    }

    #[inline(never)]
    fn load_far(&mut self, meaning: Meaning, ty: Type, address: Entry, arg: MemArg) {
        let a = self.slot(address);
        let result = Entry::at_home(ty, self.next_slot());
        let kinds = Kinds::new(Kind::Slot, Kind::Far, Kind::None);
        self.map_offset();
        let op = meaning.op(kinds).unwrap_or(meaning.only_op());
        let word = with_result_and_number(result.field(), a, memory_of(arg));
        self.emit_any_result(op, result, &[word, arg.offset]);
    }

    /// Translates a store of a scalar or vector.
    pub(crate) fn store(&mut self, meaning: Meaning, arg: MemArg) {
        if !self.reachable {
            return;
        }
        let (address, value) = self.pop_two();
        let (meaning, value) = self.stored_value(meaning, value);
        let (value, address) = (self.operand(meaning, value), self.operand(meaning, address));
        let near = self.near_end(meaning, arg).map(|end| self.near_address(address, end));
        match near {
            Some((address, end)) => self.store_near(meaning, address, end, value),
            None => {
                let (a, b) = (self.slot(address), self.slot(value));
                let kinds = Kinds::new(Kind::None, Kind::Far, Kind::Slot);
                self.map_offset();
                let op = meaning.op(kinds).unwrap_or(meaning.only_op());
                self.emit(op, &[without_result(a, b, memory_of(arg)), arg.offset]);
            }
        }
    }

    /// Returns the value to store; small constants become immediates (a float's bits as an
    /// integer's).
    #[inline]
    fn stored_value(&mut self, meaning: Meaning, value: Entry) -> (Meaning, Entry) {
        let Some(bits) = value.bits() else {
            return (meaning, value);
        };
        let (meaning, number) = match (meaning, value.ty()) {
            (Meaning::F32Store, _) => (Meaning::I64Store32, i64::from(bits as i32)),
            (Meaning::F64Store, _) => (Meaning::I64Store, bits as i64),
            (_, ValType::I32) => (meaning, i64::from(bits as i32)),
            _ => (meaning, bits as i64),
        };
        match i16::try_from(number) {
            Ok(_) => (meaning, value),
            Err(_) => (meaning, self.in_slot(value)),
        }
    }

    #[inline(always)]
    fn store_near(&mut self, meaning: Meaning, address: Entry, end: u32, value: Entry) {
        let (mut address, mut value, mut end) = (address, value, end);
        let kinds = |a: Entry, b: Entry| Kinds::new(Kind::None, a.kind(), b.kind());
        if meaning.op(kinds(address, value)).is_none() {
            value = self.in_slot(value);
        }
        if meaning.op(kinds(address, value)).is_none() {
            if let Some(bits) = address.bits() {
                // A constant was added up with the end; in a slot it is added by the op.
                end -= bits as u32;
            }
            address = self.in_slot(address);
        }
        let b = match value.place() {
            Place::Const(bits) => bits as u16,
            _ => value.field(),
        };
        let word = without_result(address.field(), b, end);
        let mut kinds = kinds(address, value);
        if meaning == Meaning::V128Store && self.is_in_vector_register(b) {
            kinds.b = Kind::Reg;
        }
        self.map_offset();
        let op = meaning.op(kinds).unwrap_or(meaning.only_op());
        self.emit(op, &[word]);
    }

    /// Translates a load of a vector.
    pub(crate) fn vector_load(&mut self, meaning: Meaning, arg: MemArg) {
        if !self.reachable {
            return;
        }
        let address = self.pop();
        let Some(end) = self.near_end(meaning, arg) else {
            return self.load_far(meaning, Type::V128, address, arg);
        };
        let address = if address.kind() == Kind::Imm { self.in_slot(address) } else { address };
        let address = self.operand(meaning, address);
        let kinds = Kinds::new(Kind::Slot, address.kind(), Kind::None);
        let result = Entry::at_home(Type::V128, self.next_slot());
        let word = with_result_and_number(result.field(), address.field(), end);
        self.map_offset();
        let op = meaning.op(kinds).unwrap_or(meaning.only_op());
        self.emit_result(op, result, word);
    }

    /// Translates `memory.size`.
    pub(crate) fn memory_size(&mut self, memory: u32) {
        if self.reachable {
            let ty = Type::of(self.module.memories[memory as usize].index.val_type());
            self.emit_op_to_home(ty, |to| MemorySize { to, memory });
        }
    }

    /// Translates `table.size`.
    pub(crate) fn table_size(&mut self, table: u32) {
        if self.reachable {
            let ty = Type::of(self.module.tables[table as usize].ty.index.val_type());
            self.emit_op_to_home(ty, |to| TableSize { to, table });
        }
    }

    /// Translates `table.get`.
    pub(crate) fn table_get(&mut self, table: TableIdx) {
        if !self.reachable {
            return;
        }
        let index = self.pop();
        let index = self.slot(index);
        let ty = Type::of(ValType::Ref(self.module.tables[table.index()].ty.element));
        self.map_offset();
        self.emit_op_to_home(ty, |to| TableGet { to, index, table: table.0 });
    }

    /// Translates `table.set`.
    pub(crate) fn table_set(&mut self, table: TableIdx) {
        if !self.reachable {
            return;
        }
        let (value, index) = (self.pop(), self.pop());
        let (value, index) = (self.slot(value), self.slot(index));
        self.map_offset();
        self.emit_op(TableSet { index, value, table: table.0 });
    }

    /// Translates `data.drop`.
    pub(crate) fn data_drop(&mut self, data: u32) {
        if self.reachable {
            self.emit_op(DataDrop { data });
        }
    }

    /// Translates `elem.drop`.
    pub(crate) fn elem_drop(&mut self, elem: u32) {
        if self.reachable {
            self.emit_op(ElemDrop { elem });
        }
    }
}
