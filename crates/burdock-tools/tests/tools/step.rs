//! Going back and forth through a run arrives at the same states, whichever way one comes, also
//! where the host answers something else each time.

use burdock::{Caller, Config, Dispatch, Engine, Instance, Linker, Module, Store};
use burdock_tools::Code;
use burdock_tools::step::{
    Command, Entry, Interrupted, Program, Recorder, Recording, Session, Sources, State, Stepper,
    Stops, Until, Way,
};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const PROGRAM: &str = r#"(module
    (import "env" "next" (func $next (param i32) (result i32)))
    (memory (export "memory") 1)
    (func $note (param $at i32) (param $value i32)
        (i32.store (local.get $at) (local.get $value)))
    (func (export "run") (param $n i32) (result i32) (local $sum i32)
        (loop $again
            (local.set $sum (i32.add (local.get $sum) (call $next (local.get $n))))
            (call $note (i32.shl (local.get $n) (i32.const 2)) (local.get $sum))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (memory.fill (i32.const 100) (i32.const 7) (i32.const 5))
        (i32.div_u (local.get $sum) (local.get $n))))"#;

/// A run of the program, whose host writes to memory and answers with ever larger numbers. It ends
/// with a division by zero.
fn session() -> (Session, Code) {
    let bytes = wat::parse_str(PROGRAM).unwrap();
    let engine = Engine::default();
    let module = Module::new(&engine, &bytes).unwrap();
    let mut linker = Linker::new(&engine);
    let next = |mut caller: Caller<'_, i32>, n: i32| {
        *caller.data_mut() += 10;
        let (answer, memory) = (*caller.data() + n, caller.get_export("memory"));
        let memory = memory.unwrap().into_memory().unwrap();
        memory.write(&mut caller, 200 + n as usize, &answer.to_le_bytes()).unwrap();
        answer
    };
    linker.func_wrap("env", "next", next).unwrap();
    let mut store = Store::new(&engine, 0);
    let recorder = Recorder::attach(&mut store, &module);
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let run = instance.get_typed_func::<i32, i32>(&mut store, "run").unwrap();
    let error = run.call(&mut store, 6).unwrap_err();
    let recording = recorder.finish(&mut store, Some(error.root_cause().to_string()));
    let entry = Entry { name: "run".into(), args: vec![6.into()] };
    (Session::new(&module, recording, vec![entry]).unwrap(), Code::new(&bytes).unwrap())
}

#[test]
fn commands_with_wrong_arguments_are_refused() {
    for (command, expected) in [
        ("down -9223372036854775808", Ok(Command::Up(i64::MAX))),
        ("down 2", Ok(Command::Up(-2))),
        ("undisplay", Ok(Command::Undisplay(None))),
        ("disas", Ok(Command::Disassemble)),
        ("disas main", Err("`disassemble` takes no argument, but `main` follows it")),
        ("quit now", Err("`quit` takes no argument, but `now` follows it")),
        ("delete x", Err("`x` is no number")),
        ("goto", Err("a number is missing")),
        ("print", Err("`print` needs a variable")),
        (
            "info everything",
            Err("`info` shows locals, args, breakpoints, display, frame, functions, \
            sources, registers or output"),
        ),
    ] {
        assert_eq!(Command::parse(command), expected.map_err(str::to_owned), "{command}");
    }
}

#[test]
fn an_interrupted_search_leaves_the_session_as_it_was() {
    let module = Module::new(
        &Engine::default(),
        r#"(module (func (export "run") (param $n i32)
            (loop (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            unreachable))"#,
    );
    let module = module.unwrap();
    let mut store = Store::new(module.engine(), ());
    let recorder = Recorder::attach(&mut store, &module);
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let run = instance.get_typed_func::<i32, ()>(&mut store, "run").unwrap();
    let error = run.call(&mut store, 20_000).unwrap_err();
    // The recorded run ended with an error, which must not hide that of the search.
    let recording = recorder.finish(&mut store, Some(error.root_cause().to_string()));
    let entry = Entry { name: "run".into(), args: vec![20_000.into()] };
    let session = Session::new(&module, recording, vec![entry]).unwrap();
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = interrupted.clone();
    let mut session = session.interrupted_by(move || flag.load(Ordering::Relaxed));
    let (last, first) = (session.len() - 1, session.state(1).unwrap());
    for (from, way) in [(1, Way::Forwards), (last, Way::Backwards)] {
        interrupted.store(true, Ordering::Relaxed);
        let error = session.find(from, way, Until::Depth(0)).unwrap_err();
        assert!(error.is::<Interrupted>(), "{error:?}");
        interrupted.store(false, Ordering::Relaxed);
        assert_eq!(session.find(from, way, Until::Depth(0)).unwrap(), None);
    }
    assert_eq!(session.state(1).unwrap(), first);
    assert_eq!(session.state(last).unwrap().locals, ["0"]);
}

