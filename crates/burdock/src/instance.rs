//! `Instance`: a module in a store, with its imports.

mod allocate;
mod const_expr;
mod pre;

pub(crate) use allocate::{instantiate, instantiate_async};
pub use pre::InstancePre;
pub(crate) use pre::{Import, check_imports, enter_imports};

use crate::error::Context;
use crate::store::{StoreId, StoreOpaque};
use crate::{
    AsContext, AsContextMut, Engine, Export, Extern, Func, Global, Memory, Module, ModuleExport,
    Result, StoreContext, Table, Tag, TypedFunc, WasmParams, WasmResults, bail, ensure, format_err,
};
use alloc::format;
use burdock_core::InstanceAddr;

/// A module in a store, with its imports. The type is a `Copy` handle that is valid only with its
/// store.
///
/// Every method panics if it is called with another store.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"
///     (module (import "" "f" (func $f)) (func (export "g") call $f))"#)?;
/// let mut store = Store::new(&engine, ());
/// let f = Func::wrap(&mut store, || println!("called"));
/// let instance = Instance::new(&mut store, &module, &[f.into()])?;
/// let g = instance.get_typed_func::<(), ()>(&mut store, "g")?;
/// g.call(&mut store, ())?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    store: StoreId,
    addr: InstanceAddr,
}

impl Instance {
    pub(crate) fn from_addr(store: StoreId, addr: InstanceAddr) -> Self {
        Self { store, addr }
    }

    #[track_caller]
    pub(crate) fn addr(&self, store: StoreId) -> InstanceAddr {
        self.store.assert_same(store);
        self.addr
    }

    /// Returns the instance's address; the caller has compared the store, or the store does not
    /// matter.
    pub(crate) fn raw_addr(&self) -> InstanceAddr {
        self.addr
    }

    /// Returns `true` if both handles refer to one instance.
    pub(crate) fn same(a: &Instance, b: &Instance) -> bool {
        a.store == b.store && a.addr == b.addr
    }

    /// Instantiates a module: links `imports`, given in the order of the module, writes active
    /// segments, and runs the start function.
    ///
    /// # Errors
    ///
    /// Fails if the number or types of the imports are wrong; if the store's limiter refuses a
    /// memory or table; if an active segment does not fit; if the start function fails, or is not
    /// allowed.
    ///
    /// # Panics
    ///
    /// Panics if an import is of another store.
    pub fn new(
        mut store: impl AsContextMut,
        module: &Module,
        imports: &[Extern],
    ) -> Result<Instance> {
        let mut store = store.as_context_mut();
        check_engine(store.engine(), module)?;
        check_given(store.opaque(), module, imports)?;
        instantiate(&mut store, module, imports)
    }

    /// Instantiates a module like [`Instance::new`], waiting for the asynchronous host functions
    /// that its start function calls; see [`Func::call_async`].
    ///
    /// # Errors
    ///
    /// Fails as [`Instance::new`] does.
    ///
    /// # Panics
    ///
    /// Panics if an import belongs to another store.
    ///
    /// Source: Wasmtime's `Instance::new_async`.
    pub async fn new_async(
        mut store: impl AsContextMut,
        module: &Module,
        imports: &[Extern],
    ) -> Result<Instance> {
        let mut store = store.as_context_mut();
        check_engine(store.engine(), module)?;
        check_given(store.opaque(), module, imports)?;
        instantiate_async(&mut store, module, imports).await
    }

    /// Returns the instance's module.
    pub fn module<'a, T: 'static>(&self, store: impl Into<StoreContext<'a, T>>) -> &'a Module {
        let store = store.into().opaque();
        &store.instance(self.addr(store.id())).module
    }

    /// Returns the exports in the order of the module.
    ///
    /// Accepts `&store`, as do the methods below, where Wasmtime asks for `&mut store`: lookups
    /// change nothing in the store. `&mut store` is accepted, too.
    pub fn exports<'a, T: 'static>(
        &'a self,
        store: impl Into<StoreContext<'a, T>>,
    ) -> impl ExactSizeIterator<Item = Export<'a>> + 'a {
        let store: &'a StoreOpaque = store.into().opaque();
        let addr = self.addr(store.id());
        let exports = store.instance(addr).module.def().exports.iter();
        exports.map(move |(name, idx)| Export::new(name, Extern::of_instance(store, addr, *idx)))
    }

    /// Returns the export of this name.
    pub fn get_export(&self, store: impl AsContext, name: &str) -> Option<Extern> {
        let store = store.as_context().opaque();
        let addr = self.addr(store.id());
        let idx = store.instance(addr).module.def().exports.get(name)?;
        Some(Extern::of_instance(store, addr, *idx))
    }

    /// Returns an export that was looked up in the module before; `None` if this is an instance of
    /// another module.
    pub fn get_module_export(
        &self,
        store: impl AsContext,
        export: &ModuleExport,
    ) -> Option<Extern> {
        let store = store.as_context().opaque();
        let addr = self.addr(store.id());
        let same = Module::same(&store.instance(addr).module, &export.module);
        same.then(|| Extern::of_instance(store, addr, export.idx))
    }

    /// Returns the exported function of this name.
    pub fn get_func(&self, store: impl AsContext, name: &str) -> Option<Func> {
        self.get_export(store, name)?.into_func()
    }

    /// Returns the exported function of this name with static types.
    ///
    /// # Errors
    ///
    /// Fails if there is no such function, or its types are others.
    pub fn get_typed_func<Params, Results>(
        &self,
        store: impl AsContext,
        name: &str,
    ) -> Result<TypedFunc<Params, Results>>
    where
        Params: WasmParams,
        Results: WasmResults,
    {
        let func = self
            .get_func(&store, name)
            .ok_or_else(|| format_err!("failed to find function export `{name}`"))?;
        func.typed(&store)
            .with_context(|| format!("failed to convert function `{name}` to given type"))
    }

    /// Returns the exported table of this name.
    pub fn get_table(&self, store: impl AsContext, name: &str) -> Option<Table> {
        self.get_export(store, name)?.into_table()
    }

    /// Returns the exported memory of this name.
    pub fn get_memory(&self, store: impl AsContext, name: &str) -> Option<Memory> {
        self.get_export(store, name)?.into_memory()
    }

    /// Returns the exported global of this name.
    pub fn get_global(&self, store: impl AsContext, name: &str) -> Option<Global> {
        self.get_export(store, name)?.into_global()
    }

    /// Returns the exported tag of this name.
    pub fn get_tag(&self, store: impl AsContext, name: &str) -> Option<Tag> {
        self.get_export(store, name)?.into_tag()
    }
}

/// Fails unless a module belongs to an engine.
pub(crate) fn check_engine(engine: &Engine, module: &Module) -> Result<()> {
    ensure!(
        Engine::same(engine, module.engine()),
        "cross-`Engine` instantiation is not currently supported"
    );
    Ok(())
}

fn check_given(store: &StoreOpaque, module: &Module, imports: &[Extern]) -> Result<()> {
    let expected = module.def().imports.len();
    if expected != imports.len() {
        bail!("expected {expected} imports, found {}", imports.len());
    }
    if !imports.iter().all(|given| given.belongs_to(store.id())) {
        bail!("cross-`Store` instantiation is not currently supported");
    }
    check_imports(module, imports.iter().map(|given| given.definition(store)))
}
