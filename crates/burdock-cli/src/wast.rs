//! `burdock wast`: runs scripts of the WebAssembly test suite.

use crate::cli::WastArgs;
use crate::report::{self, Failure, Status};
use crate::{input, output};
use anyhow::Context;
use burdock_wast::{Options, Report, Runner};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub(crate) fn execute(args: &WastArgs) -> Result<ExitCode, Failure> {
    let settings = args.common.settings()?;
    let mut options = Options {
        filter: args.filter.clone(),
        fuel: settings.fuel,
        timeout: settings.timeout,
        ..Options::default()
    };
    settings.configure(&mut options.config);
    let mut scripts = Vec::new();
    for path in &args.files {
        collect(path, &mut scripts)?;
    }
    let mut runner = Runner::new(options);
    let progress = Progress::new(scripts.len());
    for (index, path) in scripts.iter().enumerate() {
        progress.show(index, path);
        let text = String::from_utf8(input::read(path)?)
            .with_context(|| format!("`{}` is not UTF-8", path.display()))?;
        runner.run(&path.display().to_string(), &text);
    }
    progress.clear();
    summarize(&runner.into_report(), args.ignore_failures)
}

/// Collects the scripts in `path`, which may be a script itself, in the order of their names.
fn collect(path: &Path, scripts: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if !path.is_dir() {
        scripts.push(path.to_owned());
        return Ok(());
    }
    let context = || format!("failed to read directory: {}", path.display());
    let entries = std::fs::read_dir(path).with_context(context)?;
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .with_context(context)?;
    paths.sort();
    for path in paths {
        if path.is_dir() || path.extension().is_some_and(|extension| extension == "wast") {
            collect(&path, scripts)?;
        }
    }
    Ok(())
}

/// Prints the failures, the reasons of skips, and one line of counts.
fn summarize(report: &Report, ignore_failures: bool) -> Result<ExitCode, Failure> {
    let mut text = String::new();
    for failure in &report.failures {
        text.push_str(&format!("{failure}\n"));
    }
    for (reason, count) in report.skip_reasons() {
        text.push_str(&format!("skipped {count}: {reason}\n"));
    }
    let passed = report.failures.is_empty();
    let verdict = if passed { "PASS" } else { "FAIL" };
    text.push_str(&format!("{verdict} {report}\n"));
    output::print(&text)?;
    if report.modules + report.assertions == 0 {
        report::warning("nothing was run");
    }
    let status = if passed || ignore_failures { 0 } else { Status::Error.code() };
    Ok(ExitCode::from(status))
}

/// A line on a terminal that names the running script.
struct Progress {
    scripts: usize,
    shown: bool,
}

impl Progress {
    fn new(scripts: usize) -> Self {
        Self { scripts, shown: scripts > 1 && std::io::stderr().is_terminal() }
    }

    fn show(&self, index: usize, path: &Path) {
        if self.shown {
            let line = format!("\r\x1b[K{}/{} {}", index + 1, self.scripts, path.display());
            // Failing to show the progress is no reason to stop.
            let _ = write!(std::io::stderr(), "{line}");
        }
    }

    fn clear(&self) {
        if self.shown {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
