//! What hooks can do to the guests that they watch: read and write frames, return early, trap,
//! attach and detach others.

use crate::common;
use burdock::*;
use std::sync::{Arc, Mutex};

/// A hook made of a closure.
struct On<F>(F);

impl<F> Hook<()> for On<F>
where
    F: FnMut(StoreContextMut<'_, ()>, Event<'_>) -> Result<()> + Send + Sync + 'static,
{
    const EVENTS: Events = Events::ALL;

    fn event(&mut self, store: StoreContextMut<'_, ()>, event: Event<'_>) -> Result<()> {
        (self.0)(store, event)
    }
}

fn on<F>(f: F) -> On<F>
where
    F: FnMut(StoreContextMut<'_, ()>, Event<'_>) -> Result<()> + Send + Sync + 'static,
{
    On(f)
}

/// Calls `f` of a module under every configuration, with a hook.
fn check<F>(wat: &str, arg: i32, filter: impl Fn() -> Filter, hook: impl Fn() -> F, expected: &str)
where
    F: FnMut(StoreContextMut<'_, ()>, Event<'_>) -> Result<()> + Send + Sync + 'static,
{
    for config in common::configs() {
        let (mut store, instance) = common::instance(&config, wat);
        let f = instance.get_typed_func::<i32, i32>(&mut store, "f").unwrap();
        store.attach(filter(), on(hook()));
        let found = match f.call(&mut store, arg) {
            Ok(result) => result.to_string(),
            Err(error) => error.root_cause().to_string(),
        };
        assert_eq!(found, expected);
    }
}

const SUM: &str = r#"(module
    (func $g (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
    (func $f (export "f") (param i32) (result i32) (local i32)
        (local.set 1 (i32.const 100))
        (i32.add (i32.add (local.get 1) (local.get 0)) (call $g (local.get 0)))))"#;

#[test]
fn locals_and_operands_can_be_written() {
    let enter = || Filter::new().events(Events::FUNCS).func("f");
    let set_argument = || {
        |mut store: StoreContextMut<'_, ()>, event: Event<'_>| {
            if let Event::FuncEnter(_) = event {
                store.frame().unwrap().set_local(&mut store, 0, Val::I32(5))?;
            }
            Ok(())
        }
    };
    check(SUM, 1, enter, set_argument, "115");
    // While `g` runs: the sum that waits on the stack of its caller.
    let inner = || Filter::new().events(Events::FUNCS);
    let set_operand = || {
        |mut store: StoreContextMut<'_, ()>, event: Event<'_>| {
            let frame = store.frame().unwrap();
            if let (Event::FuncEnter(_), Some(caller)) = (event, frame.caller(&store)?) {
                assert_eq!(caller.num_operands(&mut store)?, 1);
                assert_eq!(caller.operand(&mut store, 0)?.unwrap_i32(), 101);
                caller.set_operand(&mut store, 0, Val::I32(1))?;
                assert_eq!(caller.local(&mut store, 1)?.unwrap_i32(), 100);
            }
            Ok(())
        }
    };
    check(SUM, 1, inner, set_operand, "3");
}

const REFERENCES: &str = r#"(module
    (type $pair (struct (field (mut i32)) (field (mut i32))))
    (type $add (func (param i32) (result i32)))
    (func $other (param i64))
    (func $f (export "f") (param i32) (result i32)
        (local (ref null $pair) (ref null $add) i31ref anyref)
        (drop (ref.func $other))
        (if (result i32) (ref.is_null (local.get 1))
            (then (i32.const 7))
            (else (struct.get $pair 0 (local.get 1)))))
    (elem declare func $other))"#;

