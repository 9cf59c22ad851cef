//! Runs within runs: whatever a host function or a hook does with the store, guests' frames
//! included, waiting guests stay as they were, on whatever stack the inner run is.

use crate::common::{configs, module};
use burdock::*;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll, Waker};

/// A hook made of a function and the events that the hook observes.
struct On<const EVENTS: u32>(fn(StoreContextMut<'_, Data>, Event<'_>) -> Result<()>);

impl<const EVENTS: u32> Hook<Data> for On<EVENTS> {
    const EVENTS: Events = match EVENTS {
        FUNCS => Events::FUNCS,
        _ => Events::TRAPS,
    };

    fn event(&mut self, store: StoreContextMut<'_, Data>, event: Event<'_>) -> Result<()> {
        (self.0)(store, event)
    }
}

const FUNCS: u32 = 0;
const TRAPS: u32 = 1;

/// The store's data for host functions and hooks.
#[derive(Default)]
struct Data {
    frame: Option<Frame>,
    inner: Option<Func>,
    snapshot: Option<Snapshot>,
    log: Vec<String>,
}

fn store(config: &Config) -> Store<Data> {
    Store::new(&Engine::new(config).unwrap(), Data::default())
}

/// The way in which a host function calls the inner guest.
#[derive(Clone, Copy, Debug)]
enum Way {
    Plain,
    Resumable,
    Asynchronous,
    LeakedWhileItWaits,
    Resumed,
}

/// Polls a future once.
fn poll<F: Future>(future: F) -> Poll<F::Output> {
    Box::pin(future).as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

/// A future that is never ready.
struct Never;

impl Future for Never {
    type Output = ();

    fn poll(self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }
}

fn call_inner(mut caller: Caller<'_, Data>, way: Way) -> Result<()> {
    let frame = caller.as_context_mut().frame().unwrap();
    caller.data_mut().frame = Some(frame);
    let inner = caller.data().inner.unwrap();
    match way {
        Way::Plain => inner.call(&mut caller, &[], &mut [])?,
        Way::Resumable => {
            let ended = inner.call_resumable(&mut caller, &[], &mut [])?;
            assert!(matches!(ended, ResumableCall::Finished));
        }
        Way::Asynchronous => {
            let Poll::Ready(ended) = poll(inner.call_async(&mut caller, &[], &mut [])) else {
                bail!("nothing to wait for")
            };
            ended?;
        }
        Way::LeakedWhileItWaits => {
            let never = Func::wrap_async(&mut caller, |_, (): ()| Box::new(Never));
            for _ in 0..2 {
                let mut call = Box::pin(never.call_async(&mut caller, &[], &mut []));
                assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
                std::mem::forget(call);
            }
            inner.call(&mut caller, &[], &mut [])?;
        }
        Way::Resumed => {
            let snapshot = caller.data_mut().snapshot.take().unwrap();
            snapshot.resume(&mut caller, &mut [])?;
        }
    }
    ensure!(frame.is_live(&caller), "the guest still waits");
    Ok(())
}

/// A frame of a waiting guest belongs to that guest, whatever stack the inner guest uses.
#[test]
fn a_frame_is_of_its_own_guest() {
    const GUEST: &str = r#"(module
        (import "host" "outer" (func $outer))
        (import "host" "inner" (func $inner))
        (func (export "outer") (param i64 i64) (result i64)
            (call $outer)
            (i64.sub (local.get 0) (local.get 1)))
        (func (export "inner") (call $inner)))"#;
    let ways =
        [Way::Plain, Way::Resumable, Way::Asynchronous, Way::LeakedWhileItWaits, Way::Resumed];
    for (config, way) in configs().iter().flat_map(|config| ways.map(|way| (config, way))) {
        let mut store = store(config);
        let module = module(store.engine(), GUEST);
        let outer = Func::wrap(&mut store, move |caller: Caller<'_, Data>| call_inner(caller, way));
        let inner = Func::wrap(&mut store, |mut caller: Caller<'_, Data>| -> Result<()> {
            let Some(frame) = caller.data().frame else { return Ok(()) };
            let before = frame.local(&caller, 0)?.unwrap_i64();
            frame.set_local(&mut caller, 0, Val::I64(before + 1000))?;
            // Frames lead from the inner guest to the outer one.
            let here = caller.as_context_mut().frame().unwrap();
            let outer = here.caller(&caller)?.expect("a guest that waits");
            let indices = [here.func_index(), outer.func_index()];
            let trace: Vec<_> = WasmBacktrace::force_capture(&caller)
                .frames()
                .iter()
                .map(FrameInfo::func_index)
                .collect();
            ensure!(trace == indices && indices == [3, 2], "{trace:?}, {indices:?}");
            Ok(())
        });
        let instance = Instance::new(&mut store, &module, &[outer.into(), inner.into()]).unwrap();
        store.data_mut().inner = instance.get_func(&mut store, "inner");
        store.attach(
            Filter::new(),
            On::<FUNCS>(|mut store, event| {
                if let Event::FuncEnter(_) = event
                    && store.data().snapshot.is_none()
                    && store.data().frame.is_none()
                    && let Ok(snapshot) = store.snapshot(None)
                {
                    store.data_mut().snapshot = Some(snapshot);
                }
                Ok(())
            }),
        );
        store.data().inner.unwrap().call(&mut store, &[], &mut []).unwrap();
        let outer = instance.get_typed_func::<(i64, i64), i64>(&mut store, "outer").unwrap();
        assert_eq!(outer.call(&mut store, (7, 2)).unwrap(), 1005, "{way:?} {config:?}");
        let frame = store.data().frame.unwrap();
        assert!(!frame.is_live(&store));
        let error = frame.set_local(&mut store, 0, Val::I64(1)).unwrap_err();
        assert_eq!(error.to_string(), "stale frame: its guest has gone on");
    }
}

