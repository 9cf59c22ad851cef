//! Resumable calls: a call stops in the error of a host function or a hook, or for lack of fuel,
//! and goes on.

use crate::common::{self, module};
use burdock::*;

/// Adds up what `ask` answers, `n` times.
const SUM: &str = r#"(module
    (import "host" "ask" (func $ask (param i32) (result i32)))
    (func $one (param i32) (result i32) (call $ask (local.get 0)))
    (func (export "sum") (param $n i32) (result i32) (local $sum i32)
        (loop $again
            (local.set $sum (i32.add (local.get $sum) (call $one (local.get $n))))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum)))"#;

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("what is {0}?")]
struct Question(i32);

fn sum(config: &Config) -> (Store<()>, Instance) {
    let engine = Engine::new(config).unwrap();
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "ask", |x: i32| -> Result<i32> { Err(Question(x).into()) }).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module(&engine, SUM)).unwrap();
    (store, instance)
}

#[test]
fn a_call_goes_on_with_what_the_host_function_should_have_returned() {
    for config in common::configs() {
        let (mut store, instance) = sum(&config);
        let sum = instance.get_func(&mut store, "sum").unwrap();
        let mut results = [Val::I32(0)];
        let mut call = sum.call_resumable(&mut store, &[Val::I32(3)], &mut results).unwrap();
        let mut asked = Vec::new();
        loop {
            call = match call {
                ResumableCall::Finished => break,
                ResumableCall::HostTrap(stop) => {
                    let question = stop.host_error().downcast_ref::<Question>().unwrap().0;
                    assert_eq!(stop.host_func().ty(&store).params().len(), 1);
                    asked.push(question);
                    // Other calls can be made in between.
                    let other = sum.call(&mut store, &[Val::I32(9)], &mut [Val::I32(0)]);
                    assert_eq!(other.unwrap_err().downcast_ref(), Some(&Question(9)));
                    stop.resume(&mut store, &[Val::I32(10 * question)], &mut results).unwrap()
                }
                other => panic!("{other:?}"),
            };
        }
        assert_eq!(asked, [3, 2, 1]);
        assert_eq!(results[0].i32(), Some(60));
    }
}

#[test]
fn typed_calls_resume_too() {
    let (mut store, instance) = sum(&Config::new());
    let sum = instance.get_typed_func::<i32, i32>(&mut store, "sum").unwrap();
    let mut call = sum.call_resumable(&mut store, 2).unwrap();
    for answer in [7, 8] {
        let TypedResumableCall::HostTrap(stop) = call else {
            panic!("{call:?}");
        };
        call = stop.resume(&mut store, &[Val::I32(answer)]).unwrap();
    }
    assert!(matches!(call, TypedResumableCall::Finished(15)), "{call:?}");
}

#[test]
fn two_stopped_calls_do_not_disturb_each_other() {
    let (mut store, instance) = sum(&Config::new());
    let sum = instance.get_typed_func::<i32, i32>(&mut store, "sum").unwrap();
    let stop = |call| match call {
        TypedResumableCall::HostTrap(stop) => stop,
        other => panic!("{other:?}"),
    };
    let first = stop(sum.call_resumable(&mut store, 2).unwrap());
    let second = stop(sum.call_resumable(&mut store, 1).unwrap());
    let first = stop(first.resume(&mut store, &[Val::I32(100)]).unwrap());
    let done = second.resume(&mut store, &[Val::I32(1)]).unwrap();
    assert!(matches!(done, TypedResumableCall::Finished(1)), "{done:?}");
    let done = first.resume(&mut store, &[Val::I32(10)]).unwrap();
    assert!(matches!(done, TypedResumableCall::Finished(110)), "{done:?}");
}

