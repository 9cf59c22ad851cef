//! `Func`: the translation of one function, from its type and locals to its last `end`.

use crate::entry::{Entry, Type};
use crate::exceptions::Tries;
use crate::facts::Facts;
use crate::fuel::{Fuel, Shortage};
use crate::observe::Check;
use crate::observe::{Observing, Sites};
use crate::pins::{Loops, Pins};
use crate::scan::LoopUses;
use crate::stack::Temporaries;
use crate::{Body, Settings, TranslateError, control::Control, cost::Costs, emit::Last};
use alloc::vec::Vec;
use burdock_ir::control::{Const32, ConstV128, Enter};
use burdock_ir::{Bank, FuncWriter, Target, ZEROED_GROUP, record_slot};
use burdock_parse::{BodyVisitor, ModuleDef, ParseError};
use burdock_types::{FuncType, IndexType, ValType};

/// Slots of the record that a call leaves in the callee's frame: return position, and distance to
/// the caller's frame.
pub(crate) const RECORD_SLOTS: u32 = 2;

/// The largest number of a slot. (The last numbers stay unused, so that a vector's second slot has
/// one too.)
const LAST_SLOT: u32 = u16::MAX as u32 - 4;

/// The number of slots that a function's entry zeroes for a unit of fuel.
const SLOTS_PER_FUEL: u32 = 64;

/// Returns the fuel that entering a function takes if its entry zeroes `slots` slots.
fn entry_cost(slots: u32) -> u16 {
    u16::try_from(1 + slots / SLOTS_PER_FUEL).unwrap_or(u16::MAX)
}

/// Buffers kept from function to function.
#[derive(Default)]
pub(crate) struct Scratch {
    pub(crate) locals: Vec<Local>,
    pub(crate) stack: Vec<Entry>,
    pub(crate) controls: Vec<Control>,
    pub(crate) patches: Vec<crate::labels::Patch>,
    pub(crate) targets: Vec<u32>,
    pub(crate) open_blocks: Vec<bool>,
    /// The uses of the loops that were scanned, in the order in which the loops begin.
    pub(crate) loops: Vec<LoopUses>,
    /// The sets of pinned locals that the function has; the first is empty.
    pub(crate) pins: Vec<Pins>,
    /// The paths behind the function's end on which a run may stop where locals are pinned.
    pub(crate) shortages: Vec<Shortage>,
    pub(crate) tries: Tries,
}

impl Scratch {
    /// Forgets the last function; keeps the buffers.
    fn clear(&mut self) {
        self.locals.clear();
        self.stack.clear();
        self.controls.clear();
        self.patches.clear();
        self.loops.clear();
        self.pins.clear();
        self.pins.push(Pins::NONE);
        self.shortages.clear();
        self.tries.clear();
    }
}

/// A local.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Local {
    /// The entry that stands for the local, except for the home.
    value: Entry,
    pub(crate) slot: u16,
    /// The register that holds its value here, in place of its slot.
    pub(crate) pin: Option<u8>,
}

impl Local {
    pub(crate) fn new(number: u32, ty: ValType, slot: u16) -> Self {
        Self { value: Entry::of_local(number, Type::of(ty), slot), slot, pin: None }
    }

    pub(crate) fn ty(&self) -> ValType {
        self.value.ty()
    }

    /// Returns the bank of the local's type, by number.
    #[inline]
    pub(crate) fn bank(&self) -> u8 {
        self.value.bank()
    }

    /// Returns the local's value as an entry with this home.
    #[inline]
    pub(crate) fn entry(&self, home: u16) -> Entry {
        self.value.with_home(home)
    }

    /// Puts it into a register, or back into its slot.
    pub(crate) fn set_pin(&mut self, pin: Option<u8>) {
        self.value = self.value.pinned(pin, self.slot);
        self.pin = pin;
    }
}