const CALLED: &str = r#"(module
    (memory 1)
    (func (export "f") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
    (func (export "inner") (param i64 i64 i64 i64 i64 i64 i64 i64)
        (i64.store (i32.const 0) (local.get 0))))"#;

fn called(config: &Config) -> (Store<Data>, TypedFunc<i32, i32>) {
    let mut store = store(config);
    let module = module(store.engine(), CALLED);
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    store.data_mut().inner = instance.get_func(&mut store, "inner");
    let f = instance.get_typed_func::<i32, i32>(&mut store, "f").unwrap();
    (store, f)
}

/// Requests an early return from `f`, and then calls another guest in the same event.
fn return_early(mut store: StoreContextMut<'_, Data>, event: Event<'_>) -> Result<()> {
    let frame = store.frame().unwrap();
    match event {
        Event::FuncEnter(args) if args.len() == 1 => {
            frame.return_early(&mut store, &[Val::I32(5)])?;
            let inner = store.data().inner.unwrap();
            inner.call(&mut store, &[Val::I64(0x4141_4141_4141_4140); 8], &mut [])?;
            store.data_mut().log.push("called".into());
        }
        Event::FuncLeave(Leave::Return(results)) => {
            let line = format!("leave with {results:?}");
            store.data_mut().log.push(line);
        }
        _ => {}
    }
    Ok(())
}

#[test]
fn a_call_after_an_early_return_is_an_ordinary_one() {
    for config in configs() {
        let (mut store, f) = called(&config);
        store.attach(Filter::new(), On::<FUNCS>(return_early));
        assert_eq!(f.call(&mut store, 1).unwrap(), 5, "{config:?}");
        assert_eq!(store.data().log, ["called", "leave with [I32(5)]"]);
        store.attach(
            Filter::new(),
            On::<FUNCS>(|mut store, event| {
                if let Event::FuncLeave(Leave::Return(results)) = event {
                    let line = format!("leave with {results:?}");
                    store.data_mut().log.push(line);
                }
                Ok(())
            }),
        );
        store.data_mut().log.clear();
        assert_eq!(f.call(&mut store, 1).unwrap(), 5);
        // The second hook also gets the events of the inner call.
        let leave = "leave with [I32(5)]";
        assert_eq!(store.data().log, ["leave with []", "called", leave, leave]);
    }
}

