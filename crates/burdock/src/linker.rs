//! `Linker`: definitions for the imports of modules; host functions need no store.

mod asynchronous;
mod commands;
mod unknown;

pub use unknown::UnknownImportError;

use crate::func::{HostFunction, IntoFunc};
use crate::instance::{Import, check_engine, check_imports, enter_imports, instantiate};
use crate::names::Escaped;
use crate::{
    AsContext, AsContextMut, Caller, Engine, Extern, FuncType, ImportType, Instance, InstancePre,
    Module, Result, StoreContextMut, Val, bail,
};
use alloc::sync::Arc;
use alloc::vec::Vec;
use burdock_parse::ImportName;
use hashbrown::DefaultHashBuilder;
use indexmap::IndexMap;
use indexmap::map::Entry;

/// A set of named definitions for the imports of modules.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let engine = Engine::default();
/// let mut linker = Linker::new(&engine);
/// linker.func_wrap("host", "double", |x: i32| 2 * x)?;
/// let module = Module::new(&engine, r#"(module
///     (import "host" "double" (func $double (param i32) (result i32)))
///     (func (export "f") (result i32) (call $double (i32.const 21))))"#)?;
/// let mut store = Store::new(&engine, ());
/// let instance = linker.instantiate(&mut store, &module)?;
/// let f = instance.get_typed_func::<(), i32>(&mut store, "f")?;
/// assert_eq!(f.call(&mut store, ())?, 42);
/// # Ok::<(), Error>(())
/// ```
pub struct Linker<T: 'static> {
    engine: Engine,
    map: IndexMap<ImportName, Import<T>, DefaultHashBuilder>,
    allow_shadowing: bool,
    allow_unknown_exports: bool,
}

impl<T> Clone for Linker<T> {
    fn clone(&self) -> Self {
        Self {
            engine: self.engine.clone(),
            map: self.map.clone(),
            allow_shadowing: self.allow_shadowing,
            allow_unknown_exports: self.allow_unknown_exports,
        }
    }
}

impl<T: 'static> core::fmt::Debug for Linker<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Linker").field("definitions", &self.map.len()).finish_non_exhaustive()
    }
}

impl<T: 'static> Default for Linker<T> {
    fn default() -> Self {
        Self::new(&Engine::default())
    }
}

