//! Tests that the program's work grows no faster than its input: valgrind counts instructions for
//! inputs of one, two and four times a size. If valgrind is not installed, the tests print a note
//! and check nothing.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

/// Returns the number of instructions that a command line executes in a directory with an input.
fn instructions(args: &[&str], dir: &Path) -> Option<f64> {
    let output = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"])
        .arg(env!("CARGO_BIN_EXE_burdock"))
        .args(args)
        .current_dir(dir)
        .output()
        .ok()?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {stderr}");
    let count = stderr.lines().find_map(|line| line.split_once("I   refs:"));
    let digits = count.expect("valgrind counts").1.replace(',', "");
    Some(digits.trim().parse().unwrap())
}

/// Returns a module with `n` named functions.
fn funcs(n: usize) -> String {
    let mut text = "(module\n".to_owned();
    (0..n).for_each(|i| writeln!(text, "(func $func{i} (result i32) i32.const {i})").unwrap());
    text + "(func (export \"_start\")))\n"
}

/// Returns a module with `n` lines that run once each.
fn lines(n: usize) -> String {
    let mut text = "(module (func (export \"_start\")\n".to_owned();
    (0..n).for_each(|i| writeln!(text, "(drop (i32.const {i}))").unwrap());
    text + "))\n"
}

/// Returns a module with `n` branches on one line.
fn branches(n: usize) -> String {
    let branch = "(if (i32.const 1) (then nop))".repeat(n);
    format!("(module (func (export \"_start\") {branch}))\n")
}

/// Returns a module with a function that calls itself `n` times.
fn deep(n: usize) -> String {
    format!(
        "(module (func $deep (param i32)
            (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1))))))
            (func (export \"_start\") (call $deep (i32.const {n}))))"
    )
}

#[test]
fn work_is_in_proportion_to_the_input() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        return println!("skipped: valgrind is not installed");
    }
    type Row = (&'static [&'static str], fn(usize) -> String, usize);
    let rows: &[Row] = &[
        (&["objdump", "input.wat"], funcs, 250),
        (&["profile", "--lines", "-o", "out.txt", "input.wat"], lines, 400),
        (&["coverage", "--html", "out.html", "--lcov", "out.info", "input.wat"], branches, 160),
        (&["profile", "-o", "out.txt", "input.wat"], deep, 1000),
        (&["trace", "--instr", "-o", "out.txt", "input.wat"], lines, 150),
    ];
    let dir = tempfile::tempdir().unwrap();
    for (args, input, n) in rows {
        let costs = [1, 2, 4].map(|times| {
            std::fs::write(dir.path().join("input.wat"), input(n * times)).unwrap();
            instructions(args, dir.path()).unwrap()
        });
        let [one, two, four] = costs;
        let growth = (four - two) / (two - one);
        println!("{args:?}: {costs:?}, {growth:.2}");
        // The second step is twice as large: linear work doubles, quadratic work grows faster.
        assert!(growth < 2.6, "{args:?}: {costs:?} grow by {growth:.2}");
    }
}

/// Returns a module with a loop that calls a function `n` times.
fn calls(n: usize) -> String {
    format!(
        "(module (func $f (param i32) (result i32) (i32.sub (local.get 0) (i32.const 1)))
            (func (export \"_start\") (local i32)
                (local.set 0 (i32.const {n}))
                (loop (br_if 0 (local.tee 0 (call $f (local.get 0)))))))"
    )
}

/// Checks that a tracer is detached once it has reached its limit. The loop that is running keeps
/// the observed code, because a function's code changes only when the function is entered next.
#[test]
fn a_trace_costs_little_after_its_limit() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        return println!("skipped: valgrind is not installed");
    }
    let dir = tempfile::tempdir().unwrap();
    let cost = |args: &[&str]| {
        let [few, many] = [1_000, 21_000].map(|n| {
            std::fs::write(dir.path().join("input.wat"), calls(n)).unwrap();
            instructions(args, dir.path()).unwrap()
        });
        (many - few) / 20_000.0
    };
    let alone = cost(&["run", "--timeout", "1h", "input.wat"]);
    for (what, most) in [("--calls", 1.5), ("--instr", 2.0)] {
        let traced = cost(&["trace", what, "--limit", "5", "-o", "out.txt", "input.wat"]);
        println!("{what}: {traced:.0} instructions a call, {alone:.0} without a tracer");
        assert!(traced < most * alone, "{what}: {traced:.0} a call, {alone:.0} without");
    }
}

/// Returns a module with a loop that writes to addresses from 1000 to 2020 `n` times.
fn stores(n: usize) -> String {
    format!(
        "(module (memory 1) (func (export \"_start\") (local i32)
            (local.set 0 (i32.const {n}))
            (loop
                (i32.store offset=1000
                    (i32.and (i32.shl (local.get 0) (i32.const 2)) (i32.const 0x3fc))
                    (local.get 0))
                (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))"
    )
}

/// Checks that accesses between two watched addresses do not leave the machine, as those to a
/// watched address do.
#[test]
fn an_access_between_watched_addresses_costs_little() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        return println!("skipped: valgrind is not installed");
    }
    let dir = tempfile::tempdir().unwrap();
    let cost = |ranges: [&str; 2]| {
        let [few, many] = [1_000, 21_000].map(|n| {
            std::fs::write(dir.path().join("input.wat"), stores(n)).unwrap();
            let [first, second] = ranges;
            let args = ["trace", "--memory", "-o", "out.txt", "--address", first];
            instructions(&[&args[..], &["--address", second, "input.wat"]].concat(), dir.path())
                .unwrap()
        });
        (many - few) / 20_000.0
    };
    let (outside, between) = (cost(["9000", "9008"]), cost(["8", "9000"]));
    println!("{outside:.0} instructions an access, {between:.0} between watched addresses");
    assert!(between < 2.0 * outside, "{between:.0}, {outside:.0} outside");
}
