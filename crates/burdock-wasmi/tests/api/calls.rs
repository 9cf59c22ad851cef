//! Calls of guests and of the host, typed and untyped; `Caller`; call hooks.

use crate::instance;
use burdock_wasmi::errors::{ErrorKind, FuncError};
use burdock_wasmi::{
    AsContext, AsContextMut, CallHook, Caller, Engine, Error, Extern, F32, F64, Func, FuncType,
    Instance, Linker, Module, Store, TrapCode, V128, Val, ValType,
};

const ECHO: &str = r#"(module
    (func (export "echo") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
        local.get 3 local.get 2 local.get 1 local.get 0)
    (func (export "wait") (loop br 0)))"#;

#[test]
fn values_go_in_and_out() {
    let (mut store, instance) = instance(ECHO);
    type In = (i32, u64, f32, F64);
    type Out = (f64, F32, i64, u32);
    let echo = instance.get_typed_func::<In, Out>(&store, "echo").unwrap();
    let echoed = echo.call(&mut store, (-1, u64::MAX, 1.5, F64::from_float(2.5))).unwrap();
    assert_eq!(echoed, (2.5, F32::from_float(1.5), -1, u32::MAX));

    let inputs = [Val::I32(7), Val::I64(8), Val::from(1.0f32), Val::from(2.0f64)];
    let mut outputs = [0; 4].map(Val::I32);
    echo.func().call(&mut store, &inputs, &mut outputs).unwrap();
    assert_eq!(format!("{outputs:?}"), "[F64(2.0), F32(1.0), I64(8), I32(7)]");
}

#[test]
fn the_bits_of_nans_are_kept() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let echo = Func::wrap(&mut store, |a: F32, b: F64| (a, b));
    let echo = echo.typed::<(F32, F64), (F32, F64)>(&store).unwrap();
    let nans = (F32::from_bits(0xffa0_0001), F64::from_bits(0x7ff4_0000_0000_0001));
    let (a, b) = echo.call(&mut store, nans).unwrap();
    assert_eq!((a.to_bits(), b.to_bits()), (0xffa0_0001, 0x7ff4_0000_0000_0001));
    assert_eq!(format!("{a:?} {b}"), "nan:0xFFA00001 nan:0x7FF4000000000001");
}

#[test]
fn vectors_are_values() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let ty = FuncType::new([ValType::V128], [ValType::V128]);
    let not = Func::new(&mut store, ty, |_, params, results| {
        let Val::V128(value) = params[0] else { panic!("{params:?}") };
        results[0] = Val::V128(V128::from(!value.as_u128()));
        Ok(())
    });
    let typed = not.typed::<V128, V128>(&store).unwrap();
    assert_eq!(typed.call(&mut store, V128::from(1)).unwrap().as_u128(), !1);
}

#[test]
fn wrong_types_are_refused() {
    let (mut store, instance) = instance(ECHO);
    let echo = instance.get_func(&store, "echo").unwrap();
    let good = [Val::I32(7), Val::I64(8), Val::from(1.0f32), Val::from(2.0f64)];
    let mut bad = good.clone();
    bad.swap(0, 1);
    let mut call = |inputs: &[Val], outputs: usize| {
        let mut outputs = vec![Val::I32(0); outputs];
        match echo.call(&mut store, inputs, &mut outputs) {
            Ok(()) => "ok".to_owned(),
            Err(error) => match error.kind() {
                ErrorKind::Func(error) => format!("{error:?}"),
                kind => panic!("{kind:?}"),
            },
        }
    };
    assert_eq!(call(&good, 4), "ok");
    assert_eq!(call(&good[1..], 4), "MismatchingParameterLen");
    assert_eq!(call(&bad, 4), "MismatchingParameterType");
    assert_eq!(call(&good, 3), "MismatchingResultLen");
    let missing = instance.get_typed_func::<(), ()>(&store, "none").unwrap_err();
    assert!(matches!(missing.kind(), ErrorKind::Func(FuncError::ExportedFuncNotFound)));
    let other = instance.get_typed_func::<(), i32>(&store, "wait").unwrap_err();
    assert!(matches!(other.kind(), ErrorKind::Func(FuncError::MismatchingResultLen)));
}

