//! Programs that are compiled from real projects. programs/programs.txt lists them, with the
//! checksum that each prints; the folders there have their sources. They are built when they are
//! measured. Programs whose build lacks something are reported and left out.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Result;
use crate::args::Args;
use crate::cases::{Case, Sample, push, selected};
use crate::program::Program;

/// The group of these programs.
pub(crate) const GROUP: &str = "programs";

/// The target that they are compiled for.
const TARGET: &str = "wasm32-wasip1";

/// Variables that would change how or where cargo builds. This process may have them from another
/// cargo, with another toolchain.
const FOREIGN: [&str; 6] = [
    "RUSTUP_TOOLCHAIN",
    "RUSTC",
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_TARGET_DIR",
];

/// A line of the list.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Line<'a> {
    name: &'a str,
    /// The folder of the package that the program is compiled from.
    package: &'a str,
    checksum: &'a str,
}

/// Builds the selected programs and adds them to the cases. Returns notes on what is missing.
pub(crate) fn add(cases: &mut Vec<Case>, args: &Args) -> Result<Vec<String>> {
    if args.quick {
        return Ok(Vec::new());
    }
    let lines = list(include_str!("../programs/programs.txt"))?;
    let wanted: Vec<Line> =
        lines.into_iter().filter(|line| selected(args, GROUP, line.name)).collect();
    let mut packages: Vec<&str> = wanted.iter().map(|line| line.package).collect();
    packages.dedup();
    let mut missing = Vec::new();
    for package in packages {
        let lines = wanted.iter().filter(|line| line.package == package);
        if let Err(error) = build(package, lines.clone().map(|line| line.name)) {
            missing.push(format!("the programs of benches/programs/{package}: {}", error.0));
            continue;
        }
        for line in lines {
            let wasm = format!("target/{TARGET}/release/{}.wasm", line.name);
            let program = Program::new(std::fs::read(folder().join(wasm))?)?;
            let printed = format!("{}\n", line.checksum).into_bytes();
            push(cases, GROUP, line.name, &program, Sample::Command { printed });
        }
    }
    Ok(missing)
}

/// Reads the list.
fn list(text: &str) -> Result<Vec<Line<'_>>> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let read = |line| match str::split_whitespace(line).collect::<Vec<_>>()[..] {
        [name, package, checksum] => Ok(Line { name, package, checksum }),
        _ => Err(format!("programs.txt: not a name, a package and a checksum: {line}").into()),
    };
    lines.map(read).collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("programs")
}

/// Compiles programs of a package, with the settings of its folder's `.cargo/config.toml`.
fn build<'a>(package: &str, programs: impl Iterator<Item = &'a str>) -> Result {
    let folder = folder().join(package);
    let command = |program: &str| {
        let mut command = Command::new(program);
        for variable in FOREIGN {
            command.env_remove(variable);
        }
        command.current_dir(&folder);
        command
    };
    // Cargo itself would name the missing standard library only after it has built much.
    let libdir = command("rustc")
        .args(["--print", "target-libdir", "--target", TARGET])
        .stderr(Stdio::inherit())
        .output()?;
    if !Path::new(String::from_utf8(libdir.stdout)?.trim()).is_dir() {
        return Err(format!("their target is missing: `rustup target add {TARGET}`").into());
    }
    let mut cargo = command("cargo");
    cargo.args(["build", "--release", "--locked", "--target", TARGET]);
    cargo.args(programs.flat_map(|program| ["--bin", program]));
    match cargo.stdout(Stdio::null()).status()?.success() {
        true => Ok(()),
        false => Err("cargo could not build them".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, list};

    #[test]
    fn a_line_names_a_program_its_package_and_its_checksum() {
        let lines = list("# comment\nlua scalar 0123").unwrap();
        assert_eq!(lines, [Line { name: "lua", package: "scalar", checksum: "0123" }]);
        assert!(list("lua scalar").unwrap_err().0.ends_with("lua scalar"));
    }
}
