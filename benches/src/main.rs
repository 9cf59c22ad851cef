//! Measures Burdock and its peers: the same modules in the same run, in interleaved rounds, so that
//! other load on the machine affects all alike. See README.md for the groups and the options.
#![forbid(unsafe_code)]

mod args;
mod cases;
mod corpus;
mod measure;
mod memory;
mod program;
mod programs;
mod reference;
mod report;
mod runtime;
mod wasi;

use std::process::ExitCode;

/// An error as text. The errors of some peers do not implement `std::error::Error`, but all can be
/// displayed.
#[derive(Debug)]
struct Error(String);

impl<E: std::fmt::Display> From<E> for Error {
    fn from(error: E) -> Self {
        Self(format!("{error:#}"))
    }
}

type Result<T = (), E = Error> = std::result::Result<T, E>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.split_first() {
        Some((first, rest)) if first == memory::CHILD => memory::child(rest),
        _ => with_deep_stack(move || run(&arguments)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Error(error)) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs work on a thread with a large stack. Some peers use native stack for each instruction whose
/// handler their compiler did not make jump to the next one, and would otherwise overflow it.
fn with_deep_stack(work: impl FnOnce() -> Result + Send + 'static) -> Result {
    let thread = std::thread::Builder::new().stack_size(1 << 30).spawn(work)?;
    thread.join().unwrap_or_else(|_| Err("it panicked".into()))
}

fn run(arguments: &[String]) -> Result {
    let args = args::Args::parse(arguments)?;
    let (cases, missing) = cases::all(&args)?;
    for note in missing {
        eprintln!("skipped: {note}");
    }
    let measured = measure::all(&cases, &args);
    report::print(&measured);
    if let Some(path) = &args.json {
        std::fs::write(path, report::json(&measured.rows))?;
    }
    match measured.wrong.as_slice() {
        [] if measured.rows.is_empty() => Err("nothing was measured".into()),
        [] => Ok(()),
        wrong => Err(format!("Burdock failed:\n  {}", wrong.join("\n  ")).into()),
    }
}
