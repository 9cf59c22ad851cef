//! Hooks: one guest that does a little of everything, observed in each way that there is.

use crate::guest::Guest;
use burdock::{Event, Events, Filter, Hook, Result, Store, StoreContextMut};
use criterion::{Criterion, Throughput};

/// The number of iterations of a sample.
const ITERATIONS: u32 = 100;

/// Per iteration: a call of the host, a call of a function, a load, a store, a write of a global, a
/// branch and a growth by nothing.
const GUEST: &str = r#"(module
    (import "host" "add" (func $host (param i32 i32) (result i32)))
    (memory 1)
    (global $g (mut i32) (i32.const 0))
    (func $next (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
    (func (export "run") (param $n i32) (result i32) (local $x i32)
        (loop $again
            (local.set $x (call $next (call $host (local.get $x) (local.get $n))))
            (i32.store (i32.const 8) (i32.load (i32.const 16)))
            (global.set $g (local.get $x))
            (if (local.get $x) (then (drop (memory.grow (i32.const 0)))))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $x)))"#;

/// A hook that counts its events.
struct Counting<const KIND: usize>;

/// The kinds of events, each with a name.
const KINDS: [(&str, Events); 11] = [
    ("host_calls", Events::HOST_CALLS),
    ("funcs", Events::FUNCS),
    ("instructions", Events::INSTRUCTIONS),
    ("branches", Events::BRANCHES),
    ("loops", Events::LOOPS),
    ("memory_reads", Events::MEMORY_READS),
    ("memory_writes", Events::MEMORY_WRITES),
    ("growth", Events::GROWTH),
    ("globals", Events::GLOBALS),
    ("traps", Events::TRAPS),
    ("crossings", Events::CALLS),
];

impl<const KIND: usize> Hook<u64> for Counting<KIND> {
    const EVENTS: Events = KINDS[KIND].1;

    fn event(&mut self, mut store: StoreContextMut<'_, u64>, _: Event<'_>) -> Result<()> {
        *store.data_mut() += 1;
        Ok(())
    }
}

fn attach<const KIND: usize>(store: &mut Store<u64>) {
    store.attach(Filter::new(), Counting::<KIND>);
}

/// The functions that attach a hook for each of [`KINDS`], in the same order.
const ATTACH: [fn(&mut Store<u64>); KINDS.len()] = [
    attach::<0>,
    attach::<1>,
    attach::<2>,
    attach::<3>,
    attach::<4>,
    attach::<5>,
    attach::<6>,
    attach::<7>,
    attach::<8>,
    attach::<9>,
    attach::<10>,
];

pub(crate) fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hooks");
    group.throughput(Throughput::Elements(ITERATIONS.into()));
    let mut measure = |name: &str, install: &dyn Fn(&mut Store<u64>)| {
        let mut guest = Guest::new(GUEST);
        install(&mut guest.store);
        group.bench_function(name, |bencher| bencher.iter(|| guest.run(ITERATIONS)));
    };
    measure("none", &|_| {});
    measure("call_hook", &|store| {
        store.call_hook(|mut store, _| {
            *store.data_mut() += 1;
            Ok(())
        });
    });
    measure("set_hook", &|store| store.set_hook(Counting::<10>));
    for ((name, _), attach) in KINDS.iter().zip(ATTACH) {
        measure(&format!("attach_{name}"), &attach);
    }
    for (name, events) in KINDS.iter().filter(|(_, events)| Events::IN_CODE.contains(*events)) {
        measure(&format!("count_{name}"), &|store| {
            store.count(Filter::new().events(*events));
        });
    }
    group.bench_function("attach_and_detach", |bencher| {
        let mut guest = Guest::new(GUEST);
        bencher.iter(|| {
            let hook = guest.store.attach(Filter::new(), Counting::<1>);
            guest.store.detach(hook)
        });
    });
    group.finish();
}
