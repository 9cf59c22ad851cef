//! WASI preview 1 (`wasi_snapshot_preview1`, and `wasi_unstable` before it) for the Burdock
//! WebAssembly interpreter.
//!
//! # Should I be using this crate?
//!
//! Yes, to run programs compiled for `wasm32-wasip1` (C, C++, Rust, Go, Zig, ...) from your own
//! Rust program. The program `burdock` runs them from a shell. Modules that import nothing from
//! WASI need only the crate `burdock`. Preview 2 (components) is not supported.
//!
//! # What a guest can reach
//!
//! A guest reaches exactly what [`WasiCtxBuilder`] gave it. Files have to lie below a preopened
//! directory: `cap-std` resolves every path, so that neither `..`, nor an absolute path, nor a
//! symbolic link leads out. All arguments of a guest are checked; bad input gives an [`Errno`],
//! never a panic.
//!
//! # Example
//!
//! Runs a program with one argument and reads its exit status:
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
pub mod sync;
mod table;
mod types;
mod version;

/// The pipes, under the name of the module where `wasmtime-wasi` has them. Preview 2 is not
/// supported.
pub mod p2 {
    pub use crate::pipe;
}

/// Standard streams, under the name of the module where `wasmtime-wasi` has them.
pub mod cli {
    pub use crate::pipe::{InputFile, OutputFile};
    pub use crate::stdio::{StdinStream, StdoutStream};
}

/// The names that the crate `wasi-common` has in its module `tokio`. They are those of [`sync`]:
/// functions of WASI block the thread while they wait.
pub mod tokio {
    pub use crate::sync::*;
}

/// The crate whose directories [`WasiCtxBuilder::preopened_cap_dir`] takes.
pub use cap_std;

pub use clocks::{HostMonotonicClock, HostWallClock, VirtualClock};
pub use ctx::{DirPerms, FilePerms, FsPerms, WasiCtxBuilder, WasiP1Ctx};
pub use errno::Errno;
pub use preview1 as p1;
pub use process::I32Exit;
pub use random::{Deterministic, RandomSource};
pub use stdio::{StdinStream, StdoutStream};

/// Wasmtime's name for a context of any preview; see [`WasiCtxBuilder`] for an example.
pub type WasiCtx = WasiP1Ctx;
