//! The figures of a pool: what the stores of an engine hold.

use wasmtime::{
    Config, Engine, ExternRef, Instance, InstanceAllocationStrategy, Memory, MemoryType, Module,
    PoolingAllocationConfig, Result, Store, StoreLimitsBuilder,
};

pub fn run() -> Result<()> {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_memories(10).total_tables(10).total_core_instances(10).total_gc_heaps(3);
    pool.max_memory_size(1 << 20).table_elements(10).total_stacks(1);
    let mut config = Config::new();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    let engine = Engine::new(&config)?;
    let show = |what: &str| {
        let metrics = engine.pooling_allocator_metrics().expect("a pool");
        let (instances, memories) = (metrics.core_instances(), metrics.memories());
        let (tables, heaps) = (metrics.tables(), metrics.gc_heaps());
        println!("{what}: {instances} {memories} {tables} {heaps}");
    };
    let exporting = r#"(module (memory (export "m") 1) (table (export "t") 1 funcref))"#;
    let exporting = Module::new(&engine, exporting)?;
    let importing = r#"(module (import "" "m" (memory 1)) (table 1 funcref))"#;
    let importing = Module::new(&engine, importing)?;
    let mut store = Store::new(&engine, ());
    show("an empty store");
    let exports = Instance::new(&mut store, &exporting, &[])?;
    show("an instance");
    let memory = exports.get_export(&mut store, "m").expect("a memory");
    Instance::new(&mut store, &importing, &[memory])?;
    show("an import");
    Memory::new(&mut store, MemoryType::new(1, None))?;
    show("a memory of the host");
    let limits = StoreLimitsBuilder::new().memory_size(1 << 16).build();
    let mut limited = Store::new(&engine, limits);
    limited.limiter(|limits| limits);
    for text in [
        "(module (memory 2))",
        "(module (memory 1) (func $start unreachable) (start $start))",
        r#"(module (memory 1) (func) (data (i32.const 65536) "x"))"#,
    ] {
        let module = Module::new(&engine, text)?;
        println!("{text}: {}", Instance::new(&mut limited, &module, &[]).is_ok());
        show("a failed instantiation");
    }
    drop(store);
    show("the first store is gone");
    drop(limited);
    show("both are gone");
    // Wasmtime also counts the memory that a heap lies in.
    let heaps = || engine.pooling_allocator_metrics().expect("a pool").gc_heaps();
    let mut store = Store::new(&engine, ());
    ExternRef::new(&mut store, 1)?;
    print!("heaps: {} ", heaps());
    drop(store);
    println!("{}", heaps());
    println!("{}", Engine::default().pooling_allocator_metrics().is_none());
    Ok(())
}
