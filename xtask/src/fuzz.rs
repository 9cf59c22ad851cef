//! `cargo xtask fuzz [--seconds N] [--target T]`: runs every target of fuzz/, each for its share of
//! N seconds (60 if not given), with cargo-fuzz on a nightly toolchain, under AddressSanitizer and
//! with debug assertions. With `--wasmtime [--seed S]` it runs the modules of the target `objects`
//! in Burdock and in Wasmtime instead, without cargo-fuzz.

use crate::Result;
use crate::compat::TOOLCHAIN;
use crate::run::{answers, cargo_of, option, output, program, root, status, switch};

pub(crate) fn run(args: &[String]) -> Result {
    let seconds: u64 = option(args, "--seconds")?.unwrap_or("60").parse()?;
    if switch(args, "--wasmtime") {
        let seed = option(args, "--seed")?.unwrap_or("1");
        let mut cargo = cargo_of(TOOLCHAIN, "Wasmtime")?;
        cargo.args(["run", "--release", "--manifest-path", "fuzz/wasmtime/Cargo.toml", "--"]);
        return status(cargo.args(["objects", &seconds.to_string(), seed]));
    }
    let only = option(args, "--target")?;
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
    let targets: Vec<&str> =
        listed.lines().filter(|target| only.is_none_or(|only| only == *target)).collect();
    let Some(share) = seconds.checked_div(targets.len() as u64) else {
        return Err("there is no such fuzz target".into());
    };
    for target in &targets {
        println!("{target}: {} seconds", share.max(1));
        let time = format!("-max_total_time={}", share.max(1));
        status(program("cargo").args(["+nightly", "fuzz", "run", target, "--", &time]))?;
    }
    Ok(())
}
