//! Guests that are debugged and run at full speed: what a debugger sees and changes where such a
//! guest stops by itself, and the way from there to code in which it is stepped through.

use crate::common;
use burdock::*;

/// The frames at the last stop, and the stops so far.
#[derive(Default)]
struct Seen {
    frames: String,
    stops: u32,
}

/// Notes the frames at traps, errors and exceptions. Does nothing at steps.
#[derive(Clone)]
struct Notes;

impl DebugHandler for Notes {
    type Data = Seen;

    fn handle(&self, mut store: StoreContextMut<'_, Seen>, event: DebugEvent<'_>) {
        if !matches!(event, DebugEvent::Step | DebugEvent::EpochYield) {
            store.data_mut().frames = frames(&mut store);
        }
    }
}

/// Returns a line for each frame of the innermost activation: function, place in it, locals,
/// operands.
fn frames(store: &mut StoreContextMut<'_, Seen>) -> String {
    let mut lines = Vec::new();
    let mut next = store.debug_exit_frames().next();
    while let Some(frame) = next {
        let (func, pc) = frame.wasm_function_index_and_pc(&mut *store).unwrap().unwrap();
        let module = frame.module(&mut *store).unwrap().unwrap();
        let place = pc.raw() - module.func_range(frame.frame().func_index()).unwrap().start;
        let locals: Vec<String> =
            frame.frame().locals(&mut *store).unwrap().iter().map(text).collect();
        let operands = frame.num_stacks(&mut *store).unwrap();
        let operands: Vec<String> =
            (0..operands).map(|n| text(&frame.stack(&mut *store, n).unwrap())).collect();
        let (locals, operands) = (locals.join(" "), operands.join(" "));
        lines.push(format!("{}+{place} [{locals}] ({operands})", func.as_u32()));
        next = frame.parent(&mut *store).unwrap();
    }
    lines.join("; ")
}

fn text(value: &Val) -> String {
    match value {
        Val::I32(x) => x.to_string(),
        Val::I64(x) => format!("{x}L"),
        Val::F32(x) => format!("{}f", f32::from_bits(*x)),
        Val::F64(x) => format!("{}d", f64::from_bits(*x)),
        Val::V128(x) => format!("{:x}v", x.as_u128()),
        other if other.ref_().is_some_and(|reference| reference.is_null()) => "null".into(),
        _ => "ref".into(),
    }
}

/// Every way to debug guests, with epochs and fuel and without.
fn configs() -> Vec<Config> {
    let mut configs = Vec::new();
    for config in common::configs() {
        for (epochs, fuel) in [(false, false), (true, false), (true, true)] {
            let mut config = config.clone();
            config.guest_debug(true).epoch_interruption(epochs).consume_fuel(fuel);
            configs.push(config);
        }
    }
    configs
}

/// A store for guests that are debugged, and an instance of a module in it.
fn debugged(config: &Config, wat: &str) -> (Store<Seen>, Instance, Module) {
    let engine = Engine::new(config).unwrap();
    let module = common::module(&engine, wat);
    let mut store = Store::new(&engine, Seen::default());
    store.set_epoch_deadline(1);
    // Fails if fuel is off.
    let _ = store.set_fuel(1_000_000);
    store.set_debug_handler(Notes);
    let mut linker = Linker::new(&engine);
    linker
        .func_wrap("host", "stop", |mut caller: Caller<'_, Seen>, _: i32| {
            let mut store = caller.as_context_mut();
            store.data_mut().stops += 1;
            store.data_mut().frames = frames(&mut store);
        })
        .unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    (store, instance, module)
}