#[test]
fn locals_keep_their_exact_types() {
    let filter = || Filter::new().events(Events::FUNCS).func("f");
    let hook = || {
        |mut store: StoreContextMut<'_, ()>, event: Event<'_>| {
            let Event::FuncEnter(_) = event else { return Ok(()) };
            let frame = store.frame().unwrap();
            let i31 = AnyRef::from_i31(&mut store, I31::wrapping_u32(3));
            let func = Func::wrap(&mut store, |_: i64| {});
            for (local, value, refused) in [
                (1, Val::AnyRef(Some(i31)), true),
                (1, Val::AnyRef(None), false),
                (2, Val::FuncRef(Some(func)), true),
                (2, Val::FuncRef(None), false),
                (3, Val::AnyRef(Some(i31)), false),
                (3, Val::ExternRef(None), true),
                (4, Val::AnyRef(Some(i31)), false),
            ] {
                let shown = format!("{local} {value:?}");
                let written = frame.set_local(&mut store, local, value);
                assert_eq!(written.is_err(), refused, "{shown}: {written:?}");
            }
            Ok(())
        }
    };
    check(REFERENCES, 1, filter, hook, "7");
}

#[test]
fn a_wrong_write_is_refused() {
    let filter = || Filter::new().events(Events::FUNCS).func("f");
    let hook = || {
        |mut store: StoreContextMut<'_, ()>, event: Event<'_>| {
            let Event::FuncEnter(_) = event else { return Ok(()) };
            let frame = store.frame().unwrap();
            let errors = [
                frame.set_local(&mut store, 0, Val::I64(0)).unwrap_err(),
                frame.set_local(&mut store, 2, Val::I32(0)).unwrap_err(),
                frame.operand(&mut store, 0).unwrap_err(),
                frame.return_early(&mut store, &[]).unwrap_err(),
                frame.return_early(&mut store, &[Val::F32(0)]).unwrap_err(),
            ];
            let expected = [
                "type mismatch: expected i32, found i64",
                "no local 2: there are 2",
                "no operand 0: there are 0",
                "expected 1 results, got 0",
                "type mismatch: expected i32, found f32",
            ];
            assert_eq!(errors.map(|error| error.to_string()), expected);
            Ok(())
        }
    };
    check(SUM, 1, filter, hook, "103");
}

#[test]
fn a_function_can_be_made_to_return_and_to_trap() {
    let filter = || Filter::new().events(Events::FUNCS).func("g");
    let early = || {
        |mut store: StoreContextMut<'_, ()>, event: Event<'_>| {
            match event {
                Event::FuncEnter(_) => {
                    store.frame().unwrap().return_early(&mut store, &[Val::I32(7)])?;
                }
                Event::FuncLeave(Leave::Return(results)) => {
                    assert_eq!(results.get(0).unwrap().unwrap_i32(), 7);
                }
                other => panic!("{other:?}"),
            }
            Ok(())
        }
    };
    check(SUM, 1, filter, early, "108");
    let trap =
        || |_: StoreContextMut<'_, ()>, _: Event<'_>| Err(Trap::UnreachableCodeReached.into());
    check(SUM, 1, filter, trap, "wasm trap: wasm `unreachable` instruction executed");
    let fail = || |_: StoreContextMut<'_, ()>, _: Event<'_>| bail!("not today");
    check(SUM, 1, filter, fail, "not today");
}

#[test]
fn an_error_of_a_hook_has_a_backtrace() {
    let (mut store, instance) = common::instance(&Config::new(), SUM);
    let f = instance.get_typed_func::<i32, i32>(&mut store, "f").unwrap();
    store.attach(Filter::new().func("g").events(Events::FUNCS), on(|_, _| bail!("no")));
    let error = f.call(&mut store, 1).unwrap_err();
    let trace = error.downcast_ref::<WasmBacktrace>().unwrap();
    let names: Vec<_> = trace.frames().iter().map(|frame| frame.func_name()).collect();
    assert_eq!(names, [Some("g"), Some("f")]);
}

#[test]
fn a_frame_is_stale_when_its_guest_goes_on() {
    let kept: Arc<Mutex<Option<Frame>>> = Arc::default();
    let (mut store, instance) = common::instance(&Config::new(), SUM);
    let f = instance.get_typed_func::<i32, i32>(&mut store, "f").unwrap();
    let keep = Arc::clone(&kept);
    store.attach(
        Filter::new().events(Events::FUNCS),
        on(move |mut store, _| {
            let frame = store.frame().unwrap();
            assert!(frame.is_live(&store));
            if let Some(old) = keep.lock().unwrap().replace(frame) {
                assert!(!old.is_live(&store));
                let error = old.local(&mut store, 0).unwrap_err();
                assert_eq!(error.to_string(), "stale frame: its guest has gone on");
                assert!(old.caller(&store).is_err());
            }
            Ok(())
        }),
    );
    f.call(&mut store, 1).unwrap();
    assert!(!kept.lock().unwrap().unwrap().is_live(&store));
}

