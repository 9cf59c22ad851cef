//! Fuel as docs/FUEL.md promises it: the costs, and the points where a guest stops.
//! `out_of_fuel.rs` tests that a guest goes on with its values.

use crate::common;
use burdock::*;

const PAGE: &str = include_str!("../../../../docs/FUEL.md");

/// Returns the fuel that `run` takes, called with an argument.
fn taken(config: &Config, wat: &str, arg: i32) -> u64 {
    const FUEL: u64 = 1_000_000;
    let (mut store, instance) = common::instance(config.clone().wasm_gc(true), wat);
    store.set_fuel(FUEL).unwrap();
    let run = instance.get_typed_func::<i32, ()>(&mut store, "run").unwrap();
    run.call(&mut store, arg).unwrap();
    FUEL - store.get_fuel().unwrap()
}

/// Returns a module whose function `run` has this body.
fn module(body: &str) -> String {
    format!(
        r#"(module
            (memory 1 1) (table $t 2000 4000 funcref) (global $g (mut i32) (i32.const 0))
            (type $longs (array (mut i64)))
            (type $bytes (array (mut i8))) (type $funcs (array (mut funcref)))
            (global $b (ref $bytes) (array.new_default $bytes (i32.const 2000)))
            (global $f (ref $funcs) (array.new_default $funcs (i32.const 2000)))
            (data $d "{}") (elem $e funcref {})
            (elem (table $t) (i32.const 1999) func $empty)
            (func $empty)
            (func (export "run") (param $n i32) {body}))"#,
        "x".repeat(1000),
        "(ref.func $empty) ".repeat(1000)
    )
}

/// Bodies for each row of the table that is about operators, and the fuel that they take in
/// addition to the entry and to the cost in the row.
const OPERATORS: &[(&str, &[(&str, u64)])] = &[
    (
        "an operator that this table does not name",
        &[
            ("(drop (local.get $n))", 0),
            ("(drop (i32.const 1))", 0),
            ("(global.set $g (i32.const 1))", 1),
            ("(drop (i32.add (local.get $n) (i32.const 1)))", 2),
            ("(drop (i32.load (local.get $n)))", 1),
            ("(drop (memory.size))", 0),
            ("(drop (table.size $t))", 0),
            ("(drop (select (local.get $n) (local.get $n) (local.get $n)))", 3),
            ("(drop (ref.func $empty))", 0),
            ("(br 0)", 0),
            ("(block (br_if 0 (local.get $n)))", 1),
            ("(block (br_table 0 0 (local.get $n)))", 1),
            ("(if (local.get $n) (then))", 1),
            ("(call $empty)", 1),
            ("(call_indirect (i32.const 1999))", 1 + 1),
        ],
    ),
    (
        "`nop`, `drop`, `block`, `loop`, `unreachable`, `return`, `else`, `end`",
        &[
            ("nop", 0),
            ("(drop (i32.const 1))", 1),
            ("(block)", 0),
            ("(loop)", 0),
            ("(return)", 0),
            ("(if (local.get $n) (then) (else (nop)))", 2),
        ],
    ),
    (
        "`memory.fill`, `memory.copy`, `memory.init`",
        &[
            ("(memory.fill (i32.const 0) (i32.const 1) (local.get $n))", 3),
            ("(memory.copy (i32.const 0) (i32.const 1) (local.get $n))", 3),
            ("(memory.init $d (i32.const 0) (i32.const 0) (local.get $n))", 3),
        ],
    ),
    (
        "`table.fill`, `table.copy`, `table.init`, `table.grow`",
        &[
            ("(table.fill $t (i32.const 0) (ref.null func) (local.get $n))", 3),
            ("(table.copy $t $t (i32.const 0) (i32.const 1) (local.get $n))", 3),
            ("(table.init $t $e (i32.const 0) (i32.const 0) (local.get $n))", 3),
            ("(drop (table.grow $t (ref.null func) (local.get $n)))", 2),
        ],
    ),
    ("`memory.grow`", &[("(drop (memory.grow (local.get $n)))", 1)]),
    (
        "`array.new`, `array.new_default`, `array.new_data`, `array.new_elem`",
        &[
            ("(drop (array.new $bytes (i32.const 1) (local.get $n)))", 2),
            ("(drop (array.new_default $bytes (local.get $n)))", 1),
            ("(drop (array.new_data $bytes $d (i32.const 0) (local.get $n)))", 2),
            ("(drop (array.new_elem $funcs $e (i32.const 0) (local.get $n)))", 2),
        ],
    ),
    (
        "`array.fill`, `array.copy`, `array.init_data`, `array.init_elem`",
        &[
            ("(array.fill $bytes (global.get $b) (i32.const 0) (i32.const 1) (local.get $n))", 4),
            (
                "(array.copy $funcs $funcs (global.get $f) (i32.const 0)
                    (global.get $f) (i32.const 1) (local.get $n))",
                5,
            ),
            (
                "(array.init_data $bytes $d (global.get $b)
                    (i32.const 0) (i32.const 0) (local.get $n))",
                4,
            ),
            (
                "(array.init_elem $funcs $e (global.get $f)
                    (i32.const 0) (i32.const 0) (local.get $n))",
                4,
            ),
        ],
    ),
];

