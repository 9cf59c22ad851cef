//! `Session`: answers questions about a recorded run by running it again.

use super::observer::{Goal, Interrupt};
use super::record::Recording;
use super::replay::Replay;
use super::state::State;
use super::statements::Statements;
use crate::condition::Condition;
use burdock::{ExternType, Module, Result, Val, bail, format_err};
use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;
use std::sync::Arc;

/// An export that the host calls, with its arguments.
///
/// See [`Session`] for an example.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The name of the export.
    pub name: String,
    /// The arguments, which contain no references.
    pub args: Vec<Val>,
}

/// The condition that ends a search.
///
/// # Example
///
/// ```
/// use burdock_tools::step::{Stops, Until};
/// // The caller's next instruction, for a frame at depth 3.
/// let step_out = Until::Depth(2);
/// // The next write to the first four bytes of the memory.
/// let write = Until::Stop(Stops { watched: vec![0..4], ..Stops::default() });
/// assert_ne!(step_out, write);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Until {
    /// At an instruction no deeper than this depth ([`State::depth`]).
    Depth(usize),
    /// The beginning of the visit of a line ([`Session::with_statements`]), no deeper than this
    /// depth. Backwards, a call that was over before the current one began counts as deeper.
    Statement(usize),
    /// At a breakpoint, or at the instruction after a write to watched memory.
    Stop(Stops),
}

/// Breakpoints and watched memory.
///
/// See [`Way`] for an example.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stops {
    /// Byte offsets of operators in the module.
    pub breakpoints: BTreeSet<u32>,
    /// Byte offsets of operators at which only a condition stops.
    pub conditions: Vec<(u32, Arc<Condition>)>,
    /// Address ranges in the memory.
    pub watched: Vec<Range<u64>>,
    /// Locals that are compared at each instruction, in any call of their function: the function's
    /// index and the local's.
    pub locals: Vec<(u32, u32)>,
}

/// The end of a search.
///
/// See [`Session::search`].
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The number of the instruction.
    pub step: u64,
    /// The reason.
    pub why: Why,
}

/// The reason why a search ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The condition of the search holds.
    Motion,
    /// There is a breakpoint.
    Breakpoint,
    /// The instruction before has written to the watched memory of this index.
    Watched(usize),
    /// The instruction before has changed the watched local of this index.
    Changed(usize),
}

/// The direction of a search.
///
/// # Example
///
/// ```
/// use burdock::*;
/// use burdock_tools::step::{Entry, Recorder, Session, Stops, Until, Way};
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module
///     (func (export "run") (param i32)
///         (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))"#)?;
/// let mut store = Store::new(&engine, ());
/// let recorder = Recorder::attach(&mut store, &module);
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let run = instance.get_typed_func::<i32, ()>(&mut store, "run")?;
/// run.call(&mut store, 3)?;
/// let recording = recorder.finish(&mut store, None);
/// let entry = Entry { name: "run".into(), args: vec![Val::I32(3)] };
/// let mut session = Session::new(&module, recording, vec![entry])?;
///
/// let first = session.state(1)?.place();
/// let breakpoint = Until::Stop(Stops { breakpoints: [first.offset].into(), ..Stops::default() });
/// let second = session.find(1, Way::Forwards, breakpoint.clone())?.unwrap();
/// assert_eq!(session.state(second)?.locals, ["2"]);
/// assert_eq!(session.find(second, Way::Backwards, breakpoint)?, Some(1));
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Toward the end of the run.
    Forwards,
    /// Toward the beginning of the run.
    Backwards,
}

/// The number of states that one replay collects.
const WINDOW: u64 = 256;

/// The number of instructions between two snapshots, as long as the run is short.
const EVERY: u64 = 1 << 14;

/// A recorded run whose states can be inspected in any order.
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
/// let recorder = Recorder::attach(&mut store, &module);
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
    /// The modules that the module imports from, by name.
    preloads: Vec<(String, Module)>,
    recording: Arc<Recording>,
    entries: Vec<Entry>,
    statements: Arc<Statements>,
    /// Consecutive states in the order of their steps.
    window: VecDeque<Arc<State>>,
    every: u64,
    interrupt: Option<Interrupt>,
    replay: Option<Replay>,
}

