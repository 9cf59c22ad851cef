//! `wasm_ref_t`: the objects of `wasm.h` that references can lead to, and their host information.

use std::ffi::c_void;
use std::sync::{Arc, Mutex, PoisonError};

use burdock::{
    ExnRef, Extern, ExternRef, Func, Instance, Module, OwnedRooted, Rooted, StoreContextMut,
};

use crate::abi::{Finalizer, Given, Payload, wrong_kind};
use crate::cell::{Data, StoreCell};
use crate::wasm::engine::wasm_store_t;
use crate::wasm::trap::TrapObject;

/// An object of any kind. The types `wasm_func_t` and so on consist of one.
#[derive(Clone)]
pub(crate) struct wasm_ref_t(pub(crate) Object);

/// What a reference leads to.
#[derive(Clone)]
pub(crate) enum Object {
    /// A function, global, table, memory or tag.
    Extern(Arc<StoreCell>, Extern),
    Instance(Arc<StoreCell>, Instance),
    /// A value behind `externref`.
    Value(Arc<StoreCell>, OwnedRooted<ExternRef>),
    /// An exception.
    Exception(Arc<StoreCell>, OwnedRooted<ExnRef>),
    Module(Arc<ModuleObject>),
    Trap(Arc<TrapObject>),
}

/// A module, which its copies share.
pub(crate) struct ModuleObject {
    pub(crate) module: Module,
    info: HostInfo,
}

impl ModuleObject {
    pub(crate) fn new(module: Module) -> Arc<Self> {
        Arc::new(Self { module, info: HostInfo::default() })
    }
}

/// The host information of an object that is in no store.
#[derive(Default)]
pub(crate) struct HostInfo(Mutex<Option<Payload>>);

impl HostInfo {
    fn set(&self, info: Option<Payload>) {
        let mut own = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *own, info);
        drop(own);
        drop(old);
    }

    fn get(&self) -> *mut c_void {
        let own = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        own.as_ref().map_or(std::ptr::null_mut(), Payload::data)
    }
}

/// The host's value behind a foreign object.
pub(crate) struct ForeignValue(HostInfo);

/// The host's value behind an object that was passed as an `externref`. Objects of the store do not
/// own the store here, because the store owns the value.
#[derive(Clone)]
pub(crate) enum Wrapped {
    Extern(Extern),
    Instance(Instance),
    Module(Arc<ModuleObject>),
    Trap(Arc<TrapObject>),
}

impl Wrapped {
    fn object(self, cell: Arc<StoreCell>) -> Object {
        match self {
            Self::Extern(item) => Object::Extern(cell, item),
            Self::Instance(instance) => Object::Instance(cell, instance),
            Self::Module(module) => Object::Module(module),
            Self::Trap(trap) => Object::Trap(trap),
        }
    }
}

impl Object {
    /// Returns the object behind an `externref`.
    pub(crate) fn of_value(
        cell: Arc<StoreCell>,
        mut store: StoreContextMut<'_, Data>,
        value: Rooted<ExternRef>,
    ) -> Self {
        let data = value.data(&store).ok().flatten();
        if let Some(wrapped) = data.and_then(|data| data.downcast_ref::<Wrapped>()) {
            return wrapped.clone().object(cell);
        }
        let owned = value.to_owned_rooted(&mut store).expect("the value was rooted just now");
        Self::Value(cell, owned)
    }

    /// Returns the number of an entity of a store, with that of its kind.
    fn key(&self) -> Option<(&Arc<StoreCell>, (u8, u64))> {
        let (cell, key) = match self {
            Self::Extern(cell, item) => {
                let key = cell.with(|mut store| match item {
                    Extern::Func(func) => (0, func.to_raw(&mut store).addr() as u64),
                    Extern::Global(global) => (1, global.to_number(&store).into()),
                    Extern::Table(table) => (2, table.to_number(&store).into()),
                    Extern::Memory(memory) => (3, memory.to_number(&store).into()),
                    Extern::Tag(tag) => (4, tag.to_number(&store).into()),
                    _ => wrong_kind(),
                });
                (cell, key)
            }
            Self::Instance(cell, instance) => {
                (cell, (5, cell.with(|store| instance.to_number(&store)).into()))
            }
            _ => return None,
        };
        Some((cell, key))
    }