/// Returns the rows of the page's table: operators, their base cost, and their cost for each unit.
fn rows() -> impl Iterator<Item = (&'static str, u64, u64)> {
    let rows = PAGE.lines().skip_while(|line| !line.starts_with("| What | Fuel |")).skip(2);
    rows.take_while(|line| line.starts_with('|')).map(|line| {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let (flat, unit) = cells[1].split_once(", and ").unwrap_or((cells[1], "0"));
        let number = |text: &str| text.split(' ').next().unwrap().parse().unwrap();
        (cells[0], number(flat), number(unit))
    })
}

#[test]
fn operators_cost_what_the_page_says() {
    let mut seen = 0;
    for (what, flat, unit) in rows() {
        let Some((_, bodies)) = OPERATORS.iter().find(|(name, _)| *name == what) else {
            continue;
        };
        seen += 1;
        for (body, other) in *bodies {
            for mut config in common::configs() {
                config.consume_fuel(true);
                // Amounts from operands, and constant amounts: small and large.
                for n in [0, 1, 128, 129, 1000] {
                    if what != "`memory.grow`" && unit == 0 && n > 1 {
                        break;
                    }
                    let constant = body.replace("(local.get $n)", &format!("(i32.const {n})"));
                    for body in [body, &*constant] {
                        let taken = taken(&config, &module(body), n);
                        let expected = 1 + other + flat + unit * n as u64;
                        assert_eq!(taken, expected, "{body} {n} {config:?}");
                    }
                }
            }
        }
    }
    assert_eq!(seen, OPERATORS.len(), "rows that the page does not have");
}

/// Returns the costs that a row lists.
fn row(what: &str) -> (u64, u64) {
    let (_, flat, unit) = rows().find(|row| row.0 == what).expect("a row of the page");
    (flat, unit)
}

