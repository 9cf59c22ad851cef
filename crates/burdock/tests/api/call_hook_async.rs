//! Asynchronous call hooks: the order of their events, which is that of other call hooks, and the
//! calls that wait for them.

use crate::common::{Later, block_on, configs, full, module};
use burdock::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

#[derive(Default)]
struct Data {
    log: Vec<String>,
    /// The number of transitions that the hook lets pass before its error.
    left: Option<usize>,
    /// The hook's other work.
    deed: Option<Deed>,
    inner: Option<Func>,
}

/// The work of a hook beside logging.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Deed {
    CollectGarbage,
    CallGuest,
    LeakCall,
    Panic,
}

fn note(store: &mut StoreContextMut<'_, Data>, event: CallHook) -> Result<()> {
    let frames = WasmBacktrace::force_capture(&*store).frames().len();
    let data = store.data_mut();
    data.log.push(format!("{event:?} {frames}"));
    if let Some(left) = &mut data.left {
        ensure!(*left > 0, "no more: {event:?}");
        *left -= 1;
    }
    Ok(())
}

/// Logs transitions, before and after waiting.
struct Log(usize);

impl Log {
    async fn handle(&self, mut store: StoreHookState<'_, Data>, event: CallHook) -> Result<()> {
        for _ in 0..self.0 {
            Later::default().await;
        }
        match store.data().deed {
            Some(Deed::CollectGarbage) => store.gc(None)?,
            Some(Deed::CallGuest) => {
                let inner = store.data().inner.unwrap();
                inner.call_async(&mut store, &[], &mut []).await?;
            }
            Some(Deed::LeakCall) => {
                let never =
                    Func::wrap_async(
                        &mut store,
                        |_, (): ()| Box::new(std::future::pending::<()>()),
                    );
                let mut call = Box::pin(never.call_async(&mut store, &[], &mut []));
                assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
                std::mem::forget(call);
            }
            Some(Deed::Panic) => panic!("on purpose"),
            None => {}
        }
        note(&mut store, event)?;
        for _ in 0..self.0 {
            Later::default().await;
        }
        Ok(())
    }
}

impl CallHookHandler<Data> for Log {
    fn handle_call_event<'a, 'b, 'async_trait>(
        &'a self,
        store: StoreHookState<'b, Data>,
        event: CallHook,
    ) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'async_trait>>
    where
        'a: 'async_trait,
        'b: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(self.handle(store, event))
    }
}

const GUEST: &str = r#"(module
    (import "host" "sync" (func $sync (param i32 f64) (result i32)))
    (import "host" "later" (func $later (param i32) (result f64)))
    (import "host" "untyped" (func $untyped (param v128) (result i64 i64 i64 i64 i64)))
    (import "host" "fail" (func $fail (param i32)))
    (import "host" "again" (func $again (param i32)))
    (import "host" "same" (func $same (param externref) (result externref)))
    (import "host" "throw" (func $throw))
    (func (export "inner"))
    (func (export "none"))
    (func (export "calls") (result i32) (local i32)
        (loop $more
            (local.set 0 (i32.add (local.get 0)
                (call $sync (i32.const 3) (f64.convert_i32_s (local.get 0)))))
            (local.set 0 (i32.add (local.get 0)
                (i32.trunc_f64_s (call $later (local.get 0)))))
            (br_if $more (i32.lt_s (local.get 0) (i32.const 30))))
        (local.get 0))
    (func (export "untyped") (result i64)
        (call $untyped (v128.const i64x2 7 9))
        (i64.add) (i64.add) (i64.add) (i64.add))
    (func (export "tail") (result i32) (return_call $sync (i32.const 1) (f64.const 2)))
    (func (export "trap") (call $fail (i32.const 0)) (unreachable))
    (func (export "fail") (call $fail (i32.const 1)))
    (func $go (export "go") (param i32)
        (if (local.get 0) (then (call $again (local.get 0)))))
    (func (export "nested") (call $go (i32.const 2)))
    (func (export "throw") (result i32)
        (block $caught (try_table (catch_all $caught) (call $throw))) (i32.const 6))
    (func (export "same") (param externref) (result externref) (call $same (local.get 0))))"#;