#[test]
fn a_panic_takes_an_early_return_with_it() {
    for config in configs() {
        let (mut store, f) = called(&config);
        store.attach(
            Filter::new(),
            On::<FUNCS>(|mut store, event| {
                if let Event::FuncEnter(_) = event {
                    let frame = store.frame().unwrap();
                    frame.return_early(&mut store, &[Val::I32(5)])?;
                    panic!("on purpose");
                }
                Ok(())
            }),
        );
        let caught = catch_unwind(AssertUnwindSafe(|| f.call(&mut store, 1)));
        assert!(caught.is_err());
        // The hook was lost in its panic.
        assert_eq!(f.call(&mut store, 4).unwrap(), 8, "{config:?}");
        store.attach(Filter::new(), On::<FUNCS>(|_, _| Ok(())));
        assert_eq!(f.call(&mut store, 4).unwrap(), 8, "{config:?}");
    }
}

/// The state that a hook finds at a trap is not changed by the guests that the hook calls.
#[test]
fn a_call_from_the_hook_of_a_trap_leaves_the_frames() {
    let params = |n: usize| format!("(param {})", "i64 ".repeat(n));
    let args = "(i64.const 5)".repeat(500);
    let guest = format!(
        r#"(module
        (import "host" "one" (func $one))
        (func $c)
        (func (export "inner") {many} (call $c))
        (func $t (export "trap") (call $t3 {args}))
        (func $t3 {many} unreachable)
        (func (export "outer") {more} (call $one)))"#,
        many = params(500),
        more = params(600)
    );
    for config in configs() {
        let mut store = store(&config);
        let module = module(store.engine(), &guest);
        let one = Func::wrap(&mut store, |mut caller: Caller<'_, Data>| -> Result<()> {
            let Some(Extern::Func(trap)) = caller.get_export("trap") else {
                bail!("no such export")
            };
            let error = trap.call(&mut caller, &[], &mut []).unwrap_err();
            assert!(error.downcast_ref() == Some(&Trap::UnreachableCodeReached));
            let frames = error.downcast_ref::<WasmBacktrace>().unwrap().frames();
            let line = format!("{:?}", Vec::from_iter(frames.iter().map(FrameInfo::func_index)));
            caller.data_mut().log.push(line);
            Ok(())
        });
        let instance = Instance::new(&mut store, &module, &[one.into()]).unwrap();
        store.attach(Filter::new().func("trap"), On::<FUNCS>(|_, _| Ok(())));
        store.attach(
            Filter::new(),
            On::<TRAPS>(|mut store, event| {
                let Event::Trap(_) = event else { return Ok(()) };
                let frame = store.frame().unwrap();
                let inner = store.data().inner.unwrap();
                inner.call(&mut store, &[Val::I64(7); 500], &mut [])?;
                let error = inner.call(&mut store, &[], &mut []).unwrap_err();
                assert!(error.to_string() == "expected 500 arguments, got 0");
                let mut indices = vec![frame.func_index()];
                let mut next = frame.caller(&store)?;
                while let Some(frame) = next {
                    indices.push(frame.func_index());
                    next = frame.caller(&store)?;
                }
                store.data_mut().log.push(format!("{indices:?}"));
                Ok(())
            }),
        );
        store.data_mut().inner = instance.get_func(&mut store, "inner");
        let outer = instance.get_func(&mut store, "outer").unwrap();
        outer.call(&mut store, &[Val::I64(1); 600], &mut []).unwrap();
        assert_eq!(store.data().log, ["[4, 3, 5]", "[4, 3, 5]"], "{config:?}");
    }
}

