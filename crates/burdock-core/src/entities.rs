//! The entities of a store: functions, memories, tables, globals and instances, each at an address.

use crate::arena::Arena;
use crate::exception::Tag;
use crate::instance::{Func, Instance};
use crate::instantiate::Before;
use crate::memory::Memory;
use crate::table::{Global, Table};
use crate::vm::{FuncInfo, FuncKind, Vm};
use crate::{
    FuncAddr, GlobalAddr, HostFunc, InstanceAddr, MemoryAddr, OutOfMemory, RawRef, TableAddr,
    TypeId,
};
use alloc::vec::Vec;
use burdock_types::{
    ElemIdx, FuncIdx, GlobalIdx, GlobalType, MemoryIdx, MemoryType, TableIdx, TableType, Trap,
};
use core::ptr;

/// The entities of a store.
pub(crate) struct Entities {
    pub(crate) funcs: Vec<Func>,
    pub(crate) tables: Arena<Table>,
    pub(crate) memories: Arena<Memory>,
    pub(crate) globals: Arena<Global>,
    pub(crate) tags: Vec<Tag>,
    pub(crate) instances: Arena<Instance>,
    /// The numbers of entities before the instance that is being made, if there is one.
    pub(crate) unfinished: Option<Before>,
}

impl Entities {
    pub(crate) const fn new() -> Self {
        Self {
            funcs: Vec::new(),
            tables: Arena::new(),
            memories: Arena::new(),
            globals: Arena::new(),
            tags: Vec::new(),
            instances: Arena::new(),
            unfinished: None,
        }
    }
}

impl Vm {
    // Functions.

    /// Makes room for this many functions.
    pub fn reserve_funcs(&mut self, funcs: usize) {
        self.entities.funcs.reserve(funcs);
        self.refresh_funcs();
    }

