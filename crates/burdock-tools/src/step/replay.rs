//! `Replay`: runs a recorded guest again, from its beginning or from the nearest snapshot.

use super::observer::{Goal, Observer, Outcome, Reached};
use super::record::Recording;
use super::session::Entry;
use super::statements::Statements;
use crate::symbols::import_name;
use burdock::{
    Engine, Error, ExternType, Filter, HookId, Instance, Linker, Module, Result, ResumableCall,
    Snapshot, Store, Trap, Val, bail, format_err,
};
use std::sync::Arc;

/// A store that repeats a recorded run with the recorded results of host calls.
pub(super) struct Replay {
    rerun: Rerun,
    store: Store<Answered>,
    observer: HookId<Observer>,
}

/// The data of the store.
pub(crate) struct Answered {
    pub(crate) recording: Arc<Recording>,
    /// The index of the next host call.
    pub(crate) next: usize,
    /// The number of the embedder's entries that have been called.
    pub(crate) entered: usize,
}

/// The error of a host call that ended the recorded run as the guest asked for.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ReplayedExit(String);

/// The modules of a recorded run, and what the embedder called in them.
pub(crate) struct Rerun {
    module: Module,
    preloads: Vec<(String, Module)>,
    entries: Vec<Entry>,
    linker: Linker<Answered>,
}

impl Rerun {
    /// Returns a rerun whose host calls are answered as they were recorded.
    pub(crate) fn new(
        (module, preloads): (Module, Vec<(String, Module)>),
        entries: Vec<Entry>,
    ) -> Result<Self> {
        let linker = answers(module.engine(), &module, &preloads)?;
        Ok(Self { module, preloads, entries, linker })
    }

    /// Repeats the run from its beginning.
    pub(crate) fn start(&mut self, store: &mut Store<Answered>) -> Result<()> {
        let data = store.data_mut();
        (data.next, data.entered) = (0, 0);
        for (name, module) in &self.preloads {
            self.linker.module(&mut *store, name, module)?;
        }
        let instance = self.linker.instantiate(&mut *store, &self.module)?;
        self.call_the_rest(store, &instance)
    }

    /// Repeats the run from a snapshot, which was taken of an instance when so many host calls had
    /// been answered and so many entries called.
    pub(crate) fn resume(
        &self,
        store: &mut Store<Answered>,
        (snapshot, instance): (&Snapshot, &Instance),
        (next, entered): (usize, usize),
    ) -> Result<()> {
        let data = store.data_mut();
        (data.next, data.entered) = (next, entered);
        let mut results = vec![Val::I32(0); snapshot.func().ty(&*store).results().len()];
        match snapshot.resume(&mut *store, &mut results)? {
            ResumableCall::Finished => self.call_the_rest(store, instance),
            ResumableCall::HostTrap(stopped) => Err(stopped.into_host_error()),
            ResumableCall::HookError(stopped) => Err(stopped.into_hook_error()),
            ResumableCall::OutOfFuel(_) => Err(Trap::OutOfFuel.into()),
        }
    }

    /// Calls the remaining entries of the embedder.
    fn call_the_rest(&self, store: &mut Store<Answered>, instance: &Instance) -> Result<()> {
        while let Some(entry) = self.entries.get(store.data().entered) {
            store.data_mut().entered += 1;
            let func = instance
                .get_func(&mut *store, &entry.name)
                .ok_or_else(|| format_err!("no function `{}` is exported", entry.name))?;
            let mut results = vec![Val::I32(0); func.ty(&*store).results().len()];
            func.call(&mut *store, &entry.args, &mut results)?;
        }
        Ok(())
    }
}

