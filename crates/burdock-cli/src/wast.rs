//! `burdock wast`: runs scripts of the WebAssembly test suite.

use crate::cli::WastArgs;
use crate::report::Failure;
use std::process::ExitCode;

pub(crate) fn execute(_args: &WastArgs) -> Result<ExitCode, Failure> {
    Err(anyhow::anyhow!("wast is not there yet").into())
}