/// A trap within a hook that handles a trap has a backtrace of its own.
#[test]
fn a_trap_in_the_hook_of_a_trap_takes_no_backtrace() {
    const GUEST: &str = r#"(module
        (func $deep unreachable)
        (func (export "trap") (call $deep))
        (func (export "inner") unreachable))"#;
    for config in configs() {
        let mut store = store(&config);
        let module = module(store.engine(), GUEST);
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        store.data_mut().inner = instance.get_func(&mut store, "inner");
        store.attach(
            Filter::new(),
            On::<TRAPS>(|mut store, _| {
                let inner = store.data().inner.unwrap();
                let error = inner.call(&mut store, &[], &mut []).unwrap_err();
                let frames = error.downcast_ref::<WasmBacktrace>().unwrap().frames();
                // The trapped guest waits for the guest that the hook calls.
                assert!(Vec::from_iter(frames.iter().map(FrameInfo::func_index)) == [2, 0, 1]);
                Ok(())
            }),
        );
        let trap = instance.get_func(&mut store, "trap").unwrap();
        let error = trap.call(&mut store, &[], &mut []).unwrap_err();
        let frames = error.downcast_ref::<WasmBacktrace>().unwrap().frames();
        let indices: Vec<_> = frames.iter().map(FrameInfo::func_index).collect();
        assert_eq!(indices, [0, 1], "{config:?}");
    }
}

/// The callee's locals do not exist yet at a stack overflow.
#[test]
fn a_function_without_room_has_no_locals() {
    let locals = "i64 ".repeat(4000);
    let guest = format!(
        r#"(module (func $f (export "f") (param i64) (local funcref {locals})
            (call $f (local.get 0))))"#
    );
    for config in configs() {
        let mut store = store(&config);
        let module = module(store.engine(), &guest);
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        store.attach(Filter::new(), On::<FUNCS>(|_, _| Ok(())));
        store.attach(
            Filter::new(),
            On::<TRAPS>(|mut store, _| {
                let frame = store.frame().unwrap();
                let error = frame.locals(&store).unwrap_err();
                store.data_mut().log.push(error.to_string());
                let caller = frame.caller(&store)?.unwrap();
                assert!(caller.local(&store, 0)?.unwrap_i64() == 3);
                Ok(())
            }),
        );
        let f = instance.get_typed_func::<i64, ()>(&mut store, "f").unwrap();
        let error = f.call(&mut store, 3).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Trap::StackOverflow));
        let expected = "the function has no locals yet: the stack has overflowed at its entry";
        assert_eq!(store.data().log, [expected], "{config:?}");
    }
}

struct Refuses;

impl ResourceLimiter for Refuses {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        match desired {
            0x10000 => Ok(true),
            0x20000 => Ok(false),
            0x30000 => bail!("no"),
            _ => panic!("on purpose"),
        }
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool> {
        Ok(true)
    }
}

/// An instance that could not be completed leaves nothing in the store.
#[test]
fn an_instance_is_whole_or_is_not_there() {
    for pages in [2, 3, 4] {
        let guest = format!(
            r#"(module (memory 1) (memory {pages}) (table 3 funcref)
                (global $g (mut i64) (i64.const 5))
                (func (export "g") (result i64) (global.get $g)))"#
        );
        let engine = Engine::default();
        let bad = module(&engine, &guest);
        let good = module(
            &engine,
            r#"(module (memory 1) (func (export "g") (result i64)
            (i64.load (i32.const 0))))"#,
        );
        let mut store = Store::new(&engine, Refuses);
        store.limiter(|limiter| limiter);
        let first = Instance::new(&mut store, &good, &[]).unwrap();
        for _ in 0..3 {
            let made = catch_unwind(AssertUnwindSafe(|| Instance::new(&mut store, &bad, &[])));
            assert!(made.is_err() || made.is_ok_and(|made| made.is_err()));
            assert_eq!(store.debug_all_instances().len(), 1);
        }
        let second = Instance::new(&mut store, &good, &[]).unwrap();
        assert_eq!(store.debug_all_instances().len(), 2);
        for instance in [first, second] {
            let g = instance.get_typed_func::<(), i64>(&mut store, "g").unwrap();
            assert_eq!(g.call(&mut store, ()).unwrap(), 0);
        }
    }
}