#[test]
fn results_of_another_type_fail_the_call() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let ty = FuncType::new([], [ValType::I32]);
    let wrong = Func::new(&mut store, ty, |_, _, results| {
        results[0] = Val::I64(1);
        Ok(())
    });
    let error = wrong.call(&mut store, &[], &mut [Val::I32(0)]).unwrap_err();
    assert!(error.to_string().contains("incompatible value"), "{error}");
}

const CALLER: &str = r#"(module
    (import "host" "visit" (func $visit))
    (memory (export "memory") 1)
    (func (export "run") call $visit))"#;

#[test]
fn a_caller_has_exports_and_data() {
    let engine = Engine::default();
    let module = Module::new(&engine, CALLER).unwrap();
    let mut linker = Linker::new(&engine);
    linker
        .func_wrap("host", "visit", |mut caller: Caller<'_, Vec<u8>>| {
            let memory = caller.get_export("memory").and_then(Extern::into_memory).unwrap();
            let (bytes, data) = memory.data_and_store_mut(&mut caller);
            bytes[0] = 42;
            data.push(bytes[0]);
            assert!(caller.get_export("other").is_none());
            assert!(Engine::same(caller.engine(), caller.as_context().engine()));
        })
        .unwrap();
    let mut store = Store::new(&engine, Vec::new());
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    instance.get_typed_func::<(), ()>(&store, "run").unwrap().call(&mut store, ()).unwrap();
    assert_eq!(store.data(), &[42]);
    assert_eq!(instance.get_memory(&store, "memory").unwrap().data(&store)[0], 42);
    // A context is a caller that is no guest.
    let mut context = store.as_context_mut();
    let mut caller = Caller::from(&mut context);
    caller.data_mut().clear();
    assert!(caller.get_export("memory").is_none());
    assert!(store.into_data().is_empty());
}

#[test]
fn hooks_see_calls_and_end_them() {
    let engine = Engine::default();
    let module = Module::new(&engine, CALLER).unwrap();
    let run = |limit: usize| {
        let mut store = Store::new(&engine, Vec::new());
        store.call_hook(move |seen: &mut Vec<String>, hook: CallHook| {
            if seen.len() == limit {
                return Err(Error::from(TrapCode::UnreachableCodeReached));
            }
            seen.push(format!("{hook:?}"));
            Ok(())
        });
        let visit = Func::wrap(&mut store, || ());
        let instance = Instance::new(&mut store, &module, &[visit.into()]).unwrap();
        let run = instance.get_typed_func::<(), ()>(&store, "run").unwrap();
        let error = run.call(&mut store, ()).err();
        (store.into_data(), error.and_then(|error| error.as_trap_code()))
    };
    let all = ["CallingWasm", "CallingHost", "ReturningFromHost", "ReturningFromWasm"];
    assert_eq!(run(usize::MAX), (all.map(str::to_owned).to_vec(), None));
    let trap = Some(TrapCode::UnreachableCodeReached);
    for limit in 0..4 {
        let (seen, error) = run(limit);
        assert_eq!((seen.len(), error), (limit, trap));
    }
}

#[test]
fn sixteen_arguments_and_results() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    type L = (i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32);
    #[allow(clippy::too_many_arguments)]
    fn rotate(
        a: i32,
        b: i32,
        c: i32,
        d: i32,
        e: i32,
        f: i32,
        g: i32,
        h: i32,
        i: i32,
        j: i32,
        k: i32,
        l: i32,
        m: i32,
        n: i32,
        o: i32,
        p: i32,
    ) -> Result<L, Error> {
        Ok((b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, a))
    }
    let rotate = Func::wrap(&mut store, rotate).typed::<L, L>(&store).unwrap();
    let list = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
    let rotated = rotate.call(&mut store, list).unwrap();
    assert_eq!((rotated.0, rotated.14, rotated.15), (2, 16, 1));
}

#[test]
fn results_of_failed_calls_are_defaults() {
    let wat = r#"(module (func (export "f") (param i32) (result i32) unreachable))"#;
    let (mut store, instance) = instance(wat);
    let f = instance.get_func(&store, "f").unwrap();
    let mut results = [Val::I64(7)];
    f.call(&mut store, &[], &mut results).unwrap_err();
    assert_eq!(format!("{results:?}"), "[I64(7)]");
    f.call(&mut store, &[Val::I32(1)], &mut results).unwrap_err();
    assert_eq!(format!("{results:?}"), "[I32(0)]");
}
