//! Functions: shapes of host functions, values of every type, static and dynamic checks.

use crate::common::{self, full, instance, module};
use burdock::*;

#[test]
fn results_can_be_anything() {
    let mut store = Store::new(&Engine::default(), ());
    let check = |store: &Store<()>, func: Func, expected: &str| {
        assert_eq!(func.ty(store).to_string(), expected);
    };
    let func = Func::wrap(&mut store, || {});
    check(&store, func, "(type (func))");
    let func = Func::wrap(&mut store, |_: u32, _: u64| -> Result<()> { Ok(()) });
    check(&store, func, "(type (func (param i32 i64)))");
    let func = Func::wrap(&mut store, |_: Caller<'_, ()>, a: f32| (a, 1.0_f64));
    check(&store, func, "(type (func (param f32) (result f32 f64)))");
    let func = Func::wrap(&mut store, |a: V128| -> Result<V128> { Ok(a) });
    check(&store, func, "(type (func (param v128) (result v128)))");
    let func = Func::wrap(&mut store, |f: Option<Func>, e: Option<Rooted<ExternRef>>| (f, e));
    check(&store, func, "(type (func (param funcref externref) (result funcref externref)))");
    let func = Func::wrap(&mut store, |a: i32| (a,));
    check(&store, func, "(type (func (param i32) (result i32)))");
}

#[test]
fn sixteen_parameters_arrive_in_order() {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    #[allow(clippy::too_many_arguments)]
    fn sum(
        a: i32,
        b: i64,
        c: f32,
        d: f64,
        e: i32,
        f: i64,
        g: f32,
        h: f64,
        i: i32,
        j: i64,
        k: V128,
        l: f64,
        m: i32,
        n: i64,
        o: f32,
        p: f64,
    ) -> f64 {
        let vector = k.as_u128() as f64;
        let all = [
            f64::from(a),
            b as f64,
            f64::from(c),
            d,
            f64::from(e),
            f as f64,
            f64::from(g),
            h,
            f64::from(i),
            j as f64,
            vector,
            l,
            f64::from(m),
            n as f64,
            f64::from(o),
            p,
        ];
        all.iter().enumerate().map(|(i, value)| (i + 1) as f64 * value).sum()
    }
    linker.func_wrap("host", "sum", sum).unwrap();
    let wat = r#"(module (import "host" "sum" (func $sum
            (param i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 v128 f64 i32 i64 f32 f64) (result f64)))
        (func (export "f") (param i32) (result f64)
            (call $sum (local.get 0) (i64.const 2) (f32.const 3) (f64.const 4)
                (i32.const 5) (i64.const 6) (f32.const 7) (f64.const 8)
                (i32.const 9) (i64.const 10) (v128.const i64x2 11 0) (f64.const 12)
                (i32.const 13) (i64.const 14) (f32.const 15) (f64.const 16))))"#;
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module(&engine, wat)).unwrap();
    let f = instance.get_typed_func::<i32, f64>(&mut store, "f").unwrap();
    let expected: i32 = (1..=16).map(|i| i * i).sum();
    assert_eq!(f.call(&mut store, 1).unwrap(), f64::from(expected));
}

/// Passes what it gets through a guest, a host function and back, in the other order.
const SWAP: &str = r#"(module
    (import "host" "swap" (func $swap (param i32 v128 externref f32) (result f32 externref v128 i32)))
    (func (export "swap") (param i32 v128 externref f32) (result f32 externref v128 i32)
        (call $swap (local.get 0) (local.get 1) (local.get 2) (local.get 3))))"#;

