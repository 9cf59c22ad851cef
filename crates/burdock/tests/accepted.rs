//! Settings that mean something to Wasmtime's compiler and allocators only: code that has them
//! compiles and runs, and they change nothing.

mod common;

use burdock::*;
use common::full;

#[test]
fn settings_of_a_pool_and_a_cache_limit_nothing() {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_memories(1).max_memory_size(0).total_tables(0).total_stacks(0);
    pool.memory_protection_keys(Enabled::Auto);
    let mut cache = CacheConfig::new();
    cache.with_directory("/nowhere").with_file_count_soft_limit(1);
    let mut config = Config::new();
    config.allocation_strategy(pool).cache(Some(Cache::new(cache).unwrap()));
    config.cranelift_flag_set("has_avx", "false").cranelift_flag_enable("no_such_flag");
    config.module_version(ModuleVersionStrategy::Custom("mine".into())).unwrap();
    let engine = Engine::new(&config).unwrap();
    let mut store = Store::new(&engine, ());
    let module = Module::new(&engine, "(module (memory 2) (table 3 funcref))").unwrap();
    for _ in 0..2 {
        Instance::new(&mut store, &module, &[]).unwrap();
    }
    let strategies = [InstanceAllocationStrategy::default(), InstanceAllocationStrategy::pooling()];
    for strategy in strategies {
        Engine::new(Config::new().allocation_strategy(strategy)).unwrap();
    }
    assert!(!PoolingAllocationConfig::are_memory_protection_keys_available());
}

#[test]
fn a_cache_needs_its_file() {
    let cache = Cache::from_file(None).unwrap();
    assert_eq!((cache.cache_hits(), cache.cache_misses()), (0, 0));
    let here = std::path::Path::new(file!()).file_name().unwrap();
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(here);
    Cache::from_file(Some(&path)).unwrap();
    let missing = std::path::Path::new("/no/such/cache.toml");
    let refused = full(&Cache::from_file(Some(missing)).unwrap_err());
    assert!(refused.starts_with("failed to read config file: /no/such/cache.toml"), "{refused}");
}
