//! `Replay`: runs a recorded guest again, from its beginning or from the nearest snapshot.

use super::digest;
use super::observer::{Goal, Interrupt, Observer, Outcome, Reached};
use super::record::{Recording, is_growth};
use super::session::Entry;
use super::statements::Statements;
use crate::symbols::import_name;
use burdock::{
    DataLimiter, Engine, Error, Event, Events, ExternType, Filter, Growing, Hook, HookId, Instance,
    Linker, Module, Result, ResumableCall, Snapshot, Store, StoreContextMut, Trap, Val, ensure,
    format_err,
};
use std::sync::Arc;

/// A store that repeats a recorded run with the recorded results of host calls.
pub(super) struct Replay {
    rerun: Rerun,
    store: Store<Answered>,
    observer: HookId<Observer>,
}

/// The data of a store that repeats a run.
pub(crate) struct Answered {
    recording: Arc<Recording>,
    pub(crate) progress: Progress,
}

/// The part of a recording that has been repeated.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    /// The number of host calls that have been answered.
    pub(crate) calls: usize,
    /// The number of the embedder's entries that have been called.
    pub(crate) entered: usize,
    /// The number of growths of memories and tables.
    grown: usize,
}

impl Answered {
    /// Returns a store that repeats a run.
    pub(crate) fn store(engine: &Engine, recording: Arc<Recording>) -> Store<Self> {
        let mut store = Store::new(engine, Self { recording, progress: Progress::default() });
        store.data_limiter(Repeated);
        store.attach(Filter::new(), Comparison);
        // The recorded run stayed within its fuel, so a repetition needs no limit.
        let _ = store.set_fuel(u64::MAX);
        store.set_epoch_deadline(u64::MAX / 2);
        store
    }

    /// Returns `false` for the growths that failed in the recorded run.
    fn may_grow(&self, growth: Growing) -> bool {
        let refused = (self.progress.grown, growth.current as u64);
        growth.is_new || !self.recording.refused.contains(&refused)
    }
}

/// The limiter that refuses what the recorded run was refused.
struct Repeated;

impl DataLimiter<Answered> for Repeated {
    fn memory_growing(&mut self, data: &mut Answered, growth: Growing) -> Result<bool> {
        Ok(data.may_grow(growth))
    }

    fn heap_growing(&mut self, _: &mut Answered, _: Growing) -> Result<bool> {
        Ok(true)
    }

    fn memory_grow_failed(&mut self, _: &mut Answered, _: Error) -> Result<()> {
        Ok(())
    }

    fn table_growing(&mut self, data: &mut Answered, growth: Growing) -> Result<bool> {
        Ok(data.may_grow(growth))
    }

    fn table_grow_failed(&mut self, _: &mut Answered, _: Error) -> Result<()> {
        Ok(())
    }

    fn counts(&mut self, _: &mut Answered) -> (usize, usize, usize) {
        (usize::MAX, usize::MAX, usize::MAX)
    }
}

/// The hook that compares the repeated run with the recorded one.
struct Comparison;

impl Hook<Answered> for Comparison {
    const EVENTS: Events = Events::HOST_CALLS.union(Events::GROWTH);

    fn event(&mut self, mut store: StoreContextMut<'_, Answered>, event: Event<'_>) -> Result<()> {
        if is_growth(&event) {
            store.data_mut().progress.grown += 1;
        }
        let Event::HostEnter(call) = event else { return Ok(()) };
        let number = store.data().progress.calls;
        let state = digest::of_call(&mut store, call, number)?;
        match store.data().recording.calls.get(number) {
            Some(answer) if answer.state == state => Ok(()),
            _ => Err(went_another_way(&import_name(call.module, call.name))),
        }
    }
}

/// Returns the error for a host call that is not the recorded one, or is made in another state.
fn went_another_way(name: &str) -> Error {
    format_err!("the run went another way: `{name}` was not called here in this state")
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
        store.data_mut().progress = Progress::default();
        for (name, module) in &self.preloads {
            self.linker.module(&mut *store, name, module)?;
        }
        let instance = self.linker.instantiate(&mut *store, &self.module)?;
        self.call_the_rest(store, &instance)
    }

    /// Repeats the run from a snapshot, which was taken of an instance at this progress.
    pub(crate) fn resume(
        &self,
        store: &mut Store<Answered>,
        (snapshot, instance): (&Snapshot, &Instance),
        progress: Progress,
    ) -> Result<()> {
        store.data_mut().progress = progress;
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
        while let Some(entry) = self.entries.get(store.data().progress.entered) {
            store.data_mut().progress.entered += 1;
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
        interrupt: Option<Interrupt>,
    ) -> Result<Self> {
        let module = &modules.0;
        let lengths = (recording.steps, every);
        let observer = Observer::new(module.clone(), statements, lengths, interrupt);
        let mut store = Answered::store(module.engine(), recording);
        let observer = store.attach(Filter::new(), observer);
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
                let from = (&*mark.snapshot, &mark.instance);
                self.rerun.resume(&mut self.store, from, mark.progress)
            }
            None => self.rerun.start(&mut self.store),
        };
        let observer = self.store.hook_mut(self.observer).ok_or_else(gone)?;
        let mut outcome = std::mem::take(&mut observer.outcome);
        if let Some(problem) = outcome.problem.take() {
            return Err(problem);
        }
        match ended {
            Err(error) if !error.is::<Reached>() => {
                self.store.data().recording.compare_ending(error).map(|()| outcome)
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
    let answer = recording.calls.get(data.progress.calls).filter(|answer| answer.name == name);
    let answer = answer.ok_or_else(|| went_another_way(name))?;
    data.progress.calls += 1;
    if !answer.writes.is_empty() {
        let memory = caller.get_export("memory").and_then(burdock::Extern::into_memory);
        let memory = memory.ok_or_else(|| format_err!("no memory is exported"))?;
        for (at, bytes) in &answer.writes {
            // A host function has let the memory grow.
            let end = at.saturating_add(bytes.len());
            let missing = end.saturating_sub(memory.data_size(&*caller)) as u64;
            if missing > 0 {
                let pages = missing.div_ceil(memory.page_size(&*caller));
                memory.grow(&mut *caller, pages)?;
            }
            memory.write(&mut *caller, *at, bytes).map_err(Error::new)?;
        }
    }
    match &answer.results {
        Ok(values) => {
            let (recorded, own) = (values.len(), results.len());
            ensure!(recorded == own, "`{name}` has {own} results, but {recorded} were recorded");
            results.copy_from_slice(values);
            Ok(())
        }
        Err(error) if name == "wasi_snapshot_preview1.proc_exit" => {
            Err(Error::new(ReplayedExit(error.clone())))
        }
        Err(error) => Err(Error::msg(error.clone())),
    }
}
