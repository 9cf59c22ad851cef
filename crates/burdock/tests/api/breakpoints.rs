//! The places where debugged guests stop: each operator, as in Wasmtime, and breakpoints that are
//! set, moved and removed while guests are stopped.

use crate::common;
use burdock::*;
use std::sync::{Arc, Mutex};

type Stops = Arc<Mutex<Vec<u32>>>;

/// A callback at a stop, which gets the number of the stop, and the place where the guest stands.
type Then = Arc<dyn Fn(&mut StoreContextMut<'_, ()>, usize, u32) + Send + Sync>;

#[derive(Clone)]
struct Notes(Stops, Then);

impl DebugHandler for Notes {
    type Data = ();

    fn handle(&self, mut store: StoreContextMut<'_, ()>, event: DebugEvent<'_>) {
        let at = match event {
            DebugEvent::Breakpoint | DebugEvent::Step => pc(&mut store, 0).0,
            DebugEvent::EpochYield => 0,
            other => panic!("{other:?}"),
        };
        let number = {
            let mut stops = self.0.lock().unwrap();
            stops.push(at);
            stops.len() - 1
        };
        (self.1)(&mut store, number, at);
    }
}

/// The place of a frame of the innermost activation, and how many values it has on its stack.
fn pc(store: &mut StoreContextMut<'_, ()>, outward: usize) -> (u32, u32) {
    let mut frame = store.debug_exit_frames().next().unwrap();
    for _ in 0..outward {
        frame = frame.parent(&mut *store).unwrap().unwrap();
    }
    let (_, pc) = frame.wasm_function_index_and_pc(&mut *store).unwrap().unwrap();
    (pc.raw(), frame.num_stacks(&mut *store).unwrap())
}

/// Makes the edits, beginning with a clean slate.
fn edit(store: &mut StoreContextMut<'_, ()>, module: &Module, at: Option<u32>, step: bool) {
    let before: Vec<Breakpoint> = store.as_context().breakpoints().unwrap().collect();
    let mut edit = store.edit_breakpoints().unwrap();
    for point in before {
        edit.remove_breakpoint(&point.module, point.pc).unwrap();
    }
    if let Some(at) = at {
        edit.add_breakpoint(module, ModulePC::new(at)).unwrap();
    }
    edit.single_step(step).unwrap();
}

/// Calls an export, and returns the places where it has stopped.
fn run(config: &Config, name: &str, arg: i32, begin: (Option<u32>, bool), then: Then) -> Vec<u32> {
    let mut config = config.clone();
    config.guest_debug(true);
    let engine = Engine::new(&config).unwrap();
    let (module, mut store) = (common::module(&engine, WAT), Store::new(&engine, ()));
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let stops = Stops::default();
    store.set_debug_handler(Notes(Arc::clone(&stops), then));
    edit(&mut store.as_context_mut(), &module, begin.0, begin.1);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Continue(1)));
    let fuel = store.set_fuel(FUEL).is_ok();
    let func = instance.get_func(&mut store, name).unwrap();
    func.call(&mut store, &[Val::I32(arg)], &mut []).unwrap();
    if fuel {
        assert_eq!(store.get_fuel().unwrap(), fuel_left(&config, name, arg), "{name}");
    }
    let stops = stops.lock().unwrap();
    stops.clone()
}

const FUEL: u64 = 1_000_000;

/// Returns the fuel that the same call leaves without a debugger.
fn fuel_left(config: &Config, name: &str, arg: i32) -> u64 {
    let mut config = config.clone();
    config.guest_debug(false).epoch_interruption(false);
    let (mut store, instance) = common::instance(&config, WAT);
    store.set_fuel(FUEL).unwrap();
    let func = instance.get_func(&mut store, name).unwrap();
    func.call(&mut store, &[Val::I32(arg)], &mut []).unwrap();
    store.get_fuel().unwrap()
}

