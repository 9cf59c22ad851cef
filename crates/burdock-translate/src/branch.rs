//! Jumps: conditions that take a comparison with them, and moves on the way to a label.

use crate::emit::Taken;
use crate::entry::{Entry, Place};
use crate::func::Func;
use crate::labels::Jump;
use crate::stack::NONE;
use burdock_ir::control::{Br, BrAtDeadline, BrTable, CopySpan, Unreachable};
use burdock_ir::operands::{FIRST, SECOND, table_target, table_words, without_result};
use burdock_ir::{BitField, Kind, Kinds, Meaning, Op, Operands, Shape};
use wasmparser::BrTable as Targets;

/// A conditional jump that is a loop's first instruction, or the first one behind the check of the
/// epoch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Test {
    op: Op,
    /// `true` if the loop begins with a check.
    checks: bool,
    /// The jump's operands, without the distance.
    operands: u32,
    leads: Leads,
}

/// The target of the jump of a [`Test`].
#[derive(Clone, Copy, Debug)]
enum Leads {
    /// The label of a control around the loop.
    Out(u32),
    /// A position in the loop.
    On(u32),
}

/// The condition of a conditional jump.
pub(crate) enum Condition {
    /// A comparison, taken back so that it can become part of the jump.
    Compare(Taken),
    /// A value that is not zero.
    NonZero(Entry),
    /// A reference that is not null.
    NonNull(Entry),
}