/// The translation of one function.
///
/// The frame: parameters (later results), the record at `record`, other locals, operand stack.
pub(crate) struct Func<'a> {
    pub(crate) module: &'a ModuleDef,
    /// The module's bytes.
    pub(crate) bytes: &'a [u8],
    pub(crate) ty: &'a FuncType,
    pub(crate) target: &'a Target,
    /// For each op, whether the machine has it with any register; empty if it has but one a bank.
    pub(crate) known: &'a [bool],
    pub(crate) settings: &'a Settings,
    pub(crate) s: &'a mut Scratch,
    pub(crate) code: FuncWriter<'a>,
    /// The byte offset of the current operator.
    pub(crate) offset: u32,
    /// The offset of the operator before the current one; only valid where operators are observed
    /// one by one.
    pub(crate) previous: u32,
    /// The slot of the record.
    pub(crate) record: u16,
    /// The first slot after those that are in use.
    pub(crate) next_home: u32,
    /// The number of slots that the frame needs, as known so far.
    pub(crate) frame: u32,
    /// `true` if the current operator can be reached.
    pub(crate) reachable: bool,
    pub(crate) temporaries: Temporaries,
    pub(crate) facts: Facts,
    pub(crate) loops: Loops<'a>,
    pub(crate) fuel: Fuel<'a>,
    /// The last instruction, if it may still be revised.
    pub(crate) last: Option<Last>,
    pub(crate) error: Option<TranslateError>,
    /// The observation of the function, if any.
    pub(crate) observing: Option<Observing<'a>>,
    /// `true` if operators are examined one by one, for their costs or for observation.
    attends: bool,
    /// `true` if memory 0 exists and has 32-bit addresses.
    pub(crate) memory_is_near: bool,
}

impl<'a> Func<'a> {
    pub(crate) fn new(
        body: &Body<'a>,
        target: &'a Target,
        settings: &'a Settings,
        scratch: &'a mut Scratch,
        code: FuncWriter<'a>,
        observing: Option<Observing<'a>>,
    ) -> Self {
        let &Body { module, bytes, .. } = body;
        let ty = module.func_type(module.defined_func(body.defined));
        scratch.clear();
        let range = body.range();
        // A hook sees only values that are in slots.
        let pins =
            target.pinned(Bank::Int) > 0 && observing.as_ref().is_none_or(Observing::allows_pins);
        let pinned = bytes.get(range.clone()).filter(|_| pins).unwrap_or_default();
        let costs = settings.operator_cost.as_deref().map(|table| Costs::new(table, bytes));
        let mut func = Self {
            module,
            bytes,
            ty,
            target,
            known: target.known(),
            settings,
            s: scratch,
            code,
            offset: 0,
            previous: 0,
            record: 0,
            next_home: 0,
            frame: 0,
            reachable: true,
            temporaries: Temporaries::of(target),
            facts: Facts::NONE,
            loops: Loops::of(target, range.start as u32, pinned),
            fuel: Fuel { segment: None, costs },
            last: None,
            error: None,
            observing,
            attends: false,
            memory_is_near: module.memories.first().is_some_and(|ty| ty.index == IndexType::I32),
        };
        for &param in ty.params() {
            func.declare(param);
        }
        let record = record_slot(ty);
        func.record = func.slot_number(record);
        func.next_home = record + RECORD_SLOTS;
        func.reserve_arguments(range);
        func
    }

    /// Gives the next local its slot.
    fn declare(&mut self, ty: ValType) {
        let slot = self.slot_number(self.next_home);
        self.next_home += u32::from(ty.slots());
        self.s.locals.push(Local::new(self.s.locals.len() as u32, ty, slot));
        if let Some(observing) = &mut self.observing {
            // An entry of the operand stack does not know a reference's exact type.
            observing.sites.locals.push((ty, slot));
        }
    }

    /// Returns the slot as an operand; records an error if its number is too large for one.
    #[inline]
    pub(crate) fn slot_number(&mut self, slot: u32) -> u16 {
        if slot > LAST_SLOT {
            self.too_large();
            return 0;
        }
        slot as u16
    }

