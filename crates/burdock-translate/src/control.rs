//! Structured control: blocks, loops, ifs, and their ends.
//!
//! Where ways meet, every value that is on the stack below the block is at home or constant, and
//! the block's values are in their homes.

use crate::branch::Test;
use crate::entry::Type;
use crate::func::Func;
use crate::observe::Point;
use crate::stack::NONE;
use burdock_parse::ModuleDef;
use burdock_types::ValType;
use wasmparser::Catch;

/// The kind of block of a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BlockKind {
    Function,
    Block,
    Loop,
    If,
    Else,
    TryTable,
    /// The part of a legacy `try` before the first `catch`.
    Try,
    /// A `catch` or `catch_all` of a legacy `try`.
    Catch,
}

impl BlockKind {
    /// Returns `true` for the blocks of exceptions.
    const fn is_of_exceptions(self) -> bool {
        matches!(self, Self::TryTable | Self::Try | Self::Catch)
    }
}

/// The arm of a legacy `try` that begins with a `catch`.
pub(crate) struct CatchArm {
    /// `true` if this is the first `catch`.
    pub(crate) is_first: bool,
    /// The home of the first operand.
    pub(crate) base: u32,
    /// The set of pinned locals that holds there.
    pub(crate) pins: u32,
}

/// The type of a block.
#[derive(Clone, Copy, Debug)]
pub(crate) enum BlockSig {
    /// Nothing to nothing.
    Empty,
    /// Nothing to one value.
    One(Type),
    /// The index of a function type.
    Func(u32),
}

/// A block that has been entered and not left. Keep this type small: two bytes of a body are enough
/// to create one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Control {
    kind: BlockKind,
    sig: BlockSig,
    /// Height of the stack below the block's parameters.
    pub(crate) height: u32,
    /// The home of the block's first parameter, and result.
    pub(crate) base: u32,
    /// The position of the label, once placed.
    pub(crate) placed: u32,
    /// Jumps that wait for the label.
    pub(crate) jumps: u32,
    /// The jump over the first arm of an `if`.
    else_jumps: u32,
    /// `true` if the beginning of the block can be reached.
    entered: bool,
    /// The set of pinned locals that holds at its label.
    pub(crate) pins: u32,
    /// The pinned set around the loop, if this is a loop.
    outer_pins: u32,
    /// The loop's first instruction, if this is a loop and the instruction is a conditional jump.
    pub(crate) test: Option<Test>,
    /// For the branch table at the first position: where its moves to this label are.
    pub(crate) table_moves: (u32, u32),
}

const _: () = assert!(size_of::<Control>() <= 72);

impl Control {
    /// Returns `true` if a branch to the label is a return.
    pub(crate) fn is_function(&self) -> bool {
        self.kind == BlockKind::Function
    }

    fn params<'m>(&self, module: &'m ModuleDef) -> &'m [ValType] {
        match self.sig {
            BlockSig::Empty | BlockSig::One(_) => &[],
            BlockSig::Func(ty) => module.func_type_at(ty.into()).params(),
        }
    }

    fn results<'m>(&self, module: &'m ModuleDef) -> &'m [ValType] {
        match self.sig {
            BlockSig::Empty => &[],
            BlockSig::One(ty) => ty.list(),
            BlockSig::Func(ty) => module.func_type_at(ty.into()).results(),
        }
    }

    /// Returns the types of the values that a branch to the label takes along.
    pub(crate) fn label_types<'m>(&self, module: &'m ModuleDef) -> &'m [ValType] {
        match self.kind {
            BlockKind::Loop => self.params(module),
            _ => self.results(module),
        }
    }
}