#[test]
fn what_is_given_is_checked() {
    let (mut store, instance) = sum(&Config::new());
    let sum = instance.get_func(&mut store, "sum").unwrap();
    let mut check = |inputs: &[Val], outputs: &mut [Val], expected: &str| {
        let mut results = [Val::I32(0)];
        let call = sum.call_resumable(&mut store, &[Val::I32(1)], &mut results).unwrap();
        let ResumableCall::HostTrap(stop) = call else {
            panic!("{call:?}");
        };
        let error = stop.resume(&mut store, inputs, outputs).unwrap_err();
        assert_eq!(error.to_string(), expected);
    };
    check(&[], &mut [Val::I32(0)], "expected 1 results, got 0");
    check(&[Val::I64(0)], &mut [Val::I32(0)], "type mismatch: expected i32, found i64");
    check(&[Val::I32(0)], &mut [], "expected 1 results, got 0");
}

#[test]
fn a_host_function_called_directly_stops_for_good() {
    let (mut store, _) = sum(&Config::new());
    let func = Func::wrap(&mut store, |_: i32| -> Result<i32> { bail!("no") });
    let func = func.typed::<i32, i32>(&store).unwrap();
    let error = match func.call_resumable(&mut store, 1) {
        Err(error) => error,
        Ok(TypedResumableCall::HostTrap(stop)) => stop.into_host_error(),
        Ok(other) => panic!("{other:?}"),
    };
    assert_eq!(error.root_cause().to_string(), "no");
}

#[test]
fn a_trap_is_no_stop() {
    let (mut store, instance) =
        common::instance(&Config::new(), r#"(module (func (export "f") unreachable))"#);
    let f = instance.get_typed_func::<(), ()>(&mut store, "f").unwrap();
    let error = f.call_resumable(&mut store, ()).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::UnreachableCodeReached));
}

