//! Instantiation: an instance gets its entities one by one. In the end it is complete, or it is
//! removed from the store and leaves no trace.

use crate::heap::RuntimeType;
use crate::instance::{Func, Instance};
use crate::roots::is_traced;
use crate::vm::Vm;
use crate::{
    Code, FuncAddr, GlobalAddr, InstanceAddr, MemoryAddr, RawRef, TableAddr, TagAddr, TypeInfo,
};
use alloc::{boxed::Box, collections::BTreeMap, sync::Arc, vec::Vec};
use burdock_types::{ElemIdx, RefType, TypeIdx};
use core::ops::Range;
use core::ptr::NonNull;
use smallvec::SmallVec;

/// The numbers of entities in the store before the instance that is being made.
pub(crate) struct Before {
    funcs: usize,
    tables: usize,
    memories: usize,
    globals: usize,
    tags: usize,
    instances: usize,
}

impl Vm {
    /// Adds an instance and its functions; `funcs` are the types of all functions of the module,
    /// imported ones first. Afterwards, push the other entities in the order of their indices, and
    /// either complete the instance ([`finish_instance`](Self::finish_instance)) or abandon it
    /// ([`abandon_instance`](Self::abandon_instance)).
    pub fn begin_instance(
        &mut self,
        code: Arc<Code>,
        funcs: &[TypeIdx],
        imported: &[FuncAddr],
    ) -> InstanceAddr {
        assert_eq!(code.dispatch(), self.config.dispatch, "code for another dispatcher");
        assert!(self.entities.unfinished.is_none(), "another instance is being made");
        self.entities.unfinished = Some(Before {
            funcs: self.entities.funcs.len(),
            tables: self.entities.tables.len(),
            memories: self.entities.memories.len(),
            globals: self.entities.globals.len(),
            tags: self.entities.tags.len(),
            instances: self.entities.instances.len(),
        });
        let defined = &funcs[imported.len()..];
        let entries = (0..defined.len() as u32).map(|func| code.entry(func)).collect();
        let imported = imported.into();
        let types = NonNull::from(code.types());
        let first_func = self.entities.funcs.len() as u32;
        let address = self.entities.instances.push_with(|address| Instance {
            address,
            entries,
            types,
            code,
            observed: BTreeMap::new(),
            imported,
            first_func,
            runtime_types: Box::default(),
            #[cfg(native_dispatch)]
            first_runtime_type: core::ptr::null(),
            tables: Vec::new(),
            memories: SmallVec::new(),
            globals: Vec::new(),
            tags: Vec::new(),
            elems: Vec::new(),
            traced_elems: Vec::new(),
            datas: Vec::new(),
        });
        let pointer = self.entities.instances.pointer(address as usize);
        let Instance { code, entries, .. } = self.entities.instances.get(address as usize);
        let types = code.types();
        self.entities.funcs.extend((0..).zip(defined.iter().zip(entries)).map(
            |(index, (ty, &entry))| {
                let TypeInfo { id, record } = types[ty.index()];
                Func { entry, instance: Some(pointer), index, ty: id, span: record }
            },
        ));
        self.refresh_funcs();
        InstanceAddr(address)
    }

    /// Marks the instance that is being made as complete: it has all its entities.
    pub fn finish_instance(&mut self) {
        self.entities.unfinished = None;
    }

    /// Removes the instance that is being made, if there is one, from the store, with everything
    /// that was added since [`begin_instance`](Self::begin_instance). Only the instance itself
    /// points to these entities: no other instance is given any meanwhile, and no code runs.
    pub fn abandon_instance(&mut self) {
        let Some(before) = self.entities.unfinished.take() else { return };
        self.exceptions.cache.clear();
        self.entities.instances.truncate(before.instances);
        self.entities.tables.truncate(before.tables);
        self.entities.memories.truncate(before.memories);
        self.entities.globals.truncate(before.globals);
        self.entities.tags.truncate(before.tags);
        self.entities.funcs.truncate(before.funcs);
        self.refresh_funcs();
    }

    /// Returns the instance that is being made, the only one that is given entities.
    ///
    /// # Panics
    ///
    /// `instance` is not the instance that is being made.
    fn unfinished_mut(&mut self, instance: InstanceAddr) -> &mut Instance {
        let unfinished = self.entities.unfinished.as_ref().map(|before| before.instances);
        assert_eq!(unfinished, Some(instance.index()), "an instance that is whole");
        self.entities.instances.get_mut(instance.index())
    }

    /// Gives an instance the store's indices of its module's types.
    pub fn set_runtime_types(&mut self, instance: InstanceAddr, types: Box<[RuntimeType]>) {
        let instance = self.unfinished_mut(instance);
        instance.runtime_types = types;
        #[cfg(native_dispatch)]
        (instance.first_runtime_type = instance.runtime_types.as_ptr());
    }

    /// Adds a table to an instance.
    pub fn push_table(&mut self, instance: InstanceAddr, table: TableAddr) {
        let pointer = self.entities.tables.pointer(table.index());
        self.unfinished_mut(instance).tables.push(pointer);
    }

    /// Adds a memory to an instance.
    pub fn push_memory(&mut self, instance: InstanceAddr, memory: MemoryAddr) {
        let pointer = self.entities.memories.pointer(memory.index());
        self.unfinished_mut(instance).memories.push((pointer, memory));
    }

    /// Adds a global to an instance.
    pub fn push_global(&mut self, instance: InstanceAddr, global: GlobalAddr) {
        let pointer = self.entities.globals.pointer(global.index());
        self.unfinished_mut(instance).globals.push(pointer);
    }

    /// Adds a tag to an instance.
    pub fn push_tag(&mut self, instance: InstanceAddr, tag: TagAddr) {
        self.unfinished_mut(instance).tags.push(tag);
    }

    /// Adds an element segment, whose elements are of a type, to an instance.
    pub fn push_elem(&mut self, instance: InstanceAddr, ty: RefType, elem: Box<[RawRef]>) {
        let instance = self.unfinished_mut(instance);
        if is_traced(ty) {
            instance.traced_elems.push(ElemIdx(instance.elems.len() as u32));
        }
        instance.elems.push(elem);
    }

    /// Adds a data segment, a range of the module's binary, to an instance.
    pub fn push_data(&mut self, instance: InstanceAddr, range: Range<usize>) {
        self.unfinished_mut(instance).datas.push(range);
    }
}
