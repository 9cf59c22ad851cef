//! `Session`: answers questions about a recorded run by running it again.

use super::record::Recording;
use super::state::{Pages, Place, State};
use crate::wasi;
use burdock::{
    Error, Event, Events, ExternType, Filter, Hook, Linker, Module, Result, Store, StoreContextMut,
    Val, bail, format_err,
};
use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A function that is called from the host: an export, with its arguments.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The export.
    pub name: String,
    /// Its arguments; no references.
    pub args: Vec<Val>,
}

/// To where a session goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Until {
    /// An instruction in a frame no deeper than this.
    Depth(usize),
    /// A breakpoint, or the instruction after a write to watched memory.
    Stop(Stops),
}

/// Breakpoints and watched memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stops {
    /// Byte offsets of operators in the module.
    pub breakpoints: BTreeSet<u32>,
    /// Addresses in the memory.
    pub watched: Vec<Range<u64>>,
}

/// Which way.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// On.
    Forwards,
    /// Back.
    Backwards,
}

/// How many states one run notes.
const WINDOW: u64 = 256;

/// A recorded run, to be looked at anywhere.
///
/// # Example
///
/// ```
/// use burdock::*;
/// use burdock_tools::step::{Entry, Recorder, Session};
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module
///     (import "env" "read" (func $read (result i32)))
///     (func (export "run") (result i32) (i32.add (call $read) (i32.const 1))))"#)?;
/// let mut linker = Linker::new(&engine);
/// linker.func_wrap("env", "read", |mut caller: Caller<'_, i32>| {
///     *caller.data_mut() += 20;
///     *caller.data()
/// })?;
/// let mut store = Store::new(&engine, 0);
/// let recorder = Recorder::attach(&mut store);
/// let instance = linker.instantiate(&mut store, &module)?;
/// instance.get_typed_func::<(), i32>(&mut store, "run")?.call(&mut store, ())?;
/// let recording = recorder.finish(&mut store, None);
///
/// let entry = Entry { name: "run".into(), args: Vec::new() };
/// let mut session = Session::new(&module, recording, vec![entry])?;
/// assert_eq!(session.len(), 3);
/// assert_eq!(session.state(2)?.operands, ["20", "1"]);
/// assert_eq!(session.state(1)?.operands, ["20"]);
/// # Ok::<(), Error>(())
/// ```
pub struct Session {
    module: Module,
    recording: Arc<Recording>,
    entries: Vec<Entry>,
    /// States next to each other, by their steps.
    window: VecDeque<Arc<State>>,
}

impl Session {
    /// Of a run of a module that called these functions, one after the other.
    ///
    /// # Errors
    ///
    /// The module imports something else than functions: what others do to that is not recorded.
    pub fn new(module: &Module, recording: Recording, entries: Vec<Entry>) -> Result<Self> {
        for import in module.imports() {
            if !matches!(import.ty(), ExternType::Func(_)) {
                bail!(
                    "only modules that import nothing but functions can be stepped through; \
                     `{}.{}` is something else",
                    import.module(),
                    import.name()
                );
            }
        }
        let (module, recording) = (module.clone(), Arc::new(recording));
        Ok(Self { module, recording, entries, window: VecDeque::new() })
    }

    /// How many instructions the run has.
    pub fn len(&self) -> u64 {
        self.recording.steps
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What was recorded.
    pub fn recording(&self) -> &Recording {
        &self.recording
    }

    /// What there is before an instruction.
    ///
    /// # Errors
    ///
    /// There is no such instruction, or the run can't be repeated.
    pub fn state(&mut self, step: u64) -> Result<Arc<State>> {
        if let Some(state) = self.noted(step) {
            return Ok(state);
        }
        let from = step.saturating_sub(WINDOW / 2);
        let states = self.run(Goal::Note(from..from + WINDOW), |observer| observer.noted)?;
        self.window = states.into_iter().map(Arc::new).collect();
        let len = self.len();
        self.noted(step).ok_or_else(|| format_err!("there is no instruction {step} of {len}"))
    }

    fn noted(&self, step: u64) -> Option<Arc<State>> {
        let first = self.window.front()?.step;
        self.window.get(usize::try_from(step.checked_sub(first)?).ok()?).cloned()
    }

    /// All states of a part of the run.
    ///
    /// # Errors
    ///
    /// The run can't be repeated.
    pub fn states(&mut self, steps: Range<u64>) -> Result<Vec<State>> {
        self.run(Goal::Note(steps), |observer| observer.noted)
    }

    /// The nearest instruction before or after `step` where `until` holds.
    ///
    /// # Errors
    ///
    /// The run can't be repeated.
    pub fn find(&mut self, step: u64, way: Way, until: Until) -> Result<Option<u64>> {
        self.run(Goal::Find { step, way, until }, |observer| observer.found)
    }

    /// Runs the guest again, as far as it takes to reach a goal.
    fn run<R>(&mut self, goal: Goal, result: impl FnOnce(Observer) -> R) -> Result<R> {
        let engine = self.module.engine();
        let mut linker = Linker::<Answered>::new(engine);
        for import in self.module.imports() {
            let (ExternType::Func(ty), module, name) =
                (import.ty(), import.module(), import.name())
            else {
                continue;
            };
            // Two imports of one name are one function.
            linker.allow_shadowing(true);
            let full = format!("{module}.{name}");
            linker.func_new(module, name, ty, move |mut caller, _, results| {
                answer(&mut caller, &full, results)
            })?;
        }
        let mut store = Store::new(engine, Answered { recording: self.recording.clone(), next: 0 });
        let id = store.attach(Filter::new(), Observer::new(goal, self.len()));
        // What the recorded run took, this one may take, too.
        let _ = store.set_fuel(u64::MAX);
        store.set_epoch_deadline(u64::MAX / 2);
        let ended = self.call(&mut linker, &mut store);
        let observer = store.detach(id).ok_or_else(|| format_err!("the observer is gone"))?;
        match ended {
            Err(error) if error.downcast_ref::<Reached>().is_none() => match &self.recording.ending
            {
                // It ends as it did.
                Some(_) => Ok(result(observer)),
                None => Err(error.context("the run could not be repeated")),
            },
            _ => Ok(result(observer)),
        }
    }

    fn call(&self, linker: &mut Linker<Answered>, store: &mut Store<Answered>) -> Result<()> {
        let instance = linker.instantiate(&mut *store, &self.module)?;
        for entry in &self.entries {
            let func = instance
                .get_func(&mut *store, &entry.name)
                .ok_or_else(|| format_err!("no function `{}` is exported", entry.name))?;
            let mut results = vec![Val::I32(0); func.ty(&*store).results().len()];
            func.call(&mut *store, &entry.args, &mut results)?;
        }
        Ok(())
    }
}

/// What the store of a repeated run holds.
struct Answered {
    recording: Arc<Recording>,
    next: usize,
}

/// A call of the host, answered as it was.
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
        Err(error) => Err(Error::msg(error.clone())),
    }
}

