//! What `parse` makes of modules: one list of modules that are fine with what they come to, one of
//! modules that are refused with the message.

use burdock_parse::{
    ConstOp, ElemMode, EnforcedLimits, ExternIdx, Features, ModuleDef, ParseError, Validation,
    parse, validate_bodies,
};
use burdock_types::{FuncIdx, FuncType, GlobalIdx, IndexType, MemoryIdx, TableIdx, ValType};

fn read(wat: &str, features: &Features, limits: &EnforcedLimits) -> Result<ModuleDef, ParseError> {
    let bytes = wat::parse_str(wat).expect("the test's own text is well-formed");
    let module = parse(&bytes, features, limits, Validation::Checked)?;
    validate_bodies(&module, &bytes, 0..module.bodies.len() as u32)?;
    Ok(module)
}

fn module(wat: &str) -> ModuleDef {
    read(wat, &Features::default(), &EnforcedLimits::default()).unwrap()
}

#[test]
fn everything_a_module_has_is_read() {
    let module = module(
        r#"(module $m
            (import "env" "f" (func $f (param i32)))
            (import "env" "g" (global $g i32))
            (memory (export "mem") i64 1 2)
            (table (export "tab") 3 5 funcref)
            (global (export "glob") (mut i32) (i32.add (global.get $g) (i32.const 2)))
            (func $start (export "go") (param i64) (result i64) local.get 0)
            (func $main)
            (start $main)
            (elem (i32.const 1) $start)
            (elem declare func $f)
            (data (i64.const 8) "abc")
            (@custom "mine" "xyz"))"#,
    );
    assert_eq!(module.name.as_deref(), Some("m"));
    assert_eq!(module.imported_funcs, 1);
    assert_eq!(module.funcs.len(), 3);
    assert_eq!(module.func_type(FuncIdx(1)), &FuncType::new([ValType::I64], [ValType::I64]));
    let exports: Vec<_> = module.exports.iter().map(|(n, i)| (&**n, *i)).collect();
    let expected = [
        ("mem", ExternIdx::Memory(MemoryIdx(0))),
        ("tab", ExternIdx::Table(TableIdx(0))),
        ("glob", ExternIdx::Global(GlobalIdx(1))),
        ("go", ExternIdx::Func(FuncIdx(1))),
    ];
    assert_eq!(exports, expected);
    assert_eq!(module.start, Some(FuncIdx(2)));
    assert_eq!(module.memories[0].index, IndexType::I64);
    assert_eq!(module.memories[0].max, Some(2));
    let init = module.globals[1].init.as_ref().unwrap();
    let ops = [ConstOp::GlobalGet(GlobalIdx(0)), ConstOp::I32Const(2), ConstOp::I32Add];
    assert_eq!(*init.0, ops);
    assert!(matches!(module.elems[0].mode, ElemMode::Active { .. }));
    assert!(matches!(module.elems[1].mode, ElemMode::Declared));
    assert_eq!(module.datas[0].bytes.len(), 3);
    assert_eq!(module.bodies.len(), 2);
    assert_eq!(module.imports[0].module(), "env");
    assert_eq!(module.imports[0].name(), "f");
    let mine = module.custom_sections.iter().find(|c| &*c.name == "mine");
    assert_eq!(mine.unwrap().bytes.len(), 3);
}

#[test]
fn what_is_wrong_is_named() {
    let none = EnforcedLimits::default();
    let all = Features::default();
    let check = |wat: &str, features: Features, limits: &EnforcedLimits, expected: &str| {
        let error = read(wat, &features, limits).expect_err(wat).to_string();
        assert!(error.contains(expected), "{wat}: {error}");
        assert!(error.contains("(at offset 0x"), "{wat}: {error}");
    };
    // Invalid.
    check("(module (func (result i32)))", all, &none, "type mismatch");
    check("(module (func call 7))", all, &none, "unknown function 7");
    // Proposals that are not supported.
    check("(module (memory 1 1 shared))", all, &none, "threads");
    check("(component)", all, &none, "component");
    // Proposals that are switched off.
    let off = |set: fn(&mut Features)| {
        let mut features = Features::default();
        set(&mut features);
        features
    };
    let gc_off = off(|f| f.gc = false);
    check("(module (type (struct)))", gc_off, &none, "gc");
    check("(module (func (param anyref)))", gc_off, &none, "gc");
    let exceptions_off = off(|f| f.exceptions = false);
    check("(module (tag))", exceptions_off, &none, "exceptions");
    check("(module (func (try_table)))", exceptions_off, &none, "exceptions");
    let refs_off = off(|f| f.function_references = false);
    check("(module (func (param (ref func))))", refs_off, &none, "function references");
    check("(module (memory i64 1))", off(|f| f.memory64 = false), &none, "memory64");
    check("(module (func (drop (v128.const i64x2 0 0))))", off(|f| f.simd = false), &none, "SIMD");
    check("(module (func (return_call 0)))", off(|f| f.tail_call = false), &none, "tail call");
    check("(module (memory 1 (pagesize 1)))", all, &none, "page sizes");
    // Limits.
    let strict = EnforcedLimits::strict();
    let tiny = format!("(module {})", "(func)".repeat(500));
    check(&tiny, all, &strict, "on average");
    check(
        "(module (memory 1) (memory 1))",
        all,
        &strict,
        "2 memories exceed the enforced limit of 1",
    );
    let wide = format!("(module (func (param {})))", "i32 ".repeat(33));
    check(&wide, all, &strict, "33 parameters");
}

