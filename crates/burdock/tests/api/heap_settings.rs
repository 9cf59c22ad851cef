//! The settings of the heap in `Config`, and what they change for guests and the host.

use crate::common::{full, instance};
use burdock::*;

const LISTS: &str = r#"(module
    (type $node (struct (field $next (ref null $node)) (field i64 i64 i64)))
    (global $list (mut (ref null $node)) (ref.null $node))
    (func $push (export "push") (param $count i32)
        (loop $more
            (global.set $list
                (struct.new $node (global.get $list) (i64.const 1) (i64.const 2) (i64.const 3)))
            (br_if $more (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))
    (func (export "drop") (param $count i32)
        (loop $more
            (drop (struct.new_default $node))
            (br_if $more (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))
    (func (export "length") (result i32) (local $node (ref null $node)) (local $length i32)
        (local.set $node (global.get $list))
        (block $end
            (loop $more
                (local.set $node
                    (struct.get $node $next (br_on_null $end (local.get $node))))
                (local.set $length (i32.add (local.get $length) (i32.const 1)))
                (br $more)))
        (local.get $length)))"#;

/// The bytes that an object of `LISTS` takes.
const NODE: u64 = 40;

struct Scene {
    store: Store<()>,
    instance: Instance,
}

impl Scene {
    fn new(set: impl FnOnce(&mut Config) -> &mut Config) -> Self {
        let mut config = Config::new();
        set(&mut config);
        let (store, instance) = instance(&config, LISTS);
        Self { store, instance }
    }

    fn call(&mut self, name: &str, count: i32) -> Result<()> {
        let func = self.instance.get_typed_func::<i32, ()>(&mut self.store, name)?;
        func.call(&mut self.store, count)
    }

    fn length(&mut self) -> i32 {
        let func = self.instance.get_typed_func::<(), i32>(&mut self.store, "length").unwrap();
        func.call(&mut self.store, ()).unwrap()
    }

    /// Makes the list longer until there is no more room, and returns the size of the heap.
    fn fill(&mut self) -> u64 {
        let error = loop {
            if let Err(error) = self.call("push", 1000) {
                break error;
            }
        };
        assert_eq!(error.downcast_ref(), Some(&Trap::AllocationTooLarge));
        let HeapStatistics { heap_bytes, live_bytes, .. } = self.store.heap_statistics();
        assert_eq!(live_bytes, self.length() as u64 * NODE);
        heap_bytes
    }
}

/// Guests find their objects again, wherever the heap is and however it grows.
#[test]
fn objects_stay_the_same_under_all_settings() {
    let settings: [fn(&mut Config) -> &mut Config; 6] = [
        |config| config,
        |config| config.gc_heap_reservation(0),
        |config| config.gc_heap_reservation(0).gc_heap_reservation_for_growth(1 << 20),
        |config| config.gc_heap_initial_size(5_000_000).gc_heap_guard_size(0),
        |config| config.gc_heap_reservation(0).gc_heap_initial_size(100),
        |config| config.collector(Collector::Copying).gc_heap_may_move(false),
    ];
    for set in settings {
        let mut scene = Scene::new(set);
        scene.call("push", 60_000).unwrap();
        scene.call("drop", 60_000).unwrap();
        assert_eq!(scene.length(), 60_000);
    }
}

#[test]
fn a_heap_begins_with_its_initial_size() {
    for (initial, expected) in [(0, 64 << 10), (1, 64 << 10), (10_000_000, 153 * (64 << 10))] {
        let mut scene = Scene::new(|config| config.gc_heap_initial_size(initial));
        assert_eq!(scene.store.gc_heap_capacity(), 0);
        scene.call("drop", 1).unwrap();
        assert_eq!(scene.store.gc_heap_capacity(), expected);
        scene.call("drop", 200_000).unwrap();
        assert_eq!(scene.store.heap_statistics().collections > 0, initial < 10_000_000);
        scene.call("drop", 200_000).unwrap();
        assert!(scene.store.heap_statistics().collections > 0);
    }
}

/// The limiter may refuse the initial size; objects are made nevertheless.
#[test]
fn the_initial_size_is_subject_to_the_limiter() {
    let config = || {
        let mut config = Config::new();
        config.gc_heap_initial_size(100 << 20);
        config
    };
    let engine = Engine::new(&config()).unwrap();
    let mut store = Store::new(&engine, StoreLimitsBuilder::new().memory_size(1 << 20).build());
    store.limiter(|limits| limits);
    ExternRef::new(&mut store, "value").unwrap();
    assert_eq!(store.gc_heap_capacity(), 64 << 10);
    let error = store.gc_heap_grow(2 << 20).unwrap_err();
    assert_eq!(full(&error), "the heap cannot grow by 2097152 bytes");
    store.gc_heap_grow(900_000).unwrap();
    assert!((960_000..=1 << 20).contains(&store.gc_heap_capacity()));
}

/// Agrees to all growth, and notes what fails.
#[derive(Default)]
struct Noting {
    failures: Vec<String>,
    traps: bool,
}

impl ResourceLimiter for Noting {
    fn memory_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool> {
        Ok(true)
    }

    fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
        self.failures.push(error.to_string());
        if self.traps { Err(error) } else { Ok(()) }
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool> {
        Ok(true)
    }
}

/// The limiter hears that the heap could not grow although it had agreed, and may stop the guest.
#[test]
fn the_limiter_hears_of_a_heap_that_cannot_grow() {
    let mut config = Config::new();
    config.gc_heap_may_move(false).gc_heap_reservation(0).gc_heap_initial_size(1 << 20);
    let engine = Engine::new(&config).unwrap();
    let module = Module::new(&engine, LISTS).unwrap();
    for traps in [false, true] {
        let mut store = Store::new(&engine, Noting { traps, ..Noting::default() });
        store.limiter(|limiter| limiter);
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let push = instance.get_typed_func::<i32, ()>(&mut store, "push").unwrap();
        let error = push.call(&mut store, 100_000).unwrap_err();
        let failures = &store.data().failures;
        assert_eq!(failures.first().unwrap(), "failed to grow the heap by 262144 bytes");
        match traps {
            true => assert_eq!(error.root_cause().to_string(), failures[0]),
            false => assert_eq!(error.downcast_ref(), Some(&Trap::AllocationTooLarge)),
        }
    }
}

/// Without permission to move, a heap grows in place: as far as it was told to.
#[test]
fn a_heap_that_may_not_move_is_bounded() {
    let mut scene =
        Scene::new(|config| config.gc_heap_may_move(false).gc_heap_reservation(3 << 20));
    assert_eq!(scene.fill(), 3 << 20);
    scene.call("drop", 1).unwrap_err();

    let mut scene = Scene::new(|config| {
        config.gc_heap_may_move(false).gc_heap_reservation(0).gc_heap_initial_size(1 << 20)
    });
    assert_eq!(scene.fill(), 1 << 20);

    let mut scene = Scene::new(|config| {
        config
            .gc_heap_may_move(false)
            .gc_heap_reservation(0)
            .gc_heap_initial_size(1 << 20)
            .gc_heap_reservation_for_growth(2 << 20)
    });
    assert_eq!(scene.fill(), 3 << 20);
}

#[test]
fn the_null_collector_frees_nothing() {
    let mut scene = Scene::new(|config| {
        config.collector(Collector::Null).gc_heap_may_move(false).gc_heap_reservation(4 << 20)
    });
    scene.call("drop", 80_000).unwrap();
    let error = scene.call("drop", 80_000).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::AllocationTooLarge));
    scene.store.gc(None).unwrap();
    scene.call("drop", 80_000).unwrap_err();
    let figures = scene.store.heap_statistics();
    assert_eq!((figures.collections, figures.heap_bytes), (0, 4 << 20));
    assert!(figures.allocated_bytes > 100_000 * NODE);
}

/// What the host and constant expressions allocate fails with Wasmtime's error, which has the
/// host's value.
#[test]
fn the_host_is_told_that_the_heap_is_full() {
    let mut scene =
        Scene::new(|config| config.gc_heap_may_move(false).gc_heap_reservation(4 << 20));
    scene.fill();
    let Scene { mut store, .. } = scene;
    let engine = store.engine().clone();
    let value = (0..).find_map(|n| {
        let mut scope = RootScope::new(&mut store);
        let held = ExternRef::new(&mut scope, n).map(|value| value.to_owned_rooted(&mut scope));
        match held {
            Ok(Ok(held)) => std::mem::forget(held),
            Ok(Err(error)) => panic!("{error:#}"),
            Err(error) => return Some((n, error.downcast::<GcHeapOutOfMemory<i32>>().unwrap())),
        }
        None
    });
    let (n, full) = value.unwrap();
    assert_eq!(full.to_string(), "GC heap out of memory");
    let (value, full) = full.take_inner();
    assert_eq!(value, n);
    store.gc(Some(&full)).unwrap();

    let ty = ArrayType::new(&engine, FieldType::new(Mutability::Const, StorageType::I8));
    let pre = ArrayRefPre::new(&mut store, ty);
    let error = ArrayRef::new(&mut store, &pre, &Val::I32(0), 1 << 22).map(drop).unwrap_err();
    assert!(error.is::<GcHeapOutOfMemory<()>>(), "{error:#}");
    for field in [
        "(global (ref $bytes) (array.new_default $bytes (i32.const 0x400000)))",
        "(elem arrayref (array.new_default $bytes (i32.const 0x400000)))",
        "(table 1 arrayref (array.new_default $bytes (i32.const 0x400000)))",
    ] {
        let module = format!("(module (type $bytes (array i8)) {field})");
        let module = Module::new(&engine, module).unwrap();
        let error = Instance::new(&mut store, &module, &[]).unwrap_err();
        assert!(error.is::<GcHeapOutOfMemory<()>>(), "{field}: {error:#}");
    }
    let module = "(module (type $bytes (array i8))
        (global (ref $bytes) (array.new_default $bytes (i32.const -1))))";
    let module = Module::new(&engine, module).unwrap();
    let error = Instance::new(&mut store, &module, &[]).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::AllocationTooLarge));
}