fn linker(engine: &Engine) -> Linker<Data> {
    let mut linker = Linker::<Data>::new(engine);
    linker
        .func_wrap("host", "sync", |mut caller: Caller<'_, Data>, a: i32, b: f64| {
            caller.data_mut().log.push("sync".into());
            a + b as i32
        })
        .unwrap();
    linker
        .func_wrap_async("host", "later", |mut caller: Caller<'_, Data>, (a,): (i32,)| {
            Box::new(async move {
                caller.data_mut().log.push("later".into());
                Later::default().await;
                f64::from(a)
            })
        })
        .unwrap();
    let ty = FuncType::new(engine, [ValType::V128], vec![ValType::I64; 5]);
    linker
        .func_new_async("host", "untyped", ty, |_, params, results| {
            Box::new(async move {
                Later::default().await;
                let sum = params[0].unwrap_v128().as_u128() as i64;
                results.fill(Val::I64(sum));
                Ok(())
            })
        })
        .unwrap();
    let fail = |fails: i32| if fails == 1 { bail!("it failed") } else { Ok(()) };
    linker.func_wrap("host", "fail", fail).unwrap();
    linker
        .func_wrap_async("host", "again", |mut caller: Caller<'_, Data>, (n,): (i32,)| {
            Box::new(async move {
                let go = caller.get_export("go").and_then(Extern::into_func).unwrap();
                go.typed::<i32, ()>(&caller)?.call_async(&mut caller, n - 1).await
            })
        })
        .unwrap();
    linker.func_wrap("host", "same", |it: Option<Rooted<ExternRef>>| it).unwrap();
    linker
        .func_wrap("host", "throw", |mut caller: Caller<'_, Data>| -> Result<()> {
            let ty = FuncType::new(caller.engine(), [], []);
            let tag = Tag::new(&mut caller, &TagType::new(ty.clone()))?;
            let ty = ExnType::from_tag_type(&tag.ty(&caller))?;
            let pre = ExnRefPre::new(&mut caller, ty);
            let exn = ExnRef::new(&mut caller, &pre, &tag, &[])?;
            caller.as_context_mut().throw(exn)
        })
        .unwrap();
    linker
}

/// A store with no hook yet, and an instance.
fn guest(config: &Config) -> (Store<Data>, Instance) {
    let engine = Engine::new(config).unwrap();
    let mut store = Store::new(&engine, Data::default());
    let instance = linker(&engine).instantiate(&mut store, &module(&engine, GUEST)).unwrap();
    store.data_mut().inner = instance.get_func(&store, "inner");
    (store, instance)
}

const CALLS: [&str; 8] = ["none", "calls", "untyped", "tail", "trap", "fail", "nested", "throw"];

/// Calls an export; its results or its error, and the log.
fn run(store: &mut Store<Data>, instance: &Instance, name: &str) -> (String, Vec<String>) {
    store.data_mut().log.clear();
    let func = instance.get_func(&*store, name).unwrap();
    let mut results = vec![Val::I32(0); func.ty(&*store).results().len()];
    let result = match block_on(func.call_async(&mut *store, &[], &mut results)).0 {
        Ok(()) => format!("{results:?}"),
        Err(error) => full(&error),
    };
    (result, std::mem::take(&mut store.data_mut().log))
}

/// The store of a scenario, first with a hook that does not wait and then with one that does.
fn pair(config: &Config) -> [(Store<Data>, Instance); 2] {
    let (mut plain, instance) = guest(config);
    plain.call_hook(|mut store, event| note(&mut store, event));
    let (mut waiting, other) = guest(config);
    waiting.call_hook_async(Log(1));
    [(plain, instance), (waiting, other)]
}

#[test]
fn events_are_those_of_other_hooks() {
    for config in configs() {
        let [(mut plain, instance), (mut waiting, other)] = pair(&config);
        for name in CALLS {
            let expected = run(&mut plain, &instance, name);
            assert!(expected.1.len() >= 2);
            assert_eq!(run(&mut waiting, &other, name), expected, "{name} {config:?}");
        }
    }
}

#[test]
fn errors_have_the_effects_of_other_hooks() {
    for config in configs() {
        let [(mut plain, instance), (mut waiting, other)] = pair(&config);
        for name in CALLS {
            for left in 0..30 {
                (plain.data_mut().left, waiting.data_mut().left) = (Some(left), Some(left));
                let expected = run(&mut plain, &instance, name);
                assert_eq!(run(&mut waiting, &other, name), expected, "{name} {left} {config:?}");
                if plain.data().left > Some(0) {
                    break;
                }
            }
        }
    }
}

