//! Operators on memories, tables and arrays whose work depends on an operand: their payment in
//! fuel, and the points where they are interrupted.

use crate::entry::{Entry, Place, Type};
use crate::func::Func;
use crate::object::object_type;
use burdock_ir::control::{
    ArrayCopy, ArrayFill, ArrayInitData, ArrayInitElem, ArrayNew, ArrayNewData, ArrayNewElem,
    ArrayNewZeroed, BulkPiece, CheckEpoch, ConsumeFuelBy, Copy, MemoryCopy, MemoryFill, MemoryGrow,
    MemoryInit, TableCopy, TableFill, TableGrow, TableGrowNull, TableInit,
};
use burdock_ir::{Bulk, Operands};
use burdock_types::HeapType;
use wasmparser::BinaryReader;

/// The cost in fuel up to which an operator with a constant amount is neither checked for fuel nor
/// interrupted, as in Wasmtime.
const SMALL: u64 = 128;

/// The operator `i32.const` in the binary format.
const I32_CONST: u8 = 0x41;
/// The operator `i64.const` in the binary format.
const I64_CONST: u8 = 0x42;

/// An operator that is being translated, and the amount of its work.
#[derive(Clone, Copy)]
struct Amount {
    bulk: Bulk,
    /// The slot of the first operand; of growth, the slot of the amount.
    slot: u16,
    /// The number of bytes, pages or elements, if it is constant.
    units: Option<u64>,
    /// The indices of the memories, tables, types or segments that the operator works on.
    indices: (u32, u32),
}