#[test]
fn without_support_nothing_needs_a_heap() {
    let engine = Engine::new(Config::new().gc_support(false)).unwrap();
    let accepted = ["(module (table 1 funcref) (func (param funcref)))", "(module (func))"];
    for text in accepted {
        Module::new(&engine, text).unwrap();
    }
    let refused = [
        "(module (func (param externref)))",
        "(module (type (struct)))",
        "(module (func (local i31ref)))",
        "(module (tag))",
        "(module (func (block (try_table (catch_all 0)))))",
        "(module (func (local exnref)))",
        "(module (global (ref null any) (ref.null any)))",
    ];
    for text in refused {
        assert!(Module::new(&engine, text).is_err(), "{text}");
    }
    let mut store = Store::new(&engine, ());
    let expected = "cannot make objects or tags: `Config::gc_support` is off";
    let error = ExternRef::new(&mut store, "value").unwrap_err();
    assert_eq!(full(&error), expected);
    let pre = StructType::new(&engine, []).map(|ty| StructRefPre::new(&mut store, ty)).unwrap();
    assert_eq!(full(&StructRef::new(&mut store, &pre, &[]).unwrap_err()), expected);
    let tag = TagType::new(FuncType::new(&engine, [], []));
    assert_eq!(full(&Tag::new(&mut store, &tag).unwrap_err()), expected);
    assert_eq!(full(&store.gc_heap_grow(1).unwrap_err()), expected);
    assert_eq!(store.gc_heap_capacity(), 0);
}