/// Every way to run guests, without fuel and with it.
fn configs() -> Vec<Config> {
    let mut configs = common::configs();
    for mut config in common::configs() {
        config.consume_fuel(true);
        configs.push(config);
    }
    configs
}

/// No function has results, so that all are called in the same way.
const WAT: &str = r#"(module
    (memory 1) (global $g (mut i32) (i32.const 0)) (table 1 funcref) (elem (i32.const 0) $inner)
    (func (export "if") (param i32)
        (if (result i32) (local.get 0) (then (i32.const 1)) (else (i32.const 2))) drop)
    (func (export "dead arm") (param i32)
        (if (local.get 0) (then (return)) (else (nop))) (nop))
    (func (export "blocks") (param i32)
        (block (block (br_if 0 (local.get 0)) (br 1) (nop)) (nop))
        (loop (nop)))
    (func (export "dead") (param i32)
        (block (br 0) (drop (i32.const 1)) (nop)) (return) (nop))
    (func (export "loop") (param i32)
        (loop (local.set 0 (i32.shr_u (local.get 0) (i32.const 1))) (br_if 0 (local.get 0))))
    (func $inner (param i32)
        (i32.store (i32.const 4) (local.tee 0 (i32.const 9))))
    (func (export "all") (param i32) (local i32)
        (call $inner (local.get 0))
        (block $out
            (loop $again
                (br_if $out (i32.eqz (local.get 0)))
                (if (i32.eq (local.get 0) (i32.const 2)) (then (nop)) (else (call $inner (i32.const 1))))
                (global.set $g (i32.add (i32.load (i32.const 4)) (global.get $g)))
                (drop (memory.grow (i32.const 0)))
                (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
                (nop) (block (nop) (loop (nop) (block)) (nop) (loop))
                (br $again)))
        (call_indirect (param i32) (i32.const 1) (i32.const 0))))"#;

fn nothing() -> Then {
    Arc::new(|_, _, _| {})
}

#[test]
fn single_step_stops_at_else_and_end() {
    // Counted from the function's first operator; what Wasmtime 50 does.
    let rows: &[(&str, i32, &[u32])] = &[
        ("if", 0, &[0, 2, 7, 9, 10, 11]),
        ("if", 1, &[0, 2, 4, 6, 10, 11]),
        ("dead arm", 0, &[0, 2, 6, 7, 8, 9]),
        ("dead arm", 1, &[0, 2, 4]),
        ("blocks", 0, &[0, 2, 4, 6, 8, 14, 16, 17, 18]),
        ("blocks", 1, &[0, 2, 4, 6, 12, 13, 14, 16, 17, 18]),
        ("dead", 0, &[0, 2, 9]),
        ("loop", 1, &[0, 2, 4, 6, 7, 9, 11, 13, 14]),
        ("loop", 3, &[0, 2, 4, 6, 7, 9, 11, 2, 4, 6, 7, 9, 11, 13, 14]),
    ];
    for config in configs() {
        for (name, arg, expected) in rows {
            let stops = run(&config, name, *arg, (None, true), nothing());
            let stops: Vec<u32> = stops.iter().map(|at| at - stops[0]).collect();
            assert_eq!(stops, *expected, "{name} {arg}");
        }
    }
}

#[test]
fn a_breakpoint_is_where_an_operator_can_be_reached() {
    let mut config = Config::new();
    config.guest_debug(true);
    let (mut store, instance) = common::instance(&config, WAT);
    let module = instance.module(&store).clone();
    let first = |name: &str| run(&config, name, 0, (None, true), nothing())[0];
    // Offsets from the first operator: the one asked for, and the one where the breakpoint is.
    let rows: &[(&str, &[(u32, u32)])] = &[
        ("if", &[(0, 0), (1, 2), (5, 6), (6, 6), (7, 7), (9, 9), (11, 11)]),
        // `else` behind `return`.
        ("dead arm", &[(4, 4), (5, 6), (6, 6), (7, 7)]),
        ("dead", &[(2, 2), (3, 9), (4, 9), (8, 9), (9, 9)]),
    ];
    for (name, points) in rows {
        let first = first(name);
        for (asked, expected) in *points {
            edit(&mut store.as_context_mut(), &module, Some(first + asked), false);
            let set: Vec<u32> =
                store.breakpoints().unwrap().map(|it| it.pc.raw() - first).collect();
            assert_eq!(set, [*expected], "{name} {asked}");
        }
    }
    let mut edit = store.edit_breakpoints().unwrap();
    let error = edit.add_breakpoint(&module, ModulePC::new(10_000)).unwrap_err();
    assert_eq!(error.to_string(), "no instruction at or behind 0x2710");
}

