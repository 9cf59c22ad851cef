//! Exceptions in a debugger: the events of what is thrown, and the debugger's answers.

use crate::common;
use burdock::*;

/// A debugger's notes, and what it does about the next exception.
#[derive(Default)]
struct Data {
    log: Vec<String>,
    then: Then,
    other: Option<Tag>,
}

#[derive(Clone, Copy, Default)]
enum Then {
    #[default]
    Continue,
    /// Takes the pending exception away.
    Take,
    /// Throws an exception of another tag instead.
    Replace,
    /// Ends the guest.
    End,
    /// Sets the first local of the innermost frame.
    SetLocal,
    /// Calls a guest that throws.
    CallGuest(Func),
}

#[derive(Clone)]
struct Notes;

impl DebugHandler for Notes {
    type Data = Data;

    fn handle(&self, _: StoreContextMut<'_, Data>, _: DebugEvent<'_>) {}

    fn try_handle(
        &self,
        mut store: StoreContextMut<'_, Data>,
        event: DebugEvent<'_>,
    ) -> Result<()> {
        let what = match &event {
            DebugEvent::Exception(exception) => {
                assert!(store.has_pending_exception());
                let exception = exception.to_rooted(&mut store);
                format!("exception {}", exception.field(&mut store, 0)?.unwrap_i32())
            }
            DebugEvent::UncaughtException(error) => {
                assert!(error.is::<ThrownException>());
                "uncaught".to_owned()
            }
            DebugEvent::HostcallError(error) => format!("error {error:#}"),
            other => format!("{other:?}"),
        };
        let line = format!("{what}: {}", frames(&mut store)?);
        store.data_mut().log.push(line);
        if !matches!(event, DebugEvent::Exception(_)) {
            return Ok(());
        }
        match std::mem::take(&mut store.data_mut().then) {
            Then::Continue => {}
            Then::Take => assert!(store.take_pending_exception().is_some()),
            Then::Replace => {
                let tag = store.data().other.unwrap();
                let error = throw::<()>(&mut store, tag, 77).unwrap_err();
                assert!(error.is::<ThrownException>());
            }
            Then::End => bail!("enough"),
            Then::SetLocal => {
                let frame = store.debug_exit_frames().next().unwrap();
                frame.frame().set_local(&mut store, 0, Val::I32(2))?;
            }
            Then::CallGuest(func) => {
                let pending = store.take_pending_exception().unwrap();
                assert!(func.call(&mut store, &[], &mut []).is_err());
                assert!(store.take_pending_exception().is_some());
                let error = store.throw::<()>(pending).unwrap_err();
                assert!(error.is::<ThrownException>());
            }
        }
        Ok(())
    }
}

/// Returns the frames of the innermost activation: function, place in it, and locals.
fn frames(store: &mut StoreContextMut<'_, Data>) -> Result<String> {
    let mut lines = Vec::new();
    let mut next = store.debug_exit_frames().next();
    while let Some(frame) = next {
        let (func, pc) = frame.wasm_function_index_and_pc(&mut *store)?.unwrap();
        let module = frame.module(&mut *store)?.unwrap();
        let place = pc.raw() - module.func_range(frame.frame().func_index()).unwrap().start;
        let mut locals = Vec::new();
        for local in 0..frame.num_locals(&mut *store)? {
            locals.push(frame.local(&mut *store, local)?.unwrap_i32().to_string());
        }
        lines.push(format!("{}+{place}({})", func.as_u32(), locals.join(" ")));
        next = frame.parent(&mut *store)?;
    }
    Ok(lines.join(" "))
}

fn throw<R>(store: &mut StoreContextMut<'_, Data>, tag: Tag, value: i32) -> Result<R> {
    let ty = ExnType::from_tag_type(&tag.ty(&*store))?;
    let pre = ExnRefPre::new(&mut *store, ty);
    let exception = ExnRef::new(&mut *store, &pre, &tag, &[Val::I32(value)])?;
    store.throw(exception)
}

