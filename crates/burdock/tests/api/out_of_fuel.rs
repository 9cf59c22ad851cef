//! Where fuel runs out, however little there is: what has been consumed, where the guest stops, and
//! with which values it goes on, in every way to run it. Not here: what operators cost.

use crate::common;
use burdock::*;

/// Loops in a loop, with integers and floats that change in both, a choice, a table, a call, and an
/// operator that costs by what it works on.
const GUEST: &str = r#"(module
    (memory 1)
    (func $twice (param i64) (result i64) (i64.add (local.get 0) (local.get 0)))
    (func (export "run") (param $n i32) (result i64)
        (local $i i32) (local $j i32) (local $sum i64) (local $x f64) (local $y f32)
        (local.set $x (f64.const 1))
        (loop $outer
            (local.set $j (i32.const 3))
            (loop $inner
                (block $odd (block $even
                    (br_table $even $odd (i32.and (local.get $j) (i32.const 1))))
                    (local.set $x (f64.add (local.get $x) (f64.const 1.5)))
                    (br_if $inner (local.tee $j (i32.sub (local.get $j) (i32.const 1)))))
                (local.set $y (f32.add (local.get $y) (f32.const 0.25)))
                (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (local.get $j))))
                (br_if $inner (i32.gt_s
                    (local.tee $j (i32.sub (local.get $j) (i32.const 1)))
                    (i32.const 0))))
            (if (i32.eq (local.get $i) (i32.const 1))
                (then (local.set $sum (call $twice (local.get $sum))))
                (else (memory.fill (local.get $i) (i32.const 7) (local.get $n))))
            (br_if $outer (i32.lt_u
                (local.tee $i (i32.add (local.get $i) (i32.const 1)))
                (local.get $n))))
        (i64.add
            (i64.add
                (local.get $sum)
                (i64.mul (i64.trunc_f64_s (local.get $x)) (i64.const 1000)))
            (i64.add
                (i64.mul (i64.trunc_f32_s (local.get $y)) (i64.const 1000000))
                (i64.load8_u (local.get $n))))))"#;

/// The same in Rust.
fn run(n: i64) -> i64 {
    let (mut sum, mut x, mut y, mut filled) = (0, 1.0, 0.0, 0);
    for i in 0..n {
        for j in [3, 2, 1] {
            match j % 2 {
                0 => x += 1.5,
                _ => (y, sum) = (y + 0.25, sum + j),
            }
        }
        match i {
            1 => sum *= 2,
            _ => filled = i + n,
        }
    }
    sum + x as i64 * 1000 + y as i64 * 1_000_000 + if filled > n { 7 } else { 0 }
}

const N: i32 = 5;

fn guest(mut config: Config) -> (Store<()>, TypedFunc<i32, i64>) {
    config.consume_fuel(true).operator_cost(OperatorCost::new());
    let (mut store, instance) = common::instance(&config, GUEST);
    let run = instance.get_typed_func(&mut store, "run").unwrap();
    (store, run)
}

/// What a call costs that is not short of fuel.
fn cost(store: &mut Store<()>, run: &TypedFunc<i32, i64>) -> u64 {
    store.set_fuel(1_000_000).unwrap();
    assert_eq!(run.call(&mut *store, N).unwrap(), self::run(N.into()));
    1_000_000 - store.get_fuel().unwrap()
}

/// Where in the module the guest's frames are.
fn offsets(error: &Error) -> Vec<Option<usize>> {
    let backtrace = error.downcast_ref::<WasmBacktrace>().unwrap();
    backtrace.frames().iter().map(FrameInfo::module_offset).collect()
}

#[test]
fn it_runs_out_at_the_same_place_in_every_way_to_run() {
    let mut expected: Option<Vec<(u64, Vec<Option<usize>>)>> = None;
    for config in common::configs() {
        let (mut store, run) = guest(config.clone());
        let cost = cost(&mut store, &run);
        let stops = (0..cost).map_while(|fuel| {
            store.set_fuel(fuel).unwrap();
            let error = run.call(&mut store, N).err()?;
            assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel), "{fuel} {config:?}");
            Some((store.get_fuel().unwrap(), offsets(&error)))
        });
        let stops: Vec<_> = stops.collect();
        // A guest may take more than it has behind the last check.
        assert!((cost - LAST..cost).contains(&(stops.len() as u64)), "{config:?}");
        assert_eq!(*expected.get_or_insert_with(|| Vec::clone(&stops)), stops, "{config:?}");
    }
    let stops = expected.unwrap();
    assert!(stops.iter().any(|(_, offsets)| offsets.len() == 2), "none in the function called");
    let mut places: Vec<_> = stops.into_iter().map(|(_, offsets)| offsets).collect();
    places.sort_unstable();
    places.dedup();
    assert_eq!(places.len(), PLACES);
}

