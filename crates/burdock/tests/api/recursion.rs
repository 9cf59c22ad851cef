//! `Config::set_max_recursion_depth`: how many frames guests may have.

use crate::common::{configs, module};
use burdock::*;

/// `run(n)` has n + 1 frames, and returns in the way that its name says.
const WAYS: &str = r#"(module
    (import "host" "again" (func $again (param i32) (result i32)))
    (import "host" "id" (func $id (param i32) (result i32)))
    (type $t (func (param i32) (result i32)))
    (table funcref (elem $end $if $many $float))
    (func $end (export "end") (param i32) (result i32)
        (if (result i32) (local.get 0)
            (then (i32.add (call $end (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
            (else (i32.const 0))))
    (func $if (export "br_if") (param i32) (result i32)
        (br_if 0 (i32.const 0) (i32.eqz (local.get 0)))
        drop
        (i32.add (call $if (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
    (func $table (export "br_table") (param i32) (result i32)
        (block (block (br_table 0 1 (i32.eqz (local.get 0))))
            (return (i32.add (call $table (i32.sub (local.get 0) (i32.const 1))) (i32.const 1))))
        i32.const 0)
    (func $returns (export "returns in br_table") (param i32) (result i32)
        (block $go (result i32)
            (br_table $go 1 (i32.const 0) (i32.eqz (local.get 0))))
        drop
        (i32.add (call $returns (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
    (func $two (param i32) (result i32 i32)
        (br_if 0 (i32.const 0) (i32.const 7) (i32.eqz (local.get 0)))
        (drop) (drop)
        (call $two (i32.sub (local.get 0) (i32.const 1)))
        (i32.add (i32.const 0)) (local.set 0)
        (i32.add (i32.const 1)) (local.get 0))
    (func $many (export "two results") (param i32) (result i32)
        (call $two (local.get 0)) drop)
    (func $real (param i32) (result f64)
        (f64.const 1.5) (f64.const 0) (br_if 0 (i32.eqz (local.get 0)))
        drop
        (call $real (i32.sub (local.get 0) (i32.const 1)))
        (f64.sub (f64.const 0.5)) f64.add)
    (func $float (export "float") (param i32) (result i32)
        (i32.trunc_f64_s (call $real (local.get 0))))
    (func $indirect (export "indirect") (param i32) (result i32)
        (call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0))
        (i32.add (i32.const 1)))
    (func $tail (export "tail") (param i32) (result i32)
        (if (local.get 0) (then
            (return_call $tail (i32.sub (local.get 0) (i32.const 1)))))
        i32.const 1)
    (func $tail_indirect (export "tail_indirect") (param i32) (result i32)
        (return_call_indirect (type $t) (local.get 0) (i32.const 0)))
    (func $tail_host (export "tail_host") (param i32) (result i32)
        (return_call $id (local.get 0)))
    (func (export "many tails") (param i32) (result i32) (local i32)
        (loop $l
            (drop (call $tail_host (i32.const 1)))
            (drop (call $tail_indirect (i32.const 1)))
            (br_if $l (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 99))))
        (call $end (local.get 0)))
    (func $host (export "host") (param i32) (result i32)
        (if (result i32) (local.get 0)
            (then (call $again (i32.sub (local.get 0) (i32.const 1))))
            (else (i32.const 0)))))"#;

/// Instantiates the ways; `again` calls `host`.
fn ways(config: &Config) -> (Store<Option<Instance>>, Instance) {
    let engine = Engine::new(config).unwrap();
    let mut linker = Linker::<Option<Instance>>::new(&engine);
    linker
        .func_wrap("host", "again", |mut caller: Caller<'_, Option<Instance>>, n: i32| {
            let instance = caller.data().unwrap();
            let host = instance.get_typed_func::<i32, i32>(&mut caller, "host")?;
            host.call(&mut caller, n).map(|n| n + 1)
        })
        .unwrap();
    linker.func_wrap("host", "id", |n: i32| n).unwrap();
    let mut store = Store::new(&engine, None);
    let instance = linker.instantiate(&mut store, &module(&engine, WAYS)).unwrap();
    *store.data_mut() = Some(instance);
    (store, instance)
}

/// The way, how many frames the limit leaves it, and with which argument it has just so many.
const LIMITS: [(&str, usize, i32); 10] = [
    ("end", 10, 9),
    ("br_if", 10, 9),
    ("br_table", 10, 9),
    ("returns in br_table", 10, 9),
    ("two results", 10, 8),
    ("float", 10, 8),
    ("indirect", 10, 9),
    ("tail_indirect", 10, 9),
    ("many tails", 10, 8),
    ("end", 1, 0),
];

#[test]
fn frames_are_counted_whichever_way_they_go() {
    for mut config in configs() {
        for (name, limit, most) in LIMITS {
            config.set_max_recursion_depth(limit);
            let (mut store, instance) = ways(&config);
            let run = instance.get_typed_func::<i32, i32>(&mut store, name).unwrap();
            // Again and again: what has returned, or was unwound, is not counted any more.
            for _ in 0..3 {
                let result = run.call(&mut store, most);
                assert!(result.is_ok(), "{name} {limit} {config:?}: {result:?}");
                let error = run.call(&mut store, most + 1).unwrap_err();
                assert_eq!(error.downcast_ref(), Some(&Trap::StackOverflow), "{name} {config:?}");
            }
        }
    }
}

#[test]
fn tail_calls_take_no_frame_and_each_call_of_the_host_counts_anew() {
    for mut config in configs() {
        config.set_max_recursion_depth(1);
        let (mut store, instance) = ways(&config);
        for (name, arg, expected) in [("tail", 1000, 1), ("tail_host", 5, 5), ("host", 20, 20)] {
            let run = instance.get_typed_func::<i32, i32>(&mut store, name).unwrap();
            assert_eq!(run.call(&mut store, arg).unwrap(), expected, "{name} {config:?}");
        }
    }
}

#[test]
fn a_limit_of_none_lets_nothing_run() {
    let mut config = Config::new();
    config.set_max_recursion_depth(0);
    let (mut store, instance) = ways(&config);
    let run = instance.get_typed_func::<i32, i32>(&mut store, "end").unwrap();
    let error = run.call(&mut store, 0).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::StackOverflow));
}

#[test]
fn a_call_that_is_resumed_has_the_frames_that_it_had() {
    let wat = r#"(module (import "host" "stop" (func $stop))
        (func $down (export "down") (param i32) (result i32)
            (if (result i32) (local.get 0)
                (then (i32.add (call $down (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
                (else (call $stop) (call $leaf))))
        (func $leaf (result i32) (i32.const 0)))"#;
    for mut config in configs() {
        for (limit, fits) in [(5, true), (4, false)] {
            config.set_max_recursion_depth(limit);
            let engine = Engine::new(&config).unwrap();
            let mut linker = Linker::<()>::new(&engine);
            linker.func_wrap("host", "stop", || -> Result<()> { bail!("stop") }).unwrap();
            let mut store = Store::new(&engine, ());
            let module = module(&engine, wat);
            let instance = linker.instantiate(&mut store, &module).unwrap();
            let down = instance.get_typed_func::<i32, i32>(&mut store, "down").unwrap();
            let TypedResumableCall::HostTrap(stopped) = down.call_resumable(&mut store, 3).unwrap()
            else {
                panic!("the call was to stop")
            };
            // What runs meanwhile is counted by itself.
            let other = down.call(&mut store, 0).unwrap_err();
            assert_eq!(other.root_cause().to_string(), "stop");
            match stopped.resume(&mut store, &[]) {
                Ok(TypedResumableCall::Finished(result)) => assert!(fits && result == 3),
                Err(error) => {
                    assert!(!fits, "{error:?}");
                    assert_eq!(error.downcast_ref(), Some(&Trap::StackOverflow));
                }
                Ok(_) => panic!("the call was to end"),
            }
        }
    }
}

/// Has each function of an index return early, and notes enters and leaves.
#[derive(Default)]
struct Early(Vec<String>);

impl Hook<Option<Instance>> for Early {
    const EVENTS: Events = Events::FUNCS;

    fn event(
        &mut self,
        mut store: StoreContextMut<'_, Option<Instance>>,
        event: Event<'_>,
    ) -> Result<()> {
        match event {
            Event::FuncEnter(args) => {
                let arg = args.get(0).unwrap().unwrap_i32();
                self.0.push(format!("enter {arg}"));
                if arg == 100 {
                    let frame = store.frame().unwrap();
                    frame.return_early(&mut store, &[Val::I32(-1)])?;
                }
            }
            Event::FuncLeave(Leave::Exception) => self.0.push("exception".into()),
            Event::FuncLeave(Leave::Unwind) => self.0.push("unwind".into()),
            Event::FuncLeave(_) => self.0.push("leave".into()),
            _ => {}
        }
        Ok(())
    }
}

#[test]
fn hooks_see_only_frames_that_there_are() {
    for mut config in configs() {
        config.set_max_recursion_depth(2);
        let (mut store, instance) = ways(&config);
        let hook = store.attach(Filter::new(), Early::default());
        let run = instance.get_typed_func::<i32, i32>(&mut store, "end").unwrap();
        for _ in 0..3 {
            assert_eq!(run.call(&mut store, 100).unwrap(), -1);
        }
        assert_eq!(run.call(&mut store, 1).unwrap(), 1);
        let error = run.call(&mut store, 2).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Trap::StackOverflow));
        let expected = "enter 100, leave, enter 100, leave, enter 100, leave, \
            enter 1, enter 0, leave, leave, enter 2, enter 1, unwind, unwind";
        assert_eq!(store.detach(hook).unwrap().0.join(", "), expected, "{config:?}");
    }
}

#[test]
fn unless_it_is_set_nothing_counts() {
    let (mut store, instance) = ways(&Config::new());
    let run = instance.get_typed_func::<i32, i32>(&mut store, "end").unwrap();
    assert_eq!(run.call(&mut store, 10_000).unwrap(), 10_000);
}
