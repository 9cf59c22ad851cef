//! `Vm`: everything of a store that the machine works on. What embedders do with it is safe; what
//! handlers do with it goes through the pointers that are kept here beside the entities.

use crate::arena::Arena;
use crate::dispatch::Dispatch;
use crate::instance::{Func, Instance};
use crate::instantiate::Before;
use crate::memory::{Memory, NO_MEMORY};
use crate::run_state::RunState;
use crate::stack::Stack;
use crate::table::{Global, Table};
use crate::{
    FuncAddr, GlobalAddr, HostFunc, InstanceAddr, MemoryAddr, OutOfMemory, RawRef, TableAddr,
    TypeId,
};
use alloc::{sync::Arc, vec::Vec};
use burdock_types::{
    ElemIdx, FuncIdx, GlobalIdx, GlobalType, MemoryIdx, MemoryType, TableIdx, TableType, Trap,
};
use core::ptr::{self, NonNull};
use core::sync::atomic::AtomicU64;

/// How a machine is made.
#[derive(Clone, Debug)]
pub struct VmConfig {
    /// The dispatcher of the code it will run.
    pub dispatch: Dispatch,
    /// The most bytes that frames may take.
    pub max_stack_bytes: usize,
    /// Bytes for frames at first.
    pub initial_stack_bytes: usize,
    /// How deep calls from the host into guests may be nested, each within a call from a guest.
    pub max_host_depth: u32,
    /// How many frames a run may have, where code counts them.
    pub max_frames: usize,
    /// How many frames of a trap's backtrace are kept.
    pub backtrace_frames: usize,
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
    /// Whose function it is.
    pub instance: InstanceAddr,
    /// The function.
    pub func: FuncIdx,
    /// Byte offset, in the module, of the operator that is being executed.
    pub offset: u32,
}

/// A function of a store, as embedders see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FuncInfo {
    /// Its type.
    pub ty: TypeId,
    /// What it is.
    pub kind: FuncKind,
}

/// What a function is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FuncKind {
    /// The embedder's.
    Host(HostFunc),
    /// A module's.
    Wasm {
        /// Whose.
        instance: InstanceAddr,
        /// Which of the module.
        index: FuncIdx,
    },
}

/// Where guest code was left: for a host call, a trap, or anything else that the host is asked.
#[derive(Clone, Copy)]
pub(crate) struct Parked {
    pub(crate) ip: *const u64,
    /// Position of the frame on the stack.
    pub(crate) sp: usize,
    pub(crate) instance: *mut Instance,
}

impl Parked {
    pub(crate) const NOWHERE: Self = Self { ip: ptr::null(), sp: 0, instance: ptr::null_mut() };

    /// The position, without the mark.
    pub(crate) fn ip(&self) -> *const u64 {
        self.ip.map_addr(|address| address & !1)
    }

    /// Marks the place: somebody looks at the frames of the guest that is parked here. Parking
    /// anew takes the mark away. (Positions are even.)
    pub(crate) fn view(&mut self) {
        self.ip = self.ip.map_addr(|address| address | 1);
    }

    /// Whether somebody has looked since the guest was parked here.
    pub(crate) fn is_viewed(&self) -> bool {
        self.ip.addr() & 1 != 0
    }
}

/// Where to go on when a call into another instance returns.
#[derive(Clone, Copy)]
pub(crate) struct Switch {
    pub(crate) ip: *const u64,
    pub(crate) instance: *mut Instance,
}

/// Code that belongs to no function; a dispatcher's machines all have the same.
pub(crate) struct Stubs {
    /// Ends a run: where the outermost frame of a run returns to.
    pub(crate) exit: [u64; 1],
    /// Goes back to the instance on top of `switches`.
    pub(crate) return_to_instance: [u64; 1],
}

impl Stubs {
    /// Whether an instruction is one of these.
    #[cfg(loop_dispatch)]
    pub(crate) fn holds(&self, ip: *const u64) -> bool {
        [self.exit.as_ptr(), self.return_to_instance.as_ptr()].contains(&ip)
    }
}

/// Where native handlers find memories, tables, and what an indirect call calls.
#[cfg(native_dispatch)]
pub(crate) struct Callees {
    /// The instance's memories, tables and types.
    pub(crate) memories: *const (NonNull<Memory>, MemoryAddr),
    pub(crate) tables: *const NonNull<Table>,
    pub(crate) types: *const crate::TypeInfo,
    /// All functions of the store.
    pub(crate) funcs: *const Func,
}

