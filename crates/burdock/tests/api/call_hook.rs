//! The call hook: when it fires, how its events nest, and what its errors do. The rules are those
//! of Wasmtime's `Store::call_hook`; there is a test here for each.

use crate::common::{self, module};
use burdock::CallHook::{CallingHost, CallingWasm, ReturningFromHost, ReturningFromWasm};
use burdock::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What the hook has seen, and where it is to fail.
#[derive(Default)]
struct State {
    events: Vec<CallHook>,
    /// Fail at the n-th event of this kind, counted from 1.
    fail: Option<(CallHook, usize)>,
    /// The number of errors that `Errors` has seen.
    errors: usize,
}

impl State {
    fn count(&self, event: CallHook) -> usize {
        self.events.iter().filter(|seen| **seen == event).count()
    }

    /// `CW CH RH RW`, and so on.
    fn log(&self) -> String {
        let short = |event: &CallHook| match event {
            CallingWasm => "CW",
            ReturningFromWasm => "RW",
            CallingHost => "CH",
            ReturningFromHost => "RH",
        };
        let events: Vec<_> = self.events.iter().map(short).collect();
        events.join(" ")
    }

    /// calls_into_host, returns_from_host, calls_into_wasm, returns_from_wasm
    fn counts(&self) -> [usize; 4] {
        [CallingHost, ReturningFromHost, CallingWasm, ReturningFromWasm].map(|e| self.count(e))
    }
}

fn watch(mut store: StoreContextMut<'_, State>, event: CallHook) -> Result<()> {
    let state = store.data_mut();
    state.events.push(event);
    match state.fail {
        Some((at, n)) if at == event && n == state.count(event) => bail!("failed in the hook"),
        _ => Ok(()),
    }
}

fn store(engine: &Engine) -> Store<State> {
    let mut store = Store::new(engine, State::default());
    store.call_hook(watch);
    store
}

/// A module that calls an import `f`, with a host function for it.
const CALLER: &str = r#"(module
    (import "host" "f" (func $f (param i32) (result i32)))
    (memory (export "mem") 1)
    (global (export "glob") (mut i32) (i32.const 0))
    (func $inner (param i32) (result i32) (call $f (local.get 0)))
    (func (export "export") (param i32) (result i32) (call $inner (local.get 0)))
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "trap") unreachable))"#;

fn instance_with(
    store: &mut Store<State>,
    f: impl Fn(Caller<'_, State>, i32) -> Result<i32> + Send + Sync + 'static,
) -> Instance {
    let engine = store.engine().clone();
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "f", f).unwrap();
    linker.instantiate(store, &module(&engine, CALLER)).unwrap()
}

#[test]
fn the_enum_says_which_way_control_goes() {
    let check = |event: CallHook, entering: bool| {
        assert_eq!(event.entering_host(), entering, "{event:?}");
        assert_eq!(event.exiting_host(), !entering, "{event:?}");
    };
    check(CallingWasm, false);
    check(ReturningFromWasm, true);
    check(CallingHost, true);
    check(ReturningFromHost, false);
}

#[test]
fn a_call_of_a_guest_that_calls_the_host_fires_all_four() {
    for config in common::configs() {
        let engine = Engine::new(&config).unwrap();
        let mut store = store(&engine);
        let instance = instance_with(&mut store, |_, x| Ok(x + 1));
        assert_eq!(store.data().log(), "", "instantiation without start fires nothing");
        let export = instance.get_func(&mut store, "export").unwrap();
        let mut results = [Val::I32(0)];
        export.call(&mut store, &[Val::I32(41)], &mut results).unwrap();
        assert_eq!(results[0].i32(), Some(42));
        assert_eq!(store.data().log(), "CW CH RH RW");
        let typed = export.typed::<i32, i32>(&store).unwrap();
        assert_eq!(typed.call(&mut store, 1).unwrap(), 2);
        assert_eq!(store.data().log(), "CW CH RH RW CW CH RH RW");
        // A call between guest functions only.
        let add = instance.get_typed_func::<(i32, i32), i32>(&mut store, "add").unwrap();
        store.data_mut().events.clear();
        assert_eq!(add.call(&mut store, (20, 22)).unwrap(), 42);
        assert_eq!(store.data().log(), "CW RW");
    }
}