#[test]
fn every_way_leads_to_the_same_states() {
    let (mut session, _) = session();
    let len = session.len();
    assert!(len > 100, "{len}");
    let forwards: Vec<State> =
        (0..len).map(|step| (*session.state(step).unwrap()).clone()).collect();
    for step in (0..len).rev() {
        // A new session has noted nothing yet.
        if step % 40 == 0 {
            session = self::session().0;
        }
        assert_eq!(*session.state(step).unwrap(), forwards[step as usize], "step {step}");
    }
    assert_eq!(session.states(0..len).unwrap(), forwards);
    assert!(session.state(len).is_err());
    let last = forwards.last().unwrap();
    assert_eq!(last.operands, [(15 + 60 * 3 + 36).to_string(), "0".into()]);
    assert_eq!(last.memory.get(99, 7), [0, 7, 7, 7, 7, 7, 0]);
    assert_eq!(session.recording().ending(), Some("wasm trap: integer divide by zero"));
}

/// Counts in a structure and in an array, which only a global leads to.
const OBJECTS: &str = r#"(module
    (type $ints (array (mut i32)))
    (type $counts (struct (field $count (mut i32)) (field $last (mut (ref $ints)))))
    (global $counts (mut (ref null $counts)) (ref.null $counts))
    (func (export "run") (param $n i32) (result i32) (local $count i32) (local $last i32)
        (global.set $counts (struct.new $counts (i32.const 0)
            (array.new $ints (i32.const 1) (i32.const 3000))))
        (loop $again
            (local.set $count (i32.add
                (struct.get $counts $count (global.get $counts)) (local.get $n)))
            (struct.set $counts $count (global.get $counts) (local.get $count))
            (local.set $last (array.get $ints
                (struct.get $counts $last (global.get $counts)) (i32.const 2000)))
            (struct.set $counts $last (global.get $counts)
                (array.new $ints (i32.add (local.get $last) (i32.const 1)) (i32.const 3000)))
            (array.set $ints (struct.get $counts $last (global.get $counts)) (i32.const 5)
                (local.get $count))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (i32.add (local.get $count) (array.get $ints
            (struct.get $counts $last (global.get $counts)) (i32.const 2000)))))"#;

#[test]
fn objects_are_those_of_the_step() {
    let bytes = wat::parse_str(OBJECTS).unwrap();
    let engine = Engine::new(Config::new().wasm_gc(true)).unwrap();
    let module = Module::new(&engine, &bytes).unwrap();
    let mut store = Store::new(&engine, ());
    let recorder = Recorder::attach(&mut store, &module);
    let instance = burdock::Instance::new(&mut store, &module, &[]).unwrap();
    let run = instance.get_typed_func::<i32, i32>(&mut store, "run").unwrap();
    let sum = run.call(&mut store, 600).unwrap();
    assert_eq!(sum, 600 * 601 / 2 + 601);
    let recording = recorder.finish(&mut store, None);
    let session = || {
        let entry = Entry { name: "run".into(), args: vec![600.into()] };
        Session::new(&module, recording.clone(), vec![entry]).unwrap()
    };
    let mut forwards = session();
    let len = forwards.len();
    let steps: Vec<u64> = (0..len).step_by(len as usize / 40).collect();
    let states: Vec<State> =
        steps.iter().map(|step| (*forwards.state(*step).unwrap()).clone()).collect();
    // In one session backwards, and each from another session's first replay.
    let mut backwards = session();
    for (step, expected) in steps.iter().zip(&states).rev() {
        assert_eq!(*backwards.state(*step).unwrap(), *expected, "step {step}");
    }
    let last = states.last().unwrap();
    assert_ne!(last.locals, states[1].locals);
}

