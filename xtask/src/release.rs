//! `cargo xtask release [--json FILE]`: measures the time to build the program from nothing, beside
//! wasmi's, and its size without symbols, as rows for `cargo xtask goals`.

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

/// Returns a row in the bench's format. The number is in seconds or megabytes.
fn row(case: &str, runtime: &str, number: f64) -> Value {
    json!({ "group": "release", "case": case, "runtime": runtime, "median_s": number })
}

/// Returns the time of a build in an empty folder, and a copy of the built program.
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

/// Returns the size in megabytes of a program without symbols, and deletes the program.
fn stripped(path: &Path) -> Result<f64> {
    status(program("strip").arg(path))?;
    let size = fs::metadata(path)?.len();
    fs::remove_file(path)?;
    Ok(size as f64 / 1e6)
}
