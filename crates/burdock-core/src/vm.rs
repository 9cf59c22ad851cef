//! `Vm`: everything of a store that the machine works on. What embedders do with it is safe; what
//! handlers do with it goes through the pointers that are kept here beside the entities.

use crate::dispatch::Dispatch;
use crate::entities::Entities;
use crate::exception::Exceptions;
use crate::handles::Handles;
use crate::heap::{Heap, HeapConfig, HeapImage};
use crate::instance::Instance;
use crate::kept::KeptRegisters;
use crate::memory::{Memory, NO_MEMORY};
use crate::observe::Instrumentation;
use crate::run_state::{RunState, Runs};
use crate::table::Global;
use crate::watched::Watched;
use crate::watchpoints::WatchedAddresses;
use crate::{HostFunc, InstanceAddr, TypeId};
use alloc::sync::Arc;
use burdock_types::{FuncIdx, Trap};
use core::marker::PhantomPinned;
use core::ptr::{self, NonNull};
use core::sync::atomic::AtomicU64;
use spin::Mutex;

/// The configuration of a machine.
#[derive(Clone, Copy, Debug)]
pub struct VmConfig {
    /// The dispatcher of the code it will run.
    pub dispatch: Dispatch,
    /// The largest number of bytes that frames may take.
    pub max_stack_bytes: usize,
    /// The initial number of bytes for frames.
    pub initial_stack_bytes: usize,
    /// The most calls from the host into guests that may be nested, each within a call from a
    /// guest.
    pub max_host_depth: u32,
    /// The most frames that a run may have, in code that counts them.
    pub max_frames: usize,
    /// The most frames of a trap's backtrace.
    pub backtrace_frames: usize,
    /// Keep the fuel that was too little for a run to go on.
    pub keep_fuel: bool,
    /// `true` if memories that have grown large use huge pages.
    pub huge_pages: bool,
    /// The number of bytes that memories can grow to without moving; `None` if they may move.
    pub memory_room: Option<usize>,
    /// The configuration of the heap.
    pub heap: HeapConfig,
}

/// Slots of a host call: parameters first, then results in the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotSpan {
    pub(crate) start: usize,
    pub(crate) len: usize,
}

/// A frame of a backtrace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawFrame {
    /// The instance of the function.
    pub instance: InstanceAddr,
    /// The function.
    pub func: FuncIdx,
    /// Byte offset, in the module, of the operator that is being executed.
    pub offset: u32,
}

/// A function of a store, as embedders see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FuncInfo {
    /// The function's type.
    pub ty: TypeId,
    /// The function's kind.
    pub kind: FuncKind,
}

/// The kind of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FuncKind {
    /// A function of the embedder.
    Host(HostFunc),
    /// A function of a module.
    Wasm {
        /// The instance.
        instance: InstanceAddr,
        /// The index in the module.
        index: FuncIdx,
    },
}

/// The position at which guest code was left for a call of the host, or a trap.
#[derive(Clone, Copy)]
pub(crate) struct Parked {
    pub(crate) ip: *const u64,
    /// Position of the frame on the stack.
    pub(crate) sp: usize,
    pub(crate) instance: *mut Instance,
}

impl Parked {
    pub(crate) const NOWHERE: Self = Self { ip: ptr::null(), sp: 0, instance: ptr::null_mut() };

    /// Returns the position without the mark.
    pub(crate) fn ip(&self) -> *const u64 {
        self.ip.map_addr(|address| address & !1)
    }

    /// Marks the position: cursors lead to the frames of the guest that is parked there. Parking
    /// the guest again removes the mark. (Positions are even.)
    pub(crate) fn view(&mut self) {
        self.ip = self.ip.map_addr(|address| address | 1);
    }

    /// Returns `true` if a cursor was made since the guest was parked.
    pub(crate) fn is_viewed(&self) -> bool {
        self.ip.addr() & 1 != 0
    }
}

/// The continuation of a call into another instance.
#[derive(Clone, Copy)]
pub(crate) struct Switch {
    pub(crate) ip: *const u64,
    pub(crate) instance: *mut Instance,
}

/// Code that belongs to no function; a dispatcher's machines all have the same.
pub(crate) struct Stubs {
    /// Ends a run. The outermost frame of a run returns there.
    pub(crate) exit: [u64; 1],
    /// Returns to the instance on top of `Runs::switches`.
    pub(crate) return_to_instance: [u64; 1],
    /// Reads the registers that were kept, and goes on where they were.
    pub(crate) go_on: [u64; 1],
    /// The code that keeps the registers, and ends the run with an error of the host.
    #[cfg(tail_dispatch)]
    pub(crate) wait: [u64; 1],
}

