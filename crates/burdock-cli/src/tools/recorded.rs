//! `burdock run --record`, `burdock debug --reverse` and `burdock debug --replay`: runs that are
//! recorded, and repeated under a debugger, forward and backward.

use super::gdb::{Debugger, full_path};
use super::out::is_stdout;
use crate::cli::RunArgs;
use crate::input;
use crate::report::{self, Failure};
use crate::run::{self, Main, Tool};
use crate::settings::Settings;
use crate::state::State;
use crate::{engine, link};
use anyhow::Context;
use burdock::{Module, Store};
use burdock_tools::debug::{self, Recorded, Run};
use burdock_tools::step::{Recorder, Session};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Runs a module and records the run in a file.
pub(crate) fn record(args: &RunArgs, to: &Path) -> Result<ExitCode, Failure> {
    let to = to.to_owned();
    if is_stdout(&to) {
        return Err(report::usage("a recording needs a file: standard output is the guest's"));
    }
    super::out::check(args, [&to])?;
    run::execute_with(args, Recording::new(args, Then::Write(to)))
}

/// Runs a module, and then the recorded run again under a debugger.
pub(crate) fn reverse(args: &RunArgs, debugger: Debugger) -> Result<ExitCode, Failure> {
    run::execute_with(args, Recording::new(args, Then::Debug(debugger)))
}

/// The limit on the stack of a guest that is replayed. The recorded run may have had any limit, and
/// the replay ends where the recording does.
const LARGEST_STACK: usize = u32::MAX as usize;

/// Runs a recorded run again under a debugger.
pub(crate) fn replay(args: &RunArgs, debugger: Debugger) -> Result<ExitCode, Failure> {
    let file = args.file_and_args.first().map(Path::new).context("a file is missing")?;
    let bytes = input::read(file)?;
    let mut settings = args.settings()?;
    prepare(&mut settings);
    settings.max_wasm_stack.get_or_insert(LARGEST_STACK);
    let engine = settings.engine()?;
    let run = Run::from_bytes(&engine, &bytes)
        .map_err(engine::error)
        .with_context(|| format!("failed to read recording `{}`", file.display()))?;
    debug(run, debugger)?;
    Ok(ExitCode::SUCCESS)
}

fn prepare(settings: &mut Settings) {
    settings.guest_debug = true;
    settings.epochs = true;
}

/// Serves one debugger.
fn debug(run: Run, debugger: Debugger) -> anyhow::Result<()> {
    let (main, name) = (run.module.clone(), run.name.clone());
    let name = move |module: &Module| Module::same(module, &main).then(|| name.clone());
    let mut recorded = Recorded::new(run, Box::new(name)).map_err(engine::error)?;
    let (stream, child) = debugger.accept()?;
    debug::serve(stream.try_clone()?, &stream, &mut recorded)?;
    drop(stream);
    if let Some(mut child) = child {
        child.wait()?;
    }
    Ok(())
}

/// The step that follows the run.
enum Then {
    Write(PathBuf),
    Debug(Debugger),
}

struct Recording<'a> {
    args: &'a RunArgs,
    preloads: Vec<(String, Module)>,
    recorder: Option<Recorder>,
    then: Then,
}

impl<'a> Recording<'a> {
    fn new(args: &'a RunArgs, then: Then) -> Self {
        Self { args, preloads: Vec::new(), recorder: None, then }
    }
}

impl Tool for Recording<'_> {
    fn prepare(&mut self, settings: &mut Settings) -> anyhow::Result<()> {
        if matches!(self.then, Then::Debug(_)) {
            prepare(settings);
        }
        Ok(())
    }

    fn attach(&mut self, store: &mut Store<State>, main: &Main<'_>) -> anyhow::Result<()> {
        for (name, path) in &self.args.preloads {
            self.preloads.push((name.clone(), link::preloaded(store.engine(), name, path)?));
        }
        // Reports before the run that it cannot be repeated.
        Session::with_preloads(main.module, &self.preloads, Default::default(), Vec::new())
            .map_err(engine::error)?;
        self.recorder = Some(Recorder::attach(store, main.module));
        Ok(())
    }

    fn finish(
        self,
        store: &mut Store<State>,
        main: &Main<'_>,
        outcome: Result<(), Failure>,
    ) -> Result<ExitCode, Failure> {
        let Some(recorder) = self.recorder else { return outcome.map(|()| ExitCode::SUCCESS) };
        let ending = outcome.as_ref().err().map(|failure| failure.error.root_cause().to_string());
        let status = outcome.as_ref().map_or_else(|failure| failure.status().code(), |()| 0);
        let recording = recorder.finish(store, ending);
        let run = || {
            let entries = super::step::entries(main)?;
            let name = full_path(main.path()).to_string_lossy().into_owned();
            let (module, preloads) = (main.module.clone(), self.preloads);
            anyhow::Ok(Run { module, name, preloads, recording, entries, status })
        };
        match self.then {
            Then::Write(path) => {
                let bytes = run().and_then(|run| run.to_bytes().map_err(engine::error));
                super::end(outcome, bytes.and_then(|bytes| super::write(Some(&path), &bytes)))
            }
            Then::Debug(debugger) => {
                if let Err(failure) = outcome {
                    // The failure is what the user wants to look into.
                    let _ = report::failure(&failure);
                }
                debug(run()?, debugger)?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}