#[test]
fn calls_across_instances_fire_nothing_more() {
    let engine = Engine::default();
    let mut store = store(&engine);
    let mut linker = Linker::new(&engine);
    let first =
        module(&engine, r#"(module (func (export "f") (param i32) (result i32) local.get 0))"#);
    linker.module(&mut store, "host", &first).unwrap();
    let instance = linker.instantiate(&mut store, &module(&engine, CALLER)).unwrap();
    let export = instance.get_typed_func::<i32, i32>(&mut store, "export").unwrap();
    assert_eq!(export.call(&mut store, 7).unwrap(), 7);
    assert_eq!(store.data().log(), "CW RW");
}

#[test]
fn events_nest_like_a_stack() {
    let engine = Engine::default();
    let mut store = store(&engine);
    let instance = instance_with(&mut store, |mut caller, n| {
        if n == 0 {
            return Ok(0);
        }
        let export = caller.get_export("export").unwrap().into_func().unwrap();
        let export = export.typed::<i32, i32>(&caller)?;
        Ok(export.call(&mut caller, n - 1)? + 1)
    });
    let export = instance.get_typed_func::<i32, i32>(&mut store, "export").unwrap();
    for n in [0, 1, 5] {
        store.data_mut().events.clear();
        assert_eq!(export.call(&mut store, n).unwrap(), n);
        let n = n as usize + 1;
        let expected = [vec!["CW CH"; n], vec!["RH RW"; n]].concat().join(" ");
        assert_eq!(store.data().log(), expected);
    }
}

#[test]
fn a_host_function_called_from_the_host_fires_all_four() {
    let engine = Engine::default();
    let mut store = store(&engine);
    let ty = FuncType::new(&engine, [ValType::I32, ValType::I64], [ValType::I64]);
    let wrapped = Func::wrap(&mut store, |a: i32, b: i64| i64::from(a) + b);
    let new = Func::new(&mut store, ty.clone(), |_, params, results| {
        results[0] = Val::I64(i64::from(params[0].unwrap_i32()) + params[1].unwrap_i64());
        Ok(())
    });
    let mut linker = Linker::new(&engine);
    linker.func_wrap("", "f", |a: i32, b: i64| i64::from(a) + b).unwrap();
    let linked = linker.get(&mut store, "", "f").unwrap().into_func().unwrap();
    for func in [wrapped, new, linked] {
        store.data_mut().events.clear();
        let mut results = [Val::I64(0)];
        func.call(&mut store, &[Val::I32(1), Val::I64(2)], &mut results).unwrap();
        assert_eq!(results[0].i64(), Some(3));
        assert_eq!(store.data().log(), "CW CH RH RW");
        let typed = func.typed::<(i32, i64), i64>(&store).unwrap();
        assert_eq!(typed.call(&mut store, (3, 4)).unwrap(), 7);
        assert_eq!(store.data().log(), "CW CH RH RW CW CH RH RW");
    }
}

#[test]
fn a_start_function_fires_once() {
    let engine = Engine::default();
    let check = |wat: &str, expected: &str| {
        let mut store = store(&engine);
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "f", || {}).unwrap();
        linker.instantiate(&mut store, &module(&engine, wat)).unwrap();
        assert_eq!(store.data().log(), expected, "{wat}");
    };
    check("(module)", "");
    check("(module (func $f) (start $f))", "CW RW");
    check(r#"(module (import "host" "f" (func $f)) (start $f))"#, "CW CH RH RW");
    check(
        r#"(module (import "host" "f" (func $f)) (func $s call $f call $f) (start $s))"#,
        "CW CH RH CH RH RW",
    );
}

/// The table of Wasmtime's test `trapping`: an error of the host function, or of the hook at an
/// event, and how often each event has fired in the end.
#[test]
fn errors_follow_the_table() {
    let check =
        |fail: Option<(CallHook, usize)>, host_fails: bool, twice: bool, counts: [usize; 4]| {
            let engine = Engine::default();
            let mut store = store(&engine);
            store.data_mut().fail = fail;
            let instance = instance_with(&mut store, move |mut caller, n| {
                if twice && n > 0 {
                    let export = caller.get_export("export").unwrap().into_func().unwrap();
                    return export.typed::<i32, i32>(&caller)?.call(&mut caller, n - 1);
                }
                match host_fails {
                    true => bail!("failed in the host"),
                    false => Ok(n),
                }
            });
            let export = instance.get_typed_func::<i32, i32>(&mut store, "export").unwrap();
            let error = export.call(&mut store, 1).unwrap_err();
            let expected = if host_fails { "failed in the host" } else { "failed in the hook" };
            assert_eq!(error.root_cause().to_string(), expected);
            assert_eq!(store.data().counts(), counts, "{fail:?}");
        };
    check(None, true, false, [1, 1, 1, 1]);
    check(Some((CallingHost, 2)), false, true, [2, 1, 2, 2]);
    check(Some((ReturningFromHost, 1)), false, false, [1, 1, 1, 1]);
    check(Some((CallingWasm, 2)), false, true, [1, 1, 2, 1]);
    check(Some((ReturningFromWasm, 1)), false, false, [1, 1, 1, 1]);
    // The first entry: nothing of the guest runs.
    check(Some((CallingWasm, 1)), false, false, [0, 0, 1, 0]);
    check(Some((CallingHost, 1)), false, false, [1, 0, 1, 1]);
}

#[test]
fn an_error_on_the_way_out_replaces_the_trap_of_the_guest() {
    let engine = Engine::default();
    let mut store = store(&engine);
    let instance = instance_with(&mut store, |_, x| Ok(x));
    let trap = instance.get_typed_func::<(), ()>(&mut store, "trap").unwrap();
    let error = trap.call(&mut store, ()).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::UnreachableCodeReached));
    assert_eq!(store.data().log(), "CW RW");
    store.data_mut().fail = Some((ReturningFromWasm, 2));
    let error = trap.call(&mut store, ()).unwrap_err();
    assert_eq!(error.root_cause().to_string(), "failed in the hook");
    assert!(!error.is::<Trap>());
}

