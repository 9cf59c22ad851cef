//! `cargo xtask compat`: compiles the programs of `compat/` against Wasmtime, and against Burdock
//! under Wasmtime's name, and compares the outputs of both. Not a part of `ci`: it builds Wasmtime,
//! with a toolchain of its own.

use crate::Result;
use crate::run::cargo_of;

/// The toolchain that the newest Wasmtime needs.
pub(crate) const TOOLCHAIN: &str = "1.97";

pub(crate) fn run(_: &[String]) -> Result {
    let printed = |package: &str| -> Result<String> {
        println!("running {package}");
        let output = cargo_of(TOOLCHAIN, "Wasmtime")?
            .args(["run", "--quiet", "--manifest-path", "compat/Cargo.toml"])
            .args(["--package", package])
            .output()?;
        if !output.status.success() {
            let error = String::from_utf8_lossy(&output.stderr);
            return Err(format!("{package} failed:\n{error}").into());
        }
        Ok(String::from_utf8(output.stdout)?)
    };
    let (theirs, ours) = (printed("compat-wasmtime")?, printed("compat-burdock")?);
    let differs = theirs.lines().zip(ours.lines()).find(|(theirs, ours)| theirs != ours);
    if let Some((theirs, ours)) = differs {
        return Err(format!("Wasmtime prints\n  {theirs}\nand Burdock\n  {ours}").into());
    }
    let (theirs, ours) = (theirs.lines().count(), ours.lines().count());
    if theirs != ours {
        return Err(format!("Wasmtime prints {theirs} lines and Burdock {ours}").into());
    }
    println!("both print the same {ours} lines");
    Ok(())
}
