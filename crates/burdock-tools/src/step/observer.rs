//! `Observer`: the hook that counts the instructions of a replay, and notes or finds states.

use super::replay::{Answered, Progress};
use super::session::{Found, Stops, Until, Why};
use super::state::{CodePosition, FrameValues, Pages, State};
use super::statements::Statements;
use crate::condition::ConditionError;
use crate::debug::Value;
use crate::dwarf::LiveFrame;
use crate::values;
use burdock::{
    Error, Event, Events, Frame, Hook, Instance, Module, Result, Snapshot, StoreContextMut,
    format_err,
};
use std::ops::Range;
use std::sync::Arc;

/// The maximum number of snapshots.
const SNAPSHOTS: usize = 64;

/// The most globals whose values are noted.
const MOST_GLOBALS: u32 = 256;

/// The goal of a replay.
pub(super) enum Goal {
    /// Collect the states of these steps.
    Note(Range<u64>),
    /// Find the first of these steps at which the search ends.
    First { among: Range<u64>, until: Option<Until>, stops: Stops },
    /// Find the last one.
    Last { among: Range<u64>, until: Option<Until>, stops: Stops },
}

impl Goal {
    /// Returns the step at which the replay can stop.
    fn end(&self) -> u64 {
        match self {
            Self::Note(steps)
            | Self::First { among: steps, .. }
            | Self::Last { among: steps, .. } => steps.end,
        }
    }

    /// Returns `true` if the search may end at a step.
    fn is_among(&self, step: u64) -> bool {
        match self {
            Self::Note(_) => false,
            Self::First { among, .. } | Self::Last { among, .. } => among.contains(&step),
        }
    }

    fn stops(&self) -> Option<&Stops> {
        match self {
            Self::Note(_) => None,
            Self::First { stops, .. } | Self::Last { stops, .. } => Some(stops),
        }
    }
}

/// The result of one replay.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) noted: Vec<State>,
    /// The first or the last step at which the search ended, except at a statement on the way back.
    pub(super) found: Option<Found>,
    /// On the way back: statements with their depths, the last of each depth since the run was last
    /// less deep.
    pub(super) statements: Vec<(usize, u64)>,
    /// The lowest depth of the steps.
    pub(super) lowest: Option<usize>,
    /// The reason why the goal was given up: a condition that could not be evaluated, or
    /// [`Interrupted`].
    pub(super) problem: Option<Error>,
}

/// The error of a search or a replay that was interrupted.
///
/// See [`Session::interrupted_by`](super::Session::interrupted_by).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

/// Returns `true` if a replay is to be interrupted.
pub(super) type Interrupt = Arc<dyn Fn() -> bool + Send + Sync>;

/// The number of instructions after which a replay asks whether it is interrupted.
const ASKS_EVERY: u64 = 1 << 14;

/// The error that ends a replay once its goal is reached.
#[derive(Debug, thiserror::Error)]
#[error("the run has gone far enough")]
pub(super) struct Reached;

/// A snapshot from which a replay can continue.
#[derive(Clone)]
pub(super) struct Mark {
    pub(super) step: u64,
    pub(super) progress: Progress,
    pub(super) instance: Instance,
    pub(super) snapshot: Arc<Snapshot>,
    visits: Vec<Visit>,
    memory: Pages,
}

/// The line on which a frame is, and the lines of its callers as far as they are inlined, the
/// innermost last. 0 stands for an unknown line.
#[derive(Clone, Debug, Default)]
struct Visit {
    lines: Vec<u32>,
    /// The number of inlined calls in all frames below.
    below: usize,
    /// The values of watched locals, if the frame's function has any.
    watched: Vec<Option<Value>>,
}

impl Visit {
    /// Returns the number of inlined calls in this frame and in those below.
    fn inlined(&self) -> usize {
        self.below + self.lines.len().saturating_sub(1)
    }
}

/// The frames of one state, kept for the next one.
#[derive(Default)]
struct LastFrames {
    step: u64,
    stack: Vec<CodePosition>,
    frames: Vec<Arc<FrameValues>>,
}

