//! Names that embedders of `wasmtime-wasi` and of `wasi-common` use.

use burdock::{Engine, Linker, Module, Store};
use burdock_wasi::cli::{InputFile, OutputFile};
use burdock_wasi::p1::{self, WasiP1Ctx};
use burdock_wasi::p2::pipe::{ReadPipe, WritePipe};
use burdock_wasi::sync::{Dir, WasiCtxBuilder, ambient_authority};
use burdock_wasi::{I32Exit, StdinStream, WasiCtx, p0};
use std::pin::pin;
use std::sync::{Arc, RwLock};
use std::task::{Context, Poll, Waker};

/// Copies standard input to standard output, as far as it comes at once, and exits with 7.
const COPY: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_unstable" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (func (export "_start")
        (i32.store (i32.const 0) (i32.const 64))
        (i32.store (i32.const 4) (i32.const 100))
        (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 4)))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        (call $exit (i32.const 7))))"#;

/// Runs the program with the functions that `add` defines.
fn copy(add: impl FnOnce(&mut Linker<WasiCtx>) -> burdock::Result<()>, ctx: WasiCtx) {
    let engine = Engine::default();
    let module = Module::new(&engine, COPY).unwrap();
    let mut linker = Linker::new(&engine);
    add(&mut linker).unwrap();
    let mut store = Store::new(&engine, ctx);
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let start = instance.get_typed_func::<(), ()>(&mut store, "_start").unwrap();
    let mut call = pin!(start.call_async(&mut store, ()));
    let Poll::Ready(ended) = call.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("a function of WASI does not yield")
    };
    assert_eq!(ended.unwrap_err().downcast_ref(), Some(&I32Exit(7)));
}

#[test]
fn the_builder_of_wasi_common() {
    let here = Dir::open_ambient_dir(".", ambient_authority()).unwrap();
    let run = |stdin: Box<dyn StdinStream>| {
        let stdout = WritePipe::new_in_memory();
        let mut builder = WasiCtxBuilder::new();
        builder.arg("program").unwrap().env("LANG", "C").unwrap();
        builder.stdin(stdin).stdout(Box::new(stdout.clone())).stderr(Box::new(stdout.clone()));
        builder.preopened_dir(here.try_clone().unwrap(), "/work").unwrap();
        copy(|linker| burdock_wasi::sync::add_to_linker(linker, |ctx| ctx), builder.build());
        String::from_utf8(stdout.try_into_inner().unwrap().into_inner()).unwrap()
    };
    assert_eq!(run(Box::new(ReadPipe::from("text"))), "text");
    assert_eq!(run(Box::new(ReadPipe::from("string".to_owned()))), "string");
    assert_eq!(run(Box::new(ReadPipe::from(&b"bytes"[..]))), "bytes");
    assert_eq!(run(Box::new(ReadPipe::from(b"vector".to_vec()))), "vector");
    let shared = Arc::new(RwLock::new(&b"shared"[..]));
    assert_eq!(run(Box::new(ReadPipe::from_shared(shared.clone()))), "shared");
    assert!(shared.read().unwrap().is_empty(), "the reader has been read");
}

#[test]
fn a_pipe_that_others_share_is_not_taken_apart() {
    let pipe = WritePipe::new_in_memory();
    let other = pipe.clone();
    let pipe = pipe.try_into_inner().unwrap_err();
    drop(other);
    assert!(pipe.try_into_inner().unwrap().into_inner().is_empty());
}

#[cfg(unix)]
#[test]
fn a_path_that_is_not_unicode_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let here = Dir::open_ambient_dir(".", ambient_authority()).unwrap();
    let path = std::ffi::OsStr::from_bytes(b"\xff");
    let refused = WasiCtxBuilder::new().preopened_dir(here, path).map(drop).unwrap_err();
    assert_eq!(refused.to_string(), "the guest's path of a directory is not Unicode");
}

#[test]
fn the_builder_of_wasmtime_wasi_and_files() {
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().join("from"), dir.path().join("to"));
    std::fs::write(&from, "contents").unwrap();
    let ctx: WasiP1Ctx = WasiCtx::builder()
        .inherit_network()
        .allow_ip_name_lookup(true)
        .allow_blocking_current_thread(true)
        .stdin(InputFile::new(std::fs::File::open(&from).unwrap()))
        .stdout(OutputFile::new(std::fs::File::create(&to).unwrap()))
        .build_p1();
    let add = |linker: &mut Linker<WasiCtx>| {
        p0::add_to_linker_async(linker, |ctx| ctx)?;
        p1::add_to_linker_async(linker, |ctx| ctx)
    };
    copy(add, ctx);
    assert_eq!(std::fs::read_to_string(&to).unwrap(), "contents");
}
