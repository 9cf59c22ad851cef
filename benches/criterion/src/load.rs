//! From bytes to an instance: validation, translation, linking, instantiation.

use crate::guest::linker;
use burdock::{CompilationMode, Config, Engine, Linker, Module, Store};
use criterion::{Criterion, Throughput};
use std::fmt::Write;
use std::hint::black_box;

/// The number of functions in the module.
const FUNCTIONS: u32 = 200;
/// The number of functions that the linked module imports.
const IMPORTS: u32 = 100;

pub(crate) fn benches(criterion: &mut Criterion) {
    let wasm = module();
    let mut group = criterion.benchmark_group("load");
    group.throughput(Throughput::Bytes(wasm.len() as u64));
    let engine = Engine::default();
    group.bench_function("validate", |bencher| {
        bencher.iter(|| Module::validate(&engine, black_box(&wasm)).expect("it is valid"));
    });
    let modes = [
        ("translate", CompilationMode::Eager),
        ("parse_and_validate", CompilationMode::LazyTranslation),
        ("parse", CompilationMode::Lazy),
    ];
    for (name, mode) in modes {
        let engine = in_mode(mode);
        group.bench_function(name, |bencher| {
            bencher.iter(|| Module::new(&engine, black_box(&wasm)).expect("it is valid"));
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("instantiate");
    let module = Module::new(&engine, &wasm).expect("it is valid");
    let pre = linker(&engine).instantiate_pre(&module).expect("the imports are defined");
    group.bench_function("in_a_new_store", |bencher| {
        bencher.iter(|| {
            let mut store = Store::new(&engine, 0);
            pre.instantiate(&mut store).expect("it can be instantiated")
        });
    });
    group.finish();

    let mut group = criterion.benchmark_group("link");
    let importing = Module::new(&engine, imports()).expect("it is valid");
    group.throughput(Throughput::Elements(IMPORTS.into()));
    group.bench_function("define_and_look_up", |bencher| {
        bencher.iter(|| {
            let mut linker = Linker::<u64>::new(&engine);
            for i in 0..IMPORTS {
                let name = format!("f{i}");
                linker.func_wrap("host", &name, |x: i32| x).expect("the name is free");
            }
            linker.instantiate_pre(&importing).expect("the imports are defined")
        });
    });
    group.finish();
}

fn in_mode(mode: CompilationMode) -> Engine {
    Engine::new(Config::new().compilation_mode(mode)).expect("the configuration is valid")
}

/// Returns a module of many functions, such as a compiler that does not optimize makes.
fn module() -> Vec<u8> {
    let mut text = String::from("(module (memory 1) (table 64 funcref)\n");
    for i in 0..FUNCTIONS {
        let _ = writeln!(
            text,
            "(func $f{i} (export \"f{i}\") (param i32 i32) (result i32) (local i32 i64 f64)
               (local.set 2 (i32.add (local.get 0) (i32.mul (local.get 1) (i32.const {i}))))
               (block $out (loop $again
                 (br_if $out (i32.ge_u (local.get 2) (i32.const 100)))
                 (i32.store offset={i} (local.get 2) (i32.load (local.get 0)))
                 (local.set 3 (i64.add (local.get 3) (i64.extend_i32_u (local.get 2))))
                 (local.set 4 (f64.add (local.get 4) (f64.convert_i64_s (local.get 3))))
                 (local.set 2 (i32.add (local.get 2) (i32.const 1)))
                 (br $again)))
               (if (result i32) (local.get 0)
                 (then (call $f{callee} (local.get 1) (local.get 2)))
                 (else (i32.trunc_sat_f64_s (local.get 4)))))",
            callee = i.saturating_sub(1),
        );
    }
    text += "(elem (i32.const 0) $f0 $f1) (data (i32.const 0) \"0123456789abcdef\"))";
    wat::parse_str(text).expect("the text is valid")
}

/// Returns a module that imports many functions.
fn imports() -> String {
    let mut text = String::from("(module\n");
    for i in 0..IMPORTS {
        let _ = writeln!(text, "(import \"host\" \"f{i}\" (func (param i32) (result i32)))");
    }
    text + ")"
}