#[test]
fn a_call_goes_on_with_more_fuel() {
    let mut config = Config::new();
    config.consume_fuel(true);
    let (mut store, instance) = common::instance(
        &config,
        r#"(module (func (export "count") (param $n i32) (result i32) (local $i i32)
            (loop $again
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br_if $again (i32.lt_u (local.get $i) (local.get $n))))
            (local.get $i)))"#,
    );
    let count = instance.get_typed_func::<i32, i32>(&mut store, "count").unwrap();
    store.set_fuel(1_000_000).unwrap();
    assert_eq!(count.call(&mut store, 100).unwrap(), 100);
    let cost = 1_000_000 - store.get_fuel().unwrap();
    store.set_fuel(50).unwrap();
    let mut call = count.call_resumable(&mut store, 100).unwrap();
    let (mut stops, mut given) = (0_u64, 50);
    let result = loop {
        match call {
            TypedResumableCall::Finished(result) => break result,
            TypedResumableCall::OutOfFuel(stop) => {
                stops += 1;
                let left = store.get_fuel().unwrap();
                assert!(stop.required_fuel() > left, "{stop:?} with {left}");
                given += 50;
                store.set_fuel(left + 50).unwrap();
                call = stop.resume(&mut store).unwrap();
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(result, 100);
    assert!(stops > 5, "{stops}");
    // A guest may exceed its fuel by up to an iteration's fuel between two checks.
    let taken = given - store.get_fuel().unwrap();
    assert!(taken <= cost && cost <= taken + stops * 7, "{taken} of {cost} with {stops} stops");
}

#[test]
#[should_panic(expected = "object used with the wrong store")]
fn a_call_goes_on_in_its_own_store() {
    let (mut store, instance) = sum(&Config::new());
    let sum = instance.get_typed_func::<i32, i32>(&mut store, "sum").unwrap();
    let TypedResumableCall::HostTrap(stop) = sum.call_resumable(&mut store, 1).unwrap() else {
        panic!("it stops");
    };
    let mut other = Store::new(store.engine(), ());
    let _ = stop.resume(&mut other, &[Val::I32(1)]);
}

/// Computes with values that are in registers where fuel may run out: before a choice, in one of
/// its arms, in a call.
const BANKS: &str = r#"(module
    (func $double (param TYPE) (result TYPE) (TYPE.mul (local.get 0) (TYPE.const 2)))
    (func (export "run") (param $x TYPE) (param $n i32) (result TYPE) (local $acc TYPE)
        (loop $again
            (local.set $acc (TYPE.add
                (TYPE.mul (TYPE.add (local.get $acc) (local.get $x)) (TYPE.const 3))
                (if (result TYPE) (i32.and (local.get $n) (i32.const 1))
                    (then (call $double (TYPE.add (local.get $x) (TYPE.const 1))))
                    (else (TYPE.sub
                        (TYPE.mul (local.get $x) (TYPE.const 5))
                        (block (result TYPE)
                            (br_if 0
                                (TYPE.add (local.get $acc) (TYPE.const 7))
                                (local.get $n))))))))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $acc)))"#;

/// The same in Rust; for small arguments all results are integers that every type holds.
fn banks(x: i64, n: i64) -> i64 {
    let mut acc = 0;
    for n in (1..=n).rev() {
        let choice = if n & 1 == 1 { (x + 1) * 2 } else { x * 5 - (acc + 7) };
        acc = (acc + x) * 3 + choice;
    }
    acc
}

#[test]
fn a_call_that_runs_out_of_fuel_keeps_the_values_of_every_bank() {
    type ToVal = fn(i64) -> Val;
    let args: [(&str, ToVal); 4] = [
        ("i32", |x| Val::I32(x as i32)),
        ("i64", Val::I64),
        ("f32", |x| Val::from(x as f32)),
        ("f64", |x| Val::from(x as f64)),
    ];
    for (ty, val) in args {
        for mut config in common::configs() {
            config.consume_fuel(true);
            let (mut store, instance) = common::instance(&config, &BANKS.replace("TYPE", ty));
            let run = instance.get_func(&mut store, "run").unwrap();
            let mut results = [val(0)];
            let mut stops = 0;
            let args = [val(2), Val::I32(8)];
            let mut call = run.call_resumable(&mut store, &args, &mut results).unwrap();
            while let ResumableCall::OutOfFuel(stop) = call {
                stops += 1;
                // Enough for the next segment of code and no more.
                store.set_fuel(stop.required_fuel()).unwrap();
                call = stop.resume(&mut store, &mut results).unwrap();
            }
            assert!(matches!(call, ResumableCall::Finished), "{call:?}");
            assert!(stops > 10, "{ty}: stopped only {stops} times");
            let expected = val(banks(2, 8));
            assert_eq!(format!("{:?}", results[0]), format!("{expected:?}"), "{config:?}");
        }
    }
}

/// Notes every event, and where it likes to, suspends the guest at each.
struct Stops {
    told: Vec<String>,
    suspends: bool,
}

impl Hook<()> for Stops {
    const EVENTS: Events = Events::IN_CODE;

    fn event(&mut self, mut store: StoreContextMut<'_, ()>, event: Event<'_>) -> Result<()> {
        let mut frame = store.frame();
        let mut depth = 0;
        while let Some(at) = frame {
            depth += 1;
            frame = at.caller(&store)?;
        }
        self.told.push(format!("{depth} {event:?}"));
        ensure!(!self.suspends, "stop");
        Ok(())
    }
}

/// Something of each kind of event.
const EVERYTHING: &str = r#"(module (memory 1) (table 1 funcref) (global $g (mut i64) (i64.const 5))
    (elem (i32.const 0) $next)
    (func $next (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
    (func $twice (param i32) (result i32)
        (return_call $next (call_indirect (param i32) (result i32) (local.get 0) (i32.const 0))))
    (func (export "f") (param $n i32) (result i32)
        (global.set $g (i64.mul (global.get $g) (i64.const 3)))
        (drop (memory.grow (i32.const 1)))
        (i64.store offset=8 (i32.const 0) (global.get $g))
        (i32.wrap_i64 (i64.load offset=8 (i32.const 0)))
        (loop $again
            (br_if $again (i32.lt_u (local.tee $n (call $twice (local.get $n))) (i32.const 10))))
        (block (block (br_table 0 1 (local.get $n))))
        (i32.add (local.get $n))))"#;

#[test]
fn a_hook_suspends_the_guest_at_any_event() {
    for config in common::configs() {
        let engine = Engine::new(&config).unwrap();
        let module = module(&engine, EVERYTHING);
        let run = |suspends| {
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &module, &[]).unwrap();
            let f = instance.get_typed_func::<i32, i32>(&mut store, "f").unwrap();
            let hook = store.attach(Filter::new(), Stops { told: Vec::new(), suspends });
            let mut call = f.call_resumable(&mut store, 4).unwrap();
            let mut stops = 0;
            while let TypedResumableCall::HookError(stop) = call {
                assert_eq!(stop.hook_error().root_cause().to_string(), "stop");
                stops += 1;
                call = stop.resume(&mut store).unwrap();
            }
            assert!(matches!(call, TypedResumableCall::Finished(25)), "{call:?}");
            (store.detach(hook).unwrap().told, stops)
        };
        let (told, stops) = run(false);
        assert_eq!(stops, 0);
        let kinds = "FuncEnter Return TailCall Instruction Branch BranchTable LoopIteration MemoryRead \
            MemoryWrite MemoryGrow GlobalSet";
        for kind in kinds.split_whitespace() {
            assert!(told.iter().any(|event| event.contains(kind)), "{kind}");
        }
        assert_eq!(run(true), (told.clone(), told.len()));
    }
}

/// Errs once when fuel runs out.
struct Refuels;

impl Hook<()> for Refuels {
    const EVENTS: Events = Events::INTERRUPTS.union(Events::TRAPS);

    fn event(&mut self, _: StoreContextMut<'_, ()>, event: Event<'_>) -> Result<()> {
        bail!("{event:?}")
    }
}

#[test]
fn a_hook_suspends_where_fuel_runs_out_but_not_at_a_trap() {
    let mut config = Config::new();
    config.consume_fuel(true);
    let wat = r#"(module (func (export "f") (param i32) (result i32)
        (i32.div_u (i32.const 12) (local.get 0))))"#;
    let (mut store, instance) = common::instance(&config, wat);
    let f = instance.get_typed_func::<i32, i32>(&mut store, "f").unwrap();
    store.attach(Filter::new(), Refuels);
    let call = f.call_resumable(&mut store, 4).unwrap();
    let TypedResumableCall::HookError(stop) = call else { panic!("{call:?}") };
    assert_eq!(stop.hook_error().root_cause().to_string(), "OutOfFuel");
    store.set_fuel(100).unwrap();
    let call = stop.resume(&mut store).unwrap();
    assert!(matches!(call, TypedResumableCall::Finished(3)), "{call:?}");
    let error = f.call_resumable(&mut store, 0).unwrap_err();
    assert_eq!(error.root_cause().to_string(), "Trap(IntegerDivisionByZero)");
}