#[test]
fn searches_find_what_stepping_finds() {
    let (mut session, code) = session();
    let states = session.states(0..session.len()).unwrap();
    let note = code.operators(1).unwrap()[0].offset;
    let entered: Vec<u64> = states
        .iter()
        .filter(|state| state.place().offset == note)
        .map(|state| state.step)
        .collect();
    assert_eq!(entered.len(), 6);
    let stops = || Until::Stop(Stops { breakpoints: BTreeSet::from([note]), ..Stops::default() });
    let mut at = 0;
    for expected in &entered {
        at = session.find(at, Way::Forwards, stops()).unwrap().unwrap();
        assert_eq!(at, *expected);
    }
    assert_eq!(session.find(at, Way::Forwards, stops()).unwrap(), None);
    assert_eq!(session.find(at, Way::Backwards, stops()).unwrap(), Some(entered[4]));
    // Out of the function, and back to where it was called.
    let out = session.find(at, Way::Forwards, Until::Depth(1)).unwrap().unwrap();
    assert_eq!(states[out as usize].stack.len(), 1);
    assert_eq!(out, at + 3);
    assert_eq!(session.find(at, Way::Backwards, Until::Depth(1)).unwrap(), Some(at - 1));
    // Memory that is watched: the first is written by the guest where n is 3.
    let watched = std::iter::once(12..16).collect();
    let watch = Until::Stop(Stops { watched, ..Stops::default() });
    let written = session.find(0, Way::Forwards, watch).unwrap().unwrap();
    assert_eq!(states[written as usize - 1].memory.get(12, 4), [0; 4]);
    assert_ne!(states[written as usize].memory.get(12, 4), [0; 4]);
}

#[test]
fn the_page_holds_the_run() {
    let (session, code) = session();
    let program = Program::new(code, None).unwrap();
    let mut stepper = Stepper::new(session, program, Sources::default()).unwrap();
    let page = stepper.html("a <run>", 6).unwrap();
    assert!(page.contains("<title>a &lt;run&gt;: a run</title>"));
    let data = page.split_once("const data = ").unwrap().1.split_once(";\n").unwrap().0;
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["steps"].as_array().unwrap().len(), 6);
    assert_eq!(data["steps"][0]["locals"], serde_json::json!(["6", "0"]));
    assert_eq!(data["all"], stepper.session().len());
    // Of the code the page has what the run comes by so far: `run`, but not `note`.
    let rows = data["code"].as_array().unwrap();
    let rows: Vec<&str> = rows.iter().map(|row| row[1].as_str().unwrap()).collect();
    assert!(rows.iter().any(|row| row.contains("call $next")), "{rows:?}");
    let place = data["steps"][0]["at"].as_u64().unwrap();
    let first = data["places"][place as usize][1].as_u64().unwrap();
    assert!(data["code"].as_array().unwrap().iter().any(|row| row[0] == first));
    assert!(!rows.iter().any(|row| row.contains("i32.store")), "{rows:?}");
    assert_eq!(data["ending"], "wasm trap: integer divide by zero");
    // A page begins at the position.
    stepper.go_to(4).unwrap();
    let page = stepper.html("a run", 1).unwrap();
    assert!(page.contains(r#""first":4,"#));
}

#[test]
fn modules_that_are_imported_from_are_repeated_and_not_shown() {
    let clock = r#"(module
        (import "env" "now" (func $now (result i32)))
        (memory (export "memory") 1)
        (global $looks (mut i32) (i32.const 0))
        (func (export "look") (result i32)
            (global.set $looks (i32.add (global.get $looks) (i32.const 1)))
            (i32.mul (call $now) (global.get $looks))))"#;
    let main = r#"(module
        (import "clock" "look" (func $look (result i32)))
        (import "clock" "memory" (memory 1))
        (func (export "run") (result i32)
            (i32.add (i32.add (call $look) (call $look)) (call $look))))"#;
    let engine = Engine::default();
    let (clock, main) = (Module::new(&engine, clock).unwrap(), Module::new(&engine, main).unwrap());
    let mut linker = Linker::new(&engine);
    let now = |mut caller: Caller<'_, i32>| {
        *caller.data_mut() += 5;
        *caller.data()
    };
    linker.func_wrap("env", "now", now).unwrap();
    let mut store = Store::new(&engine, 0);
    let recorder = Recorder::attach(&mut store, &main);
    linker.module(&mut store, "clock", &clock).unwrap();
    let instance = linker.instantiate(&mut store, &main).unwrap();
    let run = instance.get_typed_func::<(), i32>(&mut store, "run").unwrap();
    assert_eq!(run.call(&mut store, ()).unwrap(), 5 + 10 * 2 + 15 * 3);
    let recording = recorder.finish(&mut store, None);
    let preloads = [("clock".to_owned(), clock)];
    let entry = Entry { name: "run".into(), args: Vec::new() };
    let session = Session::with_preloads(&main, &preloads, recording, vec![entry]).unwrap();
    let mut session = session.snapshot_every(1);
    let operands: [&[&str]; 5] = [&[], &["5"], &["5", "20"], &["25"], &["25", "45"]];
    assert_eq!(session.len(), operands.len() as u64);
    for step in [0, 4, 2, 3, 1, 4, 0] {
        let state = session.states(step..step + 1).unwrap().remove(0);
        assert_eq!(state.operands, operands[step as usize], "step {step}");
        assert_eq!(state.stack.len(), 1);
    }
    let error = Session::new(&main, Recording::default(), Vec::new()).err().unwrap();
    assert!(error.to_string().contains("`clock.memory` is something else"), "{error}");
    let command = Module::new(&engine, r#"(module (func (export "_start")))"#).unwrap();
    let preloads = [("clock".to_owned(), command)];
    let none = Recording::default();
    let error = Session::with_preloads(&main, &preloads, none, Vec::new()).err().unwrap();
    assert!(error.to_string().starts_with("a run with the command `clock`"), "{error}");
}

