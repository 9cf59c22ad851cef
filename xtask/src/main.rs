//! The project's own commands: `cargo xtask <command>`. Each command has a file here, which
//! describes it, and a line in `COMMANDS`.
#![forbid(unsafe_code)]

mod run;

mod bench;
mod chart;
mod ci;
mod circles;
mod compat;
mod debugger;
mod deps;
mod emulate;
mod fuzz;
mod goals;
mod handlers;
mod hookfree;
mod install_c;
mod mine;
mod native;
mod ops;
mod pauses;
mod places;
mod release;
mod tidy;

use std::process::ExitCode;

/// The result of a command, whose error is text for the user.
type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// A command: its name, its arguments, its description, and its function.
type Command = (&'static str, &'static str, &'static str, fn(&[String]) -> Result);

const COMMANDS: &[Command] = &[
    ("ci", "", "everything below that is a check, with formatting, lints, tests, docs", ci::run),
    ("deps", "", "which crate may depend on which", deps::run),
    ("tidy", "", "the conventions that the compiler does not check", tidy::run),
    (
        "ops",
        "[--check]",
        "writes docs/OPS.md, or says whether it is what the op table makes",
        ops::run,
    ),
    (
        "hookfree",
        "[--no-valgrind]",
        "that a program without hooks holds no code for them",
        hookfree::run,
    ),
    ("compat", "", "that an embedding does the same under Wasmtime and under Burdock", compat::run),
    (
        "handlers",
        "[--target PROCESSOR]",
        "that each handler of the machine jumps to the next one",
        handlers::run,
    ),
    (
        "native",
        "[--check] [--target PROCESSOR]",
        "that native handlers do what their ops mean; all of them",
        native::run,
    ),
    (
        "emulate",
        "PROCESSOR COMMAND ...",
        "a command of cargo for another processor, run in an emulator",
        emulate::run,
    ),
    (
        "debugger",
        "[--lldb PROGRAM] [--lldb-dap PROGRAM] [--only NAME]",
        "that LLDB, if it is installed, debugs guests",
        debugger::run,
    ),
    (
        "install-c",
        "--prefix DIR [--debug | --small] [--features LIST] [--without-native]",
        "builds the C library, and installs it with its headers",
        install_c::run,
    ),
    (
        "pauses",
        "[MIB ...]",
        "measures collections of garbage in live heaps of several sizes",
        pauses::run,
    ),
    (
        "mine",
        "[--keep] [--without NAME] [--unseen] [--seen] [--output FILE] [--budget N]",
        "chooses the sequences that have a native handler",
        mine::run,
    ),
    (
        "fuzz",
        "[--seconds N] [--target T] [--wasmtime [--seed N]]",
        "runs the fuzz targets, N seconds in all, or compares with Wasmtime",
        fuzz::run,
    ),
    (
        "goals",
        "FILE [--seen FILE]",
        "what `bench --json FILE` measured, against the goals",
        goals::run,
    ),
    (
        "chart",
        "[FILE] [--check]",
        "draws docs/speed.svg, or says whether it is what docs/speed.csv makes",
        chart::run,
    ),
    (
        "release",
        "[--json FILE]",
        "how long the program takes to build from nothing, and how large it is",
        release::run,
    ),
    (
        "bench",
        "[--quick] [--filter S] [--json FILE] ...",
        "measures Burdock and its peers",
        bench::run,
    ),
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let command = args.first().and_then(|name| COMMANDS.iter().find(|command| command.0 == name));
    let Some((name, arguments, _, function)) = command else {
        eprintln!("usage: cargo xtask <command>\n");
        for (name, arguments, purpose, _) in COMMANDS {
            eprintln!("  {:<58} {purpose}", format!("{name} {arguments}"));
        }
        return ExitCode::from(2);
    };
    if let Some(option) = unlisted(arguments, &args[1..]) {
        eprintln!("{name}: unknown option {option}\n\nusage: cargo xtask {name} {arguments}");
        return ExitCode::from(2);
    }
    match function(&args[1..]) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns an option that is not among the arguments of a command. A command whose list of them
/// ends with dots passes options on.
fn unlisted<'a>(arguments: &str, args: &'a [String]) -> Option<&'a str> {
    let passes_on = arguments.ends_with("...");
    let listed = |option: &str| arguments.split([' ', '[', ']']).any(|word| word == option);
    let mut options = args.iter().map(String::as_str).filter(|arg| arg.starts_with("--"));
    options.find(|option| !passes_on && !listed(option))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_that_are_not_listed_are_refused() {
        let args = ["--seconds", "5", "--seed", "1", "--help"].map(String::from);
        let fuzz = "[--seconds N] [--target T] [--wasmtime [--seed N]]";
        assert_eq!(unlisted(fuzz, &args), Some("--help"));
        assert_eq!(unlisted(fuzz, &args[..4]), None);
        assert_eq!(unlisted("[--seconds] ...", &args), None);
    }
}