#[test]
fn many_values_pass_through_typed_and_untyped() {
    type Params = (i32, V128, Option<Rooted<ExternRef>>, f32);
    type Results = (f32, Option<Rooted<ExternRef>>, V128, i32);
    for config in common::configs() {
        let engine = Engine::new(&config).unwrap();
        let module = module(&engine, SWAP);
        let mut typed = Linker::new(&engine);
        typed
            .func_wrap("host", "swap", |a: i32, b: V128, c: Option<Rooted<ExternRef>>, d: f32| {
                (d, c, b, a)
            })
            .unwrap();
        let mut untyped = Linker::new(&engine);
        let ty = module.imports().next().unwrap().ty().unwrap_func().clone();
        untyped
            .func_new("host", "swap", ty, |_, params, results| {
                for (to, from) in results.iter_mut().zip(params.iter().rev()) {
                    *to = *from;
                }
                Ok(())
            })
            .unwrap();
        for linker in [typed, untyped] {
            let mut store = Store::new(&engine, ());
            let value = ExternRef::new(&mut store, String::from("hello")).unwrap();
            let vector = V128::from(0x0123_4567_89ab_cdef_0011_2233_4455_6677_u128);
            let instance = linker.instantiate(&mut store, &module).unwrap();
            let swap = instance.get_typed_func::<Params, Results>(&mut store, "swap").unwrap();
            let params = (-7, vector, Some(value), 1.5);
            let (d, c, b, a) = swap.call(&mut store, params).unwrap();
            assert_eq!((a, b, d), (-7, vector, 1.5));
            let data = c.unwrap().data(&store).unwrap().unwrap();
            assert_eq!(data.downcast_ref::<String>().unwrap(), "hello");
            let mut results = [Val::I32(0); 4];
            let params = [Val::I32(-7), vector.into(), Val::ExternRef(None), 1.5_f32.into()];
            swap.func().call(&mut store, &params, &mut results).unwrap();
            assert_eq!(results[0].f32(), Some(1.5));
            assert!(results[1].unwrap_extern_ref().is_none());
            assert_eq!(results[2].v128(), Some(vector));
            assert_eq!(results[3].i32(), Some(-7));
        }
    }
}

