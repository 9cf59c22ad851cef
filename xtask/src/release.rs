//! `cargo xtask release [--json FILE]`: how long the program takes to build from nothing, beside
//! wasmi's, and how large it is without symbols; as rows for `cargo xtask goals`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde_json::{Value, json};

use crate::Result;
use crate::run::{cargo, option, program, root, status};

pub(crate) fn run(args: &[String]) -> Result {
    let folder = root().join("target/from-nothing");
    let mut build = cargo();
    build.args(["build", "--release", "--locked", "-p", "burdock-cli"]).current_dir(root());
    let (seconds, own) = from_nothing(&mut build, &folder, "release/burdock")?;
    let mut install = cargo();
    install.args(["install", "wasmi_cli", "--version", "^2", "--locked", "--root"]).arg(&folder);
    let (peer_seconds, peer) = from_nothing(&mut install, &folder, "bin/wasmi")?;
    let (size, peer_size) = (stripped(&own)?, stripped(&peer)?);
    let rows = [
        row("build", "burdock", seconds),
        row("build", "wasmi", peer_seconds),
        row("size", "burdock", size),
        row("size", "wasmi", peer_size),
    ];
    fs::remove_dir_all(&folder)?;
    println!("built from nothing in {seconds:.0} s, wasmi's program in {peer_seconds:.0} s");
    println!("without symbols {size:.1} MB, wasmi's {peer_size:.1} MB");
    if let Some(path) = option(args, "--json")? {
        fs::write(path, json!({ "rows": rows }).to_string())?;
    }
    Ok(())
}

/// A row as the bench writes it; the number is seconds, or megabytes.
fn row(case: &str, runtime: &str, number: f64) -> Value {
    json!({ "group": "release", "case": case, "runtime": runtime, "median_s": number })
}

/// How long a build takes in an empty folder, and a copy of the program that it leaves there.
fn from_nothing(build: &mut Command, folder: &Path, made: &str) -> Result<(f64, PathBuf)> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    let start = Instant::now();
    status(build.env("CARGO_TARGET_DIR", folder))?;
    let seconds = start.elapsed().as_secs_f64();
    let made = folder.join(made);
    let name = made.file_name().ok_or("a program has a name")?;
    let copy = root().join("target").join(name);
    fs::copy(&made, &copy)?;
    Ok((seconds, copy))
}

/// The size in megabytes of a program without symbols, which is then deleted.
fn stripped(path: &Path) -> Result<f64> {
    status(program("strip").arg(path))?;
    let size = fs::metadata(path)?.len();
    fs::remove_file(path)?;
    Ok(size as f64 / 1e6)
}
