//! A machine that executes one instruction, or a few, from any state: by native handlers through a
//! probe in assembly, which fills all registers before and reads them after; or by those of `tail`.

use super::super::tail;
use super::objects::{self, HEAP};
use crate::addr::{GlobalAddr, TypeId, TypeInfo};
use crate::code::{Code, ModuleParts};
use crate::dispatch::Dispatch;
use crate::heap::{FIRST, LOG2_CARD, LOG2_CARD_GROUP};
use crate::host::{HostVTable, RawHost};
use crate::instance::Func;
use crate::machine::{Machine, Stop};
use crate::table::Global;
use crate::vm::{Vm, VmConfig};
use crate::watchpoints::{WatchedMemories, WatchedRange};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use burdock_ir::{Bank, CodeBuffer, Meaning};
use burdock_types::{GlobalType, IndexType, MemoryType, RefType, TableType, ValType};
use core::cell::UnsafeCell;
use core::ptr::{self, NonNull};
use core::sync::atomic::AtomicU64;

/// Slots of the stack; where on it the frame begins; where, in the frame, the slots begin that only
/// the reference uses.
pub(super) const STACK: usize = 160;
pub(super) const FRAME: usize = 40;
pub(super) const SCRATCH: u16 = 100;
/// Bytes of memory, and of what lies behind it.
pub(super) const MEMORY: usize = 61;
const GUARD: usize = 35;
pub(super) const GLOBALS: usize = 4;
pub(super) const CELLS: usize = 3;
/// Words of code, and where in it the instruction is. All others stop the machine.
const CODE: usize = 320;
pub(super) const START: usize = 120;
/// The shortest jump.
pub(super) const JUMP: usize = 50;
/// The positions at which functions begin.
pub(super) const ENTRIES: [usize; 3] = [3, 40, 230];

/// The module's types, and the functions of its second table: where in `ENTRIES` they begin, or
/// none; they have these types in turn. The first table has the same, without the last.
pub(super) const TYPES: [TypeInfo; 2] =
    [TypeInfo { id: TypeId(3), record: 0 }, TypeInfo { id: TypeId(5), record: 0 }];
pub(super) const CALLED: [Option<usize>; 5] = [Some(0), None, Some(1), Some(2), Some(1)];

/// The elements of both tables at first: of a function its number in `CALLED` plus one, or null.
pub(super) const ELEMENTS: [u64; 2 * CALLED.len() - 1] = [1, 0, 3, 4, 1, 0, 3, 4, 5];
/// The maximum number of frames.
pub(super) const FRAMES: usize = 6;
/// The number of memories of the instance.
pub(super) const MEMORIES: usize = 3;

/// Everything that an instruction could change.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct State {
    pub(super) int: [u64; 6],
    pub(super) f32: [u32; 4],
    pub(super) f64: [u64; 7],
    /// The register in which native handlers leave vectors.
    pub(super) vector: [u64; 2],
    pub(super) slots: [u64; STACK],
    pub(super) memory: [u8; MEMORY + GUARD],
    /// Each in two halves.
    pub(super) globals: [u64; 2 * GLOBALS],
    pub(super) cells: [u64; CELLS],
    pub(super) fuel: i64,
    /// The end of the stack that the host reports.
    pub(super) top: usize,
    pub(super) epoch_deadline: u64,
    /// The number of frames, at most `FRAMES`.
    pub(super) frames: usize,
    /// The elements of both tables.
    pub(super) elements: [u64; 2 * CALLED.len() - 1],
    /// Nonzero if there may be newer code.
    pub(super) detours: u8,
    /// The first bytes of the heap, their card, and its group.
    pub(super) heap: [u8; HEAP],
    pub(super) cards: [u8; 2],
    /// The position in the current run.
    pub(super) cursor: u32,
}

impl State {
    /// Returns the value of a register.
    pub(super) fn register(&self, bank: Bank, number: u8) -> u64 {
        let number = usize::from(number);
        match bank {
            Bank::Int => self.int[number],
            Bank::F32 => self.f32[number].into(),
            Bank::F64 => self.f64[number],
        }
    }

    pub(super) fn set_register(&mut self, bank: Bank, number: u8, value: u64) {
        let number = usize::from(number);
        match bank {
            Bank::Int => self.int[number] = value,
            Bank::F32 => self.f32[number] = value as u32,
            Bank::F64 => self.f64[number] = value,
        }
    }

