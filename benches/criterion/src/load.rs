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
        text += &include_str!("../../src/generated_func.txt")
            .replace("INDEX", &i.to_string())
            .replace("OFFSET", &i.to_string())
            .replace("CALLEE", &i.saturating_sub(1).to_string());
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
