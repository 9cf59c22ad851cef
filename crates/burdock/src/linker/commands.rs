//! Modules in a linker by the conventions of WASI: commands, of which each call is an instance of
//! its own, and reactors, which are instantiated once.

use super::Linker;
use crate::error::Context;
use crate::names::Escaped;
use crate::{
    AsContextMut, Engine, ExternType, Func, FuncType, InstancePre, Module, Result, StoreContextMut,
    bail,
};
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;

const OTHER_ENGINE: &str = "different engines for this linker and the store provided";
const EXPORTED: &str = "the module exports this function";
const INITIALIZING: &str = "calling the Reactor initialization function";

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
        assert!(Engine::same(&self.engine, store.engine()), "{}", OTHER_ENGINE);
        match kind(module)? {
            ModuleRole::Command => {
                self.command(&mut store, module_name, module, |store, ty, pre, name| {
                    Func::new(store, ty, move |mut caller, params, results| {
                        let instance = pre.instantiate(&mut caller)?;
                        let func = instance.get_func(&mut caller, &name).expect(EXPORTED);
                        func.call(&mut caller, params, results)
                    })
                })
            }
            ModuleRole::Reactor => {
                let instance = self.instantiate(&mut store, module)?;
                if let Some(initialize) = instance.get_func(&mut store, "_initialize") {
                    initialize
                        .typed::<(), ()>(&store)
                        .and_then(|initialize| initialize.call(&mut store, ()))
                        .context(INITIALIZING)?;
                }
                self.instance(store, module_name, instance)
            }
        }
    }

    /// Defines the exports of a module like [`module`](Self::module), with instances and calls that
    /// wait for asynchronous host functions.
    ///
    /// # Errors
    ///
    /// Those of [`module`](Self::module).
    ///
    /// # Panics
    ///
    /// Panics if the store is of another engine.
    pub async fn module_async(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module_name: &str,
        module: &Module,
    ) -> Result<&mut Self>
    where
        T: Send,
    {
        let mut store = store.as_context_mut();
        assert!(Engine::same(&self.engine, store.engine()), "{}", OTHER_ENGINE);
        match kind(module)? {
            ModuleRole::Command => {
                self.command(&mut store, module_name, module, |store, ty, pre, name| {
                    let made = Arc::new((pre, name));
                    Func::new_async(store, ty, move |mut caller, params, results| {
                        let made = made.clone();
                        Box::new(async move {
                            let (pre, name) = &*made;
                            let instance = pre.instantiate_async(&mut caller).await?;
                            let func = instance.get_func(&mut caller, name).expect(EXPORTED);
                            func.call_async(&mut caller, params, results).await
                        })
                    })
                })
            }
            ModuleRole::Reactor => {
                let instance = self.instantiate_async(&mut store, module).await?;
                if let Some(initialize) = instance.get_func(&mut store, "_initialize") {
                    let initialize = initialize.typed::<(), ()>(&store).context(INITIALIZING)?;
                    initialize.call_async(&mut store, ()).await.context(INITIALIZING)?;
                }
                self.instance(store, module_name, instance)
            }
        }
    }

    /// Defines the functions of a command. `func` makes each, of its type, of the module with its
    /// imports, and of the name of the export.
    fn command(
        &mut self,
        store: &mut StoreContextMut<'_, T>,
        module_name: &str,
        module: &Module,
        func: impl Fn(&mut StoreContextMut<'_, T>, FuncType, InstancePre<T>, String) -> Func,
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
            let func = func(store, ty, pre, export.name().to_string());
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