    /// Calls `call` with the host information of an object that has its own.
    fn with_info<R>(&self, call: impl FnOnce(&HostInfo) -> R) -> Option<R> {
        match self {
            Self::Module(module) => Some(call(&module.info)),
            Self::Trap(trap) => Some(call(&trap.info)),
            Self::Value(cell, value) => {
                let info = cell.with(|store| {
                    let data = value.data(&store).ok().flatten()?;
                    data.downcast_ref::<Arc<ForeignValue>>().cloned()
                });
                Some(call(&info?.0))
            }
            _ => None,
        }
    }

    fn set_info(&self, info: Payload) {
        if let Some((cell, key)) = self.key() {
            let old = cell.with(|mut store| store.data_mut().host_infos.insert(key, info));
            drop(old);
        } else {
            self.with_info(|own| own.set(Some(info)));
        }
    }

    fn info(&self) -> *mut c_void {
        if let Some((cell, key)) = self.key() {
            let info = cell.with(|store| store.data().host_infos.get(&key).map(Payload::data));
            return info.unwrap_or(std::ptr::null_mut());
        }
        self.with_info(HostInfo::get).unwrap_or(std::ptr::null_mut())
    }

    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Module(a), Self::Module(b)) => Module::same(&a.module, &b.module),
            (Self::Trap(a), Self::Trap(b)) => Arc::ptr_eq(a, b),
            (Self::Value(cell, a), Self::Value(other, b)) => {
                Arc::ptr_eq(cell, other)
                    && cell.with(|store| Rooted::ref_eq(&store, a, b).unwrap_or(false))
            }
            (Self::Exception(cell, a), Self::Exception(other, b)) => {
                Arc::ptr_eq(cell, other)
                    && cell.with(|store| Rooted::ref_eq(&store, a, b).unwrap_or(false))
            }
            _ => match (self.key(), other.key()) {
                (Some((cell, a)), Some((other, b))) => Arc::ptr_eq(cell, other) && a == b,
                _ => false,
            },
        }
    }

    /// Returns the object as a host's value; `None` if it is one already.
    pub(crate) fn wrapped(&self) -> Option<Wrapped> {
        Some(match self {
            Self::Extern(_, item) => Wrapped::Extern(*item),
            Self::Instance(_, instance) => Wrapped::Instance(*instance),
            Self::Module(module) => Wrapped::Module(module.clone()),
            Self::Trap(trap) => Wrapped::Trap(trap.clone()),
            Self::Value(..) | Self::Exception(..) => return None,
        })
    }

    pub(crate) fn func(&self) -> Option<(&Arc<StoreCell>, Func)> {
        match self {
            Self::Extern(cell, Extern::Func(func)) => Some((cell, *func)),
            _ => None,
        }
    }
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_foreign_new(
    store: Option<&wasm_store_t>,
) -> Option<Box<wasm_foreign_t>> {
    let cell = &store.given("wasm_foreign_new: store").cell;
    let owned = cell.with(|mut store| {
        let value = Arc::new(ForeignValue(HostInfo::default()));
        ExternRef::new(&mut store, value)?.to_owned_rooted(&mut store)
    });
    Some(Box::new(wasm_foreign_t(wasm_ref_t(Object::Value(cell.clone(), owned.ok()?)))))
}

/// Defines the functions that every type of objects has. `$inner` leads to the [`Object`].
macro_rules! object_functions {
    ($ty:ty, $($inner:tt).+: $delete:ident $copy:ident $same:ident
        $get:ident $set:ident $set_with_finalizer:ident) => {
        $crate::vecs::delete_function! { $ty: $delete }
        $crate::vecs::copy_function! { $ty: $copy }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $same(a: Option<&$ty>, b: Option<&$ty>) -> bool {
            matches!((a, b), (Some(a), Some(b)) if a.$($inner).+.same(&b.$($inner).+))
        }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $get(object: Option<&$ty>) -> *mut c_void {
            object.given(stringify!($get)).$($inner).+.info()
        }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $set(object: Option<&mut $ty>, info: *mut c_void) {
            $set_with_finalizer(object, info, None);
        }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $set_with_finalizer(
            object: Option<&mut $ty>, info: *mut c_void, finalizer: Finalizer,
        ) {
            object.given(stringify!($set)).$($inner).+.set_info(Payload::new(info, finalizer));
        }
    };
}

