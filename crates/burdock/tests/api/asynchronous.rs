//! Asynchronous host functions, and calls that wait for them.

use crate::common::{Later, block_on, configs, full, module};
use burdock::*;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Waker};

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
fn a_start_function_that_is_imported_has_its_instance_as_caller() {
    fn note(caller: &mut Caller<'_, Vec<i32>>, what: i32) {
        let memory = caller.get_export("memory").and_then(Extern::into_memory);
        let size = memory.map_or(-1, |memory| memory.size(&*caller) as i32);
        let frames = WasmBacktrace::force_capture(&*caller).frames().len() as i32;
        caller.data_mut().extend([what, size, frames]);
    }
    let wat = r#"(module (import "" "" (func $f)) (memory (export "memory") 3) (start $f))"#;
    for config in configs() {
        let engine = Engine::new(&config).unwrap();
        let (module, mut store) = (module(&engine, wat), Store::new(&engine, Vec::new()));
        let ty = FuncType::new(&engine, [], []);
        let funcs = [
            Func::wrap(&mut store, |mut caller: Caller<'_, _>| note(&mut caller, 0)),
            Func::new(&mut store, ty, |mut caller, _, _| {
                note(&mut caller, 1);
                Ok(())
            }),
            Func::wrap_async(&mut store, |mut caller: Caller<'_, _>, (): ()| {
                Box::new(async move {
                    Later::default().await;
                    note(&mut caller, 2);
                })
            }),
        ];
        for (number, func) in (0..).zip(funcs) {
            if number < 2 {
                Instance::new(&mut store, &module, &[func.into()]).unwrap();
            }
            block_on(Instance::new_async(&mut store, &module, &[func.into()])).0.unwrap();
            // The host itself is not an instance.
            block_on(func.call_async(&mut store, &[], &mut [])).0.unwrap();
        }
        let (inside, outside) = (|n| [n, 3, 0], |n| [n, -1, 0]);
        let expected = [
            [inside(0), inside(0), outside(0)].concat(),
            [inside(1), inside(1), outside(1)].concat(),
            [inside(2), outside(2)].concat(),
        ];
        assert_eq!(*store.data(), expected.concat());
    }
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

/// `spin` goes around a loop so often, `slow` fills so many bytes at once, `call` has the host call
/// `spin` without waiting.
const BUSY: &str = r#"(module
    (import "host" "call" (func $call (param i32) (result i32)))
    (memory 1)
    (func $spin (export "spin") (param i32) (result i32) (local i32)
        (loop $again
            (local.set 1 (i32.add (local.get 1) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get 1) (local.get 0))))
        (local.get 1))
    (func (export "slow") (param i32)
        (memory.fill (i32.const 0) (i32.const 1) (local.get 0)))
    (func (export "call") (param i32) (result i32)
        (i32.add (call $spin (local.get 0)) (call $call (local.get 0)))))"#;

fn busy(config: &Config) -> (Store<Vec<CallHook>>, Instance) {
    let engine = Engine::new(config).unwrap();
    let mut store = Store::new(&engine, Vec::new());
    let mut linker = Linker::new(&engine);
    let call = |mut caller: Caller<'_, _>, times: i32| {
        let spin = caller.get_export("spin").unwrap().into_func().unwrap();
        spin.typed::<i32, i32>(&caller)?.call(&mut caller, times)
    };
    linker.func_wrap("host", "call", call).unwrap();
    let instance = linker.instantiate(&mut store, &module(&engine, BUSY)).unwrap();
    (store, instance)
}

