//! Objects that stacks, globals, tables and segments hold, and the collection of all others.

use crate::common;
use burdock::*;

/// A store whose memories and heap may each take this many bytes.
const LIMIT: usize = 16 << 20;

/// The bytes of an array that leaves no room for those of [`CHURNED`].
const HELD: i32 = 9 << 20;

/// The bytes of arrays of which two may be alive at a time.
const CHURNED: i32 = 7 << 20;

const PROGRAM: &str = r#"(module
    (type $cell (struct (field (mut i32))))
    (type $bytes (array (mut i8)))
    (import "host" "stop" (func $stop))
    (table $any (export "any") 2 anyref)
    (table $cells 2 (ref null $cell))
    (global $held (mut (ref null $bytes)) (ref.null $bytes))
    (elem $passive anyref (item (struct.new $cell (i32.const 7))))
    (func (export "hold") (param $len i32) (result i32)
        (local $cell (ref null $cell)) (local $held (ref null $bytes))
        (local.set $cell (struct.new $cell (i32.const 42)))
        (local.set $held (array.new_default $bytes (local.get $len)))
        (call $stop)
        (i32.add (array.len (local.get $held)) (struct.get $cell 0 (local.get $cell))))
    ;; Overwrites what other functions have left in slots.
    (func $wipe
        (local i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
        (local i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64))
    (func (export "churn") (param $count i32) (param $len i32)
        (call $wipe)
        (loop $more
            ;; The reference to this one replaces the last one's.
            (drop (array.new_default $bytes (i32.const 1)))
            (drop (array.new_default $bytes (local.get $len)))
            (br_if $more (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))
    (func (export "set_global") (param $len i32)
        (call $wipe)
        (global.set $held (array.new_default $bytes (local.get $len))))
    (func (export "clear_global") (global.set $held (ref.null $bytes)))
    (func (export "set_table") (param $len i32)
        (call $wipe)
        (table.set $any (i32.const 1) (array.new_default $bytes (local.get $len)))
        (table.set $cells (i32.const 0) (struct.new $cell (i32.const 3))))
    (func (export "clear_table") (table.set $any (i32.const 1) (ref.null any)))
    (func (export "cell") (result i32) (struct.get $cell 0 (table.get $cells (i32.const 0))))
    (func (export "passive") (result i32)
        (table.init $any $passive (i32.const 0) (i32.const 0) (i32.const 1))
        (struct.get $cell 0 (ref.cast (ref $cell) (table.get $any (i32.const 0))))))"#;

fn limited() -> StoreLimits {
    StoreLimitsBuilder::new().memory_size(LIMIT).build()
}

fn engine(config: &mut Config) -> Engine {
    Engine::new(config.wasm_gc(true)).unwrap()
}

/// Returns a store and an instance of the program, whose import `stop` is the one that is given.
fn scene(
    config: &mut Config,
    stop: fn(&mut Linker<StoreLimits>) -> Result<&mut Linker<StoreLimits>>,
) -> (Store<StoreLimits>, Instance) {
    let engine = engine(config);
    let mut store = Store::new(&engine, limited());
    store.limiter(|limits| limits);
    let mut linker = Linker::new(&engine);
    stop(&mut linker).unwrap();
    let module = common::module(&engine, PROGRAM);
    let instance = linker.instantiate(&mut store, &module).unwrap();
    (store, instance)
}

fn churn(mut store: impl AsContextMut, instance: Instance) -> Result<()> {
    let churn = instance.get_typed_func::<(i32, i32), ()>(&mut store, "churn").unwrap();
    churn.call(&mut store, (10, CHURNED))
}

fn call(store: &mut Store<StoreLimits>, instance: Instance, name: &str, args: &[Val]) {
    let func = instance.get_func(&mut *store, name).unwrap();
    func.call(store, args, &mut []).unwrap();
}

/// Asserts that there is room for the churned arrays if `fits`, and only then.
fn assert_fits(store: &mut Store<StoreLimits>, instance: Instance, fits: bool) {
    match churn(&mut *store, instance) {
        Ok(()) => assert!(fits, "the held array was freed"),
        Err(error) => {
            assert_eq!(error.downcast_ref(), Some(&Trap::AllocationTooLarge), "{error:#}");
            assert!(!fits, "an array that nothing holds is alive");
        }
    }
}

#[test]
fn a_paused_call_holds_its_objects_until_it_is_dropped() {
    for mut config in common::configs() {
        let (mut store, instance) = scene(&mut config, |linker| {
            linker.func_wrap("host", "stop", || -> Result<()> { bail!("not now") })
        });
        let hold = instance.get_func(&mut store, "hold").unwrap();
        let mut results = [Val::I32(0)];
        let mut pause = |store: &mut Store<StoreLimits>, len| {
            let call = hold.call_resumable(store, &[Val::I32(len)], &mut results).unwrap();
            let ResumableCall::HostTrap(paused) = call else { panic!("not paused: {call:?}") };
            paused
        };
        let (small, large) = (pause(&mut store, 1), pause(&mut store, HELD));
        assert_fits(&mut store, instance, false);
        drop(large);
        assert_fits(&mut store, instance, true);
        small.resume(&mut store, &[], &mut results).unwrap();
        assert_eq!(results[0].unwrap_i32(), 43);
        assert_fits(&mut store, instance, true);
    }
}

#[test]
fn a_call_that_waits_holds_its_objects() {
    for mut config in common::configs() {
        let (mut store, instance) = scene(&mut config, |linker| {
            linker.func_wrap_async("host", "stop", |mut caller, (): ()| {
                Box::new(async move {
                    common::Later::default().await;
                    let churn = caller.get_export("churn").and_then(Extern::into_func).unwrap();
                    let churn = churn.typed::<(i32, i32), ()>(&caller).unwrap();
                    churn.call_async(&mut caller, (10, CHURNED)).await
                })
            })
        });
        let hold = instance.get_typed_func::<i32, i32>(&mut store, "hold").unwrap();
        let (result, waits) = common::block_on(hold.call_async(&mut store, 1));
        assert_eq!((result.unwrap(), waits), (43, 1));
        let (result, _) = common::block_on(hold.call_async(&mut store, HELD));
        let error = result.unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Trap::AllocationTooLarge), "{error:#}");
        assert_fits(&mut store, instance, true);
    }
}

