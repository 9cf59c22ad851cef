//! `burdock completion`: prints a completion script for a shell.

use crate::cli::{Cli, CompletionArgs};
use crate::output;
use crate::report::Failure;
use clap::CommandFactory;
use std::process::ExitCode;

pub(crate) fn execute(args: &CompletionArgs) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "burdock", &mut script);
    output::print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}