#[test]
fn what_can_not_be_repeated_is_refused() {
    let engine = Engine::default();
    let module = Module::new(&engine, r#"(module (import "env" "memory" (memory 1)))"#).unwrap();
    let error = Session::new(&module, Default::default(), Vec::new()).err().unwrap();
    assert!(error.to_string().contains("`env.memory` is something else"), "{error}");
}

/// Whatever a run can change: locals of callers, globals, tables, segments, memories that grow; and
/// it goes through a start function and calls that trap within the host's.
const EVERYTHING: &str = r#"(module
    (import "env" "next" (func $next (param i32) (result i32)))
    (memory (export "memory") 1 9)
    (memory $other 1)
    (global $count (mut i64) (i64.const 0))
    (table $t 2 9 funcref)
    (elem $functions func $even $odd)
    (data $once "abc")
    (start $start)
    (func $start
        (table.init $t $functions (i32.const 0) (i32.const 0) (i32.const 2))
        (memory.init $once (i32.const 8) (i32.const 0) (i32.const 3)))
    (func $even (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
    (func $odd (param i32) (result i32) (i32.sub (local.get 0) (i32.const 1)))
    (func $deep (param $n i32) (result i32) (local $before i32) (local $wide v128)
        (local.set $before (call $next (local.get $n)))
        (local.set $wide (i32x4.splat (local.get $before)))
        (global.set $count (i64.add (global.get $count) (i64.const 1)))
        (i32.store $other (i32.shl (local.get $n) (i32.const 2))
            (i32.add (i32.load $other (i32.const 0)) (local.get $before)))
        (if (i32.eq (local.get $n) (i32.const 3))
            (then
                (drop (memory.grow (i32.const 1)))
                (drop (table.grow $t (ref.func $odd) (i32.const 1)))
                (table.set $t (i32.const 0) (ref.func $odd))
                (data.drop $once)
                (elem.drop $functions)))
        (i32.store (i32.wrap_i64 (global.get $count)) (local.get $n))
        (if (result i32) (local.get $n)
            (then
                (i32.add
                    (call_indirect $t (param i32) (result i32)
                        (call $deep (i32.sub (local.get $n) (i32.const 1)))
                        (i32.and (local.get $n) (i32.const 1)))
                    (i32x4.extract_lane 2 (local.get $wide))))
            (else (i32.load8_u (i32.const 8)))))
    (func (export "run") (param i32) (result i32) (call $deep (local.get 0)))
    (func (export "again") (param i32) (result i32)
        (i32.add (call $deep (local.get 0)) (memory.size))))"#;

/// A function of the host that a module exports again can be called by the embedder, which no guest
/// sees.
#[test]
fn calls_of_the_hosts_own_functions_are_passed_over() {
    let program = |end: &str| {
        format!(
            r#"(module
                (import "env" "next" (func $next (param i32) (result i32)))
                (export "next" (func $next))
                (func (export "run") (param i32) (result i32)
                    (drop (i32.add (call $next (local.get 0)) (i32.const 2))) {end}))"#
        )
    };
    for (end, ends) in [("(i32.const 1)", false), ("unreachable", true)] {
        let engine = Engine::default();
        let module = Module::new(&engine, program(end)).unwrap();
        let mut linker = Linker::new(&engine);
        linker.func_wrap("env", "next", |n: i32| n + 1).unwrap();
        let mut store = Store::new(&engine, ());
        let recorder = Recorder::attach(&mut store, &module);
        let instance = linker.instantiate(&mut store, &module).unwrap();
        let mut entries = Vec::new();
        let mut ending = None;
        for (name, arg) in [("next", 5), ("run", 6), ("next", 7), ("run", 8)] {
            let func = instance.get_typed_func::<i32, i32>(&mut store, name).unwrap();
            entries.push(Entry { name: name.into(), args: vec![arg.into()] });
            if let Err(error) = func.call(&mut store, arg) {
                ending = Some(error.root_cause().to_string());
                break;
            }
        }
        assert_eq!(ending.is_some(), ends);
        let recording = recorder.finish(&mut store, ending);
        let mut session = Session::new(&module, recording, entries).unwrap();
        let len = session.len();
        assert_eq!(session.states(0..len).unwrap().len() as u64, len, "{end}");
    }
}

/// The limiter of a repetition refuses what was refused, and nothing else that begins at the same
/// size: a new memory or table, or the heap.
#[test]
fn what_could_not_grow_is_told_from_what_is_made() {
    let program = r#"(module
        (type $bytes (array i8))
        (memory 0 9)
        (memory 0 0)
        (table $t 0 0 funcref)
        (func (export "run") (result i32)
            (drop (array.new_default $bytes (i32.const 10)))
            (drop (table.grow $t (ref.null func) (i32.const 1)))
            (drop (memory.grow 1 (i32.const 1)))
            (i32.add (memory.grow 0 (i32.const 1)) (memory.size 0))))"#;
    let module = Module::new(&Engine::default(), program).unwrap();
    let mut store = Store::new(module.engine(), ());
    let recorder = Recorder::attach(&mut store, &module);
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let run = instance.get_typed_func::<(), i32>(&mut store, "run").unwrap();
    assert_eq!(run.call(&mut store, ()).unwrap(), 1);
    let recording = recorder.finish(&mut store, None);
    let entry = Entry { name: "run".into(), args: Vec::new() };
    let mut session = Session::new(&module, recording, vec![entry]).unwrap();
    let len = session.len();
    let states = session.states(0..len).unwrap();
    assert_eq!(states.len() as u64, len);
    assert_eq!(states.last().unwrap().operands, ["0", "1"]);
}

