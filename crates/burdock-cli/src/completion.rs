//! `burdock completion`: prints a completion script for a shell.

use crate::cli::{Cli, CompletionArgs};
use crate::report::Failure;
use anyhow::Context;
use clap::CommandFactory;
use std::io::Write;
use std::process::ExitCode;

pub(crate) fn execute(args: &CompletionArgs) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "burdock", &mut script);
    std::io::stdout()
        .write_all(&script)
        .context("failed to print")?;
    Ok(ExitCode::SUCCESS)
}