#[cfg(native_dispatch)]
impl Callees {
    const NONE: Self =
        Self { memories: ptr::null(), tables: ptr::null(), types: ptr::null(), funcs: ptr::null() };
}

/// Everything of a store that the machine works on.
pub struct Vm {
    // What handlers use all the time.
    pub(crate) stack_base: *mut u64,
    pub(crate) stack_end: *mut u64,
    /// Memory 0 of the instance; if it has none, one without bytes.
    pub(crate) memory: *const Memory,
    pub(crate) entries: *const *const u64,
    pub(crate) globals_of_instance: *const NonNull<Global>,
    #[cfg(native_dispatch)]
    pub(crate) callees: Callees,
    pub(crate) fuel: i64,
    pub(crate) epoch: Arc<AtomicU64>,
    /// Where it is, for native handlers.
    #[cfg(native_dispatch)]
    pub(crate) epoch_at: *const AtomicU64,
    pub(crate) epoch_deadline: u64,
    /// What an instruction's slow way has left.
    #[cfg(tail_dispatch)]
    pub(crate) registers: crate::machine::Registers,
    pub(crate) funcs: Vec<Func>,
    pub(crate) stubs: &'static Stubs,
    pub(crate) switches: Vec<Switch>,

    // Runs: the current one, and those that wait for it, the outermost first (at first the state of
    // a store in which no run executes).
    pub(crate) run: RunState,
    pub(crate) waiting: Vec<RunState>,
    /// The stack of the current run.
    pub(crate) stack: Stack,
    /// The stacks of runs that wait for a run with a stack of its own, the outermost first.
    pub(crate) waiting_stacks: Vec<Stack>,
    /// Where arguments were put, and results are.
    pub(crate) args: usize,
    /// Shared with every call that was stopped and could be resumed, once there was one.
    pub(crate) paused: spin::Once<Arc<()>>,
    pub(crate) spare_stacks: Vec<Stack>,
    pub(crate) config: VmConfig,

    // Observation.
    /// The heads that an instruction `observe` may have; none before any code is observed.
    pub(crate) observe: Vec<u64>,
    /// Cells of what code counts.
    pub(crate) counters: Vec<u64>,
    /// Where they are.
    pub(crate) cells: *mut u64,
    /// Code that is observed, by its version: whose it is, and where it begins.
    pub(crate) versions: Vec<(InstanceAddr, usize)>,
    /// For each site, where the guest goes on if its function has newer code.
    pub(crate) successors: Vec<Option<NonNull<u64>>>,
    /// The latest stamp of cursors to a parked guest's frames. Each mark gets a new stamp.
    pub(crate) views: u64,

    // Entities.
    pub(crate) tables: Arena<Table>,
    pub(crate) memories: Arena<Memory>,
    pub(crate) globals: Arena<Global>,
    pub(crate) instances: Arena<Instance>,
    /// The numbers of entities before the instance that is being made, if there is one.
    pub(crate) unfinished: Option<Before>,
}

// SAFETY: [OWN] the pointers lead into what the same `Vm` owns, or has a share in (code).
unsafe impl Send for Vm {}
// SAFETY: [OWN] shared access to a `Vm` only reads.
unsafe impl Sync for Vm {}

impl Vm {
    /// A machine without entities. `epoch` is what code that checks the epoch reads.
    pub fn new(config: VmConfig, epoch: Arc<AtomicU64>) -> Self {
        Self {
            stack_base: ptr::null_mut(),
            stack_end: ptr::null_mut(),
            memory: &raw const NO_MEMORY,
            entries: ptr::null(),
            globals_of_instance: ptr::null(),
            #[cfg(native_dispatch)]
            callees: Callees::NONE,
            fuel: 0,
            #[cfg(native_dispatch)]
            epoch_at: Arc::as_ptr(&epoch),
            epoch,
            epoch_deadline: 0,
            #[cfg(tail_dispatch)]
            registers: crate::machine::Registers::NONE,
            funcs: Vec::new(),
            stubs: config.dispatch.stubs(),
            switches: Vec::new(),
            stack: Stack::new(config.initial_stack_bytes / 8, config.max_stack_bytes / 8),
            run: RunState::IDLE,
            waiting: Vec::new(),
            waiting_stacks: Vec::new(),
            args: 0,
            paused: spin::Once::new(),
            spare_stacks: Vec::new(),
            config,
            observe: Vec::new(),
            counters: Vec::new(),
            cells: ptr::null_mut(),
            versions: Vec::new(),
            successors: Vec::new(),
            views: 0,
            tables: Arena::new(),
            memories: Arena::new(),
            globals: Arena::new(),
            instances: Arena::new(),
            unfinished: None,
        }
    }

