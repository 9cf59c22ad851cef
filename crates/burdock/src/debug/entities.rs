//! What a debugger finds by numbers: entities of an instance, instances and modules of a store.

use crate::{
    AsContext, Caller, Extern, Func, Global, Instance, Memory, Module, Store, StoreContextMut,
    Table, Tag,
};
use alloc::sync::Arc;
use alloc::vec::Vec;
use burdock_core::FuncKind;
use burdock_parse::ExternIdx;
use burdock_types::{FuncIdx, GlobalIdx, MemoryIdx, TableIdx, TagIdx};
use core::ops::Range;

impl Instance {
    /// Returns a global by its index in the module, exported or not.
    pub fn debug_global(&self, store: impl AsContext, index: u32) -> Option<Global> {
        self.debug_extern(store, ExternIdx::Global(GlobalIdx(index)))?.into_global()
    }

    /// Returns a memory by its index in the module, exported or not.
    pub fn debug_memory(&self, store: impl AsContext, index: u32) -> Option<Memory> {
        self.debug_extern(store, ExternIdx::Memory(MemoryIdx(index)))?.into_memory()
    }

    /// Returns a table by its index in the module, exported or not.
    pub fn debug_table(&self, store: impl AsContext, index: u32) -> Option<Table> {
        self.debug_extern(store, ExternIdx::Table(TableIdx(index)))?.into_table()
    }

    /// Returns a function by its index in the module, exported or not.
    pub fn debug_function(&self, store: impl AsContext, index: u32) -> Option<Func> {
        self.debug_extern(store, ExternIdx::Func(FuncIdx(index)))?.into_func()
    }

    /// Returns a tag by its index in the module, exported or not.
    pub fn debug_tag(&self, store: impl AsContext, index: u32) -> Option<Tag> {
        self.debug_extern(store, ExternIdx::Tag(TagIdx(index)))?.into_tag()
    }

    fn debug_extern(&self, store: impl AsContext, idx: ExternIdx) -> Option<Extern> {
        let def = self.module(&store).def();
        let exists = match idx {
            ExternIdx::Func(func) => func.index() < def.funcs.len(),
            ExternIdx::Table(table) => table.index() < def.tables.len(),
            ExternIdx::Memory(memory) => memory.index() < def.memories.len(),
            ExternIdx::Global(global) => global.index() < def.globals.len(),
            ExternIdx::Tag(tag) => tag.index() < def.tags.len(),
        };
        let store = store.as_context().opaque();
        exists.then(|| Extern::of_instance(store, self.addr(store.id()), idx))
    }

    /// Returns the instance's index among the store's instances.
    pub fn debug_index_in_store(&self) -> u32 {
        self.raw_addr().index() as u32
    }
}

impl Memory {
    /// Returns the memory's index among the store's memories
    /// ([`debug_all_memories`](Store::debug_all_memories)).
    ///
    /// Source: Wasmtime's `Memory::debug_index_in_store`.
    pub fn debug_index_in_store(&self) -> u64 {
        self.number()
    }
}

impl Global {
    /// Returns a number that no other global of the store has.
    ///
    /// Source: Wasmtime's `Global::debug_index_in_store`.
    pub fn debug_index_in_store(&self) -> u64 {
        self.number()
    }
}

impl Table {
    /// Returns a number that no other table of the store has.
    ///
    /// Source: Wasmtime's `Table::debug_index_in_store`.
    pub fn debug_index_in_store(&self) -> u64 {
        self.number()
    }
}

impl Tag {
    /// Returns a number that no other tag of the store has.
    ///
    /// Source: Wasmtime's `Tag::debug_index_in_store`.
    pub fn debug_index_in_store(&self) -> u64 {
        self.number()
    }
}

impl Module {
    /// Returns the module's binary.
    pub fn debug_bytecode(&self) -> Option<&[u8]> {
        Some(self.bytes())
    }

    /// Returns the byte offsets in the module of a function's body, which begins with its locals.
    /// `None` for an imported function, and if there is no function of this index.
    pub fn func_range(&self, func: u32) -> Option<Range<u32>> {
        let defined = func.checked_sub(self.def().imported_funcs)?;
        ((defined as usize) < self.def().bodies.len()).then(|| self.body(FuncIdx(func)))
    }

    /// Returns the index of the function whose body contains a byte offset.
    pub fn func_at(&self, offset: u32) -> Option<u32> {
        let bodies = &self.def().bodies;
        let at = bodies.partition_point(|body| body.end as u64 <= u64::from(offset));
        let starts = bodies.get(at)?.start as u64 <= u64::from(offset);
        starts.then_some(self.def().imported_funcs + at as u32)
    }

    /// Returns a number that no other live module of the engine has.
    pub fn debug_index_in_engine(&self) -> u64 {
        Arc::as_ptr(self.bytes()).cast::<u8>() as usize as u64
    }
}

impl Func {
    /// Returns the instance that defines the function, and the function's index in the module.
    /// `None` for a host function.
    ///
    /// # Panics
    ///
    /// Panics if the function belongs to another store.
    pub fn debug_definition(&self, store: impl AsContext) -> Option<(Instance, u32)> {
        let store = store.as_context().opaque();
        match store.vm.func(self.addr(store.id())).kind {
            FuncKind::Wasm { instance, index } => {
                Some((Instance::from_addr(store.id(), instance), index.0))
            }
            FuncKind::Host(_) => None,
        }
    }
}

impl<T: 'static> Store<T> {
    /// Returns all instances in order of creation.
    pub fn debug_all_instances(&mut self) -> Vec<Instance> {
        crate::AsContextMut::as_context_mut(self).debug_all_instances()
    }

    /// Returns all memories in order of creation, those of the embedder included.
    pub fn debug_all_memories(&mut self) -> Vec<Memory> {
        crate::AsContextMut::as_context_mut(self).debug_all_memories()
    }

    /// Returns the modules of all instances, each once.
    pub fn debug_all_modules(&mut self) -> Vec<Module> {
        crate::AsContextMut::as_context_mut(self).debug_all_modules()
    }
}

impl<T: 'static> Caller<'_, T> {
    /// Returns all instances; see [`Store::debug_all_instances`].
    pub fn debug_all_instances(&mut self) -> Vec<Instance> {
        self.store.debug_all_instances()
    }

    /// Returns the modules of all instances; see [`Store::debug_all_modules`].
    pub fn debug_all_modules(&mut self) -> Vec<Module> {
        self.store.debug_all_modules()
    }
}

impl<T: 'static> StoreContextMut<'_, T> {
    /// Returns all memories; see [`Store::debug_all_memories`].
    pub fn debug_all_memories(&mut self) -> Vec<Memory> {
        let id = self.id();
        self.opaque().vm.memories().map(|addr| Memory::from_addr(id, addr)).collect()
    }

    /// Returns all instances in order of creation.
    pub fn debug_all_instances(&mut self) -> Vec<Instance> {
        let id = self.id();
        let instances = self.opaque().vm.instances();
        instances.map(|addr| Instance::from_addr(id, addr)).collect()
    }

    /// Returns the modules of all instances, each once.
    pub fn debug_all_modules(&mut self) -> Vec<Module> {
        let mut modules: Vec<Module> = Vec::new();
        for instance in self.debug_all_instances() {
            let module = instance.module(&*self);
            if !modules.iter().any(|known| Module::same(known, module)) {
                modules.push(module.clone());
            }
        }
        modules
    }
}