/// Has values of each bank in loops: more than there are registers for.
const COUNTING: &str = r#"(module (func (export "f") (param $n i32) (result f64)
    (local $a i32) (local $b i64) (local $c i32) (local $d i64) (local $e i32) (local $x f32) (local $y f64)
    (f64.add (f64.const 0.5) (block (result f64)
        (loop $again
            (local.set $a (i32.add (local.get $a) (local.get $n)))
            (local.set $b (i64.add (local.get $b) (i64.extend_i32_s (local.get $a))))
            (local.set $c (i32.xor (local.get $c) (local.get $a)))
            (local.set $d (i64.sub (local.get $d) (i64.extend_i32_s (local.get $c))))
            (local.set $e (i32.add (local.get $e) (i32.const 1)))
            (local.set $x (f32.add (local.get $x) (f32.const 1.5)))
            (local.set $y (f64.add (local.get $y) (f64.promote_f32 (local.get $x))))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (f64.add (local.get $y) (f64.convert_i64_s (i64.add (i64.add (local.get $b) (local.get $d))
            (i64.extend_i32_s (i32.add (local.get $c) (local.get $e))))))))))"#;

/// Returns an error at the first event for the epoch deadline, but not at the second.
struct Deadlines(u32);

impl Hook<()> for Deadlines {
    const EVENTS: Events = Events::INTERRUPTS;

