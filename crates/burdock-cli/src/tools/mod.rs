//! The commands that run a module while a tool of `burdock-tools` looks on. What they write goes to
//! standard error or to a file, never among the guest's output.

pub(crate) mod audit;
pub(crate) mod coverage;
mod out;
pub(crate) mod profile;
pub(crate) mod step;
pub(crate) mod trace;

use crate::report::{self, EngineError, Failure, Status};
use crate::run::Main;
use crate::{engine, link};
use anyhow::Context;
use burdock::Engine;
use burdock_tools::{Code, Lines, Symbols, json_text};
pub(crate) use out::Out;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// The module that was asked for, for names.
pub(crate) fn symbols(main: &Main<'_>) -> anyhow::Result<Symbols> {
    Ok(Symbols::new(main.module, main.name(), Arc::new(code(main)?)))
}

/// The code of the module that was asked for.
pub(crate) fn code(main: &Main<'_>) -> anyhow::Result<Code> {
    Code::new(main.bytes).map_err(engine::error)
}

/// The code of the module that was asked for and of those that are preloaded.
pub(crate) fn all_codes(engine: &Engine, main: &Main<'_>) -> anyhow::Result<Vec<Code>> {
    let mut codes = vec![code(main)?];
    for (name, path) in &main.args.preloads {
        let module = link::preloaded(engine, name, path)?;
        if let Some(bytes) = module.debug_bytecode() {
            codes.push(Code::new(bytes).map_err(engine::error)?);
        }
    }
    Ok(codes)
}

/// The lines of source of the module that was asked for; `None` if it has no DWARF. Where that is
/// malformed, a warning says so, and what can be read is used.
pub(crate) fn lines(code: &Code, main: &Main<'_>) -> Option<Lines> {
    let lines = Lines::from_dwarf(code)?;
    if let Some(problem) = lines.problem() {
        let name = main.name();
        let used = if lines.is_empty() { "is not used" } else { "is used in part" };
        report::warning(&format!("the DWARF of `{name}` is malformed and {used}: {problem}"));
    }
    Some(lines)
}

/// JSON as a file for people.
pub(crate) fn pretty(value: &serde_json::Value) -> Vec<u8> {
    (json_text(value, true) + "\n").into_bytes()
}

/// Writes everything at once.
pub(crate) fn write(path: Option<&Path>, bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = Out::open(path)?;
    written(out.write_all(bytes).and_then(|()| out.finish()))
}

/// That nobody reads the output to its end ends the program as it does others, quietly.
pub(crate) fn written(result: io::Result<()>) -> anyhow::Result<()> {
    match result {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            let message = "nobody reads the output any more".to_owned();
            Err(anyhow::Error::new(EngineError { message, status: Status::BrokenPipe, dump: None }))
        }
        result => result.context("failed to write the output"),
    }
}

/// The program's end after a tool has written what it saw, or has failed to: as that of `run`. That a
/// guest ended itself is no failure of the tool's.
pub(crate) fn end(
    outcome: Result<(), Failure>,
    written: anyhow::Result<()>,
) -> Result<ExitCode, Failure> {
    let code = match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => match (failure.status(), &written) {
            (Status::Guest(_), _) | (_, Err(_)) => report::failure(&failure),
            _ => return Err(failure),
        },
    };
    written?;
    Ok(code)
}
