//! Calls that stop because a host function fails, or because fuel is missing, and go on.

use burdock_wasmi::errors::{ErrorKind, FuncError};
use burdock_wasmi::{
    Caller, Config, Engine, Error, Func, Instance, Linker, Module, ResumableCall, Store, TrapCode,
    TypedResumableCall, Val, ValType,
};

const WAT: &str = r#"(module
    (import "host" "ask" (func $ask (param i32) (result i32)))
    (func (export "sum") (result i32)
        (i32.add (call $ask (i32.const 1)) (call $ask (i32.const 2))))
    (func (export "trap") (result i32) (drop (call $ask (i32.const 1))) unreachable)
    (func (export "loop") (param i32) (result i32) (local i32)
        (loop $l
            (local.set 1 (i32.add (local.get 1) (local.get 0)))
            (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (local.get 1)))"#;

fn setup(configure: impl FnOnce(&mut Config)) -> (Store<()>, Instance) {
    let mut config = Config::default();
    configure(&mut config);
    let engine = Engine::new(&config);
    let mut linker = Linker::new(&engine);
    linker
        .func_wrap("host", "ask", |n: i32| -> Result<i32, Error> { Err(Error::i32_exit(n)) })
        .unwrap();
    let mut store = Store::new(&engine, ());
    let module = Module::new(&engine, WAT).unwrap();
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    (store, instance)
}

#[test]
fn host_functions_are_answered_later() {
    let (mut store, instance) = setup(|_| {});
    let sum = instance.get_func(&store, "sum").unwrap();
    let mut outputs = [Val::I64(0)];
    let mut call = sum.call_resumable(&mut store, &[], &mut outputs).unwrap();
    for n in [1, 2] {
        let ResumableCall::HostTrap(stopped) = call else { panic!("{call:?}") };
        assert_eq!(stopped.host_error().i32_exit_status(), Some(n));
        assert_eq!(stopped.host_func().ty(&store).results(), [ValType::I32]);
        assert_eq!(outputs[0].i32(), Some(0));
        outputs[0] = Val::I64(0);
        call = stopped.resume(&mut store, &[Val::I32(n * 10)], &mut outputs).unwrap();
    }
    assert!(matches!(call, ResumableCall::Finished));
    assert_eq!(outputs[0].i32(), Some(30));
}

#[test]
fn typed_calls_are_resumed() {
    let (mut store, instance) = setup(|_| {});
    let sum = instance.get_typed_func::<(), i32>(&store, "sum").unwrap();
    let mut call = sum.call_resumable(&mut store, ()).unwrap();
    for n in [1, 2] {
        let TypedResumableCall::HostTrap(stopped) = call else { panic!("{call:?}") };
        assert_eq!(stopped.host_error().i32_exit_status(), Some(n));
        call = stopped.resume(&mut store, &[Val::I32(n)]).unwrap();
    }
    assert!(matches!(call, TypedResumableCall::Finished(3)));
}

#[test]
fn answers_are_checked() {
    let (mut store, instance) = setup(|_| {});
    let sum = instance.get_func(&store, "sum").unwrap();
    let rows: [(&[Val], usize, &str); 4] = [
        (&[], 1, "MismatchingResultLen"),
        (&[Val::I64(1)], 1, "MismatchingResultType"),
        (&[Val::I32(1)], 0, "MismatchingResultLen"),
        (&[Val::I32(1)], 2, "MismatchingResultLen"),
    ];
    for (inputs, outputs, expected) in rows {
        let call = sum.call_resumable(&mut store, &[], &mut [Val::I32(0)]).unwrap();
        let ResumableCall::HostTrap(stopped) = call else { panic!("{call:?}") };
        let mut outputs = vec![Val::I32(0); outputs];
        let error = stopped.resume(&mut store, inputs, &mut outputs).unwrap_err();
        let ErrorKind::Func(error) = error.kind() else { panic!("{error:?}") };
        assert_eq!(format!("{error:?}"), expected);
    }
    let error = sum.call_resumable(&mut store, &[Val::I32(1)], &mut [Val::I32(0)]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Func(FuncError::MismatchingParameterLen)));
}