#[test]
fn hooks_attach_and_detach_while_the_guest_runs() {
    for config in common::configs() {
        let (mut store, instance) = common::instance(&config, SUM);
        let f = instance.get_typed_func::<i32, i32>(&mut store, "f").unwrap();
        let told: Arc<Mutex<Vec<&str>>> = Arc::default();
        let note = move |told: &Arc<Mutex<Vec<&'static str>>>, who| {
            told.lock().unwrap().push(who);
        };
        let (first, second) = (Arc::clone(&told), Arc::clone(&told));
        let mut attached = false;
        let in_f = store.attach(
            Filter::new().events(Events::FUNCS).func("f"),
            on(move |mut store, event| {
                note(&first, "f");
                if let (Event::FuncEnter(_), false) = (event, attached) {
                    attached = true;
                    let second = Arc::clone(&second);
                    // Told of the next event, though this one is of its kind.
                    store.attach(
                        Filter::new().events(Events::FUNCS),
                        on(move |_, _| {
                            note(&second, "any");
                            Ok(())
                        }),
                    );
                }
                Ok(())
            }),
        );
        f.call(&mut store, 1).unwrap();
        let found = std::mem::take(&mut *told.lock().unwrap());
        assert_eq!(found, ["f", "any", "any", "f", "any"]);
        assert!(store.detach(in_f).is_some());
        assert!(store.detach(in_f).is_none());
        f.call(&mut store, 1).unwrap();
        assert_eq!(*told.lock().unwrap(), ["any"; 4]);
    }
}

#[test]
fn a_hook_gets_no_events_of_its_own_calls_but_others_do() {
    let (mut store, instance) = common::instance(&Config::new(), SUM);
    let f = instance.get_typed_func::<i32, i32>(&mut store, "f").unwrap();
    let told: Arc<Mutex<Vec<&str>>> = Arc::default();
    for who in ["caller", "watcher"] {
        let told = Arc::clone(&told);
        let hook = on(move |mut store, event| {
            told.lock().unwrap().push(who);
            if let ("caller", Event::FuncEnter(_)) = (who, event) {
                assert_eq!(f.call(&mut store, 3)?, 109);
            }
            Ok(())
        });
        store.attach(Filter::new().events(Events::FUNCS).func("f"), hook);
    }
    assert_eq!(f.call(&mut store, 1).unwrap(), 103);
    let expected = ["caller", "watcher", "watcher", "watcher", "caller", "watcher"];
    assert_eq!(*told.lock().unwrap(), expected);
}

