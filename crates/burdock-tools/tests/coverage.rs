//! Coverage of a program in C, by the lines of its source.

use burdock::{Engine, Instance, Module, Store};
use burdock_tools::coverage::Coverage;
use burdock_tools::{Code, Lines};
use std::path::{Path, PathBuf};
use std::process::Command;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dwarf")
}

/// What runs of the program for one call of `gcd`.
fn coverage(a: i32, b: i32) -> Coverage {
    let bytes = std::fs::read(folder().join("gcd.wasm")).unwrap();
    let engine = Engine::default();
    let module = Module::new(&engine, &bytes).unwrap();
    let mut store = Store::new(&engine, ());
    let counter = Coverage::count(&mut store);
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let gcd = instance.get_typed_func::<(i32, i32), i32>(&mut store, "gcd").unwrap();
    gcd.call(&mut store, (a, b)).unwrap();
    let code = Code::new(&bytes).unwrap();
    let lines = Lines::from_dwarf(&code).unwrap().expect("it is compiled with -g");
    Coverage::new(&counter, &store, &module, &code, &lines)
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
        r#"<span class="hit"><i>6</i><b>3</b>    int rest = a % b;</span>"#,
        r#"<span class="miss"><i>11</i><b>0</b>    a = -a;</span>"#,
        r#"<span class=""><i>3</i><b></b></span>"#,
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
}

#[test]
fn genhtml_reads_the_tracefile() {
    let version = Command::new("genhtml").arg("--version").output();
    if version.is_err() {
        eprintln!("skipped: genhtml (package lcov) is not installed");
        return;
    }
    let out = std::env::temp_dir().join(format!("burdock-genhtml-{}", std::process::id()));
    std::fs::create_dir_all(&out).unwrap();
    let info = out.join("gcd.info");
    std::fs::write(&info, coverage(48, 18).lcov()).unwrap();
    let mut command = Command::new("genhtml");
    command.args(["--branch-coverage", "--output-directory"]).arg(&out).arg(&info);
    let output = command.current_dir(folder()).output().unwrap();
    let page = std::fs::read_to_string(out.join("index.html"));
    std::fs::remove_dir_all(&out).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(page.unwrap().contains("gcd.c") || !output.stdout.is_empty());
}
