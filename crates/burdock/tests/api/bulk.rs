//! Bulk operators that are executed in pieces: their results, and the interruptions between the
//! pieces. The cost of bulk operators is tested in `fuel.rs`.

use crate::common;
use burdock::*;

/// A memory of 3 MiB and tables of 160,000 elements, each of which tells its original position.
const GUEST: &str = r#"(module
    (memory $m (export "memory") 48) (memory $other 48)
    (table $t (export "table") 160000 640000 funcref) (table $u 160000 funcref)
    (data $d "MANY") (elem $e funcref FUNCS)
    (func $f) (func $g) (func $h)
    (func (export "prepare") (local $i i32)
        (loop $again
            (i32.store $m (local.get $i) (i32.mul (local.get $i) (i32.const 0x9e3779b1)))
            (i32.store $other (local.get $i) (i32.mul (local.get $i) (i32.const 0x85ebca6b)))
            (br_if $again (i32.lt_u
                (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 3145728))))
        (local.set $i (i32.const 0))
        (loop $again
            (table.set $t (local.get $i)
                (if (result funcref) (i32.rem_u (local.get $i) (i32.const 7))
                    (then (ref.func $f)) (else (ref.func $g))))
            (table.set $u (local.get $i)
                (if (result funcref) (i32.rem_u (local.get $i) (i32.const 5))
                    (then (ref.null func)) (else (ref.func $h))))
            (br_if $again (i32.lt_u
                (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 160000)))))
    (func (export "memory.fill") (param i32 i32 i32) (result f64)
        (local $x f64) (local $n i32) (local.set $x (f64.const 1))
        ;; In a loop, so that locals are in registers meanwhile.
        (loop $again
            (local.set $x (f64.add (local.get $x) (local.get $x)))
            (memory.fill $m (local.get 0) (local.get 1) (local.get 2))
            (br_if $again (i32.lt_u
                (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 3))))
        (local.get $x))
    (func (export "memory.copy") (param i32 i32 i32) (result f64)
        (memory.copy $m $m (local.get 0) (local.get 1) (local.get 2)) (f64.const 8))
    (func (export "memory.copy other") (param i32 i32 i32) (result f64)
        (memory.copy $m $other (local.get 0) (local.get 1) (local.get 2)) (f64.const 8))
    (func (export "memory.init") (param i32 i32 i32) (result f64)
        (memory.init $m $d (local.get 0) (local.get 1) (local.get 2)) (f64.const 8))
    (func (export "table.fill") (param i32 i32 i32) (result f64)
        (table.fill $t (local.get 0) (ref.func $h) (local.get 2)) (f64.const 8))
    (func (export "table.grow") (param i32 i32 i32) (result f64)
        (f64.convert_i32_s (table.grow $t
            (select (result funcref) (ref.func $h) (ref.null func) (local.get 1))
            (local.get 2))))
    (func (export "table.copy") (param i32 i32 i32) (result f64)
        (table.copy $t $t (local.get 0) (local.get 1) (local.get 2)) (f64.const 8))
    (func (export "table.copy other") (param i32 i32 i32) (result f64)
        (table.copy $t $u (local.get 0) (local.get 1) (local.get 2)) (f64.const 8))
    (func (export "table.init") (param i32 i32 i32) (result f64)
        (table.init $t $e (local.get 0) (local.get 1) (local.get 2)) (f64.const 8))
    (export "f" (func $f)) (export "g" (func $g)) (export "h" (func $h)))"#;

fn guest(config: &Config) -> (Store<u32>, Instance) {
    let wat = GUEST
        .replace("MANY", &"0123456789abcdef".repeat(2 << 16))
        .replace("FUNCS", &"(ref.func $g) (ref.null func) (ref.func $h) ".repeat(70_000));
    let engine = Engine::new(config).unwrap();
    let module = Module::new(&engine, wat).unwrap();
    let mut store = Store::new(&engine, 0);
    store.set_epoch_deadline(1);
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    (store, instance)
}

/// Returns everything that the operator may have changed: the bytes of the memory, or the function
/// at each position of the table.
fn contents(store: &mut Store<u32>, instance: Instance, name: &str) -> Vec<u8> {
    if name.starts_with("memory") {
        let memory = instance.get_memory(&mut *store, "memory").unwrap();
        return memory.data(&*store).to_vec();
    }
    let raw = |store: &mut Store<u32>, func: Func| func.to_raw(store) as usize;
    let funcs = ["f", "g", "h"].map(|name| {
        let func = instance.get_func(&mut *store, name).unwrap();
        raw(store, func)
    });
    let table = instance.get_table(&mut *store, "table").unwrap();
    let elements = (0..table.size(&*store)).map(|index| {
        let element = table.get(&mut *store, index).unwrap();
        let func = element.as_func().unwrap().copied();
        func.map_or(9, |func| {
            let func = raw(store, func);
            funcs.iter().position(|&other| other == func).unwrap() as u8
        })
    });
    elements.collect()
}

