//! Memories that stay where they are (`Config::memory_may_move`).

use crate::common::{configs, full};
use burdock::*;

const PAGE: usize = 1 << 16;

/// Grows a memory, and writes to the end of it.
const GROWING: &str = r#"(module
    (memory (export "memory") 1)
    (func (export "grow") (param i32) (result i32)
        (local $before i32)
        (local.set $before (memory.grow (local.get 0)))
        (i32.store (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 4)) (i32.const 7))
        (local.get $before))
    (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))"#;

#[test]
fn a_memory_grows_where_it_is() {
    for mut config in configs() {
        config.memory_may_move(false).memory_reservation(100 * PAGE as u64);
        let engine = Engine::new(&config).unwrap();
        let mut store = Store::new(&engine, ());
        let module = Module::new(&engine, GROWING).unwrap();
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let memory = instance.get_memory(&mut store, "memory").unwrap();
        let place = memory.data_ptr(&store);
        let grow = instance.get_typed_func::<i32, i32>(&mut store, "grow").unwrap();
        let load = instance.get_typed_func::<i32, i32>(&mut store, "load").unwrap();
        assert_eq!(grow.call(&mut store, 1).unwrap(), 1);
        assert_eq!(grow.call(&mut store, 60).unwrap(), 2);
        assert_eq!(memory.grow(&mut store, 38).unwrap(), 62);
        assert_eq!(grow.call(&mut store, 1).unwrap(), -1);
        assert!(memory.grow(&mut store, 1).is_err());
        assert_eq!(memory.data_ptr(&store), place);
        assert_eq!(memory.data_size(&store), 100 * PAGE);
        let ends = [2, 62, 100].map(|pages| pages * PAGE as i32 - 4);
        for end in ends {
            assert_eq!(load.call(&mut store, end).unwrap(), 7);
        }
        let error = load.call(&mut store, 100 * PAGE as i32).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Trap::MemoryOutOfBounds));
        let ones = memory.data(&store).iter().filter(|byte| **byte != 0).count();
        assert_eq!(ones, ends.len());
    }
}

#[test]
fn the_maximum_and_the_reservation_bound_growth() {
    let mut config = Config::new();
    config.memory_may_move(false).memory_reservation(3 * PAGE as u64 + 1);
    config.wasm_custom_page_sizes(true);
    let engine = Engine::new(&config).unwrap();
    let mut store = Store::new(&engine, ());
    // A memory, and by how many pages it can grow at most.
    let cases = [
        ("1", 3),
        ("1 2", 1),
        ("0", 4),
        ("0 0", 0),
        ("7", 0),
        ("7 9", 0),
        ("i64 1", 3),
        // As many bytes as there are pages of 64 KiB.
        ("5 (pagesize 1)", 4 * PAGE as u64 - 5),
        ("5 10 (pagesize 1)", 5),
    ];
    for (ty, most) in cases {
        let module = format!(r#"(module (memory (export "m") {ty}))"#);
        let module = Module::new(&engine, module).unwrap();
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let memory = instance.get_memory(&mut store, "m").unwrap();
        let (place, before) = (memory.data_ptr(&store), memory.size(&store));
        assert!(memory.grow(&mut store, most + 1).is_err(), "{ty}");
        assert_eq!(memory.grow(&mut store, most).unwrap(), before, "{ty}");
        memory.data_mut(&mut store).fill(1);
        assert!(memory.grow(&mut store, 1).is_err(), "{ty}");
        assert_eq!(memory.data_ptr(&store), place, "{ty}");
    }
}

#[test]
fn too_large_a_reservation_is_refused() {
    for bytes in [u64::MAX, 1 << 60] {
        let config = Config::new().memory_may_move(false).memory_reservation(bytes).clone();
        let mut store = Store::new(&Engine::new(&config).unwrap(), ());
        let error = Memory::new(&mut store, MemoryType::new(1, None)).unwrap_err();
        assert_eq!(full(&error), "cannot allocate a memory of 65536 bytes: out of memory");
        // One with a maximum needs no more addresses than that.
        Memory::new(&mut store, MemoryType::new(1, Some(10))).unwrap();
    }
}