/// Returns a linker that answers the host calls of these modules as they were recorded.
fn answers(
    engine: &Engine,
    module: &Module,
    preloads: &[(String, Module)],
) -> Result<Linker<Answered>> {
    let mut linker = Linker::<Answered>::new(engine);
    // A module can import the same name twice.
    linker.allow_shadowing(true);
    let modules = preloads.iter().map(|(_, module)| module).chain([module]);
    for import in modules.flat_map(|module| module.imports()) {
        let (ExternType::Func(ty), module, name) = (import.ty(), import.module(), import.name())
        else {
            continue;
        };
        if preloads.iter().any(|(name, _)| name == module) {
            continue;
        }
        let full = import_name(module, name);
        linker.func_new(module, name, ty, move |mut caller, _, results| {
            answer(&mut caller, &full, results)
        })?;
    }
    Ok(linker)
}

impl Replay {
    pub(super) fn new(
        modules: (Module, Vec<(String, Module)>),
        recording: Arc<Recording>,
        entries: Vec<Entry>,
        statements: Arc<Statements>,
        every: u64,
    ) -> Result<Self> {
        let module = &modules.0;
        let observer = Observer::new(module.clone(), statements, recording.steps, every);
        let mut store = Store::new(module.engine(), Answered { recording, next: 0, entered: 0 });
        let observer = store.attach(Filter::new(), observer);
        // The recorded run stayed within its fuel, so a replay needs no limit.
        let _ = store.set_fuel(u64::MAX);
        store.set_epoch_deadline(u64::MAX / 2);
        Ok(Self { rerun: Rerun::new(modules, entries)?, store, observer })
    }

    /// Returns the step of the last snapshot before an instruction; 0 if there is none.
    pub(super) fn snapshot_before(&self, step: u64) -> u64 {
        let observer = self.store.hook(self.observer);
        observer
            .and_then(|observer| observer.mark(step.checked_sub(1)?))
            .map_or(0, |mark| mark.step)
    }

    /// Runs the guest until a goal is reached, from the last snapshot that is not after `from`.
    pub(super) fn run(&mut self, from: u64, goal: Goal) -> Result<Outcome> {
        let gone = || format_err!("the observer is gone");
        let observer = self.store.hook_mut(self.observer).ok_or_else(gone)?;
        let mark = observer.mark(from).cloned();
        observer.begin(goal, mark.as_ref());
        let ended = match mark {
            Some(mark) => {
                let host = (mark.host_calls, mark.entered);
                self.rerun.resume(&mut self.store, (&mark.snapshot, &mark.instance), host)
            }
            None => self.rerun.start(&mut self.store),
        };
        let observer = self.store.hook_mut(self.observer).ok_or_else(gone)?;
        let mut outcome = std::mem::take(&mut observer.outcome);
        if let Some(problem) = outcome.problem.take() {
            return Err(Error::new(problem));
        }
        match ended {
            // The error that ended the recorded run also ends the replay.
            Err(error)
                if error.downcast_ref::<Reached>().is_none()
                    && self.store.data().recording.ending.is_none() =>
            {
                Err(error.context("the run could not be repeated"))
            }
            _ => Ok(outcome),
        }
    }
}

/// Answers a host call with its recorded result.
fn answer(
    caller: &mut burdock::Caller<'_, Answered>,
    name: &str,
    results: &mut [Val],
) -> Result<()> {
    let data = caller.data_mut();
    let recording = data.recording.clone();
    let Some(answer) = recording.calls.get(data.next).filter(|answer| answer.name == name) else {
        bail!("the run went another way: `{name}` was not called here");
    };
    data.next += 1;
    if !answer.writes.is_empty() {
        let memory = caller.get_export("memory").and_then(burdock::Extern::into_memory);
        let memory = memory.ok_or_else(|| format_err!("no memory is exported"))?;
        for (at, bytes) in &answer.writes {
            memory.write(&mut *caller, *at, bytes).map_err(Error::new)?;
        }
    }
    match &answer.results {
        Ok(values) => {
            results.copy_from_slice(values);
            Ok(())
        }
        Err(error) if name == "wasi_snapshot_preview1.proc_exit" => {
            Err(Error::new(ReplayedExit(error.clone())))
        }
        Err(error) => Err(Error::msg(error.clone())),
    }
}