#[test]
fn counts_are_exact() {
    let wat = r#"(module
        (func $leaf (param i32) (result i32)
            (if (result i32) (i32.gt_u (local.get 0) (i32.const 2))
                (then (i32.const 1)) (else (i32.const 0))))
        (func $f (export "f") (param i32) (result i32) (local i32)
            (loop
                (local.set 1 (i32.add (local.get 1) (call $leaf (local.get 0))))
                (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (local.get 1)))"#;
    for config in common::configs() {
        let (mut store, instance) = common::instance(&config, wat);
        let f = instance.get_typed_func::<i32, i32>(&mut store, "f").unwrap();
        let instructions = store.count(Filter::new().events(Events::INSTRUCTIONS));
        let branches = store.count(Filter::new().events(Events::BRANCHES | Events::FUNCS));
        assert_eq!(f.call(&mut store, 5).unwrap(), 3);
        // `f`: loop, 5 times 10 in it, local.get; `leaf`: 5 times 5.
        assert_eq!(instructions.total(&store), 1 + 5 * 10 + 1 + 5 * 5);
        let counts = branches.counts(&store);
        let found: Vec<_> =
            counts.iter().map(|c| (c.func_index, c.event, c.count, c.taken)).collect();
        let expected = [
            (0, Events::FUNCS, 5, None),
            (0, Events::BRANCHES, 5, Some(3)),
            (1, Events::FUNCS, 1, None),
            (1, Events::BRANCHES, 5, Some(4)),
        ];
        assert_eq!(found, expected);
        assert_eq!(store.stop_counting(instructions).len(), 18);
        f.call(&mut store, 1).unwrap();
        assert_eq!(branches.total(&store), 20);
        assert_eq!(instructions.total(&store), 0);
    }
}

#[test]
fn a_call_that_is_on_goes_over_to_newer_code() {
    for config in common::configs() {
        let (mut store, instance) = common::instance(&config, SUM);
        let f = instance.get_typed_func::<i32, i32>(&mut store, "f").unwrap();
        let told: Arc<Mutex<Vec<u32>>> = Arc::default();
        let note = Arc::clone(&told);
        let mut stepping = None;
        store.attach(
            Filter::new().events(Events::FUNCS),
            on(move |mut store, event| {
                let in_g = store.frame().unwrap().func_index() == 0;
                match (event, stepping) {
                    // In `g`, which is on, and in `f`, when `g` returns to it.
                    (Event::FuncEnter(_), None) if in_g => {
                        let note = Arc::clone(&note);
                        let hook = on(move |mut store, _| {
                            note.lock().unwrap().push(store.frame().unwrap().offset());
                            Ok(())
                        });
                        let filter = Filter::new().events(Events::INSTRUCTIONS);
                        stepping = Some(store.attach(filter, hook));
                    }
                    (Event::FuncLeave(_), Some(id)) if !in_g => store.detach(id),
                    _ => {}
                }
                Ok(())
            }),
        );
        assert_eq!(f.call(&mut store, 1).unwrap(), 103);
        // The whole of `g`, and of `f` the addition behind the call.
        let found = std::mem::take(&mut *told.lock().unwrap());
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found.is_sorted());
        f.call(&mut store, 1).unwrap();
        assert!(told.lock().unwrap().is_empty());
    }
}

#[test]
fn frames_lead_on_from_the_stack_of_a_resumable_call() {
    let wat = r#"(module
        (import "host" "again" (func $again (param i32)))
        (func $f (export "f") (param i32) (local i64 i64 i64 i64)
            (if (local.get 0) (then (call $again (i32.sub (local.get 0) (i32.const 1)))))))"#;
    for config in common::configs() {
        let engine = Engine::new(&config).unwrap();
        let module = Module::new(&engine, wat).unwrap();
        let mut linker = Linker::new(&engine);
        linker
            .func_wrap("host", "again", |mut caller: Caller<'_, ()>, x: i32| -> Result<()> {
                let f = caller.get_export("f").and_then(Extern::into_func).unwrap();
                // Each second call is resumable, and so on a stack of its own.
                match x % 2 {
                    0 => f.call(&mut caller, &[Val::I32(x)], &mut []),
                    _ => f.call_resumable(&mut caller, &[Val::I32(x)], &mut []).map(|_| ()),
                }
            })
            .unwrap();
        let mut store = Store::new(&engine, ());
        let instance = linker.instantiate(&mut store, &module).unwrap();
        let f = instance.get_typed_func::<i32, ()>(&mut store, "f").unwrap();
        let depths: Arc<Mutex<Vec<(usize, usize)>>> = Arc::default();
        let note = Arc::clone(&depths);
        let hook = on(move |mut store, event| {
            if let Event::FuncEnter(_) = event {
                let (mut depth, mut next) = (0, store.frame());
                while let Some(frame) = next {
                    depth += 1;
                    next = frame.caller(&store)?;
                }
                let backtrace = WasmBacktrace::force_capture(&store);
                note.lock().unwrap().push((depth, backtrace.frames().len()));
            }
            Ok(())
        });
        store.attach(Filter::new().events(Events::FUNCS), hook);
        f.call(&mut store, 4).unwrap();
        assert_eq!(*depths.lock().unwrap(), [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)]);
    }
}