    /// Clears the registers, where nothing reads them any more.
    pub(super) fn forget_registers(&mut self) {
        (self.int, self.f32, self.f64) = ([0; 6], [0; 4], [0; 7]);
        self.vector = [0; 2];
    }

    /// Leaves only numbers where floats may be read: which of two NaNs comes out is not said.
    pub(super) fn without_nans(&mut self) {
        self.memory = self.memory.map(|byte| byte & 0x6f);
        self.globals = self.globals.map(|value| value & 0x6f6f_6f6f);
    }

    /// Returns a slot of the frame.
    pub(super) fn slot(&mut self, slot: u16) -> &mut u64 {
        &mut self.slots[FRAME + usize::from(slot)]
    }
}

/// The place and reason of a stop: in words from the instruction, in slots from the frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct End {
    pub(super) stop: Stop,
    pub(super) ip: isize,
    pub(super) sp: isize,
}

/// The values to which the probe sets the processor's registers, and those that it reads.
#[repr(C)]
#[derive(Clone, Copy)]
struct Registers {
    machine: [u64; 5],
    int: [u64; 6],
    f32: [u64; 4],
    f64: [u64; 7],
    vector: [u64; 2],
}

#[cfg(target_arch = "aarch64")]
#[path = "probe_aarch64.rs"]
mod probe;
#[cfg(target_arch = "x86_64")]
#[path = "probe_x86_64.rs"]
mod probe;

#[allow(improper_ctypes, reason = "`Stop` is a number of eight bits")]
unsafe extern "C-unwind" {
    /// Executes from `machine[0]` on, until `burdock_native_probe_end` or a stop.
    fn burdock_native_probe(registers: *mut Registers) -> Stop;
}

unsafe extern "C" {
    /// The handler of the instruction that ends a run of the probe.
    static burdock_native_probe_end: u8;
}

/// A host that errs at every third site.
static HOST: HostVTable = HostVTable { observe: observe_or_err, ..*RawHost::NONE.vtable };

extern "C-unwind" fn observe_or_err(_: NonNull<()>, site: u32) -> bool {
    site.is_multiple_of(3)
}

/// A machine with code, memory and globals of its own.
pub(super) struct Rig {
    vm: Box<Vm>,
    code: Vec<u64>,
    memory: [u8; MEMORY + GUARD],
    globals: Vec<Global>,
    /// The lists in which the machine finds globals and functions.
    _tables: (Vec<NonNull<Global>>, Vec<*const u64>),
}

/// The configuration of the store.
const CONFIG: VmConfig = VmConfig {
    dispatch: Dispatch::Native,
    max_stack_bytes: STACK * 8,
    initial_stack_bytes: STACK * 8,
    max_host_depth: 1,
    max_frames: FRAMES,
    backtrace_frames: 0,
    keep_fuel: false,
    huge_pages: false,
    memory_room: None,
    heap: crate::heap::HeapConfig::DEFAULT,
};

