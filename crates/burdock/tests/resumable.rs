//! Resumable calls: a call stops in a host function's error or for lack of fuel, and goes on.

mod common;

use burdock::*;
use common::module;

/// Adds up what `ask` answers, `n` times.
const SUM: &str = r#"(module
    (import "host" "ask" (func $ask (param i32) (result i32)))
    (func $one (param i32) (result i32) (call $ask (local.get 0)))
    (func (export "sum") (param $n i32) (result i32) (local $sum i32)
        (loop $again
            (local.set $sum (i32.add (local.get $sum) (call $one (local.get $n))))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum)))"#;

#[derive(Debug, PartialEq)]
struct Question(i32);

impl std::fmt::Display for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "what is {}?", self.0)
    }
}

impl std::error::Error for Question {}

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
    let (mut stops, mut given) = (0, 50);
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
    assert_eq!(given - store.get_fuel().unwrap(), cost, "stops cost nothing");
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

/// Computes with values that are in registers where fuel may run out: before a choice, in one of its
/// arms, in a call.
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
                // Enough for the next stretch of code and no more.
                store.set_fuel(stop.required_fuel()).unwrap();
                call = stop.resume(&mut store, &mut results).unwrap();
            }
            assert!(matches!(call, ResumableCall::Finished), "{call:?}");
            assert!(stops > 30, "{ty}: stopped only {stops} times");
            let expected = val(banks(2, 8));
            assert_eq!(format!("{:?}", results[0]), format!("{expected:?}"), "{config:?}");
        }
    }
}
