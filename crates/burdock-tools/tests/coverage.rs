//! Coverage of a program in C, by the lines of its source.

use burdock::{Engine, Instance, Module, Store};
use burdock_tools::coverage::Coverage;
use burdock_tools::{Code, Lines};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dwarf")
}

/// What runs of the program for one call of `gcd`.
fn coverage(a: i32, b: i32) -> Coverage {
    let bytes = std::fs::read(folder().join("gcd.wasm")).unwrap();
    let engine = Engine::default();
    let module = Module::new(&engine, &bytes).unwrap();
    let mut store = Store::new(&engine, ());
    let code = Code::new(&bytes).unwrap();
    let counts = Coverage::count(&mut store, &module, &code);
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let gcd = instance.get_typed_func::<(i32, i32), i32>(&mut store, "gcd").unwrap();
    gcd.call(&mut store, (a, b)).unwrap();
    let lines = Lines::from_dwarf(&code).unwrap().expect("it is compiled with -g");
    Coverage::new(&counts, &store, &module, &code, &lines)
}

/// The lines `DA:` of lcov, as numbers.
fn lines(coverage: &Coverage) -> Vec<(u32, u64)> {
    let text = coverage.lcov();
    let lines = text.lines().filter_map(|line| line.strip_prefix("DA:")?.split_once(','));
    lines.map(|(line, count)| (line.parse().unwrap(), count.parse().unwrap())).collect()
}

#[test]
fn lines_are_those_of_the_source() {
    let count = |coverage: &Coverage, line| {
        lines(coverage).into_iter().find(|(at, _)| *at == line).map(|(_, count)| count)
    };
    for (args, expected) in [
        // Line 6 is the body of the loop, 11 what runs for a negative result only.
        ((48, 18), [(4, Some(1)), (6, Some(3)), (10, Some(1)), (11, Some(0)), (16, Some(0))]),
        ((-3, 0), [(4, Some(1)), (6, Some(0)), (10, Some(1)), (11, Some(1)), (16, Some(0))]),
    ] {
        let coverage = coverage(args.0, args.1);
        for (line, expected) in expected {
            assert_eq!(count(&coverage, line), expected, "line {line} of gcd{args:?}");
        }
        assert_eq!(count(&coverage, 2), None);
        let summary = coverage.summary();
        assert_eq!((summary.functions.hit, summary.functions.all), (1, 2));
    }
}

#[test]
fn runs_add_up() {
    let (once, again) = (coverage(48, 18), coverage(-3, 0));
    let mut both = Coverage::default();
    for text in [once.lcov(), again.lcov()] {
        both.merge(&Coverage::from_lcov(&text).unwrap());
    }
    let sum = lines(&once).into_iter().zip(lines(&again)).map(|(a, b)| (a.0, a.1 + b.1));
    assert_eq!(lines(&both), sum.collect::<Vec<_>>());
    assert!(both.summary().lines.percent() > once.summary().lines.percent());
    assert_eq!(Coverage::from_lcov(&both.lcov()).unwrap(), both);
}

#[test]
fn the_page_shows_the_source() {
    let source = |name: &str| std::fs::read_to_string(folder().join(name)).ok();
    let page = coverage(48, 18).html("gcd", source);
    for line in [
        r#"<span class="hit"><i>6</i><b>3</b><u></u>    int rest = a % b;</span>"#,
        r#"<span class="miss"><i>11</i><b>0</b><u></u>    a = -a;</span>"#,
        r#"<span class=""><i>3</i><b></b><u></u></span>"#,
        r#"<b>1</b><u title="branch 0, way 0: 1&#10;branch 0, way 1: 0">1/2</u>  if (a &lt; 0)"#,
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
}

#[test]
fn ways_of_tables_are_told_apart() {
    // The labels 1, 0, 1 and, for anything larger, 2.
    let bytes = wat::parse_str(
        r#"(module (func (export "f") (param i32) (result i32)
            (block (block (block
                (br_table 1 0 1 2 (local.get 0)))
                (return (i32.const 10)))
                (return (i32.const 20)))
            (i32.const 30)))"#,
    )
    .unwrap();
    let engine = Engine::default();
    let module = Module::new(&engine, &bytes).unwrap();
    let code = Code::new(&bytes).unwrap();
    let (_, lines) = Lines::from_disassembly(&code, "f.wat").unwrap();
    let mut store = Store::new(&engine, ());
    let counts = Coverage::count(&mut store, &module, &code);
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let f = instance.get_typed_func::<i32, i32>(&mut store, "f").unwrap();
    for (argument, ways) in [(0, [1, 0, 0]), (2, [2, 0, 0]), (9, [2, 0, 1]), (1, [2, 1, 1])] {
        f.call(&mut store, argument).unwrap();
        let coverage = Coverage::new(&counts, &store, &module, &code, &lines);
        let expected: Vec<String> =
            (0..).zip(ways).map(|(way, taken)| format!("BRDA:9,0,{way},{taken}")).collect();
        let text = coverage.lcov();
        let found: Vec<&str> = text.lines().filter(|line| line.starts_with("BRDA")).collect();
        assert_eq!(found, expected, "after {argument}");
        let page = coverage.html("f", |_| None);
        let shown = ways.iter().filter(|taken| **taken > 0).count();
        assert!(page.contains(&format!("{shown}/3")), "{page}");
    }
}