/// What a run is for.
enum Goal {
    Note(Range<u64>),
    Find { step: u64, way: Way, until: Until },
}

/// A run has gone far enough.
#[derive(Debug)]
struct Reached;

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the run has gone far enough")
    }
}

impl std::error::Error for Reached {}

struct Observer {
    goal: Goal,
    /// How many instructions the recorded run has: fuel or a timeout may have ended it.
    end: u64,
    /// The number of the next instruction.
    step: u64,
    depth: usize,
    /// Whether memory may have changed since the last state.
    dirty: bool,
    /// Whether watched memory has been written since the last instruction.
    touched: bool,
    memory: Pages,
    noted: Vec<State>,
    found: Option<u64>,
}

impl Observer {
    fn new(goal: Goal, end: u64) -> Self {
        let (memory, noted) = (Pages::default(), Vec::new());
        Self {
            goal,
            end,
            step: 0,
            depth: 0,
            dirty: true,
            touched: false,
            memory,
            noted,
            found: None,
        }
    }
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
            Event::FuncLeave(_) => self.depth -= 1,
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
            Event::Instruction => {
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
    fn instruction(&mut self, store: &mut StoreContextMut<'_, Answered>, step: u64) -> Result<()> {
        let touched = std::mem::take(&mut self.touched);
        if step >= self.end {
            return Err(Error::new(Reached));
        }
        match &self.goal {
            Goal::Note(steps) if step >= steps.end => return Err(Error::new(Reached)),
            Goal::Note(steps) if step < steps.start => {}
            Goal::Note(_) => {
                let state = self.state(store, step)?;
                self.noted.push(state);
            }
            Goal::Find { step: from, way, until } => {
                let past = match way {
                    Way::Forwards if step <= *from => return Ok(()),
                    Way::Forwards => false,
                    Way::Backwards => step >= *from,
                };
                let here = match until {
                    _ if past => return Err(Error::new(Reached)),
                    Until::Depth(depth) => self.depth <= *depth,
                    Until::Stop(stops) => {
                        let at = store.frame().map(|frame| frame.offset());
                        touched || at.is_some_and(|at| stops.breakpoints.contains(&at))
                    }
                };
                if here {
                    self.found = Some(step);
                    if *way == Way::Forwards {
                        return Err(Error::new(Reached));
                    }
                }
            }
        }
        Ok(())
    }

    /// What there is now.
    fn state(&mut self, store: &mut StoreContextMut<'_, Answered>, step: u64) -> Result<State> {
        let frame = store.frame().ok_or_else(|| format_err!("no guest runs"))?;
        let locals = frame.locals(&*store)?.iter().map(wasi::show_val).collect();
        let operands = frame.operands(&*store)?.iter().map(wasi::show_val).collect();
        if std::mem::take(&mut self.dirty)
            && let Some(memory) = frame.instance().get_memory(&mut *store, "memory")
        {
            self.memory = self.memory.update(memory.data(&*store));
        }
        let mut stack = Vec::new();
        let mut next = Some(frame);
        while let Some(frame) = next {
            stack.push(Place { func: frame.func_index(), offset: frame.offset() });
            next = frame.caller(&*store)?;
        }
        let host_calls = store.data().next;
        Ok(State { step, stack, locals, operands, memory: self.memory.clone(), host_calls })
    }
}
