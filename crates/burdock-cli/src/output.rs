//! Output of commands that run no guest.

use anyhow::Context;
use burdock::names::EscapedLines;
use std::io::{ErrorKind, Write};

/// Prints `text`. A reader that closes the pipe early (`| head`) is no error.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().write_all(EscapedLines(text).to_string().as_bytes()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result.context("failed to print"),
    }
}