    /// Has to follow whatever moves the stack.
    pub(crate) fn refresh_stack(&mut self) {
        self.stack_base = self.stack.base();
        self.stack_end = self.stack_base.wrapping_add(self.stack.len());
    }

    // Functions.

    /// Adds a host function. `span` slots: its parameters' or its results', whichever are more.
    pub fn alloc_host_func(
        &mut self,
        ty: TypeId,
        param_slots: u32,
        result_slots: u32,
        host: HostFunc,
    ) -> FuncAddr {
        let span = param_slots.max(result_slots);
        self.push_func(Func { entry: ptr::null(), instance: None, index: host.0, ty, span })
    }

    pub(crate) fn push_func(&mut self, func: Func) -> FuncAddr {
        let address = FuncAddr(self.funcs.len() as u32);
        self.funcs.push(func);
        self.refresh_funcs();
        address
    }

    /// Has to follow whatever moves the list of functions.
    pub(crate) fn refresh_funcs(&mut self) {
        #[cfg(native_dispatch)]
        {
            self.callees.funcs = self.funcs.as_ptr();
        }
    }

    /// Has calls of a defined function begin elsewhere.
    pub(crate) fn set_entry(&mut self, instance: InstanceAddr, defined: u32, entry: *const u64) {
        let instance = self.instances.get_mut(instance.index());
        instance.entries[defined as usize] = entry;
        self.funcs[(instance.first_func + defined) as usize].entry = entry;
    }

    /// What a function is.
    pub fn func(&self, func: FuncAddr) -> FuncInfo {
        let Func { instance, index, ty, .. } = self.funcs[func.index()];
        let kind = match instance {
            None => FuncKind::Host(HostFunc(index)),
            Some(instance) => {
                // SAFETY: [ADDR] a function's instance lives as long as the store.
                let instance = unsafe { instance.as_ref() };
                let index = FuncIdx(instance.imported.len() as u32 + index);
                FuncKind::Wasm { instance: InstanceAddr(instance.address), index }
            }
        };
        FuncInfo { ty, kind }
    }

    /// Whether a reference is null or to a function of this machine.
    pub fn knows_func(&self, raw: RawRef) -> bool {
        raw <= self.funcs.len() as u64
    }

    // Memories.

    /// Adds a memory of its type's least size.
    ///
    /// # Errors
    ///
    /// The system has no room for it.
    pub fn alloc_memory(&mut self, ty: MemoryType) -> Result<MemoryAddr, OutOfMemory> {
        Ok(MemoryAddr(self.memories.push(Memory::new(ty)?)))
    }

    /// Adds a memory that lives in the embedder's buffer and cannot grow beyond it.
    ///
    /// # Errors
    ///
    /// The buffer is smaller than the type's least size.
    pub fn alloc_memory_static(
        &mut self,
        ty: MemoryType,
        buffer: &'static mut [u8],
    ) -> Result<MemoryAddr, OutOfMemory> {
        Ok(MemoryAddr(self.memories.push(Memory::new_static(ty, buffer)?)))
    }

    /// The type that the memory was made with.
    pub fn memory_type(&self, memory: MemoryAddr) -> MemoryType {
        self.memories.get(memory.index()).ty()
    }

    /// Its size in pages.
    pub fn memory_size(&self, memory: MemoryAddr) -> u64 {
        self.memories.get(memory.index()).size()
    }

    /// Its bytes.
    pub fn memory_data(&self, memory: MemoryAddr) -> &[u8] {
        self.memories.get(memory.index()).bytes()
    }

    /// Its bytes, to be written.
    pub fn memory_data_mut(&mut self, memory: MemoryAddr) -> &mut [u8] {
        self.memories.get_mut(memory.index()).bytes_mut()
    }

