//! Profiles by line of source, of a program in C.

use burdock::{Engine, Events, Filter, Instance, Module, Store};
use burdock_tools::profile::{Profile, Profiler, Unit};
use burdock_tools::{Code, Lines, Symbols};
use std::path::Path;
use std::sync::Arc;

/// One call of `gcd`, by line; and how many instructions there were.
fn profile(a: i32, b: i32) -> (Profile, u64) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dwarf/gcd.wasm");
    let bytes = std::fs::read(path).unwrap();
    let engine = Engine::default();
    let module = Module::new(&engine, &bytes).unwrap();
    let code = Code::new(&bytes).unwrap();
    let lines = Lines::from_dwarf(&code).expect("it is compiled with -g");
    let symbols = Symbols::new(&module, "gcd", Arc::new(code)).with_lines(Arc::new(lines));
    let mut store = Store::new(&engine, ());
    let profiler = Profiler::attach_by_line(&mut store, symbols);
    let counter = store.count(Filter::new().events(Events::INSTRUCTIONS));
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let gcd = instance.get_typed_func::<(i32, i32), i32>(&mut store, "gcd").unwrap();
    gcd.call(&mut store, (a, b)).unwrap();
    (profiler.finish(&mut store), counter.total(&store))
}

#[test]
fn lines_have_what_is_spent_in_them() {
    let (profile, instructions) = profile(48, 18);
    assert_eq!(profile.unit(), Unit::Instructions);
    assert_eq!(profile.total(), instructions);
    let lines = profile.lines();
    assert_eq!(lines.iter().map(|line| line.own).sum::<u64>(), instructions);
    let own = |number| lines.iter().find(|line| line.line == number).map_or(0, |line| line.own);
    // The loop's body runs three times, its condition once more; the result is not negative.
    assert!(own(6) > own(7) && own(6) % 3 == 0 && own(7) % 3 == 0, "{lines:?}");
    assert!(own(5) > own(4) && own(11) == 0 && own(16) == 0, "{lines:?}");
    assert!(lines.iter().all(|line| line.file.ends_with("gcd.c") && line.total == line.own));
    // The same call, once more.
    assert_eq!(self::profile(48, 18).0.lines(), lines);
}

#[test]
fn firefox_gets_one_function_with_its_lines() {
    let (profile, instructions) = profile(48, 18);
    let value = profile.firefox("gcd.wasm");
    let thread = &value["threads"][0];
    let strings = thread["stringArray"].as_array().unwrap();
    let numbers = |column: &serde_json::Value| -> Vec<u64> {
        column.as_array().unwrap().iter().map(|number| number.as_u64().unwrap()).collect()
    };
    let funcs = numbers(&thread["frameTable"]["func"]);
    assert!(funcs.len() > 4 && funcs.iter().all(|func| *func == funcs[0]), "{funcs:?}");
    let lines = numbers(&thread["frameTable"]["line"]);
    assert!(lines.contains(&6) && lines.contains(&12), "{lines:?}");
    let (func, table) = (funcs[0] as usize, &thread["funcTable"]);
    assert_eq!(strings[numbers(&table["name"])[func] as usize], "gcd");
    let file = table["fileName"][func].as_u64().unwrap() as usize;
    assert!(strings[file].as_str().unwrap().ends_with("gcd.c"));
    assert!(strings.iter().all(|text| !text.as_str().unwrap().contains('\u{1f}')));
    let weights = numbers(&thread["samples"]["weight"]);
    assert_eq!(weights.iter().sum::<u64>(), instructions);
}