/// The frames of a guest that is not stepped through, at its last stop, are those of one that is.
#[test]
fn frames_are_those_of_a_guest_that_is_stepped_through() {
    // The function's parameter is 7.
    let rows = [
        // Operands in registers, constants and locals; a sum that is part of a load.
        (
            "(param i32) (i64.const 5) (i32.add (local.get 0) (i32.const 1)) (local.get 0)
             (i32.mul (local.get 0) (i32.const -3)) (i32.load) unreachable",
            "0+15 [7] (5L 8 7 -21)",
        ),
        (
            "(param i32) (local i32) (local.set 1 (i32.const -2))
             (i32.mul (local.get 0) (i32.const 3))
             (i32.add (local.get 0) (local.get 1)) (drop (i32.load)) (drop)
             (i32.load8_u (i32.add (local.get 1) (i32.mul (local.get 0) (i32.const -9))))
             unreachable",
            "0+30 [7 -2] (-65)",
        ),
        (
            "(param i32) (f32.mul (f32.const 1.5) (f32.convert_i32_s (local.get 0)))
             (f64.mul (f64.const 0.25) (f64.convert_i32_s (local.get 0)))
             (i32.div_s (local.get 0) (i32.const 0)) unreachable",
            "0+27 [7] (10.5f 1.75d 7 0)",
        ),
        // Results that would have been written over a local, or over an operand.
        (
            "(param i32) (local i64 f64) (local.set 1 (i64.const 3)) (local.set 2 (f64.const 1e30))
             (local.set 0 (i32.trunc_f64_s (local.get 2))) unreachable",
            "0+22 [7 3L 1000000000000000000000000000000d] (1000000000000000000000000000000d)",
        ),
        (
            "(param i32) (local.set 0 (i32.load (i32.const -1))) unreachable",
            "0+3 [7] (-1)",
        ),
        // Locals in registers, assigned and not, in loops within loops.
        (
            "(param i32) (local i32 i64 f64 f32) (loop
               (local.set 1 (i32.add (local.get 1) (local.get 0)))
               (local.set 2 (i64.add (local.get 2) (i64.extend_i32_u (local.get 1))))
               (local.set 3 (f64.add (local.get 3) (f64.const 0.5)))
               (local.set 4 (f32.add (local.get 4) (f32.const 0.25)))
               (i32.store (i32.mul (local.get 1) (i32.const 1000)) (local.get 0))
               (br 0))",
            "0+58 [7 70 385L 5d 2.5f] (70000 7)",
        ),
        (
            "(param i32) (local i32 i32 i32) (loop $out
               (local.set 1 (i32.add (local.get 1) (i32.const 1)))
               (local.set 2 (local.get 0))
               (loop $in
                 (local.set 3 (i32.add (local.get 3) (i32.rem_u (local.get 1) (i32.sub (local.get 2) (local.get 1)))))
                 (br_if $in (local.tee 2 (i32.sub (local.get 2) (i32.const 1)))))
               (br $out))",
            "0+27 [7 1 1 5] (5 1 0)",
        ),
        // Bulk operators and tables, which Rust executes.
        (
            "(param i32) (local i32) (loop (local.set 1 (i32.add (local.get 1) (local.get 0)))
               (memory.fill (i32.mul (local.get 1) (i32.const 2500)) (local.get 0) (local.get 1)) (br 0))",
            "0+22 [7 28] (70000 7 28)",
        ),
        // Calls: a function that is null, and one that traps; arguments that the callee overwrites.
        (
            "(param i32) (local i32) (loop (local.set 1 (i32.add (local.get 1) (local.get 0)))
               (i64.const 9) (local.get 1) (call_indirect (param i32) (i32.const 4)) (drop) (br 0))",
            "0+18 [7 7] (9L 7 4)",
        ),
        (
            "(param i32) (i64.const 9) (local.get 0) (i32.const 4) (call $overwrites) unreachable",
            "1+13 [1 -1] (1 -1); 0+9 [7] (9L 7 4)",
        ),
        (
            "(param i32) (local i32) (loop (local.set 1 (i32.add (local.get 1) (local.get 0)))
               (i64.const 9) (call $stop (i32.mul (local.get 1) (i32.const 3))) (drop)
               (br_if 0 (i32.lt_u (local.get 1) (i32.const 20))))",
            "0+21 [7 21] (9L 63)",
        ),
        (
            "(param i32) (i64.const 9) (local.get 0) (call_ref $one (ref.func $stop)) (drop)",
            "0+9 [7] (9L 7)",
        ),
        (
            "(param i32) (i64.const 9) (call $tail (v128.const i64x2 1 2) (local.get 0) (i32.const 4)) (drop)",
            "2+5 [11] (11); 0+27 [7] (9L 20000000000000001v 7 4)",
        ),
        (
            "(param i32) (i64.const 9) (local.get 0) (return_call_indirect (param i32) (i32.const 5))",
            "0+7 [7] (9L 7)",
        ),
        // Exceptions.
        (
            "(param i32) (local i32) (loop (local.set 1 (i32.add (local.get 1) (local.get 0)))
               (i64.const 9) (throw $tag (local.get 1) (i32.const 3)))",
            "0+18 [7 7] (9L 7 3)",
        ),
        (
            "(param i32) (local i32 i64) (loop (local.set 1 (i32.add (local.get 1) (local.get 0)))
               (local.set 2 (i64.add (local.get 2) (i64.const 2))) (i64.const 9)
               (block $caught (result i32 i32)
                 (try_table (catch $tag $caught)
                   (i64.const 8) (throw $tag (local.get 1) (i32.const 3))) unreachable)
               (drop) (drop) (drop) (br_if 0 (i32.lt_u (local.get 1) (i32.const 20))))",
            "0+37 [7 21 6L] (9L 8L 21 3)",
        ),
        (
            "(param i32) (local i32) (loop (local.set 1 (i32.add (local.get 1) (local.get 0)))
               (i64.const 9) (block $caught
                 (try_table (catch_all $caught)
                   (call $throws (i32.mul (local.get 1) (i32.const 2)))) unreachable)
               (drop) (br_if 0 (i32.lt_u (local.get 1) (i32.const 20))))",
            "4+11 [42 5] (42 5); 0+28 [7 21] (9L 42)",
        ),
        // Vectors, and memories with wide addresses.
        (
            "(param i32) (local v128) (local.set 1 (i32x4.splat (local.get 0)))
             (i32.const 4) (v128.load (i32.mul (local.get 0) (i32.const -1)))
             (v128.store) unreachable",
            "0+16 [7 7000000070000000700000007v] (4 -7)",
        ),
        (
            "(param i32) (v128.load32_lane 1 (i32.mul (local.get 0) (i32.const -1)) (i32x4.splat (local.get 0)))
             unreachable",
            "0+10 [7] (-7 7000000070000000700000007v)",
        ),
        (
            "(param i32) (local i64) (loop (local.set 1 (i64.add (local.get 1) (i64.const 30000)))
               (i32.add (local.get 0) (i32.const 1)) (i64.load $wide (local.get 1)) (drop) (drop) (br 0))",
            "0+21 [7 90000L] (8 90000L)",
        ),
        // Objects.
        (
            "(param i32) (local i32 (ref null $array)) (local.set 2 (array.new $array (i32.const 5) (i32.const 3)))
             (loop (local.set 1 (i32.add (local.get 1) (i32.const 1)))
               (i64.const 8) (array.set $array (local.get 2) (local.get 1) (local.get 0)) (drop) (br 0))",
            "0+32 [7 3 ref] (8L ref 3 7)",
        ),
        (
            "(param i32) (local i32 (ref null $array)) (loop (local.set 1 (i32.add (local.get 1) (i32.const 1)))
               (i32.add (local.get 1) (array.len (local.get 2))) (drop) (br 0))",
            "0+19 [7 1 null] (1 null)",
        ),
    ];
    let mut wrong = String::new();
    for (body, expected) in rows {
        let wat = format!(
            r#"(module (type $array (array (mut i32))) (type $one (func (param i32)))
                (import "host" "stop" (func $stop (param i32)))
                (memory 1) (memory $wide i64 1) (table 8 funcref) (elem (i32.const 5) $stop) (tag $tag (param i32 i32))
                (func (export "f") {body})
                (func $overwrites (param i32 i32)
                    (local.set 0 (i32.const 1)) (local.set 1 (i32.const -1)) (local.get 0)
                    (drop (i32.load (local.get 1))) (drop))
                (func $waits (param i32) (call $stop (local.get 0)))
                (func $tail (param v128 i32 i32) (return_call $waits (i32.const 11)))
                (func $throws (param i32) (local i32)
                    (local.set 1 (i32.const 5)) (throw $tag (local.get 0) (local.get 1))))"#
        );
        for config in configs() {
            for steps in [false, true] {
                let (mut store, instance, _) = debugged(&config, &wat);
                store.edit_breakpoints().unwrap().single_step(steps).unwrap();
                let func = instance.get_func(&mut store, "f").unwrap();
                // The last stop is the failure, if there is one.
                let _ = func.call(&mut store, &[Val::I32(7)], &mut []);
                let found = &store.data().frames;
                if found != expected {
                    wrong += &format!("{body}\n  stepped: {steps}, {config:?}\n  {found}\n");
                    break;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Notes the first local of the innermost frame at each breakpoint; after the last of `hits`,
/// removes the breakpoint.
#[derive(Clone)]
struct Hits {
    hits: usize,
}

impl DebugHandler for Hits {
    type Data = Seen;

    fn handle(&self, mut store: StoreContextMut<'_, Seen>, event: DebugEvent<'_>) {
        assert!(matches!(event, DebugEvent::Breakpoint), "{event:?}");
        let frame = store.frame().unwrap();
        let local = text(&frame.local(&mut store, 0).unwrap());
        store.data_mut().frames += &format!("{local} ");
        store.data_mut().stops += 1;
        if store.data().stops as usize == self.hits {
            let points: Vec<Breakpoint> = store.breakpoints().unwrap().collect();
            let mut edit = store.edit_breakpoints().unwrap();
            for point in points {
                edit.remove_breakpoint(&point.module, point.pc).unwrap();
            }
        }
    }
}

/// A function that calls itself, at the bottom the host, and stores a byte behind the call.
const RECURSIVE: &str = r#"(module (import "host" "stop" (func $stop)) (memory (export "memory") 1)
    (func $f (export "f") (param i32) (local i32)
        (local.set 1 (i32.mul (local.get 0) (i32.const 2)))
        (if (local.get 0)
            (then (call $f (i32.sub (local.get 0) (i32.const 1))))
            (else (call $stop)))
        (i32.store8 (local.get 0) (local.get 1))))"#;

/// A breakpoint that a host function sets is reached in every frame that waits for the host
/// function, until it is removed.
#[test]
fn a_breakpoint_is_reached_in_frames_that_wait() {
    let rows = [(9, "0 1 2 3 4 "), (2, "0 1 "), (0, "0 1 2 3 4 ")];
    for config in configs() {
        for (hits, expected) in rows {
            let engine = Engine::new(&config).unwrap();
            let module = common::module(&engine, RECURSIVE);
            let store8 = module.debug_bytecode().unwrap().iter().rposition(|byte| *byte == 0x3a);
            let at = ModulePC::new(store8.unwrap() as u32);
            let mut store = Store::new(&engine, Seen::default());
            store.set_epoch_deadline(1);
            let _ = store.set_fuel(1_000_000);
            store.set_debug_handler(Hits { hits });
            let mut linker = Linker::new(&engine);
            let set = module.clone();
            linker
                .func_wrap("host", "stop", move |mut caller: Caller<'_, Seen>| {
                    let mut edit = caller.edit_breakpoints().unwrap();
                    edit.add_breakpoint(&set, at).unwrap();
                })
                .unwrap();
            let instance = linker.instantiate(&mut store, &module).unwrap();
            let f = instance.get_typed_func::<i32, ()>(&mut store, "f").unwrap();
            f.call(&mut store, 4).unwrap();
            assert_eq!(store.data().frames, expected, "{hits} {config:?}");
            let memory = instance.get_memory(&mut store, "memory").unwrap();
            assert_eq!(memory.data(&store)[..5], [0, 2, 4, 6, 8], "{hits} {config:?}");
        }
    }
}

/// Notes the frame whenever the epoch ends, and lets the guest leave its loop.
#[derive(Clone)]
struct Epochs;

impl DebugHandler for Epochs {
    type Data = Seen;

    fn handle(&self, mut store: StoreContextMut<'_, Seen>, event: DebugEvent<'_>) {
        if !matches!(event, DebugEvent::EpochYield) {
            return;
        }
        let line = frames(&mut store);
        store.data_mut().frames += &format!("{line}\n");
        let frame = store.frame().unwrap();
        if frame.local(&mut store, 1).unwrap().unwrap_i32() == 3 {
            frame.set_local(&mut store, 1, Val::I32(9)).unwrap();
            frame.set_local(&mut store, 2, Val::F64(1000f64.to_bits())).unwrap();
        }
    }
}

/// Locals that a loop has in registers are seen and written where an epoch ends.
#[test]
fn locals_are_seen_and_written_where_an_epoch_ends() {
    const BODY: &str = "(local.set 1 (i32.add (local.get 1) (i32.const 1)))
        (local.set 2 (f64.add (local.get 2) (f64.convert_i32_s (local.get 1))))";
    // The second stop is at the head of the loop, where the function has not begun it yet.
    let rows = [
        // The test comes last.
        (
            format!(
                "(i64.const 6) (loop (param i64) (result i64) {BODY}
                 (br_if 0 (i32.lt_s (local.get 1) (local.get 0)))) (drop)"
            ),
            "0+5 [10 0 0d] ()\n0+7 [10 0 0d] (6L)\n0+7 [10 1 1d] (6L)\n\
             0+7 [10 2 3d] (6L)\n0+7 [10 3 6d] (6L)\n",
        ),
        // The test comes first: a branch back makes check and test itself.
        (
            format!(
                "(i64.const 6) (block (loop (br_if 1 (i32.ge_s (local.get 1) (local.get 0)))
                 {BODY} (br 0))) (drop)"
            ),
            "0+5 [10 0 0d] ()\n0+9 [10 0 0d] (6L)\n0+9 [10 1 1d] (6L)\n\
             0+9 [10 2 3d] (6L)\n0+9 [10 3 6d] (6L)\n0+9 [10 10 1010d] (6L)\n",
        ),
    ];
    for (body, expected) in rows {
        let wat = format!(
            r#"(module (func (export "f") (param i32) (result f64) (local i32 f64)
                {body} (local.get 2)))"#
        );
        see_epochs(&wat, expected);
    }
}

/// Compares the frames at the ends of epochs, with a deadline that is reached at each check.
fn see_epochs(wat: &str, expected: &str) {
    for mut config in configs() {
        config.epoch_interruption(true);
        let (mut store, instance, _) = debugged(&config, wat);
        store.set_debug_handler(Epochs);
        store.set_epoch_deadline(0);
        store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Continue(0)));
        let f = instance.get_typed_func::<i32, f64>(&mut store, "f").unwrap();
        assert_eq!(f.call(&mut store, 10).unwrap(), 1010.0, "{config:?}");
        assert_eq!(store.data().frames, expected, "{config:?}");
    }
}
