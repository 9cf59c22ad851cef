//! `Caller`: what a host function gets of the store and of the guest that calls it.

use crate::{
    AsContext, AsContextMut, Engine, Extern, Instance, ModuleExport, StoreContext, StoreContextMut,
};

/// The store, and the instance that calls, for the time of a host function's call.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let engine = Engine::default();
/// let mut linker = Linker::new(&engine);
/// linker.func_wrap("host", "log", |mut caller: Caller<'_, Vec<u8>>, at: u32, len: u32| {
///     let memory = caller.get_export("memory").and_then(Extern::into_memory).unwrap();
///     let (bytes, log) = memory.data_and_store_mut(&mut caller);
///     log.extend_from_slice(&bytes[at as usize..][..len as usize]);
/// })?;
/// let module = Module::new(&engine, r#"
///     (module
///         (import "host" "log" (func $log (param i32 i32)))
///         (memory (export "memory") 1)
///         (data (i32.const 8) "hello")
///         (func (export "run") (call $log (i32.const 8) (i32.const 5))))
/// "#)?;
/// let mut store = Store::new(&engine, Vec::new());
/// let instance = linker.instantiate(&mut store, &module)?;
/// instance.get_typed_func::<(), ()>(&mut store, "run")?.call(&mut store, ())?;
/// assert_eq!(store.data(), b"hello");
/// # Ok::<(), Error>(())
/// ```
pub struct Caller<'a, T: 'static> {
    pub(crate) store: StoreContextMut<'a, T>,
}

impl<T: 'static> Caller<'_, T> {
    /// Returns an export of the calling instance; `None` if there is no such export or if the host
    /// itself is the caller.
    pub fn get_export(&mut self, name: &str) -> Option<Extern> {
        self.instance()?.get_export(&mut self.store, name)
    }

    /// Returns an export of the calling instance that was looked up in its module before; `None` if
    /// the caller is an instance of another module or the host itself.
    pub fn get_module_export(&mut self, export: &ModuleExport) -> Option<Extern> {
        self.instance()?.get_module_export(&mut self.store, export)
    }

    /// Returns the calling instance; `None` if the host itself is the caller. Borrows the caller
    /// only, where [`get_export`](Self::get_export) has Wasmtime's signature.
    pub fn instance(&self) -> Option<Instance> {
        let store = &self.store.inner.opaque;
        let addr = store.vm.caller_instance()?;
        Some(Instance::from_addr(store.id(), addr))
    }

    /// Returns the embedder's data.
    pub fn data(&self) -> &T {
        self.store.data()
    }

    /// Returns a mutable reference to the embedder's data.
    pub fn data_mut(&mut self) -> &mut T {
        self.store.data_mut()
    }

    /// Returns the engine.
    pub fn engine(&self) -> &Engine {
        self.store.engine()
    }
}

/// The caller of a host function as the embedder is one, for code that both share.
///
/// Source: wasmi's `Caller`.
impl<'a, T: 'static> From<StoreContextMut<'a, T>> for Caller<'a, T> {
    #[inline]
    fn from(store: StoreContextMut<'a, T>) -> Self {
        Self { store }
    }
}

impl<T: 'static> AsContext for Caller<'_, T> {
    type Data = T;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, T> {
        self.store.as_context()
    }
}

impl<T: 'static> AsContextMut for Caller<'_, T> {
    #[inline]
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        self.store.reborrow()
    }
}
