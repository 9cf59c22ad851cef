//! Sessions of debuggers, as text: packets, and the answers to them, over a transport in memory.

mod packets;
mod session;

use session::{Guest, check, check_changed, check_recorded, recorded};

const WAT: &str = r#"(module $m
    (memory 1)
    (global $g (mut i32) (i32.const 5))
    (func $add (param i32 i32) (result i32)
        (i32.add (local.get 0) (local.get 1)))
    (func (export "run") (result i32) (local i64)
        (local.set 0 (i64.const 9))
        (global.set $g (i32.const 6))
        (i32.store (i32.const 16) (i32.const 0x01020304))
        (i32.add
            (call $add (i32.const 1) (i32.const 2))
            (i32.load (i32.const 16)))))"#;

#[test]
fn a_session_looks_around() {
    check(&Guest::new(WAT), "looks_around");
}

#[test]
fn breakpoints_and_steps() {
    check(&Guest::new(WAT), "steps");
}

#[test]
fn watchpoints_stop_behind_the_access() {
    check(&Guest::new(WAT), "watch");
}

#[test]
fn several_watchpoints_stop_in_a_loop() {
    // The locals of the loop are in registers where the code for debuggers allows it.
    let wat = r#"(module
        (memory 1)
        (memory $other 1)
        (func $step (param i32)
            (i32.store16 offset=1 (local.get 0) (i32.const 0x0908)))
        (func (export "run") (result i32) (local $i i32) (local $sum i32)
            (loop $l
                (local.set $sum (i32.add (local.get $sum)
                    (i32.load8_u (i32.shl (local.get $i) (i32.const 2)))))
                (i64.store $other (local.get $i) (i64.const -1))
                (i32.store (i32.shl (local.get $i) (i32.const 2)) (local.get $sum))
                (if (i32.eq (i32.and (local.get $i) (i32.const 7)) (i32.const 7))
                    (then (call $step (i32.mul (local.get $i) (i32.const 3)))
                        (memory.fill (local.get $i) (local.get $i) (i32.const 5))))
                (br_if $l (i32.lt_u
                    (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100))))
            (local.get $sum)))"#;
    check(&Guest::new(wat), "watch_several");
}

#[test]
fn guests_are_interrupted_left_and_ended() {
    let wat = r#"(module (memory (export "memory") 1)
        (func (export "run") (result i32)
            (loop (br_if 0 (i32.eqz (i32.load (i32.const 8)))))
            (i32.load (i32.const 8))))"#;
    check(&Guest::new(wat), "interrupt");
    check(&Guest::new(wat), "kill");
}

#[test]
fn sessions_after_the_guests_end_end_too() {
    check(&Guest::new(WAT), "after_end");
}

#[test]
fn failures_stop_with_a_reason() {
    let trap = r#"(module (func (export "run") (result i32)
        (i32.div_s (i32.const 1) (i32.const 0))))"#;
    check(&Guest::new(trap), "trap");
    let exception = r#"(module (tag $t (param i32)) (func (export "run") (result i32)
        (throw $t (i32.const 3))))"#;
    check(&Guest::new(exception), "exception");
    let host = r#"(module (import "host" "fail" (func $fail)) (func (export "run") (result i32)
        (call $fail) (i32.const 0)))"#;
    check(&Guest::new(host), "host_error");
}

#[test]
fn memory_that_the_host_writes_is_watched() {
    let wat = r#"(module (import "host" "write" (func $write (param i32)))
        (memory (export "memory") 1)
        (func (export "run") (result i32)
            (call $write (i32.const 12)) (i32.load (i32.const 12))))"#;
    check(&Guest::new(wat), "host_writes");
}

#[test]
fn steps_lead_into_functions_that_are_called_indirectly() {
    let wat = r#"(module (type $f (func (result i32))) (table 1 funcref)
        (elem declare func $a) (elem (table 0) (i32.const 0) func $b)
        (func $a (result i32) (i32.const 1))
        (func $b (result i32) (i32.const 2))
        (func (export "run") (result i32)
            (drop (call_ref $f (ref.func $a)))
            (call_indirect (result i32) (i32.const 0))))"#;
    check(&Guest::new(wat), "indirect");
}