#[test]
fn a_repetition_that_ends_in_another_way_is_an_error() {
    let engine = Engine::default();
    let program = r#"(module
        (import "env" "set" (func $set))
        (global $g (export "g") (mut i32) (i32.const 0))
        (func (export "run")
            (call $set)
            (drop (i32.div_u (i32.const 1) (global.get $g)))
            (loop)
            unreachable))"#;
    let module = Module::new(&engine, program).unwrap();
    let mut linker = Linker::new(&engine);
    // No recording has what the host does to a global.
    let set = |mut caller: Caller<'_, ()>| {
        let global = caller.get_export("g").unwrap().into_global().unwrap();
        global.set(&mut caller, 1.into()).unwrap();
    };
    linker.func_wrap("env", "set", set).unwrap();
    let mut store = Store::new(&engine, ());
    let recorder = Recorder::attach(&mut store, &module);
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
    let error = run.call(&mut store, ()).unwrap_err();
    let recording = recorder.finish(&mut store, Some(error.root_cause().to_string()));
    let entry = Entry { name: "run".into(), args: Vec::new() };
    let mut session = Session::new(&module, recording, vec![entry]).unwrap();
    let len = session.len();
    let error = session.states(0..len).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the run could not be repeated: it ended with `wasm trap: integer divide by zero`, and the \
        recorded run with `wasm trap: wasm `unreachable` instruction executed`"
    );
}

