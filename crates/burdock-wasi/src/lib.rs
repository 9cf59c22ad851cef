//! WASI preview 1 (`wasi_snapshot_preview1`, and `wasi_unstable` before it) for the Burdock
//! WebAssembly interpreter.
//!
//! # Should I be using this crate?
//!
//! Yes, to run programs compiled for `wasm32-wasip1` (C, C++, Rust, Go, Zig, ...) from your own Rust
//! program. To run them at a shell, use the program `burdock`; for modules that import nothing from
//! WASI, the crate `burdock` is enough. Preview 2 (components) is not here.
//!
//! # What a guest can reach
//!
//! Exactly what [`WasiCtxBuilder`] gave it. Files are those below preopened directories: `cap-std`
//! resolves every path, so that neither `..`, nor an absolute path, nor a symbolic link leads out.
//! Whatever a guest passes is checked; bad input is answered with an [`Errno`], never with a panic.
//!
//! # Example
//!
//! Runs a program with one argument, its output kept in memory, and finds out how it ended:
//!
//! ```
//! use burdock::{Engine, Linker, Module, Store};
//! use burdock_wasi::{I32Exit, WasiCtxBuilder, WasiP1Ctx, preview1};
//!
//! struct State {
//!     wasi: WasiP1Ctx,
//! }
//!
//! let engine = Engine::default();
//! let program = r#"
//!     (module
//!       (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
//!       (memory (export "memory") 1)
//!       (func (export "_start") (call $exit (i32.const 3))))
//! "#;
//! let module = Module::new(&engine, program)?;
//! let mut linker = Linker::<State>::new(&engine);
//! preview1::add_to_linker_sync(&mut linker, |state| &mut state.wasi)?;
//!
//! let wasi = WasiCtxBuilder::new().arg("program").inherit_stderr().build();
//! let mut store = Store::new(&engine, State { wasi });
//! let instance = linker.instantiate(&mut store, &module)?;
//! let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
//! let ended = start.call(&mut store, ()).unwrap_err();
//! assert_eq!(ended.downcast_ref::<I32Exit>(), Some(&I32Exit(3)));
//! # Ok::<(), burdock::Error>(())
//! ```

#![forbid(unsafe_code)]

mod api;
mod clocks;
mod ctx;
mod dir;
mod errno;
mod fd;
mod file;
mod memory;
pub mod p0;
mod path;
pub mod pipe;
mod poll;
pub mod preview1;
mod process;
mod random;
mod sock;
mod stdio;
mod table;
mod types;
mod version;

pub use clocks::{HostMonotonicClock, HostWallClock, VirtualClock};
pub use ctx::{DirPerms, FilePerms, WasiCtxBuilder, WasiP1Ctx};
pub use errno::Errno;
pub use preview1 as p1;
pub use process::I32Exit;
pub use random::{Deterministic, RandomSource};
pub use stdio::{StdinStream, StdoutStream};

/// The context, by the name that Wasmtime gives the one of all previews.
pub type WasiCtx = WasiP1Ctx;