/// Moves a breakpoint from any operator to any other while the guest is stopped at it: the guest
/// stops at the new place next, if it gets there.
#[test]
fn a_breakpoint_can_be_moved_while_the_guest_is_stopped_at_it() {
    for (number, config) in configs().into_iter().enumerate() {
        let trace = run(&config, "all", 3, (None, true), nothing());
        assert!(trace.len() > 60, "{trace:?}");
        // Each pair is tried once, a part of the pairs for each way to run.
        let pairs =
            (0..trace.len()).flat_map(|from| (from + 1..trace.len()).map(move |to| (from, to)));
        for (from, to) in pairs.filter(|(from, to)| (from * 7 + to) % 29 == number) {
            let (first, second) = (trace[from], trace[to]);
            let begin = trace.iter().position(|at| *at == first).unwrap();
            let mut expected = vec![first];
            expected.extend(trace[begin + 1..].iter().filter(|at| **at == second));
            for twice in [false, true] {
                let then: Then = Arc::new(move |store, number, _| {
                    let module = store.debug_all_modules().remove(0);
                    if number == 0 && twice {
                        edit(store, &module, None, false);
                    }
                    if number == 0 {
                        edit(store, &module, Some(second), false);
                    }
                });
                let stops = run(&config, "all", 3, (Some(first), false), then);
                assert_eq!(stops, expected, "from {first:#x} to {second:#x}");
            }
        }
    }
}

#[test]
fn stepping_begins_anywhere_and_ends_anywhere() {
    for config in configs() {
        let trace = run(&config, "all", 3, (None, true), nothing());
        for at in (0..trace.len()).step_by(3) {
            let first = trace[at];
            let begin = trace.iter().position(|it| *it == first).unwrap();
            // Five steps from a breakpoint, then on.
            let then: Then = Arc::new(move |store, number, _| {
                let module = store.debug_all_modules().remove(0);
                edit(store, &module, None, number < 5);
            });
            let stops = run(&config, "all", 3, (Some(first), false), then);
            let end = trace.len().min(begin + 6);
            assert_eq!(stops, trace[begin..end], "from {first:#x}");
        }
    }
}

#[test]
fn breakpoints_can_be_set_when_the_epoch_ends() {
    for mut config in common::configs() {
        config.epoch_interruption(true);
        let trace = run(&config, "all", 3, (None, true), nothing());
        let looped = trace.iter().position(|at| trace.iter().filter(|it| *it == at).count() > 2);
        let at = trace[looped.unwrap() + 3];
        let then: Then = Arc::new(move |store, number, _| {
            let module = store.debug_all_modules().remove(0);
            match number {
                // The function's second check of the epoch is at the loop's beginning.
                0 => {
                    store.engine().increment_epoch();
                    edit(store, &module, None, false);
                }
                1 => edit(store, &module, Some(at), false),
                _ => {}
            }
        });
        let stops = run(&config, "all", 3, (Some(trace[0]), false), then);
        assert_eq!(stops[..3], [trace[0], 0, at], "{stops:?}");
    }
}

