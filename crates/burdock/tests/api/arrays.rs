//! Operators on long arrays, which are executed in pieces: their results, and the interruptions
//! between the pieces. The cost of these operators is tested in `fuel.rs`.

use crate::common;
use burdock::*;

/// Arrays of 150,000 elements, whose operators have operands `to`, `from` and `len`. What is made
/// is put in the place of the array of its type.
const GUEST: &str = r#"(module
    (type $bytes (array (mut i8)))
    (type $longs (array (mut i64)))
    (type $vectors (array (mut v128)))
    (type $refs (array (mut i31ref)))
    (type $funcs (array (mut funcref)))
    (data $d "MANY") (elem $r i31ref REFS) (elem $f funcref FUNCS)
    (func $g)
    (global $bytes (mut (ref null $bytes)) (ref.null $bytes))
    (global $other (mut (ref null $bytes)) (ref.null $bytes))
    (global $longs (mut (ref null $longs)) (ref.null $longs))
    (global $vectors (mut (ref null $vectors)) (ref.null $vectors))
    (global $refs (mut (ref null $refs)) (ref.null $refs))
    (global $funcs (mut (ref null $funcs)) (ref.null $funcs))
    (func (export "prepare")
        (global.set $bytes (array.new_data $bytes $d (i32.const 0) (i32.const 150000)))
        (global.set $other (array.new_data $bytes $d (i32.const 7) (i32.const 150000)))
        (global.set $longs (array.new_data $longs $d (i32.const 3) (i32.const 150000)))
        (global.set $vectors (array.new $vectors (v128.const i64x2 1 2) (i32.const 150000)))
        (array.set $vectors (global.get $vectors) (i32.const 3) (v128.const i64x2 7 8))
        (global.set $refs (array.new_elem $refs $r (i32.const 0) (i32.const 150000)))
        (global.set $funcs (array.new_elem $funcs $f (i32.const 0) (i32.const 150000))))

    (func (export "fill bytes") (param i32 i32 i32)
        (array.fill $bytes (global.get $bytes) (local.get 0) (local.get 1) (local.get 2)))
    (func (export "fill longs") (param i32 i32 i32)
        (array.fill $longs (global.get $longs) (local.get 0)
            (i64.extend_i32_s (local.get 1)) (local.get 2)))
    (func (export "fill vectors") (param i32 i32 i32)
        (array.fill $vectors (global.get $vectors) (local.get 0)
            (i64x2.replace_lane 1 (v128.const i64x2 5 6) (i64.extend_i32_u (local.get 1)))
            (local.get 2)))
    (func (export "fill refs") (param i32 i32 i32)
        (array.fill $refs (global.get $refs) (local.get 0) (ref.i31 (local.get 1)) (local.get 2)))
    (func (export "copy bytes") (param i32 i32 i32)
        (array.copy $bytes $bytes (global.get $bytes) (local.get 0)
            (global.get $bytes) (local.get 1) (local.get 2)))
    (func (export "copy other bytes") (param i32 i32 i32)
        (array.copy $bytes $bytes (global.get $bytes) (local.get 0)
            (global.get $other) (local.get 1) (local.get 2)))
    (func (export "copy vectors") (param i32 i32 i32)
        (array.copy $vectors $vectors (global.get $vectors) (local.get 0)
            (global.get $vectors) (local.get 1) (local.get 2)))
    (func (export "copy refs") (param i32 i32 i32)
        (array.copy $refs $refs (global.get $refs) (local.get 0)
            (global.get $refs) (local.get 1) (local.get 2)))
    (func (export "init bytes") (param i32 i32 i32)
        (array.init_data $bytes $d (global.get $bytes) (local.get 0) (local.get 1) (local.get 2)))
    (func (export "init longs") (param i32 i32 i32)
        (array.init_data $longs $d (global.get $longs) (local.get 0) (local.get 1) (local.get 2)))
    (func (export "init refs") (param i32 i32 i32)
        (array.init_elem $refs $r (global.get $refs) (local.get 0) (local.get 1) (local.get 2)))
    (func (export "init funcs") (param i32 i32 i32)
        (array.init_elem $funcs $f (global.get $funcs) (local.get 0) (local.get 1) (local.get 2)))
    ;; Locals are in registers around it.
    (func (export "new longs") (param i32 i32 i32)
        (local $n i64) (local $x f64)
        (loop $again
            (local.set $n (i64.add (local.get $n) (i64.extend_i32_u (local.get 1))))
            (local.set $x (f64.add (local.get $x) (f64.const 1)))
            (global.set $longs (array.new $longs (local.get $n) (local.get 2)))
            (br_if $again (f64.lt (local.get $x) (f64.convert_i32_u (local.get 0))))))
    (func (export "new vectors") (param i32 i32 i32)
        (global.set $vectors (array.new $vectors
            (i64x2.replace_lane 0 (v128.const i64x2 5 6) (i64.extend_i32_u (local.get 1)))
            (local.get 2))))
    (func (export "new refs") (param i32 i32 i32)
        (global.set $refs (array.new $refs (ref.i31 (local.get 1)) (local.get 2))))
    (func (export "new_default bytes") (param i32 i32 i32)
        (global.set $bytes (array.new_default $bytes (local.get 2))))
    (func (export "new_data longs") (param i32 i32 i32)
        (global.set $longs (array.new_data $longs $d (local.get 1) (local.get 2))))
    (func (export "new_elem refs") (param i32 i32 i32)
        (global.set $refs (array.new_elem $refs $r (local.get 1) (local.get 2))))
    (func (export "new_elem funcs") (param i32 i32 i32)
        (global.set $funcs (array.new_elem $funcs $f (local.get 1) (local.get 2))))

    (func (export "sum bytes") (result i64) (local $i i32) (local $sum i64)
        (loop $more (if (i32.lt_u (local.get $i) (array.len (global.get $bytes))) (then
            (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31))
                (i64.extend_i32_u
                    (array.get_u $bytes (global.get $bytes) (local.get $i)))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br $more))))
        (local.get $sum))
    (func (export "sum longs") (result i64) (local $i i32) (local $sum i64)
        (loop $more (if (i32.lt_u (local.get $i) (array.len (global.get $longs))) (then
            (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31))
                (array.get $longs (global.get $longs) (local.get $i))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br $more))))
        (local.get $sum))
    (func (export "sum vectors") (result i64) (local $i i32) (local $sum v128)
        (loop $more (if (i32.lt_u (local.get $i) (array.len (global.get $vectors))) (then
            (local.set $sum (i64x2.add (i64x2.mul (local.get $sum) (v128.const i64x2 31 7))
                (array.get $vectors (global.get $vectors) (local.get $i))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br $more))))
        (i64.xor (i64x2.extract_lane 0 (local.get $sum)) (i64x2.extract_lane 1 (local.get $sum))))
    (func (export "sum refs") (result i64) (local $i i32) (local $sum i64) (local $ref i31ref)
        (loop $more (if (i32.lt_u (local.get $i) (array.len (global.get $refs))) (then
            (local.set $ref (array.get $refs (global.get $refs) (local.get $i)))
            (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31))
                (if (result i64) (ref.is_null (local.get $ref))
                    (then (i64.const 9))
                    (else (i64.extend_i32_u (i31.get_u (local.get $ref)))))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br $more))))
        (local.get $sum))
    (func (export "sum funcs") (result i64) (local $i i32) (local $sum i64)
        (loop $more (if (i32.lt_u (local.get $i) (array.len (global.get $funcs))) (then
            (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31))
                (i64.extend_i32_u
                    (ref.is_null (array.get $funcs (global.get $funcs) (local.get $i))))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br $more))))
        (local.get $sum)))"#;