#[test]
fn what_is_done_in_pieces_is_what_is_done_at_once() {
    const MIB: i32 = 1 << 20;
    const K: i32 = 40_000;
    let rows: &[(&str, i32, i32, i32, u32)] = &[
        // The function to call, its operands, and the number of pieces.
        ("memory.fill", 5, 0x1234, 3 * MIB - 5, 9),
        ("memory.fill", 0, 7, MIB, 3),
        ("memory.fill", 0, 7, 0, 3),
        ("memory.copy", 0, 1, 3 * MIB - 1, 3),
        ("memory.copy", 1, 0, 3 * MIB - 1, 3),
        ("memory.copy", 0, MIB + 1, 2 * MIB - 1, 2),
        ("memory.copy", MIB - 7, 0, 2 * MIB, 2),
        ("memory.copy", 77, 77, 2 * MIB, 2),
        ("memory.copy other", 0, 9, 3 * MIB - 9, 3),
        ("memory.copy other", 9, 0, 3 * MIB - 9, 3),
        ("memory.init", MIB - 5, 3, 2 * MIB - 3, 2),
        ("table.fill", 1, 0, 4 * K - 1, 2),
        ("table.copy", 0, 1, 4 * K - 1, 2),
        ("table.copy", 1, 0, 4 * K - 1, 2),
        ("table.copy", K, 0, 3 * K, 1),
        ("table.copy other", 2, 1, 4 * K - 2, 2),
        ("table.copy other", 1, 2, 4 * K - 2, 2),
        ("table.init", 1, 2, 4 * K - 3, 2),
        // The table has the size that the preceding calls have given it.
        ("table.grow", 0, 1, K, 1),
        ("table.grow", 0, 1, 0, 1),
        ("table.grow", 0, 1, 12 * K, 1),
        ("table.grow", 0, 0, K, 1),
        ("table.grow", 0, 1, 4 * K, 2),
    ];
    // Without epochs, each operator is executed as a whole.
    let (mut store, instance) = guest(&Config::new());
    let expected = rows.iter().map(|&(name, to, from, len, _)| {
        let result = call(&mut store, instance, name, (to, from, len)).0.unwrap();
        (result, contents(&mut store, instance, name))
    });
    let expected: Vec<_> = expected.collect();
    // One dispatcher of each kind is enough: they share this code.
    for mut config in common::configs().into_iter().step_by(3) {
        let (mut store, instance) = guest(config.epoch_interruption(true));
        // The epoch is always at the deadline, so that each check of the epoch is counted.
        store.epoch_deadline_callback(|mut store| {
            *store.data_mut() += 1;
            Ok(UpdateDeadline::Continue(0))
        });
        for (&(name, to, from, len, pieces), expected) in rows.iter().zip(&expected) {
            let (result, looks) = call(&mut store, instance, name, (to, from, len));
            assert_eq!(result.unwrap(), expected.0, "{name} {to} {from} {len} {config:?}");
            // The entry, and the heads of the loop.
            let others = if name == "memory.fill" { 1 + 3 } else { 1 };
            assert_eq!(looks - others, pieces, "{name} {to} {from} {len} {config:?}");
            let same = contents(&mut store, instance, name) == expected.1;
            assert!(same, "{name} {to} {from} {len} {config:?}");
        }
        // An operator whose range is not within bounds as a whole changes nothing.
        let prepared = call(&mut store, instance, "memory.fill", (0, 0, 0));
        assert_eq!(prepared.0.unwrap(), 8.0);
        let prepared = ["memory", "table"].map(|name| contents(&mut store, instance, name));
        for name in ["memory.fill", "memory.copy", "memory.init", "table.copy", "table.init"] {
            let error = call(&mut store, instance, name, (3, 2, 4 * MIB)).0.unwrap_err();
            let out = [Trap::MemoryOutOfBounds, Trap::TableOutOfBounds];
            assert!(out.contains(error.downcast_ref().unwrap()), "{name} {error:?}");
        }
        let same = ["memory", "table"].map(|name| contents(&mut store, instance, name)) == prepared;
        assert!(same, "{config:?}");
    }
}

/// Prepares the guest and calls one of its functions. Returns the result, and the number of checks
/// of the epoch.
fn call(
    store: &mut Store<u32>,
    instance: Instance,
    name: &str,
    args: (i32, i32, i32),
) -> (Result<f64>, u32) {
    let prepare = instance.get_typed_func::<(), ()>(&mut *store, "prepare").unwrap();
    prepare.call(&mut *store, ()).unwrap();
    *store.data_mut() = 0;
    store.set_epoch_deadline(0);
    let func = instance.get_typed_func::<(i32, i32, i32), f64>(&mut *store, name).unwrap();
    let result = func.call(&mut *store, args);
    store.set_epoch_deadline(u64::MAX);
    (result, *store.data())
}

#[test]
fn a_long_operator_is_interrupted() {
    const MIB: usize = 1 << 20;
    let wat = r#"(module (memory (export "memory") 16384) (func (export "run")
        (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x40000000))))"#;
    for mut config in common::configs() {
        let engine = Engine::new(config.epoch_interruption(true)).unwrap();
        let module = Module::new(&engine, wat).unwrap();
        let mut store = Store::new(&engine, 0);
        // The entry, then four pieces of 1 GiB; no more of the pages are touched.
        store.epoch_deadline_callback(|mut store| {
            *store.data_mut() += 1;
            Ok(match *store.data() {
                6 => UpdateDeadline::Interrupt,
                _ => UpdateDeadline::Continue(0),
            })
        });
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
        let error = run.call(&mut store, ()).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt));
        let memory = instance.get_memory(&mut store, "memory").unwrap();
        let bytes = memory.data(&store);
        assert_eq!((bytes[4 * MIB - 1], bytes[4 * MIB]), (1, 0), "{config:?}");
    }
}
