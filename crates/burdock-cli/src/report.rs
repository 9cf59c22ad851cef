//! Messages on standard error: errors in Wasmtime's form, warnings and hints; and the exit status
//! of each error.

use burdock::WasmCoreDump;
use burdock::names::EscapedLines;
use clap::ValueEnum;
use serde_json::json;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

static COLOR: AtomicBool = AtomicBool::new(false);
static QUIET: AtomicBool = AtomicBool::new(false);
static JSON: AtomicBool = AtomicBool::new(false);

/// The values of `--color`.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    Always,
    Never,
}

/// The values of `--error-format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ErrorFormat {
    /// As text
    Human,
    /// As JSON, one object a line
    Json,
}

/// The way in which an error ends the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// The guest called `proc_exit` with this status: exits without a message.
    Guest(i32),
    /// The guest trapped: exits as if the guest had called `abort`.
    Trap,
    /// The guest was interrupted by an epoch: reported as a trap, unless a reason is recorded.
    Interrupt,
    /// A signal ended the guest.
    Signal(i32),
    /// The pipe that a tool writes to was closed: exits without a message, as SIGPIPE ends other
    /// programs.
    BrokenPipe,
    /// The program panicked.
    Panic,
    /// A policy was violated.
    Violation,
    /// The debugger ended the guest: exits as after SIGKILL, without a message.
    Killed,
    /// A mistake on the command line.
    Usage,
    Error,
}

impl Status {
    /// Returns the exit status of the process. A trap is 134 on Unix and 3 on Windows, as `abort`
    /// is; a guest's own status from 3 on becomes 1 on Windows.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Guest(status) if cfg!(windows) && status >= 3 => 1,
            Self::Guest(status) => u8::try_from(status).unwrap_or(1),
            Self::Trap | Self::Interrupt if cfg!(windows) => 3,
            Self::Trap | Self::Interrupt => 134,
            Self::BrokenPipe => 128 + 13,
            Self::Signal(signal) => u8::try_from(128 + signal).unwrap_or(1),
            Self::Panic => 101,
            Self::Violation => 77,
            Self::Killed => 128 + 9,
            Self::Usage => 2,
            Self::Error => 1,
        }
    }
}

/// The innermost error of the engine.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct EngineError {
    pub(crate) message: String,
    pub(crate) status: Status,
    /// The contents of the store, if a core dump was requested.
    pub(crate) dump: Option<WasmCoreDump>,
}

/// The error of a command, with hints that may help.
pub(crate) struct Failure {
    pub(crate) error: anyhow::Error,
    pub(crate) hints: Vec<String>,
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self { error, hints: Vec::new() }
    }
}

impl Failure {
    pub(crate) fn status(&self) -> Status {
        self.error.downcast_ref::<EngineError>().map_or(Status::Error, |error| error.status)
    }
}

/// Returns the error of a mistake on the command line.
pub(crate) fn usage_root(message: impl Into<String>) -> anyhow::Error {
    let (message, status) = (message.into(), Status::Usage);
    anyhow::Error::new(EngineError { message, status, dump: None })
}

/// Returns the failure for an invalid combination of options on the command line.
pub(crate) fn usage(message: impl Into<String>) -> Failure {
    Failure::from(usage_root(message))
}

/// Prints a mistake on the command line as JSON.
pub(crate) fn usage_error(message: &str, hints: &[String]) {
    error_as_json(message, &[], hints, Status::Usage);
}

/// Prints an error as JSON.
fn error_as_json(message: &str, causes: &[String], hints: &[String], status: Status) {
    let object = json!({
        "level": "error",
        "message": message,
        "causes": causes,
        "hints": hints,
        "exit_status": status.code(),
    });
    print(&object.to_string());
}

/// Sets whether messages have colors, for the whole run.
pub(crate) fn set_color(color: Color) {
    let on = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            std::io::stderr().is_terminal()
                && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        }
    };
    COLOR.store(on, Ordering::Relaxed);
}

/// Sets the format of messages, for the whole run.
pub(crate) fn set_format(format: ErrorFormat) {
    JSON.store(format == ErrorFormat::Json, Ordering::Relaxed);
}

/// Suppresses warnings and hints.
pub(crate) fn set_quiet(quiet: bool) {
    QUIET.store(quiet, Ordering::Relaxed);
}

/// Prints the error of a command and returns the exit status. Prints nothing for a guest that
/// called `proc_exit` or for a closed pipe.
pub(crate) fn failure(failure: &Failure) -> ExitCode {
    ExitCode::from(exit_status(failure))
}

/// Prints the error of a command as [`failure`] does, and returns the exit status as a number.
pub(crate) fn exit_status(failure: &Failure) -> u8 {
    let status = failure.status();
    if matches!(status, Status::Guest(_) | Status::BrokenPipe | Status::Killed) {
        return status.code();
    }
    if JSON.load(Ordering::Relaxed) {
        let causes: Vec<_> = failure.error.chain().skip(1).map(ToString::to_string).collect();
        error_as_json(&failure.error.to_string(), &causes, &failure.hints, status);
    } else {
        line("Error", "31;1", &chain(&failure.error));
        for hint in &failure.hints {
            self::hint(hint);
        }
    }
    status.code()
}

/// Returns an error in Wasmtime's form, which is anyhow's without a backtrace of the host: the
/// message, an empty line, and the causes, numbered if there are several.
fn chain(error: &anyhow::Error) -> String {
    let causes: Vec<String> = error.chain().skip(1).map(ToString::to_string).collect();
    let mut text = error.to_string();
    if !causes.is_empty() {
        text.push_str("\n\nCaused by:");
    }
    for (number, cause) in causes.iter().enumerate() {
        let (first, rest) = match causes.len() {
            1 => ("    ".to_owned(), "    "),
            _ => (format!("{number:>5}: "), "       "),
        };
        for (index, line) in cause.lines().enumerate() {
            text.push('\n');
            text.push_str(if index == 0 { &first } else { rest });
            text.push_str(line);
        }
    }
    text
}

pub(crate) fn warning(message: &str) {
    if !QUIET.load(Ordering::Relaxed) {
        line("warning", "33;1", message);
    }
}

/// Prints what a user waits for.
pub(crate) fn note(message: &str) {
    if !QUIET.load(Ordering::Relaxed) {
        line("note", "36;1", message);
    }
}

pub(crate) fn hint(message: &str) {
    if !QUIET.load(Ordering::Relaxed) {
        line("hint", "36;1", message);
    }
}

/// Prints `label: message` with a colored label, or the same as JSON.
fn line(label: &str, color: &str, message: &str) {
    if JSON.load(Ordering::Relaxed) {
        print(&json!({ "level": label, "message": message }).to_string());
    } else if COLOR.load(Ordering::Relaxed) {
        print(&format!("\x1b[{color}m{label}\x1b[0m: {}", EscapedLines(message)));
    } else {
        print(&format!("{label}: {}", EscapedLines(message)));
    }
}

/// Starts a new line on a terminal, which has just shown `^C` for the pressed key.
pub(crate) fn end_line_of_terminal() {
    if std::io::stderr().is_terminal() {
        print("");
    }
}

/// Prints a line on standard error. Errors, such as a closed stream, are ignored.
fn print(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