#[test]
fn entering_a_function_costs_what_the_page_says() {
    let (flat, unit) = row("entering a function");
    assert!(PAGE.contains("for every 64 slots of locals"));
    for (locals, slots) in [
        ("", 0),
        ("(local i32)", 1),
        (&*format!("(local {})", "i64 ".repeat(63)), 63),
        (&*format!("(local {})", "f64 ".repeat(64)), 64),
        (&*format!("(local {})", "v128 ".repeat(32)), 64),
        (&*format!("(local {})", "v128 ".repeat(3200)), 6400),
        (&*format!("(local {})", "externref ".repeat(20_000)), 20_000),
    ] {
        let wat = format!(r#"(module (func (export "run") (param i32) {locals}))"#);
        for mut config in common::configs() {
            config.consume_fuel(true);
            assert_eq!(taken(&config, &wat, 0), flat + slots / 64 * unit, "{slots} {config:?}");
        }
    }
}

#[test]
fn starting_costs_what_the_page_says() {
    let (flat, _) = row("having a start function");
    let mut config = Config::new();
    let engine = Engine::new(config.consume_fuel(true)).unwrap();
    for (wat, fuel) in [
        ("(module)", 0),
        ("(module (func $f) (start $f))", flat + 1),
        // The numbers of Wasmtime 50's `tests/all/fuel.wast`.
        (
            "(module (memory 1) (start $f)
                (func $f (memory.fill (i32.const 0) (i32.const 0) (i32.const 100))))",
            107,
        ),
    ] {
        let module = Module::new(&engine, wat).unwrap();
        let mut store = Store::new(&engine, ());
        store.set_fuel(u64::MAX).unwrap();
        Instance::new(&mut store, &module, &[]).unwrap();
        assert_eq!(u64::MAX - store.get_fuel().unwrap(), fuel, "{wat}");
        store.set_fuel(fuel.max(1)).unwrap();
        let result = Instance::new(&mut store, &module, &[]);
        match fuel {
            // The fuel behind the last check suffices for constant costs.
            0 | 107 => assert!(result.is_ok(), "{wat}"),
            _ => assert_eq!(result.unwrap_err().downcast_ref(), Some(&Trap::OutOfFuel), "{wat}"),
        }
    }
}

/// Calls `run` with this much fuel. Returns the way in which the call ends, and the fuel that is
/// left.
#[track_caller]
fn check(body: &str, arg: i32, fuel: u64, ends: Option<Trap>, left: u64) {
    for epochs in [false, true] {
        for mut config in common::configs() {
            config.consume_fuel(true).epoch_interruption(epochs).wasm_gc(true);
            let (mut store, instance) = common::instance(&config, &module(body));
            store.set_epoch_deadline(1);
            store.set_fuel(fuel).unwrap();
            let run = instance.get_typed_func::<i32, ()>(&mut store, "run").unwrap();
            let trap = run
                .call(&mut store, arg)
                .err()
                .map(|error| *error.downcast_ref::<Trap>().unwrap_or_else(|| panic!("{error:?}")));
            let got = (trap, store.get_fuel().unwrap());
            assert_eq!(got, (ends, left), "{body} {arg} with {fuel} {config:?}");
        }
    }
}

const OUT: Option<Trap> = Some(Trap::OutOfFuel);

#[test]
fn a_guest_stops_where_exactly_nothing_would_be_left() {
    // Wasmtime's `immediate_trap_with_fuel1` and `get_fuel_clamps_at_zero`.
    check("", 0, 0, OUT, 0);
    check("", 0, 1, OUT, 0);
    check("", 0, 2, None, 1);
    let add = "(drop (i32.add (local.get $n) (i32.const 2)))";
    check(add, 0, 6, None, 2);
    check(add, 0, 4, None, 0);
    check(add, 0, 2, None, 0);
    check(add, 0, 1, OUT, 0);
    // Each iteration of a loop.
    check("(loop)", 0, 2, None, 1);
    let count = "(loop (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))";
    check(count, 3, 1 + 3 * 5 + 1, None, 1);
    check(count, 3, 1 + 2 * 5 + 1, None, 0);
    check(count, 3, 1 + 2 * 5, OUT, 0);
    // A function that is called.
    check("(call $empty)", 0, 1 + 1 + 1, OUT, 0);
    check("(call $empty)", 0, 1 + 1 + 2, None, 1);
    // The fuel that is left may be too little for the operators behind the last check.
    check("(call $empty) (call $empty)", 0, 1 + 2 + 2, OUT, 0);
    check("(call $empty) (drop (local.get $n)) (drop (local.get $n))", 0, 4, None, 0);
}

