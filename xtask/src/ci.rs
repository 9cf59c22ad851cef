//! `cargo xtask ci`: all checks that a change has to pass. A failed step does not stop the later
//! ones; failures are listed at the end.

use std::process::Command;
use std::time::Instant;

use crate::Result;
use crate::run::{cargo, status};
use crate::{bench, chart, debugger, deps, handlers, hookfree, native, ops, tidy};

/// Crates that build without the standard library (of the examples, the one that does).
const NO_STD: &[&str] = &[
    "burdock-types",
    "burdock-parse",
    "burdock-ir",
    "burdock-translate",
    "burdock-core",
    "burdock",
    "burdock-wasmi",
    "burdock-examples",
];

/// Adds the dispatcher that portable builds have to the default ones.
const LOOP: &[&str] = &["--features", "burdock/dispatch-loop"];

/// Checks the optional feature `anyhow` without the standard library.
const NO_STD_ANYHOW: &[&str] =
    &["check", "-p", "burdock", "--no-default-features", "--features", "anyhow"];

/// Packages every crate as for crates.io, even if its dependencies are not published.
const PACKAGE: &[&str] = &[
    "package",
    "--quiet",
    "--workspace",
    "--exclude",
    "xtask",
    "--exclude",
    "burdock-examples",
    "--no-verify",
    "--allow-dirty",
    "--target-dir",
    "target/package-check",
];

/// A named step.
type Step = (&'static str, Box<dyn Fn() -> Result>);

pub(crate) fn run(args: &[String]) -> Result {
    let only = args.first();
    let mut failures = Vec::new();
    for (name, run) in steps().iter().filter(|(name, _)| only.is_none_or(|only| only == name)) {
        let start = Instant::now();
        println!("== {name}");
        if let Err(error) = run() {
            eprintln!("{name}: {error}");
            failures.push(*name);
        }
        println!("== {name}: {:.1} s", start.elapsed().as_secs_f64());
    }
    if failures.is_empty() {
        Ok(())
    } else {
        Err(format!("failed: {}", failures.join(", ")).into())
    }
}

/// Returns all steps in order.
fn steps() -> Vec<Step> {
    let mut steps: Vec<Step> = vec![
        ("fmt", step(&["fmt", "--all", "--check"])),
        ("deps", Box::new(|| deps::run(&[]))),
        ("tidy", Box::new(|| tidy::run(&[]))),
        ("ops", Box::new(|| ops::run(&["--check".to_owned()]))),
        ("chart", Box::new(|| chart::run(&["--check".to_owned()]))),
        ("clippy", step(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])),
        ("build", step(&["build", "--workspace"])),
        ("test", step(&["test", "--workspace"])),
        ("debugger", Box::new(|| debugger::run(&[]))),
        ("doc", Box::new(doc)),
        ("package", step(PACKAGE)),
        // Optimized builds use another dispatcher, so the engine's own tests run once more: with
        // the features of the step `spec`, so that the handlers are compiled once for both.
        (
            "test",
            step(&[&["test", "--release", "-p", "burdock-core", "-p", "burdock"], LOOP].concat()),
        ),
    ];
    for name in NO_STD {
        steps.push(("no_std", step(&["check", "-p", name, "--no-default-features"])));
    }
    steps.push(("no_std", step(NO_STD_ANYHOW)));
    // What the machine does without an operating system, memories that may not move among it.
    let lib = ["test", "-p", "burdock-core", "--no-default-features", "--lib"];
    steps.push(("no_std", step(&lib)));
    // The suite runs once more under every dispatcher, because unoptimized builds have only one.
    steps.push(("spec", step(&[&["test", "--release", "-p", "burdock-wast"], LOOP].concat())));
    steps.push(("native", Box::new(|| native::run(&[]))));
    // Native handlers of the other processor run in an emulator, if this machine has one.
    if !cfg!(target_arch = "aarch64") {
        let args = ["--target", "aarch64"].map(str::to_owned);
        steps.push(("native", Box::new(move || native::run(&args))));
    }
    steps.push(("benches", Box::new(|| bench::check(&[]))));
    steps.push(("handlers", Box::new(|| handlers::run(&[]))));
    steps.push(("hookfree", Box::new(|| hookfree::run(&[]))));
    steps
}

fn step(args: &[&str]) -> Box<dyn Fn() -> Result> {
    let args: Vec<String> = args.iter().map(ToString::to_string).collect();
    Box::new(move || status(cargo().args(&args)))
}

fn doc() -> Result {
    let mut command: Command = cargo();
    command.args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings");
    status(&mut command)
}