#[test]
fn a_return_is_forgotten_if_the_hook_errs() {
    for config in common::configs() {
        let (mut store, instance) = common::instance(&config, SUM);
        let f = instance.get_typed_func::<i32, i32>(&mut store, "f").unwrap();
        let mut errs = true;
        let hook = on(move |mut store, event| {
            if let (Event::FuncEnter(_), true) = (event, std::mem::take(&mut errs)) {
                store.frame().unwrap().return_early(&mut store, &[Val::I32(7)])?;
                bail!("not today");
            }
            Ok(())
        });
        store.attach(Filter::new().events(Events::FUNCS).func("f"), hook);
        let error = f.call(&mut store, 1).unwrap_err();
        assert_eq!(error.root_cause().to_string(), "not today");
        assert_eq!(f.call(&mut store, 1).unwrap(), 103);
    }
}

#[test]
fn changes_wait_for_the_outermost_event() {
    for config in common::configs() {
        let (mut store, instance) = common::instance(&config, SUM);
        let f = instance.get_typed_func::<i32, i32>(&mut store, "f").unwrap();
        let told: Arc<Mutex<Vec<String>>> = Arc::default();
        let of_f = || Filter::new().events(Events::FUNCS).func("f");
        let note = |told: &Arc<Mutex<Vec<String>>>, who: &str, event: Event<'_>| {
            let what = if matches!(event, Event::FuncEnter(_)) { "enter" } else { "leave" };
            told.lock().unwrap().push(format!("{who} {what}"));
        };
        let own = Arc::clone(&told);
        let caller = on(move |mut store, event| {
            note(&own, "caller", event);
            if let Event::FuncEnter(_) = event {
                assert_eq!(f.call(&mut store, 3)?, 109);
            }
            Ok(())
        });
        store.attach(of_f(), caller);
        let own = Arc::clone(&told);
        let mut attached = false;
        let watcher = on(move |mut store, event| {
            note(&own, "watcher", event);
            if !std::mem::replace(&mut attached, true) {
                let own = Arc::clone(&own);
                let late = on(move |_, event| {
                    note(&own, "late", event);
                    Ok(())
                });
                store.attach(of_f(), late);
            }
            Ok(())
        });
        store.attach(of_f(), watcher);
        assert_eq!(f.call(&mut store, 1).unwrap(), 103);
        let expected = [
            "caller enter",
            // The call that the caller makes, of which it gets no events.
            "watcher enter",
            "watcher leave",
            "watcher enter",
            "caller leave",
            "watcher leave",
            "late leave",
        ];
        assert_eq!(*told.lock().unwrap(), expected);
    }
}

#[test]
fn a_hook_that_panics_gets_no_more_events() {
    for config in common::configs() {
        let (mut store, instance) = common::instance(&config, SUM);
        let f = instance.get_typed_func::<i32, i32>(&mut store, "f").unwrap();
        let of_f = || Filter::new().events(Events::FUNCS).func("f");
        store.attach(of_f(), on(|_, _| panic!("not today")));
        let call = std::panic::AssertUnwindSafe(|| f.call(&mut store, 1));
        assert!(std::panic::catch_unwind(call).is_err());
        let count = Arc::new(Mutex::new(0));
        let own = Arc::clone(&count);
        let hook = on(move |_, _| {
            *own.lock().unwrap() += 1;
            Ok(())
        });
        store.attach(of_f(), hook);
        assert_eq!(f.call(&mut store, 1).unwrap(), 103);
        assert_eq!(*count.lock().unwrap(), 2);
    }
}

/// Counts its events, and panics at one of them.
struct PanicsAt(u32, u32);

impl Hook<()> for PanicsAt {
    const EVENTS: Events = Events::FUNCS.union(Events::TRAPS);

    fn event(&mut self, _: StoreContextMut<'_, ()>, _: Event<'_>) -> Result<()> {
        self.1 += 1;
        assert!(self.1 != self.0, "not today");
        Ok(())
    }
}

#[test]
fn a_hook_that_panics_keeps_what_it_has_seen() {
    const GUEST: &str = r#"(module (func $g) (func (export "f") (call $g) unreachable))"#;
    for config in common::configs() {
        // Within sites, and as the guest is stopped; alone and beside another hook.
        for (at, alone) in [(1, true), (3, false), (4, true), (5, false)] {
            let (mut store, instance) = common::instance(&config, GUEST);
            let f = instance.get_typed_func::<(), ()>(&mut store, "f").unwrap();
            let id = store.attach(Filter::new(), PanicsAt(at, 0));
            if !alone {
                store.attach(Filter::new(), PanicsAt(u32::MAX, 0));
            }
            for _ in 0..2 {
                let call = std::panic::AssertUnwindSafe(|| f.call(&mut store, ()));
                let _ = std::panic::catch_unwind(call);
                assert_eq!(store.hook(id).unwrap().1, at, "{config:?}");
            }
            store.hook_mut(id).unwrap().0 = 0;
            let hook = store.detach(id).unwrap();
            assert_eq!((hook.0, hook.1), (0, at));
            assert!(store.hook(id).is_none() && store.detach(id).is_none());
            assert!(f.call(&mut store, ()).is_err());
        }
    }
}

