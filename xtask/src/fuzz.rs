//! `cargo xtask fuzz [--seconds N] [--target T]`: runs every target of fuzz/, each for its share of
//! N seconds (60 if not given), with cargo-fuzz on a nightly toolchain, under AddressSanitizer and
//! with debug assertions. With `--wasmtime [--seed S]` it runs the modules of the targets `execute`
//! and `objects` in Burdock and in Wasmtime instead, without cargo-fuzz.

use crate::Result;
use crate::compat::TOOLCHAIN;
use crate::run::{answers, cargo_of, option, output, program, root, status, switch};

pub(crate) fn run(args: &[String]) -> Result {
    let seconds: u64 = option(args, "--seconds")?.unwrap_or("60").parse()?;
    let only = option(args, "--target")?;
    if switch(args, "--wasmtime") {
        return with_wasmtime(seconds, only, option(args, "--seed")?.unwrap_or("1"));
    }
    if !root().join("fuzz/Cargo.toml").exists() {
        return Err("there is no fuzz/Cargo.toml".into());
    }
    if !answers(program("cargo").args(["+nightly", "--version"])) {
        return Err("fuzzing needs a nightly toolchain: `rustup toolchain install nightly`".into());
    }
    if !answers(program("cargo").args(["+nightly", "fuzz", "--version"])) {
        return Err("cargo-fuzz is missing: `cargo install cargo-fuzz --locked`".into());
    }
    let listed = output(program("cargo").args(["+nightly", "fuzz", "list"]))?;
    each(listed.lines(), only, seconds, |target, seconds| {
        let time = format!("-max_total_time={seconds}");
        status(program("cargo").args(["+nightly", "fuzz", "run", target, "--", &time]))
    })
}

/// Runs the targets whose modules Wasmtime runs as well.
fn with_wasmtime(seconds: u64, only: Option<&str>, seed: &str) -> Result {
    each(["execute", "objects"], only, seconds, |target, seconds| {
        let mut cargo = cargo_of(TOOLCHAIN, "Wasmtime")?;
        cargo.args(["run", "--release", "--manifest-path", "fuzz/wasmtime/Cargo.toml", "--"]);
        status(cargo.args([target, &seconds.to_string(), seed]))
    })
}

/// Runs the target that is named, or each of them for its share of the seconds.
fn each<'a>(
    targets: impl IntoIterator<Item = &'a str>,
    only: Option<&str>,
    seconds: u64,
    fuzz: impl Fn(&str, u64) -> Result,
) -> Result {
    let targets = targets.into_iter().filter(|target| only.is_none_or(|only| only == *target));
    let targets: Vec<&str> = targets.collect();
    let Some(share) = seconds.checked_div(targets.len() as u64) else {
        return Err("there is no such fuzz target".into());
    };
    let share = share.max(1);
    for target in targets {
        println!("{target}: {share} seconds");
        fuzz(target, share)?;
    }
    Ok(())
}