impl Func<'_> {
    /// Translates an operator on a memory or table that takes its operands from consecutive slots.
    pub(crate) fn bulk(&mut self, bulk: Bulk, first: u32, second: u32) {
        if !self.reachable {
            return;
        }
        let units = self.constant_on_top();
        self.settle_top(3);
        self.truncate(self.s.stack.len().saturating_sub(3));
        let slot = self.next_slot();
        let last = u32::from(slot) + 2;
        self.slot_number(last);
        let amount = Amount { bulk, slot, units, indices: (first, second) };
        self.emit_paid(amount);
    }

    /// Emits an operator's payment, and the operator: in pieces if it may be long and the epoch is
    /// looked at.
    fn emit_paid(&mut self, amount: Amount) {
        let behind = self.pay(amount);
        match self.settings.epoch_interruption && !self.is_small(amount) {
            true => self.emit_in_pieces(amount),
            false => {
                self.map_offset();
                self.emit_bulk(amount);
            }
        }
        self.go_on_behind(behind);
    }

    /// Translates an operator that writes elements of an array of a type.
    pub(crate) fn array_bulk(&mut self, bulk: Bulk, ty: u32, segment: u32) {
        if !self.reachable {
            return;
        }
        let operands = if bulk == Bulk::ArrayCopy { 5 } else { 4 };
        let amount = self.array_amount(bulk, operands, (ty, segment));
        self.emit_paid(amount);
    }

    /// Translates `array.new_default`. Its work is the allocation, which is not interrupted.
    pub(crate) fn array_new_default(&mut self, ty: u32) {
        if !self.reachable {
            return;
        }
        if !self.settings.consume_fuel {
            let len = self.pop();
            return self.allocate_array(ty, len);
        }
        let amount = self.array_amount(Bulk::ArrayNewDefault, 1, (ty, 0));
        let behind = self.pay(amount);
        self.allocate_array(ty, Entry::at_home(Type::I32, amount.slot));
        self.go_on_behind(behind);
    }

    /// Translates an operator that makes an array of a type, and writes its elements.
    pub(crate) fn array_new(&mut self, bulk: Bulk, ty: u32, segment: u32) {
        if !self.reachable {
            return;
        }
        let fills = bulk == Bulk::ArrayNew && self.element_slots(ty) == 1;
        let units = self.constant_on_top();
        let amount = Amount { bulk, slot: 0, units, indices: (ty, segment) };
        let is_whole = !self.settings.epoch_interruption || self.is_small(amount);
        if fills && !self.settings.consume_fuel && (is_whole || self.is_zero_below_top()) {
            let (value, len) = self.pop_two();
            return self.allocate_filled(ty, value, len);
        }
        let amount = self.array_amount(bulk, 2, (ty, segment));
        let behind = self.pay(amount);
        if is_whole && fills {
            let value = self.module.array_element(ty.into()).storage.unpacked();
            let value = Entry::at_home(Type::of(value), amount.slot);
            self.allocate_filled(ty, value, Entry::at_home(Type::I32, amount.slot + 1));
            return self.go_on_behind(behind);
        }
        self.prepare_allocation();
        match is_whole {
            false => self.array_new_in_pieces(amount),
            true => {
                self.map_offset();
                self.emit_bulk(amount);
            }
        }
        self.go_on_behind(behind);
        self.push_home(object_type(HeapType::ConcreteArray(ty.into())));
    }

    /// Returns `true` if the value below the topmost one is known to be zero or null.
    fn is_zero_below_top(&self) -> bool {
        self.s.stack.iter().nth_back(1).is_some_and(|entry| entry.bits() == Some(0))
    }

    /// Takes the operands of an operator on arrays, which lie in consecutive slots afterwards.
    fn array_amount(&mut self, bulk: Bulk, operands: usize, indices: (u32, u32)) -> Amount {
        let units = self.constant_on_top();
        self.settle_top(operands);
        self.truncate(self.s.stack.len().saturating_sub(operands));
        Amount { bulk, slot: self.next_slot(), units, indices }
    }

    /// Returns the number of slots that a value of an array type's elements takes.
    fn element_slots(&self, ty: u32) -> u32 {
        self.module.array_element(ty.into()).storage.unpacked().slots().into()
    }

    /// Emits the allocation of an array of zeros, and the writing of its elements in pieces. The
    /// operands of the writing lie behind those of the operator, the reference to the array first.
    fn array_new_in_pieces(&mut self, Amount { bulk, slot, indices, .. }: Amount) {
        let (ty, segment) = indices;
        let (rest, values) = match bulk {
            Bulk::ArrayNewData => (Bulk::ArrayInitData, 1),
            Bulk::ArrayNewElem => (Bulk::ArrayInitElem, 1),
            _ => (Bulk::ArrayFill, self.element_slots(ty)),
        };
        let array = u32::from(slot) + values + 1;
        self.slot_number(array + values + 2);
        self.need_frame(array + values + 3);
        self.map_offset();
        self.emit_op(ArrayNewZeroed { first: slot, operator: bulk, ty, segment });
        let array = array as u16;
        self.emit_in_pieces(Amount { bulk: rest, slot: array, units: None, indices });
        self.emit_op(Copy { to: slot, from: array });
    }

    /// Translates `memory.grow`.
    pub(crate) fn memory_grow(&mut self, memory: u32) {
        if !self.reachable {
            return;
        }
        let units = self.constant_on_top();
        let delta = self.pop();
        let y = self.slot(delta);
        let amount = Amount { bulk: Bulk::MemoryGrow, slot: y, units, indices: (memory, 0) };
        let behind = self.pay(amount);
        let to = self.next_slot();
        self.emit_growth(MemoryGrow { to, delta: y, memory });
        self.go_on_behind(behind);
        self.push_home(Type::of(self.module.memories[memory as usize].index.val_type()));
    }

    /// Translates `table.grow`.
    pub(crate) fn table_grow(&mut self, table: u32) {
        if !self.reachable {
            return;
        }
        let units = self.constant_on_top();
        self.settle_top(2);
        self.truncate(self.s.stack.len().saturating_sub(2));
        let first = self.next_slot();
        let slot = self.slot_number(u32::from(first) + 1);
        let amount = Amount { bulk: Bulk::TableGrow, slot, units, indices: (table, 0) };
        let behind = self.pay(amount);
        match self.settings.epoch_interruption && !self.is_small(amount) {
            true => self.grow_in_pieces(first, table),
            false => self.emit_growth(TableGrow { first, table }),
        }
        self.go_on_behind(behind);
        self.push_home(Type::of(self.module.tables[table as usize].ty.index.val_type()));
    }

    /// Returns the value on top of the stack if it is constant, whether or not the function is
    /// observed: a guest pays the same at the same places when it switches between the two kinds of
    /// code.
    fn constant_on_top(&self) -> Option<u64> {
        if self.settings.consume_fuel {
            let bytes = self.bytes.get(self.previous as usize..self.offset as usize)?;
            let mut reader = BinaryReader::new(bytes, self.previous.into());
            return match reader.read_u8().ok()? {
                I32_CONST => reader.read_var_i32().ok().map(|value| u64::from(value as u32)),
                I64_CONST => reader.read_var_i64().ok().map(|value| value as u64),
                _ => None,
            };
        }
        match self.s.stack.last()?.place() {
            Place::Const(bits) => Some(bits),
            _ => None,
        }
    }

    /// Returns `true` if the amount is constant and small.
    fn is_small(&self, Amount { bulk, units, .. }: Amount) -> bool {
        let cost = self.unit_cost(bulk).max(1);
        units.is_some_and(|units| units.saturating_mul(cost.into()) <= SMALL)
    }

    /// Emits the operator's payment, in front of the operator if the amount may be large. The
    /// segment ends at the operator, unless the operator costs nothing; returns the cost with which
    /// the segment behind the operator begins.
    fn pay(&mut self, amount: Amount) -> Option<u32> {
        let Amount { bulk, slot, units, indices } = amount;
        let cost = self.unit_cost(bulk);
        if !self.settings.consume_fuel || cost == 0 {
            return None;
        }
        if let Some(units) = units.filter(|_| self.is_small(amount)) {
            return Some(units as u32 * cost);
        }
        // A run that stops at this instruction and is resumed has lost its registers.
        self.bring_home();
        let (to, from) = indices;
        self.emit_bare(ConsumeFuelBy { first: slot, operator: bulk, cost, to, from });
        self.load_pins();
        Some(0)
    }

    /// Begins the segment behind the operator, if `pay` has ended the one before.
    fn go_on_behind(&mut self, cost: Option<u32>) {
        if let Some(cost) = cost {
            self.end_segment();
            self.begin_segment(cost);
        }
    }

    /// Emits the operator with a check of the epoch before each piece of its work.
    fn emit_in_pieces(&mut self, Amount { bulk, slot, indices, .. }: Amount) {
        self.bring_home();
        let again = self.code.position();
        self.emit_bare(CheckEpoch {});
        let again = again.wrapping_sub(self.code.position()) as i32;
        let (to, from) = indices;
        self.emit_bare(BulkPiece { first: slot, operator: bulk, again, to, from });
        self.load_pins();
    }

    /// Emits growth of a table by null elements, all at once, and the filling of those elements in
    /// pieces. The operands of the filling lie behind those of the growth.
    fn grow_in_pieces(&mut self, first: u16, table: u32) {
        let slot = u32::from(first) + 2;
        self.slot_number(slot + 2);
        self.need_frame(slot + 3);
        self.emit_growth(TableGrowNull { first, table });
        let slot = slot as u16;
        let indices = (table, 0);
        self.emit_in_pieces(Amount { bulk: Bulk::TableFill, slot, units: None, indices });
    }

    /// Emits the growth of a memory or table. A call that waits for the limiter's answer loses its
    /// registers, and then executes the instruction again.
    fn emit_growth<O: Operands>(&mut self, operands: O) {
        self.bring_trapping_home();
        self.bring_home();
        self.emit_bare(operands);
        self.load_pins();
    }

    /// Leaves no value in a register.
    fn bring_home(&mut self) {
        self.flush_registers();
        self.forget_mirrors();
        self.store_pins();
    }

    /// Emits an instruction around which no value is in a register.
    fn emit_bare<O: Operands>(&mut self, operands: O) {
        self.map_offset();
        self.code.emit(self.target, O::MEANING.only_op(), operands.words().as_ref());
        self.last = None;
    }

    /// Emits the instruction that executes the operator as a whole, if its operands lie in
    /// consecutive slots.
    fn emit_bulk(&mut self, Amount { bulk, slot: first, indices: (one, two), .. }: Amount) {
        let (ty, data, elem) = (one, two, two);
        match bulk {
            Bulk::MemoryFill => self.emit_op(MemoryFill { first, memory: one }),
            Bulk::MemoryCopy => self.emit_op(MemoryCopy { first, to: one, from: two }),
            Bulk::MemoryInit => self.emit_op(MemoryInit { first, memory: one, data: two }),
            Bulk::TableFill => self.emit_op(TableFill { first, table: one }),
            Bulk::TableCopy => self.emit_op(TableCopy { first, to: one, from: two }),
            Bulk::TableInit => self.emit_op(TableInit { first, table: one, elem: two }),
            Bulk::ArrayFill => self.emit_op(ArrayFill { first, ty }),
            Bulk::ArrayCopy => self.emit_op(ArrayCopy { first, ty }),
            Bulk::ArrayInitData => self.emit_op(ArrayInitData { first, ty, data }),
            Bulk::ArrayInitElem => self.emit_op(ArrayInitElem { first, ty, elem }),
            Bulk::ArrayNew => {
                let len = first + self.element_slots(ty) as u16;
                self.emit_op(ArrayNew { to: first, value: first, len, ty });
            }
            Bulk::ArrayNewData => self.emit_op(ArrayNewData { first, ty, data }),
            Bulk::ArrayNewElem => self.emit_op(ArrayNewElem { first, ty, elem }),
            Bulk::ArrayNewDefault | Bulk::MemoryGrow | Bulk::TableGrow => {
                unreachable!("other functions emit these")
            }
        }
    }
}