#[test]
fn a_guest_yields_whenever_it_has_used_up_an_interval_of_fuel() {
    for mut config in configs() {
        let (mut store, instance) = busy(config.consume_fuel(true));
        let spin = instance.get_typed_func::<i32, i32>(&mut store, "spin").unwrap();
        const FUEL: u64 = 1_000_000;
        store.set_fuel(FUEL).unwrap();
        assert_eq!(block_on(spin.call_async(&mut store, 1000)).0.unwrap(), 1000);
        let cost = FUEL - store.get_fuel().unwrap();
        for interval in [100, 1000, cost, FUEL] {
            store.set_fuel(FUEL).unwrap();
            store.fuel_async_yield_interval(Some(interval)).unwrap();
            assert_eq!(store.get_fuel().unwrap(), FUEL);
            let (result, waits) = block_on(spin.call_async(&mut store, 1000));
            assert_eq!(result.unwrap(), 1000);
            // An iteration costs 8. An iteration that begins with 1 left of a part of the fuel
            // exceeds the part by 7.
            let (least, most) = ((cost - 1) / (interval + 7), (cost - 1) / interval);
            assert!(least <= waits as u64 && waits as u64 <= most, "{waits}");
            assert_eq!(store.get_fuel().unwrap(), FUEL - cost, "every {interval}");
        }
        // A call that can't wait gets all of it, in one go or many.
        store.fuel_async_yield_interval(Some(100)).unwrap();
        store.set_fuel(cost).unwrap();
        assert_eq!(spin.call(&mut store, 1000).unwrap(), 1000);
        assert_eq!(store.get_fuel().unwrap(), 0);
        store.set_fuel(cost - 9).unwrap();
        let error = spin.call(&mut store, 1000).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel));
        assert_eq!(store.get_fuel().unwrap(), 0);
        store.set_fuel(cost - 9).unwrap();
        let error = block_on(spin.call_async(&mut store, 1000)).0.unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel));
        assert_eq!(store.get_fuel().unwrap(), 0);
        store.set_fuel(cost - 9).unwrap();
        let TypedResumableCall::OutOfFuel(call) = spin.call_resumable(&mut store, 1000).unwrap()
        else {
            panic!("it had enough fuel");
        };
        store.set_fuel(FUEL).unwrap();
        assert!(matches!(call.resume(&mut store), Ok(TypedResumableCall::Finished(1000))));
        // Without an interval nobody waits.
        store.fuel_async_yield_interval(None).unwrap();
        assert_eq!(block_on(spin.call_async(&mut store, 1000)).1, 0);
    }
}

#[test]
fn one_step_may_cost_more_than_the_interval() {
    let mut config = Config::new();
    let costs = OperatorCost { variable: VariableOperatorCost::new(), ..OperatorCost::new() };
    let (mut store, instance) = busy(config.consume_fuel(true).operator_cost(costs));
    let slow = instance.get_typed_func::<i32, ()>(&mut store, "slow").unwrap();
    store.fuel_async_yield_interval(Some(10)).unwrap();
    store.set_fuel(10_000).unwrap();
    let (result, waits) = block_on(slow.call_async(&mut store, 5000));
    result.unwrap();
    assert_eq!((waits, store.get_fuel().unwrap()), (1, 10_000 - 5000 - 5));
}

/// A host function that decides how its guest yields.
#[test]
fn a_host_function_may_let_its_guest_yield() {
    let mut config = Config::new();
    let engine = Engine::new(config.consume_fuel(true).epoch_interruption(true)).unwrap();
    let mut store = Store::new(&engine, ());
    store.set_fuel(1_000_000).unwrap();
    store.set_epoch_deadline(1);
    let mut linker = Linker::new(&engine);
    let decide = |mut caller: Caller<'_, ()>, times: i32| -> Result<i32> {
        caller.fuel_async_yield_interval((times > 100).then_some(1000))?;
        caller.as_context_mut().epoch_deadline_async_yield_and_update(1);
        caller.engine().increment_epoch();
        Ok(0)
    };
    linker.func_wrap("host", "call", decide).unwrap();
    let wat = BUSY.replace(
        "(i32.add (call $spin (local.get 0)) (call $call (local.get 0)))",
        "(i32.add (call $call (local.get 0)) (call $spin (local.get 0)))",
    );
    let instance = linker.instantiate(&mut store, &module(&engine, &wat)).unwrap();
    let call = instance.get_typed_func::<i32, i32>(&store, "call").unwrap();
    let waits = [100, 1000].map(|times| {
        let (result, waits) = block_on(call.call_async(&mut store, times));
        assert_eq!(result.unwrap(), times);
        waits
    });
    // The epoch's, and one each time that the intervals of 1000 of some 8000 are used up.
    assert_eq!(waits[0], 1);
    assert!((8..10).contains(&waits[1]), "{waits:?}");
}

