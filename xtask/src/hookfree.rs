//! `cargo xtask hookfree [--no-valgrind]`: a program that installs no hook holds no code for hooks,
//! and runs not one instruction more than if there were none.
//!
//! - Symbols: the example `hook_none` of crate burdock has no symbol of the hook path; the example
//!   `hook_calls`, which differs only in that it installs a hook, has some. The second half is what
//!   makes the first one mean something.
//! - Instructions, where valgrind is installed: `hook_none` is built a second time with
//!   `--cfg burdock_hookless`, which takes the hook API away and wires the store's services to
//!   `NoHook` for good (so that `hook_calls` no longer builds, which is checked too). For linking,
//!   instantiation and execution, the two builds execute exactly the same number of instructions.

use std::fs;
use std::path::{Path, PathBuf};

use object::{Object, ObjectSymbol};

use crate::Result;
use crate::run::{answers, cargo, program, root, status, switch};

/// What a symbol of the hook path contains, demangled.
const HOOK_PATH: &[&str] = &["OnCall", "call_hook", "set_hook", "Host>::event", "Bridge>::event"];

/// The rows: what the example does, and how often.
const ROWS: &[(&str, &str)] =
    &[("link", "10000"), ("instantiate", "10000"), ("execute", "10000000")];

pub(crate) fn run(args: &[String]) -> Result {
    let none = build("hook_none", "target/hookfree", "")?;
    let calls = build("hook_calls", "target/hookfree", "")?;
    let found = hook_symbols(&none)?;
    if !found.is_empty() {
        return Err(format!("hook_none holds hook code:\n  {}", found.join("\n  ")).into());
    }
    let found = hook_symbols(&calls)?;
    if found.is_empty() {
        return Err("hook_calls holds no hook code, so the check above proves nothing".into());
    }
    println!("symbols of the hook path: 0 in hook_none, {} in hook_calls", found.len());
    if switch(args, "--no-valgrind") {
        return Ok(());
    }
    if !answers(program("valgrind").arg("--version")) {
        println!("valgrind is not installed: instructions are not counted");
        return Ok(());
    }
    count(&none)
}

/// Compares the number of instructions with and without hook support in the crate graph.
fn count(none: &Path) -> Result {
    let hookless = "--cfg burdock_hookless";
    if build("hook_calls", "target/hookless", hookless).is_ok() {
        return Err("hook_calls builds with burdock_hookless, which should take hooks away".into());
    }
    let wired = build("hook_none", "target/hookless", hookless)?;
    let mut different = Vec::new();
    println!(
        "{:<12} {:>10} {:>16} {:>16} {:>12}",
        "row", "times", "with support", "without", "difference"
    );
    for (row, times) in ROWS {
        let with = instructions(none, row, times)?;
        let without = instructions(&wired, row, times)?;
        let difference = with as i64 - without as i64;
        println!("{row:<12} {times:>10} {with:>16} {without:>16} {difference:>12}");
        if difference != 0 {
            different.push(*row);
        }
    }
    if different.is_empty() {
        Ok(())
    } else {
        Err(format!("hook support costs instructions in: {}", different.join(", ")).into())
    }
}

/// Builds an example of crate burdock in release and gives its path.
fn build(example: &str, target: &str, flags: &str) -> Result<PathBuf> {
    let target = root().join(target);
    status(
        cargo()
            .args(["build", "--quiet", "--release", "-p", "burdock", "--example", example])
            .arg("--target-dir")
            .arg(&target)
            // The same symbols and the same addresses in both builds; nothing from the outside.
            .env("RUSTFLAGS", flags),
    )?;
    Ok(target.join("release/examples").join(example))
}

/// The symbols of the hook path in a program.
fn hook_symbols(program: &Path) -> Result<Vec<String>> {
    let bytes = fs::read(program)?;
    let file = object::File::parse(&*bytes)?;
    let names: Vec<&str> = file.symbols().filter_map(|symbol| symbol.name().ok()).collect();
    if names.is_empty() {
        return Err(format!("{} has no symbols at all", program.display()).into());
    }
    Ok(hook_path(&names))
}

/// Those of the symbols that belong to the hook path, demangled.
fn hook_path(names: &[&str]) -> Vec<String> {
    let demangled = names.iter().map(|name| format!("{:#}", rustc_demangle::demangle(name)));
    demangled.filter(|name| HOOK_PATH.iter().any(|part| name.contains(part))).collect()
}

/// How many instructions a run executes, as callgrind counts them.
fn instructions(example: &Path, row: &str, times: &str) -> Result<u64> {
    let run = program("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(example)
        .args([row, times])
        .output()?;
    let text = String::from_utf8_lossy(&run.stderr);
    if !run.status.success() {
        return Err(format!("{}: {}\n{text}", example.display(), run.status).into());
    }
    collected(&text).ok_or_else(|| format!("callgrind counted nothing:\n{text}").into())
}

/// The number in callgrind's line "==1== Collected : 1234".
fn collected(text: &str) -> Option<u64> {
    let line = text.lines().find(|line| line.contains("Collected"))?;
    line.rsplit(':').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_of_the_hook_path_are_told_apart() {
        let rows = [
            ("_ZN7burdock5store14Store$LT$T$GT$9call_hook17h0123456789abcdefE", true),
            ("_ZN7burdock5store14Store$LT$T$GT$4data17h0123456789abcdefE", false),
            ("_ZN7burdock4hook6NoHook17h0123456789abcdefE", false),
            ("main", false),
        ];
        for (name, expected) in rows {
            assert_eq!(!hook_path(&[name]).is_empty(), expected, "{name}");
        }
    }

    #[test]
    fn the_count_is_read() {
        let text = "==7== Callgrind\n==7== Events    : Ir\n==7== Collected : 123456\n";
        assert_eq!(collected(text), Some(123_456));
        assert_eq!(collected("==7== nothing"), None);
    }
}
