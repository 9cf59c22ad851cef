//! Uses of the engine's API beyond the everyday calls, in one place: errors and compilation modes.

use crate::report::{EngineError, Status};
use burdock::{Config, Trap, WasmCoreDump};
use burdock_tools::audit::Violation;
use burdock_tools::debug::Killed;
use burdock_wasi::I32Exit;
use clap::ValueEnum;

/// Converts an error of the engine into one of this program, with the same messages from the
/// outermost to the root, and with its exit status.
pub(crate) fn error(error: burdock::Error) -> anyhow::Error {
    error_at(error, None)
}

/// Returns the program's error as [`error`] does, followed by `place`, the error's position in the
/// source, if known.
pub(crate) fn error_at(error: burdock::Error, place: Option<String>) -> anyhow::Error {
    let status = if let Some(exit) = error.downcast_ref::<I32Exit>() {
        Status::Guest(exit.0)
    } else if error.downcast_ref() == Some(&Trap::Interrupt) {
        Status::Interrupt
    } else if error.downcast_ref::<Trap>().is_some() {
        Status::Trap
    } else if error.downcast_ref::<Violation>().is_some() {
        Status::Violation
    } else if error.downcast_ref::<Killed>().is_some() {
        Status::Killed
    } else {
        Status::Error
    };
    let mut messages: Vec<String> = error.chain().map(|error| error.to_string()).collect();
    let dump = error.downcast::<WasmCoreDump>().ok();
    if let Some(dump) = &dump {
        // The dump goes to a file, and the backtrace is a message of its own.
        let shown = dump.to_string();
        messages.retain(|message| *message != shown);
    }
    let root = in_own_words(&messages.pop().unwrap_or_default()) + &place.unwrap_or_default();
    let mut result = anyhow::Error::new(EngineError { message: root, status, dump });
    for message in messages.into_iter().rev() {
        result = result.context(in_own_words(&message));
    }
    result
}

/// Replaces the library's hints at an environment variable and at a setting with this program's
/// options.
fn in_own_words(message: &str) -> String {
    const VARIABLE: &str = "using the `WASMTIME_BACKTRACE_DETAILS=1` environment variable may show";
    message
        .replace(VARIABLE, "`-D debug-info` shows")
        .replace("`Config::wasm_custom_descriptors`", "`-W custom-descriptors`")
}

/// The values of `--compilation-mode`: when functions are validated and translated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CompilationMode {
    /// Both when the module is loaded
    Eager,
    /// Both when a function is called first
    Lazy,
    /// Validated when the module is loaded, translated when called first
    LazyTranslation,
}

impl CompilationMode {
    /// Sets the mode in the engine's configuration.
    pub(crate) fn configure(self, config: &mut Config) {
        config.compilation_mode(match self {
            Self::Eager => burdock::CompilationMode::Eager,
            Self::Lazy => burdock::CompilationMode::Lazy,
            Self::LazyTranslation => burdock::CompilationMode::LazyTranslation,
        });
    }
}