#[test]
fn a_call_in_between_that_cannot_wait_gets_its_fuel() {
    let (mut store, instance) = busy(Config::new().consume_fuel(true));
    let call = instance.get_typed_func::<i32, i32>(&mut store, "call").unwrap();
    store.set_fuel(100_000).unwrap();
    store.fuel_async_yield_interval(Some(100)).unwrap();
    let (result, waits) = block_on(call.call_async(&mut store, 1000));
    assert_eq!(result.unwrap(), 2000);
    // An interval may be exceeded by an iteration.
    let half = (100_000 - store.get_fuel().unwrap()) / 2;
    assert!((half / 107..half / 95).contains(&(waits as u64)), "in the first half only: {waits}");
}

#[test]
fn a_guest_yields_at_the_epochs_deadline() {
    for mut config in configs() {
        let (mut store, instance) = busy(config.epoch_interruption(true));
        store.call_hook(|mut store, event| {
            store.data_mut().push(event);
            Ok(())
        });
        let spin = instance.get_typed_func::<i32, i32>(&mut store, "spin").unwrap();
        // One tick after another is over whenever somebody looks.
        let engine = store.engine().clone();
        let tick = move || engine.increment_epoch();
        let mut left = 3;
        store.epoch_deadline_callback(move |_| {
            left -= 1;
            tick();
            Ok(match left {
                2 => UpdateDeadline::Yield(0),
                1 => UpdateDeadline::Continue(0),
                _ => UpdateDeadline::Yield(5),
            })
        });
        let (result, waits) = block_on(spin.call_async(&mut store, 10));
        assert_eq!((result.unwrap(), waits), (10, 2), "{config:?}");
        use CallHook::{CallingHost, CallingWasm, ReturningFromHost, ReturningFromWasm};
        let wait = [CallingHost, ReturningFromHost];
        let expected = [&[CallingWasm][..], &wait, &wait, &[ReturningFromWasm]].concat();
        assert_eq!(*store.data(), expected);
        // At every look, and yet it comes to its end.
        store.epoch_deadline_async_yield_and_update(0);
        store.set_epoch_deadline(0);
        let (result, waits) = block_on(spin.call_async(&mut store, 10));
        assert_eq!((result.unwrap(), waits), (10, 11), "{config:?}");
        // Whose call can't wait goes on at once.
        assert_eq!(spin.call(&mut store, 10).unwrap(), 10);
        store.epoch_deadline_trap();
        let error = block_on(spin.call_async(&mut store, 10)).0.unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt));
        assert!(error.is::<WasmBacktrace>());
        store.epoch_deadline_callback(|_| bail!("no more time"));
        let error = block_on(spin.call_async(&mut store, 10)).0.unwrap_err();
        assert_eq!(error.root_cause().to_string(), "no more time");
    }
}

#[test]
fn a_guest_waits_for_a_future_at_the_epochs_deadline() {
    for mut config in configs() {
        let (mut store, instance) = busy(config.epoch_interruption(true));
        let spin = instance.get_typed_func::<i32, i32>(&mut store, "spin").unwrap();
        let custom = |ticks, waits: usize, panics: bool| {
            let future = async move {
                for _ in 0..waits {
                    Later::default().await;
                }
                assert!(!panics, "on purpose");
            };
            UpdateDeadline::YieldCustom(ticks, Box::pin(future))
        };
        assert_eq!(format!("{:?}", custom(7, 0, false)), "YieldCustom(7)");
        let mut left = 3;
        store.epoch_deadline_callback(move |_| {
            left -= 1;
            Ok(custom(if left > 0 { 0 } else { 100 }, left + 1, false))
        });
        let (result, waits) = block_on(spin.call_async(&mut store, 10));
        assert_eq!((result.unwrap(), waits), (10, 3 + 2 + 1), "{config:?}");
        // Dropped while it waits, and ended by a panic.
        store.set_epoch_deadline(0);
        store.epoch_deadline_callback(move |_| Ok(custom(0, 1, true)));
        let mut call = Box::pin(spin.call_async(&mut store, 10));
        assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(call);
        let call = AssertUnwindSafe(|| block_on(spin.call_async(&mut store, 10)));
        assert!(catch_unwind(call).is_err());
        // A call that can't wait says so.
        let error = spin.call(&mut store, 10).unwrap_err();
        let expected =
            "cannot use `UpdateDeadline::YieldCustom` without using an async wasm entrypoint";
        assert_eq!(error.root_cause().to_string(), expected);
        store.set_epoch_deadline(100);
        assert_eq!(spin.call(&mut store, 10).unwrap(), 10);
    }
}

