//! The module `wasi_unstable`, preview 0: the functions of [`preview1`] with their layouts from
//! before the first snapshot.
//!
//! Programs that were compiled before 2020 import this module.

use crate::api::Linker;
use crate::ctx::WasiP1Ctx;
use crate::preview1;
use crate::version::Version;

/// Defines every function of `wasi_unstable` in `linker`, as [`preview1::add_to_linker_sync`]
/// defines the functions of `wasi_snapshot_preview1`.
///
/// `get` returns the guest's context from the data of its store. A linker may have both modules.
///
/// # Errors
///
/// Returns an error if one of the names is already defined and `linker` does not allow shadowing.
///
/// # Example
///
/// ```
/// use burdock::{Engine, Linker, Module, Store};
/// use burdock_wasi::{I32Exit, WasiCtxBuilder, WasiP1Ctx, p0, p1};
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"
///     (module (import "wasi_unstable" "proc_exit" (func $exit (param i32)))
///       (memory (export "memory") 1)
///       (func (export "_start") (call $exit (i32.const 7))))
/// "#)?;
/// let mut linker = Linker::<WasiP1Ctx>::new(&engine);
/// p1::add_to_linker_sync(&mut linker, |ctx| ctx)?;
/// p0::add_to_linker_sync(&mut linker, |ctx| ctx)?;
/// let mut store = Store::new(&engine, WasiCtxBuilder::new().build());
/// let instance = linker.instantiate(&mut store, &module)?;
/// let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
/// let ended = start.call(&mut store, ()).unwrap_err();
/// assert_eq!(ended.downcast_ref::<I32Exit>(), Some(&I32Exit(7)));
/// # Ok::<(), burdock::Error>(())
/// ```
pub fn add_to_linker_sync<T: Send + 'static>(
    linker: &mut Linker<T>,
    get: impl Fn(&mut T) -> &mut WasiP1Ctx + Send + Sync + Copy + 'static,
) -> crate::api::Result<()> {
    preview1::define(linker, get, Version::Unstable)
}

/// Defines the same functions as [`add_to_linker_sync`], for guests that run asynchronously; see
/// [`preview1::add_to_linker_async`].
///
/// # Errors
///
/// Fails as [`add_to_linker_sync`] does.
pub fn add_to_linker_async<T: Send + 'static>(
    linker: &mut Linker<T>,
    get: impl Fn(&mut T) -> &mut WasiP1Ctx + Send + Sync + Copy + 'static,
) -> crate::api::Result<()> {
    add_to_linker_sync(linker, get)
}