const GUEST: &str = r#"(module
    (import "host" "throw" (func $host (param i32)))
    (import "host" "call" (func $call))
    (tag $e (export "e") (param i32))
    (tag $other (export "other") (param i32))
    ;; 0: throws its argument, with a local that is not an argument.
    (func $throw (param $x i32) (local $y i32)
        (local.set $y (i32.const 5))
        (throw $e (local.get $x)))
    ;; 1: catches in the function that throws, in a loop, whose locals are pinned.
    (func (export "here") (param $n i32) (result i32) (local $sum i32)
        (loop $more
            (block $caught (result i32)
                (try_table (catch $e $caught) (throw $e (local.get $n)))
                (unreachable))
            (local.set $sum (i32.add (local.get $sum)))
            (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum))
    ;; 2: catches what its callee throws.
    (func $caller (export "caller") (param $n i32) (result i32)
        (block $caught (result i32)
            (try_table (catch $e $caught) (call $throw (local.get $n)))
            (unreachable)))
    ;; 3: catches nothing.
    (func (export "uncaught") (param $n i32) (result i32)
        (call $throw (local.get $n)) (unreachable))
    ;; 4: catches, and throws again what it has caught.
    (func (export "again") (param $n i32) (result i32) (local $e i32)
        (block $caught (result i32)
            (try_table (catch $e $caught)
                (block $first (result exnref)
                    (try_table (catch_all_ref $first) (throw $e (local.get $n)))
                    (unreachable))
                (throw_ref))
            (unreachable)))
    ;; 5: catches what the host throws.
    (func (export "host") (param $n i32) (result i32)
        (block $caught (result i32)
            (try_table (catch $e $caught) (call $host (local.get $n)))
            (unreachable)))
    ;; 6: does not.
    (func (export "host uncaught") (param $n i32) (result i32)
        (call $host (local.get $n)) (unreachable))
    ;; 7: catches what leaves a call of a guest by the host.
    (func (export "nested") (param $n i32) (result i32)
        (block $caught (result i32)
            (try_table (catch $e $caught) (call $call))
            (unreachable)))
    ;; 8: catches another exception.
    (func (export "other of") (param $n i32) (result i32)
        (block $caught (result i32)
            (block $mine (result i32)
                (try_table (catch $other $caught) (catch $e $mine) (throw $e (local.get $n)))
                (unreachable))
            (return))
        (i32.add (i32.const 1000)))
    ;; 9: for the debugger and the host.
    (func (export "inner") (call $throw (i32.const 66))))"#;

/// A store with a debugger, if there is to be one, and an instance of the guest.
fn start(config: &Config, debugged: bool, is_async: bool) -> (Store<Data>, Instance) {
    let mut config = config.clone();
    config.guest_debug(true);
    let engine = Engine::new(&config).unwrap();
    let module = Module::new(&engine, GUEST).unwrap();
    let mut store = Store::new(&engine, Data::default());
    if debugged {
        store.set_debug_handler(Notes);
    }
    let throw_here = |mut caller: Caller<'_, Data>, value: i32| -> Result<()> {
        let tag = caller.get_export("e").and_then(Extern::into_tag).expect("a tag");
        throw(&mut caller.as_context_mut(), tag, value)
    };
    let mut linker = Linker::new(&engine);
    if is_async {
        linker
            .func_wrap_async("host", "throw", move |caller, (value,): (i32,)| {
                Box::new(async move {
                    common::Later::default().await;
                    throw_here(caller, value)
                })
            })
            .unwrap();
    } else {
        linker.func_wrap("host", "throw", throw_here).unwrap();
    }
    linker
        .func_wrap("host", "call", |mut caller: Caller<'_, Data>| -> Result<()> {
            let inner = caller.get_export("inner").and_then(Extern::into_func).expect("a func");
            inner.call(&mut caller, &[], &mut [])
        })
        .unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let other = instance.get_tag(&mut store, "other");
    store.data_mut().other = other;
    (store, instance)
}

/// Calls an export; returns the result or the exception's value, and the debugger's notes.
fn call(store: &mut Store<Data>, instance: Instance, name: &str, arg: i32) -> Vec<String> {
    let func = instance.get_typed_func::<i32, i32>(&mut *store, name).unwrap();
    let result = common::block_on(func.call_async(&mut *store, arg)).0;
    let last = match (result, store.take_pending_exception()) {
        (Ok(result), None) => format!("= {result}"),
        (Err(error), Some(exception)) => {
            assert!(error.is::<ThrownException>());
            format!("threw {}", exception.field(&mut *store, 0).unwrap().unwrap_i32())
        }
        (Err(error), None) => format!("failed: {}", error.root_cause()),
        (Ok(result), Some(_)) => panic!("{result}, and an exception is pending"),
    };
    let mut log = std::mem::take(&mut store.data_mut().log);
    log.push(last);
    log
}