#[test]
fn an_asynchronous_host_function_runs_inside_its_guest() {
    const GUEST: &str = r#"(module
        (import "host" "body" (func $body))
        (func (export "run") (call $body)))"#;
    for config in configs() {
        let engine = Engine::new(&config).unwrap();
        let module = module(&engine, GUEST);
        let mut store = Store::new(&engine, Vec::<String>::new());
        store.call_hook(|mut store, event| {
            store.data_mut().push(format!("{event:?}"));
            Ok(())
        });
        let mut linker = Linker::new(&engine);
        async fn body(mut caller: Caller<'_, Vec<String>>) {
            for _ in 0..2 {
                let frames = WasmBacktrace::force_capture(&caller).frames().len();
                let exits = caller.as_context_mut().debug_exit_frames().count();
                caller.data_mut().push(format!("body({frames}, {exits})"));
                Later::default().await;
            }
        }
        linker.func_wrap_async("host", "body", |caller, (): ()| Box::new(body(caller))).unwrap();
        let instance = linker.instantiate(&mut store, &module).unwrap();
        let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
        block_on(run.call_async(&mut store, ())).0.unwrap();
        let expected = [
            "CallingWasm",
            "CallingHost",
            "body(1, 1)",
            "body(1, 1)",
            "ReturningFromHost",
            "ReturningFromWasm",
        ];
        assert_eq!(*store.data(), expected, "{config:?}");
        // The call is abandoned while it waits: nothing more happens, and the store is as it was
        // before.
        store.data_mut().clear();
        let mut call = Box::pin(run.call_async(&mut store, ()));
        assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(call);
        assert_eq!(*store.data(), expected[..3]);
        assert_eq!(store.as_context_mut().debug_exit_frames().count(), 0);
        store.data_mut().clear();
        block_on(run.call_async(&mut store, ())).0.unwrap();
        assert_eq!(*store.data(), expected);
    }
}

#[test]
fn calls_can_be_sent_to_other_threads() {
    fn is_send<T: Send>(_: &T) {}
    let (mut store, instance) = guest(&Config::new());
    let sum = instance.get_typed_func::<i32, i32>(&mut store, "sum").unwrap();
    is_send(&sum.call_async(&mut store, 3));
    is_send(&sum.func().call_async(&mut store, &[], &mut []));
}

#[test]
fn modules_in_a_linker_wait_for_host_functions() {
    for config in configs() {
        let engine = Engine::new(&config).unwrap();
        let text = |start: &str| {
            format!(
                r#"(module (import "host" "later" (func $later (param i32 f64) (result i32)))
                    (memory (export "memory") 1)
                    (global $n (mut i32) (i32.const 0))
                    (func (export "{start}")
                        (global.set $n (call $later (i32.const 10) (f64.const 0))))
                    (func (export "next") (result i32)
                        (global.set $n
                            (i32.add (global.get $n) (call $later (i32.const 1) (f64.const 0))))
                        (global.get $n)))"#
            )
        };
        // A command begins anew at each call; a reactor is initialized once.
        for (start, expected) in [("_start", [1, 1]), ("_initialize", [11, 12])] {
            let mut store = Store::new(&engine, Vec::new());
            let mut linker = linker(&engine);
            let module = module(&engine, &text(start));
            let (defined, waits) = block_on(linker.module_async(&mut store, "m", &module));
            defined.unwrap();
            assert_eq!(waits, usize::from(start == "_initialize"));
            let next = linker.get(&mut store, "m", "next").unwrap().into_func().unwrap();
            let next = next.typed::<(), i32>(&store).unwrap();
            let calls = [0; 2].map(|_| block_on(next.call_async(&mut store, ())).0.unwrap());
            assert_eq!(calls, expected, "{start}");
        }
        let mut store = Store::new(&engine, Vec::new());
        let both = r#"(module (func (export "_start")) (func (export "_initialize")))"#;
        let module = module(&engine, both);
        let (error, _) = block_on(async {
            linker(&engine).module_async(&mut store, "m", &module).await.map(drop).unwrap_err()
        });
        assert_eq!(error.to_string(), "Program cannot be both a Command and a Reactor");
    }
}
