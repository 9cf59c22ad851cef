//! `burdock profile`: where a guest spends its work.

use crate::cli::{ProfileArgs, ProfileFormat};
use crate::engine;
use crate::report::Failure;
use crate::run::{self, Main, State, Tool};
use crate::settings::Settings;
use anyhow::{Context, bail};
use burdock::{Counter, Store};
use burdock_tools::Lines;
use burdock_tools::profile::{Opcodes, Profile, Profiler, Sampler};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

struct Measure<'a> {
    args: &'a ProfileArgs,
    format: ProfileFormat,
    timeout: Option<Duration>,
    running: Option<Running>,
}

/// What measures.
enum Running {
    Exact(Profiler),
    Sampled(Sampler),
    Opcodes(Counter),
}

pub(crate) fn execute(args: &ProfileArgs) -> Result<ExitCode, Failure> {
    let format = args.format.unwrap_or_else(|| format_of(args.output.as_deref()));
    // A mistake in the output's path should not cost a run.
    drop(super::open(args.output.as_deref())?);
    run::execute_with(&args.run, Measure { args, format, timeout: None, running: None })
}

/// What a file's name asks for.
fn format_of(path: Option<&Path>) -> ProfileFormat {
    let name = path.and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
    match name {
        name if name.ends_with(".svg") => ProfileFormat::Svg,
        name if name.ends_with(".folded") => ProfileFormat::Folded,
        name if name.ends_with(".json") => ProfileFormat::Firefox,
        name if name.ends_with(".pb.gz") => ProfileFormat::Pprof,
        _ => ProfileFormat::Table,
    }
}

impl Tool for Measure<'_> {
    fn prepare(&mut self, settings: &mut Settings) -> anyhow::Result<()> {
        let tables = [ProfileFormat::Table, ProfileFormat::Json];
        if self.args.opcodes && self.format == ProfileFormat::Firefox && self.args.format.is_none()
        {
            self.format = ProfileFormat::Json;
        }
        if self.args.opcodes && !tables.contains(&self.format) {
            bail!("counts of operators are a table or JSON: `--format table` or `--format json`");
        }
        if self.args.sample.is_some() {
            settings.epochs = true;
            // The sampler has the epochs, and so the clock.
            self.timeout = settings.timeout.take();
        } else if !self.args.lines {
            settings.fuel.get_or_insert(u64::MAX);
        }
        Ok(())
    }

    fn wants_lines(&self) -> bool {
        self.args.lines
    }

    fn attach(&mut self, store: &mut Store<State>, main: &Main<'_>) -> anyhow::Result<()> {
        let mut symbols = super::symbols(main)?;
        if self.args.lines {
            let lines = Lines::from_dwarf(&super::code(main)?).map_err(engine::error)?;
            let lines = lines.with_context(|| {
                format!(
                    "`{}` does not say from which lines it was made: it has no DWARF",
                    main.name()
                )
            })?;
            symbols = symbols.with_lines(Arc::new(lines));
        }
        self.running = Some(match self.args.sample {
            Some(interval) => {
                Running::Sampled(Sampler::start(store, interval, self.timeout, symbols))
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
        let rows = self.args.rows;
        let bytes = match self.running.take() {
            Some(Running::Exact(profiler)) => self.file(&profiler.finish(store), main)?,
            Some(Running::Sampled(sampler)) => self.file(&sampler.finish(), main)?,
            Some(Running::Opcodes(counter)) => {
                let code = super::code(main)?;
                let opcodes = Opcodes::new(&counter, &*store, main.module, &code);
                let opcodes = opcodes.map_err(engine::error)?;
                match self.format {
                    ProfileFormat::Json => pretty(&opcodes.json()),
                    _ => opcodes.table(rows).into_bytes(),
                }
            }
            None => Vec::new(),
        };
        super::write(self.args.output.as_deref(), &bytes)?;
        super::end(outcome)
    }
}

impl Measure<'_> {
    fn file(&self, profile: &Profile, main: &Main<'_>) -> anyhow::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        match self.format {
            ProfileFormat::Table if self.args.lines => {
                bytes = profile.line_table(self.args.rows).into_bytes();
            }
            ProfileFormat::Table => bytes = profile.table(self.args.rows).into_bytes(),
            ProfileFormat::Json => bytes = pretty(&profile.json()),
            ProfileFormat::Folded => bytes = profile.folded().into_bytes(),
            ProfileFormat::Firefox => {
                bytes = profile.firefox(&main.name()).to_string().into_bytes()
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

fn pretty(value: &serde_json::Value) -> Vec<u8> {
    format!("{value:#}\n").into_bytes()
}