const N: i32 = 150_000;

/// Calls of the guest's functions: operands, and the number of pieces.
const ROWS: &[(&str, (i32, i32, i32), u32)] = &[
    ("fill bytes", (5, 0x1234, N - 5), 2),
    ("fill bytes", (0, 1, 131_072), 1),
    ("fill bytes", (N, 1, 0), 1),
    ("fill longs", (1, -3, N - 1), 2),
    ("fill vectors", (2, 9, N - 2), 2),
    ("fill refs", (1, 77, N - 1), 2),
    ("copy bytes", (0, 1, N - 1), 2),
    ("copy bytes", (1, 0, N - 1), 2),
    ("copy bytes", (9, 9, N - 9), 2),
    ("copy other bytes", (0, 5, N - 5), 2),
    ("copy other bytes", (5, 0, N - 5), 2),
    ("copy vectors", (1, 0, N - 1), 2),
    ("copy vectors", (0, 3, N - 3), 2),
    ("copy refs", (0, 1, N - 1), 2),
    ("copy refs", (1, 0, N - 1), 2),
    ("init bytes", (4, 3, N - 4), 2),
    ("init longs", (1, 5, N - 1), 2),
    ("init refs", (2, 1, N - 2), 2),
    ("init funcs", (2, 1, N - 2), 2),
    ("new longs", (1, 3, N), 2),
    ("new vectors", (0, 3, N), 2),
    ("new refs", (0, 3, N), 2),
    ("new_default bytes", (0, 0, N), 0),
    ("new_data longs", (0, 1, N), 2),
    ("new_elem refs", (0, 2, N - 2), 2),
    ("new_elem funcs", (0, 1, N - 1), 2),
];

