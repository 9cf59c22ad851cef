//! `Linker`: definitions for imports by their names.

use crate::errors::{ImportName, LinkerError};
use crate::func::untyped;
use crate::{
    AsContext, AsContextMut, Caller, Engine, Error, Extern, ExternType, FuncType, Instance,
    IntoFunc, Module, StoreContextMut, Val,
};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

/// Definitions for imports by their names.
pub struct Linker<T: 'static> {
    engine: Engine,
    /// The host functions, which belong to no store, and what Burdock's own methods define.
    hosts: burdock::Linker<T>,
    /// The other definitions by the names of their modules. Burdock's linker wants to see the store
    /// of an item, which wasmi's does not.
    modules: BTreeMap<Box<str>, BTreeMap<Box<str>, Definition>>,
    allow_shadowing: bool,
}

#[derive(Copy, Clone, Debug)]
enum Definition {
    /// An item of a store.
    Item(Extern),
    /// A host function, which Burdock's linker has.
    Host,
}

impl<T: 'static> Clone for Linker<T> {
    fn clone(&self) -> Self {
        Self {
            engine: self.engine.clone(),
            hosts: self.hosts.clone(),
            modules: self.modules.clone(),
            allow_shadowing: self.allow_shadowing,
        }
    }
}

impl<T: 'static> fmt::Debug for Linker<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Linker").field("modules", &self.modules).finish_non_exhaustive()
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
        let mut hosts = burdock::Linker::new(engine.as_burdock());
        // `modules` knows which names are defined.
        hosts.allow_shadowing(true);
        let modules = BTreeMap::new();
        Self { engine: engine.clone(), hosts, modules, allow_shadowing: false }
    }

    /// Returns the engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Sets whether definitions may replace others of the same name. Off by default.
    pub fn allow_shadowing(&mut self, allow: bool) -> &mut Self {
        self.allow_shadowing = allow;
        self
    }

    /// Defines an item of a store.
    ///
    /// # Errors
    ///
    /// Fails if the name is defined already.
    pub fn define(
        &mut self,
        module: &str,
        name: &str,
        item: impl Into<Extern>,
    ) -> Result<&mut Self, LinkerError> {
        self.insert(module, name, Definition::Item(item.into()))?;
        Ok(self)
    }

    /// Defines a function of the host whose type is known at run time.
    ///
    /// # Errors
    ///
    /// Fails if the name is defined already.
    pub fn func_new(
        &mut self,
        module: &str,
        name: &str,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Result<&mut Self, LinkerError> {
        self.insert(module, name, Definition::Host)?;
        let (burdock_ty, engine) = (ty.to_burdock(&self.engine), self.engine.clone());
        let defined = self.hosts.func_new(module, name, burdock_ty, untyped(engine, ty, func));
        defined.expect("this linker allows shadowing");
        Ok(self)
    }

    /// Defines a function of the host from a closure.
    ///
    /// # Errors
    ///
    /// Fails if the name is defined already.
    pub fn func_wrap<Params, Args>(
        &mut self,
        module: &str,
        name: &str,
        func: impl IntoFunc<T, Params, Args>,
    ) -> Result<&mut Self, LinkerError> {
        self.insert(module, name, Definition::Host)?;
        let defined = self.hosts.func_wrap(module, name, func.into_burdock(self.engine.clone()));
        defined.expect("this linker allows shadowing");
        Ok(self)
    }

    /// Returns the definition of a name, if it is an item of a store.
    ///
    /// # Panics
    ///
    /// Panics if the store is one of another engine.
    pub fn get(
        &self,
        context: impl AsContext<Data = T>,
        module: &str,
        name: &str,
    ) -> Option<Extern> {
        self.check_engine(context.as_context().engine);
        match self.modules.get(module)?.get(name)? {
            Definition::Item(item) => Some(*item),
            Definition::Host => None,
        }
    }

    /// Defines all exports of an instance as items of a module.
    ///
    /// # Errors
    ///
    /// Fails if a name is defined already.
    ///
    /// # Panics
    ///
    /// Panics if the store is one of another engine.
    pub fn instance(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module_name: &str,
        instance: Instance,
    ) -> Result<&mut Self, Error> {
        let store = store.as_context_mut();
        self.check_engine(store.engine);
        for export in instance.exports(&store) {
            let (name, item) = (export.name(), export.into_extern());
            self.insert(module_name, name, Definition::Item(item))?;
        }
        Ok(self)
    }

    /// Defines the items of a module as items of another module, too.
    ///
    /// # Errors
    ///
    /// Fails if a name is defined already.
    pub fn alias_module(&mut self, module: &str, as_module: &str) -> Result<(), Error> {
        let items = self.modules.get(module).cloned().unwrap_or_default();
        for (name, definition) in items {
            self.insert(as_module, &name, definition)?;
            if let Definition::Host = definition {
                let aliased = self.hosts.alias(module, &name, as_module, &name);
                aliased.map_err(Error::from_burdock)?;
            }
        }
        Ok(())
    }

    /// Creates an instance with the definitions of the module's imports, and runs the module's
    /// start function.
    ///
    /// # Errors
    ///
    /// Fails if an import is not defined, or is of another type, if a limit is exceeded, and if the
    /// start function traps.
    ///
    /// # Panics
    ///
    /// Panics if the store is one of another engine.
    pub fn instantiate_and_start(
        &self,
        mut context: impl AsContextMut<Data = T>,
        module: &Module,
    ) -> Result<Instance, Error> {
        let mut context = context.as_context_mut();
        self.check_engine(context.engine);
        let mut imports = Vec::new();
        for import in module.imports() {
            let (module, name, ty) = (import.module(), import.name(), import.ty());
            match self.find(&mut context, module, name) {
                Some(found) if is_of_kind(&found, ty) => imports.push(found),
                found => {
                    let name = ImportName::new(module, name);
                    return Err(unfit(&context, name, ty.clone(), found).into());
                }
            }
        }
        Instance::new(context, module, &imports)
    }

    /// Returns Burdock's linker, to define more host functions, as `burdock_wasi` does. Items that
    /// are defined with wasmi's methods come first, and are not in Burdock's linker.
    pub fn as_burdock_mut(&mut self) -> &mut burdock::Linker<T> {
        &mut self.hosts
    }

    fn check_engine(&self, engine: &Engine) {
        assert!(Engine::same(&self.engine, engine), "a linker and a store of different engines");
    }

    fn insert(
        &mut self,
        module: &str,
        name: &str,
        definition: Definition,
    ) -> Result<(), LinkerError> {
        let items = match self.modules.get_mut(module) {
            Some(items) => items,
            None => self.modules.entry(module.into()).or_default(),
        };
        if !self.allow_shadowing && items.contains_key(name) {
            let import_name = ImportName::new(module, name);
            return Err(LinkerError::DuplicateDefinition { import_name });
        }
        items.insert(name.into(), definition);
        Ok(())
    }

    /// Returns the definition of a name as an item of a store.
    fn find(&self, store: &mut StoreContextMut<'_, T>, module: &str, name: &str) -> Option<Extern> {
        let defined = self.modules.get(module).and_then(|items| items.get(name));
        match defined {
            Some(Definition::Item(item)) => Some(*item),
            _ => {
                let item = self.hosts.get(store.as_burdock_mut(), module, name).ok()?;
                Extern::from_burdock(item)
            }
        }
    }
}

/// Returns `true` if an item is of the kind that is imported. `Instance::new` checks the rest.
fn is_of_kind(item: &Extern, ty: &ExternType) -> bool {
    matches!(
        (item, ty),
        (Extern::Func(_), ExternType::Func(_))
            | (Extern::Global(_), ExternType::Global(_))
            | (Extern::Memory(_), ExternType::Memory(_))
            | (Extern::Table(_), ExternType::Table(_))
    )
}

/// Returns why an import cannot be what was found.
#[cold]
fn unfit(
    store: impl AsContext,
    name: ImportName,
    expected: ExternType,
    found: Option<Extern>,
) -> LinkerError {
    match found {
        None => LinkerError::MissingDefinition { name, ty: expected },
        Some(found) => {
            LinkerError::InvalidTypeDefinition { name, expected, found: found.ty(store) }
        }
    }
}