impl<T: 'static> Linker<T> {
    /// Creates a linker without definitions.
    pub fn new(engine: &Engine) -> Self {
        Self {
            engine: engine.clone(),
            map: IndexMap::default(),
            allow_shadowing: false,
            allow_unknown_exports: false,
        }
    }

    /// Returns the engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Sets whether a name can be defined again. Off by default.
    pub fn allow_shadowing(&mut self, allow: bool) -> &mut Self {
        self.allow_shadowing = allow;
        self
    }

    /// Sets whether [`Linker::module`] takes commands that export other things than functions. Off
    /// by default.
    pub fn allow_unknown_exports(&mut self, allow: bool) -> &mut Self {
        self.allow_unknown_exports = allow;
        self
    }

    /// Defines an entity of a store.
    ///
    /// # Errors
    ///
    /// Fails if the name is defined already.
    ///
    /// # Panics
    ///
    /// Panics if the item belongs to another store.
    pub fn define(
        &mut self,
        store: impl AsContext<Data = T>,
        module: &str,
        name: &str,
        item: impl Into<Extern>,
    ) -> Result<&mut Self> {
        let item = Import::of_store(&self.engine, store.as_context().opaque(), item.into());
        self.insert(ImportName::new(module, name), item)?;
        Ok(self)
    }

    /// Defines an entity of a store under a single name; the module's name is empty.
    ///
    /// # Errors
    ///
    /// Fails if the name is defined already.
    pub fn define_name(
        &mut self,
        store: impl AsContext<Data = T>,
        name: &str,
        item: impl Into<Extern>,
    ) -> Result<&mut Self> {
        self.define(store, "", name, item)
    }

    /// Defines a host function of a type that is only known at run time; see
    /// [`Func::new`](crate::Func::new).
    ///
    /// # Errors
    ///
    /// Fails if the name is defined already.
    pub fn func_new(
        &mut self,
        module: &str,
        name: &str,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<()> + Send + Sync + 'static,
    ) -> Result<&mut Self> {
        let func = crate::func::untyped(&self.engine, ty, func);
        self.define_host(module, name, func)
    }

    /// Defines a host function from a Rust function; see [`Func::wrap`](crate::Func::wrap).
    ///
    /// # Errors
    ///
    /// Fails if the name is defined already.
    pub fn func_wrap<Params, Results>(
        &mut self,
        module: &str,
        name: &str,
        func: impl IntoFunc<T, Params, Results>,
    ) -> Result<&mut Self> {
        let func = func.into_func(&self.engine);
        self.define_host(module, name, func.0)
    }

    pub(crate) fn define_host(
        &mut self,
        module: &str,
        name: &str,
        func: Arc<HostFunction<T>>,
    ) -> Result<&mut Self> {
        self.insert(ImportName::new(module, name), Import::Host(func))?;
        Ok(self)
    }

    /// Defines the exports of an instance under a module name.
    ///
    /// # Errors
    ///
    /// Fails if a name is defined already.
    ///
    /// # Panics
    ///
    /// Panics if the instance is of another store.
    pub fn instance(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module_name: &str,
        instance: Instance,
    ) -> Result<&mut Self> {
        let mut store = store.as_context_mut();
        let exports: Vec<(ImportName, Extern)> = instance
            .exports(&mut store)
            .map(|export| (ImportName::new(module_name, export.name()), export.into_extern()))
            .collect();
        for (name, item) in exports {
            let item = Import::of_store(&self.engine, store.opaque(), item);
            self.insert(name, item)?;
        }
        Ok(self)
    }

    /// Defines a name as an alias of another name.
    ///
    /// # Errors
    ///
    /// Fails if the new name is defined already, or the old one is not.
    pub fn alias(
        &mut self,
        module: &str,
        name: &str,
        as_module: &str,
        as_name: &str,
    ) -> Result<&mut Self> {
        let Some(item) = self.find(module, name).cloned() else {
            bail!("no item named `{}::{}` defined", Escaped(module), Escaped(name));
        };
        self.insert(ImportName::new(as_module, as_name), item)?;
        Ok(self)
    }

    /// Defines all names of a module again under another module name.
    ///
    /// # Errors
    ///
    /// Fails if a new name is defined already.
    pub fn alias_module(&mut self, module: &str, as_module: &str) -> Result<()> {
        let named = |(name, item): (&ImportName, &Import<T>)| {
            let (of, name) = name.get();
            (of == module).then(|| (ImportName::new(as_module, name), item.clone()))
        };
        let items: Vec<_> = self.map.iter().filter_map(named).collect();
        for (name, item) in items {
            self.insert(name, item)?;
        }
        Ok(())
    }

    fn insert(&mut self, name: ImportName, item: Import<T>) -> Result<()> {
        match self.map.entry(name) {
            Entry::Vacant(place) => _ = place.insert(item),
            Entry::Occupied(mut place) if self.allow_shadowing => _ = place.insert(item),
            Entry::Occupied(place) => {
                let (module, name) = place.key().get();
                bail!("import of `{}::{}` defined twice", Escaped(module), Escaped(name));
            }
        }
        Ok(())
    }

    fn find(&self, module: &str, name: &str) -> Option<&Import<T>> {
        self.map.get(&(module, name))
    }

    fn find_import(&self, import: &ImportType<'_>) -> Result<&Import<T>, UnknownImportError> {
        self.find(import.module(), import.name()).ok_or_else(|| UnknownImportError::new(import))
    }

    /// Instantiates a module with the imports that are defined under its names.
    ///
    /// # Errors
    ///
    /// Fails if an import is not defined ([`UnknownImportError`]), or instantiation fails as for
    /// [`Instance::new`].
    pub fn instantiate(
        &self,
        mut store: impl AsContextMut<Data = T>,
        module: &Module,
    ) -> Result<Instance> {
        let mut store = store.as_context_mut();
        let imports = self.imports_in(&mut store, module)?;
        instantiate(&mut store, module, &imports)
    }

    /// Returns a module's imports in a store, with their current sizes instead of those at
    /// definition.
    fn imports_in(
        &self,
        store: &mut StoreContextMut<'_, T>,
        module: &Module,
    ) -> Result<Vec<Extern>> {
        check_engine(&self.engine, module)?;
        let found = self.find_imports(module)?;
        let definitions = found.iter().map(|import| import.definition_in(store.opaque()));
        check_imports(module, definitions)?;
        enter_imports(store, module, found.into_iter())
    }

    /// Instantiates a module; wasmi's name of [`Linker::instantiate`].
    ///
    /// # Errors
    ///
    /// Fails as [`Linker::instantiate`] does.
    pub fn instantiate_and_start(
        &self,
        store: impl AsContextMut<Data = T>,
        module: &Module,
    ) -> Result<Instance> {
        self.instantiate(store, module)
    }

    /// Looks up and checks a module's imports once for many instances.
    ///
    /// # Errors
    ///
    /// Fails if an import is not defined ([`UnknownImportError`]) or of the wrong type.
    pub fn instantiate_pre(&self, module: &Module) -> Result<InstancePre<T>> {
        check_engine(&self.engine, module)?;
        InstancePre::new(module, self.find_imports(module)?)
    }

    /// Returns the definitions under the names of a module's imports.
    fn find_imports(&self, module: &Module) -> Result<Vec<&Import<T>>> {
        let mut found = Vec::with_capacity(module.def().imports.len());
        for import in &module.def().imports {
            match self.map.get(&import.name) {
                Some(Import::Foreign(..)) => bail!(
                    "cross-`Engine` instantiation is not currently supported: `{}::{}` is of a \
                     store of another engine",
                    Escaped(import.module()),
                    Escaped(import.name())
                ),
                Some(item) => found.push(item),
                None => return Err(UnknownImportError::of(module, import).into()),
            }
        }
        Ok(found)
    }

    /// Returns all definitions in order of definition.
    pub fn iter<'a: 'p, 'p>(
        &'a self,
        mut store: impl AsContextMut<Data = T> + 'p,
    ) -> impl Iterator<Item = (&'a str, &'a str, Extern)> + 'p {
        self.map.iter().map(move |(name, item)| {
            let (module, name) = name.get();
            (module, name, item.enter(&mut store.as_context_mut()))
        })
    }

    /// Returns a definition.
    ///
    /// # Errors
    ///
    /// Fails if there is no definition of this name.
    pub fn get(
        &self,
        mut store: impl AsContextMut<Data = T>,
        module: &str,
        name: &str,
    ) -> Result<Extern> {
        match self.find(module, name) {
            Some(item) => Ok(item.enter(&mut store.as_context_mut())),
            None => bail!("missing definition for `{}::{}`", Escaped(module), Escaped(name)),
        }
    }

    /// Returns the definition that an import would get.
    pub fn get_by_import(
        &self,
        mut store: impl AsContextMut<Data = T>,
        import: &ImportType<'_>,
    ) -> Option<Extern> {
        let item = self.find_import(import).ok()?;
        Some(item.enter(&mut store.as_context_mut()))
    }

    /// Returns the definition that an import would get; see [`Linker::get_by_import`].
    ///
    /// # Errors
    ///
    /// Never fails.
    pub fn try_get_by_import(
        &self,
        store: impl AsContextMut<Data = T>,
        import: &ImportType<'_>,
    ) -> Result<Option<Extern>> {
        Ok(self.get_by_import(store, import))
    }
}
