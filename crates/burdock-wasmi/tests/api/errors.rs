//! Errors: traps, errors of the embedder, exit statuses, and where they occurred.

use crate::instance;
use burdock_wasmi::errors::{ErrorKind, HostError};
use burdock_wasmi::{Engine, Error, Func, Instance, Module, Store, TrapCode};
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