#[test]
fn an_error_of_the_host_is_an_event_before_it_reaches_the_guest() {
    let engine = Engine::default();
    let mut store = store(&engine);
    let instance = instance_with(&mut store, |_, _| bail!("no"));
    let export = instance.get_typed_func::<i32, i32>(&mut store, "export").unwrap();
    export.call(&mut store, 0).unwrap_err();
    assert_eq!(store.data().log(), "CW CH RH RW");
}

#[test]
fn a_panic_of_the_host_ends_everything_without_events() {
    let engine = Engine::default();
    let mut store = store(&engine);
    let instance = instance_with(&mut store, |_, _| panic!("in the host"));
    let export = instance.get_typed_func::<i32, i32>(&mut store, "export").unwrap();
    let panic = catch_unwind(AssertUnwindSafe(|| export.call(&mut store, 0)));
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"in the host"));
    assert_eq!(store.data().log(), "CW CH");
}

#[test]
fn what_a_hook_does_itself_fires_nothing() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, State::default());
    let instance = instance_with(&mut store, |_, x| Ok(x + 1));
    let export = instance.get_typed_func::<i32, i32>(&mut store, "export").unwrap();
    let add = instance.get_typed_func::<(i32, i32), i32>(&mut store, "add").unwrap();
    store.call_hook(move |mut store, event| {
        store.data_mut().events.push(event);
        // Calls of guests leave the arguments and results of the observed call intact.
        assert_eq!(export.call(&mut store, 1)?, 2);
        assert_eq!(add.call(&mut store, (70, 7))?, 77);
        Ok(())
    });
    assert_eq!(export.call(&mut store, 41).unwrap(), 42);
    assert_eq!(store.data().log(), "CW CH RH RW");
    assert_eq!(add.call(&mut store, (1, 2)).unwrap(), 3);
    let host = Func::wrap(&mut store, |a: i32, b: i32, c: i32| a * 100 + b * 10 + c);
    let host = host.typed::<(i32, i32, i32), i32>(&store).unwrap();
    assert_eq!(host.call(&mut store, (1, 2, 3)).unwrap(), 123);
}

