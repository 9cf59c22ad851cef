//! `burdock coverage`: which parts of a module have run.

use crate::cli::{CoverageArgs, CoverageCommand, CoverageOutput};
use crate::engine;
use crate::report::Failure;
use crate::run::{self, Main, State, Tool};
use anyhow::Context;
use burdock::Store;
use burdock_tools::Lines;
use burdock_tools::coverage::{Counts, Coverage};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

struct Cover<'a> {
    to: &'a CoverageOutput,
    counts: Option<Counts>,
}

pub(crate) fn execute(args: &CoverageArgs) -> Result<ExitCode, Failure> {
    match &args.merge {
        Some(CoverageCommand::Merge { to, files }) => {
            write(&merge(files)?, to, "merged", None)?;
            Ok(ExitCode::SUCCESS)
        }
        None => run::execute_with(&args.run, Cover { to: &args.to, counts: None }),
    }
}

fn merge(files: &[PathBuf]) -> anyhow::Result<Coverage> {
    let mut merged = Coverage::default();
    for file in files {
        let context = || format!("failed to read coverage from `{}`", file.display());
        let text = std::fs::read_to_string(file).with_context(context)?;
        let coverage = Coverage::from_lcov(&text).map_err(engine::error).with_context(context)?;
        merged.merge(&coverage);
    }
    Ok(merged)
}

impl Tool for Cover<'_> {
    fn wants_lines(&self) -> bool {
        true
    }

    fn attach(&mut self, store: &mut Store<State>, main: &Main<'_>) -> anyhow::Result<()> {
        self.counts = Some(Coverage::count(store, main.module, &super::code(main)?));
        Ok(())
    }

    fn finish(
        self,
        store: &mut Store<State>,
        main: &Main<'_>,
        outcome: Result<(), Failure>,
    ) -> Result<ExitCode, Failure> {
        if let Some(counts) = &self.counts {
            let code = super::code(main)?;
            let (lines, text) = match Lines::from_dwarf(&code).map_err(engine::error)? {
                Some(lines) => (lines, None),
                None => disassembly(&code, main, self.to)?,
            };
            let mut coverage = Coverage::new(counts, &*store, main.module, &code, &lines);
            coverage.keep(&self.to.only);
            write(&coverage, self.to, &main.name(), text.as_deref())?;
        }
        super::end(outcome)
    }
}

/// Without lines of source the module's own text stands in; readers of the lcov file need it beside.
fn disassembly(
    code: &burdock_tools::Code,
    main: &Main<'_>,
    to: &CoverageOutput,
) -> anyhow::Result<(Lines, Option<String>)> {
    let name = match &to.lcov {
        Some(lcov) => format!("{}.wat", lcov.display()),
        None => format!("{}.wat", main.name()),
    };
    let (text, lines) = Lines::from_disassembly(code, &name).map_err(engine::error)?;
    if to.lcov.is_some() {
        super::write(Some(Path::new(&name)), text.as_bytes())?;
    }
    Ok((lines, Some(text)))
}

fn write(
    coverage: &Coverage,
    to: &CoverageOutput,
    title: &str,
    text: Option<&str>,
) -> anyhow::Result<()> {
    if let Some(path) = &to.lcov {
        super::write(Some(path), coverage.lcov().as_bytes())?;
        note_missing(coverage);
    }
    if let Some(path) = &to.html {
        let source = |name: &str| match text {
            Some(text) => Some(text.to_owned()),
            None => std::fs::read_to_string(name).ok(),
        };
        super::write(Some(path), coverage.html(title, source).as_bytes())?;
    }
    if to.output.is_some() || (to.lcov.is_none() && to.html.is_none()) {
        super::write(to.output.as_deref(), coverage.table().as_bytes())?;
    }
    Ok(())
}

/// A tracefile has all files, wherever it is read; but `genhtml` stops at one that it can't find.
fn note_missing(coverage: &Coverage) {
    let missing = coverage.files().filter(|file| !Path::new(file).exists()).count();
    if missing > 0 {
        let all = coverage.files().count();
        let _ = writeln!(
            std::io::stderr(),
            "note: {missing} of {all} source files are not here: `genhtml --ignore-errors source` goes on without them"
        );
    }
}