/// Hooks that come and go while the guest is stopped do not lose breakpoints.
#[test]
fn hooks_change_while_the_guest_is_stopped() {
    struct Once(Stops);
    impl Hook<()> for Once {
        const EVENTS: Events =
            Events::FUNCS.union(Events::LOOPS).union(Events::BRANCHES).union(Events::MEMORY_WRITES);
        fn event(&mut self, mut store: StoreContextMut<'_, ()>, _: Event<'_>) -> Result<()> {
            self.0.lock().unwrap().push(1);
            let module = store.debug_all_modules().remove(0);
            let at = store.frame().unwrap().offset();
            // Stepping begins behind the event, whatever the event is.
            edit(&mut store, &module, Some(at), true);
            Ok(())
        }
    }
    for mut config in common::configs() {
        config.guest_debug(true);
        let trace = run(&config, "all", 3, (None, true), nothing());
        for first in [trace[0], trace[4], trace[12]] {
            let begin = trace.iter().position(|it| *it == first).unwrap();
            let told = Stops::default();
            let for_hook = Arc::clone(&told);
            let then: Then = Arc::new(move |store, number, _| {
                if number == 0 {
                    let module = store.debug_all_modules().remove(0);
                    store.attach(Filter::new(), Once(Arc::clone(&for_hook)));
                    edit(store, &module, None, false);
                }
            });
            let stops = run(&config, "all", 3, (Some(first), false), then);
            assert!(!told.lock().unwrap().is_empty());
            // From the first event on, every operator.
            let stepped = trace.len() - (stops.len() - 1);
            assert!(stepped > begin && stepped < begin + 14, "{stepped} {begin}");
            assert_eq!(stops[1..], trace[stepped..], "from {first:#x}");
        }
    }
}

#[test]
fn frames_are_known_without_a_debugger() {
    // `compat/debugging.rs` prints the frames of this module under Wasmtime as well.
    let wat = include_str!("debugging.wat");
    // Index, offset of the end of the call, locals and operands of each frame, as Wasmtime 50 has
    // them.
    let direct = "0 0x64 [I32(50), I64(0)] [I32(7), I32(50), I64(0)]";
    let rows = [
        ("direct", 0, vec![direct, "1 0x70 [I32(0)] [I32(1), I32(0), I64(3)]"]),
        ("indirect", 1, vec![direct, "2 0x7f [I32(1)] [I32(1), I32(4), I64(3)]"]),
        ("indirect", 0, vec!["2 0x7f [I32(0)] [I32(1), I32(4), I64(3)]"]),
    ];
    for mut config in common::configs() {
        config.guest_debug(true);
        let engine = Engine::new(&config).unwrap();
        let module = common::module(&engine, wat);
        for (name, arg, expected) in &rows {
            let mut store = Store::new(&engine, Vec::new());
            let host =
                Func::wrap(&mut store, |mut caller: Caller<'_, Vec<String>>, _: i32, _: i64| {
                    let mut next = caller.debug_exit_frames().next();
                    while let Some(frame) = next {
                        let (func, pc) = frame.wasm_function_index_and_pc(&mut caller)?.unwrap();
                        let locals: Result<Vec<Val>> = (0..frame.num_locals(&mut caller)?)
                            .map(|local| frame.local(&mut caller, local))
                            .collect();
                        let stack: Result<Vec<Val>> = (0..frame.num_stacks(&mut caller)?)
                            .map(|value| frame.stack(&mut caller, value))
                            .collect();
                        let (func, pc) = (func.as_u32(), pc.raw());
                        let line = format!("{func} {pc:#x} {:?} {:?}", locals?, stack?);
                        caller.data_mut().push(line);
                        next = frame.parent(&mut caller)?;
                    }
                    Ok(20)
                });
            let instance = Instance::new(&mut store, &module, &[host.into()]).unwrap();
            let func = instance.get_typed_func::<i32, i32>(&mut store, name).unwrap();
            let result = func.call(&mut store, *arg).unwrap();
            assert_eq!(store.data(), expected, "{name}");
            assert_eq!(result, if expected.len() == 2 { 28 } else { 21 });
        }
    }
}
