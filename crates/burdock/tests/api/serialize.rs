//! Serialized modules: what is read back, and what is refused.

use crate::common::{self, full};
use burdock::*;

const ANSWER: &str = r#"(module $m (func (export "f") (result i32) (i32.const 42)))"#;

fn answer(engine: &Engine, module: &Module) -> i32 {
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, module, &[]).unwrap();
    let f = instance.get_typed_func::<(), i32>(&mut store, "f").unwrap();
    f.call(&mut store, ()).unwrap()
}

#[test]
fn a_serialized_module_is_the_same_module() {
    for config in common::configs() {
        let engine = Engine::new(&config).unwrap();
        let bytes = Module::new(&engine, ANSWER).unwrap().serialize().unwrap();
        assert_eq!(bytes, engine.precompile_module(ANSWER.as_bytes()).unwrap());
        // Another engine of the same configuration reads it.
        let engine = Engine::new(&config).unwrap();
        let module = Module::deserialize(&engine, &bytes).unwrap();
        assert_eq!((module.name(), answer(&engine, &module)), (Some("m"), 42));
    }
}

#[test]
fn files_are_read() {
    let dir = std::env::temp_dir().join(format!("burdock-serialize-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let path = dir.join("m.bin");
    let engine = Engine::default();
    std::fs::write(&path, engine.precompile_module(ANSWER.as_bytes()).unwrap()).unwrap();
    assert_eq!(Engine::detect_precompiled_file(&path).unwrap(), Some(Precompiled::Module));
    assert_eq!(answer(&engine, &Module::deserialize_file(&engine, &path).unwrap()), 42);
    let file = std::fs::File::open(&path).unwrap();
    assert_eq!(answer(&engine, &Module::deserialize_open_file(&engine, file).unwrap()), 42);
    assert_eq!(answer(&engine, &Module::from_trusted_file(&engine, &path).unwrap()), 42);
    std::fs::write(&path, wat::parse_str(ANSWER).unwrap()).unwrap();
    assert_eq!(answer(&engine, &Module::from_trusted_file(&engine, &path).unwrap()), 42);
    std::fs::write(&path, b"\0asm").unwrap();
    let file = std::fs::File::open(&path).unwrap();
    let refused = Module::deserialize_open_file(&engine, file).unwrap_err();
    assert_eq!(full(&refused), full(&Module::deserialize(&engine, b"\0asm").unwrap_err()));
    assert!(Module::from_trusted_file(&engine, &path).is_err());
    assert_eq!(Engine::detect_precompiled_file(&path).unwrap(), None);
    let error = Module::deserialize_file(&engine, &path).unwrap_err();
    assert!(full(&error).starts_with("failed deserialization for: "), "{error:#}");
    std::fs::remove_dir_all(&dir).unwrap();
    assert!(Engine::detect_precompiled_file(&path).is_err());
}

#[test]
fn a_builder_compiles_what_it_was_given() {
    let dir = std::env::temp_dir().join(format!("burdock-builder-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let (binary, text) = (dir.join("m.wasm"), dir.join("m.wat"));
    let (missing, broken) = (dir.join("missing.wasm"), dir.join("broken.wat"));
    std::fs::write(&binary, wat::parse_str(ANSWER).unwrap()).unwrap();
    std::fs::write(&text, ANSWER).unwrap();
    std::fs::write(&broken, "(module").unwrap();
    let engine = Engine::default();

    let mut builder = CodeBuilder::new(&engine);
    assert_eq!(builder.hint(), None);
    let nothing = "no wasm bytes have been configured";
    assert_eq!(full(&builder.compile_module().unwrap_err()), nothing);
    assert_eq!(full(&builder.compile_module_serialized().unwrap_err()), nothing);
    // What fails leaves the builder without bytes.
    for error in [
        builder.wasm_binary_file(&missing).err().unwrap(),
        Module::from_file(&engine, &missing).unwrap_err(),
    ] {
        let names = format!("failed to read input file: {}", missing.display());
        assert!(full(&error).starts_with(&names), "{error:?}");
    }
    let error = full(&builder.wasm_binary_or_text_file(&broken).err().unwrap());
    assert!(error.contains("broken.wat:1:"), "{error}");
    let error = full(&builder.wasm_binary_or_text(b"(modul)", Some(&text)).err().unwrap());
    assert!(error.contains("m.wat:1:"), "{error}");

    type Give<'a> = fn(&mut CodeBuilder<'a>, &'a std::path::Path) -> Result<()>;
    let ways: [(Give<'_>, &std::path::Path); 4] = [
        (|builder, file| builder.wasm_binary_file(file).map(drop), &binary),
        (|builder, file| builder.wasm_binary_or_text_file(file).map(drop), &binary),
        (|builder, file| builder.wasm_binary_or_text_file(file).map(drop), &text),
        (|builder, file| builder.wasm_binary(std::fs::read(file)?, Some(file)).map(drop), &binary),
    ];
    for (give, file) in ways {
        let mut builder = CodeBuilder::new(&engine);
        give(&mut builder, file).unwrap();
        assert_eq!(builder.hint(), Some(CodeHint::Module));
        assert_eq!(answer(&engine, &builder.compile_module().unwrap()), 42);
        let bytes = builder.compile_module_serialized().unwrap();
        assert_eq!(bytes, engine.precompile_module(ANSWER.as_bytes()).unwrap());
        let error = full(&give(&mut builder, file).unwrap_err());
        assert_eq!(error, "cannot configure wasm bytes twice");
    }

    // A text is no binary, and a component is no module.
    let kinds: [(&[u8], Option<CodeHint>); 4] = [
        (ANSWER.as_bytes(), None),
        (b"\0asm\x0d\0\x01\0", Some(CodeHint::Component)),
        (b"\0asm\x02\0\0\0", None),
        (b"\0asm", None),
    ];
    for (bytes, hint) in kinds {
        let mut builder = CodeBuilder::new(&engine);
        builder.wasm_binary(bytes, None).unwrap();
        assert_eq!(builder.hint(), hint, "{bytes:?}");
        assert!(builder.compile_module().is_err(), "{bytes:?}");
        assert!(builder.compile_module_serialized().is_err(), "{bytes:?}");
    }
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn what_does_not_fit_is_refused() {
    let engine = Engine::default();
    let bytes = engine.precompile_module(ANSWER.as_bytes()).unwrap();
    let binary = wat::parse_str(ANSWER).unwrap();
    assert_eq!(Engine::detect_precompiled(&binary), None);
    let other_version = [&bytes[..9], b"9", &bytes[10..]].concat();
    let damaged = [&bytes[..32], &[0xFF; 3], &bytes[35..]].concat();
    let cases = [
        (&binary[..], "the bytes are no module that was serialized by Burdock"),
        (&bytes[..8], "the serialized module is truncated"),
        (&bytes[..20], "the serialized module is truncated"),
        (&other_version, "the module was serialized by version 9"),
        (&damaged, "failed to parse WebAssembly module"),
    ];
    for (bytes, expected) in cases {
        let error = full(&Module::deserialize(&engine, bytes).unwrap_err());
        assert!(error.starts_with(expected), "{error}");
    }
    let (mut fuel, mut no_simd) = (Config::new(), Config::new());
    fuel.consume_fuel(true);
    no_simd.wasm_simd(false);
    for config in [fuel, no_simd] {
        let other = Engine::new(&config).unwrap();
        let error = Module::deserialize(&other, &bytes).unwrap_err().to_string();
        assert_eq!(error, "the module was serialized by an engine of another configuration");
    }
    assert!(engine.precompile_module(b"(module (func i32.add))").is_err());
}

#[test]
fn a_version_of_the_embedder_is_compared() {
    use ModuleVersionStrategy::{Custom, None as Any, WasmtimeVersion as Own};
    let engine = |version| {
        let mut config = Config::new();
        config.module_version(version).unwrap();
        Engine::new(&config).unwrap()
    };
    let engines = || [Own, Custom("a".into()), Custom("b".into()), Any].map(engine);
    for (number, writer) in engines().iter().enumerate() {
        let bytes = writer.precompile_module(ANSWER.as_bytes()).unwrap();
        for (other, reader) in engines().iter().enumerate() {
            let read = Module::deserialize(reader, &bytes);
            assert_eq!(read.is_ok(), number == other || other == 3, "{number} {other}");
        }
    }
    let bytes = engine(Custom("a".into())).precompile_module(ANSWER.as_bytes()).unwrap();
    let error = Module::deserialize(&engine(Custom("b".into())), &bytes).unwrap_err();
    let expected = "the module was serialized by version a, and this engine reads version b";
    assert_eq!(full(&error), expected);
    let error = Config::new().module_version(Custom("v".repeat(256))).unwrap_err().to_string();
    assert_eq!(error, "a module version has at most 255 bytes, and this one has 256");
}
