//! wasmi_wasi's API over [`burdock_wasi`], for programs that use [`burdock_wasmi`] as `wasmi`:
//!
//! ```toml
//! wasmi = { package = "burdock-wasmi", version = "0.1" }
//! wasmi_wasi = { package = "burdock-wasmi-wasi", version = "0.1" }
//! ```
//!
//! # Example
//!
//! ```
//! use burdock_wasmi::{Engine, Linker, Module, Store};
//! use burdock_wasmi_wasi::{WasiCtxBuilder, add_to_linker};
//!
//! let engine = Engine::default();
//! let program = r#"
//!     (module
//!       (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
//!       (memory (export "memory") 1)
//!       (func (export "_start") (call $exit (i32.const 3))))
//! "#;
//! let module = Module::new(&engine, program)?;
//! let mut linker = Linker::new(&engine);
//! add_to_linker(&mut linker, |ctx| ctx)?;
//! let wasi = WasiCtxBuilder::new().inherit_stdio().arg("program")?.build();
//! let mut store = Store::new(&engine, wasi);
//! let instance = linker.instantiate_and_start(&mut store, &module)?;
//! let start = instance.get_typed_func::<(), ()>(&store, "_start")?;
//! let ended = start.call(&mut store, ()).unwrap_err();
//! assert_eq!(ended.i32_exit_status(), Some(3));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What differs
//!
//! A context is that of [`burdock_wasi`]. It is not the crate `wasi-common`'s, whose traits
//! `WasiFile` and `WasiDir` therefore do not exist here, nor do wasmi_wasi's `wasi_common` and
//! `WasmiGuestMemory`; [`add_to_linker`] takes no other implementation of WASI. Standard streams of
//! the embedder's are those of [`burdock_wasi`].
//!
//! WASI functions take fuel for the bytes that they transfer.

#![forbid(unsafe_code)]

mod define;

pub use burdock_wasi::WasiCtx;
pub use burdock_wasi::sync::{
    Dir, PreopenError, StringArrayError, TcpListener, WasiCtxBuilder, ambient_authority,
};
pub use define::{AddWasi, InvalidWasiImport, add_to_externals, add_to_linker};

/// The error of definitions in a linker.
pub use burdock_wasmi::Error;

/// The same items under the name of the module where wasmi_wasi has them.
pub mod sync {
    pub use crate::{
        AddWasi, Dir, TcpListener, WasiCtxBuilder, add_to_externals, add_to_linker,
        ambient_authority,
    };
}
