//! A program compiled for WASI, run with arguments, a directory and an output of the host's choice:
//! the Lisp interpreter of `examples/lisp` evaluates a script, and then its standard input.
//!
//! ```console
//! $ cargo run -p burdock-examples --bin wasi
//! primes.lisp: (2 3 5 7 11 13 17 19 23 29)
//! standard input: 42
//! a script that is not there: exit status 1
//! ```

use burdock::{Engine, Linker, Module, Result, Store};
use burdock_wasi::pipe::{MemoryInputPipe, MemoryOutputPipe};
use burdock_wasi::{FsPerms, I32Exit, WasiCtxBuilder, WasiP1Ctx, preview1};
use std::path::Path;

/// Runs the program in a store of its own. Returns what it printed, and its exit status.
fn run(
    linker: &Linker<WasiP1Ctx>,
    module: &Module,
    wasi: &mut WasiCtxBuilder,
) -> Result<(String, i32)> {
    let stdout = MemoryOutputPipe::new(1 << 16);
    let wasi = wasi.stdout(stdout.clone()).build();
    let mut store = Store::new(linker.engine(), wasi);
    let instance = linker.instantiate(&mut store, module)?;
    let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
    // `proc_exit` ends a guest like an error, which says with which status.
    let status = match start.call(&mut store, ()) {
        Ok(()) => 0,
        Err(error) => error.downcast::<I32Exit>()?.0,
    };
    Ok((String::from_utf8_lossy(&stdout.contents()).trim_end().to_owned(), status))
}

fn main() -> Result<()> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("lisp");
    let engine = Engine::default();
    let module = Module::from_file(&engine, directory.join("lisp.wasm"))?;
    let mut linker = Linker::new(&engine);
    preview1::add_to_linker_sync(&mut linker, |wasi| wasi)?;

    // The guest sees this directory as its `/`, and may only read it.
    let mut wasi = WasiCtxBuilder::new();
    wasi.preopened_dir(&directory, "/", FsPerms::ReadOnly)?;
    wasi.args(&["lisp", "/primes.lisp"]);
    println!("primes.lisp: {}", run(&linker, &module, &mut wasi)?.0);

    let mut wasi = WasiCtxBuilder::new();
    wasi.arg("lisp").stdin(MemoryInputPipe::new("(* 6 7)"));
    println!("standard input: {}", run(&linker, &module, &mut wasi)?.0);

    // This guest has no directory at all.
    let mut wasi = WasiCtxBuilder::new();
    wasi.args(&["lisp", "/primes.lisp"]);
    println!("a script that is not there: exit status {}", run(&linker, &module, &mut wasi)?.1);
    Ok(())
}
