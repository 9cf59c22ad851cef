//! `InstancePre`: a module whose imports have been found and checked, to be instantiated often.

use super::{Instance, check_engine, instantiate, instantiate_async};
use crate::error::Context;
use crate::func::HostFunction;
use crate::names::Escaped;
use crate::store::{StoreId, StoreOpaque};
use crate::types::{Definition, DefinitionRef, check_import};
use crate::{AsContextMut, Engine, Extern, Func, Module, Result, StoreContextMut, ensure};
use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A module whose imports have been found and checked. Cheap to clone.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let engine = Engine::default();
/// let module = Module::new(&engine, "(module)")?;
/// let pre = Linker::new(&engine).instantiate_pre(&module)?;
/// for _ in 0..3 {
///     pre.instantiate(&mut Store::new(&engine, ()))?;
/// }
/// # Ok::<(), Error>(())
/// ```
pub struct InstancePre<T: 'static> {
    module: Module,
    imports: Arc<[Import<T>]>,
}

/// The definition given for an import: an entity of a store, or a host function of no store.
pub(crate) enum Import<T: 'static> {
    /// An entity of a store, with the type and size that it had when it was defined.
    Extern(Extern, Definition),
    /// An item of a store of another engine: it can be looked up, but modules cannot be
    /// instantiated with it.
    Foreign(Extern, Definition),
    /// A host function of no store.
    Host(Arc<HostFunction<T>>),
}

impl<T> Clone for Import<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Extern(item, definition) => Self::Extern(*item, *definition),
            Self::Foreign(item, definition) => Self::Foreign(*item, *definition),
            Self::Host(func) => Self::Host(Arc::clone(func)),
        }
    }
}

impl<T: 'static> Import<T> {
    /// Returns an item of a store, which may be a store of another engine, as an import for modules
    /// of `engine`.
    pub(crate) fn of_store(engine: &Engine, store: &StoreOpaque, item: Extern) -> Self {
        let definition = item.definition(store);
        match Engine::same(engine, store.engine()) {
            true => Self::Extern(item, definition),
            false => Self::Foreign(item, definition),
        }
    }

    pub(crate) fn definition(&self) -> Definition {
        match self {
            Self::Extern(_, definition) | Self::Foreign(_, definition) => *definition,
            Self::Host(func) => Definition::Func(func.ty.id()),
        }
    }

    /// Returns the definition as an entity of a store.
    pub(crate) fn enter(&self, store: &mut StoreContextMut<'_, T>) -> Extern {
        match self {
            Self::Extern(item, _) | Self::Foreign(item, _) => *item,
            Self::Host(func) => {
                let addr = func.enter(store);
                Func::from_addr(store.id(), addr).into()
            }
        }
    }

    /// Returns the definition's current type and size in the store that it is to enter.
    pub(crate) fn definition_in(&self, store: &StoreOpaque) -> Definition {
        match self {
            Self::Extern(item, _) if item.belongs_to(store.id()) => item.definition(store),
            _ => self.definition(),
        }
    }

    fn belongs_to(&self, store: StoreId) -> bool {
        match self {
            Self::Extern(item, _) | Self::Foreign(item, _) => item.belongs_to(store),
            Self::Host(_) => true,
        }
    }
}

impl<T> Clone for InstancePre<T> {
    fn clone(&self) -> Self {
        Self { module: self.module.clone(), imports: Arc::clone(&self.imports) }
    }
}

impl<T: 'static> InstancePre<T> {
    /// Imports for a module, in its order; checked here.
    pub(crate) fn new(module: &Module, imports: Vec<&Import<T>>) -> Result<Self> {
        check_imports(module, imports.iter().map(|import| import.definition()))?;
        Ok(Self { module: module.clone(), imports: imports.into_iter().cloned().collect() })
    }

    /// Returns the module.
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// Instantiates the module, as [`Instance::new`] does.
    ///
    /// # Errors
    ///
    /// Fails if an import is of another store, or instantiation fails.
    pub fn instantiate(&self, mut store: impl AsContextMut<Data = T>) -> Result<Instance> {
        let mut store = store.as_context_mut();
        let imports = enter_imports(&mut store, &self.module, self.imports.iter())?;
        instantiate(&mut store, &self.module, &imports)
    }

    /// Instantiates the module, waiting for the asynchronous host functions that its start function
    /// calls; see [`Func::call_async`].
    ///
    /// # Errors
    ///
    /// Fails as [`InstancePre::instantiate`] does.
    pub async fn instantiate_async(
        &self,
        mut store: impl AsContextMut<Data = T>,
    ) -> Result<Instance> {
        let mut store = store.as_context_mut();
        let imports = enter_imports(&mut store, &self.module, self.imports.iter())?;
        instantiate_async(&mut store, &self.module, &imports).await
    }
}

/// Fails unless the definitions for a module's imports match the types of the imports.
pub(crate) fn check_imports(
    module: &Module,
    given: impl Iterator<Item = Definition>,
) -> Result<()> {
    for (import, given) in module.def().imports.iter().zip(given) {
        let expected = DefinitionRef { ty: &import.ty, types: module.types() };
        check_import(module.engine(), &expected, given).with_context(|| {
            let (module, name) = (Escaped(import.module()), Escaped(import.name()));
            format!("incompatible import type for `{module}::{name}`")
        })?;
    }
    Ok(())
}

/// Returns the definitions for a module's imports as entities of a store.
pub(crate) fn enter_imports<'i, T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    module: &Module,
    given: impl ExactSizeIterator<Item = &'i Import<T>>,
) -> Result<Vec<Extern>> {
    check_engine(store.engine(), module)?;
    let id = store.id();
    let mut imports = Vec::with_capacity(given.len());
    let opaque = store.opaque();
    opaque.linked.reserve(given.len());
    opaque.vm.reserve_funcs(module.def().funcs.len());
    for import in given {
        ensure!(import.belongs_to(id), "cross-`Store` instantiation is not currently supported");
        imports.push(import.enter(store));
    }
    Ok(imports)
}
