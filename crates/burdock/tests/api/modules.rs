//! Modules: what they say of themselves, what is refused, when their code is looked at, and how
//! they start.

use crate::common::{self, full, module};
use burdock::*;

#[test]
fn a_module_describes_itself() {
    let engine = Engine::default();
    let module = module(
        &engine,
        r#"(module $name
            (import "a" "f" (func (param i32)))
            (import "a" "m" (memory 2 3))
            (func $run (export "run") (result i64) i64.const 1)
            (table (export "t") 4 funcref)
            (global (export "g") (mut f32) (f32.const 1))
            (@custom "notes" "hello"))"#,
    );
    assert_eq!(module.name(), Some("name"));
    let imports: Vec<_> =
        module.imports().map(|i| format!("{}::{}", i.module(), i.name())).collect();
    assert_eq!(imports, ["a::f", "a::m"]);
    let exports: Vec<_> = module.exports().map(|e| e.name().to_string()).collect();
    assert_eq!(exports, ["run", "t", "g"]);
    assert_eq!(
        module.get_export("run").unwrap().unwrap_func().to_string(),
        "(type (func (result i64)))"
    );
    assert!(module.get_export("nothing").is_none());
    let notes = module.custom_sections().find(|section| section.name() == "notes");
    assert_eq!(notes.unwrap().data(), b"hello");
    assert_eq!(module.func_name(1), Some("run"));
    let required = module.resources_required();
    assert_eq!((required.num_memories, required.num_tables), (0, 1));
    assert_eq!(required.max_initial_table_size, Some(4));
}

#[test]
fn custom_sections_can_be_ignored() {
    let mut config = Config::new();
    config.ignore_custom_sections(true);
    let engine = Engine::new(&config).unwrap();
    let module = module(&engine, r#"(module $name (@custom "notes" "hello"))"#);
    assert_eq!(module.name(), None);
    assert_eq!(module.custom_sections().len(), 0);
}

#[test]
fn what_is_no_module_is_refused_with_a_reason() {
    let engine = Engine::default();
    let check = |bytes: &[u8], expected: &str| {
        let error = Module::new(&engine, bytes).unwrap_err();
        assert!(full(&error).contains(expected), "{error:#}");
    };
    check(b"\0asm\x02\0\0\0", "unknown binary version");
    check(b"\0asm\x01\0\0\0\x01", "unexpected end");
    check(b"(module (func (result i32)))", "type mismatch");
    check(b"(module (func (result i32)", "expected `)`");
    check(b"(module (tag) (func try catch 0 end))", "legacy_exceptions");
    check(b"(component)", "component");
    let error = Module::new(&engine, "(module (func (result i32)))").unwrap_err();
    assert_eq!(error.to_string(), "WebAssembly translation error");
    assert!(full(&error).contains("at offset 0x"), "{error:#}");
}

#[test]
fn a_frame_that_is_too_large_is_refused_with_its_module() {
    let many = |what: &str, count: usize| format!("{what} ").repeat(count);
    // Bodies just below or above the limit, and `true` if the body fits.
    let rows = [
        (format!("(local {})", many("i64", 49_999)), true),
        (format!("(local {})", many("v128", 32_499)), true),
        (format!("(local {})", many("v128", 32_500)), false),
        (format!("{}{}", many("i32.const 1", 64_999), many("drop", 64_999)), true),
        (format!("{}{}", many("i32.const 1", 65_000), many("drop", 65_000)), false),
        // The callee's frame begins behind the operands.
        (format!("{} call $five {}", many("f64.const 1", 64_998), many("drop", 64_999)), true),
        (format!("{} call $big {}", many("i64.const 1", 65_499), many("drop", 64_999)), false),
        (format!("(local i32) {} {}", many("local.get 0", 64_998), many("drop", 64_998)), true),
        (
            format!(
                "{} (i64x2.splat (i64.const 1)) drop {}",
                many("i32.const 1", 32_498),
                many("drop", 32_498)
            ),
            true,
        ),
        (format!("{}{}", many("(i64x2.splat (i64.const 1))", 32_500), many("drop", 32_500)), false),
        // Unreachable code has no slots in the frame, but the limit counts its operands all the
        // same.
        (format!("(br 0) {}", many("i32.const 1", 70_000)), false),
    ];
    for (body, fits) in rows {
        let wat = format!(
            r#"(module
                (func $five (result f64) (f64.const 5))
                (func $big (param {}) (result i64) (i64.const 5))
                (func (export "large") (param i32) {body})
                (func (export "small") (result i32) (i32.const 7)))"#,
            many("i64", 1000)
        );
        let bytes = wat::parse_str(&wat).unwrap();
        for mode in [CompilationMode::Eager, CompilationMode::LazyTranslation] {
            let mut config = Config::new();
            config.compilation_mode(mode).consume_fuel(true);
            let engine = Engine::new(&config).unwrap();
            let head = &body[..body.len().min(60)];
            assert_eq!(Module::validate(&engine, &bytes).is_ok(), fits, "{head}");
            match Module::new(&engine, &bytes) {
                Ok(module) => {
                    assert!(fits, "{head}");
                    let mut store = Store::new(&engine, ());
                    store.set_fuel(1_000_000).unwrap();
                    let instance = Instance::new(&mut store, &module, &[]).unwrap();
                    let large = instance.get_typed_func::<i32, ()>(&mut store, "large").unwrap();
                    large.call(&mut store, 3).unwrap();
                }
                Err(error) => {
                    assert!(!fits, "{head}: {error:?}");
                    let message = "function needs more than 65000 slots";
                    assert!(full(&error).contains(message), "{error:?}");
                }
            }
        }
        // The call reports the error where bodies are not validated before.
        let engine = Engine::new(Config::new().compilation_mode(CompilationMode::Lazy)).unwrap();
        let module = Module::new(&engine, &bytes).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let small = instance.get_typed_func::<(), i32>(&mut store, "small").unwrap();
        assert_eq!(small.call(&mut store, ()).unwrap(), 7);
        let large = instance.get_typed_func::<i32, ()>(&mut store, "large").unwrap();
        assert_eq!(large.call(&mut store, 3).is_ok(), fits);
    }
}

