//! The linker: definitions, lookups, aliases, modules, unknown imports, and what it says when
//! something does not fit.

use crate::common::{full, module};
use burdock::*;

#[test]
fn a_name_is_defined_once_unless_shadowing_is_allowed() {
    let engine = Engine::default();
    let mut linker = Linker::<()>::new(&engine);
    linker.func_wrap("a", "f", || 1).unwrap();
    let error = linker.func_wrap("a", "f", || 2).unwrap_err();
    assert_eq!(error.to_string(), "import of `a::f` defined twice");
    linker.allow_shadowing(true).func_wrap("a", "f", || 2).unwrap();
    let mut store = Store::new(&engine, ());
    let f = linker.get(&mut store, "a", "f").unwrap().into_func().unwrap();
    assert_eq!(f.typed::<(), i32>(&store).unwrap().call(&mut store, ()).unwrap(), 2);
    let error = linker.get(&mut store, "a", "g").unwrap_err();
    assert_eq!(error.to_string(), "missing definition for `a::g`");
}

#[test]
fn what_does_not_fit_is_explained() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    linker.func_wrap("m", "f", |_: i32| {}).unwrap();
    let memory = Memory::new(&mut store, MemoryType::new(1, Some(3))).unwrap();
    linker.define(&store, "m", "mem", memory).unwrap();
    let table = TableType::new(RefType::FUNCREF, 1, None);
    let table = Table::new(&mut store, table, Ref::Func(None)).unwrap();
    linker.define(&store, "m", "tab", table).unwrap();
    let global = GlobalType::new(ValType::I32, Mutability::Const);
    let global = Global::new(&mut store, global, Val::I32(1)).unwrap();
    linker.define(&store, "m", "glob", global).unwrap();
    let mut check = |import: &str, expected: &str| {
        let module = module(&engine, &format!("(module (import {import}))"));
        let error = linker.instantiate(&mut store, &module).expect_err(import);
        assert_eq!(full(&error), expected, "{import}");
    };
    check(r#""m" "g" (func)"#, "unknown import: `m::g` has not been defined");
    check(
        r#""m" "f" (func (result i64))"#,
        "incompatible import type for `m::f`: types incompatible: expected type `(func (result i64))`, found type `(func (param i32))`",
    );
    check(
        r#""m" "f" (memory 1)"#,
        "incompatible import type for `m::f`: expected memory, but found function",
    );
    check(
        r#""m" "mem" (func)"#,
        "incompatible import type for `m::mem`: expected func, but found memory",
    );
    check(
        r#""m" "mem" (memory 2)"#,
        "incompatible import type for `m::mem`: memory types incompatible: expected memory limits (min: 2, max: none) doesn't match provided memory limits (min: 1, max: 3)",
    );
    check(
        r#""m" "mem" (memory i64 1)"#,
        "incompatible import type for `m::mem`: memory types incompatible: expected 64-bit memory, found 32-bit memory",
    );
    check(
        r#""m" "tab" (table 1 5 funcref)"#,
        "incompatible import type for `m::tab`: table types incompatible: expected table limits (min: 1, max: 5) doesn't match provided table limits (min: 1, max: none)",
    );
    check(
        r#""m" "tab" (table 1 externref)"#,
        "incompatible import type for `m::tab`: table types incompatible: expected table of type `externref`, found table of type `funcref`",
    );
    check(
        r#""m" "glob" (global (mut i32))"#,
        "incompatible import type for `m::glob`: global types incompatible: expected mutable global, found immutable global",
    );
    check(
        r#""m" "glob" (global f32)"#,
        "incompatible import type for `m::glob`: global types incompatible: expected global of type `f32`, found global of type `i32`",
    );
    // The current size counts, not the declared one.
    memory.grow(&mut store, 1).unwrap();
    let grown = module(&engine, r#"(module (import "m" "mem" (memory 2)))"#);
    linker.instantiate(&mut store, &grown).unwrap();
}

#[test]
fn an_unknown_import_can_be_asked_for() {
    let engine = Engine::default();
    let linker = Linker::new(&engine);
    let module = module(&engine, r#"(module (import "a" "b" (func (param i32))))"#);
    let error = linker.instantiate(&mut Store::new(&engine, ()), &module).unwrap_err();
    let error = error.downcast::<UnknownImportError>().unwrap();
    assert_eq!((error.module(), error.name()), ("a", "b"));
    assert_eq!(error.ty().unwrap_func().params().len(), 1);
}

#[test]
fn aliases_and_iteration() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    linker.func_wrap("a", "one", || 1).unwrap();
    linker.func_wrap("a", "two", || 2).unwrap();
    linker.alias("a", "one", "b", "uno").unwrap();
    linker.alias_module("a", "c").unwrap();
    let error = linker.alias("a", "three", "b", "tre").unwrap_err();
    assert_eq!(error.to_string(), "no item named `a::three` defined");
    let names: Vec<_> = linker.iter(&mut store).map(|(m, n, _)| format!("{m}::{n}")).collect();
    assert_eq!(names, ["a::one", "a::two", "b::uno", "c::one", "c::two"]);
    let module = module(&engine, r#"(module (import "c" "two" (func (result i32))))"#);
    let import = module.imports().next().unwrap();
    let func = linker.get_by_import(&mut store, &import).unwrap().into_func().unwrap();
    let func = func.typed::<(), i32>(&store).unwrap();
    assert_eq!(func.call(&mut store, ()).unwrap(), 2);
}

#[test]
fn unknown_imports_can_trap_or_be_defaults() {
    let engine = Engine::default();
    let module = module(
        &engine,
        r#"(module
            (import "x" "f" (func $f (result i64)))
            (import "x" "g" (global $g i32))
            (import "x" "m" (memory $m 2))
            (import "x" "t" (table $t 3 funcref))
            (func (export "call") (result i64) (call $f))
            (func (export "get") (result i32) (i32.add (global.get $g) (memory.size))))"#,
    );
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    linker.define_unknown_imports_as_default_values(&mut store, &module).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let call = instance.get_typed_func::<(), i64>(&mut store, "call").unwrap();
    assert_eq!(call.call(&mut store, ()).unwrap(), 0);
    let get = instance.get_typed_func::<(), i32>(&mut store, "get").unwrap();
    assert_eq!(get.call(&mut store, ()).unwrap(), 2);
    let mut traps = Linker::new(&engine);
    traps.define_unknown_imports_as_traps(&module).unwrap();
    traps.define_unknown_imports_as_default_values(&mut store, &module).unwrap();
    let instance = traps.instantiate(&mut store, &module).unwrap();
    let call = instance.get_typed_func::<(), i64>(&mut store, "call").unwrap();
    let error = call.call(&mut store, ()).unwrap_err();
    assert!(error.is::<UnknownImportError>(), "{error:?}");
}

#[test]
fn commands_are_instantiated_at_each_call_and_reactors_once() {
    let engine = Engine::default();
    let counter = |start: &str| {
        format!(
            r#"(module (global $n (mut i32) (i32.const 0)) (memory (export "memory") 1)
                (func (export "{start}") (global.set $n (i32.const 10)))
                (func (export "next") (result i32)
                    (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))"#
        )
    };
    let check = |start: &str, expected: [i32; 2]| {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        linker.module(&mut store, "m", &module(&engine, &counter(start))).unwrap();
        let next = linker.get(&mut store, "m", "next").unwrap().into_func().unwrap();
        let next = next.typed::<(), i32>(&store).unwrap();
        let calls = [0; 2].map(|_| next.call(&mut store, ()).unwrap());
        assert_eq!(calls, expected, "{start}");
    };
    check("_start", [1, 1]);
    check("_initialize", [11, 12]);
    check("other", [1, 2]);
    let mut linker = Linker::new(&engine);
    let mut store = Store::new(&engine, ());
    let both =
        module(&engine, r#"(module (func (export "_start")) (func (export "_initialize")))"#);
    let error = linker.module(&mut store, "m", &both).unwrap_err();
    assert_eq!(error.to_string(), "Program cannot be both a Command and a Reactor");
    let odd = module(&engine, r#"(module (func (export "_start")) (memory (export "m") 1))"#);
    let error = linker.module(&mut store, "odd", &odd).unwrap_err();
    assert_eq!(error.to_string(), "command export 'm' is not a function");
    linker.allow_unknown_exports(true).allow_shadowing(true);
    linker.module(&mut store, "odd", &odd).unwrap();
}

#[test]
fn the_default_function_is_found() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    let run = |linker: &Linker<()>, store: &mut Store<()>| {
        linker.get_default(&mut *store, "m").map(|func| func.ty(&*store).results().len())
    };
    assert_eq!(run(&linker, &mut store).unwrap(), 0);
    linker.func_wrap("m", "_start", || 1).unwrap();
    assert_eq!(run(&linker, &mut store).unwrap(), 1);
    linker.func_wrap("m", "", || (1, 2)).unwrap();
    assert_eq!(run(&linker, &mut store).unwrap(), 2);
}

#[test]
fn one_linker_serves_many_stores() {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    linker
        .func_wrap("host", "bump", |mut caller: Caller<'_, u32>| *caller.data_mut() += 1)
        .unwrap();
    let module = module(
        &engine,
        r#"(module (import "host" "bump" (func $b)) (func (export "f") call $b call $b))"#,
    );
    let pre = linker.instantiate_pre(&module).unwrap();
    for n in 0..20 {
        let mut store = Store::new(&engine, n);
        for _ in 0..2 {
            let instance = pre.instantiate(&mut store).unwrap();
            let f = instance.get_typed_func::<(), ()>(&mut store, "f").unwrap();
            f.call(&mut store, ()).unwrap();
        }
        assert_eq!(store.into_data(), n + 4);
    }
}

#[test]
fn engines_do_not_mix() {
    let (one, other) = (Engine::default(), Engine::default());
    let linker = Linker::<()>::new(&one);
    let module = module(&other, "(module)");
    let error = linker.instantiate_pre(&module).err().unwrap();
    assert_eq!(error.to_string(), "cross-`Engine` instantiation is not currently supported");
    let error = Instance::new(&mut Store::new(&one, ()), &module, &[]).unwrap_err();
    assert!(error.to_string().starts_with("cross-`Engine`"));
}

#[test]
fn many_host_functions_are_kept_apart() {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    let mut wat = String::from("(module ");
    for n in 0..500_i32 {
        linker.func_wrap("m", &n.to_string(), move || n).unwrap();
        wat += &format!(r#"(import "m" "{n}" (func (result i32))) (export "{n}" (func {n}))"#);
    }
    let module = module(&engine, &(wat + ")"));
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module).unwrap();
    for n in [0, 1, 15, 16, 17, 255, 499] {
        let func = instance.get_typed_func::<(), i32>(&mut store, &n.to_string()).unwrap();
        assert_eq!(func.call(&mut store, ()).unwrap(), n);
    }
}

#[test]
fn types_of_dropped_stores_and_modules_do_no_harm() {
    let engine = Engine::default();
    let module = module(&engine, r#"(module (import "m" "f" (func (param i64 i64 i64))))"#);
    let mut linker = Linker::new(&engine);
    {
        let mut store = Store::new(&engine, ());
        let f = Func::wrap(&mut store, |_: f32, _: f32| {});
        linker.define(&store, "m", "f", f).unwrap();
    }
    // So many types come and go that the engine forgets those that nobody holds.
    for n in 0..500 {
        FuncType::new(&engine, vec![ValType::I32; n], []);
    }
    let mut store = Store::new(&engine, ());
    assert!(linker.instantiate(&mut store, &module).is_err());
    let held = FuncType::new(&engine, [const { ValType::I64 }; 3], []);
    assert_eq!(module.imports().next().unwrap().ty().func(), Some(&held));
}

#[test]
fn what_a_store_of_another_engine_has_is_refused() {
    let (engine, other) = (Engine::default(), Engine::default());
    let mut foreign = Store::new(&other, ());
    // Types that the engine does not have, so that their numbers mean other types in the engine.
    Func::wrap(&mut foreign, |_: i32| {});
    Func::wrap(&mut foreign, |_: f32, _: f32| 1_i64);
    let func = Func::wrap(&mut foreign, |_: f64| {});
    let ty = GlobalType::new(ValType::I32, Mutability::Const);
    let global = Global::new(&mut foreign, ty, 1.into()).unwrap();
    let items: [(Extern, &str); 2] =
        [(func.into(), "(func (param i64))"), (global.into(), "(global i32)")];
    for (item, import) in items {
        let mut linker = Linker::new(&engine);
        linker.define(&foreign, "a", "b", item).unwrap();
        let text = format!(r#"(module (import "a" "b" {import}))"#);
        let module = Module::new(&engine, text).unwrap();
        let expected = "cross-`Engine` instantiation is not currently supported: `a::b` is of a store of \
                        another engine";
        let error = linker.instantiate_pre(&module).err().unwrap();
        assert_eq!(full(&error), expected);
        let error = linker.instantiate(&mut Store::new(&engine, ()), &module).unwrap_err();
        assert_eq!(full(&error), expected);
    }
}