impl Stubs {
    /// Returns `true` for the address of one of these instructions.
    #[cfg(loop_dispatch)]
    pub(crate) fn holds(&self, ip: *const u64) -> bool {
        let stubs = [&self.exit, &self.return_to_instance, &self.go_on];
        stubs.map(|stub| stub.as_ptr()).contains(&ip)
    }
}

/// The part of a machine that handlers use all the time, and, with the state of the run
/// ([`RunState`]), the only part whose fields native handlers address.
//
// The fields are in this order, and first in `Vm`, because offsets below 128 take one byte of an
// instruction on x86-64.
#[repr(C)]
pub(crate) struct Hot {
    pub(crate) stack_base: *mut u64,
    pub(crate) stack_end: *mut u64,
    /// Memory 0 of the instance; if it has none, one without bytes.
    pub(crate) memory: *const Memory,
    /// The addresses at which calls of the instance's functions begin.
    pub(crate) entries: *const *const u64,
    pub(crate) instance_globals: *const NonNull<Global>,
    pub(crate) fuel: i64,
    pub(crate) epoch_deadline: u64,
    /// The number of frames that a run may have, in code that counts them.
    pub(crate) max_frames: usize,
    /// The counters' cells; see [`Instrumentation`].
    pub(crate) cells: *mut u64,
    /// The current epoch, which the machine shares with the engine.
    #[cfg(native_dispatch)]
    pub(crate) epoch: *const AtomicU64,
    #[cfg(native_dispatch)]
    pub(crate) callees: Callees,
    pub(crate) stubs: &'static Stubs,
    /// The registers that an instruction's slow way has left.
    #[cfg(tail_dispatch)]
    pub(crate) registers: crate::machine::Registers,
}

/// The lists that only native handlers read: those of the instance, and the list of functions.
#[cfg(native_dispatch)]
#[repr(C)]
pub(crate) struct Callees {
    /// The instance's memories, tables and types.
    pub(crate) memories: *const (NonNull<Memory>, crate::MemoryAddr),
    pub(crate) tables: *const NonNull<crate::table::Table>,
    pub(crate) types: *const crate::TypeInfo,
    /// All functions of the store.
    pub(crate) funcs: *const crate::instance::Func,
}

#[cfg(native_dispatch)]
impl Callees {
    const NONE: Self =
        Self { memories: ptr::null(), tables: ptr::null(), types: ptr::null(), funcs: ptr::null() };
}

/// Everything of a store that the machine works on.
#[repr(C)] // `Hot` comes first.
pub struct Vm {
    pub(crate) hot: Hot,
    /// The state of the current run; at first, of a store in which no run executes.
    pub(crate) run: RunState,
    pub(crate) heap: Heap,
    /// The images of the heap that snapshots contain.
    pub(crate) images: Watched<HeapImage>,
    pub(crate) runs: Runs,
    pub(crate) entities: Entities,
    pub(crate) exceptions: Exceptions,
    /// The references that the host holds. Locked, because values are shown to whom has shared
    /// access to the store.
    pub(crate) handles: Mutex<Handles>,
    pub(crate) instrumentation: Instrumentation,
    pub(crate) config: VmConfig,
    /// The current epoch, which code that checks it reads.
    pub(crate) epoch: Arc<AtomicU64>,
    /// The code to which native handlers jump to trap: it parks the guest.
    #[cfg(native_dispatch)]
    pub(crate) at_trap: *const (),
    /// The registers that were kept at the last trap.
    pub(crate) kept: KeptRegisters,
    /// The addresses with which `br_if_watched` and its kin compare.
    pub(crate) watched: WatchedAddresses,
    /// The distances that jumps went the last time, by which native handlers guess the next ones.
    /// Any number is a guess: see [`forget_jumps`](Vm::forget_jumps).
    #[cfg(native_dispatch)]
    pub(crate) jumps: core::mem::MaybeUninit<[i32; crate::dispatch::native::JUMP_GUESSES]>,
    /// Tells the compiler that a `&mut` of the store is not the only pointer to it: the machine and
    /// the host use it in turns, each by pointers of its own. (`UnsafePinned` will say this.)
    pub(crate) shared: PhantomPinned,
}

// SAFETY: [OWN] the pointers lead into what the same `Vm` owns, or has a share in (code).
unsafe impl Send for Vm {}
// SAFETY: [OWN] shared access to a `Vm` only reads.
unsafe impl Sync for Vm {}