impl Session {
    /// Creates a session for a run in which the host called these exports of a module in order.
    ///
    /// # Errors
    ///
    /// Returns an error as [`with_preloads`](Self::with_preloads) does.
    pub fn new(module: &Module, recording: Recording, entries: Vec<Entry>) -> Result<Self> {
        Self::with_preloads(module, &[], recording, entries)
    }

    /// Creates a session for a run of a module with preloaded modules: modules that were
    /// instantiated before it in this order, each under its name
    /// ([`Linker::module`](burdock::Linker::module)). Instructions in preloaded modules are not
    /// steps of the session.
    ///
    /// # Errors
    ///
    /// Returns an error if a module imports anything but functions from the host, because the
    /// host's effects on other imports are not recorded; or if a preloaded module is a command,
    /// because each call of it would be an instance of its own.
    pub fn with_preloads(
        module: &Module,
        preloads: &[(String, Module)],
        recording: Recording,
        entries: Vec<Entry>,
    ) -> Result<Self> {
        for (name, preload) in preloads {
            if preload.get_export("_start").is_some() {
                bail!("a run with the command `{name}` preloaded can't be stepped through");
            }
        }
        let modules = preloads.iter().map(|(_, module)| module).chain([module]);
        for import in modules.flat_map(|module| module.imports()) {
            let of_host = !preloads.iter().any(|(name, _)| name == import.module());
            if of_host && !matches!(import.ty(), ExternType::Func(_)) {
                bail!(
                    "only modules that import nothing but functions can be stepped through; \
                     `{}.{}` is something else",
                    import.module(),
                    import.name()
                );
            }
        }
        Ok(Self {
            module: module.clone(),
            preloads: preloads.to_vec(),
            recording: Arc::new(recording),
            entries,
            statements: Arc::default(),
            window: VecDeque::new(),
            every: EVERY,
            interrupt: None,
            replay: None,
        })
    }

    /// Sets the number of instructions between two snapshots of the guest: at least 1, and 16384 by
    /// default. A session keeps at most 64 snapshots, so the distance grows in long runs.
    #[must_use]
    pub fn snapshot_every(mut self, instructions: u64) -> Self {
        self.every = instructions.max(1);
        self
    }

