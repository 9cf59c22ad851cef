//! Running other programs from the root of the workspace, and reading the arguments of a command.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Result;

/// Returns the root of the workspace.
pub(crate) fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_owned()
}

/// Returns a command of the cargo that runs this program.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Returns cargo of the toolchain `version`, which `what` needs because the workspace itself works
/// with an older one.
///
/// # Errors
///
/// Fails if the toolchain is not installed.
pub(crate) fn cargo_of(version: &str, what: &str) -> Result<Command> {
    let mut cargo = program("cargo");
    cargo.arg(format!("+{version}"));
    if !answers(program("cargo").args([&format!("+{version}"), "--version"])) {
        let install = format!("rustup toolchain install --profile minimal {version}");
        return Err(format!("{what} needs a toolchain of its own: `{install}`").into());
    }
    Ok(cargo)
}

/// Returns a command of a program by name, run in the root of the workspace.
pub(crate) fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    command
}

/// Runs a command with the terminal's output. Returns an error if the command fails.
pub(crate) fn status(command: &mut Command) -> Result {
    let status = command.status().map_err(|error| format!("{command:?}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}").into()) }
}

/// Runs a command and returns its standard output. Returns an error if the command fails.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?}: {}\n{stderr}", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Returns `true` if a program exists and succeeds.
pub(crate) fn answers(command: &mut Command) -> bool {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Returns the value that follows an option.
pub(crate) fn option<'a>(args: &'a [String], name: &str) -> Result<Option<&'a str>> {
    let Some(at) = args.iter().position(|arg| arg == name) else {
        return Ok(None);
    };
    match args.get(at + 1) {
        Some(value) => Ok(Some(value)),
        None => Err(format!("{name} needs a value").into()),
    }
}

/// Returns `true` if a switch is given.
pub(crate) fn switch(args: &[String], name: &str) -> bool {
    args.iter().any(|arg| arg == name)
}