#[test]
fn a_call_within_a_call_leaves_its_objects() {
    for mut config in common::configs() {
        let (mut store, instance) = scene(&mut config, |linker| {
            linker.func_wrap("host", "stop", |mut caller: Caller<'_, StoreLimits>| {
                let churn = caller.get_export("churn").and_then(Extern::into_func).unwrap();
                churn.typed::<(i32, i32), ()>(&caller)?.call(&mut caller, (10, CHURNED))
            })
        });
        let hold = instance.get_typed_func::<i32, i32>(&mut store, "hold").unwrap();
        assert_eq!(hold.call(&mut store, 1).unwrap(), 43);
        let error = hold.call(&mut store, HELD).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Trap::AllocationTooLarge), "{error:#}");
        assert_fits(&mut store, instance, true);
    }
}

#[test]
fn globals_tables_and_segments_hold_objects() {
    for mut config in common::configs() {
        let (mut store, instance) =
            scene(&mut config, |linker| linker.func_wrap("host", "stop", || ()));
        for (set, clear) in [("set_global", "clear_global"), ("set_table", "clear_table")] {
            assert_fits(&mut store, instance, true);
            call(&mut store, instance, set, &[Val::I32(HELD)]);
            assert_fits(&mut store, instance, false);
            call(&mut store, instance, clear, &[]);
        }
        assert_fits(&mut store, instance, true);
        for (name, expected) in [("cell", 3), ("passive", 7)] {
            let func = instance.get_typed_func::<(), i32>(&mut store, name).unwrap();
            assert_eq!(func.call(&mut store, ()).unwrap(), expected, "{name}");
        }
    }
}

/// Takes a snapshot at each event.
#[derive(Default)]
struct Keep(Vec<Snapshot>);

impl Hook<StoreLimits> for Keep {
    const EVENTS: Events = Events::FUNCS;

