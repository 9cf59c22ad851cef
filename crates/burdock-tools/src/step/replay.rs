//! `Replay`: runs a recorded guest again, from its beginning or from the nearest snapshot.

use super::record::Recording;
use super::session::{Entry, Until};
use super::state::{CodePosition, Pages, State};
use crate::symbols::import_name;
use crate::values;
use burdock::{
    Engine, Error, Event, Events, ExternType, Filter, Hook, HookId, Instance, Linker, Module,
    Result, ResumableCall, Snapshot, Store, StoreContextMut, Trap, Val, bail, format_err,
};
use std::ops::Range;
use std::sync::Arc;

/// The maximum number of snapshots.
const SNAPSHOTS: usize = 64;

/// A store that repeats a recorded run with the recorded results of host calls.
pub(super) struct Replay {
    module: Module,
    preloads: Vec<(String, Module)>,
    entries: Vec<Entry>,
    linker: Linker<Answered>,
    store: Store<Answered>,
    observer: HookId<Observer>,
}

/// The result of one replay.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) noted: Vec<State>,
    pub(super) found: Option<u64>,
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

/// Returns a linker that answers the host calls of these modules as they were recorded.
pub(crate) fn answers(
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
        (module, preloads): (Module, Vec<(String, Module)>),
        recording: Arc<Recording>,
        entries: Vec<Entry>,
        every: u64,
    ) -> Result<Self> {
        let engine = module.engine();
        let linker = answers(engine, &module, &preloads)?;
        let observer = Observer::new(module.clone(), recording.steps, every);
        let mut store = Store::new(engine, Answered { recording, next: 0, entered: 0 });
        let observer = store.attach(Filter::new(), observer);
        // The recorded run stayed within its fuel, so a replay needs no limit.
        let _ = store.set_fuel(u64::MAX);
        store.set_epoch_deadline(u64::MAX / 2);
        Ok(Self { module, preloads, entries, linker, store, observer })
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
            Some(mark) => self.go_on(&mark),
            None => self.start(),
        };
        let observer = self.store.hook_mut(self.observer).ok_or_else(gone)?;
        let outcome = std::mem::take(&mut observer.outcome);
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

    fn start(&mut self) -> Result<()> {
        let data = self.store.data_mut();
        (data.next, data.entered) = (0, 0);
        for (name, module) in &self.preloads {
            self.linker.module(&mut self.store, name, module)?;
        }
        let instance = self.linker.instantiate(&mut self.store, &self.module)?;
        self.call_the_rest(&instance)
    }

    fn go_on(&mut self, mark: &Mark) -> Result<()> {
        let data = self.store.data_mut();
        (data.next, data.entered) = (mark.host_calls, mark.entered);
        let results = mark.snapshot.func().ty(&self.store).results().len();
        let mut results = vec![Val::I32(0); results];
        match mark.snapshot.resume(&mut self.store, &mut results)? {
            ResumableCall::Finished => self.call_the_rest(&mark.instance),
            ResumableCall::HostTrap(stopped) => Err(stopped.into_host_error()),
            ResumableCall::HookError(stopped) => Err(stopped.into_hook_error()),
            ResumableCall::OutOfFuel(_) => Err(Trap::OutOfFuel.into()),
        }
    }

    /// Calls the remaining entries of the embedder.
    fn call_the_rest(&mut self, instance: &Instance) -> Result<()> {
        while let Some(entry) = self.entries.get(self.store.data().entered) {
            self.store.data_mut().entered += 1;
            let func = instance
                .get_func(&mut self.store, &entry.name)
                .ok_or_else(|| format_err!("no function `{}` is exported", entry.name))?;
            let mut results = vec![Val::I32(0); func.ty(&self.store).results().len()];
            func.call(&mut self.store, &entry.args, &mut results)?;
        }
        Ok(())
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

/// The goal of a replay.
pub(super) enum Goal {
    /// Collect the states of these steps.
    Note(Range<u64>),
    /// Find the first or the last of these steps at which `until` holds.
    Find { among: Range<u64>, until: Until, first: bool },
}

impl Goal {
    /// Returns the step at which the replay can stop.
    fn end(&self) -> u64 {
        match self {
            Self::Note(steps) | Self::Find { among: steps, .. } => steps.end,
        }
    }
}

/// The error that ends a replay once its goal is reached.
#[derive(Debug, thiserror::Error)]
#[error("the run has gone far enough")]
struct Reached;

/// A snapshot from which a replay can continue.
#[derive(Clone)]
struct Mark {
    step: u64,
    depth: usize,
    host_calls: usize,
    entered: usize,
    instance: Instance,
    memory: Pages,
    snapshot: Arc<Snapshot>,
}

struct Observer {
    /// The module whose instructions count as steps.
    module: Module,
    goal: Goal,
    outcome: Outcome,
    /// The number of instructions of the recorded run, which fuel or a timeout may have ended.
    end: u64,
    /// The number of the next instruction.
    step: u64,
    depth: usize,
    /// `true` if memory may have changed since the last state.
    dirty: bool,
    /// `true` if watched memory has been written since the last instruction.
    touched: bool,
    memory: Pages,
    /// The number of instructions between two snapshots.
    every: u64,
    /// The snapshots in the order of their steps.
    marks: Vec<Mark>,
}

impl Hook<Answered> for Observer {
    const EVENTS: Events = Events::INSTRUCTIONS
        .union(Events::FUNCS)
        .union(Events::MEMORY_WRITES)
        .union(Events::GROWTH)
        .union(Events::HOST_CALLS);

    fn event(&mut self, mut store: StoreContextMut<'_, Answered>, event: Event<'_>) -> Result<()> {
        match event {
            Event::FuncEnter(_) => self.depth += 1,
            Event::FuncLeave(_) => self.depth = self.depth.saturating_sub(1),
            Event::MemoryWrite(access) => {
                self.dirty = true;
                if let Goal::Find { until: Until::Stop(stops), .. } = &self.goal {
                    let end = access.address.saturating_add(access.len);
                    let touches =
                        |range: &Range<u64>| access.address < range.end && range.start < end;
                    self.touched |= stops.watched.iter().any(touches);
                }
            }
            Event::MemoryGrow(_) | Event::HostLeave(..) => self.dirty = true,
            Event::Instruction if self.is_shown(&mut store) => {
                let step = self.step;
                self.step += 1;
                self.instruction(&mut store, step)?;
            }
            _ => {}
        }
        Ok(())
    }
}

impl Observer {
    fn new(module: Module, end: u64, every: u64) -> Self {
        Self {
            module,
            goal: Goal::Note(0..0),
            outcome: Outcome::default(),
            end,
            step: 0,
            depth: 0,
            dirty: true,
            touched: false,
            memory: Pages::default(),
            every,
            marks: Vec::new(),
        }
    }

    fn is_shown(&self, store: &mut StoreContextMut<'_, Answered>) -> bool {
        let frame = store.frame();
        frame.is_some_and(|frame| Module::same(frame.module(&*store), &self.module))
    }

    /// Returns the last snapshot that is not after a step.
    fn mark(&self, step: u64) -> Option<&Mark> {
        let after = self.marks.partition_point(|mark| mark.step <= step);
        self.marks[..after].last()
    }

    /// Prepares the listener for a replay.
    fn begin(&mut self, goal: Goal, from: Option<&Mark>) {
        self.goal = goal;
        self.outcome = Outcome::default();
        (self.step, self.depth) = from.map_or((0, 0), |mark| (mark.step, mark.depth));
        self.memory = from.map_or_else(Pages::default, |mark| mark.memory.clone());
        (self.dirty, self.touched) = (true, false);
    }

    fn instruction(&mut self, store: &mut StoreContextMut<'_, Answered>, step: u64) -> Result<()> {
        let touched = std::mem::take(&mut self.touched);
        if step >= self.end.min(self.goal.end()) {
            return Err(Error::new(Reached));
        }
        if step.is_multiple_of(self.every) && self.marks.last().is_none_or(|mark| mark.step < step)
        {
            self.take_snapshot(store, step)?;
        }
        match &self.goal {
            Goal::Note(steps) if !steps.contains(&step) => {}
            Goal::Note(_) => {
                let state = self.state(store, step)?;
                self.outcome.noted.push(state);
            }
            Goal::Find { among, until, first } => {
                let here = among.contains(&step)
                    && match until {
                        Until::Depth(depth) => self.depth <= *depth,
                        Until::Stop(stops) => {
                            let at = store.frame().map(|frame| frame.offset());
                            touched || at.is_some_and(|at| stops.breakpoints.contains(&at))
                        }
                    };
                if here {
                    self.outcome.found = Some(step);
                    if *first {
                        return Err(Error::new(Reached));
                    }
                }
            }
        }
        Ok(())
    }

    /// Takes a snapshot. If there are too many snapshots, drops every other one.
    fn take_snapshot(
        &mut self,
        store: &mut StoreContextMut<'_, Answered>,
        step: u64,
    ) -> Result<()> {
        let frame = store.frame().ok_or_else(|| format_err!("no guest runs"))?;
        let earlier = self.marks.last().map(|mark| mark.snapshot.clone());
        let snapshot = Arc::new(store.snapshot(earlier.as_deref())?);
        let Answered { next: host_calls, entered, .. } = *store.data();
        let (instance, memory, depth) = (frame.instance(), self.memory.clone(), self.depth);
        self.marks.push(Mark { step, depth, host_calls, entered, instance, memory, snapshot });
        if self.marks.len() > SNAPSHOTS {
            self.every *= 2;
            self.marks.retain(|mark| mark.step.is_multiple_of(self.every));
        }
        Ok(())
    }

    /// Returns the current state.
    fn state(&mut self, store: &mut StoreContextMut<'_, Answered>, step: u64) -> Result<State> {
        let frame = store.frame().ok_or_else(|| format_err!("no guest runs"))?;
        let [locals, operands] = [frame.locals(&*store)?, frame.operands(&*store)?]
            .map(|shown| shown.iter().map(|value| values::show_val(store, value)).collect());
        if std::mem::take(&mut self.dirty)
            && let Some(memory) = frame.instance().get_memory(&mut *store, "memory")
        {
            self.memory = self.memory.update(memory.data(&*store));
        }
        let mut stack = Vec::new();
        let mut next = Some(frame);
        while let Some(frame) = next {
            if Module::same(frame.module(&*store), &self.module) {
                stack.push(CodePosition { func: frame.func_index(), offset: frame.offset() });
            }
            next = frame.caller(&*store)?;
        }
        let host_calls = store.data().next;
        Ok(State { step, stack, locals, operands, memory: self.memory.clone(), host_calls })
    }
}
