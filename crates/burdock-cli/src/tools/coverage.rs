//! `burdock coverage`: shows the parts of a module that have run.

use super::out::is_stdout;
use crate::cli::{CoverageArgs, CoverageCommand, CoverageOutput};
use crate::engine;
use crate::report::{self, Failure};
use crate::run::{self, Main, Tool};
use crate::state::State;
use anyhow::{Context, bail};
use burdock::Store;
use burdock_tools::coverage::{Counts, Coverage};
use burdock_tools::{Code, Lines};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

struct Cover<'a> {
    to: &'a CoverageOutput,
    counted: Option<Counted>,
}

/// A module whose operators are counted.
struct Counted {
    counts: Counts,
    code: Code,
    lines: Lines,
    /// The module's text, which serves as the source if no other is known.
    text: Option<String>,
}

pub(crate) fn execute(args: &CoverageArgs) -> Result<ExitCode, Failure> {
    match &args.merge {
        Some(CoverageCommand::Merge { to, files }) => {
            write(&mut merge(files)?, to, "merged", None)?;
            Ok(ExitCode::SUCCESS)
        }
        None => {
            let CoverageOutput { lcov, html, output, json, .. } = &args.to;
            super::out::check(&args.run, [lcov, html, output, json].into_iter().flatten())?;
            run::execute_with(&args.run, Cover { to: &args.to, counted: None })
        }
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
    fn attach(&mut self, store: &mut Store<State>, main: &Main<'_>) -> anyhow::Result<()> {
        let code = super::code(main)?;
        let (lines, text) = match super::lines(&code, main).filter(|lines| !lines.is_empty()) {
            Some(lines) => (lines, None),
            None => disassembly(&code, main, self.to)?,
        };
        let counts = Coverage::count(store, main.module, &code);
        self.counted = Some(Counted { counts, code, lines, text });
        Ok(())
    }

    fn finish(
        self,
        store: &mut Store<State>,
        main: &Main<'_>,
        outcome: Result<(), Failure>,
    ) -> Result<ExitCode, Failure> {
        let written = match &self.counted {
            Some(counted) => self.write(counted, store, main),
            None => Ok(()),
        };
        super::end(outcome, written)
    }
}

impl Cover<'_> {
    fn write(
        &self,
        counted: &Counted,
        store: &Store<State>,
        main: &Main<'_>,
    ) -> anyhow::Result<()> {
        let Counted { counts, code, lines, text } = counted;
        if let (Some(lcov), Some(text)) = (&self.to.lcov, text) {
            super::write(Some(Path::new(&beside(lcov))), text.as_bytes())?;
        }
        let mut coverage = Coverage::new(counts, store, main.module, code, lines);
        write(&mut coverage, self.to, &main.name(), text.as_deref())
    }
}

/// Returns the path of a module's text beside an lcov file, where readers of that file look for it.
fn beside(lcov: &Path) -> String {
    format!("{}.wat", lcov.display())
}

/// Disassembles a module without lines of source, whose text then serves as the source.
fn disassembly(
    code: &Code,
    main: &Main<'_>,
    to: &CoverageOutput,
) -> anyhow::Result<(Lines, Option<String>)> {
    let name = match &to.lcov {
        Some(lcov) if is_stdout(lcov) => bail!(
            "the module has no lines of source, and its text would be written beside the lcov \
             file: name a file in place of `-`"
        ),
        Some(lcov) => beside(lcov),
        None => format!("{}.wat", main.name()),
    };
    let (text, lines) = Lines::from_disassembly(code, &name).map_err(engine::error)?;
    Ok((lines, Some(text)))
}

/// Writes the requested outputs, and checks that enough has run.
fn write(
    coverage: &mut Coverage,
    to: &CoverageOutput,
    title: &str,
    text: Option<&str>,
) -> anyhow::Result<()> {
    coverage.remap(&to.remap);
    for text in to.only.iter().chain(&to.exclude) {
        if !coverage.files().any(|file| file.contains(text)) {
            report::warning(&format!("no path of a source file contains `{text}`"));
        }
    }
    coverage.keep(&to.only, &to.exclude);
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
    if let Some(path) = &to.json {
        super::write(Some(path), super::pretty(&coverage.json()).as_slice())?;
    }
    if to.output.is_some() || (to.lcov.is_none() && to.html.is_none() && to.json.is_none()) {
        super::write(to.output.as_deref(), coverage.table().as_bytes())?;
    }
    let lines = coverage.summary().lines;
    if to.fail_under.is_some() && lines.all == 0 {
        bail!("there are no lines of which a percentage could have run");
    }
    let percent = lines.percent();
    match to.fail_under.filter(|least| percent < *least) {
        Some(least) => bail!("{percent:.1} % of the lines have run: less than {least} %"),
        None => Ok(()),
    }
}

/// Warns of source files that do not exist: a tracefile lists all files, and `genhtml` stops at one
/// that it cannot find.
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
