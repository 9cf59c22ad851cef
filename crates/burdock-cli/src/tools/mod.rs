//! The commands that run a module under observation of a tool of `burdock-tools`. Tools write to
//! standard error or to a file, never to the guest's output.

pub(crate) mod audit;
pub(crate) mod coverage;
pub(crate) mod debug;
pub(crate) mod gdb;
pub(crate) mod out;
pub(crate) mod profile;
pub(crate) mod recorded;
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

/// Returns symbols that know the main module.
pub(crate) fn symbols(main: &Main<'_>) -> anyhow::Result<Symbols> {
    Ok(Symbols::new(main.module, main.name(), Arc::new(code(main)?)))
}

/// Returns the code of the main module.
pub(crate) fn code(main: &Main<'_>) -> anyhow::Result<Code> {
    Code::new(main.bytes).map_err(engine::error)
}

/// Returns the code of the main module and of the preloaded modules.
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

/// Returns the lines of source of the main module from its DWARF, or else from its source map, or
/// `None` if it has neither. If they are malformed, prints a warning and returns the lines that can
/// be read.
pub(crate) fn lines(code: &Code, main: &Main<'_>) -> Option<Lines> {
    let Some(lines) = Lines::from_dwarf(code) else { return source_map(code, main) };
    if let Some(problem) = lines.problem() {
        let name = main.name();
        let used = if lines.is_empty() { "is not used" } else { "is used in part" };
        report::warning(&format!("the DWARF of `{name}` is malformed and {used}: {problem}"));
    }
    Some(lines)
}

/// Returns the lines from the module's source map: a file beside the module, whatever directory the
/// module names.
fn source_map(code: &Code, main: &Main<'_>) -> Option<Lines> {
    let name = Path::new(code.source_map_url()?).file_name()?;
    let path = main.path().with_file_name(name);
    let read = std::fs::read_to_string(&path).map_err(anyhow::Error::from);
    match read.and_then(|map| Lines::from_source_map(&map).map_err(engine::error)) {
        Ok(lines) => Some(lines),
        Err(error) => {
            let path = path.display();
            report::warning(&format!("the source map `{path}` is not used: {error:#}"));
            None
        }
    }
}

/// Returns JSON as an indented file.
pub(crate) fn pretty(value: &serde_json::Value) -> Vec<u8> {
    (json_text(value, true) + "\n").into_bytes()
}

/// Writes bytes to a file, or to standard error if there is no path.
pub(crate) fn write(path: Option<&Path>, bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = Out::open(path)?;
    written(out.write_all(bytes).and_then(|()| out.finish()))
}

/// Converts the result of writing. A closed pipe ends the program without a message, as it ends
/// other programs.
pub(crate) fn written(result: io::Result<()>) -> anyhow::Result<()> {
    match result {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            let message = "nobody reads the output any more".to_owned();
            Err(anyhow::Error::new(EngineError { message, status: Status::BrokenPipe, dump: None }))
        }
        result => result.context("failed to write the output"),
    }
}

/// Returns the result of a command after its tool has written its output or failed to. A guest's
/// own exit status is no failure of the tool.
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