    /// Lets long searches be interrupted: every few thousand instructions, a search or a look at a
    /// state calls `interrupt`, and fails with [`Interrupted`](super::Interrupted) if that returns
    /// `true`.
    ///
    /// # Example
    ///
    /// ```
    /// # use burdock::*;
    /// use burdock_tools::step::{Entry, Interrupted, Recorder, Session, Until, Way};
    /// # let engine = Engine::default();
    /// # let module = Module::new(&engine, r#"(module
    /// #     (func (export "run") (param i32)
    /// #         (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))"#)?;
    /// # let mut store = Store::new(&engine, ());
    /// # let recorder = Recorder::attach(&mut store, &module);
    /// # let instance = Instance::new(&mut store, &module, &[])?;
    /// # let run = instance.get_typed_func::<i32, ()>(&mut store, "run")?;
    /// # run.call(&mut store, 100_000)?;
    /// # let recording = recorder.finish(&mut store, None);
    /// # let entry = Entry { name: "run".into(), args: vec![Val::I32(100_000)] };
    /// let session = Session::new(&module, recording, vec![entry])?;
    /// let mut session = session.interrupted_by(|| true);
    /// let error = session.find(0, Way::Forwards, Until::Depth(0)).unwrap_err();
    /// assert!(error.is::<Interrupted>());
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use]
    pub fn interrupted_by(mut self, interrupt: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.interrupt = Some(Arc::new(interrupt));
        self.replay = None;
        self
    }

    /// Returns the number of instructions of the run.
    pub fn len(&self) -> u64 {
        self.recording.steps
    }

    /// Returns `true` if the run has no instructions.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the recording.
    pub fn recording(&self) -> &Recording {
        &self.recording
    }

    /// Returns the state before the instruction number `step`, counted from 0.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such instruction, or if the run cannot be repeated.
    pub fn state(&mut self, step: u64) -> Result<Arc<State>> {
        if let Some(state) = self.noted(step) {
            return Ok(state);
        }
        let from = step.saturating_sub(WINDOW / 2);
        let states = self.states(from..from + WINDOW)?;
        self.window = states.into_iter().map(Arc::new).collect();
        let len = self.len();
        self.noted(step).ok_or_else(|| format_err!("there is no instruction {step} of {len}"))
    }

    fn noted(&self, step: u64) -> Option<Arc<State>> {
        let first = self.window.front()?.step;
        self.window.get(usize::try_from(step.checked_sub(first)?).ok()?).cloned()
    }

    /// Returns the states before the instructions in a range.
    ///
    /// # Errors
    ///
    /// Returns an error if the run cannot be repeated.
    pub fn states(&mut self, steps: Range<u64>) -> Result<Vec<State>> {
        let from = steps.start;
        Ok(self.replay()?.run(from, Goal::Note(steps))?.noted)
    }

    /// Sets where the statements of the source begin, which [`Until::Statement`] needs. Depths then
    /// count inlined calls as well.
    #[must_use]
    pub fn with_statements(mut self, statements: Arc<Statements>) -> Self {
        self.statements = statements;
        self.replay = None;
        self
    }

    /// Returns the instruction nearest to `step` in the direction `way` at which `until` holds, or
    /// `None` if there is none.
    ///
    /// # Errors
    ///
    /// Returns an error if the run cannot be repeated.
    pub fn find(&mut self, step: u64, way: Way, until: Until) -> Result<Option<u64>> {
        let found = match until {
            Until::Stop(stops) => self.search(step, way, None, &stops)?,
            until => self.search(step, way, Some(until), &Stops::default())?,
        };
        Ok(found.map(|found| found.step))
    }

    /// Returns the instruction nearest to `step` in the direction `way` at which `until` holds or
    /// one of `stops` applies, or `None` if there is none.
    ///
    /// # Errors
    ///
    /// Returns an error if the run cannot be repeated.
    pub fn search(
        &mut self,
        step: u64,
        way: Way,
        until: Option<Until>,
        stops: &Stops,
    ) -> Result<Option<Found>> {
        let last = self.len();
        let replay = self.replay()?;
        let stops = stops.clone();
        if way == Way::Forwards {
            let among = step + 1..last;
            return Ok(replay.run(step, Goal::First { among, until, stops })?.found);
        }
        let mut deepest = match until {
            Some(Until::Statement(deepest)) => deepest,
            _ => usize::MAX,
        };
        // Searches from snapshot to snapshot, the last stretch first.
        let mut end = step;
        while end > 0 {
            let start = replay.snapshot_before(end - 1);
            // Whether a write to watched memory stops at an instruction depends on the instruction
            // before, so each stretch starts one instruction after its snapshot.
            let among = if start == 0 { 0..end } else { start + 1..end };
            let goal = Goal::Last { among, until: until.clone(), stops: stops.clone() };
            let outcome = replay.run(start, goal)?;
            let statement = outcome.statements.iter().rfind(|(depth, _)| *depth <= deepest);
            let statement = statement.map(|(_, step)| Found { step: *step, why: Why::Motion });
            // A breakpoint at the statement is the reason of the stop.
            let found = statement.into_iter().chain(outcome.found).max_by_key(|found| found.step);
            if found.is_some() {
                return Ok(found);
            }
            deepest = deepest.min(outcome.lowest.unwrap_or(usize::MAX));
            end = if start == 0 { 0 } else { start + 1 };
        }
        Ok(None)
    }

    fn replay(&mut self) -> Result<&mut Replay> {
        match &mut self.replay {
            Some(replay) => Ok(replay),
            none => {
                let modules = (self.module.clone(), self.preloads.clone());
                let (recording, entries) = (self.recording.clone(), self.entries.clone());
                let statements = self.statements.clone();
                let (every, interrupt) = (self.every, self.interrupt.clone());
                let replay =
                    Replay::new(modules, recording, entries, statements, every, interrupt)?;
                Ok(none.insert(replay))
            }
        }
    }
}