impl Vm {
    /// Returns a machine without entities. Code that checks the epoch reads `epoch`.
    //
    // Inlined, with what it calls, so that each field is written to its place in the store. A call
    // makes the machine on the stack and copies it, and so does a panic that is possible while a
    // part exists, which would have to drop the part: copies were a sixth of the instructions that
    // make a store with an instance and drop it.
    #[inline(always)]
    pub fn new(config: VmConfig, epoch: Arc<AtomicU64>) -> Self {
        // Before the parts, because it may panic.
        let stubs = config.dispatch.stubs();
        Self {
            hot: Hot {
                stack_base: ptr::null_mut(),
                stack_end: ptr::null_mut(),
                memory: &raw const NO_MEMORY,
                entries: ptr::null(),
                instance_globals: ptr::null(),
                fuel: 0,
                epoch_deadline: 0,
                max_frames: config.max_frames,
                cells: ptr::null_mut(),
                #[cfg(native_dispatch)]
                epoch: Arc::as_ptr(&epoch),
                #[cfg(native_dispatch)]
                callees: Callees::NONE,
                stubs,
                #[cfg(tail_dispatch)]
                registers: crate::machine::Registers::NONE,
            },
            run: RunState::IDLE,
            heap: Heap::new(config.heap),
            images: Watched::NONE,
            runs: Runs::new(&config),
            entities: Entities::new(),
            exceptions: Exceptions::NONE,
            handles: Mutex::new(Handles::NONE),
            instrumentation: Instrumentation::default(),
            config,
            epoch,
            #[cfg(native_dispatch)]
            at_trap: crate::dispatch::native::park(),
            kept: KeptRegisters::NONE,
            watched: WatchedAddresses::default(),
            #[cfg(native_dispatch)]
            jumps: core::mem::MaybeUninit::uninit(),
            shared: PhantomPinned,
        }
    }

    /// Sets all guesses of jumps to 0. Call this once the machine is at its place, before it runs:
    /// [`new`](Self::new) leaves the guesses as its memory was, because a list of this length would
    /// be made on the stack and copied. Any guess is allowed, but none should be what an earlier
    /// owner of the memory has left there: the processor executes ahead by it.
    #[inline]
    pub fn forget_jumps(&mut self) {
        #[cfg(native_dispatch)]
        self.jumps.write([0; _]);
    }

    /// Updates the stack's addresses. Must be called after anything that moves the stack.
    pub(crate) fn refresh_stack(&mut self) {
        self.hot.stack_base = self.runs.stack.base();
        self.hot.stack_end = self.hot.stack_base.wrapping_add(self.runs.stack.len());
    }

    /// Returns the store's heap.
    #[doc(hidden)]
    pub fn heap(&self) -> &Heap {
        &self.heap
    }

    // Fuel and epochs.

    /// Returns the fuel that is left; negative if a segment of code took more than was left.
    pub fn fuel(&self) -> i64 {
        self.hot.fuel
    }

    /// Sets the fuel that is left.
    pub fn set_fuel(&mut self, fuel: i64) {
        self.hot.fuel = fuel;
    }

    /// Returns the epoch at which code that checks the epoch calls the host.
    pub fn epoch_deadline(&self) -> u64 {
        self.hot.epoch_deadline
    }

    /// Sets the epoch at which code that checks the epoch calls the host.
    pub fn set_epoch_deadline(&mut self, deadline: u64) {
        self.hot.epoch_deadline = deadline;
    }

    // Calls.

    /// Returns room for a call's arguments and results. Write the arguments there, call
    /// [`run`](crate::run), and read [`results`](Self::results).
    ///
    /// # Errors
    ///
    /// `StackOverflow`
    #[inline]
    pub fn args_mut(&mut self, slots: usize) -> Result<&mut [u64], Trap> {
        if !self.runs.stack.reserve(self.run.top + slots) {
            return Err(Trap::StackOverflow);
        }
        self.refresh_stack();
        self.runs.args = self.run.top;
        Ok(self.runs.stack.slots_mut(self.runs.args, slots))
    }

    /// Returns the results of the call that ended last.
    #[inline]
    pub fn results(&self, slots: usize) -> &[u64] {
        self.runs.stack.slots(self.runs.args, slots)
    }

    /// Keeps the slots of a host call for which a guest waits: the calls that begin meanwhile use
    /// those behind them.
    pub fn keep_slots(&mut self, span: SlotSpan) {
        self.run.top = self.run.top.max(span.start + span.len);
    }

    /// Returns the slots of a host call.
    #[inline]
    pub fn slots(&self, span: SlotSpan) -> &[u64] {
        self.runs.stack.slots(span.start, span.len)
    }

    /// Returns the slots of a host call, to be written.
    #[inline]
    pub fn slots_mut(&mut self, span: SlotSpan) -> &mut [u64] {
        self.runs.stack.slots_mut(span.start, span.len)
    }

    /// Returns the instance that calls the host, during a host call.
    pub fn caller_instance(&self) -> Option<InstanceAddr> {
        // SAFETY: [ADDR] an instance lives as long as the store.
        unsafe { self.run.parked.instance.as_ref() }.map(|instance| InstanceAddr(instance.address))
    }
}

impl core::fmt::Debug for Vm {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Vm")
            .field("instances", &self.entities.instances.len())
            .finish_non_exhaustive()
    }
}