#[test]
fn packets_that_cannot_be_understood_get_errors() {
    check(&Guest::new(WAT), "errors");
}

/// A module of which each instance has a count.
const COUNTER: &str = r#"(module $counter
    (memory (export "memory") 1)
    (global $count (mut i32) (i32.const 0))
    (func (export "count") (param i32) (result i32)
        (global.set $count (i32.add (global.get $count) (local.get 0)))
        (i32.store (i32.const 16) (global.get $count))
        (global.get $count)))"#;

#[test]
fn frames_of_several_modules_and_instances() {
    let main = r#"(module $main
        (import "a" "count" (func $a (param i32) (result i32)))
        (import "b" "count" (func $b (param i32) (result i32)))
        (memory 2)
        (func (export "run") (result i32)
            (i32.store (i32.const 16) (i32.const 99))
            (drop (call $a (i32.const 1)))
            (i32.add (call $a (i32.const 2)) (call $b (i32.const 5)))))"#;
    let guest = Guest::new(main).linked(&[("a", COUNTER), ("b", COUNTER)]);
    check(&guest, "modules");
    check_recorded(&guest, "modules_recorded");
}

/// Returns a module, and a store whose guests can be debugged.
fn debugged(wat: &str) -> (burdock::Module, burdock::Store<()>) {
    use burdock::{Config, Engine, Module, Store};
    let engine = Engine::new(Config::new().guest_debug(true).epoch_interruption(true)).unwrap();
    let module = Module::new(&engine, wat).unwrap();
    let mut store = Store::new(&engine, ());
    store.set_epoch_deadline(1);
    (module, store)
}

#[test]
fn each_frame_has_its_memory() {
    use burdock::{Linker, Module};
    use burdock_tools::debug::{self, Debuggee, Options, Resume, Space, Stop};
    let wat = r#"(module (import "a" "count" (func $count (param i32) (result i32)))
        (memory 1) (data (i32.const 16) "c")
        (func (export "run") (drop (call $count (i32.const 1)))))"#;
    let (module, mut store) = debugged(wat);
    let (mut live, guest) = debug::attach(&mut store, &module, Options::default()).unwrap();
    let debugger = std::thread::spawn(move || {
        live.attach().unwrap();
        let names: Vec<_> = live.modules().unwrap().into_iter().map(|own| own.name).collect();
        assert_eq!(names, ["counter", "module-1.wasm"]);
        live.set_breakpoint(0, 0x48).unwrap();
        assert_eq!(live.resume(Resume::Continue).unwrap(), Stop::Breakpoint);
        let frames = live.frames().unwrap();
        assert_eq!(frames.iter().map(|frame| frame.module).collect::<Vec<_>>(), [0, 1]);
        for (space, expected) in [
            (Space::Current, Some(1)),
            (Space::Frame(0), Some(1)),
            (Space::Frame(1), Some(b'c')),
            (Space::Frame(2), None),
            (Space::Memory(1), Some(b'c')),
            (Space::Memory(2), None),
        ] {
            let found = live.read(space, 16, 1).ok().map(|bytes| bytes[0]);
            assert_eq!(found, expected, "{space:?}");
        }
        live.write(Space::Frame(1), 16, b"d").unwrap();
        assert_eq!(live.read(Space::Memory(1), 16, 1).unwrap(), b"d");
        live.resume(Resume::Continue).unwrap()
    });
    let mut linker = Linker::new(module.engine());
    linker.module(&mut store, "a", &Module::new(module.engine(), COUNTER).unwrap()).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    instance.get_typed_func::<(), ()>(&mut store, "run").unwrap().call(&mut store, ()).unwrap();
    guest.finish(0);
    assert_eq!(debugger.join().unwrap(), Stop::Exited(0));
}