impl Rig {
    pub(super) fn new() -> Self {
        let mut vm = Box::new(Vm::new(CONFIG, Arc::new(AtomicU64::new(7))));
        vm.args_mut(STACK).expect("the stack may have so many slots");
        let ty = GlobalType { content: ValType::I64, mutable: true };
        let global =
            |n: usize| Global { cell: UnsafeCell::new([0; 2]), ty, address: GlobalAddr(n as u32) };
        let mut globals: Vec<Global> = (0..GLOBALS).map(global).collect();
        let code = alloc::vec![0; CODE];
        let parts = ModuleParts {
            dispatch: Dispatch::Native,
            target: Arc::new(super::super::target()),
            binary: [].into(),
            types: TYPES.into(),
        };
        let nothing = Code::eager(CodeBuffer::default(), parts);
        let instance = vm.begin_instance(nothing, &[], &[]);
        let pointer = vm.entities.instances.pointer(instance.index());
        for (n, called) in CALLED.into_iter().enumerate() {
            let entry = called.map_or(ptr::null(), |at| &raw const code[ENTRIES[at]]);
            let (index, ty) = (n as u32, TYPES[n % TYPES.len()].id);
            vm.push_func(Func { entry, instance: Some(pointer), index, ty, span: 0 });
        }
        for len in [CALLED.len() - 1, CALLED.len()] {
            let (index, element) = (IndexType::I32, RefType::FUNCREF);
            let ty = TableType { index, element, min: len as u64, max: None };
            let table = vm.alloc_table(ty, 0).expect("it is small");
            vm.push_table(instance, table);
        }
        // The first is where the bytes are that a state has.
        for page_size_log2 in [2, 16, 0] {
            let ty = MemoryType { index: IndexType::I32, min: 0, max: None, page_size_log2 };
            let memory = vm.alloc_memory_static(ty, &mut []).expect("it has no bytes");
            vm.push_memory(instance, memory);
        }
        let types = objects::begin(&mut vm.heap);
        vm.set_runtime_types(instance, types.into());
        vm.enter_instance(pointer);
        let cells: Vec<NonNull<Global>> = globals.iter_mut().map(NonNull::from).collect();
        let entries: Vec<*const u64> = ENTRIES.iter().map(|&at| &raw const code[at]).collect();
        (vm.hot.instance_globals, vm.hot.entries) = (cells.as_ptr(), entries.as_ptr());
        (vm.instrumentation.counters, vm.run.host.vtable) = (alloc::vec![0; CELLS], &HOST);
        // Half of the addresses.
        let (memories, addresses) = (WatchedMemories::All, 1 << 62..3 << 62);
        vm.watch([WatchedRange { memories, addresses }].into());
        vm.hot.cells = vm.instrumentation.counters.as_mut_ptr();
        let memory = [0; MEMORY + GUARD];
        Self { vm, code, memory, globals, _tables: (cells, entries) }
    }

    /// Returns the address of a word of the code, counted from the instruction.
    pub(super) fn address(&self, distance: isize) -> u64 {
        let at = START.wrapping_add_signed(distance);
        (&raw const self.code[at]) as u64
    }

    /// Returns the address of the code of one of the [`ENTRIES`].
    pub(super) fn entry(&self, func: usize) -> u64 {
        (&raw const self.code[ENTRIES[func]]) as u64
    }

    /// Returns the head at which a run ends.
    pub(super) fn end_head() -> u64 {
        (&raw const burdock_native_probe_end) as u64
    }

    /// Executes these words by native handlers, whose addresses are the heads.
    pub(super) fn native(&mut self, words: &[u64], state: &mut State) -> End {
        let end = Self::end_head();
        // A right guess or a wrong one: the last word of a jump says how far it goes.
        let jump = words.last().map_or(0, |word| (word >> 32) as i32);
        self.vm.jumps.write([if state.fuel % 2 == 0 { jump } else { 0 }; _]);
        let machine = self.prepare(words, end, state);
        let fields =
            [machine.ip as u64, machine.sp as u64, machine.memory as u64, MEMORY as u64, {
                machine.vm as u64
            }];
        let mut registers = Registers {
            machine: fields,
            int: state.int,
            // The upper half is unused.
            f32: state.f32.map(|bits| u64::from(bits) | 0xdead_beef << 32),
            f64: state.f64,
            vector: state.vector,
        };
        // SAFETY: [CODE] the words are instructions, and what is around them ends the run; [SLOT]
        // [MEM] the frame and the memory are the rig's.
        let stop = unsafe { burdock_native_probe(&raw mut registers) };
        let parked = (self.vm.run.parked.ip as u64, self.vm.run.parked.sp);
        self.read_back(state);
        if stop != Stop::DONE {
            return self.end(stop, parked.0, parked.1);
        }
        let [ip, sp, rest @ ..] = registers.machine;
        assert_eq!(rest, fields[2..], "memory, its length or the Vm was changed");
        state.int = registers.int;
        state.f32 = registers.f32.map(|bits| bits as u32);
        state.f64 = registers.f64;
        state.vector = registers.vector;
        let position = (sp as usize).wrapping_sub(self.vm.runs.stack.base() as usize) / 8;
        self.end(stop, ip, position)
    }

    /// Executes these words by handlers of `tail`, whose addresses are the heads.
    pub(super) fn reference(&mut self, words: &[u64], state: &mut State) -> End {
        let end = Dispatch::Tail.head(Meaning::Exit.only_op());
        let machine = self.prepare(words, end, state);
        // SAFETY: [CODE] as above.
        let stop = unsafe { tail::run(machine) };
        self.read_back(state);
        let parked = self.vm.run.parked;
        self.end(stop, parked.ip as u64, parked.sp)
    }