#[test]
fn traps_and_errors_of_the_function_itself_end_the_call() {
    let (mut store, instance) = setup(|_| {});
    let trap = instance.get_typed_func::<(), i32>(&store, "trap").unwrap();
    let call = trap.call_resumable(&mut store, ()).unwrap();
    let TypedResumableCall::HostTrap(stopped) = call else { panic!("{call:?}") };
    let error = stopped.resume(&mut store, &[Val::I32(0)]).unwrap_err();
    assert_eq!(error.as_trap_code(), Some(TrapCode::UnreachableCodeReached));

    let host = Func::wrap(&mut store, || -> Result<(), Error> { Err(Error::i32_exit(7)) });
    let error = host.call_resumable(&mut store, &[], &mut []).unwrap_err();
    assert_eq!(error.i32_exit_status(), Some(7));

    let call = instance.get_func(&store, "sum").unwrap();
    let call = call.call_resumable(&mut store, &[], &mut [Val::I32(0)]).unwrap();
    let ResumableCall::HostTrap(stopped) = call else { panic!("{call:?}") };
    assert_eq!(stopped.into_host_error().i32_exit_status(), Some(1));
}

#[test]
fn errors_of_burdocks_functions_are_shown() {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    linker
        .as_burdock_mut()
        .func_wrap("host", "ask", |_: i32| -> burdock_wasmi::burdock::Result<i32> {
            Err(burdock_wasmi::burdock::Error::msg("not now"))
        })
        .unwrap();
    let mut store = Store::new(&engine, ());
    let module = Module::new(&engine, WAT).unwrap();
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    let sum = instance.get_typed_func::<(), i32>(&store, "sum").unwrap();
    let TypedResumableCall::HostTrap(stopped) = sum.call_resumable(&mut store, ()).unwrap() else {
        panic!()
    };
    assert_eq!(stopped.host_error().to_string(), "not now");
    assert!(format!("{stopped:?}").contains("not now"));
}

#[test]
fn calls_without_fuel_go_on_with_more() {
    let (mut store, instance) = setup(|config| {
        config.consume_fuel(true);
    });
    let sum = instance.get_typed_func::<i32, i32>(&store, "loop").unwrap();
    store.set_fuel(0).unwrap();
    let mut call = sum.call_resumable(&mut store, 100).unwrap();
    let mut stops = Vec::new();
    while let TypedResumableCall::OutOfFuel(stopped) = call {
        // The first stop is before the function is translated.
        stops.push(stopped.required_fuel());
        store.set_fuel(stopped.required_fuel().max(200)).unwrap();
        call = stopped.resume(&mut store).unwrap();
    }
    let TypedResumableCall::Finished(result) = call else { panic!("{call:?}") };
    assert_eq!((result, stops.len() > 2), (5050, true), "{stops:?}");
    let untyped = instance.get_func(&store, "loop").unwrap();
    store.set_fuel(0).unwrap();
    let mut outputs = [Val::I32(0)];
    let call = untyped.call_resumable(&mut store, &[Val::I32(3)], &mut outputs).unwrap();
    let ResumableCall::OutOfFuel(stopped) = call else { panic!("{call:?}") };
    store.set_fuel(1_000).unwrap();
    assert!(matches!(stopped.resume(&mut store, &mut outputs), Ok(ResumableCall::Finished)));
    assert_eq!(outputs[0].i32(), Some(6));
}

#[test]
fn stopped_calls_name_their_host_function() {
    let (mut store, instance) = setup(|_| {});
    let sum = instance.get_typed_func::<(), i32>(&store, "sum").unwrap();
    let TypedResumableCall::HostTrap(stopped) = sum.call_resumable(&mut store, ()).unwrap() else {
        panic!()
    };
    let ask = stopped.host_func().typed::<i32, i32>(&store).unwrap();
    assert_eq!(ask.call(&mut store, 5).unwrap_err().i32_exit_status(), Some(5));
    let mut caller = Caller::from(&mut store);
    assert!(caller.as_burdock_mut().get_export("sum").is_none());
}