impl Func<'_> {
    /// Pushes the block that is the function's body.
    pub(crate) fn push_function_control(&mut self) {
        let type_index = BlockSig::Empty;
        self.push_control(BlockKind::Function, type_index);
    }

    /// Enters a block whose parameters are on top of the stack.
    fn push_control(&mut self, kind: BlockKind, sig: BlockSig) {
        let mut control = Control {
            kind,
            sig,
            height: self.s.stack.len() as u32,
            base: self.next_home,
            placed: NONE,
            jumps: NONE,
            else_jumps: NONE,
            entered: self.reachable,
            pins: self.loops.pins,
            outer_pins: self.loops.pins,
            test: None,
            table_moves: (NONE, NONE),
        };
        if self.reachable {
            let params = control.params(self.module).len();
            self.settle_top(params);
            control.height = control.height.saturating_sub(params as u32);
            if let Some(first) = self.s.stack.get(control.height as usize) {
                control.base = first.home().into();
            }
        }
        self.s.controls.push(control);
    }

    /// Translates `block`.
    pub(crate) fn block(&mut self, sig: BlockSig) {
        if self.reachable {
            self.flush();
        }
        self.push_control(BlockKind::Block, sig);
    }

    /// Translates `try_table`.
    pub(crate) fn try_table(&mut self, sig: BlockSig, catches: &[Catch]) {
        if self.reachable {
            self.flush();
        }
        self.push_control(BlockKind::TryTable, sig);
        self.begin_try_table(catches);
    }

    /// Enters the block of a legacy `try`.
    pub(crate) fn enter_legacy_try(&mut self, sig: BlockSig) {
        if self.reachable {
            self.flush();
        }
        self.push_control(BlockKind::Try, sig);
    }

    /// Ends the arm of a legacy `try` before a `catch`, and begins the next one. Returns `None` if
    /// the `try` cannot be reached.
    pub(crate) fn leave_arm_of_try(&mut self) -> Option<CatchArm> {
        let control = self.s.controls.last().copied()?;
        let top = self.s.controls.len() - 1;
        let is_first = control.kind == BlockKind::Try;
        if self.reachable {
            let count = control.results(self.module).len();
            self.settle_top(count);
            self.end_segment();
            self.move_to_label(top, count);
            let jump = self.emit_jump();
            self.jump_to(jump, top);
        }
        self.end_segment();
        self.truncate(control.height as usize);
        self.reachable = control.entered && self.error.is_none();
        self.s.controls[top].kind = BlockKind::Catch;
        control.entered.then_some(CatchArm { is_first, base: control.base, pins: control.pins })
    }

    /// Translates `loop`.
    pub(crate) fn loop_(&mut self, sig: BlockSig) {
        if self.reachable {
            self.flush();
            self.end_segment();
        }
        self.push_control(BlockKind::Loop, sig);
        let pins = self.choose_pins();
        self.loops.begun += 1;
        if self.reachable {
            self.emit_pin_moves(self.loops.pins, pins);
            self.set_pins(pins);
            self.barrier();
            let here = self.code.position() as u32;
            if let Some(control) = self.s.controls.last_mut() {
                control.placed = here;
                control.pins = pins;
            }
            self.loops.head = here;
            self.observe(Point::Loop);
            self.loops.check = self.check_loop();
            self.begin_loop_segment();
        }
    }

    /// Translates `if`.
    pub(crate) fn if_(&mut self, sig: BlockSig) {
        if !self.reachable {
            return self.push_control(BlockKind::If, sig);
        }
        let value = self.pop();
        let condition = self.condition(value);
        // A value that the jump asks for must survive what is brought home before it.
        self.flush();
        self.push_control(BlockKind::If, sig);
        self.end_segment();
        let (jump, _) = self.emit_conditional_jump(condition, false);
        let mut list = NONE;
        self.link(&mut list, jump);
        if let Some(control) = self.s.controls.last_mut() {
            control.else_jumps = list;
        }
        self.begin_segment(0);
    }

    /// Translates `else`.
    pub(crate) fn else_(&mut self) {
        let Some(control) = self.s.controls.last().copied() else {
            return;
        };
        let top = self.s.controls.len() - 1;
        if self.reachable {
            self.settle_top(control.results(self.module).len());
            self.end_segment();
            let jump = self.emit_jump();
            self.jump_to(jump, top);
        }
        self.truncate(control.height as usize);
        self.reachable = control.entered && self.error.is_none();
        self.s.controls[top].kind = BlockKind::Else;
        self.s.controls[top].else_jumps = NONE;
        if self.reachable {
            self.end_segment();
            self.place(control.else_jumps);
            self.push_homes(control.params(self.module));
            self.begin_segment(0);
        }
    }

    /// Translates `end`.
    pub(crate) fn end(&mut self) {
        let Some(control) = self.s.controls.pop() else {
            return;
        };
        if control.kind == BlockKind::Function {
            self.prepare_end_of_function();
            return;
        }
        let results = control.results(self.module);
        if self.reachable {
            self.settle_top(results.len());
        }
        if control.kind.is_of_exceptions() {
            self.end_of_try(control, results.len());
        }
        if control.kind == BlockKind::Loop {
            if self.reachable {
                self.end_segment();
                self.emit_pin_moves(self.loops.pins, control.outer_pins);
            }
            self.set_pins(control.outer_pins);
        }
        // An `if` without `else` has an empty second arm.
        let falls_through = self.reachable;
        let joins = control.jumps != NONE || control.else_jumps != NONE;
        // What follows a loop runs another number of times than its body.
        let another = joins || control.kind == BlockKind::Loop;
        self.truncate(control.height as usize);
        self.reachable = control.entered && self.error.is_none() && (falls_through || joins);
        if another {
            self.end_segment();
            self.place(control.jumps);
            self.place(control.else_jumps);
        }
        if self.reachable {
            self.push_homes(results);
            if another {
                self.begin_segment(0);
            }
        } else {
            self.end_segment();
        }
    }

    /// Ends the region of a `try_table` or legacy `try` at its `end`, or a `catch`, whose results
    /// are in their homes. The control has been popped.
    #[cold]
    fn end_of_try(&mut self, control: Control, results: usize) {
        if control.kind == BlockKind::Catch {
            if self.reachable {
                self.s.controls.push(control);
                self.move_to_label(self.s.controls.len() - 1, results);
                self.s.controls.pop();
            }
            if control.entered {
                self.end_catching();
            }
        } else if control.entered {
            self.end_try();
        }
    }

    fn prepare_end_of_function(&mut self) {
        if self.reachable {
            self.prepare_return();
            self.end_segment();
            self.emit_return();
            self.reachable = false;
        }
    }
}
