//! Output of commands that run no guest.

use crate::report::{self, Failure};
use anyhow::Context;
use burdock::names::EscapedLines;
use std::io::{self, ErrorKind, Write};

/// Prints `text`. A reader that closes the pipe early (`| head`) is no error.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout();
    let text = EscapedLines(text).to_string();
    printed(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
}

fn printed(result: io::Result<()>) -> anyhow::Result<()> {
    match result {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result.context("failed to print"),
    }
}

/// Prints a help text while the command line is parsed, and exits.
pub(crate) fn print_and_exit(print: impl FnOnce() -> io::Result<()>) -> ! {
    let status = match printed(print()) {
        Ok(()) => 0,
        Err(error) => {
            let failure = Failure::from(error);
            report::failure(&failure);
            failure.status().code()
        }
    };
    std::process::exit(status.into())
}
