//! `InstancePre`: a module whose imports have been found and checked, to be instantiated often.

use super::{Instance, allocate, check_engine};
use crate::error::Context;
use crate::func::HostFunction;
use crate::store::StoreId;
use crate::types::{Definition, DefinitionRef, check_import};
use crate::{AsContextMut, Extern, Func, Module, Result, StoreContextMut, ensure};
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

/// What is given for an import: of a store, or a host function of none.
pub(crate) enum Import<T: 'static> {
    /// Of a store; with the type and size it had when it was defined.
    Extern(Extern, Definition),
    /// A host function of no store.
    Host(Arc<HostFunction<T>>),
}

impl<T> Clone for Import<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Extern(item, definition) => Self::Extern(*item, *definition),
            Self::Host(func) => Self::Host(Arc::clone(func)),
        }
    }
}

impl<T: 'static> Import<T> {
    pub(crate) fn definition(&self) -> Definition {
        match self {
            Self::Extern(_, definition) => *definition,
            Self::Host(func) => Definition::Func(func.ty.id()),
        }
    }

    /// What it is in a store.
    pub(crate) fn enter(&self, store: &mut StoreContextMut<'_, T>) -> Extern {
        match self {
            Self::Extern(item, _) => *item,
            Self::Host(func) => {
                let addr = func.enter(store);
                Func::from_addr(store.id(), addr).into()
            }
        }
    }

    fn belongs_to(&self, store: StoreId) -> bool {
        match self {
            Self::Extern(item, _) => item.belongs_to(store),
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
    pub(crate) fn new(module: &Module, imports: Vec<Import<T>>) -> Result<Self> {
        for (import, given) in module.def().imports.iter().zip(&imports) {
            let expected = DefinitionRef { ty: &import.ty, types: module.types() };
            check_import(module.engine(), &expected, given.definition()).with_context(|| {
                let (module, name) = (&import.module, &import.name);
                format!("incompatible import type for `{module}::{name}`")
            })?;
        }
        Ok(Self { module: module.clone(), imports: imports.into() })
    }

    /// The module.
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// Instantiates the module, as [`Instance::new`] does.
    ///
    /// # Errors
    ///
    /// An import is of another store, or instantiation fails.
    pub fn instantiate(&self, mut store: impl AsContextMut<Data = T>) -> Result<Instance> {
        let mut store = store.as_context_mut();
        let imports = self.imports_of(&mut store)?;
        allocate::instantiate(&mut store, &self.module, &imports)
    }

    /// Instantiates the module, waiting for the asynchronous host functions that its start function
    /// calls; see [`Func::call_async`].
    ///
    /// # Errors
    ///
    /// As for [`InstancePre::instantiate`].
    pub async fn instantiate_async(
        &self,
        mut store: impl AsContextMut<Data = T>,
    ) -> Result<Instance> {
        let mut store = store.as_context_mut();
        let imports = self.imports_of(&mut store)?;
        let (instance, start) = allocate::instantiate_only(&mut store, &self.module, &imports)?;
        if let Some(start) = start {
            crate::func::call_async(store, start, &[], &mut []).await?;
        }
        Ok(instance)
    }

    /// The imports, as they are in a store.
    fn imports_of(&self, store: &mut StoreContextMut<'_, T>) -> Result<Vec<Extern>> {
        check_engine(store.engine(), &self.module)?;
        let id = store.id();
        let mut imports = Vec::with_capacity(self.imports.len());
        for import in self.imports.iter() {
            ensure!(
                import.belongs_to(id),
                "cross-`Store` instantiation is not currently supported"
            );
            imports.push(import.enter(store));
        }
        Ok(imports)
    }
}
