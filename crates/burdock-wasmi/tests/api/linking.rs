//! Linkers and instances: definitions, and imports that do not match.

use burdock_wasmi::errors::{ErrorKind, InstantiationError, LinkerError};
use burdock_wasmi::{
    Caller, Engine, Error, Extern, ExternType, Func, FuncType, Global, Instance, Linker, Memory,
    MemoryType, Module, Mutability, Ref, RefType, Store, Table, TableType, Val, ValType,
};

const MATH: &str = r#"(module
    (import "math" "double" (func $double (param i32) (result i32)))
    (func (export "run") (param i32) (result i32) (call $double (local.get 0))))"#;

fn run(linker: &Linker<i32>, store: &mut Store<i32>, argument: i32) -> i32 {
    let module = Module::new(linker.engine(), MATH).unwrap();
    let instance = linker.instantiate_and_start(&mut *store, &module).unwrap();
    instance.get_typed_func(&*store, "run").unwrap().call(store, argument).unwrap()
}

#[test]
fn definitions_may_shadow_others_if_allowed() {
    let engine = Engine::default();
    let (mut linker, mut store) = (Linker::new(&engine), Store::new(&engine, 100));
    linker.func_wrap("math", "double", |x: i32| x * 2).unwrap();
    assert_eq!(run(&linker, &mut store, 4), 8);
    let again = linker.func_wrap("math", "double", |x: i32| x).map(|_| ());
    let Err(LinkerError::DuplicateDefinition { import_name }) = again else { panic!("{again:?}") };
    assert_eq!((import_name.module(), import_name.name()), ("math", "double"));
    assert_eq!(run(&linker, &mut store, 4), 8);

    linker.allow_shadowing(true);
    let ty = FuncType::new([ValType::I32], [ValType::I32]);
    linker
        .func_new("math", "double", ty, |caller: Caller<'_, i32>, params, results| {
            results[0] = Val::I32(params[0].i32().unwrap() + caller.data());
            Ok(())
        })
        .unwrap();
    assert_eq!(run(&linker, &mut store, 4), 104);
    assert!(linker.get(&store, "math", "double").is_none());
    let item = Func::wrap(&mut store, |x: i32| -x);
    linker.define("math", "double", item).unwrap();
    assert_eq!(run(&linker, &mut store, 4), -4);
    assert!(matches!(linker.get(&store, "math", "double"), Some(Extern::Func(_))));
    linker.func_wrap("math", "double", |x: i32| x * 3).unwrap();
    assert_eq!(run(&linker.clone(), &mut store, 4), 12);
}

#[test]
fn modules_have_aliases_and_instances() {
    let engine = Engine::default();
    let (mut linker, mut store) = (Linker::new(&engine), Store::new(&engine, 0));
    linker.func_wrap("host", "double", |x: i32| x * 2).unwrap();
    linker.alias_module("host", "math").unwrap();
    linker.alias_module("none", "some").unwrap();
    assert_eq!(run(&linker, &mut store, 3), 6);
    assert!(linker.alias_module("host", "math").unwrap_err().to_string().contains("twice"));

    let wat = r#"(module (func (export "double") (param i32) (result i32) i32.const 9))"#;
    let module = Module::new(&engine, wat).unwrap();
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let mut linker = Linker::new(&engine);
    linker.instance(&mut store, "math", instance).unwrap();
    assert_eq!(run(&linker, &mut store, 3), 9);
    assert!(linker.instance(&mut store, "math", instance).is_err());
}

#[test]
fn missing_definitions_are_named() {
    let engine = Engine::default();
    let (mut linker, mut store) = (Linker::new(&engine), Store::new(&engine, 0));
    let module = Module::new(&engine, MATH).unwrap();
    let error = linker.instantiate_and_start(&mut store, &module).unwrap_err();
    let ErrorKind::Linker(LinkerError::MissingDefinition { name, ty }) = error.kind() else {
        panic!("{error:?}")
    };
    assert_eq!(name.to_string(), "(math,double)");
    assert!(matches!(ty, ExternType::Func(_)));

    let memory = Memory::new(&mut store, MemoryType::new(1, None)).unwrap();
    linker.define("math", "double", memory).unwrap();
    let error = linker.instantiate_and_start(&mut store, &module).unwrap_err();
    let invalid = matches!(
        error.kind(),
        ErrorKind::Linker(LinkerError::InvalidTypeDefinition { found: ExternType::Memory(_), .. })
    );
    assert!(invalid, "{error:?}");
}