/// An `i32` that became an `i64` where it was, below a loop that brings other values there.
const EXTENDED: &str = r#"(module
    (func (export "f") (param i32) (result i32)
        (i64.extend_i32_u (local.get 0))
        (loop (param i64) (result i64)
            (i64.sub (i64.const 100))
            (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (i64.shr_s (i64.const 32))
        i32.wrap_i64))"#;

#[test]
fn an_operand_that_was_extended_is_written_as_a_whole() {
    let write_back = || {
        |mut store: StoreContextMut<'_, ()>, _: Event<'_>| {
            let frame = store.frame().unwrap();
            for operand in 0..frame.num_operands(&store).unwrap_or(0) {
                let value = frame.operand(&mut store, operand)?;
                frame.set_operand(&mut store, operand, value)?;
            }
            Ok(())
        }
    };
    let each = || Filter::new().events(Events::INSTRUCTIONS | Events::LOOPS);
    check(EXTENDED, 3, each, write_back, "-1");
}

/// Checks that an event's frame is at the operator of the event.
#[test]
fn an_event_says_where_it_is() {
    struct Places(Vec<(String, u8)>);
    impl Hook<()> for Places {
        const EVENTS: Events = Events::ALL;
        fn event(&mut self, mut store: StoreContextMut<'_, ()>, event: Event<'_>) -> Result<()> {
            let Some(frame) = store.frame() else { return Ok(()) };
            let name = format!("{event:?}");
            let name = name.split(['(', ' ', '{']).next().unwrap().to_owned();
            let offset = frame.offset() as usize;
            let byte = frame.module(&store).debug_bytecode().unwrap()[offset];
            if !matches!(event, Event::Instruction | Event::FuncEnter(_)) {
                self.0.push((name, byte));
            }
            Ok(())
        }
    }
    // Each function leaves in its own way, which its operator names; the last one traps.
    let ways: [(&str, u8); 9] = [
        ("(nop)", 0x0b),
        ("(return) (nop)", 0x0f),
        ("(if (local.get 0) (then (nop) (return))) (nop)", 0x0f),
        ("(br 0) (nop)", 0x0c),
        ("(block (br 1)) (nop)", 0x0c),
        ("(br_if 0 (local.get 0)) (nop)", 0x0d),
        ("(br_table 0 0 (local.get 0))", 0x0e),
        ("(return_call $callee)", 0x12),
        ("unreachable", 0x00),
    ];
    for config in common::configs() {
        for (body, leaves) in ways {
            let wat =
                format!(r#"(module (func $callee) (func (export "f") (param i32) (nop) {body}))"#);
            let (mut store, instance) = common::instance(&config, &wat);
            let id = store.attach(Filter::new().func_index(1), Places(Vec::new()));
            let f = instance.get_typed_func::<i32, ()>(&mut store, "f").unwrap();
            let _ = f.call(&mut store, 1);
            let places = store.detach(id).unwrap().0;
            let left: Vec<u8> = places
                .iter()
                .filter(|(name, _)| name == "FuncLeave")
                .map(|(_, byte)| *byte)
                .collect();
            assert_eq!(left, [leaves], "{body}");
            for (name, byte) in places {
                let expected: &[u8] = match &*name {
                    "FuncLeave" => &[leaves],
                    "Branch" => &[0x04, 0x0d],
                    "BranchTable" => &[0x0e],
                    "Trap" => &[0x00],
                    // Crossings leave no frame behind.
                    other => panic!("{other}"),
                };
                assert!(expected.contains(&byte), "{name} {byte:#x}: {body}");
            }
        }
    }
}
