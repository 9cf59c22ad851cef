//! `burdock objdump`: the code of a module beside what it is translated to.

use crate::cli::ObjdumpArgs;
use crate::report::Failure;
use std::process::ExitCode;

pub(crate) fn execute(_args: &ObjdumpArgs) -> Result<ExitCode, Failure> {
    Err(anyhow::anyhow!("objdump is not there yet").into())
}