    /// Grows it by so many pages; gives its size before, or `None` if there is no room.
    pub fn memory_grow(&mut self, memory: MemoryAddr, delta: u64) -> Option<u64> {
        self.memories.get_mut(memory.index()).grow(delta)
    }

    // Tables.

    /// Adds a table of its type's least size.
    ///
    /// # Errors
    ///
    /// The system has no room for it.
    pub fn alloc_table(&mut self, ty: TableType, init: RawRef) -> Result<TableAddr, OutOfMemory> {
        let address = TableAddr(self.tables.len() as u32);
        self.tables.push(Table::new(ty, init, address)?);
        Ok(address)
    }

    /// The type that the table was made with.
    pub fn table_type(&self, table: TableAddr) -> TableType {
        self.tables.get(table.index()).ty()
    }

    /// Its size in elements.
    pub fn table_size(&self, table: TableAddr) -> u64 {
        self.tables.get(table.index()).size()
    }

    /// An element.
    pub fn table_get(&self, table: TableAddr, index: u64) -> Option<RawRef> {
        self.tables.get(table.index()).get(index)
    }

    /// Writes an element.
    ///
    /// # Errors
    ///
    /// `TableOutOfBounds`
    pub fn table_set(&mut self, table: TableAddr, index: u64, value: RawRef) -> Result<(), Trap> {
        self.tables.get_mut(table.index()).set(index, value)
    }

    /// Grows it by so many elements; gives its size before, or `None` if there is no room.
    pub fn table_grow(&mut self, table: TableAddr, delta: u64, init: RawRef) -> Option<u64> {
        self.tables.get_mut(table.index()).grow(delta, init)
    }

    /// Writes one value to a range.
    ///
    /// # Errors
    ///
    /// `TableOutOfBounds`
    pub fn table_fill(
        &mut self,
        table: TableAddr,
        at: u64,
        value: RawRef,
        len: u64,
    ) -> Result<(), Trap> {
        self.tables.get_mut(table.index()).fill(at, value, len)
    }

    /// Writes elements from a position on.
    ///
    /// # Errors
    ///
    /// `TableOutOfBounds`
    pub fn table_write(&mut self, table: TableAddr, at: u64, from: &[RawRef]) -> Result<(), Trap> {
        self.tables.get_mut(table.index()).write(at, from)
    }

    // Globals.

    /// Adds a global.
    pub fn alloc_global(&mut self, ty: GlobalType, value: [u64; 2]) -> GlobalAddr {
        let address = GlobalAddr(self.globals.len() as u32);
        self.globals.push(Global { cell: value.into(), ty, address });
        address
    }

    /// Its type.
    pub fn global_type(&self, global: GlobalAddr) -> GlobalType {
        self.globals.get(global.index()).ty
    }

    /// Its value, as it lies in slots (the second one only of a vector).
    pub fn global_get(&self, global: GlobalAddr) -> [u64; 2] {
        // SAFETY: [OWN] `&self` keeps writers away.
        unsafe { *self.globals.get(global.index()).cell.get() }
    }

    /// Writes its value.
    pub fn global_set(&mut self, global: GlobalAddr, value: [u64; 2]) {
        *self.globals.get_mut(global.index()).cell.get_mut() = value;
    }

    // Instances.

    pub(crate) fn instance_mut(&mut self, instance: InstanceAddr) -> &mut Instance {
        self.instances.get_mut(instance.index())
    }

    /// The address of an instance's function.
    pub fn instance_func(&self, instance: InstanceAddr, func: FuncIdx) -> FuncAddr {
        self.instances.get(instance.index()).func(func.0)
    }

    /// The address of an instance's table.
    pub fn instance_table(&self, instance: InstanceAddr, table: TableIdx) -> TableAddr {
        let table = self.instances.get(instance.index()).tables[table.index()];
        // SAFETY: [ADDR] a table lives as long as the store.
        unsafe { table.as_ref() }.address
    }

    /// The address of an instance's memory.
    pub fn instance_memory(&self, instance: InstanceAddr, memory: MemoryIdx) -> MemoryAddr {
        self.instances.get(instance.index()).memories[memory.index()].1
    }

