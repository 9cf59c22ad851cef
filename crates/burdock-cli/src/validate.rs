//! `burdock validate`: reports the errors of modules, and prints nothing for valid ones.

use crate::cli::ValidateArgs;
use crate::input::Input;
use crate::report::{self, Failure, Status};
use anyhow::Context;
use burdock::{Engine, Module};
use std::path::Path;
use std::process::ExitCode;

pub(crate) fn execute(args: &ValidateArgs) -> Result<ExitCode, Failure> {
    let engine = args.common.settings()?.engine()?;
    let mut code = ExitCode::SUCCESS;
    for file in &args.files {
        if let Err(error) = validate(&engine, file) {
            report::failure(&error.into());
            code = ExitCode::from(Status::Error.code());
        }
    }
    Ok(code)
}

fn validate(engine: &Engine, file: &Path) -> anyhow::Result<()> {
    let input = Input::read(file)?;
    Module::validate(engine, &input.bytes)
        .map_err(|error| input.locate(error))
        .with_context(|| format!("`{}` is not valid", file.display()))
}
