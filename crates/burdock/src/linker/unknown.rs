//! Undefined imports: the error, and stand-ins for them.

use super::Linker;
use crate::error::Context;
use crate::names::Escaped;
use crate::{AsContextMut, ExternType, ImportType, Module, Result};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// An import that is not defined.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module (import "env" "clock" (func)))"#)?;
/// let linker = Linker::<()>::new(&engine);
/// let error = linker.instantiate(&mut Store::new(&engine, ()), &module).unwrap_err();
/// let unknown = error.downcast_ref::<UnknownImportError>().unwrap();
/// assert_eq!((unknown.module(), unknown.name()), ("env", "clock"));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[error("unknown import: `{}::{}` has not been defined", Escaped(.module), Escaped(.name))]
pub struct UnknownImportError {
    module: String,
    name: String,
    ty: ExternType,
}

impl UnknownImportError {
    pub(super) fn new(import: &ImportType<'_>) -> Self {
        Self {
            module: import.module().to_string(),
            name: import.name().to_string(),
            ty: import.ty(),
        }
    }

    pub(super) fn of(module: &Module, import: &burdock_parse::Import) -> Self {
        Self {
            module: import.module().to_string(),
            name: import.name().to_string(),
            ty: ExternType::of_import(module, &import.ty),
        }
    }

    /// Returns the name of the module that the import is from.
    pub fn module(&self) -> &str {
        &self.module
    }

    /// Returns the name of the import.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the type of the import.
    pub fn ty(&self) -> ExternType {
        self.ty.clone()
    }
}

impl<T: 'static> Linker<T> {
    fn unknown(&self, module: &Module) -> Vec<UnknownImportError> {
        let imports = module.imports();
        imports.filter_map(|import| self.find_import(&import).err()).collect()
    }

    /// Defines the undefined functions among a module's imports as functions that fail with
    /// [`UnknownImportError`] when they are called.
    ///
    /// # Errors
    ///
    /// Never fails.
    pub fn define_unknown_imports_as_traps(&mut self, module: &Module) -> Result<()> {
        for error in self.unknown(module) {
            let ExternType::Func(ty) = error.ty() else {
                continue;
            };
            let (module, name) = (error.module.clone(), error.name.clone());
            // An import can be there twice.
            if self.find(&module, &name).is_none() {
                self.func_new(&module, &name, ty, move |_, _, _| Err(error.clone().into()))?;
            }
        }
        Ok(())
    }

    /// Defines the undefined imports of a module with default values: functions that return zeros
    /// and nulls, and memories, tables and globals of zeros and nulls.
    ///
    /// # Errors
    ///
    /// Fails if a type has no such value, or the store's limiter refuses a memory or table.
    pub fn define_unknown_imports_as_default_values(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module: &Module,
    ) -> Result<()> {
        let mut store = store.as_context_mut();
        for error in self.unknown(module) {
            let UnknownImportError { module, name, ty } = &error;
            if self.find(module, name).is_some() {
                continue;
            }
            let value = ty.default_value(&mut store).with_context(|| {
                let (module, name) = (Escaped(module), Escaped(name));
                format!("no default value exists for `{module}::{name}` with type `{ty:?}`")
            })?;
            self.define(&store, module, name, value)?;
        }
        Ok(())
    }
}
