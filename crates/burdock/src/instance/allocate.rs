//! Instantiation (spec section 4.7.2): allocate, write the active segments, run the start function.

use super::Instance;
use super::const_expr::{eval, eval_object};
use crate::limits::until_answered;
use crate::store::{InstanceData, StoreInner};
use crate::{Extern, Module, Result, StoreContextMut};
use alloc::sync::Arc;
use alloc::vec::Vec;
use burdock_core::{FuncAddr, InstanceAddr, RawRef, TypeInfo};
use burdock_parse::{DataMode, ElemItems, ElemMode, ElemSegment};
use burdock_types::{DataIdx, Storage, TypeIdx};

/// Instantiates a module whose imports have been checked.
pub(crate) fn instantiate<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    module: &Module,
    imports: &[Extern],
) -> Result<Instance> {
    store.opaque().ensure_sync()?;
    let (instance, start) = instantiate_only(store, module, imports)?;
    if let Some(start) = start {
        store.opaque().pay_for_start()?;
        let (call, id) = (store.inner.vtable.call_start, store.id());
        store.opaque().vm.args_mut(0)?;
        call(store.reborrow(), start, instance.addr(id))?;
    }
    Ok(instance)
}

/// Instantiates as above, waiting for an asynchronous limiter, and for asynchronous host functions
/// that the start function calls.
pub(crate) async fn instantiate_async<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    module: &Module,
    imports: &[Extern],
) -> Result<Instance> {
    store.opaque().bump_resource_counts(module)?;
    // No unfinished instance is in the store during a wait: a leaked future would leave it there.
    let instance = until_answered(store, |store| allocate(store.inner, module, imports)).await?;
    announce(store, module, instance);
    let mut written = 0;
    until_answered(store, |store| initialize(store.inner, module, instance, &mut written)).await?;
    let (instance, start) = finished(store, module, instance);
    if let Some(start) = start {
        store.opaque().pay_for_start()?;
        let caller = instance.addr(store.id());
        crate::func::call_async(store.reborrow(), start, (&[], Some(caller)), &mut []).await?;
    }
    Ok(instance)
}

/// Instantiates without calling the start function, which is returned.
fn instantiate_only<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    module: &Module,
    imports: &[Extern],
) -> Result<(Instance, Option<FuncAddr>)> {
    store.opaque().bump_resource_counts(module)?;
    let instance = allocate(store.inner, module, imports)?;
    announce(store, module, instance);
    initialize(store.inner, module, instance, &mut 0)?;
    Ok(finished(store, module, instance))
}

/// Counts an instance that has been made, and lets attached hooks observe it.
fn announce<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    module: &Module,
    instance: InstanceAddr,
) {
    store.opaque().share.add_instance(module);
    let instantiated = store.inner.vtable.instantiated;
    instantiated(store, instance);
}

/// Returns an instance and its start function.
fn finished<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    module: &Module,
    instance: InstanceAddr,
) -> (Instance, Option<FuncAddr>) {
    let start = module.def().start.map(|start| store.opaque().vm.instance_func(instance, start));
    (Instance::from_addr(store.id(), instance), start)
}

/// An instance that is being made. If it is dropped before it is complete, because of an error or
/// of a panic of the limiter, it leaves nothing in the store.
struct Unfinished<'s, T: 'static> {
    store: &'s mut StoreInner<T>,
}

impl<T: 'static> Unfinished<'_, T> {
    fn finish(self) {
        self.store.opaque.vm.finish_instance();
        core::mem::forget(self);
    }
}

impl<T: 'static> Drop for Unfinished<'_, T> {
    fn drop(&mut self) {
        self.store.opaque.abandon_instance();
    }
}

/// Makes the instance and everything it defines.
fn allocate<T: 'static>(
    store: &mut StoreInner<T>,
    module: &Module,
    imports: &[Extern],
) -> Result<InstanceAddr> {
    let (def, id) = (module.def(), store.opaque.id());
    let funcs = imports.iter().filter_map(|import| match import {
        Extern::Func(func) => Some(func.addr(id)),
        _ => None,
    });
    let funcs: Vec<FuncAddr> = funcs.collect();
    let unfinished = Unfinished { store };
    let store = &mut *unfinished.store;
    let vm = &mut store.opaque.vm;
    let instance = vm.begin_instance(Arc::clone(module.code()), &def.funcs, &funcs);
    let data = InstanceData { module: module.clone() };
    store.opaque.push_instance(instance, data);
    if module.has_objects() {
        let types = module.runtime_types(&mut store.opaque.vm);
        store.opaque.vm.set_runtime_types(instance, types);
    }
    let vm = &mut store.opaque.vm;
    for import in imports {
        match import {
            Extern::Func(_) => {}
            Extern::Table(table) => vm.push_table(instance, table.addr(id)),
            Extern::Memory(memory) => vm.push_memory(instance, memory.addr(id)),
            Extern::Global(global) => vm.push_global(instance, global.addr(id)),
            Extern::Tag(tag) => vm.push_tag(instance, tag.addr(id)),
        }
    }
    for ty in &def.tags[def.imported_tags as usize..] {
        let TypeInfo { id, .. } = module.code().types()[ty.index()];
        let values = def.func_type_at(*ty).params().iter().copied();
        let tag = vm.alloc_tag(id, values.map(Storage::of_val));
        vm.push_tag(instance, tag);
    }
    define(store, module, instance)?;
    push_segments(store, module, instance)?;
    unfinished.finish();
    Ok(instance)
}

