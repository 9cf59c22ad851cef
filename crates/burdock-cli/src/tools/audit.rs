//! `burdock audit`: holds a guest to a policy.

use crate::cli::AuditArgs;
use crate::engine;
use crate::report::{self, Failure, Status};
use crate::run::{self, Main, Tool};
use crate::state::State;
use anyhow::Context;
use burdock::{Engine, Store};
use burdock_tools::audit::{Auditor, Policy, Report};
use burdock_tools::wasi::Fds;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

struct Audit<'a> {
    args: &'a AuditArgs,
    policy: Option<Policy>,
    /// The policies that earlier runs learned.
    earlier: Vec<(PathBuf, Policy)>,
    auditor: Option<Auditor>,
}

pub(crate) fn execute(args: &AuditArgs) -> Result<ExitCode, Failure> {
    let policy = args.policy.as_deref().map(read).transpose()?;
    let earlier = args.with.iter().map(|path| Ok((path.clone(), read(path)?)));
    let earlier = earlier.collect::<anyhow::Result<_>>()?;
    super::out::check(&args.run, [&args.output, &args.report].into_iter().flatten())?;
    run::execute_with(&args.run, Audit { args, policy, earlier, auditor: None })
}

fn read(path: &Path) -> anyhow::Result<Policy> {
    let context = || format!("failed to read the policy `{}`", path.display());
    let text = std::fs::read_to_string(path).with_context(context)?;
    text.parse::<Policy>().map_err(engine::error).with_context(context)
}

impl Tool for Audit<'_> {
    fn attach(&mut self, store: &mut Store<State>, main: &Main<'_>) -> anyhow::Result<()> {
        let symbols = super::symbols(main)?;
        let fds = Fds::preopened(main.args.dirs.iter().map(|(_, guest)| guest.clone()));
        if let Some(policy) = &self.policy {
            for warning in self.check(policy, store.engine(), main)? {
                report::warning(&warning);
            }
        }
        self.auditor = Some(match self.policy.take() {
            Some(policy) => Auditor::attach(store, policy, fds, symbols),
            None => Auditor::learn(store, fds, symbols),
        });
        if let Some(auditor) = &self.auditor {
            let (reporter, output) = (auditor.reporter(), self.output());
            main.stop.set_last_words(move || {
                // The message about the blocked guest matters more than an error of writing.
                let _ = output.write(reporter());
            });
        }
        Ok(())
    }

    fn finish(
        mut self,
        store: &mut Store<State>,
        _: &Main<'_>,
        outcome: Result<(), Failure>,
    ) -> Result<ExitCode, Failure> {
        let report = self.auditor.take().map(|auditor| auditor.finish(store)).unwrap_or_default();
        let written = self.output().write(report);
        match outcome {
            // The decision is enough, so no backtrace is shown.
            Err(failure) if failure.status() == Status::Violation => {
                written?;
                Ok(ExitCode::from(Status::Violation.code()))
            }
            outcome => super::end(outcome, written),
        }
    }
}

impl Audit<'_> {
    /// Checks that the policy can apply to the modules that will run, and prints warnings about
    /// rules that have no effect.
    fn check(
        &self,
        policy: &Policy,
        engine: &Engine,
        main: &Main<'_>,
    ) -> anyhow::Result<Vec<String>> {
        let path = self.args.policy.as_deref().unwrap_or(Path::new(""));
        let context = || format!("the policy `{}` does not fit the module", path.display());
        let codes = super::all_codes(engine, main)?;
        let preloads = main.args.preloads.iter().map(|(name, _)| Some(name.as_str()));
        let named = std::iter::once(None).chain(preloads).zip(&codes);
        let warnings = policy.check(named).map_err(engine::error).with_context(context)?;
        let warning = |warning| format!("policy `{}`: {warning}", path.display());
        Ok(warnings.into_iter().map(warning).collect())
    }

    fn output(&self) -> Output {
        Output {
            learn: self.args.learn,
            report: self.args.report.clone(),
            decisions: self.args.output.clone(),
            earlier: self.earlier.clone(),
        }
    }
}

/// The outputs of an audit.
struct Output {
    learn: bool,
    report: Option<PathBuf>,
    decisions: Option<PathBuf>,
    earlier: Vec<(PathBuf, Policy)>,
}

impl Output {
    fn write(&self, mut report: Report) -> anyhow::Result<()> {
        if let Some(path) = &self.report {
            super::write(Some(path), super::pretty(&report.json()).as_slice())?;
        }
        for (path, policy) in &self.earlier {
            let context = || format!("failed to add `{}`", path.display());
            report.add_learned(policy).map_err(engine::error).with_context(context)?;
        }
        let text = match self.learn {
            true => report.policy(),
            false => report.decisions().iter().map(|decision| format!("{decision}\n")).collect(),
        };
        super::write(self.decisions.as_deref(), text.as_bytes())
    }
}