/// The number of places where fuel is checked: two entries, two loops, and one before the bytes are
/// filled.
const PLACES: usize = 5;

/// More fuel than the guest's longest path from one check to the next costs.
const LAST: u64 = 40;

#[test]
fn it_goes_on_with_the_values_that_it_had() {
    let mut expected = None;
    for config in common::configs() {
        let (mut store, run) = guest(config.clone());
        let cost = cost(&mut store, &run);
        let mut stops = Vec::new();
        for step in [1, 2, 5, 30] {
            store.set_fuel(0).unwrap();
            let mut given = 0;
            let mut call = run.call_resumable(&mut store, N).unwrap();
            while let TypedResumableCall::OutOfFuel(stop) = call {
                let left = store.get_fuel().unwrap();
                stops.push((stop.required_fuel(), left));
                given += step;
                store.set_fuel(left + step).unwrap();
                call = stop.resume(&mut store).unwrap();
            }
            let TypedResumableCall::Finished(result) = call else { panic!("{call:?}") };
            assert_eq!(result, self::run(N.into()), "{step} {config:?}");
            let taken = given - store.get_fuel().unwrap();
            let stops = stops.len() as u64;
            assert!(taken <= cost && cost <= taken + stops * LAST, "{step} {config:?}");
        }
        assert_eq!(*expected.get_or_insert(stops.clone()), stops, "{config:?}");
    }
}

#[test]
fn translation_takes_fuel_from_who_calls_first() {
    use CompilationMode::{Eager, Lazy, LazyTranslation};
    // A body of 7 bytes, which takes 1 to enter and 3 for its operators.
    let wat = r#"(module (func (export "f") (result i32) (i32.add (i32.const 1) (i32.const 2))))"#;
    let body = 7;
    for (mode, per_byte) in [(Eager, 0), (LazyTranslation, 10), (Lazy, 13)] {
        let mut config = Config::new();
        let cost = TranslationCost { translated_per_byte: 10, validated_per_byte: 3 };
        config.consume_fuel(true).compilation_mode(mode).translation_cost(cost);
        let engine = Engine::new(&config).unwrap();
        let module = Module::new(&engine, wat).unwrap();
        let taken = |fuel: u64| {
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &module, &[]).unwrap();
            let f = instance.get_typed_func::<(), i32>(&store, "f").unwrap();
            store.set_fuel(fuel).unwrap();
            let mut call = f.call_resumable(&mut store, ()).unwrap();
            let mut stops = Vec::new();
            while let TypedResumableCall::OutOfFuel(stopped) = call {
                assert_eq!(store.get_fuel().unwrap(), fuel);
                stops.push(stopped.required_fuel());
                store.set_fuel(1_000).unwrap();
                call = stopped.resume(&mut store).unwrap();
            }
            assert!(matches!(call, TypedResumableCall::Finished(3)), "{call:?}");
            let given = if stops.is_empty() { fuel } else { 1_000 };
            (given - store.get_fuel().unwrap(), stops)
        };
        let translation = body * per_byte;
        let stops = if translation > 0 { vec![translation] } else { vec![2] };
        assert_eq!(taken(1), (translation + 4, stops), "{mode:?}");
        assert_eq!(taken(100), (4, vec![]), "{mode:?}");
    }
}

#[test]
fn a_store_keeps_fuel_that_was_too_little() {
    let wat = r#"(module (func (export "f")))"#;
    for keep in [false, true] {
        let mut config = Config::new();
        config.consume_fuel(true).keep_fuel_after_trap(keep);
        let engine = Engine::new(&config).unwrap();
        let mut store = Store::new(&engine, ());
        let module = Module::new(&engine, wat).unwrap();
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let f = instance.get_typed_func::<(), ()>(&store, "f").unwrap();
        store.set_fuel(1).unwrap();
        let error = f.call(&mut store, ()).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel));
        assert_eq!(store.get_fuel().unwrap(), u64::from(keep));
    }
}