#[test]
fn bulk_operators_pay_before_they_work() {
    for (body, flat, oob) in [
        ("(memory.fill (i32.const 64536) (i32.const 1) (local.get $n))", 5, true),
        ("(memory.copy (i32.const 0) (i32.const 64536) (local.get $n))", 5, true),
        ("(memory.init $d (i32.const 0) (i32.const 0) (local.get $n))", 5, true),
        ("(table.fill $t (i32.const 1000) (ref.null func) (local.get $n))", 5, true),
        ("(table.copy $t $t (i32.const 1000) (i32.const 0) (local.get $n))", 5, true),
        ("(table.init $t $e (i32.const 0) (i32.const 0) (local.get $n))", 5, true),
        ("(drop (table.grow $t (ref.null func) (local.get $n)))", 4, false),
        ("(drop (array.new_data $bytes $d (i32.const 0) (local.get $n)))", 4, true),
        ("(drop (array.new_elem $funcs $e (i32.const 0) (local.get $n)))", 4, true),
        (
            "(array.fill $funcs (global.get $f) (i32.const 1000) (ref.null func) (local.get $n))",
            6,
            true,
        ),
        (
            "(array.copy $bytes $bytes (global.get $b) (i32.const 0) (global.get $b) (i32.const 1000) (local.get $n))",
            7,
            true,
        ),
        (
            "(array.init_data $bytes $d (global.get $b) (i32.const 0) (i32.const 0) (local.get $n))",
            6,
            true,
        ),
        (
            "(array.init_elem $funcs $e (global.get $f) (i32.const 0) (i32.const 0) (local.get $n))",
            6,
            true,
        ),
    ] {
        let trap = |arg: i32| match body {
            body if body.starts_with("(array.init") && arg < 0 => Trap::ArrayOutOfBounds,
            body if body.starts_with("(array.fill") || body.starts_with("(array.copy") => {
                Trap::ArrayOutOfBounds
            }
            body if body.starts_with("(memory") || body.contains("_data") => {
                Trap::MemoryOutOfBounds
            }
            _ => Trap::TableOutOfBounds,
        };
        check(body, 1000, flat + 1000, OUT, 0);
        check(body, 1000, flat + 1001, None, 1);
        check(body, 1000, flat + 1, OUT, 0);
        // A range out of bounds costs nothing but the operator itself, however long the range is.
        for arg in [if oob { 1001 } else { 2001 }, -1] {
            check(body, arg, 3000, oob.then(|| trap(arg)), 3000 - flat);
        }
        // A small amount is paid for behind the operator, without a check, and only if its range is
        // within bounds.
        let few = body.replace("(local.get $n)", "(i32.const 100)");
        check(&few, 0, 2, None, 0);
        check(&few, 0, flat + 101, None, 1);
    }
    // An array that is to be made is paid for, whether or not there is room for it.
    let large = "(drop (array.new $longs (i64.const 1) (local.get $n)))";
    check(large, 1 << 30, 1 << 31, Some(Trap::AllocationTooLarge), (1 << 30) - 4);
    check(large, 1 << 30, 1 << 30, OUT, 0);
    let null = "(array.fill $bytes (ref.null $bytes) (i32.const 0) (i32.const 1) (local.get $n))";
    check(null, 1000, 3000, Some(Trap::NullReference), 3000 - 6);
    let beyond = "(memory.fill (i32.const 65535) (i32.const 1) (i32.const 5))";
    check(beyond, 0, 1000, Some(Trap::MemoryOutOfBounds), 995);
    // The guest has written nothing, because its fuel did not suffice.
    let (mut store, instance) = common::instance(
        Config::new().consume_fuel(true),
        r#"(module (memory (export "memory") 1) (func (export "run") (param i32)
            (memory.fill (i32.const 0) (i32.const 1) (local.get 0))))"#,
    );
    store.set_fuel(1000).unwrap();
    let run = instance.get_typed_func::<i32, ()>(&mut store, "run").unwrap();
    assert_eq!(run.call(&mut store, 1000).unwrap_err().downcast_ref(), Some(&Trap::OutOfFuel));
    let memory = instance.get_memory(&mut store, "memory").unwrap();
    assert_eq!(memory.data(&store)[..1000], [0; 1000]);
}

