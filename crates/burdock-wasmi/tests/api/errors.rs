//! Errors: traps, errors of the embedder, exit statuses, and where they occurred.

use crate::instance;
use burdock_wasmi::errors::{
    ErrorKind, FuelError, HostError, ImportName, InstantiationError, MemoryError, TableError,
};
use burdock_wasmi::{
    CompilationMode, Config, Engine, Error, Func, FuncType, Instance, LimiterError, MemoryType,
    Module, Store, TrapCode, ValType,
};
use core::fmt;

#[test]
fn guests_trap() {
    let rows = [
        ("unreachable", TrapCode::UnreachableCodeReached),
        ("i32.const -1 i32.load drop", TrapCode::MemoryOutOfBounds),
        ("i32.const 9 table.get drop", TrapCode::TableOutOfBounds),
        ("i32.const 0 call_indirect", TrapCode::IndirectCallToNull),
        ("i32.const 1 call_indirect (param i32)", TrapCode::BadSignature),
        ("i32.const 1 i32.const 0 i32.div_s drop", TrapCode::IntegerDivisionByZero),
        ("i32.const 0x80000000 i32.const -1 i32.div_s drop", TrapCode::IntegerOverflow),
        ("f32.const nan i32.trunc_f32_s drop", TrapCode::BadConversionToInteger),
        ("call $f", TrapCode::StackOverflow),
    ];
    for (body, expected) in rows {
        let argument = if body.contains("(param") { "i32.const 5 " } else { "" };
        let wat = format!(
            r#"(module (memory 1) (table $t 2 funcref) (elem (table $t) (i32.const 1) func $g)
                (func $g) (func $f (export "f") {argument}{body}))"#
        );
        let (mut store, instance) = instance(&wat);
        let f = instance.get_typed_func::<(), ()>(&store, "f").unwrap();
        let error = f.call(&mut store, ()).unwrap_err();
        assert_eq!(error.as_trap_code(), Some(expected), "{body}: {error:?}");
        assert_eq!(error.to_string(), expected.trap_message());
        assert!(error.backtrace().is_some_and(|trace| !trace.frames().is_empty()), "{body}");
        assert_eq!(TrapCode::try_from(u8::from(expected)).unwrap(), expected);
    }
    assert!(TrapCode::try_from(0).is_err());
}

#[derive(Debug, PartialEq)]
struct Custom(u32);

impl fmt::Display for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "custom {}", self.0)
    }
}

impl HostError for Custom {}

/// Returns the error of a call whose host function fails.
fn error_of(fail: impl Fn() -> Error + Send + Sync + 'static) -> Error {
    let engine = Engine::default();
    let wat = r#"(module (import "" "f" (func $f)) (func (export "run") call $f))"#;
    let mut store = Store::new(&engine, ());
    let f = Func::wrap(&mut store, move || -> Result<(), Error> { Err(fail()) });
    let module = Module::new(&engine, wat).unwrap();
    let instance = Instance::new(&mut store, &module, &[f.into()]).unwrap();
    instance.get_typed_func::<(), ()>(&store, "run").unwrap().call(&mut store, ()).unwrap_err()
}

#[test]
fn errors_of_host_functions_come_back() {
    let mut error = error_of(|| Error::host(Custom(1)));
    assert_eq!(error.downcast_ref(), Some(&Custom(1)));
    error.downcast_mut::<Custom>().unwrap().0 = 2;
    assert_eq!(error.to_string(), "custom 2");
    assert!(error.backtrace().is_some());
    assert_eq!(error.downcast(), Some(Custom(2)));

    let error = error_of(|| Error::i32_exit(3));
    assert_eq!((error.i32_exit_status(), error.as_trap_code()), (Some(3), None));
    let error = error_of(|| Error::new("no luck"));
    assert!(matches!(error.kind(), ErrorKind::Message(text) if &**text == "no luck"));
    assert!(error.downcast_ref::<Custom>().is_none() && error.downcast::<Custom>().is_none());
    let error = error_of(|| TrapCode::BadSignature.into());
    assert_eq!(error.as_trap_code(), Some(TrapCode::BadSignature));
}

#[test]
fn errors_pass_through_nested_calls() {
    let error = error_of(|| {
        let inner = error_of(|| Error::host(Custom(5)));
        assert_eq!(inner.downcast_ref(), Some(&Custom(5)));
        inner
    });
    assert_eq!(error.downcast_ref(), Some(&Custom(5)));
    let burdock = error.into_burdock();
    assert_eq!(Error::from_burdock(burdock).downcast(), Some(Custom(5)));
}

#[test]
fn host_errors_are_told_apart() {
    let error: Box<dyn HostError> = Box::new(Custom(1));
    assert!(error.is::<Custom>() && !error.is::<Other>());
    let error = error.downcast::<Other>().unwrap_err();
    assert_eq!(*error.downcast::<Custom>().unwrap(), Custom(1));
}

#[derive(Debug)]
struct Other;