#[test]
fn debuggers_are_told_of_modules_that_come_later() {
    let wat = r#"(module $m (import "host" "link" (func $link))
        (func (export "run") (result i32) (call $link) (i32.const 1)))"#;
    check(&Guest::new(wat), "later_module");
}

#[test]
fn values_are_written_by_commands_of_the_user() {
    check(&Guest::new(WAT), "monitor");
    let variables = include_bytes!("../dwarf/kinds-O2.wasm");
    check(&Guest::binary(variables), "monitor_variables");
    check_recorded(&Guest::binary(variables), "monitor_recorded");
    let operands = include_bytes!("../dwarf/operands.wasm");
    check(&Guest::binary(operands), "monitor_operands");
}

#[test]
fn recorded_runs_go_back() {
    let wat = r#"(module (import "host" "write" (func $write (param i32)))
        (memory (export "memory") 1)
        (func $twice (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
        (func (export "run") (result i32) (local $i i32)
            (call $write (i32.const 12))
            (loop
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (i32.store (i32.const 8) (call $twice (local.get $i)))
                (br_if 0 (i32.lt_u (local.get $i) (i32.const 4))))
            (i32.load (i32.const 8))))"#;
    check_recorded(&Guest::new(wat), "back");
}

#[test]
fn long_recordings_go_back_from_snapshot_to_snapshot() {
    let wat = r#"(module (memory (export "memory") 1) (func (export "run") (result i32)
        (local $i i32)
        (i32.store (i32.const 8) (i32.const 5))
        (loop
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if 0 (i32.lt_u (local.get $i) (i32.const 50000))))
        (i32.load (i32.const 8))))"#;
    check_recorded(&Guest::new(wat), "far_back");
}

#[test]
fn recordings_of_failed_runs_go_back_from_the_failure() {
    let trap = r#"(module (func (export "run") (result i32) (local i32)
        (local.set 0 (i32.const 7))
        (i32.div_s (local.get 0) (i32.const 0))))"#;
    check_recorded(&Guest::new(trap), "back_from_trap");
}

#[test]
fn recordings_end_where_a_limit_ended_the_run() {
    let wat = r#"(module (func (export "run") (result i32) (local i32)
        (loop (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br 0))
        (local.get 0)))"#;
    check_recorded(&Guest::new(wat).fuel(1000), "out_of_fuel");
}

#[test]
fn growth_that_failed_fails_again() {
    let wat = r#"(module (memory (export "memory") 0) (table 1 funcref)
        (func (export "run") (result i32)
            (i32.add (memory.grow (i32.const 1)) (i32.add
                (i32.mul (i32.const 10) (memory.grow (i32.const 1)))
                (i32.mul (i32.const 100) (table.grow (ref.null func) (i32.const 1)))))))"#;
    let guest = Guest::new(wat).limits(|limits| limits.memory_size(65536).table_elements(1));
    check_recorded(&guest, "refused_growth");
}

#[test]
fn memory_that_the_host_grows_grows_again() {
    let wat = r#"(module (import "host" "grow" (func $grow)) (memory (export "memory") 1)
        (func (export "run") (result i32)
            (call $grow) (i32.load8_u (i32.const 131071))))"#;
    check_recorded(&Guest::new(wat), "grown_by_host");
}

#[test]
fn runs_that_go_another_way_stop_there() {
    let wat = r#"(module (import "host" "write" (func $write (param i32)))
        (memory (export "memory") 1)
        (func (export "run") (result i32)
            (call $write (i32.const 12)) (call $write (i32.load8_u (i32.const 12)))
            (i32.load (i32.const 12))))"#;
    // Another byte is written by the first call, and read by the guest.
    let changed = |file: String| file.replacen("[[12,\"07\"]]", "[[12,\"08\"]]", 1);
    check_changed(&Guest::new(wat), "another_way", changed);
    let outside = |file: String| file.replacen("[[12,", "[[18446744073709551615,", 1);
    check_changed(&Guest::new(wat), "write_outside", outside);
    let more = |file: String| file.replacen(r#""Ok":[]"#, r#""Ok":[{"i32":1}]"#, 1);
    check_changed(&Guest::new(wat), "other_results", more);
}