/// Two calls of functions of a module, whose host answers with ever larger numbers.
#[test]
fn a_host_that_calls_guests_back_is_refused() {
    let engine = Engine::default();
    let program = r#"(module
        (import "env" "apply" (func $apply))
        (func (export "back"))
        (func (export "run") (call $apply)))"#;
    let module = Module::new(&engine, program).unwrap();
    let mut linker = Linker::new(&engine);
    let apply = |mut caller: Caller<'_, ()>| -> burdock::Result<()> {
        let back = caller.get_export("back").unwrap().into_func().unwrap();
        back.call(&mut caller, &[], &mut [])
    };
    linker.func_wrap("env", "apply", apply).unwrap();
    let mut store = Store::new(&engine, ());
    let _recorder = Recorder::attach(&mut store, &module);
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
    let error = run.call(&mut store, ()).unwrap_err();
    let expected = "a run in which the host calls guests back can't be recorded: env.apply";
    assert_eq!(error.root_cause().to_string(), expected);
    // Not refused: a guest that the host calls by itself.
    let back = instance.get_typed_func::<(), ()>(&mut store, "back").unwrap();
    back.call(&mut store, ()).unwrap();
}

fn record(program: &str, config: &Config) -> (Module, Recording, Vec<Entry>) {
    let engine = Engine::new(config).unwrap();
    let module = Module::new(&engine, program).unwrap();
    let mut linker = Linker::new(&engine);
    let next = |mut caller: Caller<'_, i32>, n: i32| {
        *caller.data_mut() += 10;
        let (answer, memory) = (*caller.data() + n, caller.get_export("memory"));
        let memory = memory.unwrap().into_memory().unwrap();
        memory.write(&mut caller, 200 + n as usize, &answer.to_le_bytes()).unwrap();
        answer
    };
    linker.func_wrap("env", "next", next).unwrap();
    let mut store = Store::new(&engine, 0);
    let recorder = Recorder::attach(&mut store, &module);
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let mut entries = Vec::new();
    for (name, argument) in [("run", 5), ("again", 4)] {
        let func = instance.get_typed_func::<i32, i32>(&mut store, name).unwrap();
        func.call(&mut store, argument).unwrap();
        entries.push(Entry { name: name.into(), args: vec![argument.into()] });
    }
    (module, recorder.finish(&mut store, None), entries)
}

#[test]
fn snapshots_lead_to_the_same_states_as_the_beginning() {
    let dispatches = [Dispatch::Loop, Dispatch::Tail, Dispatch::Native];
    for dispatch in dispatches.into_iter().filter(|dispatch| dispatch.is_available()) {
        let mut config = Config::new();
        config.dispatch(dispatch);
        let (module, recording, entries) = record(EVERYTHING, &config);
        let session = |every: u64| {
            let session = Session::new(&module, recording.clone(), entries.clone()).unwrap();
            session.snapshot_every(every)
        };
        // One snapshot, at the beginning.
        let mut whole = session(u64::MAX);
        let len = whole.len();
        assert!(len > 300, "{len}");
        let states = whole.states(0..len).unwrap();
        assert_eq!(states.len() as u64, len);
        for every in [1, 2, 7, 50] {
            let mut session = session(every);
            // Far jumps, back and forth; every place is visited.
            for number in 0..len {
                let step = number * 101 % len;
                let found = session.states(step..step + 1).unwrap();
                assert_eq!(found, [states[step as usize].clone()], "step {step}, every {every}");
            }
            assert_eq!(session.states(0..len).unwrap(), states, "every {every}");
        }
    }
}

#[test]
fn searches_backwards_go_from_snapshot_to_snapshot() {
    let (module, recording, entries) = record(EVERYTHING, &Config::new());
    let code = Code::new(module.debug_bytecode().unwrap()).unwrap();
    let deep = code.operators(4).unwrap()[0].offset;
    let breakpoint = Stops { breakpoints: BTreeSet::from([deep]), ..Stops::default() };
    let watch = Stops { watched: std::iter::once(0..40).collect(), ..Stops::default() };
    let untils = [Until::Stop(breakpoint), Until::Stop(watch), Until::Depth(2)];
    for every in [1, 3, 10, 1000] {
        let session = Session::new(&module, recording.clone(), entries.clone()).unwrap();
        let mut session = session.snapshot_every(every);
        for until in &untils {
            let mut hits = Vec::new();
            while let Some(hit) = session
                .find(hits.last().copied().unwrap_or(0), Way::Forwards, until.clone())
                .unwrap()
            {
                hits.push(hit);
            }
            assert!(hits.len() > 5, "{until:?}: {hits:?}");
            let mut at = session.len();
            for expected in hits.into_iter().rev() {
                let found = session.find(at, Way::Backwards, until.clone()).unwrap();
                assert_eq!(found, Some(expected), "{until:?} before {at}, every {every}");
                at = expected;
            }
        }
    }
}
