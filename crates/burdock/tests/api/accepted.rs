//! Settings that mean something to Wasmtime's compiler and allocators only: code that has them
//! compiles and runs. They change nothing, but for bounds of what guests may have.

use crate::common::{self, full};
use burdock::*;

#[test]
fn a_cache_and_flags_of_a_compiler_change_nothing() {
    let mut cache = CacheConfig::new();
    cache.with_directory("/nowhere").with_file_count_soft_limit(1);
    let mut config = Config::new();
    config.cache(Some(Cache::new(cache).unwrap()));
    config.cranelift_flag_set("has_avx", "false").cranelift_flag_enable("no_such_flag");
    config.metadata_for_internal_asserts(true).metadata_for_gc_heap_corruption(false);
    config.x86_float_abi_ok(true).detect_host_feature(|_| None);
    config.module_version(ModuleVersionStrategy::Custom("mine".into())).unwrap();
    let engine = Engine::new(&config).unwrap();
    let module = Module::new(&engine, "(module (memory 2) (table 3 funcref))").unwrap();
    module.initialize_copy_on_write_image().unwrap();
    Instance::new(Store::new(&engine, ()), &module, &[]).unwrap();
}

/// The sizes of a pool that bound a module, a memory and a table do so without a pool; the others
/// do nothing.
#[test]
fn a_pool_bounds_modules_memories_and_tables() {
    let mut pool = PoolingAllocationConfig::new();
    pool.max_memory_size(3 << 16).table_elements(5);
    pool.total_memories(0).total_tables(0).total_core_instances(0).total_stacks(0);
    pool.memory_protection_keys(Enabled::Auto);
    assert!(!PoolingAllocationConfig::are_memory_protection_keys_available());
    let engine = Engine::new(Config::new().allocation_strategy(pool.clone())).unwrap();
    let refused = [
        (
            "(module (memory 4))",
            "memory index 0 is unsupported in this pooling allocator configuration: memory has a \
             minimum byte size of 262144 which exceeds the limit of 0x30000 bytes",
        ),
        (
            "(module (import \"\" \"\" (table 9 funcref)) (table 6 funcref))",
            "table index 1 has a minimum element size of 6 which exceeds the limit of 5",
        ),
        (
            "(module (memory 1) (memory 1))",
            "defined memories count of 2 exceeds the per-instance limit of 1",
        ),
        (
            "(module (table 1 funcref) (table 1 externref))",
            "defined tables count of 2 exceeds the per-instance limit of 1",
        ),
    ];
    for (wat, expected) in refused {
        assert_eq!(full(&Module::new(&engine, wat).unwrap_err()), expected);
    }

    let wat = r#"(module (memory 2) (table 3 funcref)
        (func (export "memory") (param i32) (result i32) (memory.grow (local.get 0)))
        (func (export "table") (param i32) (result i32)
            (table.grow (ref.null func) (local.get 0))))"#;
    let module = Module::new(&engine, wat).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    for (name, delta, before) in [
        ("memory", 2, -1),
        ("memory", 1, 2),
        ("memory", 1, -1),
        ("memory", 0, 3),
        ("table", 3, -1),
        ("table", -1, -1),
        ("table", 2, 3),
        ("table", 1, -1),
    ] {
        let grow = instance.get_typed_func::<i32, i32>(&mut store, name).unwrap();
        assert_eq!(grow.call(&mut store, delta).unwrap(), before, "{name} by {delta}");
    }

    pool.max_memories_per_module(2).max_tables_per_module(2);
    let engine = Engine::new(Config::new().allocation_strategy(pool)).unwrap();
    Module::new(&engine, "(module (memory 1) (memory 1) (table 1 funcref) (table 1 funcref))")
        .unwrap();
    let strategy = InstanceAllocationStrategy::OnDemand;
    let engine = Engine::new(Config::new().allocation_strategy(strategy)).unwrap();
    Module::new(&engine, "(module (memory 4) (table 6 funcref))").unwrap();
}

/// What the embedder makes is not in the pool, whoever grows it.
#[test]
fn a_pool_does_not_bound_what_the_host_makes() {
    let mut pool = PoolingAllocationConfig::new();
    pool.max_memory_size(3 << 16).table_elements(10);
    let engine = Engine::new(Config::new().allocation_strategy(pool)).unwrap();
    let mut store = Store::new(&engine, ());
    let memory_ty = || MemoryType::new(1, None);
    let table_ty = || TableType::new(RefType::FUNCREF, 1, None);
    let null = || Ref::Func(None);
    Memory::new(&mut store, MemoryType::new(4, None)).unwrap();
    Table::new(&mut store, TableType::new(RefType::FUNCREF, 11, None), null()).unwrap();
    let buffer = Box::leak(vec![0; 9 << 16].into_boxed_slice());
    let memories = [
        Memory::new(&mut store, memory_ty()).unwrap(),
        common::block_on(Memory::new_async(&mut store, memory_ty())).0.unwrap(),
        Memory::new_static(&mut store, memory_ty(), buffer).unwrap(),
    ];
    let tables = [
        Table::new(&mut store, table_ty(), null()).unwrap(),
        common::block_on(Table::new_async(&mut store, table_ty(), null())).0.unwrap(),
    ];
    let wat = r#"(module (import "" "" (memory 1)) (import "" "" (table 1 funcref))
        (func (export "memory") (result i32) (memory.grow (i32.const 3)))
        (func (export "table") (result i32) (table.grow (ref.null func) (i32.const 20))))"#;
    let module = Module::new(&engine, wat).unwrap();
    for memory in memories {
        assert_eq!(memory.grow(&mut store, 4).unwrap(), 1);
        let imports = [memory.into(), tables[0].into()];
        let instance = Instance::new(&mut store, &module, &imports).unwrap();
        let grow = instance.get_typed_func::<(), i32>(&mut store, "memory").unwrap();
        assert_eq!(grow.call(&mut store, ()).unwrap(), 5);
    }
    for table in tables {
        assert_eq!(table.grow(&mut store, 10, null()).unwrap(), 1);
        let imports = [memories[0].into(), table.into()];
        let instance = Instance::new(&mut store, &module, &imports).unwrap();
        let grow = instance.get_typed_func::<(), i32>(&mut store, "table").unwrap();
        assert_eq!(grow.call(&mut store, ()).unwrap(), 11);
    }
}

#[test]
fn a_cache_needs_its_file() {
    let cache = Cache::from_file(None).unwrap();
    assert_eq!((cache.cache_hits(), cache.cache_misses()), (0, 0));
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    Cache::from_file(Some(&path)).unwrap();
    let missing = std::path::Path::new("/no/such/cache.toml");
    let refused = full(&Cache::from_file(Some(missing)).unwrap_err());
    assert!(refused.starts_with("failed to read config file: /no/such/cache.toml"), "{refused}");
}
