//! Programs that use WASI by wasmi_wasi's functions.

use burdock_wasi::pipe::{MemoryInputPipe, MemoryOutputPipe};
use burdock_wasmi::{Engine, Error, Extern, Instance, Linker, Module, Store};
use burdock_wasmi_wasi::{
    AddWasi, Dir, WasiCtx, WasiCtxBuilder, add_to_externals, add_to_linker, ambient_authority,
};

/// Copies standard input to standard output, and exits with the number of arguments. The number of
/// bytes that are read becomes the number to write.
const CAT: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_read"
        (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write"
        (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "args_sizes_get"
        (func $args (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\10\00\00\00\40\00\00\00")
    (func (export "_start")
        (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 4)))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        (drop (call $args (i32.const 100) (i32.const 104)))
        (call $exit (i32.load (i32.const 100)))))"#;

/// A store's data with a context in it.
struct State {
    wasi: WasiCtx,
}

fn state(output: &MemoryOutputPipe) -> State {
    let mut builder = WasiCtxBuilder::new();
    builder.as_burdock_mut().stdin(MemoryInputPipe::new("hello")).stdout(output.clone());
    let args = ["program", "one", "two"].map(str::to_owned);
    builder.args(&args).unwrap().env("LANG", "C").unwrap();
    State { wasi: builder.build() }
}

fn start(store: &mut Store<State>, instance: Instance) -> Error {
    let start = instance.get_typed_func::<(), ()>(&*store, "_start").unwrap();
    start.call(store, ()).unwrap_err()
}

#[test]
fn a_linker_has_the_functions() {
    let engine = Engine::default();
    let output = MemoryOutputPipe::new(100);
    let mut store = Store::new(&engine, state(&output));
    let mut linker = Linker::new(&engine);
    add_to_linker(&mut linker, |state: &mut State| &mut state.wasi).unwrap();
    let module = Module::new(&engine, CAT).unwrap();
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    assert_eq!(start(&mut store, instance).i32_exit_status(), Some(3));
    assert_eq!(output.contents(), b"hello");
    let again = linker.add_wasi(|state: &mut State| &mut state.wasi).unwrap_err();
    assert_eq!(again.to_string(), "(wasi_snapshot_preview1,proc_exit) is defined twice");
}

#[test]
fn externals_are_the_imports_in_order() {
    let engine = Engine::default();
    let output = MemoryOutputPipe::new(100);
    let mut store = Store::new(&engine, state(&output));
    let module = Module::new(&engine, CAT).unwrap();
    let mut externals = Vec::<Extern>::new();
    add_to_externals(&mut store, &module, &mut externals, |state| &mut state.wasi).unwrap();
    let instance = Instance::new(&mut store, &module, &externals).unwrap();
    assert_eq!(start(&mut store, instance).i32_exit_status(), Some(3));
    for name in [r#""other" "fd_read""#, r#""wasi_snapshot_preview1" "fd_fly""#] {
        let module = Module::new(&engine, format!("(module (import {name} (func)))")).unwrap();
        let error = add_to_externals(&mut store, &module, &mut externals, |s| &mut s.wasi);
        let error = error.unwrap_err().to_string();
        assert!(error.starts_with("invalid Wasi import: "), "{error}");
    }
}

#[test]
fn statuses_and_directories_are_checked() {
    let engine = Engine::default();
    let wat = r#"(module
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (import "wasi_snapshot_preview1" "fd_prestat_get"
            (func $prestat (param i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "prestat") (param i32) (result i32)
            (call $prestat (local.get 0) (i32.const 0)))
        (func (export "exit") (param i32) (call $exit (local.get 0))))"#;
    let mut linker = Linker::new(&engine);
    add_to_linker(&mut linker, |wasi: &mut WasiCtx| wasi).unwrap();
    let dir = || Dir::open_ambient_dir(".", ambient_authority()).unwrap();
    let mut builder = WasiCtxBuilder::new();
    builder.preopened_dir(dir(), "/work").unwrap();
    let mut store = Store::new(&engine, builder.build());
    let module = Module::new(&engine, wat).unwrap();
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    let prestat = instance.get_typed_func::<i32, i32>(&store, "prestat").unwrap();
    // ERRNO 8 is `badf`.
    assert_eq!([3, 4].map(|fd| prestat.call(&mut store, fd).unwrap()), [0, 8]);
    let exit = instance.get_typed_func::<i32, ()>(&store, "exit").unwrap();
    let ends = [0, 125, 126, -1].map(|status| exit.call(&mut store, status).unwrap_err());
    let statuses = ends.each_ref().map(Error::i32_exit_status);
    assert_eq!(statuses, [Some(0), Some(125), None, None]);
    assert!(ends[3].to_string().contains("invalid exit status"), "{}", ends[3]);
}
