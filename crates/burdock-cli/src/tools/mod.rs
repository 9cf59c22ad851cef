//! The commands that run a module while a tool of `burdock-tools` looks on. What they write goes to
//! standard error or to a file, never among the guest's output.

pub(crate) mod args;
pub(crate) mod audit;
pub(crate) mod coverage;
pub(crate) mod profile;
pub(crate) mod step;
pub(crate) mod trace;

use crate::engine;
use crate::report::{self, Failure, Status};
use crate::run::Main;
use anyhow::Context;
use burdock_tools::{Code, Symbols};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// Where a tool writes.
pub(crate) type Out = BufWriter<Box<dyn Write + Send>>;

/// A file, or standard error.
pub(crate) fn open(path: Option<&Path>) -> anyhow::Result<Out> {
    let out: Box<dyn Write + Send> = match path {
        Some(path) => {
            let context = || format!("failed to create `{}`", path.display());
            Box::new(File::create(path).with_context(context)?)
        }
        None => Box::new(io::stderr()),
    };
    Ok(BufWriter::new(out))
}

/// The module that was asked for, for names.
pub(crate) fn symbols(main: &Main<'_>) -> anyhow::Result<Symbols> {
    Ok(Symbols::new(main.module, main.name(), Arc::new(code(main)?)))
}

/// The code of the module that was asked for.
pub(crate) fn code(main: &Main<'_>) -> anyhow::Result<Code> {
    Code::new(main.bytes).map_err(engine::error)
}

/// Writes everything at once.
pub(crate) fn write(path: Option<&Path>, bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = open(path)?;
    out.write_all(bytes).and_then(|()| out.flush()).context("failed to write the output")
}

/// The program's end after a tool has written what it saw: as that of `run`. That a guest ended itself
/// is no failure of the tool's.
pub(crate) fn end(outcome: Result<(), Failure>) -> Result<ExitCode, Failure> {
    match outcome {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(failure) => match failure.status() {
            Status::Guest(_) => Ok(report::failure(&failure)),
            _ => Err(failure),
        },
    }
}