impl Func<'_> {
    /// Emits an unconditional jump.
    pub(crate) fn emit_jump(&mut self) -> Jump {
        let origin = self.code.position();
        self.emit_op(Br { to: 0 });
        Jump::at(origin)
    }

    /// Returns the condition that a popped value makes.
    pub(crate) fn condition(&mut self, value: Entry) -> Condition {
        if let (Some(last), true) = (self.last, self.last_defines(value)) {
            let (meaning, kinds) = last.op.parts();
            use Shape::{cast_test, compare, compare_immediate, float_compare};
            let compares = matches!(
                meaning.row().shape,
                compare | compare_immediate | float_compare | cast_test
            ) || matches!(meaning, Meaning::I32And | Meaning::I64And);
            let short = kinds.b != Kind::Imm || {
                let constant = self.code.get(last.position(), BitField::UPPER);
                i16::try_from(constant as i32).is_ok()
            };
            if compares
                && short
                && let Some(taken) = self.take_last()
            {
                return Condition::Compare(taken);
            }
        }
        Condition::NonZero(value)
    }

    /// Emits a jump that is taken if the condition is as expected.
    pub(crate) fn emit_conditional_jump(
        &mut self,
        condition: Condition,
        expected: bool,
    ) -> (Jump, Op) {
        let mut second = None;
        let (meaning, kinds, a, b) = match condition {
            Condition::Compare(taken) => {
                second = taken.second();
                let (meaning, kinds) = match taken.parts() {
                    (Meaning::I32And, kinds) => (Meaning::I32TestNz, kinds),
                    (Meaning::I64And, kinds) => (Meaning::I64TestNz, kinds),
                    parts => parts,
                };
                let (meaning, dst) = match (expected, meaning.row().not) {
                    (true, _) => (meaning, Kind::JumpIf),
                    (false, Some(not)) => (not, Kind::JumpIf),
                    (false, None) => (meaning, Kind::JumpUnless),
                };
                let [a, b] = [FIRST, SECOND].map(|field| field.get(taken.operands()) as u16);
                (meaning, Kinds { dst, ..kinds }, a, b)
            }
            Condition::NonZero(value) | Condition::NonNull(value) => {
                let meaning = match (&condition, expected) {
                    (Condition::NonNull(_), true) => Meaning::I64Ne,
                    (Condition::NonNull(_), false) => Meaning::I64Eq,
                    (_, true) => Meaning::I32Ne,
                    (_, false) => Meaning::I32Eq,
                };
                let value = if value.kind() == Kind::Imm { self.in_slot(value) } else { value };
                let value = self.operand(meaning, value);
                let kinds = Kinds::new(Kind::JumpIf, value.kind(), Kind::Imm);
                (meaning, kinds, value.field(), 0)
            }
        };
        let origin = self.code.position();
        let op = meaning.op(kinds).unwrap_or(meaning.only_op());
        let words = [without_result(a, b, 0), second.unwrap_or(0)];
        self.emit(op, &words[..op.words() - 1]);
        (Jump::at(origin), op)
    }

    /// Returns the types of the values that a jump to a control's label takes along.
    fn label_arity(&self, control: usize) -> usize {
        match self.s.controls[control].is_function() {
            true => self.ty.results().len(),
            false => self.s.controls[control].label_types(self.module).len(),
        }
    }

    /// Returns `true` if all values, with the topmost `count` in their homes, are in the places
    /// that the label expects.
    fn in_place(&self, control: usize, count: usize) -> bool {
        self.s.controls[control].pins == self.loops.pins && self.values_in_place(control, count)
    }

    /// Returns `true` if the topmost `count` values, once in their homes, are in the places that
    /// the label expects.
    fn values_in_place(&self, control: usize, count: usize) -> bool {
        let first = self.s.stack.len().saturating_sub(count);
        let home = self.s.stack.get(first).map_or(self.next_home, |entry| entry.home().into());
        count == 0 || home == self.s.controls[control].base
    }

    /// Moves the topmost values to where the label expects them; leaves the stack as it is.
    pub(crate) fn move_to_label(&mut self, control: usize, count: usize) {
        let base = self.s.controls[control].base;
        let height = self.s.stack.len();
        let first = height.saturating_sub(count);
        if count > 2 {
            if !self.values_in_place(control, count) {
                let from = self.s.stack[first].home();
                let (to, len) =
                    (self.slot_number(base), self.slot_number(self.next_home - u32::from(from)));
                self.emit_op(CopySpan { to, from, len });
            }
            return;
        }
        let mut to = base;
        for index in first..height {
            let entry = self.s.stack[index];
            let slot = self.slot_number(to);
            self.move_to_slot(entry, slot);
            to += entry.slots();
        }
    }

    /// Jumps to a label with the topmost values; leaves the stack as it is.
    fn emit_branch(&mut self, control: usize) {
        if self.s.controls[control].is_function() {
            return self.emit_return();
        }
        let count = self.label_arity(control);
        self.move_to_label(control, count);
        self.emit_pin_moves(self.loops.pins, self.s.controls[control].pins);
        if let Some(test) = self.s.controls[control].test {
            return self.emit_test(control, test);
        }
        let jump = self.emit_jump();
        self.jump_to(jump, control);
    }

    /// Jumps to a loop that begins with a test: makes the test here, and jumps behind it. That is
    /// one instruction less each time round.
    fn emit_test(&mut self, control: usize, test: Test) {
        let mut behind = self.s.controls[control].placed as usize + test.op.words();
        if test.checks {
            behind += BrAtDeadline::LENGTH;
            self.repeat_check(self.s.controls[control].placed as usize);
        }
        let origin = self.code.position();
        self.emit(test.op, &[test.operands.into()]);
        let jump = Jump::at(origin);
        match test.leads {
            Leads::Out(outer) => self.jump_to(jump, outer as usize),
            Leads::On(position) => self.set_distance(jump, position as usize),
        }
        let jump = self.emit_jump();
        self.set_distance(jump, behind);
    }

    /// Notes a conditional jump that was emitted, if it is the first instruction of a loop.
    fn note_test(&mut self, jump: Jump, op: Op, leads: Leads) {
        // A longer instruction is not written again.
        let head = self.loops.head;
        if head.wrapping_add(self.loops.check) != jump.origin() || op.words() != 2 {
            return;
        }
        let innermost = self.s.controls.iter().rposition(|control| control.placed == head);
        let Some(control) = innermost else { return };
        // A label in the loop may be gone where the loop is jumped to.
        if !matches!(leads, Leads::Out(outer) if outer as usize >= control) {
            let operands = self.code.word(jump.word()) as u32;
            self.s.controls[control].test =
                Some(Test { op, checks: self.loops.check > 0, operands, leads });
        }
    }

    /// Brings home what a branch takes along, if it is more than its moves can handle one by one.
    fn prepare_branch(&mut self, control: usize) {
        if self.s.controls[control].is_function() {
            return self.prepare_return();
        }
        let count = self.label_arity(control);
        if count > 2 {
            self.settle_top(count);
        }
    }

    /// Returns the control that a relative depth names.
    pub(crate) fn control_at(&self, depth: u32) -> usize {
        self.s.controls.len().saturating_sub(1 + depth as usize)
    }

    /// Translates `br`.
    pub(crate) fn br(&mut self, depth: u32) {
        if self.reachable {
            let control = self.control_at(depth);
            self.prepare_branch(control);
            self.end_segment();
            self.emit_branch(control);
            self.reachable = false;
        }
    }

    /// Translates `return`.
    pub(crate) fn return_(&mut self) {
        if self.reachable {
            self.prepare_return();
            self.end_segment();
            self.emit_return();
            self.reachable = false;
        }
    }

    /// Translates `br_if`.
    pub(crate) fn br_if(&mut self, depth: u32) {
        if !self.reachable {
            return;
        }
        let value = self.pop();
        let condition = self.condition(value);
        self.branch_if(condition, true, depth);
        self.begin_segment(0);
    }

    /// Jumps to a label with the topmost values if the condition is as expected; leaves the stack
    /// as it is.
    #[inline(always)]
    pub(crate) fn branch_if(&mut self, condition: Condition, expected: bool, depth: u32) {
        let control = self.control_at(depth);
        let count = self.label_arity(control);
        let is_function = self.s.controls[control].is_function();
        match is_function {
            true => self.prepare_return(),
            // Both ways want the values: at home they serve both.
            false => self.settle_top(count),
        }
        self.end_segment();
        if !is_function && self.in_place(control, count) {
            let (jump, op) = self.emit_conditional_jump(condition, expected);
            if count == 0 {
                self.note_test(jump, op, Leads::Out(control as u32));
            }
            self.jump_to(jump, control);
        } else {
            // The branch may move a span of values, which only one way does.
            if count > 1 {
                self.flush_unkept();
            }
            let (around, op) = self.emit_conditional_jump(condition, !expected);
            self.emit_branch(control);
            // A return has read its value where it is: it can't be sent elsewhere any more.
            self.settle_definitions();
            let mut skip = NONE;
            self.link(&mut skip, around);
            self.place(skip);
            self.note_test(around, op, Leads::On(self.code.position() as u32));
        }
    }

    /// Translates `br_on_null`.
    pub(crate) fn br_on_null(&mut self, depth: u32) {
        if !self.reachable {
            return;
        }
        let value = self.pop();
        let ty = value.non_null();
        // A value in a register has to survive what is brought home before the jump.
        let value = match value.place() {
            Place::Local(_) | Place::Mirrored { .. } => value,
            _ => self.in_slot(value),
        };
        self.branch_if(Condition::NonNull(value), false, depth);
        self.begin_segment(0);
        self.learn_non_null(value);
        match value.place() {
            Place::Local(local) | Place::Mirrored { local, .. } => self.push_local(local),
            _ => self.push_home(ty),
        }
        self.retype_top(ty);
    }

    /// Translates `br_on_non_null`.
    pub(crate) fn br_on_non_null(&mut self, depth: u32) {
        if !self.reachable {
            return;
        }
        // The branch takes the reference along, as the topmost value.
        self.settle_top(1);
        let Some(&value) = self.s.stack.last() else {
            return;
        };
        self.branch_if(Condition::NonNull(value), true, depth);
        self.pop();
        self.begin_segment(0);
    }

    /// Translates `ref.as_non_null`.
    pub(crate) fn ref_as_non_null(&mut self) {
        if !self.reachable {
            return;
        }
        let Some(&value) = self.s.stack.last() else { return };
        if !self.is_non_null(value) {
            self.unary_trapping(Meaning::RefAsNonNull);
            self.learn_non_null(value);
        }
        self.retype_top(value.non_null());
    }

    /// Translates `br_table`.
    pub(crate) fn br_table(&mut self, table: Targets<'_>) {
        if !self.reachable {
            return;
        }
        let index = self.pop();
        let index = if index.kind() == Kind::Imm { self.in_slot(index) } else { index };
        let mut targets = core::mem::take(&mut self.s.targets);
        targets.clear();
        targets.extend(table.targets().filter_map(Result::ok));
        targets.push(table.default());
        let default = self.control_at(table.default());
        let count = self.label_arity(default);
        self.prepare_observed_return();
        self.settle_top(count);
        self.end_segment();
        let origin = self.emit_table(index, targets.len());
        for (n, &depth) in targets.iter().enumerate() {
            let jump = Jump::within(origin, table_target(n), 0);
            self.table_target(jump, depth, count);
        }
        self.s.targets = targets;
        self.reachable = false;
    }

    /// Emits the table with room for its targets.
    fn emit_table(&mut self, index: Entry, targets: usize) -> usize {
        let index = self.operand(Meaning::BrTableR, index);
        let origin = self.code.position();
        let meaning = match index.kind() {
            Kind::Reg => Meaning::BrTableR,
            _ => Meaning::BrTable,
        };
        let last = targets as u32 - 1;
        self.emit_as(meaning, BrTable { index: index.field(), last });
        for _ in 0..table_words(last) {
            self.code.emit_word(0);
        }
        origin
    }

    /// Leads one target to its label: directly, or by way of the moves that it needs, which are
    /// emitted once for each label.
    fn table_target(&mut self, jump: Jump, depth: u32, count: usize) {
        let control = self.control_at(depth);
        if !self.s.controls[control].is_function() && self.in_place(control, count) {
            return self.jump_to(jump, control);
        }
        let known = self.s.controls[control].table_moves;
        let position = match known {
            (origin, position) if origin == jump.origin() => position,
            _ => {
                let position = self.code.position() as u32;
                self.s.controls[control].table_moves = (jump.origin(), position);
                self.barrier();
                self.emit_branch(control);
                position
            }
        };
        self.set_distance(jump, position as usize);
    }

    /// Translates `unreachable`.
    pub(crate) fn unreachable(&mut self) {
        if self.reachable {
            self.end_segment();
            self.map_offset();
            self.emit_op(Unreachable {});
            self.reachable = false;
        }
    }
}