#[test]
fn any_state_of_the_store_is_compared() {
    use burdock_tools::debug::{Debuggee, Resume, Stop};
    const HOST: &str = r#"(import "host" "write" (func $write (param i32)))
        (memory (export "memory") 1)"#;
    const OTHER: &str = r#"(module (memory 1) (global $g (mut i32) (i32.const 0))
        (func (export "poke") (i32.store8 (i32.const 8) (i32.const 5))
            (global.set $g (i32.const 7))))"#;
    const POKE: &str = r#"(import "other" "poke" (func $poke))"#;
    // Before the host is called, in a function with other fields, and bytes of the module that
    // make a state from another one.
    let rows: [(&str, &str, &str, [&str; 2]); 9] = [
        (
            "(table 2 funcref) (func $a) (func $b) (elem declare func $a $b)",
            "",
            "(table.set (i32.const 0) (ref.func $a))",
            ["4100d2012600", "4100d2022600"],
        ),
        (
            "(table 2 (ref null any))",
            "",
            "(table.set (i32.const 1) (ref.i31 (i32.const 5)))",
            ["4105fb1c26", "4106fb1c26"],
        ),
        (POKE, "", "(call $poke)", ["410841053a0000", "410841063a0000"]),
        (POKE, "", "(call $poke)", ["41072400", "41082400"]),
        (
            "(global $g (mut anyref) (ref.null any))",
            "",
            "(global.set $g (ref.i31 (i32.const 5)))",
            ["4105fb1c24", "4106fb1c24"],
        ),
        (
            "(type $s (struct (field i32) (field (ref null $s))))",
            "(local (ref null $s))",
            "(local.set 0 (struct.new $s (i32.const 5) (struct.new $s (i32.const 6) (ref.null $s))))",
            ["4106d000fb0000", "4107d000fb0000"],
        ),
        (
            "(type $a (array (mut i8)))",
            "(local (ref null $a))",
            "(local.set 0 (array.new_fixed $a 2 (i32.const 1) (i32.const 9)))",
            ["41014109fb08", "4101410afb08"],
        ),
        (
            "(type $s (struct)) (type $p (struct (field (ref null $s)) (field (ref null $s))))",
            "(local (ref null $s) (ref null $s) (ref null $p))",
            "(local.set 0 (struct.new $s)) (local.set 1 (struct.new $s))
             (local.set 2 (struct.new $p (local.get 0) (local.get 1)))
             (local.set 0 (ref.null $s)) (local.set 1 (ref.null $s))",
            ["20002001fb00", "20002000fb00"],
        ),
        (
            "(tag $t (param i32))",
            "(local exnref)",
            "(block $h (result i32 exnref)
                (try_table (catch_ref $t $h) (throw $t (i32.const 5))) (unreachable))
             (local.set 0) (drop)",
            ["410508", "410608"],
        ),
    ];
    for (fields, locals, before, [from, to]) in rows {
        let (types, rest) = match fields.starts_with("(type") {
            true => (fields, ""),
            false => ("", fields),
        };
        let imports = if rest == POKE { [POKE, HOST].concat() } else { [HOST, rest].concat() };
        let wat = format!(
            r#"(module {types} {imports} (func (export "run") (result i32) {locals}
                {before} (call $write (i32.const 0)) (i32.const 0)))"#
        );
        let guest = Guest::new(wat.leak()).linked(&[("other", OTHER)]);
        let stop = |change: [&str; 2]| {
            let mut run = recorded(&guest, |file| {
                assert!(file.contains(change[0]), "{before}: {file}");
                file.replace(change[0], change[1])
            });
            run.attach().unwrap();
            run.resume(Resume::Continue).unwrap()
        };
        assert_eq!(stop([from, from]), Stop::End, "{before}");
        let text = "the run went another way: `host.write` was not called here in this state";
        assert_eq!(stop([from, to]), Stop::Failure(text.to_owned()), "{before}");
    }
}