    #[cold]
    fn too_large(&mut self) {
        self.fail(TranslateError::FrameTooLarge { offset: self.offset.into() });
    }

    /// Grows the frame so that it has this many slots.
    #[inline]
    pub(crate) fn need_frame(&mut self, slots: u32) {
        self.frame = self.frame.max(slots);
    }

    /// Emits the entry of the function, once its locals are known.
    fn enter(&mut self) {
        self.attends = self.observing.is_some() || self.settings.consume_fuel;
        // The frame's size is known at the end: `finish` writes it.
        let (copied, own) = self.observing.as_ref().map_or((0, 0), Observing::argument_slots);
        let locals = u32::from(self.record) + RECORD_SLOTS + copied;
        // Slots for arguments are written before they are read, but are roots all the time.
        let first = if self.module.holds_references() { locals - copied } else { locals };
        let (first, count) = (self.slot_number(first), self.slot_number(self.next_home - first));
        // The limit on a frame's slots leaves room for a group.
        let zeroed = count.next_multiple_of(ZEROED_GROUP);
        self.emit_op(Enter { first_local: first, locals: zeroed, frame: 0 });
        self.need_frame(self.next_home.max(u32::from(first) + u32::from(zeroed)));
        self.push_function_control();
        self.enter_depth();
        self.clear_gap();
        self.copy_parameters();
        self.observe_entry();
        self.check_epoch(Check::Entry);
        self.begin_entry_segment(entry_cost(self.next_home - locals - own));
    }

    /// Clears the slots between parameters and record, in a module that may hold references: what
    /// an earlier call has left there would be a root.
    fn clear_gap(&mut self) {
        if !self.module.holds_references() {
            return;
        }
        let mut slot = self.ty.param_slots() as u16;
        while slot < self.record {
            if slot + 1 < self.record {
                self.emit_op(ConstV128 { to: slot, low: 0, high: 0 });
            } else {
                self.emit_op(Const32 { to: slot, value: 0 });
            }
            slot += 2;
        }
    }

    /// Does what is to be done before the operator that comes next.
    #[cold]
    fn attend(&mut self) {
        if self.observing.is_some() {
            self.observe_operator();
        }
        self.spend_operator();
    }

    /// Ends the function: its frame is known now.
    pub(crate) fn finish(mut self, read: Result<(), ParseError>) -> Result<Sites, TranslateError> {
        let error = read.err().map(TranslateError::from).or(self.error.take());
        if let Some(error) = error {
            self.code.abandon();
            return Err(error);
        }
        self.emit_shortages();
        self.emit_pads();
        self.finish_tries();
        self.code.set(0, Enter::frame(), self.frame.into());
        let sites = self.finish_observing();
        self.code.finish(self.record, self.frame);
        Ok(sites)
    }

    /// Records an error that ends the translation.
    pub(crate) fn fail(&mut self, error: TranslateError) {
        self.error.get_or_insert(error);
        self.reachable = false;
    }

    /// Records that the operator belongs to a proposal that is not supported.
    pub(crate) fn unsupported(&mut self, proposal: &'static str) {
        self.fail(TranslateError::Unsupported { proposal, offset: self.offset.into() });
    }
}

impl<'a> BodyVisitor<'a> for Func<'_> {
    fn locals(&mut self, count: u32, ty: ValType) {
        for _ in 0..count {
            // A hostile count is refused by the first local that has no slot.
            if self.error.is_some() {
                break;
            }
            self.declare(ty);
        }
    }

    fn begin(&mut self, offset: u32) {
        self.offset = offset;
        self.enter();
    }

    #[inline]
    fn at(&mut self, offset: u32) {
        let previous = core::mem::replace(&mut self.offset, offset);
        if self.attends {
            self.previous = previous;
            self.attend();
        }
    }
}