    fn event(&mut self, _: StoreContextMut<'_, ()>, event: Event<'_>) -> Result<()> {
        assert!(matches!(event, Event::EpochDeadline), "{event:?}");
        self.0 += 1;
        if self.0.is_multiple_of(2) { Ok(()) } else { bail!("deadline") }
    }
}

#[test]
fn a_hook_suspends_at_the_epochs_deadline() {
    for mut config in common::configs() {
        config.epoch_interruption(true);
        let (mut store, instance) = common::instance(&config, COUNTING);
        let f = instance.get_typed_func::<i32, f64>(&mut store, "f").unwrap();
        store.set_epoch_deadline(1);
        let expected = f.call(&mut store, 9).unwrap();
        let hook = store.attach(Filter::new(), Deadlines(0));
        // Every check asks.
        store.set_epoch_deadline(0);
        store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Continue(0)));
        let mut call = f.call_resumable(&mut store, 9).unwrap();
        let mut stops = 0;
        while let TypedResumableCall::HookError(stop) = call {
            assert_eq!(stop.hook_error().root_cause().to_string(), "deadline");
            stops += 1;
            call = stop.resume(&mut store).unwrap();
        }
        let TypedResumableCall::Finished(result) = call else { panic!("{call:?}") };
        // Where the function is entered, and in each turn of the loop.
        assert_eq!((result, stops), (expected, 10));
        assert_eq!(store.detach(hook).unwrap().0, 2 * stops);
    }
}

#[test]
fn the_stores_own_answer_to_a_deadline_is_no_stop() {
    let mut config = Config::new();
    config.epoch_interruption(true);
    let (mut store, instance) = common::instance(&config, COUNTING);
    let f = instance.get_typed_func::<i32, f64>(&mut store, "f").unwrap();
    let error = f.call_resumable(&mut store, 9).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt));
    store.epoch_deadline_callback(|_| bail!("no"));
    let error = f.call_resumable(&mut store, 9).unwrap_err();
    assert_eq!(error.root_cause().to_string(), "no");
}

#[test]
fn a_suspended_call_goes_on_in_newer_code_and_can_be_given_up() {
    for config in common::configs() {
        let (mut store, instance) = common::instance(&config, EVERYTHING);
        let f = instance.get_typed_func::<i32, i32>(&mut store, "f").unwrap();
        let all = || Filter::new().events(Events::FUNCS | Events::LOOPS).func("f");
        let hook = store.attach(all(), Stops { told: Vec::new(), suspends: true });
        let TypedResumableCall::HookError(stop) = f.call_resumable(&mut store, 4).unwrap() else {
            panic!("not stopped");
        };
        // Told of more, and of nothing that the other call has been through.
        let more = store.attach(
            Filter::new().events(Events::GLOBALS | Events::FUNCS).func("f"),
            Stops { told: Vec::new(), suspends: false },
        );
        store.hook_mut(hook).unwrap().suspends = false;
        let call = stop.resume(&mut store).unwrap();
        assert!(matches!(call, TypedResumableCall::Finished(25)), "{call:?}");
        let told = store.detach(more).unwrap().told;
        assert_eq!(
            told,
            ["1 GlobalSet { global: 0, value: I64(15) }", "1 FuncLeave(Return([I32(25)]))"]
        );
        store.hook_mut(hook).unwrap().suspends = true;
        let TypedResumableCall::HookError(stop) = f.call_resumable(&mut store, 4).unwrap() else {
            panic!("not stopped");
        };
        assert_eq!(stop.into_hook_error().root_cause().to_string(), "stop");
        store.detach(hook).unwrap();
        assert_eq!(f.call(&mut store, 4).unwrap(), 10 + 45);
    }
}