#[test]
fn a_debugger_can_come_while_the_guest_runs() {
    use burdock::{Config, Engine, Instance, Module, Store};
    use burdock_tools::debug::{self, Debuggee, Options, Resume, Space, Stop};
    let mut config = Config::new();
    config.guest_debug(true).epoch_interruption(true);
    let engine = Engine::new(&config).unwrap();
    let wat = r#"(module (memory 1) (func (export "run")
        (loop (br_if 0 (i32.eqz (i32.load (i32.const 8)))))))"#;
    let module = Module::new(&engine, wat).unwrap();
    let mut store = Store::new(&engine, ());
    store.set_epoch_deadline(1);
    let options = Options { wait: false, ..Options::default() };
    let (mut live, guest) = debug::attach(&mut store, &module, options).unwrap();
    let debugger = std::thread::spawn(move || {
        // The guest does not end by itself.
        assert_eq!(live.attach().unwrap(), Stop::Interrupt);
        assert_eq!(live.resume(Resume::Step).unwrap(), Stop::Step);
        live.write(Space::Current, 8, &[1]).unwrap();
        live.resume(Resume::Continue).unwrap()
    });
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    instance.get_typed_func::<(), ()>(&mut store, "run").unwrap().call(&mut store, ()).unwrap();
    guest.finish(3);
    assert_eq!(debugger.join().unwrap(), Stop::Exited(3));
}

#[test]
fn sessions_end_when_the_host_gives_up_the_guest() {
    let wat = r#"(module (import "host" "panic" (func $panic)) (func (export "run") (result i32)
        (call $panic) (i32.const 0)))"#;
    check(&Guest::new(wat), "given_up");
}

#[test]
fn debuggers_are_told_of_guests_that_are_lost() {
    use burdock::Linker;
    use burdock_tools::debug::{self, Debuggee, Options, Resume, Stop};
    use std::panic::{AssertUnwindSafe, catch_unwind};
    let wat = r#"(module (import "host" "give_up" (func $give_up)) (memory 1)
        (func (export "run") (call $give_up)))"#;
    for (panics, expected) in [
        (true, "the thread that ran the guest has panicked"),
        (false, "the host has given up the guest"),
    ] {
        let (module, mut store) = debugged(wat);
        let (mut live, guest) = debug::attach(&mut store, &module, Options::default()).unwrap();
        let debugger = std::thread::spawn(move || {
            live.attach().unwrap();
            let stop = live.resume(Resume::Continue).unwrap();
            assert_eq!(live.attach().unwrap(), stop);
            assert_eq!(live.resume(Resume::Continue).unwrap(), stop);
            assert_eq!(live.frames().unwrap_err().to_string(), "the guest has ended");
            stop
        });
        let mut linker = Linker::new(module.engine());
        let give_up = move || assert!(!panics, "the host function panics");
        linker.func_wrap("host", "give_up", give_up).unwrap();
        let instance = linker.instantiate(&mut store, &module).unwrap();
        let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
        let call = AssertUnwindSafe(move || {
            let _guest = guest;
            run.call(&mut store, ()).unwrap();
        });
        assert_eq!(catch_unwind(call).is_err(), panics);
        assert_eq!(debugger.join().unwrap(), Stop::Aborted(expected.to_owned()));
    }
}

#[test]
fn a_store_that_is_not_configured_is_refused() {
    use burdock::{Config, Engine, Module, Store};
    use burdock_tools::debug::{self, Options};
    for (debug, epochs, expected) in
        [(false, true, "Config::guest_debug"), (true, false, "Config::epoch_interruption")]
    {
        let mut config = Config::new();
        config.guest_debug(debug).epoch_interruption(epochs);
        let engine = Engine::new(&config).unwrap();
        let module = Module::new(&engine, WAT).unwrap();
        let mut store = Store::new(&engine, ());
        let error = debug::attach(&mut store, &module, Options::default()).err().unwrap();
        assert!(error.to_string().contains(expected), "{error}");
    }
}