#[test]
fn costs_saturate() {
    let variable = VariableOperatorCost {
        memory_grow_per_page: 2,
        table_grow_per_element: 2,
        ..Default::default()
    };
    let costs = OperatorCost { variable, ..OperatorCost::new() };
    let mut config = Config::new();
    config.consume_fuel(true).operator_cost(costs);
    let (mut store, instance) = common::instance(
        &config,
        r#"(module (memory i64 0) (table $t i64 0 funcref)
            (func (export "memory") (param i64) (drop (memory.grow (local.get 0))))
            (func (export "table") (param i64) (drop (table.grow $t (ref.null func) (local.get 0))))
            (func (export "fill") (param i64)
                (memory.fill (i64.const 0) (i32.const 0) (local.get 0))))"#,
    );
    for (name, arg, ends) in [
        ("memory", 1 << 40, OUT),
        ("memory", i64::MAX, None),
        ("memory", -500, None),
        ("table", i64::from(u32::MAX), OUT),
        ("table", -500, None),
        ("fill", -1, Some(Trap::MemoryOutOfBounds)),
    ] {
        store.set_fuel(10_000).unwrap();
        let func = instance.get_typed_func::<i64, ()>(&mut store, name).unwrap();
        let result = func.call(&mut store, arg);
        let trap = result.err().and_then(|error| error.downcast_ref().copied());
        assert_eq!(trap, ends, "{name} {arg}");
        let left = store.get_fuel().unwrap();
        assert!(if ends == OUT { left == 0 } else { left > 9_990 }, "{name} {arg}: {left} left");
    }
}

#[test]
fn only_small_constants_pay_for_growth_beyond_the_maximum() {
    let costs = OperatorCost {
        variable: VariableOperatorCost { memory_grow_per_page: 2, ..Default::default() },
        ..OperatorCost::new()
    };
    let mut config = Config::new();
    config.consume_fuel(true).operator_cost(costs);
    let guest = |grow: &str| {
        format!(
            r#"(module (memory 0 0) (table $t 0 0 funcref)
                (func (export "run") (param i32) (drop ({grow}))))"#
        )
    };
    // An operator, and what it costs beside what all cost.
    for (grow, cost) in [
        ("memory.grow (local.get 0)", 0),
        ("memory.grow (i32.const 64)", 128),
        ("memory.grow (i32.const 65)", 0),
        ("table.grow $t (ref.null func) (local.get 0)", 1),
        ("table.grow $t (ref.null func) (i32.const 128)", 1 + 128),
        ("table.grow $t (ref.null func) (i32.const 129)", 1),
    ] {
        let (mut store, instance) = common::instance(&config, &guest(grow));
        store.set_fuel(1000).unwrap();
        let run = instance.get_typed_func::<i32, ()>(&mut store, "run").unwrap();
        run.call(&mut store, 50).unwrap();
        assert_eq!(store.get_fuel().unwrap(), 1000 - 3 - cost, "{grow}");
    }
}

#[test]
fn the_host_may_pay_for_a_guest() {
    let engine = Engine::new(Config::new().consume_fuel(true)).unwrap();
    let mut store = Store::new(&engine, ());
    let work = |mut caller: Caller<'_, ()>, units: u64| caller.checkpoint(units);
    let work = Func::wrap(&mut store, work).typed::<u64, ()>(&store).unwrap();
    for (fuel, units, ends, left) in [
        (10, 9, None, 1),
        (10, 10, OUT, 0),
        (10, u64::MAX, OUT, 0),
        (u64::MAX, u64::MAX - 1, None, 1),
        (u64::MAX, 5, None, u64::MAX - 5),
    ] {
        for interval in [None, Some(3)] {
            store.fuel_async_yield_interval(interval).unwrap();
            store.set_fuel(fuel).unwrap();
            let error = work.call(&mut store, units).err();
            let trap = error.and_then(|error| error.downcast_ref().copied());
            assert_eq!((trap, store.get_fuel().unwrap()), (ends, left), "{units} of {fuel}");
        }
    }
}
