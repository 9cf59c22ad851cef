//! A program of each field, run to its end: the kernels that are also compared with peers, in
//! smaller sizes, and a Lisp interpreter.

use burdock::{Engine, Linker, Module, Store};
use burdock_wasi::pipe::{MemoryInputPipe, MemoryOutputPipe};
use burdock_wasi::{WasiCtxBuilder, WasiP1Ctx, preview1};
use criterion::Criterion;
use std::path::Path;

/// A field, the kernel that stands for it, and the size of a run.
const KERNELS: [(&str, &str, i32); 9] = [
    ("recursion", "fib", 20),
    ("linear_algebra", "matmul", 32),
    ("number_theory", "sieve", 50_000),
    ("cryptography", "mix", 10_000),
    ("copying", "copy", 2),
    ("text", "scan", 1),
    ("physics", "nbody", 1000),
    ("automata", "machine", 10_000),
    ("graphics", "mandel_float", 32),
];

/// The program of the Lisp interpreter: it counts the primes below 60.
const SCRIPT: &str = "
(define (divides d n) (= n (* d (/ n d))))
(define (prime n d) (cond ((< n (* d d)) 't) ((divides d n) '()) (else (prime n (+ d 1)))))
(define (count n end)
  (if (< n end) (+ (if (prime n 2) 1 0) (count (+ n 1) end)) 0))
(count 2 60)";

pub(crate) fn benches(criterion: &mut Criterion) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut group = criterion.benchmark_group("programs");
    let engine = Engine::default();
    for (field, kernel, size) in KERNELS {
        let path = directory.join(format!("../kernels/{kernel}.wat"));
        let module = Module::from_file(&engine, path).expect("the kernel is valid");
        let mut store = Store::new(&engine, ());
        let linker = Linker::new(&engine);
        let instance = linker.instantiate(&mut store, &module).expect("it imports nothing");
        let run = instance.get_typed_func::<i32, i64>(&mut store, "run").expect("it has `run`");
        group.bench_function(format!("{field}_{kernel}"), |bencher| {
            bencher.iter(|| run.call(&mut store, size).expect("it does not trap"));
        });
    }

    let path = directory.join("../../examples/lisp/lisp.wasm");
    let module = Module::from_file(&engine, path).expect("the program is valid");
    let mut linker = Linker::new(&engine);
    preview1::add_to_linker_sync(&mut linker, |wasi: &mut WasiP1Ctx| wasi).expect("it is new");
    let pre = linker.instantiate_pre(&module).expect("the imports are defined");
    group.bench_function("interpreters_lisp", |bencher| {
        bencher.iter(|| {
            let stdout = MemoryOutputPipe::new(1024);
            let mut wasi = WasiCtxBuilder::new();
            wasi.arg("lisp").stdin(MemoryInputPipe::new(SCRIPT)).stdout(stdout.clone());
            let mut store = Store::new(&engine, wasi.build());
            let instance = pre.instantiate(&mut store).expect("it can be instantiated");
            let start = instance.get_typed_func::<(), ()>(&mut store, "_start");
            start.expect("it is a program").call(&mut store, ()).expect("it exits with 0");
            assert!(stdout.contents().ends_with(b"17\n"), "the last value is printed last");
        });
    });
    group.finish();
}