/// The results of an early return are not in the frame while hooks may write to the frame.
#[test]
fn a_write_after_an_early_return_leaves_its_results() {
    const GUEST: &str = r#"(module
        (func (export "f") (param i64) (result funcref) (ref.func 0)))"#;
    for config in configs() {
        let mut store = store(&config);
        let module = module(store.engine(), GUEST);
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        store.attach(
            Filter::new(),
            On::<FUNCS>(|mut store, event| {
                if let Event::FuncEnter(_) = event {
                    let frame = store.frame().unwrap();
                    frame.return_early(&mut store, &[Val::FuncRef(None)])?;
                    frame.set_local(&mut store, 0, Val::I64(0x1234_5678))?;
                }
                Ok(())
            }),
        );
        let f = instance.get_typed_func::<i64, Option<Func>>(&mut store, "f").unwrap();
        assert!(f.call(&mut store, 1).unwrap().is_none(), "{config:?}");
    }
}

/// A hook that leaks a call leaves no trace of the call to later hooks.
#[test]
fn a_call_that_a_hook_leaks_is_over() {
    for config in configs() {
        let (mut store, f) = called(&config);
        for _ in 0..2 {
            store.attach(
                Filter::new(),
                On::<FUNCS>(|mut store, event| {
                    if let Event::FuncEnter(args) = event {
                        let frame = store.frame().unwrap();
                        assert_eq!(frame.local(&store, 0)?.unwrap_i32(), 21);
                        assert_eq!(args.get(0).unwrap().unwrap_i32(), 21);
                        let never = Func::wrap_async(&mut store, |_, (): ()| Box::new(Never));
                        let mut call = Box::pin(never.call_async(&mut store, &[], &mut []));
                        let polled = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                        assert!(polled.is_pending());
                        std::mem::forget(call);
                    }
                    Ok(())
                }),
            );
        }
        assert_eq!(f.call(&mut store, 21).unwrap(), 42, "{config:?}");
    }
}

/// How a hook that leaks calls ends.
#[derive(Clone, Copy, Debug)]
enum Then {
    GoesOn,
    Fails,
    ReturnsEarly,
    Panics,
}

/// Leaks so many calls at each function's entry.
struct Leaks(u32, Then);

impl Hook<Data> for Leaks {
    const EVENTS: Events = Events::FUNCS;

    fn event(&mut self, mut store: StoreContextMut<'_, Data>, event: Event<'_>) -> Result<()> {
        let Event::FuncEnter(_) = event else { return Ok(()) };
        if let Then::ReturnsEarly = self.1 {
            store.frame().unwrap().return_early(&mut store, &[Val::I32(7)])?;
        }
        for _ in 0..self.0 {
            let never = Func::wrap_async(&mut store, |_, (): ()| Box::new(Never));
            let mut call = Box::pin(never.call_async(&mut store, &[], &mut []));
            assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            std::mem::forget(call);
        }
        match self.1 {
            Then::GoesOn | Then::ReturnsEarly => Ok(()),
            Then::Fails => bail!("the hook fails"),
            Then::Panics => panic!("the hook panics"),
        }
    }
}

/// However a hook ends, the calls that it has leaked are over, and the guest does what the hook
/// asks for.
#[test]
fn leaked_calls_are_over_however_a_hook_ends() {
    for config in configs() {
        for (calls, then) in [0, 1, 2].into_iter().flat_map(|calls| {
            [Then::GoesOn, Then::Fails, Then::ReturnsEarly, Then::Panics].map(|then| (calls, then))
        }) {
            let (mut store, f) = called(&config);
            let hook = store.attach(Filter::new(), Leaks(calls, then));
            let ended = catch_unwind(AssertUnwindSafe(|| f.call(&mut store, 21)));
            let what = match ended {
                Ok(Ok(result)) => result.to_string(),
                Ok(Err(error)) => error.root_cause().to_string(),
                Err(_) => "a panic".to_owned(),
            };
            let expected = match then {
                Then::GoesOn => "42",
                Then::Fails => "the hook fails",
                Then::ReturnsEarly => "7",
                Then::Panics => "a panic",
            };
            assert_eq!(what, expected, "{config:?}, {calls} calls, {then:?}");
            store.detach(hook).unwrap();
            assert_eq!(f.call(&mut store, 21).unwrap(), 42, "{config:?}, {calls} calls, {then:?}");
        }
    }
}
