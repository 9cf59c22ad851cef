//! Fuel: its amounts, and what remains of it.

use burdock_wasmi::errors::{ErrorKind, FuelError};
use burdock_wasmi::{
    AsContext, AsContextMut, Caller, CompilationMode, Config, CustomFuelCosts, Engine, Linker,
    Module, OperatorCost, Store, TrapCode,
};

/// Adds its parameter to itself: a body of 6 bytes, with 3 operators that take fuel.
const ADD: &str = r#"(module (func (export "f") (param i32) (result i32)
    local.get 0 local.get 0 i32.add))"#;

/// Returns the fuel that two calls take, each in a store with 100 units before it.
fn taken(configure: impl FnOnce(&mut Config), wat: &str) -> [u64; 2] {
    let mut config = Config::default();
    configure(config.consume_fuel(true));
    let engine = Engine::new(&config);
    let module = Module::new(&engine, wat).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
    let f = instance.get_typed_func::<i32, i32>(&store, "f").unwrap();
    [(); 2].map(|()| {
        store.set_fuel(100).unwrap();
        f.call(&mut store, 1).unwrap();
        100 - store.get_fuel().unwrap()
    })
}

#[test]
fn operators_and_translation_take_fuel() {
    use CompilationMode::{Eager, Lazy, LazyTranslation};
    let (body, call) = (7, 4);
    for (mode, per_byte) in [(Eager, 0), (LazyTranslation, 7), (Lazy, 9)] {
        let first = call + body * per_byte;
        assert_eq!(
            taken(
                |c| {
                    c.compilation_mode(mode);
                },
                ADD
            ),
            [first, call],
            "{mode:?}"
        );
    }
    let free = CustomFuelCosts {
        bytes_copied_per_fuel: 0,
        fuel_per_bytes_translated: 0,
        fuel_per_bytes_validated: 0,
    };
    assert_eq!(
        taken(
            |c| {
                c.fuel_cost(free);
            },
            ADD
        ),
        [call; 2]
    );
    let costs = OperatorCost { i32_add: 10, local_get: 0, ..OperatorCost::default() };
    assert_eq!(
        taken(
            |c| {
                c.fuel_cost(free).operator_cost(costs);
            },
            ADD
        ),
        [11; 2]
    );
}

#[test]
fn too_little_fuel_is_kept() {
    let mut config = Config::default();
    config.consume_fuel(true);
    let engine = Engine::new(&config);
    let module = Module::new(&engine, ADD).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
    let f = instance.get_typed_func::<i32, i32>(&store, "f").unwrap();
    // The translation of 7 bytes takes 49 units, and the call 4.
    for (fuel, left) in [(0, Err(0)), (48, Err(48)), (49, Err(0)), (100, Ok(96)), (1, Err(1))] {
        store.set_fuel(fuel).unwrap();
        let result = f.call(&mut store, 1).map_err(|error| error.as_trap_code());
        let remaining = store.get_fuel().unwrap();
        match left {
            Ok(left) => assert_eq!((result, remaining), (Ok(2), left), "{fuel}"),
            Err(left) => {
                assert_eq!((result, remaining), (Err(Some(TrapCode::OutOfFuel)), left), "{fuel}");
            }
        }
    }
}

#[test]
fn host_functions_see_and_set_fuel() {
    let mut config = Config::default();
    config.consume_fuel(true).compilation_mode(CompilationMode::Eager);
    let engine = Engine::new(&config);
    let mut linker = Linker::new(&engine);
    linker
        .func_wrap("", "f", |mut caller: Caller<'_, u64>| {
            *caller.data_mut() = caller.get_fuel().unwrap();
            caller.set_fuel(10).unwrap();
            let fuel = caller.as_context().get_fuel().unwrap();
            caller.as_context_mut().set_fuel(fuel + 1).unwrap();
        })
        .unwrap();
    let wat = r#"(module (import "" "f" (func $f)) (func (export "run") call $f))"#;
    let mut store = Store::new(&engine, 0);
    let instance =
        linker.instantiate_and_start(&mut store, &Module::new(&engine, wat).unwrap()).unwrap();
    store.set_fuel(100).unwrap();
    instance.get_typed_func::<(), ()>(&store, "run").unwrap().call(&mut store, ()).unwrap();
    assert_eq!((*store.data(), store.get_fuel().unwrap()), (98, 11));
}

#[test]
fn without_metering_there_is_no_fuel() {
    let mut store = Store::new(&Engine::default(), ());
    let errors = [
        store.get_fuel().unwrap_err(),
        store.set_fuel(1).unwrap_err(),
        store.as_context().get_fuel().unwrap_err(),
        store.as_context_mut().set_fuel(1).unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error.kind(), ErrorKind::Fuel(FuelError::FuelMeteringDisabled)));
    }
}