#[test]
fn functions_are_values() {
    let (mut store, instance) = instance(
        &Config::new(),
        r#"(module (type $t (func (param i32) (result i32))) (table $t 1 funcref)
            (func $double (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
            (elem declare func $double)
            (func (export "get") (result funcref) (ref.func $double))
            (func (export "apply") (param funcref i32) (result i32)
                (table.set $t (i32.const 0) (local.get 0))
                (call_indirect $t (type $t) (local.get 1) (i32.const 0))))"#,
    );
    let get = instance.get_typed_func::<(), Option<Func>>(&mut store, "get").unwrap();
    let double = get.call(&mut store, ()).unwrap().unwrap();
    let apply = instance.get_typed_func::<(Option<Func>, i32), i32>(&mut store, "apply").unwrap();
    assert_eq!(apply.call(&mut store, (Some(double), 21)).unwrap(), 42);
    let triple = Func::wrap(&mut store, |x: i32| 3 * x);
    assert_eq!(apply.call(&mut store, (Some(triple), 5)).unwrap(), 15);
    // A function that is certainly there can be passed where null is allowed.
    let apply = apply.func().typed::<(Func, i32), i32>(&store).unwrap();
    assert_eq!(apply.call(&mut store, (triple, 6)).unwrap(), 18);
    let error = get.func().typed::<(), Func>(&store).unwrap_err();
    assert_eq!(
        full(&error),
        "type mismatch with results: type mismatch: expected (ref func), found funcref"
    );
}

#[test]
fn static_types_are_checked_once() {
    let (mut store, instance) = instance(
        &Config::new(),
        r#"(module (func (export "f") (param i32 i64) (result f32) (f32.const 1)))"#,
    );
    let f = instance.get_func(&mut store, "f").unwrap();
    assert!(f.typed::<(i32, i64), f32>(&store).is_ok());
    assert!(f.typed::<(u32, u64), f32>(&store).is_ok());
    let check = |error: Error, expected: &str| assert_eq!(full(&error), expected);
    check(
        f.typed::<i32, f32>(&store).unwrap_err(),
        "type mismatch with parameters: expected 1 types, found 2",
    );
    check(
        f.typed::<(i32, i32), f32>(&store).unwrap_err(),
        "type mismatch with parameters: type mismatch: expected i32, found i64",
    );
    check(
        f.typed::<(i32, i64), ()>(&store).unwrap_err(),
        "type mismatch with results: expected 0 types, found 1",
    );
    check(
        instance.get_typed_func::<(), ()>(&mut store, "g").unwrap_err(),
        "failed to find function export `g`",
    );
    check(
        instance.get_typed_func::<(), ()>(&mut store, "f").unwrap_err(),
        "failed to convert function `f` to given type: type mismatch with parameters: expected 0 types, found 2",
    );
}

#[test]
fn dynamic_types_are_checked_at_each_call() {
    let (mut store, instance) = instance(
        &Config::new(),
        r#"(module (func (export "f") (param i32) (result i32) (local.get 0)))"#,
    );
    let f = instance.get_func(&mut store, "f").unwrap();
    let mut other = Store::new(store.engine(), ());
    let foreign = Func::wrap(&mut other, || {});
    let mut check = |params: &[Val], results: usize, expected: &str| {
        let mut results = vec![Val::I32(0); results];
        let error = f.call(&mut store, params, &mut results).unwrap_err();
        assert_eq!(full(&error), expected);
    };
    check(&[], 1, "expected 1 arguments, got 0");
    check(&[Val::I32(0)], 2, "expected 1 results, got 2");
    check(&[Val::F32(0)], 1, "argument type mismatch: type mismatch: expected i32, found f32");
    check(&[foreign.into()], 1, "cross-`Store` values are not currently supported");
}

#[test]
fn what_a_dynamic_host_function_returns_is_checked() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let ty = FuncType::new(&engine, [], [ValType::I32]);
    let lazy = Func::new(&mut store, ty.clone(), |_, _, _| Ok(()));
    let wrong = Func::new(&mut store, ty, |_, _, results| {
        results[0] = Val::F64(0);
        Ok(())
    });
    for func in [lazy, wrong] {
        let error = func.typed::<(), i32>(&store).unwrap().call(&mut store, ()).unwrap_err();
        let text = full(&error);
        let expected =
            "function attempted to return an incompatible value: type mismatch: expected i32";
        assert!(text.contains(expected), "{text}");
    }
    let mut other = Store::new(&engine, ());
    let foreign = Func::wrap(&mut other, || {});
    let smuggler = Func::wrap(&mut store, move || Some(foreign));
    let error = smuggler.call(&mut store, &[], &mut [Val::I32(0)]).unwrap_err();
    assert!(full(&error).contains("cross-`Store`"), "{error:#}");
}

