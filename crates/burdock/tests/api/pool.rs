//! The figures of what stores hold, for engines that are configured for a pool.

use crate::common::block_on;
use burdock::*;

fn engine() -> Engine {
    Engine::new(Config::new().allocation_strategy(PoolingAllocationConfig::new())).unwrap()
}

/// Checks the numbers of instances, memories, tables and heaps.
fn check(engine: &Engine, expected: [usize; 4], what: &str) {
    let metrics = engine.pooling_allocator_metrics().unwrap();
    let instances = metrics.core_instances() as usize;
    let found = [instances, metrics.memories(), metrics.tables(), metrics.gc_heaps()];
    assert_eq!(found, expected, "{what}");
    // Nothing is kept of stores that are gone, and there are no components or stacks.
    assert_eq!((metrics.component_instances(), metrics.stacks()), (0, 0));
    let slots = [metrics.unused_warm_memories(), metrics.unused_warm_tables()];
    assert_eq!((slots, metrics.unused_warm_stacks()), ([0, 0], 0));
    let bytes = [metrics.unused_memory_bytes_resident(), metrics.unused_table_bytes_resident()];
    assert_eq!((bytes, metrics.unused_stack_bytes_resident()), ([0, 0], None));
    assert_eq!(engine.release_idle_pool_memory(), 0);
}

#[test]
fn engines_without_a_pool_have_no_figures() {
    assert!(Engine::default().pooling_allocator_metrics().is_none());
}

#[test]
fn figures_are_those_of_the_stores_that_live() {
    let engine = engine();
    let module = |text: &str| Module::new(&engine, text).unwrap();
    let exporting = module(r#"(module (memory (export "m") 1) (table (export "t") 1 funcref))"#);
    let importing = module(r#"(module (import "" "m" (memory 1)) (table 1 funcref))"#);
    let mut first = Store::new(&engine, ());
    check(&engine, [0, 0, 0, 0], "an empty store");
    let exports = Instance::new(&mut first, &exporting, &[]).unwrap();
    check(&engine, [1, 1, 1, 0], "an instance");
    let memory = exports.get_export(&mut first, "m").unwrap();
    Instance::new(&mut first, &importing, &[memory]).unwrap();
    check(&engine, [2, 1, 2, 0], "an import is not counted");
    Memory::new(&mut first, MemoryType::new(1, None)).unwrap();
    check(&engine, [2, 1, 2, 0], "a memory that the host makes is not counted");
    ExternRef::new(&mut first, 1).unwrap();
    ExternRef::new(&mut first, 2).unwrap();
    check(&engine, [2, 1, 2, 1], "a heap");

    let mut second = Store::new(&engine, "data");
    for _ in 0..3 {
        Instance::new(&mut second, &exporting, &[]).unwrap();
    }
    check(&engine, [5, 4, 5, 1], "a second store");
    block_on(Instance::new_async(&mut second, &exporting, &[])).0.unwrap();
    check(&engine, [6, 5, 6, 1], "an instance that could have waited");
    drop(first);
    check(&engine, [4, 4, 4, 0], "the first is gone");
    assert_eq!(second.into_data(), "data");
    check(&engine, [0, 0, 0, 0], "both are gone");
}

#[test]
fn failed_instantiations_count_while_their_instance_lives() {
    let engine = engine();
    let module = |text: &str| Module::new(&engine, text).unwrap();
    // The limiter's refusal leaves nothing; what fails later leaves an instance.
    let refused = module("(module (memory 2))");
    let trapping = module("(module (memory 1) (func $start unreachable) (start $start))");
    let outside = module(r#"(module (memory 1) (data (i32.const 65536) "x"))"#);
    let limits = StoreLimitsBuilder::new().memory_size(1 << 16).build();
    let mut store = Store::new(&engine, limits);
    store.limiter(|limits| limits);
    for (module, expected) in [(refused, 0), (trapping, 1), (outside, 2)] {
        assert!(Instance::new(&mut store, &module, &[]).is_err());
        check(&engine, [expected, expected, 0, 0], "a failed instantiation");
    }
    drop(store);
    check(&engine, [0, 0, 0, 0], "the store is gone");
}

/// Stores of other threads count as well.
#[test]
fn figures_add_up_over_threads() {
    let engine = engine();
    let module = Module::new(&engine, "(module (memory 1))").unwrap();
    let stores: Vec<_> = std::thread::scope(|scope| {
        let make = || {
            let mut store = Store::new(&engine, ());
            (0..10).for_each(|_| _ = Instance::new(&mut store, &module, &[]).unwrap());
            store
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(make)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    check(&engine, [40, 40, 0, 0], "four stores");
    drop(stores);
    check(&engine, [0, 0, 0, 0], "none");
}
