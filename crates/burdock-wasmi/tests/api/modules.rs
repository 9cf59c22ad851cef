//! Modules: what they say of themselves, and what is refused.

use burdock_wasmi::errors::{ErrorKind, ReadError};
use burdock_wasmi::{Config, Engine, ExternType, Module, Read};

const WAT: &str = r#"(module $named
    (import "a" "f" (func (param i32) (result i64)))
    (import "a" "m" (memory 1 2))
    (table (export "t") 3 funcref)
    (global (export "g") (mut f32) (f32.const 0))
    (@custom "notes" "hello"))"#;

#[test]
fn a_module_describes_itself() {
    let engine = Engine::default();
    let module = Module::new(&engine, WAT).unwrap();
    assert!(Engine::same(module.engine(), &engine));
    let imports: Vec<_> = module.imports().map(|import| (import.module(), import.name())).collect();
    assert_eq!(imports, [("a", "f"), ("a", "m")]);
    assert_eq!(module.imports().len(), 2);
    let exports: Vec<_> = module.exports().map(|export| format!("{export:?}")).collect();
    assert_eq!(exports.len(), 2);
    let Some(ExternType::Table(table)) = module.get_export("t") else { panic!() };
    assert_eq!((table.minimum(), table.maximum()), (3, None));
    assert!(module.get_export("g").unwrap().global().unwrap().mutability().is_mut());
    assert!(module.get_export("x").is_none());
    let sections: Vec<_> =
        module.custom_sections().map(|section| (section.name(), section.data())).collect();
    assert!(sections.contains(&("notes", b"hello")), "{sections:?}");
    assert_eq!(module.as_burdock().name(), Some("named"));
    assert!(Module::from_burdock(&engine, module.as_burdock().clone()).is_some());
    assert!(Module::from_burdock(&Engine::default(), module.as_burdock().clone()).is_none());

    let mut config = Config::default();
    config.ignore_custom_sections(true);
    let module = Module::new(&Engine::new(&config), WAT).unwrap();
    assert_eq!(module.custom_sections().count(), 0);
}

#[test]
fn bad_modules_are_refused() {
    let engine = Engine::default();
    let text = Module::new(&engine, "(module (func").unwrap_err();
    assert!(matches!(text.kind(), ErrorKind::Wat(_)), "{text:?}");
    let invalid = wat::parse_str("(module (func (result i32)))").unwrap();
    let truncated = &wat::parse_str("(module (func))").unwrap()[..12];
    for binary in [&invalid[..], truncated] {
        let errors = [
            Module::new(&engine, binary).unwrap_err(),
            Module::validate(&engine, binary).unwrap_err(),
            // SAFETY: this function demands nothing.
            unsafe { Module::new_unchecked(&engine, binary) }.unwrap_err(),
        ];
        for error in errors {
            let ErrorKind::Wasm(error) = error.kind() else { panic!("{error:?}") };
            assert!(error.offset() > 0);
        }
    }
    Module::validate(&engine, &wat::parse_str(WAT).unwrap()).unwrap();
}

#[test]
fn start_functions_can_be_forbidden() {
    let mut config = Config::default();
    config.allow_start_fn(false);
    let engine = Engine::new(&config);
    let error = Module::new(&engine, "(module (func $f) (start $f))").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Translation(_)));
    assert!(error.to_string().contains("disallows start functions"), "{error}");
    Module::new(&engine, "(module (func $f))").unwrap();
}

#[test]
fn functions_can_be_too_large() {
    let locals = "i64 ".repeat(49_000);
    let operands = "i32.const 0 ".repeat(17_000) + &"drop ".repeat(17_000);
    let wat = format!("(module (func (local {locals}) {operands}))");
    let error = Module::new(&Engine::default(), wat).unwrap_err();
    let ErrorKind::Wasm(error) = error.kind() else { panic!("{error:?}") };
    assert!(error.message().contains("slots"), "{error}");
}

#[test]
fn streams_are_read() {
    let (mut stream, mut buffer) = (&b"abc"[..], [0; 2]);
    assert_eq!(Read::read(&mut stream, &mut buffer), Ok(2));
    assert_eq!((buffer, Read::read(&mut stream, &mut buffer)), (*b"ab", Ok(1)));
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::UnexpectedEof.into())
        }
    }
    assert_eq!(Read::read(&mut Broken, &mut buffer), Err(ReadError::EndOfStream));
}