/// Defines a type that is an object of one kind, and the conversions to and from references.
macro_rules! object_types {
    ($($ty:ident $kind:pat, $what:literal: $as_ref:ident $of_ref:ident
        $as_ref_const:ident $of_ref_const:ident, $($rest:ident)+;)*) => {$(
        #[doc = concat!("A ", $what, ".")]
        #[repr(transparent)]
        #[derive(Clone)]
        pub(crate) struct $ty(pub(crate) wasm_ref_t);

        object_functions! { $ty, 0.0: $($rest)+ }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $as_ref(object: Option<&mut $ty>) -> Option<&mut wasm_ref_t> {
            Some(&mut object?.0)
        }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $as_ref_const(object: Option<&$ty>) -> Option<&wasm_ref_t> {
            Some(&object?.0)
        }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $of_ref(object: Option<&mut wasm_ref_t>) -> Option<&mut $ty> {
            let object = object.filter(|object| matches!(object.0, $kind))?;
            // SAFETY: [HEADER] the type consists of what it is made from.
            Some(unsafe { &mut *std::ptr::from_mut(object).cast() })
        }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $of_ref_const(object: Option<&wasm_ref_t>) -> Option<&$ty> {
            let object = object.filter(|object| matches!(object.0, $kind))?;
            // SAFETY: [HEADER] the type consists of what it is made from.
            Some(unsafe { &*std::ptr::from_ref(object).cast() })
        }
    )*};
}

object_functions! { wasm_ref_t, 0: wasm_ref_delete wasm_ref_copy wasm_ref_same
    wasm_ref_get_host_info wasm_ref_set_host_info wasm_ref_set_host_info_with_finalizer
}

object_types! {
    wasm_trap_t Object::Trap(_), "trap": wasm_trap_as_ref wasm_ref_as_trap wasm_trap_as_ref_const
        wasm_ref_as_trap_const, wasm_trap_delete wasm_trap_copy wasm_trap_same
        wasm_trap_get_host_info wasm_trap_set_host_info wasm_trap_set_host_info_with_finalizer;
    wasm_foreign_t Object::Value(..), "foreign object": wasm_foreign_as_ref wasm_ref_as_foreign
        wasm_foreign_as_ref_const wasm_ref_as_foreign_const, wasm_foreign_delete wasm_foreign_copy
        wasm_foreign_same wasm_foreign_get_host_info wasm_foreign_set_host_info
        wasm_foreign_set_host_info_with_finalizer;
    wasm_module_t Object::Module(_), "module": wasm_module_as_ref wasm_ref_as_module
        wasm_module_as_ref_const wasm_ref_as_module_const, wasm_module_delete wasm_module_copy
        wasm_module_same wasm_module_get_host_info wasm_module_set_host_info
        wasm_module_set_host_info_with_finalizer;
    wasm_instance_t Object::Instance(..), "instance": wasm_instance_as_ref wasm_ref_as_instance
        wasm_instance_as_ref_const wasm_ref_as_instance_const, wasm_instance_delete
        wasm_instance_copy wasm_instance_same wasm_instance_get_host_info
        wasm_instance_set_host_info wasm_instance_set_host_info_with_finalizer;
    wasm_extern_t Object::Extern(..), "import or export": wasm_extern_as_ref wasm_ref_as_extern
        wasm_extern_as_ref_const wasm_ref_as_extern_const, wasm_extern_delete wasm_extern_copy
        wasm_extern_same wasm_extern_get_host_info wasm_extern_set_host_info
        wasm_extern_set_host_info_with_finalizer;
    wasm_func_t Object::Extern(_, Extern::Func(_)), "function": wasm_func_as_ref wasm_ref_as_func
        wasm_func_as_ref_const wasm_ref_as_func_const, wasm_func_delete wasm_func_copy
        wasm_func_same wasm_func_get_host_info wasm_func_set_host_info
        wasm_func_set_host_info_with_finalizer;
    wasm_global_t Object::Extern(_, Extern::Global(_)), "global": wasm_global_as_ref
        wasm_ref_as_global wasm_global_as_ref_const wasm_ref_as_global_const, wasm_global_delete
        wasm_global_copy wasm_global_same wasm_global_get_host_info wasm_global_set_host_info
        wasm_global_set_host_info_with_finalizer;
    wasm_table_t Object::Extern(_, Extern::Table(_)), "table": wasm_table_as_ref wasm_ref_as_table
        wasm_table_as_ref_const wasm_ref_as_table_const, wasm_table_delete wasm_table_copy
        wasm_table_same wasm_table_get_host_info wasm_table_set_host_info
        wasm_table_set_host_info_with_finalizer;
    wasm_memory_t Object::Extern(_, Extern::Memory(_)), "memory": wasm_memory_as_ref
        wasm_ref_as_memory wasm_memory_as_ref_const wasm_ref_as_memory_const, wasm_memory_delete
        wasm_memory_copy wasm_memory_same wasm_memory_get_host_info wasm_memory_set_host_info
        wasm_memory_set_host_info_with_finalizer;
}
