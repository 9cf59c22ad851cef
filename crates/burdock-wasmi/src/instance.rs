//! `Instance`: instances of modules.

use crate::errors::{
    ErrorKind, FuncError, ImportName, InstantiationError, MemoryError, TableError,
};
use crate::{
    AsContext, AsContextMut, Engine, Error, Export, ExportsIter, Extern, ExternType, Func, Global,
    Memory, Module, StoreContext, Table, TypedFunc, WasmParams, WasmResults,
};
use alloc::vec::Vec;
use burdock::{AllocationError, Trap, WasmBacktrace};

/// An instance of a module.
#[derive(Copy, Clone, Debug)]
pub struct Instance(burdock::Instance);

impl Instance {
    /// Creates an instance, and runs the module's start function. `imports` are the items that the
    /// module imports, in the order of [`Module::imports`].
    ///
    /// # Errors
    ///
    /// Fails if the imports do not match, if a limit is exceeded, and if the start function traps.
    pub fn new(
        mut store: impl AsContextMut,
        module: &Module,
        imports: &[Extern],
    ) -> Result<Self, Error> {
        let items = module.in_places(imports);
        let mut ctx = store.as_context_mut();
        assert!(Engine::same(ctx.engine, module.engine()), "a module of another engine");
        match burdock::Instance::new(ctx.as_burdock_mut(), module.as_burdock(), &items) {
            Ok(instance) => Ok(Self(instance)),
            Err(error) => match check_imports(&ctx, module, imports) {
                Ok(()) => Err(creation_failed(error)),
                Err(error) => Err(error.into()),
            },
        }
    }

    /// Returns an exported item.
    ///
    /// # Panics
    ///
    /// Panics if the instance is one of another store.
    pub fn get_export(&self, store: impl AsContext, name: &str) -> Option<Extern> {
        Extern::from_burdock(self.0.get_export(store.as_context().store, name)?)
    }

    /// Returns an exported function.
    ///
    /// # Panics
    ///
    /// Panics if the instance is one of another store.
    pub fn get_func(&self, store: impl AsContext, name: &str) -> Option<Func> {
        self.get_export(store, name)?.into_func()
    }

    /// Returns an exported function with its types.
    ///
    /// # Errors
    ///
    /// Fails if there is no such function, or if it is of another type.
    ///
    /// # Panics
    ///
    /// Panics if the instance is one of another store.
    pub fn get_typed_func<Params, Results>(
        &self,
        store: impl AsContext,
        name: &str,
    ) -> Result<TypedFunc<Params, Results>, Error>
    where
        Params: WasmParams,
        Results: WasmResults,
    {
        let func = self.get_func(&store, name).ok_or(FuncError::ExportedFuncNotFound)?;
        func.typed(store)
    }

    /// Returns an exported global.
    ///
    /// # Panics
    ///
    /// Panics if the instance is one of another store.
    pub fn get_global(&self, store: impl AsContext, name: &str) -> Option<Global> {
        self.get_export(store, name)?.into_global()
    }

    /// Returns an exported table.
    ///
    /// # Panics
    ///
    /// Panics if the instance is one of another store.
    pub fn get_table(&self, store: impl AsContext, name: &str) -> Option<Table> {
        self.get_export(store, name)?.into_table()
    }

    /// Returns an exported memory.
    ///
    /// # Panics
    ///
    /// Panics if the instance is one of another store.
    pub fn get_memory(&self, store: impl AsContext, name: &str) -> Option<Memory> {
        self.get_export(store, name)?.into_memory()
    }