    /// The address of an instance's global.
    pub fn instance_global(&self, instance: InstanceAddr, global: GlobalIdx) -> GlobalAddr {
        let global = self.instances.get(instance.index()).globals[global.index()];
        // SAFETY: [ADDR] a global lives as long as the store.
        unsafe { global.as_ref() }.address
    }

    /// Whether there are calls that were stopped and could be resumed.
    pub fn has_paused(&self) -> bool {
        self.paused.get().is_some_and(|there| Arc::strong_count(there) > 1)
    }

    /// What a call that was stopped and can be resumed holds, so that the machine knows of it.
    pub(crate) fn pause(&self) -> Arc<()> {
        Arc::clone(self.paused.call_once(Arc::default))
    }

    /// All tables.
    pub fn tables(&self) -> impl Iterator<Item = TableAddr> + use<> {
        (0..self.tables.len() as u32).map(TableAddr)
    }

    /// An element segment of an instance; empty once it was dropped.
    pub fn instance_elem(&self, instance: InstanceAddr, elem: ElemIdx) -> &[RawRef] {
        &self.instances.get(instance.index()).elems[elem.index()]
    }

    /// All memories.
    pub fn memories(&self) -> impl Iterator<Item = MemoryAddr> + use<> {
        (0..self.memories.len() as u32).map(MemoryAddr)
    }

    /// All globals.
    pub fn globals(&self) -> impl Iterator<Item = GlobalAddr> + use<> {
        (0..self.globals.len() as u32).map(GlobalAddr)
    }

    /// All instances.
    pub fn instances(&self) -> impl Iterator<Item = InstanceAddr> + use<> {
        (0..self.instances.len() as u32).map(InstanceAddr)
    }

    /// The addresses of an instance's memories.
    pub fn instance_memories(&self, instance: InstanceAddr) -> impl Iterator<Item = MemoryAddr> {
        self.instances.get(instance.index()).memories.iter().map(|(_, address)| *address)
    }

    /// The addresses of an instance's globals.
    pub fn instance_globals(&self, instance: InstanceAddr) -> impl Iterator<Item = GlobalAddr> {
        let globals = 0..self.instances.get(instance.index()).globals.len() as u32;
        globals.map(move |global| self.instance_global(instance, GlobalIdx(global)))
    }

    // Fuel and epochs.

    /// Returns the fuel that is left; negative if a stretch of code took more than was left.
    pub fn fuel(&self) -> i64 {
        self.fuel
    }

    /// Sets the fuel that is left.
    pub fn set_fuel(&mut self, fuel: i64) {
        self.fuel = fuel;
    }

    /// The epoch at which code that checks it asks the host.
    pub fn epoch_deadline(&self) -> u64 {
        self.epoch_deadline
    }

    /// Sets that epoch.
    pub fn set_epoch_deadline(&mut self, deadline: u64) {
        self.epoch_deadline = deadline;
    }

    // Calls.

    /// Room for a call's arguments and results: write the arguments there, then
    /// [`run`](crate::run), then read [`results`](Self::results).
    ///
    /// # Errors
    ///
    /// `StackOverflow`
    #[inline]
    pub fn args_mut(&mut self, slots: usize) -> Result<&mut [u64], Trap> {
        if !self.stack.reserve(self.run.top + slots) {
            return Err(Trap::StackOverflow);
        }
        self.refresh_stack();
        self.args = self.run.top;
        Ok(self.stack.slots_mut(self.args, slots))
    }

    /// The results of the call that ended last.
    #[inline]
    pub fn results(&self, slots: usize) -> &[u64] {
        self.stack.slots(self.args, slots)
    }

    /// The slots of a host call.
    #[inline]
    pub fn slots(&self, span: SlotSpan) -> &[u64] {
        self.stack.slots(span.start, span.len)
    }

    /// The slots of a host call, to be written.
    #[inline]
    pub fn slots_mut(&mut self, span: SlotSpan) -> &mut [u64] {
        self.stack.slots_mut(span.start, span.len)
    }

    /// During a host call: the instance that calls.
    pub fn caller_instance(&self) -> Option<InstanceAddr> {
        // SAFETY: [ADDR] an instance lives as long as the store.
        unsafe { self.run.parked.instance.as_ref() }.map(|instance| InstanceAddr(instance.address))
    }
}

impl core::fmt::Debug for Vm {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Vm").field("instances", &self.instances.len()).finish_non_exhaustive()
    }
}