#[test]
fn handles_belong_to_a_store() {
    let engine = Engine::default();
    let mut one = Store::new(&engine, ());
    let mut other = Store::new(&engine, ());
    let func = Func::wrap(&mut one, || {});
    let typed = func.typed::<(), ()>(&one).unwrap();
    let memory = Memory::new(&mut one, MemoryType::new(1, None)).unwrap();
    let ty = TableType::new(RefType::EXTERNREF, 1, None);
    let table = Table::new(&mut one, ty, Ref::Extern(None)).unwrap();
    let ty = GlobalType::new(ValType::I32, Mutability::Var);
    let global = Global::new(&mut one, ty, Val::I32(0)).unwrap();
    let value = ExternRef::new(&mut one, 1).unwrap();
    let instance = Instance::new(&mut one, &module(&engine, "(module)"), &[]).unwrap();
    let mut check = |name: &str, used: &mut dyn FnMut(&mut Store<()>)| {
        let used = std::panic::AssertUnwindSafe(|| used(&mut other));
        let panic = std::panic::catch_unwind(used).expect_err(name);
        let message = panic.downcast_ref::<&str>().unwrap();
        assert_eq!(*message, "object used with the wrong store", "{name}");
    };
    check("call", &mut |store| drop(func.call(store, &[], &mut [])));
    check("typed call", &mut |store| drop(typed.call(store, ())));
    check("ty", &mut |store| drop(func.ty(&*store)));
    check("memory", &mut |store| {
        let _ = memory.size(&*store);
    });
    check("table", &mut |store| {
        let _ = table.get(store, 0);
    });
    check("global", &mut |store| {
        let _ = global.get(store);
    });
    check("externref", &mut |store| drop(value.data(&*store)));
    check("instance", &mut |store| {
        let _ = instance.get_export(store, "x");
    });
    let mut linker = Linker::new(&engine);
    check("define", &mut |store| drop(linker.define(&*store, "", "", memory)));
    let error = Instance::new(
        &mut other,
        &module(&engine, r#"(module (import "" "" (func)))"#),
        &[func.into()],
    );
    assert_eq!(
        error.unwrap_err().to_string(),
        "cross-`Store` instantiation is not currently supported"
    );
}

#[test]
fn a_caller_finds_the_exports_of_the_calling_instance() {
    let engine = Engine::default();
    let mut linker = Linker::<Vec<String>>::new(&engine);
    linker
        .func_wrap("host", "print", |mut caller: Caller<'_, Vec<String>>, at: u32, len: u32| {
            let memory = match caller.get_export("memory") {
                Some(Extern::Memory(memory)) => memory,
                _ => bail!("failed to find host memory"),
            };
            let (data, log) = memory.data_and_store_mut(&mut caller);
            let text = data.get(at as usize..).and_then(|data| data.get(..len as usize));
            log.push(String::from_utf8(text.unwrap().to_vec())?);
            Ok(())
        })
        .unwrap();
    let wat = r#"(module (import "host" "print" (func $print (param i32 i32)))
        (memory (export "memory") 1) (data (i32.const 4) "hello")
        (func (export "run") (call $print (i32.const 4) (i32.const 5))))"#;
    let mut store = Store::new(&engine, Vec::new());
    let instance = linker.instantiate(&mut store, &module(&engine, wat)).unwrap();
    let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
    run.call(&mut store, ()).unwrap();
    assert_eq!(store.data(), &["hello"]);
    // The host itself has no exports.
    let print = linker.get(&mut store, "host", "print").unwrap().into_func().unwrap();
    let error = print.call(&mut store, &[Val::I32(0), Val::I32(0)], &mut []).unwrap_err();
    assert_eq!(error.root_cause().to_string(), "failed to find host memory");
}

#[test]
fn a_host_function_can_make_others_while_it_runs() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, 0);
    let func = Func::wrap(&mut store, |mut caller: Caller<'_, i32>| -> Result<i32> {
        let mut sum = 0;
        for n in 0..100 {
            let new = Func::wrap(&mut caller, move |mut caller: Caller<'_, i32>| {
                *caller.data_mut() += 1;
                n
            });
            sum += new.typed::<(), i32>(&caller)?.call(&mut caller, ())?;
        }
        Ok(sum)
    });
    let func = func.typed::<(), i32>(&store).unwrap();
    assert_eq!(func.call(&mut store, ()).unwrap(), 4950);
    assert_eq!(*store.data(), 100);
}

/// The machine holds the memory's place in registers: a host function that grows the memory must
/// be seen at once.
#[test]
fn a_memory_that_the_host_grows_is_seen_by_the_guest() -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module
            (import "host" "grow" (func $grow))
            (memory (export "memory") 1)
            (func (export "run") (result i32)
                (i32.store (i32.const 8) (i32.const 7))
                (call $grow)
                (i32.store (i32.const 0x10008) (i32.const 35))
                (i32.add (i32.load (i32.const 8)) (i32.load (i32.const 0x10008)))))"#,
    )?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "grow", |mut caller: Caller<'_, ()>| -> Result<()> {
        let memory = caller.get_export("memory").and_then(Extern::into_memory).unwrap();
        memory.grow(&mut caller, 16)?;
        Ok(())
    })?;
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module)?;
    let run = instance.get_typed_func::<(), i32>(&mut store, "run")?;
    assert_eq!(run.call(&mut store, ())?, 42);
    Ok(())
}