#[test]
fn truncated_and_random_bytes_are_refused_in_every_mode() {
    let wat = r#"(module (import "a" "b" (func)) (memory 1) (table 1 funcref) (elem (i32.const 0) 0)
        (func (export "f") (param i32) (result i32)
            (block $b (loop (br_if $b (local.get 0)) (br_table 0 1 (local.get 0))))
            (i32.add (local.get 0) (i32.const 2)))
        (data (i32.const 0) "xyz"))"#;
    let bytes = wat::parse_str(wat).unwrap();
    for config in common::configs() {
        let engine = Engine::new(&config).unwrap();
        assert!(Module::new(&engine, &bytes).is_ok());
        for end in 0..bytes.len() {
            let _ = Module::new(&engine, &bytes[..end]);
            let _ = Module::validate(&engine, &bytes[..end]);
        }
        // A small generator is enough to flip bytes everywhere.
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        for _ in 0..3000 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let mut broken = bytes.clone();
            let at = 8 + state as usize % (bytes.len() - 8);
            broken[at] = (state >> 32) as u8;
            let _ = Module::new(&engine, &broken);
            let noise: Vec<u8> = (0..40).map(|i| (state >> (i % 57)) as u8).collect();
            assert!(Module::new(&engine, noise).is_err());
        }
    }
}

#[test]
fn lazy_modes_look_at_bodies_when_they_say() {
    use CompilationMode::{Eager, Lazy, LazyTranslation};
    let wat = r#"(module (func (export "good") (result i32) i32.const 1)
        (func (export "bad") (result i32) i64.const 1))"#;
    let check = |mode: CompilationMode, at_once: bool| {
        let mut config = Config::new();
        config.compilation_mode(mode);
        let engine = Engine::new(&config).unwrap();
        let module = match Module::new(&engine, wat) {
            Ok(module) => module,
            Err(error) => {
                assert!(at_once, "{mode:?}: {error:#}");
                return assert!(full(&error).contains("type mismatch"), "{error:#}");
            }
        };
        assert!(!at_once, "{mode:?}");
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let call = |store: &mut Store<()>, name: &str| {
            let func = instance.get_typed_func::<(), i32>(&mut *store, name)?;
            func.call(store, ())
        };
        assert_eq!(call(&mut store, "good").unwrap(), 1);
        for _ in 0..2 {
            let error = call(&mut store, "bad").unwrap_err();
            assert!(full(&error).contains("type mismatch"), "{error:#}");
        }
        assert_eq!(call(&mut store, "good").unwrap(), 1);
    };
    check(Eager, true);
    check(LazyTranslation, true);
    check(Lazy, false);
    // Validation of a whole module does not depend on the mode.
    let mut config = Config::new();
    config.compilation_mode(Lazy);
    let engine = Engine::new(&config).unwrap();
    let bytes = wat::parse_str(wat).unwrap();
    assert!(Module::validate(&engine, &bytes).is_err());
}