#[test]
fn host_functions_are_called_without_a_guest() {
    let [(mut plain, _), (mut waiting, _)] = pair(&Config::new());
    let mut logs = Vec::new();
    for store in [&mut plain, &mut waiting] {
        let engine = store.engine().clone();
        let call = |store: &mut Store<Data>, name: &str| {
            let func = linker(&engine).get(&mut *store, "host", name).unwrap().into_func().unwrap();
            let mut results = [Val::I32(0)];
            let params = [Val::I32(3), Val::F64(4f64.to_bits())];
            let params = &params[..if name == "sync" { 2 } else { 1 }];
            block_on(func.call_async(&mut *store, params, &mut results)).0.unwrap();
            store.data_mut().log.push(format!("{results:?}"));
        };
        call(store, "sync");
        call(store, "later");
        logs.push(std::mem::take(&mut store.data_mut().log));
    }
    assert_eq!(logs[0], logs[1]);
    assert_eq!(logs[0].len(), 12);
}

#[test]
fn start_functions_have_events() {
    let wat = r#"(module (import "host" "later" (func $later (param i32) (result f64)))
        (func $start (drop (call $later (i32.const 1)))) (start $start))"#;
    let [(mut plain, _), (mut waiting, _)] = pair(&Config::new());
    let logs = [&mut plain, &mut waiting].map(|store| {
        let engine = store.engine().clone();
        let linker = linker(&engine);
        block_on(linker.instantiate_async(&mut *store, &module(&engine, wat))).0.unwrap();
        std::mem::take(&mut store.data_mut().log)
    });
    assert_eq!(logs[0], logs[1]);
    let expected =
        ["CallingWasm 0", "CallingHost 1", "later", "ReturningFromHost 1", "ReturningFromWasm 0"];
    assert_eq!(logs[0], expected);
}

#[test]
fn a_yield_is_between_two_events() {
    for mut config in configs() {
        config.epoch_interruption(true);
        let [plain, waiting] = pair(&config);
        let logs = [plain, waiting].map(|(mut store, instance)| {
            let mut looks = 0;
            store.epoch_deadline_callback(move |_| {
                looks += 1;
                Ok(match looks {
                    1 => UpdateDeadline::Yield(0),
                    2 => UpdateDeadline::YieldCustom(5, Box::pin(Later::default())),
                    _ => UpdateDeadline::Interrupt,
                })
            });
            run(&mut store, &instance, "calls")
        });
        assert_eq!(logs[0], logs[1], "{config:?}");
        assert_eq!(logs[0].1[..3], ["CallingWasm 0", "CallingHost 1", "ReturningFromHost 1"]);
    }
}

#[test]
fn a_hook_may_do_what_it_likes() {
    for config in configs() {
        for deed in [Deed::CollectGarbage, Deed::CallGuest, Deed::LeakCall] {
            let [(mut plain, instance), (mut waiting, other)] = pair(&config);
            waiting.data_mut().deed = Some(deed);
            for name in CALLS {
                let expected = run(&mut plain, &instance, name);
                let found = run(&mut waiting, &other, name);
                assert_eq!(found, expected, "{name} {deed:?} {config:?}");
            }
            // References live while they are nowhere but in the call.
            let same = other.get_func(&waiting, "same").unwrap();
            for number in 0..3 {
                let mut scope = RootScope::new(&mut waiting);
                let it = ExternRef::new(&mut scope, number).unwrap();
                let mut results = [Val::I32(0)];
                let params = [it.into()];
                block_on(same.call_async(&mut scope, &params, &mut results)).0.unwrap();
                let it = results[0].unwrap_externref().unwrap();
                assert_eq!(it.data(&scope).unwrap().unwrap().downcast_ref(), Some(&number));
            }
        }
    }
}

#[test]
fn a_call_may_be_given_up_at_every_wait() {
    for config in configs() {
        let [(mut plain, instance), (mut waiting, other)] = pair(&config);
        for name in CALLS {
            let expected = run(&mut plain, &instance, name);
            let func = other.get_func(&waiting, name).unwrap();
            let mut results = vec![Val::I32(0); func.ty(&waiting).results().len()];
            let mut polls = 0;
            loop {
                polls += 1;
                let mut call = Box::pin(func.call_async(&mut waiting, &[], &mut results));
                let mut context = Context::from_waker(Waker::noop());
                let polled: Vec<_> = (0..polls)
                    .map(|_| call.as_mut().poll(&mut context))
                    .take_while(Poll::is_pending)
                    .collect();
                drop(call);
                assert_eq!(waiting.as_context_mut().debug_exit_frames().count(), 0);
                let found = run(&mut waiting, &other, name);
                assert_eq!(found, expected, "{name} after {polls} polls, {config:?}");
                if polled.len() < polls {
                    break;
                }
            }
            assert!(polls > 4, "{name}");
        }
    }
}