fn check(name: &str, then: fn(&mut Store<Data>, Instance) -> Then, expected: &[&str]) {
    for config in common::configs() {
        for is_async in [false, true] {
            let (mut store, instance) = start(&config, true, is_async);
            store.data_mut().then = then(&mut store, instance);
            let found = call(&mut store, instance, name, 3);
            assert_eq!(found, expected, "{name}, async: {is_async}, {config:?}");
        }
    }
}

fn go_on(_: &mut Store<Data>, _: Instance) -> Then {
    Then::Continue
}

#[test]
fn every_exception_is_told_before_a_handler_is_searched() {
    let here = ["exception 3: 1+15(3 0)", "exception 2: 1+15(2 3)", "exception 1: 1+15(1 5)"];
    check("here", go_on, &[&here[..], &["= 6"]].concat());
    check("caller", go_on, &["exception 3: 0+9(3 5) 2+13(3)", "= 3"]);
    let (thrown, uncaught) = ("exception 3: 0+9(3 5) 3+5(3)", "uncaught: 0+9(3 5) 3+5(3)");
    check("uncaught", go_on, &[thrown, uncaught, "threw 3"]);
    check("again", go_on, &["exception 3: 4+20(3 0)", "exception 3: 4+25(3 0)", "= 3"]);
    check("host", go_on, &["exception 3: 5+13(3)", "= 3"]);
    check("host uncaught", go_on, &["exception 3: 6+5(3)", "uncaught: 6+5(3)", "threw 3"]);
}

/// An exception that leaves a guest is thrown again into the one outside, as in Wasmtime.
#[test]
fn an_exception_is_told_once_for_each_activation() {
    let inner = "0+9(66 5) 9+6()";
    let (told, uncaught) = (format!("exception 66: {inner}"), format!("uncaught: {inner}"));
    check("nested", go_on, &[&told, &uncaught, "exception 66: 7+11(3)", "= 66"]);
}

#[test]
fn a_debugger_decides_what_is_thrown() {
    let told = "exception 3: 0+9(3 5) 2+13(3)";
    let take = |_: &mut Store<Data>, _: Instance| Then::Take;
    let stopped = "error thrown Wasm exception: 0+9(3 5) 2+13(3)";
    check("caller", take, &[told, stopped, "failed: thrown Wasm exception"]);
    let replace = |_: &mut Store<Data>, _: Instance| Then::Replace;
    check("caller", replace, &[told, "uncaught: 0+9(3 5) 2+13(3)", "threw 77"]);
    check("other of", go_on, &["exception 3: 8+16(3)", "= 3"]);
    check("other of", replace, &["exception 3: 8+16(3)", "= 1077"]);
    check("host", replace, &["exception 3: 5+13(3)", "uncaught: 5+13(3)", "threw 77"]);
    let end = |_: &mut Store<Data>, _: Instance| Then::End;
    check("caller", end, &[told, "error enough: 0+9(3 5) 2+13(3)", "failed: enough"]);
    check("host", end, &["exception 3: 5+13(3)", "error enough: 5+13(3)", "failed: enough"]);
}

#[test]
fn a_debugger_changes_frames_and_calls_guests() {
    let set = |_: &mut Store<Data>, _: Instance| Then::SetLocal;
    // The guest goes on with the local that was set.
    check("here", set, &["exception 3: 1+15(3 0)", "exception 1: 1+15(1 3)", "= 4"]);
    let guest = |store: &mut Store<Data>, instance: Instance| {
        Then::CallGuest(instance.get_func(store, "inner").unwrap())
    };
    check("caller", guest, &["exception 3: 0+9(3 5) 2+13(3)", "= 3"]);
}

/// A debugger may come when the ways of exceptions are known, and go.
#[test]
fn a_debugger_comes_and_goes() {
    for config in common::configs() {
        let (mut store, instance) = start(&config, false, false);
        for _ in 0..5 {
            assert_eq!(call(&mut store, instance, "caller", 3), ["= 3"]);
        }
        store.set_debug_handler(Notes);
        let told = "exception 3: 0+9(3 5) 2+13(3)";
        for _ in 0..5 {
            assert_eq!(call(&mut store, instance, "caller", 3), [told, "= 3"]);
        }
        store.clear_debug_handler();
        for _ in 0..5 {
            assert_eq!(call(&mut store, instance, "caller", 3), ["= 3"]);
        }
    }
}