    /// Returns all exported items, sorted by name. Tags, which wasmi does not have, are left out.
    ///
    /// # Panics
    ///
    /// Panics if the instance is one of another store.
    pub fn exports<'ctx, T: 'static>(
        &self,
        store: impl Into<StoreContext<'ctx, T>>,
    ) -> ExportsIter<'ctx> {
        let store = store.into().store;
        let exports = self.0.module(store).exports().filter_map(|export| {
            let item = self.0.get_export(store, export.name())?;
            Some(Export::new(export.name(), Extern::from_burdock(item)?))
        });
        let mut exports: Vec<_> = exports.collect();
        exports.sort_unstable_by_key(Export::name);
        ExportsIter::new(exports)
    }

    /// Returns Burdock's instance.
    pub fn as_burdock(&self) -> burdock::Instance {
        self.0
    }

    /// Returns an instance of Burdock as one of this crate.
    pub fn from_burdock(instance: burdock::Instance) -> Self {
        Self(instance)
    }
}

/// Returns why an instance could not be created although the imports match.
#[cold]
fn creation_failed(error: burdock::Error) -> Error {
    // A limiter may also trap the start function, which is a guest and has frames.
    if error.is::<WasmBacktrace>() {
        return Error::from_burdock(error);
    }
    // Without frames it is the bounds check of an active data segment that traps.
    if let Some(Trap::MemoryOutOfBounds) = error.downcast_ref() {
        return MemoryError::OutOfBoundsAccess.into();
    }
    match error.downcast_ref() {
        Some(AllocationError::Memory(_)) => {
            let error = MemoryError::OutOfSystemMemory;
            return InstantiationError::FailedToInstantiateMemory(error).into();
        }
        Some(AllocationError::Table(_)) => {
            let error = TableError::OutOfSystemMemory;
            return InstantiationError::FailedToInstantiateTable(error).into();
        }
        _ => {}
    }
    if let Some(denied) = error.downcast_ref::<MemoryError>() {
        return InstantiationError::FailedToInstantiateMemory(*denied).into();
    }
    if let Some(denied) = error.downcast_ref::<TableError>() {
        return InstantiationError::FailedToInstantiateTable(*denied).into();
    }
    // The error of a start function of the host is none of the instantiation.
    let is_own = error.is::<Error>();
    let error = Error::from_burdock(error);
    match error.kind() {
        _ if is_own => error,
        ErrorKind::Memory(error) => InstantiationError::FailedToInstantiateMemory(*error).into(),
        ErrorKind::Table(error) => InstantiationError::FailedToInstantiateTable(*error).into(),
        _ => error,
    }
}

/// Fails if items are not what a module imports.
#[cold]
fn check_imports(
    ctx: impl AsContext,
    module: &Module,
    given: &[Extern],
) -> Result<(), InstantiationError> {
    let imports = module.imports();
    let (expected, actual) = (imports.len(), given.len());
    if expected != actual {
        return Err(InstantiationError::MismatchedNumberOfImports { expected, actual });
    }
    for (import, item) in imports.zip(given) {
        let name = ImportName::new(import.module(), import.name());
        check_import(&ctx, name, import.ty(), *item)?;
    }
    Ok(())
}

fn check_import(
    ctx: impl AsContext,
    name: ImportName,
    expected: &ExternType,
    given: Extern,
) -> Result<(), InstantiationError> {
    match (expected.clone(), given) {
        (ExternType::Func(expected), Extern::Func(func)) => {
            let actual = func.ty(ctx);
            if actual != expected {
                return Err(InstantiationError::FuncTypeMismatch { name, expected, actual });
            }
        }
        (ExternType::Global(expected), Extern::Global(global)) => {
            let actual = global.ty(ctx);
            if actual != expected {
                return Err(InstantiationError::GlobalTypeMismatch { name, expected, actual });
            }
        }
        (ExternType::Table(expected), Extern::Table(table)) => {
            let actual = table.ty(&ctx);
            if !actual.matches(table.size(ctx), &expected) {
                return Err(InstantiationError::TableTypeMismatch { name, expected, actual });
            }
        }
        (ExternType::Memory(expected), Extern::Memory(memory)) => {
            let actual = memory.ty(&ctx);
            if !actual.matches(memory.size(ctx), &expected) {
                return Err(InstantiationError::MemoryTypeMismatch { name, expected, actual });
            }
        }
        (expected, actual) => {
            return Err(InstantiationError::ImportTypeMismatch { name, expected, actual });
        }
    }
    Ok(())
}