#[test]
fn lazy_code_grows_with_use() {
    let mut config = Config::new();
    config.compilation_mode(CompilationMode::LazyTranslation);
    let engine = Engine::new(&config).unwrap();
    let module = module(&engine, r#"(module (func (export "f") (result i32) i32.const 1))"#);
    let before = module.code_size();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let f = instance.get_typed_func::<(), i32>(&mut store, "f").unwrap();
    assert_eq!(f.call(&mut store, ()).unwrap(), 1);
    assert!(module.code_size() > before);
}

#[test]
fn a_start_function_runs_after_the_segments() {
    let engine = Engine::default();
    let module = module(
        &engine,
        r#"(module (memory (export "mem") 1) (data (i32.const 0) "\05")
            (func $s (i32.store8 (i32.const 1) (i32.mul (i32.load8_u (i32.const 0)) (i32.const 2))))
            (start $s))"#,
    );
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let memory = instance.get_memory(&mut store, "mem").unwrap();
    assert_eq!(memory.data(&store)[..2], [5, 10]);
}

#[test]
fn start_functions_can_fail_or_be_forbidden() {
    let engine = Engine::default();
    let wat = "(module (func $s unreachable) (start $s))";
    let error =
        Instance::new(&mut Store::new(&engine, ()), &module(&engine, wat), &[]).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::UnreachableCodeReached));
    assert!(error.is::<WasmBacktrace>());
    let mut config = Config::new();
    config.allow_start_fn(false);
    let engine = Engine::new(&config).unwrap();
    let error = Module::new(&engine, wat).unwrap_err();
    assert!(error.is::<StartFunctionError>());
    assert_eq!(
        error.to_string(),
        "the module has a start function, which the configuration does not allow"
    );
    module(&engine, "(module)");
}

#[test]
fn segments_that_do_not_fit_trap_after_those_before_them() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).unwrap();
    let wat = r#"(module (import "" "m" (memory 1))
        (data (i32.const 0) "first") (data (i32.const 65535) "too long"))"#;
    let error = Instance::new(&mut store, &module(&engine, wat), &[memory.into()]).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::MemoryOutOfBounds));
    assert_eq!(&memory.data(&store)[..5], b"first");
    let wat = "(module (table 1 funcref) (func $f) (elem (i32.const 1) $f))";
    let error = Instance::new(&mut store, &module(&engine, wat), &[]).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::TableOutOfBounds));
}

#[test]
fn imports_are_counted_and_checked() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let wat = r#"(module (import "m" "f" (func (param i32))))"#;
    let module = module(&engine, wat);
    let error = Instance::new(&mut store, &module, &[]).unwrap_err();
    assert_eq!(error.to_string(), "expected 1 imports, found 0");
    let func = Func::wrap(&mut store, |_: i64| {});
    let error = Instance::new(&mut store, &module, &[func.into()]).unwrap_err();
    assert_eq!(
        full(&error),
        "incompatible import type for `m::f`: types incompatible: expected type `(func (param i32))`, found type `(func (param i64))`"
    );
}

#[test]
fn proposals_can_be_switched_off() {
    let check = |set: fn(&mut Config) -> &mut Config, wat: &str| {
        Module::new(&Engine::default(), wat).unwrap();
        let mut config = Config::new();
        set(&mut config);
        let engine = Engine::new(&config).unwrap();
        assert!(Module::new(&engine, wat).is_err(), "{wat}");
    };
    check(|c| c.wasm_simd(false).wasm_relaxed_simd(false), "(module (func (param v128)))");
    check(|c| c.wasm_multi_memory(false), "(module (memory 1) (memory 1))");
    check(|c| c.wasm_memory64(false), "(module (memory i64 1))");
    check(|c| c.wasm_tail_call(false), "(module (func return_call 0))");
    check(|c| c.wasm_multi_value(false), "(module (func (result i32 i32) unreachable))");
    check(
        |c| c.wasm_bulk_memory(false),
        "(module (memory 1) (func (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 0))) (data \"\"))",
    );
    check(|c| c.wasm_reference_types(false), "(module (table 1 externref))");
    check(
        |c| c.wasm_extended_const(false),
        "(module (global i32 (i32.add (i32.const 1) (i32.const 2))))",
    );
    check(
        |c| c.wasm_wide_arithmetic(false),
        "(module (func (param i64 i64) (result i64 i64) (i64.mul_wide_u (local.get 0) (local.get 1))))",
    );
    check(|c| c.wasm_sign_extension(false), "(module (func (drop (i32.extend8_s (i32.const 0)))))");
    check(
        |c| c.wasm_saturating_float_to_int(false),
        "(module (func (drop (i32.trunc_sat_f32_s (f32.const 0)))))",
    );
    check(|c| c.wasm_function_references(false), "(module (func (param (ref func))))");
    check(|c| c.wasm_exceptions(false), "(module (tag))");
    check(
        |c| c.wasm_compact_imports(false),
        r#"(module (import "m" (item "f" (func)) (item "g" (func))))"#,
    );
    check(|c| c.floats(false), "(module (func (drop (f32.const 0))))");
    let pages = "(module (memory 1 (pagesize 1)))";
    assert!(Module::new(&Engine::default(), pages).is_err());
    let mut config = Config::new();
    config.wasm_custom_page_sizes(true);
    Module::new(&Engine::new(&config).unwrap(), pages).unwrap();
    config.wasm_threads(true);
    let error = Engine::new(&config).unwrap_err();
    assert!(error.to_string().contains("threads"), "{error}");
    config.wasm_threads(false);
    Engine::new(&config).unwrap();
    let structure = "(module (type (struct)))";
    Module::new(&Engine::default(), structure).unwrap();
    config.wasm_gc(false);
    let error = Module::new(&Engine::new(&config).unwrap(), structure).unwrap_err();
    assert!(full(&error).contains("gc"), "{error:#}");
}

