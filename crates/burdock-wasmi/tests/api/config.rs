//! The settings of a configuration: effects and defaults.

use burdock_wasmi::errors::ErrorKind;
use burdock_wasmi::{
    CompilationMode, Config, CustomFuelCosts, Engine, Instance, Module, OperatorCost, Store,
    TrapCode,
};

/// Returns what becomes of a module under a configuration.
fn outcome(configure: impl FnOnce(&mut Config), wat: &str) -> String {
    let mut config = Config::default();
    configure(&mut config);
    match Module::new(&Engine::new(&config), wat) {
        Ok(_) => "ok".to_owned(),
        Err(error) => match error.kind() {
            ErrorKind::Wasm(error) => error.message().to_owned(),
            kind => panic!("{kind:?}"),
        },
    }
}

#[test]
fn proposals_are_wasmis() {
    let mutable = r#"(module (global (export "g") (mut i32) (i32.const 0)))"#;
    let memory64 = "(module (memory i64 1))";
    let simd = "(module (func (param v128)))";
    let wide = "(module (func (param i64 i64) (result i64 i64)
        local.get 0 local.get 1 i64.mul_wide_u))";
    let rows: &[(&str, &str, &str)] = &[
        ("default", mutable, "ok"),
        ("default", memory64, "ok"),
        ("no memory64", memory64, "memory64 must be enabled for 64-bit memories"),
        ("no mutable-global", mutable, "mutable global support is not enabled"),
        ("default", wide, "wide arithmetic support is not enabled"),
        ("wide-arithmetic", wide, "ok"),
        (
            "default",
            "(module (type (struct)))",
            "struct indexed types not supported without the gc feature",
        ),
        ("gc", "(module (type (struct)))", "ok"),
        ("default", "(module (tag))", "exceptions proposal not enabled"),
        (
            "default",
            simd,
            if cfg!(feature = "simd") { "ok" } else { "SIMD support is not enabled" },
        ),
    ];
    for (config, wat, expected) in rows {
        let configure = |c: &mut Config| match *config {
            "no memory64" => {
                c.wasm_memory64(false);
            }
            "no mutable-global" => {
                c.wasm_mutable_global(false);
            }
            "wide-arithmetic" => {
                c.wasm_wide_arithmetic(true);
            }
            "gc" => {
                c.as_burdock_mut().wasm_function_references(true).wasm_gc(true);
            }
            _ => {}
        };
        assert_eq!(outcome(configure, wat), *expected, "{config}: {wat}");
    }
}

#[test]
fn recursion_is_limited() {
    let wat = r#"(module (func $f (export "f") (param i32)
        (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1)))))))"#;
    type Row = (&'static str, fn(&mut Config), i32, bool);
    let rows: [Row; 4] = [
        ("default", |_| {}, 10_000, true),
        ("default", |_| {}, 10_000_000, false),
        (
            "frames",
            |c| {
                c.set_max_recursion_depth(100);
            },
            200,
            false,
        ),
        (
            "bytes",
            |c| {
                c.set_max_stack_height(1_000);
            },
            200,
            false,
        ),
    ];
    for (name, configure, depth, expected) in rows {
        let mut config = Config::default();
        configure(&mut config);
        let engine = Engine::new(&config);
        let mut store = Store::new(&engine, ());
        let module = Module::new(&engine, wat).unwrap();
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let f = instance.get_typed_func::<i32, ()>(&store, "f").unwrap();
        let trap = f.call(&mut store, depth).map_err(|error| error.as_trap_code());
        let expected = if expected { Ok(()) } else { Err(Some(TrapCode::StackOverflow)) };
        assert_eq!(trap, expected, "{name}: {depth}");
    }
}

#[test]
#[should_panic = "minimum stack height 1001 exceeds the maximum 1000"]
fn a_minimum_above_the_maximum_panics() {
    Config::default().set_max_stack_height(1000).set_min_stack_height(1001);
}

#[test]
#[should_panic = "maximum stack height 999 is below the minimum 1000"]
fn a_maximum_below_the_minimum_panics() {
    Config::default().set_max_stack_height(999);
}

#[test]
fn an_engine_keeps_its_configuration() {
    let mut config = Config::default();
    config
        .compilation_mode(CompilationMode::Eager)
        .set_max_cached_stacks(3)
        .operator_cost(OperatorCost { i32_add: 9, ..OperatorCost::default() })
        .fuel_cost(CustomFuelCosts {
            bytes_copied_per_fuel: 64,
            fuel_per_bytes_translated: 0,
            fuel_per_bytes_validated: 0,
        });
    let engine = Engine::new(&config);
    assert!(format!("{:?}", engine.config()).contains("Eager"));
    let (same, other) = (engine.clone(), Engine::default());
    assert!(Engine::same(&engine, &same) && !Engine::same(&engine, &other));
    let weak = engine.weak();
    assert!(Engine::same(&weak.upgrade().unwrap(), &engine));
    drop((engine, same));
    assert!(weak.upgrade().is_none());
}
