//! `Store::count` against a hook that gets an event for each operator: both must count the same,
//! wherever the guest stops. Operators that are always executed one after the other share a cell.

use crate::common;
use burdock::*;
use std::collections::BTreeMap;

/// Counts its events, by offset.
#[derive(Default)]
struct Told(BTreeMap<u32, u64>);

impl Hook<()> for Told {
    const EVENTS: Events = Events::INSTRUCTIONS;

    fn event(&mut self, mut store: StoreContextMut<'_, ()>, _: Event<'_>) -> Result<()> {
        let offset = store.frame().expect("a guest is being observed").offset();
        *self.0.entry(offset).or_default() += 1;
        Ok(())
    }
}

/// How often the operators of `run` were executed, by offset, and how the call ended.
fn run(
    config: &Config,
    wat: &str,
    arg: i32,
    fuel: Option<u64>,
    told: bool,
) -> (BTreeMap<u32, u64>, String) {
    let mut config = config.clone();
    config.consume_fuel(fuel.is_some());
    let engine = Engine::new(&config).unwrap();
    let module = Module::new(&engine, wat).unwrap();
    let mut store = Store::new(&engine, ());
    if let Some(fuel) = fuel {
        store.set_fuel(fuel).unwrap();
    }
    let mut linker = Linker::new(&engine);
    let check = |x: i32| if x == 3 { Err(format_err!("three")) } else { Ok(x) };
    linker.func_wrap("env", "check", check).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let run = instance.get_typed_func::<i32, i32>(&mut store, "run").unwrap();
    let hook = told.then(|| store.attach(Filter::new(), Told::default()));
    let counter = store.count(Filter::new().events(Events::INSTRUCTIONS));
    let ended = match run.call(&mut store, arg) {
        Ok(result) => result.to_string(),
        Err(error) => error.root_cause().to_string(),
    };
    let counts = counter.counts(&store).into_iter().filter(|count| count.count > 0);
    let counts: BTreeMap<u32, u64> = counts.map(|count| (count.offset, count.count)).collect();
    if let Some(hook) = hook {
        let told = store.detach(hook).unwrap().0;
        assert_eq!(counts, told, "beside a hook: {wat} {arg}");
    }
    (counts, ended)
}

/// `run` with an argument ends so, having executed so many operators.
fn check(body: &str, arg: i32, fuel: Option<u64>, ended: &str, operators: u64) {
    let wat = format!(
        r#"(module
            (import "env" "check" (func $check (param i32) (result i32)))
            (memory 1)
            (func (export "run") (param i32) (result i32) (local i32) {body}))"#
    );
    for config in common::configs() {
        let counted = run(&config, &wat, arg, fuel, false);
        assert_eq!(counted, run(&config, &wat, arg, fuel, true), "{body} {arg}");
        assert_eq!(counted.1, ended, "{body} {arg}");
        assert_eq!(counted.0.values().sum::<u64>(), operators, "{body} {arg}: {counted:?}");
    }
}

#[test]
fn operators_in_a_row_are_counted() {
    check("local.get 0 i32.const 2 i32.add i32.const 3 i32.mul", 1, None, "9", 5);
    check("block local.get 0 local.set 1 nop end local.get 1", 4, None, "4", 5);
}

#[test]
fn a_trap_is_counted_and_nothing_behind_it() {
    let divide = "i32.const 6 local.get 0 i32.div_u i32.const 1 i32.add";
    check(divide, 2, None, "4", 5);
    check(divide, 0, None, "wasm trap: integer divide by zero", 3);
    let load = "local.get 0 i32.load i32.const 1 i32.add";
    check(load, 65533, None, "wasm trap: out of bounds memory access", 2);
    let truncate = "local.get 0 f64.convert_i32_s f64.sqrt i32.trunc_f64_s i32.const 1 i32.add";
    check(truncate, -1, None, "wasm trap: invalid conversion to integer", 4);
    check(truncate, 9, None, "4", 6);
    check(
        "i32.const 1 drop unreachable i32.const 1",
        0,
        None,
        "wasm trap: wasm `unreachable` instruction executed",
        3,
    );
}

