//! Asynchronous host functions, and calls that wait for them.

mod common;

use burdock::*;
use common::{configs, full, module};
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// Polls a future until it is done; how often it had to wait.
fn block_on<F: Future>(future: F) -> (F::Output, usize) {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for waits in 0..1000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return (output, waits);
        }
    }
    panic!("it waits for ever");
}

/// Is ready when it is polled for the second time.
#[derive(Default)]
struct Later(bool);

impl Future for Later {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if core::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

const GUEST: &str = r#"(module $guest
    (import "host" "later" (func $later (param i32 f64) (result i32)))
    (import "host" "fail" (func $fail))
    (import "host" "call" (func $call))
    (memory (export "memory") 1)
    (func (export "sum") (param i32) (result i32) (local i32)
        (loop $again
            (local.set 1 (i32.add (local.get 1) (call $later (local.get 0) (f64.const 0.5))))
            (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (local.get 1))
    (func $inner (call $fail))
    (func $outer (export "fail") (call $inner))
    (func (export "call") (call $call)))"#;

fn linker(engine: &Engine) -> Linker<Vec<i32>> {
    let mut linker = Linker::<Vec<i32>>::new(engine);
    linker
        .func_wrap_async("host", "later", |mut caller, (a, b): (i32, f64)| {
            Box::new(async move {
                Later::default().await;
                caller.data_mut().push(a);
                let memory = caller.get_export("memory").unwrap().into_memory().unwrap();
                memory.write(&mut caller, 0, &[a as u8])?;
                Ok::<i32, Error>(a + (2.0 * b) as i32)
            })
        })
        .unwrap();
    let none = FuncType::new(engine, [], []);
    linker
        .func_new_async("host", "fail", none, |_, _, _| {
            Box::new(async {
                Later::default().await;
                bail!("no such page")
            })
        })
        .unwrap();
    linker
        .func_wrap_async("host", "call", |mut caller, (): ()| {
            Box::new(async move {
                let Some(Extern::Func(sum)) = caller.get_export("sum") else {
                    bail!("no such export")
                };
                let sum = sum.typed::<i32, i32>(&caller)?;
                let result = sum.call_async(&mut caller, 2).await?;
                caller.data_mut().push(100 + result);
                Ok(())
            })
        })
        .unwrap();
    linker
}

fn guest(config: &Config) -> (Store<Vec<i32>>, Instance) {
    let engine = Engine::new(config).unwrap();
    let mut store = Store::new(&engine, Vec::new());
    let module = module(&engine, GUEST);
    let instance = linker(&engine).instantiate(&mut store, &module).unwrap();
    (store, instance)
}

#[test]
fn a_call_waits_for_host_functions() {
    for config in configs() {
        let (mut store, instance) = guest(&config);
        let sum = instance.get_typed_func::<i32, i32>(&mut store, "sum").unwrap();
        let (result, waits) = block_on(sum.call_async(&mut store, 3));
        assert_eq!((result.unwrap(), waits), (9, 3), "{config:?}");
        assert_eq!(*store.data(), [3, 2, 1]);
        let memory = instance.get_memory(&mut store, "memory").unwrap();
        assert_eq!(memory.data(&store)[0], 1);
        // Without static types, too.
        let mut results = [Val::I32(0)];
        let call = sum.func().call_async(&mut store, &[Val::I32(1)], &mut results);
        block_on(call).0.unwrap();
        assert_eq!(results[0].unwrap_i32(), 2);
    }
}

#[test]
fn a_host_function_may_wait_for_a_guest_that_waits() {
    let (mut store, instance) = guest(&Config::new());
    let call = instance.get_typed_func::<(), ()>(&mut store, "call").unwrap();
    let (result, waits) = block_on(call.call_async(&mut store, ()));
    result.unwrap();
    assert_eq!((&**store.data(), waits), (&[2, 1, 105][..], 2));
}

#[test]
fn an_error_has_the_guests_frames() {
    let (mut store, instance) = guest(&Config::new());
    let fail = instance.get_typed_func::<(), ()>(&mut store, "fail").unwrap();
    let error = block_on(fail.call_async(&mut store, ())).0.unwrap_err();
    assert_eq!(error.root_cause().to_string(), "no such page");
    let frames = error.downcast_ref::<WasmBacktrace>().unwrap().frames();
    let names: Vec<_> = frames.iter().map(|frame| frame.func_name()).collect();
    assert_eq!(names, [Some("inner"), Some("outer")]);
}

#[test]
fn a_call_that_cannot_wait_says_so() {
    let (mut store, instance) = guest(&Config::new());
    let sum = instance.get_typed_func::<i32, i32>(&mut store, "sum").unwrap();
    let error = sum.call(&mut store, 1).unwrap_err();
    let expected = "an asynchronous host function was called by a call that can't wait for it";
    assert_eq!(error.root_cause().to_string(), expected);
    assert!(full(&error).contains(expected));
}

#[test]
fn a_call_within_a_call_that_cannot_wait_says_so_too() {
    let engine = Engine::default();
    let wat = r#"(module (import "host" "sync" (func $sync (result i64)))
        (func (export "run") (result i64) (call $sync)))"#;
    let mut store = Store::new(&engine, Vec::new());
    let guest = linker(&engine).instantiate(&mut store, &module(&engine, GUEST)).unwrap();
    let sum = guest.get_typed_func::<i32, i32>(&mut store, "sum").unwrap();
    let sync = Func::wrap(&mut store, move |mut caller: Caller<'_, Vec<i32>>| -> Result<i64> {
        Ok(sum.call(&mut caller, 1)?.into())
    });
    let instance = Instance::new(&mut store, &module(&engine, wat), &[sync.into()]).unwrap();
    let run = instance.get_typed_func::<(), i64>(&mut store, "run").unwrap();
    let sync = sync.typed::<(), i64>(&store).unwrap();
    for func in [run, sync] {
        let error = block_on(func.call_async(&mut store, ())).0.unwrap_err();
        assert!(full(&error).contains("can't wait for it"), "{error:?}");
    }
    assert!(store.data().is_empty());
}

