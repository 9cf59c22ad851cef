//! `burdock profile`: measures the work of a guest.

use crate::cli::{AllocUnit, ProfileArgs, ProfileFormat, SortBy};
use crate::engine;
use crate::report::{self, Failure};
use crate::run::{self, Main, Tool};
use crate::settings::Settings;
use crate::state::State;
use anyhow::Context;
use burdock::{Counter, Store};
use burdock_tools::Symbols;
use burdock_tools::json_text;
use burdock_tools::profile::{
    AllocProfiler, Difference, HeapProfile, Opcodes, Profile, Profiler, Sampler, Sort, Stacks, Unit,
};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

struct Measure<'a> {
    args: &'a ProfileArgs,
    format: ProfileFormat,
    /// The profile to compare with.
    earlier: Option<Stacks>,
    /// `true` if lines were requested and are known.
    by_line: bool,
    running: Option<Running>,
}

/// The running measurement.
enum Running {
    Exact(Profiler),
    Sampled(Sampler),
    Opcodes(Counter),
    Alloc(AllocProfiler),
    /// The objects that live at the end.
    Heap(Symbols),
}

pub(crate) fn execute(args: &ProfileArgs) -> Result<ExitCode, Failure> {
    let format = format(args)?;
    let earlier = args.diff.as_deref().map(stacks).transpose()?;
    let later = args.run.file_and_args.first().map(Path::new);
    if let (Some(earlier), Some(path)) = (&earlier, later.filter(|path| is_folded(path))) {
        let difference = Difference::new(earlier, &stacks(path)?);
        let bytes = compared(&difference, format, args)?;
        super::write(args.output.as_deref(), &bytes)?;
        return Ok(ExitCode::SUCCESS);
    }
    super::out::check(&args.run, &args.output)?;
    let measure = Measure { args, format, earlier, by_line: args.lines, running: None };
    run::execute_with(&args.run, measure)
}

fn is_folded(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "folded")
}

/// Reads a profile that was written earlier as folded stacks.
fn stacks(path: &Path) -> anyhow::Result<Stacks> {
    let context = || format!("failed to read the profile `{}`", path.display());
    let text = std::fs::read_to_string(path).with_context(context)?;
    Stacks::from_folded(&text).map_err(engine::error).with_context(context)
}

/// Returns the format of the profile, or an error if the options do not go together.
fn format(args: &ProfileArgs) -> Result<ProfileFormat, Failure> {
    use ProfileFormat::{Folded, Json, Svg, Table};
    let named = match (args.format, &args.output) {
        (Some(format), _) => Some(format),
        (None, Some(path)) => format_of(path)?,
        (None, None) => None,
    };
    let is_table = args.opcodes || args.heap;
    let format = match named {
        Some(ProfileFormat::Firefox) if is_table && args.format.is_none() => Json,
        format => format.unwrap_or(Table),
    };
    let name = format!("{format:?}").to_lowercase();
    if args.opcodes && ![Table, Json].contains(&format) {
        return Err(report::usage(
            "counts of operators are a table or JSON: `--format table` or `--format json`",
        ));
    }
    if args.heap && ![Table, Json].contains(&format) {
        return Err(report::usage(
            "what lives is a table or JSON: `--format table` or `--format json`",
        ));
    }
    if args.lines && [Folded, Svg].contains(&format) {
        return Err(report::usage(format!(
            "`{name}` has no lines: with `--lines` the format is `table`, `json`, `firefox` or `pprof`"
        )));
    }
    if args.diff.is_some() && ![Table, Json, Svg, Folded].contains(&format) {
        return Err(report::usage(format!(
            "`{name}` holds one profile: with `--diff` the format is `table`, `json`, `svg` or `folded`"
        )));
    }
    if args.sort != SortBy::Own && (format != Table || is_table || args.diff.is_some()) {
        return Err(report::usage("`--sort` is for tables of functions and lines"));
    }
    if args.lines && args.sort == SortBy::Calls {
        return Err(report::usage("lines are not called: `--sort` by `self`, `total` or `name`"));
    }
    Ok(format)
}

/// Returns the format that a file's name implies, or `None` if it implies none.
fn format_of(path: &Path) -> Result<Option<ProfileFormat>, Failure> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let endings = [
        (".svg", ProfileFormat::Svg),
        (".folded", ProfileFormat::Folded),
        (".json", ProfileFormat::Firefox),
        (".pb.gz", ProfileFormat::Pprof),
        (".txt", ProfileFormat::Table),
    ];
    let found = endings.into_iter().find(|(ending, _)| name.ends_with(ending));
    match (found, path.extension()) {
        (Some((_, format)), _) => Ok(Some(format)),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(report::usage(format!(
            "`{name}` says no format: it may end with {}, or `--format` says it",
            endings.map(|(ending, _)| format!("`{ending}`")).join(", ")
        ))),
    }
}

