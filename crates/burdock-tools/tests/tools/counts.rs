//! Counts are right: what the profiler and the counter of operators say equals the fuel that a run
//! takes that nobody looks at, which is another count by another part of the engine.

use burdock::{
    Config, Engine, Events, Filter, Instance, Linker, Module, OperatorCost, Store, Val,
    VariableOperatorCost,
};
use burdock_tools::profile::{Opcodes, Profiler, Sort};
use burdock_tools::{Code, Symbols};

/// Operators that cost no fuel.
const FREE: &[&str] = &["nop", "block", "loop", "drop", "return", "unreachable"];

/// Modules with a function `run` of one parameter and one result, each with its argument.
const PROGRAMS: &[(&str, &str, i32)] = &[
    (
        "straight",
        r#"(func (export "run") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))"#,
        1,
    ),
    (
        "after a loop",
        r#"(func (export "run") (param i32) (result i32)
            (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (i32.add (i32.const 1) (i32.add (i32.const 2) (i32.const 3))))"#,
        5,
    ),
    (
        "factorial",
        r#"(func $fac (export "run") (param i32) (result i32)
            (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
                (then (i32.const 1))
                (else (i32.mul (local.get 0) (call $fac (i32.sub (local.get 0) (i32.const 1)))))))"#,
        10,
    ),
    (
        "tail calls",
        r#"(func $even (export "run") (param i32) (result i32)
            (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 1))
                (else (return_call $odd (i32.sub (local.get 0) (i32.const 1))))))
         (func $odd (param i32) (result i32)
            (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0))
                (else (return_call $even (i32.sub (local.get 0) (i32.const 1))))))"#,
        11,
    ),
    (
        "branch table",
        r#"(func $pick (param i32) (result i32)
            (block (block (block (br_table 0 1 2 (local.get 0))) (return (i32.const 10)))
                (return (i32.const 20)))
            (i32.const 30))
         (func (export "run") (param i32) (result i32) (local $sum i32)
            (loop $next
                (local.set $sum (i32.add (local.get $sum) (call $pick (local.get 0))))
                (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
                (br_if $next (i32.ge_s (local.get 0) (i32.const 0))))
            (local.get $sum))"#,
        4,
    ),
    (
        "memory",
        r#"(memory 1)
         (func (export "run") (param i32) (result i32)
            (memory.fill (i32.const 0) (i32.const 7) (local.get 0))
            (i32.store16 offset=2 (i32.const 0) (i32.const 300))
            (memory.copy (i32.const 100) (i32.const 0) (local.get 0))
            (i32.add (i32.load8_u (i32.const 102)) (memory.grow (i32.const 1))))"#,
        16,
    ),
    (
        "indirect calls",
        r#"(table funcref (elem $a $b)) (type $t (func (result i32)))
         (func $a (result i32) (i32.const 1)) (func $b (result i32) (nop) (i32.const 2))
         (func (export "run") (param i32) (result i32)
            (i32.add (call_indirect (type $t) (i32.const 0))
                (call_indirect (type $t) (i32.const 1))))"#,
        0,
    ),
    (
        "nested loops",
        r#"(global $n (mut i32) (i32.const 0))
         (func (export "run") (param i32) (result i32) (local i32)
            (loop $outer
                (local.set 1 (i32.const 3))
                (loop $inner
                    (global.set $n (i32.add (global.get $n) (i32.const 1)))
                    (br_if $inner (local.tee 1 (i32.sub (local.get 1) (i32.const 1)))))
                (br_if $outer (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (global.get $n))"#,
        4,
    ),
    (
        "calls of the host",
        r#"(import "env" "twice" (func $twice (param i32) (result i32)))
         (func (export "run") (param i32) (result i32)
            (call $twice (i32.add (call $twice (local.get 0)) (i32.const 1))))"#,
        5,
    ),
    (
        "floats and selects",
        r#"(func (export "run") (param i32) (result i32)
            (drop (f64.mul (f64.const 2) (f64.convert_i32_s (local.get 0))))
            (block $out (br_if $out (i32.eqz (local.get 0))) (local.set 0 (i32.const 9)))
            (select (local.get 0) (i32.const 3) (i32.const 1)))"#,
        0,
    ),
];

struct Run {
    store: Store<()>,
    instance: Instance,
}

fn instantiate(module: &Module, observe: impl FnOnce(&mut Store<()>)) -> Run {
    let mut store = Store::new(module.engine(), ());
    store.set_fuel(1_000_000).unwrap();
    observe(&mut store);
    let mut linker = Linker::new(module.engine());
    linker.func_wrap("env", "twice", |n: i32| 2 * n).unwrap();
    let instance = linker.instantiate(&mut store, module).unwrap();
    Run { store, instance }
}

/// Calls `run`; what it returns, and the fuel it takes.
fn call(run: &mut Run, argument: i32) -> (i32, u64) {
    let func = run.instance.get_func(&mut run.store, "run").unwrap();
    let before = run.store.get_fuel().unwrap();
    let mut results = [Val::I32(0)];
    func.call(&mut run.store, &[argument.into()], &mut results).unwrap();
    (results[0].unwrap_i32(), before - run.store.get_fuel().unwrap())
}

fn module(text: &str) -> (Module, Code) {
    // Of operators, not of the bytes that they work on.
    let variable = VariableOperatorCost {
        memory_copy_per_byte: 0,
        memory_fill_per_byte: 0,
        ..VariableOperatorCost::new()
    };
    let costs = OperatorCost { variable, ..OperatorCost::new() };
    let engine = Engine::new(Config::new().consume_fuel(true).operator_cost(costs)).unwrap();
    let bytes = wat::parse_str(format!("(module {text})")).unwrap();
    (Module::new(&engine, &bytes).unwrap(), Code::new(&bytes).unwrap())
}

#[test]
fn counts_equal_fuel() {
    for (name, text, argument) in PROGRAMS {
        let (module, code) = module(text);
        let (result, fuel) = call(&mut instantiate(&module, |_| {}), *argument);

        let mut profiler = None;
        let mut run = instantiate(&module, |store| {
            profiler = Some(Profiler::attach(store, Symbols::default()));
        });
        assert_eq!(call(&mut run, *argument), (result, fuel), "{name}: profiled");
        let profile = profiler.unwrap().finish(&mut run.store);
        assert_eq!(
            profile.total(),
            fuel,
            "{name}: fuel of the profile\n{}",
            profile.table(9, Sort::Own)
        );

        let mut counter = None;
        let mut run = instantiate(&module, |store| counter = Some(Opcodes::count(store)));
        assert_eq!(call(&mut run, *argument), (result, fuel), "{name}: counted");
        let opcodes = Opcodes::new(&counter.unwrap(), &run.store, &module, &code).unwrap();
        let free = opcodes.counts().into_iter().filter(|(op, _)| FREE.contains(op));
        let free: u64 = free.map(|(_, count)| count).sum();
        let guests = profile.funcs().into_iter().filter(|func| !func.name.starts_with("env."));
        let entered: u64 = guests.map(|func| func.calls.unwrap()).sum();
        assert_eq!(opcodes.total() - free + entered, fuel, "{name}\n{}", opcodes.table(99));
    }
}

#[test]
fn casts_that_branch_are_followed_by_what_is_at_the_label() {
    let (module, code) = module(
        r#"(func (export "run") (param i32) (result i32)
             (block $number (result i31ref)
               (block $other (result anyref)
                 (br_on_cast_fail $other anyref i31ref (ref.i31 (local.get 0)))
                 (br_on_cast $number anyref i31ref)
                 (unreachable))
               (unreachable))
             (i31.get_s))"#,
    );
    let mut counter = None;
    let mut run = instantiate(&module, |store| counter = Some(Opcodes::count(store)));
    assert_eq!(call(&mut run, 7).0, 7);
    let opcodes = Opcodes::new(&counter.unwrap(), &run.store, &module, &code).unwrap();
    for pair in [["br_on_cast_fail", "br_on_cast"], ["br_on_cast", "i31.get_s"]] {
        let pairs = opcodes.pairs();
        assert!(pairs.iter().any(|found| (found.pair, found.count) == (pair, 1)), "{pair:?}");
    }
}

#[test]
fn pairs_add_up() {
    // Each operator is followed by another one of its function but the last one that is executed,
    // and but `br_table`.
    for (name, text, argument) in PROGRAMS.iter().filter(|(name, ..)| *name != "branch table") {
        let (module, code) = module(text);
        let mut counters = None;
        let mut run = instantiate(&module, |store| {
            let calls = Filter::new().events(Events::FUNCS);
            counters = Some((Opcodes::count(store), store.count(calls)));
        });
        call(&mut run, *argument);
        let (counter, calls) = counters.unwrap();
        let opcodes = Opcodes::new(&counter, &run.store, &module, &code).unwrap();
        let pairs: u64 = opcodes.pairs().iter().map(|pair| pair.count).sum();
        assert_eq!(pairs, opcodes.total() - calls.total(&run.store), "{name}");
    }
}