#[test]
fn imports_in_groups_are_imports() {
    let engine = Engine::default();
    for wat in [
        r#"(module
            (import "m" (item "f" (func (result i32))) (item "g" (func (result i32))))
            (import "n" "h" (func (result i32)))
            (func (export "run") (result i32)
                (i32.add (i32.mul (call 0) (i32.const 100))
                    (i32.add (i32.mul (call 1) (i32.const 10)) (call 2)))))"#,
        r#"(module
            (import "m" (item "f") (item "g") (func (result i32)))
            (import "n" "h" (func (result i32)))
            (func (export "run") (result i32)
                (i32.add (i32.mul (call 0) (i32.const 100))
                    (i32.add (i32.mul (call 1) (i32.const 10)) (call 2)))))"#,
    ] {
        let module = module(&engine, wat);
        let names: Vec<_> = module.imports().map(|it| (it.module(), it.name())).collect();
        assert_eq!(names, [("m", "f"), ("m", "g"), ("n", "h")]);
        let mut linker = Linker::new(&engine);
        linker.func_wrap("m", "f", || 1).unwrap();
        linker.func_wrap("m", "g", || 2).unwrap();
        linker.func_wrap("n", "h", || 3).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = linker.instantiate(&mut store, &module).unwrap();
        let run = instance.get_typed_func::<(), i32>(&mut store, "run").unwrap();
        assert_eq!(run.call(&mut store, ()).unwrap(), 123);
    }
}

#[test]
fn exports_are_found_by_name_and_by_index() {
    let engine = Engine::default();
    let one = module(&engine, r#"(module (func (export "f")) (memory (export "m") 1))"#);
    let other = module(&engine, "(module)");
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &one, &[]).unwrap();
    let names: Vec<String> = instance.exports(&mut store).map(|e| e.name().to_string()).collect();
    assert_eq!(names, ["f", "m"]);
    let index = one.get_export_index("m").unwrap();
    let memory = instance.get_module_export(&mut store, &index).unwrap();
    assert!(memory.into_memory().is_some());
    assert!(Module::same(instance.module(&store), &one));
    let stranger = Instance::new(&mut store, &other, &[]).unwrap();
    assert!(stranger.get_module_export(&mut store, &index).is_none());
    assert!(instance.get_func(&mut store, "m").is_none());
}

#[test]
fn features_are_switched_as_a_set() {
    let simd = "(module (func (drop (v128.const i64x2 1 2))))";
    let tail = "(module (func (return_call 0)))";
    let compiles = |config: &Config, wat: &str| {
        Engine::new(config).and_then(|engine| Module::new(&engine, wat)).is_ok()
    };
    let mut config = Config::new();
    config.wasm_features(WasmFeatures::SIMD | WasmFeatures::RELAXED_SIMD, false);
    assert!(!compiles(&config, simd) && compiles(&config, tail));
    config.wasm_features(WasmFeatures::all() - WasmFeatures::TAIL_CALL, false);
    config.wasm_features(WasmFeatures::SIMD, true);
    assert!(compiles(&config, simd) && compiles(&config, tail));
    config.wasm_features(WasmFeatures::THREADS, true);
    let error = Engine::new(&config).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the wasm_threads feature is not supported by this version of Burdock"
    );
}
