//! Modules in a linker by the conventions of WASI: commands, of which each call is an instance of
//! its own, and reactors, which are instantiated once.

use super::Linker;
use crate::error::Context;
use crate::names::Escaped;
use crate::{AsContextMut, Engine, ExternType, Func, Module, Result, StoreContextMut, bail};
use alloc::string::ToString;

enum ModuleRole {
    Command,
    Reactor,
}

fn kind(module: &Module) -> Result<ModuleRole> {
    let func = |name: &str| match module.get_export(name) {
        Some(ExternType::Func(_)) => Ok(true),
        Some(_) => bail!("`{name}` must be a function"),
        None => Ok(false),
    };
    match (func("_start")?, func("_initialize")?) {
        (true, true) => bail!("Program cannot be both a Command and a Reactor"),
        (true, false) => Ok(ModuleRole::Command),
        (false, _) => Ok(ModuleRole::Reactor),
    }
}

impl<T: 'static> Linker<T> {
    /// Defines the exports of a module under a module name. A command (with a function `_start`) is
    /// instantiated at each call of one of its functions. Any other module is instantiated at once,
    /// and its function `_initialize` is called.
    ///
    /// # Errors
    ///
    /// Fails if a name is defined already, instantiation fails, or a command exports other things
    /// than functions ([`Linker::allow_unknown_exports`]).
    ///
    /// # Panics
    ///
    /// Panics if the store is of another engine.
    pub fn module(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module_name: &str,
        module: &Module,
    ) -> Result<&mut Self> {
        let mut store = store.as_context_mut();
        assert!(
            Engine::same(&self.engine, store.engine()),
            "different engines for this linker and the store provided"
        );
        match kind(module)? {
            ModuleRole::Command => self.command(&mut store, module_name, module),
            ModuleRole::Reactor => {
                let instance = self.instantiate(&mut store, module)?;
                if let Some(initialize) = instance.get_func(&mut store, "_initialize") {
                    initialize
                        .typed::<(), ()>(&store)
                        .and_then(|initialize| initialize.call(&mut store, ()))
                        .context("calling the Reactor initialization function")?;
                }
                self.instance(store, module_name, instance)
            }
        }
    }

    fn command(
        &mut self,
        store: &mut StoreContextMut<'_, T>,
        module_name: &str,
        module: &Module,
    ) -> Result<&mut Self> {
        for export in module.exports() {
            let ExternType::Func(ty) = export.ty() else {
                // What toolchains export by default.
                let usual = matches!(
                    (export.name(), export.ty()),
                    ("memory", ExternType::Memory(_))
                        | ("__indirect_function_table" | "table", ExternType::Table(_))
                        | (
                            "__data_end" | "__heap_base" | "__dso_handle" | "__rtti_base",
                            ExternType::Global(_),
                        )
                );
                if usual || self.allow_unknown_exports {
                    continue;
                }
                bail!("command export '{}' is not a function", Escaped(export.name()));
            };
            let pre = self.instantiate_pre(module)?;
            let name = export.name().to_string();
            let func = Func::new(&mut *store, ty, move |mut caller, params, results| {
                let instance = pre.instantiate(&mut caller)?;
                let func = instance.get_func(&mut caller, &name);
                let func = func.expect("the module exports this function");
                func.call(&mut caller, params, results)
            });
            self.define(&*store, module_name, export.name(), func)?;
        }
        Ok(self)
    }

    /// Returns the function to call to run a module as a program: its definition of the empty name,
    /// its `_start`, or a function that does nothing.
    ///
    /// # Errors
    ///
    /// Fails if the definition found is not a function.
    pub fn get_default(
        &self,
        mut store: impl AsContextMut<Data = T>,
        module: &str,
    ) -> Result<Func> {
        for (name, what) in [("", "default export"), ("_start", "`_start`")] {
            let Ok(item) = self.get(&mut store, module, name) else {
                continue;
            };
            match item.into_func() {
                Some(func) => return Ok(func),
                None => bail!("{what} in '{module}' is not a function"),
            }
        }
        Ok(Func::wrap(store, || {}))
    }
}