#[test]
fn a_panic_in_the_hook_loses_it() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, State::default());
    let instance = instance_with(&mut store, |_, x| Ok(x));
    store.call_hook(|mut store, event| {
        store.data_mut().events.push(event);
        panic!("in the hook")
    });
    let export = instance.get_typed_func::<i32, i32>(&mut store, "export").unwrap();
    catch_unwind(AssertUnwindSafe(|| export.call(&mut store, 0))).unwrap_err();
    assert_eq!(store.data().log(), "CW");
    assert_eq!(export.call(&mut store, 3).unwrap(), 3);
    assert_eq!(store.data().log(), "CW");
}

#[test]
fn a_second_hook_replaces_the_first() {
    let engine = Engine::default();
    let mut store = store(&engine);
    let instance = instance_with(&mut store, |_, x| Ok(x));
    store.call_hook(|mut store, _| {
        store.data_mut().events.push(CallingHost);
        Ok(())
    });
    let export = instance.get_typed_func::<i32, i32>(&mut store, "export").unwrap();
    export.call(&mut store, 0).unwrap();
    assert_eq!(store.data().log(), "CH CH CH CH");
}

#[test]
fn the_hook_sees_the_store() {
    let engine = Engine::default();
    let mut config = Config::new();
    config.consume_fuel(true);
    let engine = Engine::new(&config).unwrap_or(engine);
    let mut store = Store::new(&engine, State::default());
    store.set_fuel(1000).unwrap();
    let instance = instance_with(&mut store, |_, x| Ok(x));
    let memory = instance.get_memory(&mut store, "mem").unwrap();
    store.call_hook(move |mut store, event| {
        if event == CallingHost {
            memory.data_mut(&mut store)[0] += 1;
            store.set_fuel(77)?;
        }
        Ok(())
    });
    let export = instance.get_typed_func::<i32, i32>(&mut store, "export").unwrap();
    export.call(&mut store, 0).unwrap();
    assert_eq!(memory.data(&store)[0], 1);
    assert!(store.get_fuel().unwrap() <= 77);
}

#[test]
fn a_hook_can_end_an_endless_guest() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, State::default());
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "tick", || {}).unwrap();
    let endless = r#"(module (import "host" "tick" (func $tick))
        (func (export "run") (loop (call $tick) (br 0))))"#;
    let instance = linker.instantiate(&mut store, &module(&engine, endless)).unwrap();
    store.call_hook(|mut store, event| {
        if store.data().count(CallingHost) > 200 {
            bail!("timeout in the hook");
        }
        store.data_mut().events.push(event);
        Ok(())
    });
    let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
    let error = run.call(&mut store, ()).unwrap_err();
    assert_eq!(error.root_cause().to_string(), "timeout in the hook");
    assert_eq!(store.data().counts(), [201, 200, 1, 0]);
}

#[test]
fn a_yield_at_an_epoch_is_an_event() {
    let mut config = Config::new();
    config.epoch_interruption(true);
    let engine = Engine::new(&config).unwrap();
    let mut store = store(&engine);
    let instance = instance_with(&mut store, |_, x| Ok(x));
    let add = instance.get_typed_func::<(i32, i32), i32>(&mut store, "add").unwrap();
    store.epoch_deadline_async_yield_and_update(10);
    assert_eq!(add.call(&mut store, (1, 2)).unwrap(), 3);
    assert_eq!(store.data().log(), "CW CH RH RW");
    // A deadline that is merely moved is none of the host's business.
    store.data_mut().events.clear();
    store.set_epoch_deadline(0);
    store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Continue(10)));
    add.call(&mut store, (1, 2)).unwrap();
    assert_eq!(store.data().log(), "CW RW");
}

/// Counts the errors of the host that end guests.
struct Errors;

impl Hook<State> for Errors {
    const EVENTS: Events = Events::TRAPS;

    fn event(&mut self, mut store: StoreContextMut<'_, State>, event: Event<'_>) -> Result<()> {
        if let Event::HostError(_) = event {
            store.data_mut().errors += 1;
        }
        Ok(())
    }
}