pub(super) struct Observer {
    /// The module whose instructions count as steps.
    module: Module,
    statements: Arc<Statements>,
    goal: Goal,
    pub(super) outcome: Outcome,
    /// The number of instructions of the recorded run, which fuel or a timeout may have ended.
    end: u64,
    /// The number of the next instruction.
    step: u64,
    /// The visited line of each frame, the innermost last.
    visits: Vec<Visit>,
    /// `true` if memory may have changed since the last state.
    dirty: bool,
    /// The watched memory that has been written since the last instruction.
    touched: Option<usize>,
    memory: Pages,
    last: LastFrames,
    globals: Arc<[Value]>,
    /// The number of instructions between two snapshots.
    every: u64,
    /// The snapshots in the order of their steps.
    marks: Vec<Mark>,
    interrupt: Option<Interrupt>,
}

impl Hook<Answered> for Observer {
    const EVENTS: Events = Events::INSTRUCTIONS
        .union(Events::FUNCS)
        .union(Events::MEMORY_WRITES)
        .union(Events::GROWTH)
        .union(Events::HOST_CALLS);

    fn event(&mut self, mut store: StoreContextMut<'_, Answered>, event: Event<'_>) -> Result<()> {
        match event {
            Event::FuncEnter(_) => {
                let below = self.visits.last().map_or(0, Visit::inlined);
                self.visits.push(Visit { below, ..Visit::default() });
            }
            Event::FuncLeave(_) => _ = self.visits.pop(),
            Event::MemoryWrite(access) => {
                self.dirty = true;
                if let Some(stops) = self.goal.stops() {
                    let end = access.address.saturating_add(access.len);
                    let touches =
                        |range: &Range<u64>| access.address < range.end && range.start < end;
                    self.touched = self.touched.or(stops.watched.iter().position(touches));
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
    pub(super) fn new(
        module: Module,
        statements: Arc<Statements>,
        (end, every): (u64, u64),
        interrupt: Option<Interrupt>,
    ) -> Self {
        Self {
            module,
            statements,
            goal: Goal::Note(0..0),
            outcome: Outcome::default(),
            end,
            step: 0,
            visits: Vec::new(),
            dirty: true,
            touched: None,
            memory: Pages::default(),
            last: LastFrames::default(),
            globals: Arc::new([]),
            every,
            marks: Vec::new(),
            interrupt,
        }
    }

    fn is_shown(&self, store: &mut StoreContextMut<'_, Answered>) -> bool {
        let frame = store.frame();
        frame.is_some_and(|frame| Module::same(frame.module(&*store), &self.module))
    }

    /// Returns the last snapshot that is not after a step.
    pub(super) fn mark(&self, step: u64) -> Option<&Mark> {
        let after = self.marks.partition_point(|mark| mark.step <= step);
        self.marks[..after].last()
    }

    /// Prepares the listener for a replay.
    pub(super) fn begin(&mut self, goal: Goal, from: Option<&Mark>) {
        self.goal = goal;
        self.outcome = Outcome::default();
        self.step = from.map_or(0, |mark| mark.step);
        self.visits = from.map_or_else(Vec::new, |mark| mark.visits.clone());
        // The locals may be watched for another search.
        self.visits.iter_mut().for_each(|visit| visit.watched.clear());
        self.memory = from.map_or_else(Pages::default, |mark| mark.memory.clone());
        (self.dirty, self.touched) = (true, None);
        self.last = LastFrames::default();
    }

    /// Returns the number of calls that are active, inlined ones included.
    fn depth(&self) -> usize {
        self.visits.len() + self.visits.last().map_or(0, Visit::inlined)
    }

    /// Gives the goal up if the replay is interrupted.
    fn check_interrupt(&mut self, step: u64) -> Result<()> {
        let interrupt = self.interrupt.as_ref().filter(|_| step.is_multiple_of(ASKS_EVERY));
        if interrupt.is_some_and(|interrupt| interrupt()) {
            self.outcome.problem = Some(Error::new(Interrupted));
            return Err(Error::new(Reached));
        }
        Ok(())
    }

    fn instruction(&mut self, store: &mut StoreContextMut<'_, Answered>, step: u64) -> Result<()> {
        let touched = self.touched.take();
        if step >= self.end.min(self.goal.end()) {
            return Err(Error::new(Reached));
        }
        self.check_interrupt(step)?;
        if step.is_multiple_of(self.every) && self.marks.last().is_none_or(|mark| mark.step < step)
        {
            self.take_snapshot(store, step)?;
        }
        let offset = store.frame().map_or(0, |frame| frame.offset());
        let is_new_line = self.visit(offset);
        let changed = self.changed_local(store)?;
        let touched = touched.map(Why::Watched).or(changed.map(Why::Changed));
        let stop = match self.stopped(store, step, offset) {
            Ok(stop) => touched.or(stop),
            Err(problem) => {
                self.outcome.problem = Some(Error::new(problem));
                return Err(Error::new(Reached));
            }
        };
        match &self.goal {
            Goal::Note(steps) if !steps.contains(&step) => {}
            Goal::Note(_) => {
                let state = self.state(store, step, is_new_line)?;
                self.outcome.noted.push(state);
            }
            Goal::First { among, until, .. } if among.contains(&step) => {
                let depth = self.depth();
                let why = stop.or(match until {
                    Some(Until::Depth(deepest)) => depth <= *deepest,
                    Some(Until::Statement(deepest)) => is_new_line && depth <= *deepest,
                    _ => false,
                }
                .then_some(Why::Motion));
                if let Some(why) = why {
                    self.outcome.found = Some(Found { step, why });
                    return Err(Error::new(Reached));
                }
            }
            Goal::Last { among, until, .. } if among.contains(&step) => {
                let depth = self.depth();
                let is_end = matches!(until, Some(Until::Depth(deepest)) if depth <= *deepest);
                let why = stop.or(is_end.then_some(Why::Motion));
                if let Some(why) = why {
                    self.outcome.found = Some(Found { step, why });
                }
                let is_candidate = is_new_line && matches!(until, Some(Until::Statement(_)));
                let Outcome { statements, lowest, .. } = &mut self.outcome;
                *lowest = Some(lowest.map_or(depth, |lowest| lowest.min(depth)));
                statements.retain(|(other, _)| *other < depth + usize::from(!is_candidate));
                if is_candidate {
                    statements.push((depth, step));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Returns the reason to stop at an operator if it has a breakpoint whose condition is true.
    fn stopped(
        &self,
        store: &mut StoreContextMut<'_, Answered>,
        step: u64,
        offset: u32,
    ) -> std::result::Result<Option<Why>, ConditionError> {
        let (Some(stops), Some(frame)) = (self.goal.stops(), store.frame()) else {
            return Ok(None);
        };
        if stops.breakpoints.contains(&offset) {
            return Ok(Some(Why::Breakpoint));
        }
        let conditions = stops.conditions.iter().filter(|(at, _)| *at == offset);
        for (_, condition) in conditions.filter(|_| self.goal.is_among(step)) {
            if condition.holds(&LiveFrame::new(store, frame))? {
                return Ok(Some(Why::Breakpoint));
            }
        }
        Ok(None)
    }

    /// Moves the innermost frame to the statement that begins at an operator, if one does. Returns
    /// `true` if the statement's line is another one than before.
    fn visit(&mut self, offset: u32) -> bool {
        let (Some(statement), Some(visit)) = (self.statements.at(offset), self.visits.last_mut())
        else {
            return false;
        };
        let level = statement.inlined as usize;
        // The lines of inlined calls that are over are forgotten, so that the same line of the
        // caller is no new one.
        visit.lines.resize(level + 1, 0);
        let last = std::mem::replace(&mut visit.lines[level], statement.line);
        last != statement.line
    }

    /// Returns the index of a watched local of the innermost frame that has changed since the
    /// frame's last instruction.
    fn changed_local(
        &mut self,
        store: &mut StoreContextMut<'_, Answered>,
    ) -> Result<Option<usize>> {
        let (Some(stops), Some(visit)) = (self.goal.stops(), self.visits.last_mut()) else {
            return Ok(None);
        };
        let Some(frame) = store.frame().filter(|_| !stops.locals.is_empty()) else {
            return Ok(None);
        };
        let mut changed = None;
        visit.watched.resize(stops.locals.len(), None);
        for (number, (func, index)) in stops.locals.iter().enumerate() {
            if *func == frame.func_index() {
                let value = Some(Value::from(&frame.local(&*store, *index)?));
                let last = std::mem::replace(&mut visit.watched[number], value);
                if last.is_some() && last != value {
                    changed = changed.or(Some(number));
                }
            }
        }
        Ok(changed)
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
        let progress = store.data().progress;
        let (instance, memory, visits) =
            (frame.instance(), self.memory.clone(), self.visits.clone());
        self.marks.push(Mark { step, progress, instance, snapshot, visits, memory });
        if self.marks.len() > SNAPSHOTS {
            self.every *= 2;
            self.marks.retain(|mark| mark.step.is_multiple_of(self.every));
        }
        Ok(())
    }

    /// Returns the current state.
    fn state(
        &mut self,
        store: &mut StoreContextMut<'_, Answered>,
        step: u64,
        begins_line: bool,
    ) -> Result<State> {
        let frame = store.frame().ok_or_else(|| format_err!("no guest runs"))?;
        let [locals, operands] = [frame.locals(&*store)?, frame.operands(&*store)?]
            .map(|shown| shown.iter().map(|value| values::show_val(store, value)).collect());
        if std::mem::take(&mut self.dirty)
            && let Some(memory) = frame.instance().get_memory(&mut *store, "memory")
        {
            self.memory = self.memory.update(memory.data(&*store));
        }
        let (mut stack, mut handles) = (Vec::new(), Vec::new());
        let mut next = Some(frame);
        while let Some(frame) = next {
            if Module::same(frame.module(&*store), &self.module) {
                stack.push(CodePosition { func: frame.func_index(), offset: frame.offset() });
                handles.push(frame);
            }
            next = frame.caller(&*store)?;
        }
        let frames = self.frames(store, step, &stack, &handles)?;
        let globals: Vec<Value> = (0..MOST_GLOBALS)
            .map_while(|index| frame.instance().debug_global(&*store, index))
            .map(|global| Value::from(&global.get(&*store)))
            .collect();
        if *self.globals != *globals {
            self.globals = globals.into();
        }
        Ok(State {
            step,
            stack,
            locals,
            operands,
            frames,
            globals: self.globals.clone(),
            memory: self.memory.clone(),
            host_calls: store.data().progress.calls,
            depth: self.depth(),
            begins_line,
        })
    }

    /// Returns the values of the frames. A frame that was not the innermost one at the last step,
    /// and is not now, has not changed since.
    fn frames(
        &mut self,
        store: &mut StoreContextMut<'_, Answered>,
        step: u64,
        stack: &[CodePosition],
        handles: &[Frame],
    ) -> Result<Vec<Arc<FrameValues>>> {
        let last = std::mem::take(&mut self.last);
        let known = if last.step + 1 == step { last.stack.len() } else { 0 };
        let mut frames = Vec::with_capacity(handles.len());
        for (number, frame) in handles.iter().enumerate() {
            let from_outside = handles.len() - 1 - number;
            let earlier = (known.checked_sub(1 + from_outside))
                .filter(|earlier| *earlier > 0 && number > 0)
                .filter(|earlier| last.stack[*earlier] == stack[number]);
            frames.push(match earlier {
                Some(earlier) => last.frames[earlier].clone(),
                None => {
                    let [locals, operands] = [frame.locals(&*store)?, frame.operands(&*store)?]
                        .map(|values| values.iter().map(Value::from).collect());
                    Arc::new(FrameValues { locals, operands })
                }
            });
        }
        self.last = LastFrames { step, stack: stack.to_vec(), frames: frames.clone() };
        Ok(frames)
    }
}
