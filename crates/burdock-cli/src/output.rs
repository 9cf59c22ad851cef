//! What this program prints on standard output itself, where no guest runs.

use anyhow::Context;
use burdock::names::EscapedLines;
use std::io::{ErrorKind, Write};

/// Prints `text`. That nobody wants to read it to its end (`| head`) is no error.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().write_all(EscapedLines(text).to_string().as_bytes()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result.context("failed to print"),
    }
}