/// Calls that trap, in pieces or not.
const TRAPS: &[(&str, (i32, i32, i32), Trap)] = &[
    ("fill bytes", (1, 0, N), Trap::ArrayOutOfBounds),
    ("fill refs", (-1, 0, 2), Trap::ArrayOutOfBounds),
    ("copy bytes", (0, 1, N), Trap::ArrayOutOfBounds),
    ("copy bytes", (1, 0, N), Trap::ArrayOutOfBounds),
    ("init bytes", (1, 0, N), Trap::ArrayOutOfBounds),
    ("init longs", (0, 1 << 20, N), Trap::MemoryOutOfBounds),
    ("init refs", (0, 1, N), Trap::TableOutOfBounds),
    ("new_data longs", (0, 0, -1), Trap::MemoryOutOfBounds),
    ("new_elem refs", (0, 1, N), Trap::TableOutOfBounds),
    ("new longs", (1, 0, -1), Trap::AllocationTooLarge),
];

fn guest(config: &Config) -> (Store<u32>, Instance) {
    let wat = GUEST
        .replace("MANY", &"0123456789abcdef".repeat(80_000))
        .replace("REFS", &"(ref.i31 (i32.const 5)) (ref.null i31) ".repeat(75_000))
        .replace("FUNCS", &"(ref.func $g) (ref.null func) (ref.func $g) ".repeat(50_000));
    let engine = Engine::new(config.clone().wasm_gc(true)).unwrap();
    let module = Module::new(&engine, wat).unwrap();
    let mut store = Store::new(&engine, 0);
    store.set_epoch_deadline(u64::MAX / 2);
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    (store, instance)
}

fn prepare(store: &mut Store<u32>, instance: Instance) {
    store.set_epoch_deadline(u64::MAX / 2);
    let prepare = instance.get_typed_func::<(), ()>(&mut *store, "prepare").unwrap();
    prepare.call(&mut *store, ()).unwrap();
    *store.data_mut() = 0;
    store.set_epoch_deadline(0);
}

fn func(store: &mut Store<u32>, instance: Instance, name: &str) -> TypedFunc<(i32, i32, i32), ()> {
    instance.get_typed_func(&mut *store, name).unwrap()
}

/// Returns a number that depends on every element of the array whose type the name ends with.
fn sum(store: &mut Store<u32>, instance: Instance, name: &str) -> i64 {
    store.set_epoch_deadline(u64::MAX / 2);
    let (_, ty) = name.rsplit_once(' ').unwrap();
    let sum = instance.get_typed_func::<(), i64>(&mut *store, &format!("sum {ty}")).unwrap();
    sum.call(&mut *store, ()).unwrap()
}

/// Returns the sum after each row, with each operator executed as a whole.
fn expected() -> Vec<i64> {
    let (mut store, instance) = guest(&Config::new());
    let rows = ROWS.iter().map(|&(name, args, _)| {
        prepare(&mut store, instance);
        func(&mut store, instance, name).call(&mut store, args).unwrap();
        sum(&mut store, instance, name)
    });
    rows.collect()
}