#[test]
fn plain_types_allow_every_feature() {
    let none = EnforcedLimits::default();
    let check = |fields: &str, expected: Result<(), &str>| {
        let found = read(&format!("(module {fields})"), &Features::default(), &none);
        match (found, expected) {
            (Ok(_), Ok(())) => {}
            (Err(error), Err(expected)) => assert!(error.to_string().contains(expected), "{error}"),
            (found, _) => panic!("{fields}: {:?}", found.map(drop)),
        }
    };
    let two =
        "(type $a (func)) (type $b (func (param i32))) (func $f (type $a)) (elem declare func $f)";
    check(&format!("{two} (func (call_ref $a (ref.func $f)))"), Ok(()));
    check(&format!("{two} (func (call_ref $b (i32.const 1) (ref.func $f)))"), Err("type mismatch"));
    check(&format!("{two} (table 1 (ref null $a)) (global (ref $a) (ref.func $f))"), Ok(()));
    check(&format!("{two} (global (ref $b) (ref.func $f))"), Err("type mismatch"));
    check(&format!("{two} (tag (type $b)) (func (throw 0 (i32.const 1)))"), Ok(()));
    check(&format!("{two} (func (local exnref (ref null struct) (ref null $b)))"), Ok(()));
    check(&format!("{two} (func (drop (ref.i31 (i32.const 1))))"), Ok(()));
    // Equal types are one type.
    let equal = "(type $a (func)) (type $b (func)) (func $f (type $a)) (elem declare func $f)";
    check(&format!("{equal} (func (call_ref $b (ref.func $f)))"), Ok(()));
    check(&format!("{equal} (global (ref $b) (ref.func $f))"), Ok(()));
}

#[test]
fn no_truncation_panics() {
    let wat = r#"(module (import "a" "b" (func)) (memory 1) (table 1 funcref) (elem (i32.const 0) 0)
        (func (export "f") (result i32) (i32.add (i32.const 1) (i32.const 2))) (data (i32.const 0) "xyz"))"#;
    let bytes = wat::parse_str(wat).unwrap();
    for validation in [Validation::Checked, Validation::Trusted] {
        for end in 0..bytes.len() {
            let _ =
                parse(&bytes[..end], &Features::default(), &EnforcedLimits::default(), validation);
        }
    }
}

#[test]
fn sections_have_the_size_that_they_say() {
    let check = |sections: &[u8], validation: Validation, expected: &str| {
        let bytes = [b"\0asm\x01\0\0\0", sections].concat();
        let error = parse(&bytes, &Features::default(), &EnforcedLimits::default(), validation);
        let error = error.expect_err(expected).to_string();
        assert!(error.contains(expected), "{error}");
    };
    // A type section with a type and one byte more.
    let types = b"\x01\x05\x01\x60\0\0\0";
    check(types, Validation::Checked, "section size mismatch");
    check(types, Validation::Trusted, "unexpected data at the end of the type section");
    // A function whose body ends behind the section, one behind the module, and one byte too many.
    let func = b"\x01\x04\x01\x60\0\0\x03\x02\x01\0";
    for validation in [Validation::Checked, Validation::Trusted] {
        let check = |code: &[u8], expected| check(&[func, code].concat(), validation, expected);
        let custom = b"\0\x05\x01a\0\0\0";
        let code = [&b"\x0a\x04\x01\x05\0\x0b"[..], custom].concat();
        check(&code, "unexpected end-of-file");
        check(b"\x0a\x09\x01\x07\0\x0b", "unexpected end-of-file");
        check(b"\x0a\x05\x01\x02\0\x0b\0", "trailing bytes at end of section");
    }
}