    fn event(&mut self, mut store: StoreContextMut<'_, StoreLimits>, _: Event<'_>) -> Result<()> {
        let snapshot = store.snapshot(self.0.last())?;
        self.0.push(snapshot);
        Ok(())
    }
}

#[test]
fn a_snapshot_holds_its_objects_until_it_is_dropped() {
    for mut config in common::configs() {
        let (mut store, instance) =
            scene(&mut config, |linker| linker.func_wrap("host", "stop", || ()));
        call(&mut store, instance, "set_global", &[Val::I32(HELD)]);
        let keep = store.attach(Filter::new(), Keep::default());
        // When this function is entered, the global holds the array; when it is left, it does not.
        call(&mut store, instance, "clear_global", &[]);
        let mut kept = store.detach(keep).unwrap().0;
        assert_eq!(kept.len(), 2);
        assert_fits(&mut store, instance, false);
        kept.remove(0);
        assert_fits(&mut store, instance, true);
        // The other one can still be restored.
        kept[0].resume(&mut store, &mut []).unwrap();
        assert_fits(&mut store, instance, true);
    }
}

#[test]
fn numbers_in_globals_are_no_references() {
    let mut config = Config::new();
    let engine = engine(&mut config);
    // The global has every value that the reference to the array could have.
    let wat = r#"(module
        (type $bytes (array (mut i8)))
        (global $number (mut i64) (i64.const 0))
        ;; Overwrites what other functions have left in slots.
        (func $wipe
            (local i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
            (local i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64))
        (func (export "churn") (param $count i32) (param $len i32)
            (call $wipe)
            (loop $more
                (drop (array.new_default $bytes (i32.const 1)))
                (global.set $number (i64.const 0x50000000))
                (drop (array.new_default $bytes (local.get $len)))
                (br_if $more (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))))"#;
    let mut store = Store::new(&engine, limited());
    store.limiter(|limits| limits);
    let instance = Instance::new(&mut store, &common::module(&engine, wat), &[]).unwrap();
    let churn = instance.get_typed_func::<(i32, i32), ()>(&mut store, "churn").unwrap();
    churn.call(&mut store, (1, HELD)).unwrap();
    // The first array is at the first offset, which the global contains.
    churn.call(&mut store, (10, CHURNED)).unwrap();
}

#[test]
fn the_heap_has_figures() {
    let mut config = Config::new();
    let (mut store, instance) = scene(&mut config, |linker| {
        linker.func_wrap("host", "stop", |caller: Caller<'_, StoreLimits>| {
            // The same figures from everywhere; the cell lives, and the array.
            let figures = caller.heap_statistics();
            assert_eq!(figures, caller.as_context().heap_statistics());
            assert!(figures.allocated_bytes >= HELD as u64, "{figures:?}");
        })
    });
    let none = store.heap_statistics();
    assert_eq!((none.allocated_bytes, none.collections, none.live_objects), (16, 0, 0));
    let hold = instance.get_typed_func::<i32, i32>(&mut store, "hold").unwrap();
    hold.call(&mut store, HELD).unwrap();
    call(&mut store, instance, "set_global", &[Val::I32(1000)]);
    churn(&mut store, instance).unwrap();
    let figures = store.heap_statistics();
    assert_eq!(figures, store.as_context_mut().heap_statistics());
    // The module's segment, the cell and the array of `hold`, the global's array, and ten small and
    // ten large ones.
    let array = |len: i32| (8 + len as u64).next_multiple_of(8);
    let allocated = 16 + 16 + array(HELD) + array(1000) + 10 * (16 + array(CHURNED));
    assert_eq!(figures.allocated_bytes, allocated);
    assert!(figures.collections > 0 && figures.longest_pause >= figures.last_pause);
    let live = 16 + array(1000)..=3 * 16 + array(1000) + 2 * array(CHURNED);
    assert!(live.contains(&figures.live_bytes), "{figures:?}");
    assert!((2..=6).contains(&figures.live_objects), "{figures:?}");
    assert!(figures.heap_bytes >= figures.live_bytes && figures.heap_bytes <= LIMIT as u64);
    assert!(figures.reserved_bytes == 0 || figures.reserved_bytes > u64::from(u32::MAX));
}