impl Tool for Measure<'_> {
    fn prepare(&mut self, settings: &mut Settings) -> anyhow::Result<()> {
        let args = self.args;
        if args.sample.is_none() && !args.lines && args.alloc.is_none() && !args.heap {
            settings.fuel.get_or_insert(u64::MAX);
        }
        Ok(())
    }

    fn attach(&mut self, store: &mut Store<State>, main: &Main<'_>) -> anyhow::Result<()> {
        let mut symbols = super::symbols(main)?;
        if self.args.lines {
            let lines = super::lines(&super::code(main)?, main).with_context(|| {
                let name = main.name();
                format!("`{name}` does not say from which lines it was made: it has neither DWARF nor a source map")
            })?;
            self.by_line = !lines.is_empty();
            symbols = symbols.with_lines(Arc::new(lines));
        }
        self.running = Some(match self.args.sample {
            Some(interval) => {
                let stop = main.stop.clone();
                let interrupted = move || stop.reason().is_some();
                Running::Sampled(Sampler::start(store, interval, interrupted, symbols))
            }
            None if self.args.heap => Running::Heap(symbols),
            None if self.args.alloc == Some(AllocUnit::Bytes) => {
                Running::Alloc(AllocProfiler::attach(store, symbols, Unit::Bytes))
            }
            None if self.args.alloc == Some(AllocUnit::Objects) => {
                Running::Alloc(AllocProfiler::attach(store, symbols, Unit::Objects))
            }
            None if self.args.opcodes => Running::Opcodes(Opcodes::count(store)),
            None if self.args.lines => Running::Exact(Profiler::attach_by_line(store, symbols)),
            None => Running::Exact(Profiler::attach(store, symbols)),
        });
        Ok(())
    }

    fn finish(
        mut self,
        store: &mut Store<State>,
        main: &Main<'_>,
        outcome: Result<(), Failure>,
    ) -> Result<ExitCode, Failure> {
        let bytes = match self.running.take() {
            Some(Running::Exact(profiler)) => self.file(&profiler.finish(store), main),
            Some(Running::Sampled(sampler)) => self.file(&sampler.finish(), main),
            Some(Running::Opcodes(counter)) => self.opcodes(&counter, store, main),
            Some(Running::Alloc(profiler)) => self.file(&profiler.finish(store), main),
            Some(Running::Heap(symbols)) => self.heap(store, symbols),
            None => Ok(Vec::new()),
        };
        let written = bytes.and_then(|bytes| super::write(self.args.output.as_deref(), &bytes));
        super::end(outcome, written)
    }
}

impl Measure<'_> {
    fn opcodes(
        &self,
        counter: &Counter,
        store: &Store<State>,
        main: &Main<'_>,
    ) -> anyhow::Result<Vec<u8>> {
        let code = super::code(main)?;
        let opcodes = Opcodes::new(counter, store, main.module, &code).map_err(engine::error)?;
        Ok(match self.format {
            ProfileFormat::Json => super::pretty(&opcodes.json()),
            _ => opcodes.table(self.args.rows).into_bytes(),
        })
    }

    fn heap(&self, store: &mut Store<State>, mut symbols: Symbols) -> anyhow::Result<Vec<u8>> {
        let profile = HeapProfile::new(store, &mut symbols).map_err(engine::error)?;
        Ok(match self.format {
            ProfileFormat::Json => super::pretty(&profile.json()),
            _ => profile.table(self.args.rows).into_bytes(),
        })
    }

    fn file(&self, profile: &Profile, main: &Main<'_>) -> anyhow::Result<Vec<u8>> {
        if let Some(earlier) = &self.earlier {
            let later = Stacks::from_folded(&profile.folded()).map_err(engine::error)?;
            return compared(&Difference::new(earlier, &later), self.format, self.args);
        }
        let (rows, sort) = (self.args.rows, sort(self.args.sort));
        let mut bytes = Vec::new();
        match self.format {
            ProfileFormat::Table if self.by_line => {
                bytes = profile.line_table(rows, sort).into_bytes();
            }
            ProfileFormat::Table => bytes = profile.table(rows, sort).into_bytes(),
            ProfileFormat::Json => bytes = super::pretty(&profile.json()),
            ProfileFormat::Folded => bytes = profile.folded().into_bytes(),
            ProfileFormat::Firefox => {
                bytes = json_text(&profile.firefox(&main.name()), false).into_bytes()
            }
            ProfileFormat::Svg => profile
                .flamegraph(&main.name(), &mut bytes)
                .context("failed to draw the flame graph")?,
            ProfileFormat::Pprof => {
                profile.pprof(&main.name(), &mut bytes).context("failed to write the profile")?;
            }
        }
        Ok(bytes)
    }
}

fn compared(
    difference: &Difference,
    format: ProfileFormat,
    args: &ProfileArgs,
) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match format {
        ProfileFormat::Json => bytes = super::pretty(&difference.json()),
        ProfileFormat::Folded => bytes = difference.folded().into_bytes(),
        ProfileFormat::Svg => {
            let title = args.diff.as_deref().and_then(Path::file_name).unwrap_or_default();
            let title = format!("compared with {}", title.to_string_lossy());
            difference.flamegraph(&title, &mut bytes).context("failed to draw the flame graph")?;
        }
        _ => bytes = difference.table(args.rows).into_bytes(),
    }
    Ok(bytes)
}

fn sort(by: SortBy) -> Sort {
    match by {
        SortBy::Own => Sort::Own,
        SortBy::Total => Sort::Total,
        SortBy::Calls => Sort::Calls,
        SortBy::Name => Sort::Name,
    }
}