/// Makes the memories, globals and tables that the module defines.
fn define<T: 'static>(
    store: &mut StoreInner<T>,
    module: &Module,
    instance: InstanceAddr,
) -> Result<()> {
    let def = module.def();
    for ty in &def.memories[def.imported_memories as usize..] {
        let memory = store.memory_new(*ty)?;
        store.opaque.vm.push_memory(instance, memory);
    }
    let id_of = |ty: TypeIdx| module.types()[ty.index()].id;
    for global in &def.globals[def.imported_globals as usize..] {
        let init = global.init.as_ref();
        let value = match init {
            Some(init) => eval_object(store, instance, init, &[])?,
            None => [0, 0],
        };
        let vm = &mut store.opaque.vm;
        let global = vm.alloc_global(global.ty.map(id_of), value);
        vm.push_global(instance, global);
    }
    for table in &def.tables[def.imported_tables as usize..] {
        let init = table.init.as_ref();
        let init = match init {
            Some(init) => eval_object(store, instance, init, &[])?[0],
            None => 0,
        };
        let table = store.table_new(table.ty.map(id_of), init)?;
        store.opaque.vm.push_table(instance, table);
    }
    Ok(())
}

fn push_segments<T: 'static>(
    store: &mut StoreInner<T>,
    module: &Module,
    instance: InstanceAddr,
) -> Result<()> {
    for elem in &module.def().elems {
        // Active ones are gone once they are written (and, as in Wasmtime, also if something fails
        // before); declared ones are only mentioned so that `ref.func` may name them.
        let mut refs = Vec::new();
        if let ElemMode::Passive = elem.mode {
            push_refs(&mut refs, store, instance, &elem.items)?;
        }
        store.opaque.vm.push_elem(instance, elem.ty, refs.into());
    }
    for data in &module.def().datas {
        store.opaque.vm.push_data(instance, data.bytes.clone());
    }
    Ok(())
}

/// Appends the references of an element segment.
fn push_refs<T: 'static>(
    refs: &mut Vec<RawRef>,
    store: &mut StoreInner<T>,
    instance: InstanceAddr,
    items: &ElemItems,
) -> Result<()> {
    match items {
        ElemItems::Funcs(funcs) => {
            let vm = &store.opaque.vm;
            refs.extend(funcs.iter().map(|func| vm.instance_func(instance, *func).to_raw()));
        }
        ElemItems::Exprs(exprs) => {
            for expr in exprs {
                let value = eval_object(store, instance, expr, refs)?[0];
                refs.push(value);
            }
        }
    }
    Ok(())
}

/// Writes the active segments, in order, and drops what is only good for that. `written` is the
/// number of element segments that are done.
fn initialize<T: 'static>(
    store: &mut StoreInner<T>,
    module: &Module,
    instance: InstanceAddr,
    written: &mut usize,
) -> Result<()> {
    let mut refs = Vec::new();
    for ElemSegment { mode, items, .. } in &module.def().elems[*written..] {
        if let ElemMode::Active { table, offset } = mode {
            let offset = eval(&store.opaque.vm, instance, offset)[0];
            refs.clear();
            push_refs(&mut refs, store, instance, items)?;
            let vm = &mut store.opaque.vm;
            vm.table_write(vm.instance_table(instance, *table), offset, &refs)?;
        }
        *written += 1;
    }
    let vm = &mut store.opaque.vm;
    for (i, data) in module.def().datas.iter().enumerate() {
        let idx = DataIdx(i as u32);
        if let DataMode::Active { memory, offset } = &data.mode {
            let offset = eval(vm, instance, offset)[0];
            let len = data.bytes.len() as u64;
            vm.memory_init(instance, *memory, idx, offset, 0, len)?;
            vm.data_drop(instance, idx);
        }
    }
    Ok(())
}