    /// Adds a host function with so many slots for parameters and for results.
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
        let address = FuncAddr(self.entities.funcs.len() as u32);
        self.entities.funcs.push(func);
        self.refresh_funcs();
        address
    }

    /// Updates the list's address. Must be called after anything that moves the list of functions.
    pub(crate) fn refresh_funcs(&mut self) {
        #[cfg(native_dispatch)]
        {
            self.hot.callees.funcs = self.entities.funcs.as_ptr();
        }
    }

    /// Sets the address at which calls of a defined function begin.
    pub(crate) fn set_entry(&mut self, instance: InstanceAddr, defined: u32, entry: *const u64) {
        let instance = self.entities.instances.get_mut(instance.index());
        instance.entries[defined as usize] = entry;
        self.entities.funcs[(instance.first_func + defined) as usize].entry = entry;
    }

    /// Returns the type and kind of a function.
    pub fn func(&self, func: FuncAddr) -> FuncInfo {
        let Func { instance, index, ty, .. } = self.entities.funcs[func.index()];
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

    /// Returns `true` for null and for a reference to a function of this machine.
    pub fn knows_func(&self, raw: RawRef) -> bool {
        raw <= self.entities.funcs.len() as u64
    }

    // Memories.

    /// Adds a memory of its type's minimum size.
    ///
    /// # Errors
    ///
    /// The system has no room for it.
    pub fn alloc_memory(&mut self, ty: MemoryType) -> Result<MemoryAddr, OutOfMemory> {
        Ok(MemoryAddr(self.entities.memories.push(Memory::new(ty, self.config.memory_room)?)))
    }

    /// Adds a memory that lives in the embedder's buffer and cannot grow beyond it.
    ///
    /// # Errors
    ///
    /// The buffer is smaller than the type's minimum size.
    pub fn alloc_memory_static(
        &mut self,
        ty: MemoryType,
        buffer: &'static mut [u8],
    ) -> Result<MemoryAddr, OutOfMemory> {
        Ok(MemoryAddr(self.entities.memories.push(Memory::new_static(ty, buffer)?)))
    }

    /// Returns the type with which a memory was made.
    pub fn memory_type(&self, memory: MemoryAddr) -> MemoryType {
        self.entities.memories.get(memory.index()).ty()
    }

    /// Returns a memory's size in pages.
    pub fn memory_size(&self, memory: MemoryAddr) -> u64 {
        self.entities.memories.get(memory.index()).size()
    }

    /// Returns a memory's bytes.
    pub fn memory_data(&self, memory: MemoryAddr) -> &[u8] {
        self.entities.memories.get(memory.index()).bytes()
    }

    /// Returns a memory's bytes, to be written.
    pub fn memory_data_mut(&mut self, memory: MemoryAddr) -> &mut [u8] {
        self.entities.memories.get_mut(memory.index()).bytes_mut()
    }

    /// Grows a memory by `delta` pages. Returns its previous size in pages, or `None` if there is
    /// no room.
    pub fn memory_grow(&mut self, memory: MemoryAddr, delta: u64) -> Option<u64> {
        let memory = self.entities.memories.get_mut(memory.index());
        let before = memory.grow(delta)?;
        if self.config.huge_pages {
            memory.use_huge_pages();
        }
        Some(before)
    }

    // Tables.

    /// Adds a table of its type's minimum size.
    ///
    /// # Errors
    ///
    /// The system has no room for it.
    pub fn alloc_table(
        &mut self,
        ty: TableType<TypeId>,
        init: RawRef,
    ) -> Result<TableAddr, OutOfMemory> {
        let address = TableAddr(self.entities.tables.len() as u32);
        self.entities.tables.push(Table::new(ty, init, address)?);
        Ok(address)
    }

    /// Returns the type with which a table was made.
    pub fn table_type(&self, table: TableAddr) -> TableType<TypeId> {
        self.entities.tables.get(table.index()).ty()
    }

    /// Returns a table's size in elements.
    pub fn table_size(&self, table: TableAddr) -> u64 {
        self.entities.tables.get(table.index()).size()
    }

    /// Returns an element of a table; `None` if `index` is out of bounds.
    pub fn table_get(&self, table: TableAddr, index: u64) -> Option<RawRef> {
        self.entities.tables.get(table.index()).get(index)
    }

    /// Writes an element of a table.
    ///
    /// # Errors
    ///
    /// `TableOutOfBounds`
    pub fn table_set(&mut self, table: TableAddr, index: u64, value: RawRef) -> Result<(), Trap> {
        self.entities.tables.get_mut(table.index()).set(index, value)
    }

    /// Grows a table by `delta` elements. Returns its previous size, or `None` if there is no room.
    pub fn table_grow(&mut self, table: TableAddr, delta: u64, init: RawRef) -> Option<u64> {
        self.entities.tables.get_mut(table.index()).grow(delta, init)
    }

    /// Writes one value to `len` elements from `at` on.
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
        self.entities.tables.get_mut(table.index()).fill(at, value, len)
    }

    /// Writes elements from `at` on.
    ///
    /// # Errors
    ///
    /// `TableOutOfBounds`
    pub fn table_write(&mut self, table: TableAddr, at: u64, from: &[RawRef]) -> Result<(), Trap> {
        self.entities.tables.get_mut(table.index()).write(at, from)
    }

    // Globals.

    /// Adds a global.
    pub fn alloc_global(&mut self, ty: GlobalType<TypeId>, value: [u64; 2]) -> GlobalAddr {
        let address = GlobalAddr(self.entities.globals.len() as u32);
        self.entities.globals.push(Global { cell: value.into(), ty, address });
        address
    }

    /// Returns a global's type.
    pub fn global_type(&self, global: GlobalAddr) -> GlobalType<TypeId> {
        self.entities.globals.get(global.index()).ty
    }

    /// Returns a global's value as it lies in slots; only a vector uses the second one.
    pub fn global_get(&self, global: GlobalAddr) -> [u64; 2] {
        // SAFETY: [OWN] `&self` keeps writers away.
        unsafe { *self.entities.globals.get(global.index()).cell.get() }
    }

    /// Writes a global's value.
    pub fn global_set(&mut self, global: GlobalAddr, value: [u64; 2]) {
        *self.entities.globals.get_mut(global.index()).cell.get_mut() = value;
    }

    // Instances.

    pub(crate) fn instance_mut(&mut self, instance: InstanceAddr) -> &mut Instance {
        self.entities.instances.get_mut(instance.index())
    }

    /// Returns the address of an instance's function.
    pub fn instance_func(&self, instance: InstanceAddr, func: FuncIdx) -> FuncAddr {
        self.entities.instances.get(instance.index()).func(func.0)
    }

    /// Returns the address of an instance's table.
    pub fn instance_table(&self, instance: InstanceAddr, table: TableIdx) -> TableAddr {
        let table = self.entities.instances.get(instance.index()).tables[table.index()];
        // SAFETY: [ADDR] a table lives as long as the store.
        unsafe { table.as_ref() }.address
    }

    /// Returns the address of an instance's memory.
    pub fn instance_memory(&self, instance: InstanceAddr, memory: MemoryIdx) -> MemoryAddr {
        self.entities.instances.get(instance.index()).memories[memory.index()].1
    }

    /// Returns the address of an instance's global.
    pub fn instance_global(&self, instance: InstanceAddr, global: GlobalIdx) -> GlobalAddr {
        let global = self.entities.instances.get(instance.index()).globals[global.index()];
        // SAFETY: [ADDR] a global lives as long as the store.
        unsafe { global.as_ref() }.address
    }

    /// Returns the addresses of all tables.
    pub fn tables(&self) -> impl Iterator<Item = TableAddr> + use<> {
        (0..self.entities.tables.len() as u32).map(TableAddr)
    }

    /// Returns an element segment of an instance; empty once the segment was dropped.
    pub fn instance_elem(&self, instance: InstanceAddr, elem: ElemIdx) -> &[RawRef] {
        &self.entities.instances.get(instance.index()).elems[elem.index()]
    }

    /// Returns the addresses of all memories.
    pub fn memories(&self) -> impl Iterator<Item = MemoryAddr> + use<> {
        (0..self.entities.memories.len() as u32).map(MemoryAddr)
    }

    /// Returns the addresses of all globals.
    pub fn globals(&self) -> impl Iterator<Item = GlobalAddr> + use<> {
        (0..self.entities.globals.len() as u32).map(GlobalAddr)
    }

    /// Returns the number of instances.
    pub fn num_instances(&self) -> usize {
        self.entities.instances.len()
    }

    /// Returns the addresses of all instances.
    pub fn instances(&self) -> impl Iterator<Item = InstanceAddr> + use<> {
        (0..self.entities.instances.len() as u32).map(InstanceAddr)
    }

    /// Returns the addresses of an instance's memories.
    pub fn instance_memories(&self, instance: InstanceAddr) -> impl Iterator<Item = MemoryAddr> {
        self.entities.instances.get(instance.index()).memories.iter().map(|(_, address)| *address)
    }

    /// Returns the addresses of an instance's globals.
    pub fn instance_globals(&self, instance: InstanceAddr) -> impl Iterator<Item = GlobalAddr> {
        let globals = 0..self.entities.instances.get(instance.index()).globals.len() as u32;
        globals.map(move |global| self.instance_global(instance, GlobalIdx(global)))
    }
}
