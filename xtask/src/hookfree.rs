//! `cargo xtask hookfree [--no-valgrind]`: checks that a program without hooks contains no code for
//! hooks, and executes not one instruction more than if there were none.
//!
//! - Symbols: the example `hook_none` of crate burdock has no symbol of the hook path; the example
//!   `hook_calls`, which differs only in that it installs a hook, has some. The second half is what
//!   makes the first one mean something.
//! - Instructions, where valgrind is installed: `hook_none` is built a second time with `--cfg
//!   burdock_hookless`, which takes the hook API and the store's place for a hook away (so that
//!   `hook_calls` no longer builds, which is checked too). For linking, instantiation, execution
//!   with calls to the host, and calls from the host, both builds execute exactly the same number
//!   of instructions of the program each time. What a program does once is taken off by measuring
//!   two numbers of times; a few instructions more or less in all come from the seeds of hash
//!   tables, and are less than one each time.

use std::fs;
use std::path::{Path, PathBuf};

use object::{Object, ObjectSymbol};

use crate::Result;
use crate::run::{answers, cargo, output, program, root, switch};

/// Parts of the demangled symbols of the hook path.
const HOOK_PATH: &[&str] =
    &["OnCall", "call_hook", "set_hook", "ErasedCallHook", "Host>::transition"];

/// The actions of the example, each with its number of repetitions.
const ROWS: &[(&str, u64)] =
    &[("link", 1_000), ("instantiate", 1_000), ("execute", 1_000_000), ("call", 100_000)];

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
    let wired = build("hook_none", "target/hookless", hookless)?;
    match build("hook_calls", "target/hookless", hookless) {
        Ok(_) => return Err("hook_calls builds without hooks: nothing was taken away".into()),
        Err(error) if error.to_string().contains("no method named `call_hook`") => {}
        Err(error) => return Err(error),
    }
    let mut different = Vec::new();
    println!(
        "{:<12} {:>10} {:>18} {:>18} {:>10}",
        "row", "times", "with hook support", "without", "each time"
    );
    for (row, times) in ROWS {
        let with = instructions(none, row, times + 1)? - instructions(none, row, 1)?;
        let without = instructions(&wired, row, times + 1)? - instructions(&wired, row, 1)?;
        let each = each_time(with - without, *times);
        println!("{row:<12} {times:>10} {with:>18} {without:>18} {each:>10}");
        if each != 0 {
            different.push(*row);
        }
    }
    if different.is_empty() {
        Ok(())
    } else {
        Err(format!("hook support costs instructions in: {}", different.join(", ")).into())
    }
}

/// Returns the difference for a single repetition, rounded toward zero.
fn each_time(difference: i64, times: u64) -> i64 {
    difference / times as i64
}

/// Builds an example of crate burdock in release mode and returns its path.
fn build(example: &str, target: &str, flags: &str) -> Result<PathBuf> {
    let target = root().join(target);
    let mut command = cargo();
    command.args(["build", "--quiet", "--release", "-p", "burdock", "--example", example]);
    // Ignores flags from the environment, so that the builds differ only in `flags`; and uses one
    // codegen unit for each crate, because the partition of a crate decides about inlining and can
    // change with any line.
    let flags = format!("-C symbol-mangling-version=v0 -C codegen-units=1 {flags}");
    output(command.arg("--target-dir").arg(&target).env("RUSTFLAGS", flags))?;
    Ok(target.join("release/examples").join(example))
}

/// Returns the symbols of the hook path in a program.
fn hook_symbols(program: &Path) -> Result<Vec<String>> {
    let bytes = fs::read(program)?;
    let file = object::File::parse(&*bytes)?;
    let names: Vec<&str> = file.symbols().filter_map(|symbol| symbol.name().ok()).collect();
    if names.is_empty() {
        return Err(format!("{} has no symbols at all", program.display()).into());
    }
    Ok(hook_path(&names))
}

/// Returns the symbols that belong to the hook path, demangled.
fn hook_path(names: &[&str]) -> Vec<String> {
    let demangled = names.iter().map(|name| format!("{:#}", rustc_demangle::demangle(name)));
    demangled.filter(|name| HOOK_PATH.iter().any(|part| name.contains(part))).collect()
}

/// Returns the number of the program's own instructions that a run executes, as counted by
/// callgrind. Those of the C library depend on the allocator's addresses: `memcpy` has another path
/// for each alignment.
fn instructions(example: &Path, row: &str, times: u64) -> Result<i64> {
    let counts = root().join("target/hookfree/callgrind.out");
    let run = program("valgrind")
        .args(["--tool=callgrind", "--compress-strings=no"])
        .arg(format!("--callgrind-out-file={}", counts.display()))
        .arg(example)
        .args([row, &times.to_string()])
        .output()?;
    if !run.status.success() {
        let text = String::from_utf8_lossy(&run.stderr);
        return Err(format!("{}: {}\n{text}", example.display(), run.status).into());
    }
    match own_instructions(&fs::read_to_string(&counts)?, &object_name(example)?) {
        0 => Err(format!("callgrind counted nothing in {}", example.display()).into()),
        count => Ok(count),
    }
}

/// Returns the name of a program in callgrind's file: its path without symbolic links.
fn object_name(program: &Path) -> Result<String> {
    Ok(program.canonicalize()?.to_string_lossy().into_owned())
}

/// Returns the sum of the costs of an object in callgrind's file, without those of the functions
/// that it calls.
fn own_instructions(counts: &str, object: &str) -> i64 {
    let (mut within, mut of_call, mut sum) = (false, false, 0);
    for line in counts.lines() {
        if let Some(path) = line.strip_prefix("ob=") {
            within = path == object;
        } else if line.starts_with("calls=") {
            of_call = true;
        } else if line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first)) {
            let cost = line.split(' ').nth(1).and_then(|cost| cost.parse::<i64>().ok());
            if within && !of_call {
                sum += cost.unwrap_or(0);
            }
            of_call = false;
        }
    }
    sum
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
    fn an_instruction_each_time_is_seen() {
        for (difference, each) in [(0, 0), (60, 0), (-60, 0), (1000, 1), (-1000, -1), (1060, 1)] {
            assert_eq!(each_time(difference, 1000), each, "{difference}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_target_directory_may_be_a_link() {
        let dir = std::env::temp_dir().join(format!("hookfree-{}", std::process::id()));
        let (real, link) = (dir.join("real"), dir.join("target"));
        fs::create_dir_all(&real).unwrap();
        fs::write(real.join("example"), "").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let [named, linked] = [&real, &link].map(|dir| object_name(&dir.join("example")).unwrap());
        fs::remove_dir_all(&dir).unwrap();
        assert_eq!(linked, named);
        assert!(named.ends_with("real/example"), "{named}");
    }

    #[test]
    fn the_own_instructions_are_read() {
        let counts = "events: Ir\n\nob=/p/example\nfn=main\n12 7\ncob=/lib/libc.so\ncfn=memcpy\n\
                      calls=3 0\n+1 500\n* 4\n\nob=/lib/libc.so\nfn=memcpy\n0 500\n\nob=/p/example\n\
                      fn=other\n-3 20\n\ntotals: 531\n";
        assert_eq!(own_instructions(counts, "/p/example"), 31);
        assert_eq!(own_instructions(counts, "/lib/libc.so"), 500);
        assert_eq!(own_instructions("nothing", "/p/example"), 0);
    }
}
