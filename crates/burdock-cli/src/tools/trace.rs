//! `burdock trace`: writes down what a guest does.

use super::Out;
use crate::cli::{TraceArgs, TraceFormat};
use crate::report::Failure;
use crate::run::{self, Main, State, Tool};
use anyhow::Context;
use burdock::Store;
use burdock_tools::trace::{Format, Options, Tracer};
use std::process::ExitCode;

struct Trace {
    options: Options,
    out: Option<Out>,
    tracer: Option<Tracer<Out>>,
}

pub(crate) fn execute(args: TraceArgs) -> Result<ExitCode, Failure> {
    let other = !args.calls.is_empty() || args.instr || args.memory;
    let options = Options {
        host: args.host || !args.import.is_empty() || !other,
        calls: !args.calls.is_empty(),
        instructions: args.instr,
        memory: args.memory,
        funcs: args.calls.into_iter().filter(|pattern| pattern != "*").chain(args.func).collect(),
        imports: args.import,
        depth: args.depth,
        limit: args.limit,
        times: args.times,
        format: match args.format {
            TraceFormat::Text => Format::Text,
            TraceFormat::Json => Format::Json,
            TraceFormat::Chrome => Format::Chrome,
        },
    };
    let out = Some(super::open(args.output.as_deref())?);
    run::execute_with(&args.run, Trace { options, out, tracer: None })
}

impl Tool for Trace {
    fn attach(&mut self, store: &mut Store<State>, main: &Main<'_>) -> anyhow::Result<()> {
        let symbols = super::symbols(main)?;
        let options = self.options.clone();
        self.tracer = self.out.take().map(|out| Tracer::attach(store, options, symbols, out));
        Ok(())
    }

    fn finish(
        self,
        _: &mut Store<State>,
        _: &Main<'_>,
        outcome: Result<(), Failure>,
    ) -> Result<ExitCode, Failure> {
        if let Some(tracer) = self.tracer {
            tracer.finish().context("failed to write the trace")?;
        }
        super::end(outcome)
    }
}