    /// Returns the addresses of the card of the objects, and of its group.
    fn cards(&mut self) -> [*mut u8; 2] {
        let bump = self.vm.heap.bump();
        let card = bump.cards.wrapping_add((FIRST >> LOG2_CARD) as usize);
        [card, bump.card_groups.wrapping_add((FIRST >> LOG2_CARD_GROUP) as usize)]
    }

    fn end(&self, stop: Stop, ip: u64, sp: usize) -> End {
        let from = (&raw const self.code[START]) as i64;
        let ip = (ip as i64).wrapping_sub(from) as isize / 8;
        End { stop, ip, sp: sp as isize - FRAME as isize }
    }

    fn prepare(&mut self, words: &[u64], end: u64, state: &State) -> Machine {
        assert!(words.len() < JUMP, "jumps lead out of the instructions");
        self.code.fill(end);
        self.code[START..START + words.len()].copy_from_slice(words);
        self.vm.runs.stack.slots_mut(0, STACK).copy_from_slice(&state.slots);
        self.vm.hot.fuel = state.fuel;
        self.memory = state.memory;
        let memory_0 = self.vm.entities.memories.get_mut(0);
        (memory_0.data, memory_0.len) = (NonNull::from(&mut self.memory).cast(), MEMORY);
        for (global, value) in self.globals.iter_mut().zip(state.globals.chunks_exact(2)) {
            global.cell.get_mut().copy_from_slice(value);
        }
        self.vm.instrumentation.counters.copy_from_slice(&state.cells);
        self.vm.hot.epoch_deadline = state.epoch_deadline;
        (self.vm.run.top, self.vm.run.detours) = (state.top, state.detours);
        self.vm.run.frames = state.frames;
        let (first, second) = state.elements.split_at(CALLED.len() - 1);
        self.vm.entities.tables.get_mut(0).set_elements(first).expect("room");
        self.vm.entities.tables.get_mut(1).set_elements(second).expect("room");
        self.vm.heap.set(FIRST, state.heap).expect("the heap has memory");
        for (at, card) in self.cards().into_iter().zip(state.cards) {
            // SAFETY: [HEAP] the heap has memory at its first offset, and a card and group for it.
            unsafe { at.write(card) };
        }
        let bump = self.vm.heap.bump();
        (bump.cursor, bump.limit) = (state.cursor, FIRST + HEAP as u32);
        let newer = NonNull::from(&mut self.code[START + JUMP + 1]);
        self.vm.instrumentation.successors = alloc::vec![None, Some(newer)];
        if state.detours == 0 {
            self.vm.instrumentation.successors.clear();
        }
        Machine {
            ip: &raw const self.code[START],
            sp: self.vm.runs.stack.base().wrapping_add(FRAME),
            memory: self.memory.as_mut_ptr(),
            memory_len: MEMORY,
            vm: &raw mut *self.vm,
            int: 0,
            f32: 0.0,
            f64: 0.0,
        }
    }

    /// Reads the machine's state after a run, except for registers.
    fn read_back(&mut self, state: &mut State) {
        state.slots.copy_from_slice(self.vm.runs.stack.slots(0, STACK));
        state.fuel = self.vm.hot.fuel;
        state.memory = self.memory;
        state.cells.copy_from_slice(&self.vm.instrumentation.counters);
        state.heap = self.vm.heap.get(FIRST).expect("the heap has memory");
        // SAFETY: [HEAP] the heap has memory at its first offset, and a card and group for it.
        state.cards = self.cards().map(|at| unsafe { at.read() });
        state.cursor = self.vm.heap.bump().cursor;
        (state.top, state.detours) = (self.vm.run.top, self.vm.run.detours);
        state.frames = self.vm.run.frames;
        let tables = [0, 1].map(|table| self.vm.entities.tables.get(table).elements());
        state.elements.copy_from_slice(&tables.concat());
        for (global, value) in self.globals.iter_mut().zip(state.globals.chunks_exact_mut(2)) {
            value.copy_from_slice(global.cell.get_mut());
        }
    }
}
