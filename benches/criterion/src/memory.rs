//! Memories and tables: bulk operators, growth, access by the host.

use crate::guest::Guest;
use burdock::{Engine, Memory, MemoryType, Store};
use criterion::{BatchSize, Criterion, Throughput};
use std::hint::black_box;

/// The number of times that a sample repeats an operator.
const ITERATIONS: u32 = 100;

/// Operators on a memory; `$len` is a number of bytes.
const MEMORY: [(&str, &str); 3] = [
    ("fill", "(memory.fill (i32.const 0) (local.get $n) (local.get $len))"),
    ("copy", "(memory.copy (i32.const 0) (i32.const 65536) (local.get $len))"),
    ("init", "(memory.init $d (i32.const 0) (i32.const 0) (local.get $len))"),
];
/// The lengths with which they are measured, in bytes.
const LENGTHS: [u32; 3] = [16, 1024, 65536];

/// Operators on a table of 64 elements.
const TABLE: [(&str, &str); 6] = [
    ("get", "(local.set $r (table.get $t (i32.and (local.get $n) (i32.const 63))))"),
    ("set", "(table.set $t (i32.and (local.get $n) (i32.const 63)) (ref.func $f))"),
    ("fill_32", "(table.fill $t (i32.const 0) (ref.func $f) (i32.const 32))"),
    ("copy_32", "(table.copy $t $t (i32.const 0) (i32.const 32) (i32.const 32))"),
    ("init_32", "(table.init $t $e (i32.const 0) (i32.const 0) (i32.const 32))"),
    ("size", "(local.set $len (table.size $t))"),
];

pub(crate) fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("memory");
    for (name, operator) in MEMORY {
        for len in LENGTHS {
            let mut guest = Guest::new(&module(operator, len));
            group.throughput(Throughput::Bytes(u64::from(len) * u64::from(ITERATIONS)));
            group.bench_function(format!("{name}_{len}"), |bencher| {
                bencher.iter(|| guest.run(ITERATIONS));
            });
        }
    }
    group.throughput(Throughput::Elements(ITERATIONS.into()));
    let grow = module("(drop (memory.grow (i32.const 1)))", 0);
    group.bench_function("grow", |bencher| {
        let new = || Guest::new(&grow);
        bencher.iter_batched(
            new,
            |mut guest| (guest.run(ITERATIONS), guest),
            BatchSize::PerIteration,
        );
    });
    group.throughput(Throughput::Bytes(1024));
    group.bench_function("host_writes_and_reads_1024", |bencher| {
        let mut store = Store::new(&Engine::default(), ());
        let memory = Memory::new(&mut store, MemoryType::new(1, None)).expect("a page is there");
        let mut bytes = [1; 1024];
        bencher.iter(|| {
            memory.write(&mut store, 8, black_box(&bytes)).expect("it is within the page");
            memory.read(&store, 8, &mut bytes).expect("it is within the page");
        });
    });
    group.finish();

    let mut group = criterion.benchmark_group("table");
    group.throughput(Throughput::Elements(ITERATIONS.into()));
    for (name, operator) in TABLE {
        let mut guest = Guest::new(&module(operator, 0));
        group.bench_function(name, |bencher| bencher.iter(|| guest.run(ITERATIONS)));
    }
    let grow = module("(drop (table.grow $t (ref.null func) (i32.const 16)))", 0);
    group.bench_function("grow_16", |bencher| {
        let new = || Guest::new(&grow);
        bencher.iter_batched(
            new,
            |mut guest| (guest.run(ITERATIONS), guest),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

/// Returns a module whose `run` repeats an operator, with `$len` as its length.
fn module(operator: &str, len: u32) -> String {
    let (data, funcs) = ("x".repeat(len as usize), "$f ".repeat(32));
    format!(
        r#"(module
            (memory 2)
            (data $d "{data}")
            (table $t 64 funcref)
            (elem $e func {funcs})
            (func $f)
            (func (export "run") (param $n i32) (result i32)
                (local $len i32) (local $r funcref)
                (local.set $len (i32.const {len}))
                (loop $again
                    {operator}
                    (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                (local.get $len)))"#
    )
}
