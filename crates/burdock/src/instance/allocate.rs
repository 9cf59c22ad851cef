//! Instantiation (spec section 4.7.2): allocate, write the active segments, run the start function.

use super::Instance;
use super::const_expr::eval;
use crate::store::{InstanceData, StoreInner};
use crate::{Extern, Module, Result, StoreContextMut, ensure};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use burdock_core::{FuncAddr, InstanceAddr, RawRef};
use burdock_parse::{DataMode, ElemItems, ElemMode, ElemSegment};
use burdock_types::{DataIdx, ElemIdx};

/// Instantiates a module whose imports have been checked.
pub(super) fn instantiate<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    module: &Module,
    imports: &[Extern],
) -> Result<Instance> {
    let (instance, start) = instantiate_only(store, module, imports)?;
    if let Some(start) = start {
        let call = store.inner.doors.call;
        store.opaque().vm.args_mut(0)?;
        call(store.reborrow(), start)?;
    }
    Ok(instance)
}

/// The same without calling the start function, which is given.
pub(super) fn instantiate_only<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    module: &Module,
    imports: &[Extern],
) -> Result<(Instance, Option<FuncAddr>)> {
    let def = module.def();
    ensure!(
        def.start.is_none() || store.engine().config().allow_start_fn,
        "the module has a start function, which the configuration does not allow"
    );
    store.opaque().bump_resource_counts(module)?;
    let instance = allocate(store.inner, module, imports)?;
    let instantiated = store.inner.doors.instantiated;
    instantiated(store, instance);
    initialize(store.inner, module, instance)?;
    let start = def.start.map(|start| store.opaque().vm.instance_func(instance, start));
    Ok((Instance::from_addr(store.id(), instance), start))
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
    let (code, types) = (Arc::clone(module.code()), Arc::clone(module.types()));
    let vm = &mut store.opaque.vm;
    let instance = vm.alloc_instance(code, types, &def.funcs, &funcs);
    let data = InstanceData { module: module.clone() };
    store.opaque.push_instance(instance, data);
    let vm = &mut store.opaque.vm;
    for import in imports {
        match import {
            Extern::Func(_) => {}
            Extern::Table(table) => vm.push_table(instance, table.addr(id)),
            Extern::Memory(memory) => vm.push_memory(instance, memory.addr(id)),
            Extern::Global(global) => vm.push_global(instance, global.addr(id)),
        }
    }
    for ty in &def.memories[def.imported_memories as usize..] {
        let memory = store.memory_new(*ty)?;
        store.opaque.vm.push_memory(instance, memory);
    }
    let vm = &mut store.opaque.vm;
    for global in &def.globals[def.imported_globals as usize..] {
        let init = global.init.as_ref();
        let value = init.map_or([0, 0], |init| eval(vm, instance, init));
        let global = vm.alloc_global(global.ty, value);
        vm.push_global(instance, global);
    }
    for table in &def.tables[def.imported_tables as usize..] {
        let init = table.init.as_ref();
        let init = init.map_or(0, |init| eval(&store.opaque.vm, instance, init)[0]);
        let table = store.table_new(table.ty, init)?;
        store.opaque.vm.push_table(instance, table);
    }
    push_segments(store, module, instance);
    Ok(instance)
}

fn push_segments<T: 'static>(store: &mut StoreInner<T>, module: &Module, instance: InstanceAddr) {
    let vm = &mut store.opaque.vm;
    for elem in &module.def().elems {
        let refs: Box<[RawRef]> = match &elem.items {
            // Only mentioned so that `ref.func` may name them.
            _ if matches!(elem.mode, ElemMode::Declared) => Box::default(),
            ElemItems::Funcs(funcs) => {
                let refs = funcs.iter();
                refs.map(|func| vm.instance_func(instance, *func).to_raw()).collect()
            }
            ElemItems::Exprs(exprs) => {
                let refs = exprs.iter();
                refs.map(|expr| eval(vm, instance, expr)[0]).collect()
            }
        };
        vm.push_elem(instance, refs);
    }
    for data in &module.def().datas {
        vm.push_data(instance, Arc::clone(module.bytes()), data.bytes.clone());
    }
}

/// Writes the active segments, in order, and drops what is only good for that.
fn initialize<T: 'static>(
    store: &mut StoreInner<T>,
    module: &Module,
    instance: InstanceAddr,
) -> Result<()> {
    let vm = &mut store.opaque.vm;
    for (i, elem) in module.def().elems.iter().enumerate() {
        let idx = ElemIdx(i as u32);
        let ElemSegment { mode, items, .. } = elem;
        match mode {
            ElemMode::Passive => continue,
            ElemMode::Declared => {}
            ElemMode::Active { table, offset } => {
                let offset = eval(vm, instance, offset)[0];
                vm.table_init(instance, *table, idx, offset, 0, items.len() as u64)?;
            }
        }
        vm.elem_drop(instance, idx);
    }
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
