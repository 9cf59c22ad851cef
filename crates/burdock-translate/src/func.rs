//! `Func`: the translation of one function, from its type and locals to its last `end`.

use crate::entry::{BANKS, Entry, Type};
use crate::fuel::{Segment, Shortage};
use crate::observe::{Observing, Sites};
use crate::pins::Pins;
use crate::scan::LoopUses;
use crate::stack::{MAX_TEMPORARIES, NONE};
use crate::{Settings, TranslateError, control::Control, cost::Costs, emit::Last};
use alloc::vec::Vec;
use burdock_ir::control::Enter;
use burdock_ir::{Bank, FuncWriter, Target};
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
    pub(crate) patches: Vec<crate::branch::Patch>,
    pub(crate) targets: Vec<u32>,
    pub(crate) open_blocks: Vec<bool>,
    /// What the loops that were looked at use, in the order in which they begin.
    pub(crate) loops: Vec<LoopUses>,
    /// The sets of pinned locals that the function has; the first is empty.
    pub(crate) pins: Vec<Pins>,
    /// The ways that are gone for want of fuel where locals are pinned.
    pub(crate) shortages: Vec<Shortage>,
}

/// A local.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Local {
    /// What an entry that stands for it is, but for the home.
    value: Entry,
    pub(crate) slot: u16,
    /// The register that holds its value here, in place of its slot.
    pub(crate) pin: Option<u8>,
}

impl Local {
    fn new(number: u32, ty: ValType, slot: u16) -> Self {
        Self { value: Entry::of_local(number, Type::of(ty), slot), slot, pin: None }
    }

    pub(crate) fn ty(&self) -> ValType {
        self.value.ty()
    }

    /// The bank of its type, by number.
    #[inline]
    pub(crate) fn bank(&self) -> u8 {
        self.value.bank()
    }

    /// What it holds, as an entry with this home.
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
    pub(crate) ty: &'a FuncType,
    pub(crate) target: &'a Target,
    /// For each op, whether the machine has it with any register; empty if it has but one a bank.
    pub(crate) known: &'a [bool],
    /// Its bytes, for a look at its loops; empty if no local is to be pinned.
    pub(crate) body: &'a [u8],
    /// Where they begin in the module.
    pub(crate) body_offset: u32,
    pub(crate) settings: &'a Settings,
    pub(crate) s: &'a mut Scratch,
    pub(crate) code: FuncWriter<'a>,
    /// Byte offset of the operator that is being translated.
    pub(crate) offset: u32,
    /// The offset of the operator before the current one; only valid where operators are observed
    /// one by one.
    pub(crate) previous: u32,
    /// The module's bytes.
    pub(crate) bytes: &'a [u8],
    /// Where the record lies.
    pub(crate) record: u16,
    /// First slot after those that are in use.
    pub(crate) next_home: u32,
    /// Slots that the frame needs, as known so far.
    pub(crate) frame: u32,
    /// Whether the operator that is being translated can be reached.
    pub(crate) reachable: bool,
    /// For each bank, its temporaries, as a set.
    pub(crate) temporaries: [u8; BANKS],
    /// Those of them that entries are in.
    pub(crate) occupied: [u8; BANKS],
    /// For each of these, its entry.
    pub(crate) regs: [[u32; MAX_TEMPORARIES]; BANKS],
    /// The temporaries that hold the value of a local as well; only where no entry is in them.
    pub(crate) mirrored: [u8; BANKS],
    /// For each of these, the local.
    pub(crate) mirrors: [[u32; MAX_TEMPORARIES]; BANKS],
    /// For each bank, the registers for locals, as a set of all banks' such.
    pub(crate) pinning: [u16; Bank::COUNT],
    /// The set of pinned locals, by its number in the scratch.
    pub(crate) pins: u32,
    /// Loops that have begun.
    pub(crate) loops_begun: usize,
    /// Where the last of them begins.
    pub(crate) loop_head: u32,
    /// The last instruction, if it may still be revised.
    pub(crate) last: Option<Last>,
    /// The stretch of code whose fuel is being added up.
    pub(crate) segment: Option<Segment>,
    /// What operators cost, if not 1.
    pub(crate) costs: Option<Costs<'a>>,
    pub(crate) error: Option<TranslateError>,
    /// What is observed, if anything is.
    pub(crate) observing: Option<Observing<'a>>,
    /// Whether operators are looked at one by one: what they cost, or where they are observed.
    attends: bool,
    /// Whether memory 0 is there and has addresses of 32 bits.
    pub(crate) memory_is_near: bool,
}

impl<'a> Func<'a> {
    pub(crate) fn new(
        module: &'a ModuleDef,
        ty: &'a FuncType,
        target: &'a Target,
        (body_offset, body): (u32, &'a [u8]),
        settings: &'a Settings,
        scratch: &'a mut Scratch,
        code: FuncWriter<'a>,
    ) -> Self {
        scratch.locals.clear();
        scratch.stack.clear();
        scratch.controls.clear();
        scratch.patches.clear();
        scratch.loops.clear();
        scratch.pins.clear();
        scratch.pins.push(Pins::NONE);
        scratch.shortages.clear();
        let mut func = Self {
            module,
            ty,
            target,
            known: target.known(),
            body,
            body_offset,
            settings,
            s: scratch,
            code,
            offset: 0,
            previous: 0,
            bytes: &[],
            record: 0,
            next_home: 0,
            frame: 0,
            reachable: true,
            temporaries: [0; BANKS],
            occupied: [0; BANKS],
            regs: [[NONE; MAX_TEMPORARIES]; BANKS],
            mirrored: [0; BANKS],
            mirrors: [[NONE; MAX_TEMPORARIES]; BANKS],
            pinning: crate::pins::registers(target),
            pins: 0,
            loops_begun: 0,
            loop_head: NONE,
            last: None,
            segment: None,
            costs: None,
            error: None,
            observing: None,
            attends: false,
            memory_is_near: module.memories.first().is_some_and(|ty| ty.index == IndexType::I32),
        };
        for bank in Bank::ALL {
            func.temporaries[bank as usize] = (1 << target.temporaries(bank)) - 1;
        }
        for &param in ty.params() {
            func.declare(param);
        }
        let record = func.next_home.max(ty.result_slots());
        func.record = func.slot_number(record);
        func.next_home = record + RECORD_SLOTS;
        func
    }

    /// Gives the next local its slot.
    fn declare(&mut self, ty: ValType) {
        let slot = self.slot_number(self.next_home);
        self.next_home += u32::from(ty.slots());
        self.s.locals.push(Local::new(self.s.locals.len() as u32, ty, slot));
    }

    /// The slot as an operand; notes the error if its number is too large for one.
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
        let first = u32::from(self.record) + RECORD_SLOTS;
        let count = self.next_home - first;
        let (first, count) = (self.slot_number(first), self.slot_number(count));
        self.emit_op(Enter { first_local: first, locals: count, frame: 0 });
        self.need_frame(self.next_home);
        self.push_function_control();
        self.enter_depth();
        self.observe_entry();
        self.check_epoch();
        self.begin_entry_segment(entry_cost(count.into()));
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
        self.code.set(0, Enter::frame(), self.frame.into());
        let sites = self.finish_observing();
        self.code.finish(self.record, self.frame);
        Ok(sites)
    }

    /// Translation can't go on.
    pub(crate) fn fail(&mut self, error: TranslateError) {
        self.error.get_or_insert(error);
        self.reachable = false;
    }

    /// The operator belongs to a proposal that is not supported.
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