impl fmt::Display for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("other")
    }
}

impl HostError for Other {}

#[test]
fn errors_are_errors_of_the_standard_library() {
    fn is_error<E: std::error::Error + Send + Sync + 'static>(error: E) -> String {
        let boxed: Box<dyn std::error::Error> = error.into();
        boxed.to_string()
    }
    assert_eq!(is_error(Error::new("text")), "text");
    let error = Error::i32_exit(4);
    assert_eq!(format!("{error:?}"), "Error { kind: I32ExitStatus(4) }");
    assert!(error.kind().as_host().is_none());
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}

#[test]
fn traps_that_wasmi_does_not_have_have_a_message() {
    let error = Error::from_burdock(burdock_wasmi::burdock::Trap::Interrupt.into());
    assert_eq!((error.as_trap_code(), error.to_string().as_str()), (None, "wasm trap: interrupt"));
}

#[test]
fn invalid_bodies_fail_at_their_first_call() {
    let mut config = Config::default();
    config.compilation_mode(CompilationMode::Lazy);
    let engine = Engine::new(&config);
    let module = Module::new(&engine, r#"(module (func (export "f") i32.add drop))"#).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let f = instance.get_typed_func::<(), ()>(&store, "f").unwrap();
    let error = f.call(&mut store, ()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Wasm(_)), "{error:?}");
}

#[test]
fn instances_that_cannot_be_made_have_an_error() {
    let rows = [
        (r#"(memory 1) (data (i32.const 65535) "ab")"#, "Memory(OutOfBoundsAccess)"),
        (r#"(memory i64 1) (data (i64.const -1) "a")"#, "Memory(OutOfBoundsAccess)"),
        ("(table 1 funcref) (elem (i32.const 1) func 0) (func)", "TrapCode(TableOutOfBounds)"),
        (
            "(memory i64 0x10000000000)",
            "Instantiation(FailedToInstantiateMemory(OutOfSystemMemory))",
        ),
        (
            "(table i64 0x100000000000 funcref)",
            "Instantiation(FailedToInstantiateTable(OutOfSystemMemory))",
        ),
        ("(memory 1) (func i32.const -1 i32.load drop) (start 0)", "TrapCode(MemoryOutOfBounds)"),
    ];
    let engine = Engine::default();
    for (items, expected) in rows {
        let module = Module::new(&engine, format!("(module {items})")).unwrap();
        let error = Instance::new(&mut Store::new(&engine, ()), &module, &[]).unwrap_err();
        assert_eq!(format!("{:?}", error.kind()), expected, "{items}");
    }
}

#[test]
fn errors_of_start_functions_of_the_host_come_back() {
    let engine = Engine::default();
    let wat = r#"(module (import "" "f" (func $f)) (start $f))"#;
    let module = Module::new(&engine, wat).unwrap();
    let errors: [fn() -> Error; 3] = [
        || MemoryError::OutOfBoundsAccess.into(),
        || TableError::GrowOutOfBounds.into(),
        || TrapCode::MemoryOutOfBounds.into(),
    ];
    let kinds =
        ["Memory(OutOfBoundsAccess)", "Table(GrowOutOfBounds)", "TrapCode(MemoryOutOfBounds)"];
    for (fail, expected) in errors.into_iter().zip(kinds) {
        let mut store = Store::new(&engine, ());
        let f = Func::wrap(&mut store, move || -> Result<(), Error> { Err(fail()) });
        let error = Instance::new(&mut store, &module, &[f.into()]).unwrap_err();
        assert_eq!(format!("{:?}", error.kind()), expected);
    }
}

#[test]
fn errors_are_made_of_others() {
    let denied = LimiterError::ResourceLimiterDeniedAllocation;
    let name = ImportName::new("a", "b");
    let (a, b) = (MemoryType::new(1, None), MemoryType::new(2, None));
    let rows = [
        (format!("{:?}", MemoryError::from(denied)), "ResourceLimiterDeniedAllocation"),
        (format!("{:?}", TableError::from(denied)), "ResourceLimiterDeniedAllocation"),
        (
            format!("{:?}", TableError::from(FuelError::out_of_fuel(3))),
            "OutOfFuel { required_fuel: 3 }",
        ),
        (format!("{:?}", FuelError::fuel_metering_disabled()), "FuelMeteringDisabled"),
        (
            InstantiationError::mismatched_number_of_imports(1, 2).to_string(),
            "the module has 1 imports, but 2 are given",
        ),
        (
            format!("{:?}", InstantiationError::memory_type_mismatch(&name, &a, &b))
                .chars()
                .take(41)
                .collect(),
            "MemoryTypeMismatch { name: (a,b), expecte",
        ),
        (
            format!("{:?}", FuncType::new([ValType::I32], [ValType::F64])),
            "FuncType { params: [I32], results: [F64] }",
        ),
    ];
    for (found, expected) in rows {
        assert_eq!(found, expected);
    }
}
