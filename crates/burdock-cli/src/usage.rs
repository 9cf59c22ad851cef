//! Command-line errors: printing them in either format, and suggestions for options that only other
//! runtimes have or that stand on the wrong side of the file.

use crate::cli::{Cli, RunArgs};
use crate::output;
use crate::report::{self, ErrorFormat, Status};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory, Parser};
use std::ffi::OsString;
use std::io::Write as _;

/// The options of current and earlier versions of Wasmtime's program that this program lacks, each
/// with its alternative.
const FOREIGN: &[(&str, &str)] = &[
    ("--allow-precompiled", "modules are always given in the binary or text format"),
    ("--gdbstub", "`-g PORT` waits for a debugger"),
    ("--mapdir", "`--dir HOST::GUEST` gives the guest a directory by another name"),
    ("--profile", "`burdock profile` measures a guest"),
    ("-R", "`burdock run --record FILE` records a run"),
    ("--target", "an interpreter translates for no target"),
    ("--wasm-features", "`-W` switches proposals; `-W help` lists them"),
    ("--wasi-modules", "`-S` says what the guest is given of WASI; `-S help` lists it"),
];

/// Parses the command line. Exits the program after printing an error if the command line is
/// invalid, and after printing the help text if the help is requested.
pub(crate) fn parse() -> Cli {
    let args = with_command_first(std::env::args_os().collect());
    let mut error = match Cli::try_parse_from(args) {
        Ok(cli) => return cli,
        Err(error) => error,
    };
    if !error.use_stderr() {
        output::print_and_exit(|| error.print().and_then(|()| std::io::stdout().flush()));
    }
    if error.kind() == ErrorKind::UnknownArgument
        && let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg)
        && let Some((_, instead)) = FOREIGN.iter().find(|(name, _)| option == name)
    {
        let tip = format!("Wasmtime has `{option}`, Burdock does not: {instead}").into();
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
    }
    if !wants_json() {
        error.exit();
    }
    report::set_format(ErrorFormat::Json);
    let (message, hints) = parts(&error.render().to_string());
    report::usage_error(&message, &hints);
    std::process::exit(Status::Usage.code().into())
}

/// Moves `-g PORT` behind the command `run`. LLDB starts runtimes with this option before all other
/// arguments, and the parser takes what follows an option of the program for a file.
fn with_command_first(mut args: Vec<OsString>) -> Vec<OsString> {
    let option = args.get(1).map(|arg| arg.to_string_lossy().into_owned()).unwrap_or_default();
    let len = match option.as_str() {
        "-g" | "--gdb" => 2,
        option if option.starts_with("-g") || option.starts_with("--gdb=") => 1,
        _ => return args,
    };
    if args.get(1 + len).is_some_and(|arg| arg == "run") {
        args[1..=1 + len].rotate_right(1);
    }
    args
}

/// Returns the names of all commands.
pub(crate) fn commands() -> Vec<String> {
    let mut commands: Vec<String> =
        Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect();
    commands.push("help".into());
    commands
}

/// Returns the first of the guest's arguments that looks like an option of `burdock run`. Arguments
/// after `--` are meant for the guest.
pub(crate) fn misplaced_option(guest_args: &[OsString]) -> Option<String> {
    let command = RunArgs::augment_args(clap::Command::new("run"));
    let options: Vec<String> = command
        .get_arguments()
        .filter(|arg| !arg.is_hide_set() && arg.get_id() != "quiet")
        .filter_map(|arg| arg.get_long().map(|long| format!("--{long}")))
        .collect();
    guest_args
        .iter()
        .map(|arg| arg.to_string_lossy())
        .take_while(|arg| arg != "--")
        .filter_map(|arg| arg.split('=').next().map(str::to_owned))
        .find(|arg| options.contains(arg))
}

/// Returns `true` if the command line requests errors as JSON. Scans the raw arguments, because
/// this is called when the command line as a whole cannot be parsed.
fn wants_json() -> bool {
    let args: Vec<String> =
        std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect();
    args.contains(&"--error-format=json".to_owned())
        || args.windows(2).any(|pair| pair == ["--error-format", "json"])
}

/// Splits the text of a clap error into the message and the tips.
fn parts(text: &str) -> (String, Vec<String>) {
    let text = text.strip_prefix("error: ").unwrap_or(text);
    let tip = |line: &str| line.trim().strip_prefix("tip: ").map(str::to_owned);
    let message: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).collect();
    (message.join("\n"), text.lines().filter_map(tip).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clap_text_has_a_message_and_tips() {
        let text = "error: invalid value 'x' for '--a <A>'\n  [possible values: y]\n\n  \
                    tip: a similar value exists: 'y'\n\nFor more information, try '--help'.\n";
        let (message, hints) = parts(text);
        assert_eq!(message, "invalid value 'x' for '--a <A>'\n  [possible values: y]");
        assert_eq!(hints, ["a similar value exists: 'y'"]);
    }

    #[test]
    fn no_option_of_run_is_foreign() {
        let command = Cli::command();
        let names: Vec<String> = command
            .get_arguments()
            .filter_map(|arg| arg.get_long())
            .map(|long| format!("--{long}"))
            .collect();
        for (name, _) in FOREIGN {
            assert!(!names.contains(&(*name).to_owned()), "{name}");
        }
    }

    #[test]
    fn the_debuggers_port_may_come_before_the_command() {
        for (given, expected) in [
            (&["burdock", "-g=1", "run", "m", "a"][..], &["burdock", "run", "-g=1", "m", "a"][..]),
            (&["burdock", "-g", "1", "run", "m"], &["burdock", "run", "-g", "1", "m"]),
            (&["burdock", "--gdb=1", "run", "m"], &["burdock", "run", "--gdb=1", "m"]),
            (&["burdock", "-g", "1", "m", "run"], &["burdock", "-g", "1", "m", "run"]),
            (&["burdock", "-g"], &["burdock", "-g"]),
            (&["burdock"], &["burdock"]),
        ] {
            let args = with_command_first(given.iter().map(OsString::from).collect());
            assert_eq!(args, expected);
        }
    }

    #[test]
    fn options_after_the_file() {
        for (args, expected) in [
            (&["--dir", "."][..], Some("--dir")),
            (&["x", "--fuel=5"][..], Some("--fuel")),
            (&["--", "--dir"][..], None),
            (&["--verbose", "-q"][..], None),
            (&[][..], None),
        ] {
            let args: Vec<OsString> = args.iter().map(OsString::from).collect();
            assert_eq!(misplaced_option(&args).as_deref(), expected, "{args:?}");
        }
    }
}