#[test]
fn a_call_may_be_given_up() {
    let (mut store, instance) = guest(&Config::new());
    let sum = instance.get_typed_func::<i32, i32>(&mut store, "sum").unwrap();
    for _ in 0..3 {
        let mut call = Box::pin(sum.call_async(&mut store, 3));
        let mut context = Context::from_waker(Waker::noop());
        assert!(call.as_mut().poll(&mut context).is_pending());
        assert!(call.as_mut().poll(&mut context).is_pending());
    }
    let (result, _) = block_on(sum.call_async(&mut store, 1));
    assert_eq!(result.unwrap(), 2);
    assert_eq!(*store.data(), [3, 3, 3, 1]);
}

#[test]
fn a_start_function_may_wait() {
    let engine = Engine::default();
    let wat = r#"(module (import "host" "later" (func $later (param i32 f64) (result i32)))
        (memory (export "memory") 1)
        (func $start (drop (call $later (i32.const 7) (f64.const 0))))
        (start $start))"#;
    let module = module(&engine, wat);
    let mut store = Store::new(&engine, Vec::new());
    let linker = linker(&engine);
    block_on(linker.instantiate_async(&mut store, &module)).0.unwrap();
    assert_eq!(*store.data(), [7]);
    let pre = linker.instantiate_pre(&module).unwrap();
    block_on(pre.instantiate_async(&mut store)).0.unwrap();
    assert_eq!(*store.data(), [7, 7]);
    let error = linker.instantiate(&mut store, &module).unwrap_err();
    assert!(full(&error).contains("can't wait for it"), "{error:?}");
}

#[test]
fn a_host_function_is_called_without_a_guest() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, 1);
    let func = Func::wrap_async(&mut store, |mut caller: Caller<'_, i32>, (by,): (i32,)| {
        Box::new(async move {
            Later::default().await;
            assert!(caller.get_export("memory").is_none());
            *caller.data_mut() *= by;
            *caller.data()
        })
    });
    let ty = FuncType::new(&engine, [ValType::I32], [ValType::I64]);
    let wrong = Func::new_async(&mut store, ty, |_, params, results| {
        Box::new(async move {
            results[0] = params[0];
            Ok(())
        })
    });
    let func = func.typed::<i32, i32>(&store).unwrap();
    assert_eq!(block_on(func.call_async(&mut store, 5)).0.unwrap(), 5);
    let mut results = [Val::I64(0)];
    let call = wrong.call_async(&mut store, &[Val::I32(1)], &mut results);
    let error = block_on(call).0.unwrap_err();
    assert!(full(&error).contains("incompatible value"), "{error:?}");
}

#[test]
fn fuel_runs_out_in_a_call_that_waits() {
    let mut config = Config::new();
    config.consume_fuel(true);
    let (mut store, instance) = guest(&config);
    let sum = instance.get_typed_func::<i32, i32>(&mut store, "sum").unwrap();
    store.set_fuel(30).unwrap();
    let error = block_on(sum.call_async(&mut store, 9)).0.unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel));
    assert!(error.is::<WasmBacktrace>());
    assert_eq!(store.get_fuel().unwrap(), 0);
}

#[test]
fn calls_can_be_sent_to_other_threads() {
    fn is_send<T: Send>(_: &T) {}
    let (mut store, instance) = guest(&Config::new());
    let sum = instance.get_typed_func::<i32, i32>(&mut store, "sum").unwrap();
    is_send(&sum.call_async(&mut store, 3));
    is_send(&sum.func().call_async(&mut store, &[], &mut []));
}