/// An error of the hook where a guest yields ends the guest there, like one in a call of the host:
/// with a backtrace, and as an event of attached hooks.
#[test]
fn an_error_at_a_yield_has_the_place_of_the_guest() {
    let spin = r#"(module (func (export "run") (loop (br 0))))"#;
    for (yields, fail) in [
        ("fuel", (CallingHost, 1)),
        ("fuel", (ReturningFromHost, 1)),
        ("fuel", (CallingHost, 2)),
        ("epoch", (CallingHost, 1)),
        ("epoch", (ReturningFromHost, 1)),
    ] {
        let mut config = Config::new();
        config.consume_fuel(yields == "fuel").epoch_interruption(yields == "epoch");
        let engine = Engine::new(&config).unwrap();
        let mut store = store(&engine);
        if yields == "fuel" {
            store.set_fuel(1_000_000).unwrap();
            store.fuel_async_yield_interval(Some(100)).unwrap();
        }
        store.epoch_deadline_async_yield_and_update(10);
        let instance = Instance::new(&mut store, &module(&engine, spin), &[]).unwrap();
        let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
        store.attach(Filter::new(), Errors);
        store.data_mut().fail = Some(fail);
        let (result, _) = common::block_on(run.call_async(&mut store, ()));
        let (error, what) = (result.unwrap_err(), format!("{yields} {fail:?}"));
        assert_eq!(error.root_cause().to_string(), "failed in the hook", "{what}");
        let frames = error.downcast_ref::<WasmBacktrace>().map(|trace| trace.frames().len());
        assert_eq!((frames, store.data().errors), (Some(1), 1), "{what}");
        assert!(store.data().log().ends_with(" RW"), "{what}: {}", store.data().log());
        // The store works as before.
        store.data_mut().fail = None;
        let (result, _) = common::block_on(async {
            let f = Func::wrap(&mut store, || 7);
            f.typed::<(), i32>(&store)?.call_async(&mut store, ()).await
        });
        assert_eq!(result.unwrap(), 7, "{what}");
    }
}

#[test]
fn a_resumable_call_returns_and_comes_back() {
    let engine = Engine::default();
    let mut store = store(&engine);
    let instance = instance_with(&mut store, |_, _| bail!("stop"));
    let export = instance.get_typed_func::<i32, i32>(&mut store, "export").unwrap();
    let call = export.call_resumable(&mut store, 1).unwrap();
    assert_eq!(store.data().log(), "CW CH RH RW");
    let TypedResumableCall::HostTrap(call) = call else {
        panic!("{call:?}");
    };
    let call = call.resume(&mut store, &[Val::I32(5)]).unwrap();
    assert!(matches!(call, TypedResumableCall::Finished(5)));
    assert_eq!(store.data().log(), "CW CH RH RW CW RW");
}

#[test]
fn a_typed_hook_can_hold_what_it_likes() {
    struct Depth {
        now: usize,
        deepest: usize,
    }
    impl Hook<usize> for Depth {
        const EVENTS: Events = Events::CALLS;
        fn event(&mut self, mut store: StoreContextMut<'_, usize>, event: Event) -> Result<()> {
            match event {
                Event::CallingWasm | Event::CallingHost => self.now += 1,
                _ => self.now -= 1,
            }
            self.deepest = self.deepest.max(self.now);
            *store.data_mut() = self.deepest;
            Ok(())
        }
    }
    struct Deaf;
    impl Hook<usize> for Deaf {
        const EVENTS: Events = Events::NONE;
        fn event(&mut self, _: StoreContextMut<'_, usize>, _: Event) -> Result<()> {
            bail!("never called")
        }
    }
    let mut store = Store::new(&Engine::default(), 0);
    store.set_hook(Depth { now: 0, deepest: 0 });
    let func = Func::wrap(&mut store, |x: i32| x);
    let func = func.typed::<i32, i32>(&store).unwrap();
    assert_eq!(func.call(&mut store, 3).unwrap(), 3);
    assert_eq!(*store.data(), 2);
    store.set_hook(Deaf);
    assert_eq!(func.call(&mut store, 4).unwrap(), 4);
}

