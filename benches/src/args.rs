//! The options of the command line.

use std::path::PathBuf;

use crate::Result;

/// The rows to measure, and the number of rounds.
#[derive(Debug)]
pub(crate) struct Args {
    /// Measures only the short cases, in few rounds.
    pub(crate) quick: bool,
    /// Measures only rows whose "group/case/runtime" contains this.
    pub(crate) filter: Option<String>,
    /// The path of the file for the rows as JSON.
    pub(crate) json: Option<PathBuf>,
    /// The number of rounds of each row.
    pub(crate) rounds: usize,
}

impl Args {
    pub(crate) fn parse(arguments: &[String]) -> Result<Self> {
        let mut args = Self { quick: false, filter: None, json: None, rounds: 0 };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut value = || rest.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--quick" => args.quick = true,
                "--filter" => args.filter = Some(value()?.clone()),
                "--json" => args.json = Some(value()?.into()),
                "--rounds" => args.rounds = value()?.parse()?,
                other => return Err(format!("unknown option {other}").into()),
            }
        }
        if args.rounds == 0 {
            args.rounds = if args.quick { 3 } else { 7 };
        }
        Ok(args)
    }

    /// Returns `true` if a row is selected. With a part of the whole name, returns `true` if any
    /// row under that name could be.
    pub(crate) fn wants(&self, group: &str, case: &str, runtime: &str) -> bool {
        let name = format!("{group}/{case}/{runtime}");
        self.filter.as_ref().is_none_or(|filter| name.contains(filter.as_str()))
    }
}