#[test]
fn burdocks_linker_adds_functions() {
    let engine = Engine::default();
    let (mut linker, mut store) = (Linker::new(&engine), Store::new(&engine, 0));
    linker.as_burdock_mut().func_wrap("math", "double", |x: i32| x * 2).unwrap();
    assert_eq!(run(&linker, &mut store, 21), 42);
}

#[test]
fn imports_have_to_match() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let func = Extern::from(Func::wrap(&mut store, || ()));
    let global = Extern::from(Global::new(&mut store, Val::I32(1), Mutability::Const));
    let memory = Extern::from(Memory::new(&mut store, MemoryType::new(1, Some(2))).unwrap());
    let ty = TableType::new(RefType::Func, 1, Some(2));
    let table = Extern::from(Table::new(&mut store, ty, Ref::null(RefType::Func)).unwrap());
    let rows: &[(&str, &[Extern], &str)] = &[
        ("(func)", &[func], "ok"),
        ("(func (param i32))", &[func], "FuncTypeMismatch"),
        ("(global i32)", &[global], "ok"),
        ("(global (mut i32))", &[global], "GlobalTypeMismatch"),
        ("(global i64)", &[global], "GlobalTypeMismatch"),
        ("(memory 1 3)", &[memory], "ok"),
        ("(memory 2 3)", &[memory], "MemoryTypeMismatch"),
        ("(memory 1 1)", &[memory], "MemoryTypeMismatch"),
        ("(memory i64 1 3)", &[memory], "MemoryTypeMismatch"),
        ("(table 1 funcref)", &[table], "ok"),
        ("(table 1 1 funcref)", &[table], "TableTypeMismatch"),
        ("(table 1 externref)", &[table], "TableTypeMismatch"),
        ("(func)", &[table], "ImportTypeMismatch"),
        ("(func)", &[], "MismatchedNumberOfImports"),
        ("(func)", &[func, func], "MismatchedNumberOfImports"),
    ];
    for (import, given, expected) in rows {
        let module =
            Module::new(&engine, format!(r#"(module (import "a" "b" {import}))"#)).unwrap();
        let found = match Instance::new(&mut store, &module, given) {
            Ok(_) => "ok".to_owned(),
            Err(error) => format!("{:?}", error.kind()),
        };
        assert!(
            found.trim_start_matches("Instantiation(").starts_with(expected),
            "{import}: {found}, not {expected}"
        );
    }
    let Extern::Memory(memory) = memory else { panic!() };
    memory.grow(&mut store, 1).unwrap();
    let module = Module::new(&engine, r#"(module (import "" "" (memory 2 2)))"#).unwrap();
    Instance::new(&mut store, &module, &[memory.into()]).unwrap();
}

#[test]
fn segments_and_start_functions_can_fail() {
    let engine = Engine::default();
    let rows = [
        ("(func $f unreachable) (start $f)", "TrapCode(UnreachableCodeReached)"),
        ("(memory 1) (data (i32.const 65536) \"x\")", "Memory(OutOfBoundsAccess)"),
        ("(table 0 funcref) (elem (i32.const 0) func $f) (func $f)", "TrapCode(TableOutOfBounds)"),
    ];
    for (items, expected) in rows {
        let module = Module::new(&engine, format!("(module {items})")).unwrap();
        let error = Instance::new(Store::new(&engine, ()), &module, &[]).unwrap_err();
        assert_eq!(format!("{:?}", error.kind()), expected);
    }
}

#[test]
fn instances_list_their_exports() {
    let engine = Engine::default();
    let wat = r#"(module (func (export "f")) (memory (export "m") 1)
        (global (export "g") i32 (i32.const 5)) (table (export "t") 1 funcref))"#;
    let mut store = Store::new(&engine, ());
    let module = Module::new(&engine, wat).unwrap();
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
    let exports = instance.exports(&store);
    assert_eq!(exports.len(), 4);
    let mut names: Vec<_> = exports.map(|export| (export.name(), export.ty(&store))).collect();
    names.sort_by_key(|(name, _)| *name);
    let kinds: Vec<_> = names
        .iter()
        .map(|(name, ty)| match ty {
            ExternType::Func(_) => format!("{name} func"),
            ExternType::Memory(_) => format!("{name} memory"),
            ExternType::Global(_) => format!("{name} global"),
            ExternType::Table(_) => format!("{name} table"),
        })
        .collect();
    assert_eq!(kinds, ["f func", "g global", "m memory", "t table"]);
    assert_eq!(instance.get_global(&store, "g").unwrap().get(&store).i32(), Some(5));
    assert!(instance.get_table(&store, "m").is_none() && instance.get_func(&store, "x").is_none());
}

#[test]
#[should_panic = "a linker and a store of different engines"]
fn stores_of_other_engines_are_refused() {
    let linker = Linker::<()>::new(&Engine::default());
    let store = Store::new(&Engine::default(), ());
    linker.get(&store, "a", "b");
}

#[test]
fn errors_convert_with_the_question_mark() {
    fn define(linker: &mut Linker<()>) -> Result<(), Error> {
        linker.func_wrap("a", "b", || ())?.func_wrap("a", "b", || ())?;
        Ok(())
    }
    let error = define(&mut Linker::default()).unwrap_err();
    assert_eq!(error.to_string(), "(a,b) is defined twice");
    let error = Error::from(InstantiationError::TooManyTables);
    assert!(matches!(error.kind(), ErrorKind::Instantiation(InstantiationError::TooManyTables)));
}

#[test]
fn imports_are_given_by_kind() {
    let engine = Engine::default();
    let wat = r#"(module
        (import "a" "g" (global i32)) (import "a" "m" (memory 1)) (import "a" "f" (func $f))
        (import "a" "t" (table 1 funcref)) (import "a" "h" (func $h))
        (func (export "z")) (func (export "f") (call $f)) (memory (export "m") 1))"#;
    let module = Module::new(&engine, wat).unwrap();
    let names: Vec<_> = module.imports().map(|import| import.name()).collect();
    assert_eq!(names, ["f", "h", "t", "m", "g"]);
    let names: Vec<_> = module.exports().map(|export| export.name()).collect();
    assert_eq!(names, ["f", "m", "z"]);

    let mut store = Store::new(&engine, 0);
    let f = Func::wrap(&mut store, |mut caller: Caller<'_, i32>| *caller.data_mut() += 1);
    let h = Func::wrap(&mut store, || ());
    let null = Ref::null(RefType::Func);
    let table = Table::new(&mut store, TableType::new(RefType::Func, 1, None), null).unwrap();
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).unwrap();
    let global = Global::new(&mut store, Val::I32(1), Mutability::Const);
    let given = [f.into(), h.into(), table.into(), memory.into(), global.into()];
    let instance = Instance::new(&mut store, &module, &given).unwrap();
    instance.get_typed_func::<(), ()>(&store, "f").unwrap().call(&mut store, ()).unwrap();
    assert_eq!(*store.data(), 1);
    let names: Vec<_> = instance.exports(&store).map(|export| export.name()).collect();
    assert_eq!(names, ["f", "m", "z"]);

    let mut linker = Linker::new(&engine);
    for (name, item) in ["f", "h", "t", "m", "g"].into_iter().zip(given) {
        linker.define("a", name, item).unwrap();
    }
    linker.instantiate_and_start(&mut store, &module).unwrap();
    let swapped = [memory.into(), h.into(), table.into(), f.into(), global.into()];
    let error = Instance::new(&mut store, &module, &swapped).unwrap_err();
    let ErrorKind::Instantiation(InstantiationError::ImportTypeMismatch { name, .. }) =
        error.kind()
    else {
        panic!("{error:?}")
    };
    assert_eq!(name.name(), "f");
}
