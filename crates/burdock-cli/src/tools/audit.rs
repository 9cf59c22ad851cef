//! `burdock audit`: holds a guest to a policy.

use crate::cli::AuditArgs;
use crate::engine;
use crate::report::{Failure, Status};
use crate::run::{self, Main, State, Tool};
use anyhow::Context;
use burdock::Store;
use burdock_tools::audit::{Auditor, Decision, Policy, Report};
use burdock_tools::wasi::Fds;
use std::process::ExitCode;

struct Audit<'a> {
    args: &'a AuditArgs,
    policy: Option<Policy>,
    auditor: Option<Auditor>,
}

pub(crate) fn execute(args: &AuditArgs) -> Result<ExitCode, Failure> {
    let mut policy = None;
    if let Some(path) = &args.policy {
        let context = || format!("failed to read the policy `{}`", path.display());
        let text = std::fs::read_to_string(path).with_context(context)?;
        policy = Some(text.parse::<Policy>().map_err(engine::error).with_context(context)?);
    }
    run::execute_with(&args.run, Audit { args, policy, auditor: None })
}

impl Tool for Audit<'_> {
    fn attach(&mut self, store: &mut Store<State>, main: &Main<'_>) -> anyhow::Result<()> {
        let symbols = super::symbols(main)?;
        let fds = Fds::preopened(main.args.dirs.iter().map(|(_, guest)| guest.clone()));
        self.auditor = Some(match self.policy.take() {
            Some(policy) => Auditor::attach(store, policy, fds, symbols),
            None => Auditor::learn(store, fds, symbols),
        });
        Ok(())
    }

    fn finish(
        mut self,
        store: &mut Store<State>,
        _: &Main<'_>,
        outcome: Result<(), Failure>,
    ) -> Result<ExitCode, Failure> {
        let report = self.auditor.take().map(|auditor| auditor.finish(store)).unwrap_or_default();
        if let Some(path) = &self.args.report {
            super::write(Some(path), format!("{:#}\n", report.json()).as_bytes())?;
        }
        let text = if self.args.learn { report.policy() } else { lines(&report) };
        super::write(self.args.output.as_deref(), text.as_bytes())?;
        match outcome {
            // The decision says it all: no backtrace.
            Err(failure) if failure.status() == Status::Violation => {
                Ok(ExitCode::from(Status::Violation.code()))
            }
            outcome => super::end(outcome),
        }
    }
}

/// A line for each decision.
fn lines(report: &Report) -> String {
    let line = |Decision { verdict, call, at, rule }: &Decision| {
        format!("{}  {call} at {at}  (rule: {rule})\n", verdict.to_uppercase())
    };
    report.decisions().iter().map(line).collect()
}