#[test]
fn ways_are_counted_apart() {
    let early = "block local.get 0 br_if 0 i32.const 5 return end i32.const 7 i32.const 1 i32.add";
    check(early, 0, None, "5", 5);
    check(early, 1, None, "8", 6);
    let either = "local.get 0 if (result i32) i32.const 1 else i32.const 2 i32.eqz end i32.eqz";
    check(either, 1, None, "0", 4);
    check(either, 0, None, "1", 5);
    let again = "loop local.get 1 i32.const 1 i32.add local.tee 1 local.get 0 i32.lt_u br_if 0 end local.get 1";
    check(again, 5, None, "5", 1 + 5 * 7 + 1);
}

#[test]
fn errors_of_the_host_are_counted() {
    let call = "local.get 0 call $check i32.const 1 i32.add";
    check(call, 2, None, "3", 4);
    check(call, 3, None, "three", 2);
}

#[test]
fn what_there_is_no_fuel_for_is_not_counted() {
    let loops = "loop local.get 1 i32.const 1 i32.add local.tee 1 local.get 0 i32.lt_u br_if 0 end local.get 1";
    check(loops, 5, Some(1000), "5", 1 + 5 * 7 + 1);
    check(loops, 5, Some(20), "wasm trap: all fuel consumed by WebAssembly", 1 + 3 * 7);
}

/// Counts branches and caught exceptions, by offset and clause: how often there was one, and how
/// often it was taken.
#[derive(Default)]
struct Decisions(BTreeMap<(u32, Option<u32>), (u64, u64)>);

impl Hook<()> for Decisions {
    const EVENTS: Events = Events::BRANCHES.union(Events::EXCEPTIONS);

    fn event(&mut self, mut store: StoreContextMut<'_, ()>, event: Event<'_>) -> Result<()> {
        let offset = store.frame().expect("a guest is being observed").offset();
        let (clause, taken) = match event {
            Event::Branch { taken } => (None, taken),
            Event::Catch { clause, .. } => (Some(clause), false),
            _ => (None, false),
        };
        let (count, all_taken) = self.0.entry((offset, clause)).or_default();
        *count += 1;
        *all_taken += u64::from(taken);
        Ok(())
    }
}

/// The decisions of the calls that a module of the tests of hooks names, counted by the machine,
/// beside a hook or alone.
fn decisions(
    config: &Config,
    wat: &str,
    beside_hook: bool,
) -> BTreeMap<(u32, Option<u32>), (u64, u64)> {
    let mut config = config.clone();
    config.wasm_legacy_exceptions(true).wasm_custom_descriptors(wat.contains("_desc_eq"));
    let engine = Engine::new(&config).unwrap();
    let module = Module::new(&engine, wat).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let hook = beside_hook.then(|| store.attach(Filter::new(), Decisions::default()));
    let counter = store.count(Filter::new().events(Decisions::EVENTS));
    for call in wat.lines().filter_map(|line| line.strip_prefix(";; call: ")) {
        let mut words = call.split(' ');
        let func = instance.get_func(&mut store, words.next().unwrap()).unwrap();
        let args: Vec<_> = words.map(|arg| Val::I32(arg.parse().unwrap())).collect();
        let mut results = vec![Val::I32(0); func.ty(&store).results().len()];
        // That some calls trap does not matter.
        let _ = func.call(&mut store, &args, &mut results);
    }
    let counts = counter.counts(&store).into_iter().filter(|count| count.count > 0);
    let key = |count: &Count| (count.offset, count.clause);
    let counts: BTreeMap<_, _> =
        counts.map(|count| (key(&count), (count.count, count.taken.unwrap_or(0)))).collect();
    if let Some(hook) = hook {
        assert_eq!(counts, store.detach(hook).unwrap().0, "{wat}");
    }
    counts
}

#[test]
fn branches_on_references_and_catches_are_counted() {
    let modules = [
        (include_str!("observe/branches.wat"), 13),
        (include_str!("observe/catches.wat"), 17),
        (include_str!("observe/legacy.wat"), 7),
        (include_str!("observe/descriptors.wat"), 7),
    ];
    for (wat, places) in modules {
        for config in common::configs() {
            let counts = decisions(&config, wat, false);
            assert_eq!(counts, decisions(&config, wat, true), "{wat}");
            assert_eq!(counts.len(), places, "{counts:?}");
        }
    }
}