#[test]
fn what_is_done_in_pieces_is_what_is_done_at_once() {
    let expected = expected();
    // One dispatcher of each kind is enough: they share this code.
    for mut config in common::configs().into_iter().step_by(3) {
        let (mut store, instance) = guest(config.epoch_interruption(true));
        // The epoch is always at the deadline, so that each check of the epoch is counted.
        store.epoch_deadline_callback(|mut store| {
            *store.data_mut() += 1;
            store.gc(None)?;
            Ok(UpdateDeadline::Continue(0))
        });
        for (&(name, args, pieces), expected) in ROWS.iter().zip(&expected) {
            prepare(&mut store, instance);
            func(&mut store, instance, name).call(&mut store, args).unwrap();
            // The entry, and the head of the loop.
            let others = if name == "new longs" { 2 } else { 1 };
            assert_eq!(*store.data() - others, pieces, "{name} {args:?} {config:?}");
            assert_eq!(sum(&mut store, instance, name), *expected, "{name} {args:?} {config:?}");
        }
        for &(name, args, trap) in TRAPS {
            prepare(&mut store, instance);
            let before = sum(&mut store, instance, name);
            store.set_epoch_deadline(0);
            let error = func(&mut store, instance, name).call(&mut store, args).unwrap_err();
            assert_eq!(error.downcast_ref(), Some(&trap), "{name} {args:?} {config:?}");
            assert_eq!(sum(&mut store, instance, name), before, "{name} {args:?} {config:?}");
        }
    }
}

#[test]
fn operators_trap_alike_without_pieces() {
    let (mut store, instance) = guest(&Config::new());
    for &(name, args, trap) in TRAPS {
        prepare(&mut store, instance);
        let error = func(&mut store, instance, name).call(&mut store, args).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&trap), "{name} {args:?}");
    }
}

#[test]
fn an_operator_waits_between_its_pieces() {
    let expected = expected();
    for mut config in common::configs().into_iter().step_by(3) {
        let (mut store, instance) = guest(config.epoch_interruption(true));
        store.epoch_deadline_async_yield_and_update(0);
        for (&(name, args, pieces), expected) in ROWS.iter().zip(&expected) {
            prepare(&mut store, instance);
            let func = func(&mut store, instance, name);
            let (result, waits) = common::block_on(func.call_async(&mut store, args));
            result.unwrap();
            assert!(waits > pieces as usize, "{name} {args:?}: {waits}");
            assert_eq!(sum(&mut store, instance, name), *expected, "{name} {args:?} {config:?}");
        }
    }
}

#[test]
fn an_operator_is_interrupted_between_its_pieces() {
    for mut config in common::configs() {
        let (mut store, instance) = guest(config.epoch_interruption(true));
        // The entry and the first piece.
        store.epoch_deadline_callback(|mut store| {
            *store.data_mut() += 1;
            Ok(match *store.data() {
                3 => UpdateDeadline::Interrupt,
                _ => UpdateDeadline::Continue(0),
            })
        });
        prepare(&mut store, instance);
        let fill = func(&mut store, instance, "fill bytes");
        let error = fill.call(&mut store, (0, 1, N)).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt), "{config:?}");
        // What was filled is filled, and the rest is as before.
        let found = sum(&mut store, instance, "sum bytes");
        prepare(&mut store, instance);
        store.set_epoch_deadline(u64::MAX / 2);
        fill.call(&mut store, (0, 1, 131_072)).unwrap();
        assert_eq!(sum(&mut store, instance, "sum bytes"), found, "{config:?}");
    }
}

#[test]
fn an_operator_without_fuel_goes_on_when_there_is_more() {
    for epochs in [false, true] {
        for mut config in common::configs() {
            config.consume_fuel(true).epoch_interruption(epochs);
            let (mut store, instance) = guest(&config);
            store.set_fuel(u64::MAX / 2).unwrap();
            prepare(&mut store, instance);
            let before = sum(&mut store, instance, "sum refs");
            let copy = func(&mut store, instance, "copy refs");
            copy.call(&mut store, (0, 1, N - 1)).unwrap();
            let expected = sum(&mut store, instance, "sum refs");
            prepare(&mut store, instance);
            store.set_epoch_deadline(u64::MAX / 2);
            store.set_fuel(1000).unwrap();
            let call = copy.call_resumable(&mut store, (0, 1, N - 1)).unwrap();
            let TypedResumableCall::OutOfFuel(call) = call else { panic!("there is too little") };
            assert!(call.required_fuel() >= N as u64 - 1, "{config:?}");
            let rest = store.get_fuel().unwrap();
            store.set_fuel(u64::MAX / 2).unwrap();
            assert_eq!(sum(&mut store, instance, "sum refs"), before, "{config:?}");
            store.set_fuel(rest.max(call.required_fuel())).unwrap();
            let call = call.resume(&mut store).unwrap();
            assert!(matches!(call, TypedResumableCall::Finished(())), "{config:?}");
            store.set_fuel(u64::MAX / 2).unwrap();
            assert_eq!(sum(&mut store, instance, "sum refs"), expected, "{config:?}");
        }
    }
}