#[test]
fn a_hook_that_panics_leaves_the_store_as_it_was() {
    let [(mut plain, instance), (mut waiting, other)] = pair(&Config::new());
    for name in CALLS {
        let expected = run(&mut plain, &instance, name);
        waiting.data_mut().deed = Some(Deed::Panic);
        let caught = catch_unwind(AssertUnwindSafe(|| run(&mut waiting, &other, name)));
        assert!(caught.is_err());
        waiting.data_mut().deed = None;
        assert_eq!(run(&mut waiting, &other, name), expected, "{name}");
    }
}

/// Calls nest as deep as the store allows, and no deeper.
#[test]
fn endless_recursion_ends() {
    let [(mut plain, instance), (mut waiting, other)] = pair(&Config::new());
    let results = [(&mut plain, instance), (&mut waiting, other)].map(|(store, instance)| {
        let go = instance.get_typed_func::<i32, ()>(&*store, "go").unwrap();
        let mut call = Box::pin(go.call_async(&mut *store, 1000));
        let mut context = Context::from_waker(Waker::noop());
        let mut polled = call.as_mut().poll(&mut context);
        while polled.is_pending() {
            polled = call.as_mut().poll(&mut context);
        }
        drop(call);
        let Poll::Ready(Err(error)) = polled else { panic!("it has ended") };
        assert_eq!(error.downcast_ref(), Some(&Trap::StackOverflow));
        std::mem::take(&mut store.data_mut().log)
    });
    assert!(results[0].len() > 100);
    assert_eq!(results[0], results[1]);
}

/// An attached hook.
struct Attached;

impl Hook<Data> for Attached {
    const EVENTS: Events = Events::CALLS;

    fn event(&mut self, mut store: StoreContextMut<'_, Data>, event: Event<'_>) -> Result<()> {
        store.data_mut().log.push(format!("attached {event:?}"));
        Ok(())
    }
}

#[test]
fn attached_hooks_are_called_behind_it() {
    for first in [true, false] {
        let (mut store, instance) = guest(&Config::new());
        if first {
            store.attach(Filter::new(), Attached);
        }
        store.call_hook_async(Log(1));
        if !first {
            store.attach(Filter::new(), Attached);
        }
        let expected = [
            "CallingWasm 0",
            "attached CallingWasm",
            "CallingHost 1",
            "attached CallingHost",
            "sync",
            "ReturningFromHost 1",
            "attached ReturningFromHost",
            "ReturningFromWasm 0",
            "attached ReturningFromWasm",
        ];
        assert_eq!(run(&mut store, &instance, "tail").1, expected);
    }
}

#[test]
fn functions_that_do_not_wait_fail() {
    let (mut store, instance) = guest(&Config::new());
    store.call_hook_async(Log(0));
    let call = "store configuration requires that `*_async` functions are used instead";
    let func = instance.get_func(&store, "none").unwrap();
    let module = module(store.engine(), "(module)");
    let check = |store: &mut Store<Data>| {
        let errors = [
            func.call(&mut *store, &[], &mut []).unwrap_err(),
            func.call_resumable(&mut *store, &[], &mut []).map(drop).unwrap_err(),
            Instance::new(&mut *store, &module, &[]).unwrap_err(),
        ];
        assert!(errors.iter().all(|error| full(error) == call), "{errors:?}");
    };
    check(&mut store);
    assert!(store.data().log.is_empty());
    // Hooks that are attached, or that replace the first one, change nothing about that.
    store.attach(Filter::new(), Attached);
    check(&mut store);
    store.call_hook(|mut store, event| note(&mut store, event));
    check(&mut store);
    let (_, log) = run(&mut store, &instance, "none");
    let events = ["CallingWasm 0", "attached CallingWasm"];
    assert_eq!(log[..2], events);
    store.call_hook_async(Log(0));
    assert_eq!(run(&mut store, &instance, "none").1, log);
    store.set_hook(NoHook);
    let (_, log) = run(&mut store, &instance, "none");
    assert_eq!(log, ["attached CallingWasm", "attached ReturningFromWasm"]);
}