/// Notes crossings in the store's data, and errs at the first of a kind.
struct Attached(&'static str, Option<CallHook>);

impl Hook<Vec<String>> for Attached {
    const EVENTS: Events = Events::CALLS;

    fn event(&mut self, mut store: StoreContextMut<'_, Vec<String>>, event: Event) -> Result<()> {
        store.data_mut().push(format!("{} {event:?}", self.0));
        ensure!(self.1.is_none_or(|at| format!("{event:?}") != format!("{at:?}")), "not today");
        Ok(())
    }
}

/// Calls a guest that calls the host, and returns the events of the hooks.
fn crossings(hooks: impl FnOnce(&mut Store<Vec<String>>)) -> String {
    let engine = Engine::default();
    let mut store = Store::new(&engine, Vec::new());
    hooks(&mut store);
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "f", |x: i32| x).unwrap();
    let instance = linker.instantiate(&mut store, &module(&engine, CALLER)).unwrap();
    let f = instance.get_typed_func::<i32, i32>(&mut store, "export").unwrap();
    match f.call(&mut store, 7) {
        Ok(result) => store.data_mut().push(result.to_string()),
        Err(error) => store.data_mut().push(error.root_cause().to_string()),
    }
    store.data().join(", ")
}

#[test]
fn attached_hooks_get_events_after_the_stores_own_hook() {
    let own = |store: &mut Store<Vec<String>>| {
        store.call_hook(|mut store, event| {
            store.data_mut().push(format!("own {event:?}"));
            Ok(())
        });
    };
    let of = |who: &[&str]| {
        let events = [CallingWasm, CallingHost, ReturningFromHost, ReturningFromWasm];
        let told =
            events.iter().flat_map(|event| who.iter().map(move |who| format!("{who} {event:?}")));
        told.chain(["7".to_owned()]).collect::<Vec<_>>().join(", ")
    };
    let attach = |store: &mut Store<Vec<String>>, who, errs| {
        store.attach(Filter::new(), Attached(who, errs))
    };
    let check = |hooks: &dyn Fn(&mut Store<Vec<String>>), expected: &str| {
        assert_eq!(crossings(hooks), expected);
    };
    let one = |store: &mut Store<Vec<String>>| {
        attach(store, "a", None);
    };
    check(&one, &of(&["a"]));
    let both = |store: &mut Store<Vec<String>>| {
        attach(store, "a", None);
        own(store);
        attach(store, "b", None);
    };
    check(&both, &of(&["own", "a", "b"]));
    let detached = |store: &mut Store<Vec<String>>| {
        own(store);
        let a = attach(store, "a", None);
        assert!(store.detach(a).is_some());
    };
    check(&detached, &of(&["own"]));
    let errs = |store: &mut Store<Vec<String>>| {
        attach(store, "a", Some(CallingHost));
        attach(store, "b", None);
    };
    let expected = "a CallingWasm, b CallingWasm, a CallingHost, a ReturningFromWasm, \
        b ReturningFromWasm, not today";
    check(&errs, expected);
    let narrowed = |store: &mut Store<Vec<String>>| {
        store.attach(Filter::new().events(Events::FUNCS), Attached("a", None));
    };
    check(&narrowed, "7");
}

/// Requests more events than a store's own hook gets.
struct All;

impl Hook<Vec<String>> for All {
    const EVENTS: Events = Events::CALLS.union(Events::IN_CODE).union(Events::HOST_CALLS);

    fn event(&mut self, mut store: StoreContextMut<'_, Vec<String>>, event: Event) -> Result<()> {
        store.data_mut().push(format!("{event:?}"));
        Ok(())
    }
}

#[test]
fn a_stores_own_hook_gets_transitions_only() {
    let engine = Engine::default();
    let wat = r#"(module (func (export "f") (result i32) i32.const 7))"#;
    let module = Module::new(&engine, wat).unwrap();
    let told = |install: fn(&mut Store<Vec<String>>)| {
        let mut store = Store::new(&engine, Vec::new());
        install(&mut store);
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let f = instance.get_typed_func::<(), i32>(&mut store, "f").unwrap();
        f.call(&mut store, ()).unwrap();
        store.into_data()
    };
    let own = told(|store| store.set_hook(All));
    assert_eq!(own, ["CallingWasm", "ReturningFromWasm"]);
    let attached = told(|store| {
        store.attach(Filter::new(), All);
    });
    let instruction = attached.iter().filter(|event| *event == "Instruction").count();
    assert_eq!((attached.len(), instruction), (2 + 2 + 1, 1), "{attached:?}");
}
