//! `burdock trace`: writes a guest's actions as they happen.

use super::Out;
use crate::cli::{TraceArgs, TraceFormat};
use crate::report::{self, EngineError, Failure, Status};
use crate::run::{self, Main, Tool};
use crate::state::State;
use burdock::Store;
use burdock_tools::Code;
use burdock_tools::trace::{Format, Options, Tracer};
use burdock_tools::wasi::Fds;
use std::process::ExitCode;

struct Trace {
    options: Options,
    out: Option<Out>,
    tracer: Option<Tracer<Out>>,
}

pub(crate) fn execute(args: TraceArgs) -> Result<ExitCode, Failure> {
    let other = !args.calls.is_empty() || args.instr || args.memory || args.objects;
    if !args.func.is_empty() && !other {
        let message = "`--func` is for what happens in functions: add `--calls`, `--instr`, \
            `--memory` or `--objects`";
        return Err(report::usage(message));
    }
    if args.summary && matches!(args.format, TraceFormat::Chrome) {
        return Err(report::usage("`--summary` is a table or JSON: it has no moments in time"));
    }
    let options = Options {
        host: args.host || !args.import.is_empty() || !other,
        calls: !args.calls.is_empty(),
        instructions: args.instr,
        memory: args.memory,
        objects: args.objects,
        funcs: args.calls.into_iter().filter(|pattern| pattern != "*").chain(args.func).collect(),
        imports: args.import,
        depth: args.depth,
        limit: args.limit,
        times: args.times,
        addresses: args.address,
        summary: args.summary,
        paths: args.paths,
        fds: Fds::default(),
        format: match args.format {
            TraceFormat::Text => Format::Text,
            TraceFormat::Json => Format::Json,
            TraceFormat::Chrome => Format::Chrome,
        },
    };
    super::out::check(&args.run, &args.output)?;
    let out = Some(Out::open(args.output.as_deref())?);
    run::execute_with(&args.run, Trace { options, out, tracer: None })
}

impl Trace {
    /// Warns of patterns that match nothing in the modules.
    fn warn(&self, codes: &[Code]) {
        for pattern in &self.options.funcs {
            if !codes.iter().any(|code| code.has_func_like(pattern)) {
                report::warning(&format!("no function is like `{pattern}`"));
            }
        }
        for import in &self.options.imports {
            let (module, name) = import.rsplit_once('.').unwrap_or(("*", import));
            if !codes.iter().any(|code| code.has_import_like(module, name)) {
                report::warning(&format!("no import is like `{import}`"));
            }
        }
    }
}

impl Tool for Trace {
    fn attach(&mut self, store: &mut Store<State>, main: &Main<'_>) -> anyhow::Result<()> {
        self.warn(&super::all_codes(store.engine(), main)?);
        let symbols = super::symbols(main)?;
        let mut options = self.options.clone();
        options.fds = Fds::preopened(main.args.dirs.iter().map(|(_, guest)| guest.clone()));
        self.tracer = self.out.take().map(|out| Tracer::attach(store, options, symbols, out));
        if let Some(tracer) = self.tracer.clone() {
            main.stop.set_last_words(move || {
                // The message about the blocked guest matters more than an error of writing.
                let _ = tracer.finish().and_then(Out::finish);
            });
        }
        Ok(())
    }

    fn finish(
        self,
        _: &mut Store<State>,
        _: &Main<'_>,
        outcome: Result<(), Failure>,
    ) -> Result<ExitCode, Failure> {
        let written = match self.tracer {
            Some(tracer) => super::written(tracer.finish().and_then(Out::finish)),
            None => Ok(()),
        };
        // An error of writing also ended the guest, and is reported only once.
        let ended = outcome.err().filter(|failure| {
            written.is_ok()
                || failure
                    .error
                    .downcast_ref::<EngineError>()
                    .is_none_or(|root| root.status != Status::Error)
        });
        super::end(ended.map_or(Ok(()), Err), written)
    }
}