/// The results of the functions below: any that tell one argument and one result from the others.
fn results_of(args: &[i64], count: usize) -> Vec<i64> {
    let weigh = |n: i64| args.iter().fold(n, |sum, arg| sum.wrapping_mul(3).wrapping_add(*arg));
    (0..count as i64).map(weigh).collect()
}

/// A function of so many `i64`s that does the same.
fn weighing(params: usize, results: usize) -> String {
    let weigh = |n: usize| {
        (0..params).fold(format!("(i64.const {n})"), |sum, param| {
            format!("(i64.add (i64.mul {sum} (i64.const 3)) (local.get {param}))")
        })
    };
    (0..results).map(weigh).collect()
}

#[test]
fn a_tail_call_passes_any_arguments_and_returns_any_results() {
    let shapes = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 1), (3, 1), (2, 4), (6, 2), (9, 7)];
    for (config, (params, results)) in
        common::configs().iter().flat_map(|config| shapes.map(|shape| (config, shape)))
    {
        let [p, r] = [params, results].map(|count| "i64 ".repeat(count));
        let types = format!("(param {p}) (result {r})");
        let body = weighing(params, results);
        let args: String =
            (0..params).map(|n| format!("(i64.add (local.get 0) (i64.const {n}))")).collect();
        let call = |name: &str, call: &str| {
            format!(
                "(func (export \"{name}\") (param i64) (result {r}) (local i64 f64)
                    (block (br_if 0 (i64.eqz (local.get 0))) {call})
                    unreachable)"
            )
        };
        let ways: String = ["own", "other", "host"]
            .iter()
            .enumerate()
            .flat_map(|(n, callee)| {
                let indirect = format!("(return_call_indirect (type $t) {args} (i32.const {n}))");
                [
                    call(callee, &format!("(return_call ${callee} {args})")),
                    call(&format!("{callee} in the table"), &indirect),
                ]
            })
            .collect();
        let (mut store, other) =
            instance(config, &format!("(module (func (export \"f\") {types} {body}))"));
        let other = other.get_func(&mut store, "f").unwrap();
        let ty = other.ty(&store);
        let host = Func::new(&mut store, ty, move |_, args, into| {
            let args: Vec<i64> = args.iter().map(Val::unwrap_i64).collect();
            for (into, result) in into.iter_mut().zip(results_of(&args, results)) {
                *into = Val::I64(result);
            }
            Ok(())
        });
        let wat = format!(
            "(module (type $t (func {types}))
                (import \"\" \"other\" (func $other (type $t)))
                (import \"\" \"host\" (func $host (type $t)))
                (func $own (type $t) {body})
                (table funcref (elem $own $other $host))
                {ways})"
        );
        let module = module(store.engine(), &wat);
        let imports = [other.into(), host.into()];
        let instance = Instance::new(&mut store, &module, &imports).unwrap();
        let args: Vec<i64> = (0..params as i64).map(|n| 1000 + n).collect();
        let expected = results_of(&args, results);
        for export in module.exports() {
            let func = instance.get_func(&mut store, export.name()).unwrap();
            let mut got = vec![Val::I64(0); results];
            func.call(&mut store, &[Val::I64(1000)], &mut got).unwrap();
            let got: Vec<i64> = got.iter().map(Val::unwrap_i64).collect();
            assert_eq!(got, expected, "{} {params} -> {results} {config:?}", export.name());
        }
    }
}
