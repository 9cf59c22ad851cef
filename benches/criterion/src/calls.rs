//! Calls: between host and guest in both directions, and within a guest.

use crate::guest::Guest;
use burdock::{Config, Engine, Instance, Module, Store, Val};
use criterion::{Criterion, Throughput};
use std::hint::black_box;

/// The number of calls that a sample makes within the guest.
const CALLS: u32 = 1000;

/// Calls within a guest, in a loop: the name, and the call that takes the local `$x`.
const WITHIN: [(&str, &str); 4] = [
    ("guest_to_host", "(call $host (local.get $x) (local.get $n))"),
    ("guest_to_guest", "(call $next (local.get $x))"),
    ("indirect", "(call_indirect (type $unary) (local.get $x) (i32.const 0))"),
    ("tail", "(call $tail (local.get $x))"),
];

pub(crate) fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("calls");
    group.throughput(Throughput::Elements(CALLS.into()));
    for (name, call) in WITHIN {
        let mut guest = Guest::new(&module(call));
        group.bench_function(name, |bencher| bencher.iter(|| guest.run(CALLS)));
    }
    let mut fuel = Config::new();
    fuel.consume_fuel(true);
    let mut guest = Guest::with(&fuel, &module(WITHIN[1].1));
    group.bench_function("guest_to_guest_with_fuel", |bencher| {
        bencher.iter(|| {
            guest.store.set_fuel(u64::MAX).expect("fuel is configured");
            guest.run(CALLS)
        });
    });
    group.finish();
    from_the_host(criterion);
}

fn from_the_host(criterion: &mut Criterion) {
    let engine = Engine::default();
    let text = "(module (func (export \"f\") (param i32) (result i32) local.get 0))";
    let module = Module::new(&engine, text).expect("the module is valid");
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).expect("it imports nothing");
    let typed = instance.get_typed_func::<i32, i32>(&mut store, "f").expect("it has this type");
    let untyped = *typed.func();

    let mut group = criterion.benchmark_group("calls");
    group.throughput(Throughput::Elements(1));
    group.bench_function("host_to_guest", |bencher| {
        bencher.iter(|| typed.call(&mut store, black_box(1)).expect("it does not trap"));
    });
    group.bench_function("host_to_guest_untyped", |bencher| {
        let mut results = [Val::I32(0)];
        bencher.iter(|| {
            let args = [Val::I32(black_box(1))];
            untyped.call(&mut store, &args, &mut results).expect("it does not trap");
            results[0].unwrap_i32()
        });
    });
    group.finish();
}

/// Returns a module whose `run` makes a call in a loop.
fn module(call: &str) -> String {
    format!(
        r#"(module
            (type $unary (func (param i32) (result i32)))
            (import "host" "add" (func $host (param i32 i32) (result i32)))
            (table 1 1 funcref)
            (elem (i32.const 0) $next)
            (func $next (type $unary) (i32.add (local.get 0) (i32.const 1)))
            (func $tail (type $unary) (return_call $next (local.get 0)))
            (func (export "run") (param $n i32) (result i32) (local $x i32)
                (loop $calls
                    (local.set $x {call})
                    (br_if $calls (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                (local.get $x)))"#
    )
}
