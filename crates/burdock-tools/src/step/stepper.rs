//! `Stepper`: a position in a recorded run, with breakpoints, watchpoints and a selected frame.

use super::points::{Breakpoint, WatchedPlace, Watchpoint};
use super::program::{CallFrame, Program};
use super::{Found, Session, Sources, State, Stops, Until, Way, Why};
use crate::Lines;
use crate::dwarf::Variable;
use burdock::Result;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// The most calls among which one can be selected.
const MOST_CALLS: usize = 1000;

/// A debugger of a recorded run, which stands before one of the run's instructions.
///
/// # Example
///
/// ```
/// use burdock::*;
/// use burdock_tools::Code;
/// use burdock_tools::step::{Entry, Motion, Program, Recorder, Session, Sources, Stepper, Way};
/// let engine = Engine::default();
/// let bytes = wat::parse_str(r#"(module
///     (func $leaf (param $n i32) nop)
///     (func (export "run") (call $leaf (i32.const 7))))"#).unwrap();
/// let module = Module::new(&engine, &bytes)?;
/// let mut store = Store::new(&engine, ());
/// let recorder = Recorder::attach(&mut store, &module);
/// let instance = Instance::new(&mut store, &module, &[])?;
/// instance.get_typed_func::<(), ()>(&mut store, "run")?.call(&mut store, ())?;
/// let recording = recorder.finish(&mut store, None);
///
/// let entry = Entry { name: "run".into(), args: Vec::new() };
/// let session = Session::new(&module, recording, vec![entry])?;
/// let program = Program::new(Code::new(&bytes)?, None)?;
/// let mut stepper = Stepper::new(session, program, Sources::default())?;
/// // Without source, steps go by instruction.
/// stepper.go(Motion::Step, Way::Forwards)?;
/// stepper.go(Motion::Step, Way::Forwards)?;
/// assert_eq!(stepper.selected().unwrap().position.func, "leaf");
/// assert_eq!(stepper.variables()[0].name, "$n");
/// assert_eq!(stepper.variables()[0].value, "7");
/// stepper.go(Motion::Finish, Way::Backwards)?;
/// assert_eq!(stepper.state().step, 1);
/// # Ok::<(), Error>(())
/// ```
pub struct Stepper {
    pub(super) session: Session,
    pub(super) program: Program,
    state: Arc<State>,
    /// The state at the stop before, to see what has changed.
    last: Arc<State>,
    pub(super) breakpoints: Vec<Breakpoint>,
    pub(super) watchpoints: Vec<Watchpoint>,
    /// The expressions that are shown at each stop, with their numbers.
    pub(super) displays: Vec<(u32, String)>,
    /// The number of breakpoints and watchpoints that have been set, and of expressions to show.
    pub(super) numbers: u32,
    pub(super) numbers_of_displays: u32,
    pub(super) sources: Sources,
    /// The calls at the position, the innermost first.
    calls: Vec<CallFrame>,
    selected: usize,
    reason: Reason,
    /// The depth, the function and the variables at the stop before.
    before: (usize, String, Vec<Variable>),
}

/// A motion through the run.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Motion {
    /// To the next line, also in another function.
    Step,
    /// To the next line, over calls.
    Next,
    /// To the next instruction.
    StepInstruction,
    /// To the next instruction, over calls.
    NextInstruction,
    /// Out of the selected call; backwards, to where it was called.
    Finish,
    /// To a breakpoint or watchpoint.
    Continue,
}

/// The reason of a stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// This is where the run begins.
    Beginning,
    /// A motion has reached its goal.
    Step,
    /// The call has returned, with this value if it is a number or a pointer.
    Finished(Option<String>),
    /// The breakpoint of this number.
    Breakpoint(u32),
    /// The instruction before has written to what a watchpoint watches.
    Watchpoint {
        /// The number of the watchpoint.
        number: u32,
        /// The variable or the addresses.
        what: String,
        /// The value before.
        old: String,
        /// The value now.
        new: String,
    },
    /// This is the last instruction. The text is the error that ended the run, if one did.
    End(Option<String>),
}

impl Reason {
    /// Returns `true` if a motion has reached its goal, and may be repeated.
    pub(super) fn is_of_motion(&self) -> bool {
        matches!(self, Self::Step | Self::Finished(_) | Self::Breakpoint(_))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Beginning => f.write_str("the run begins here"),
            Self::Step => f.write_str("step"),
            Self::Finished(None) => f.write_str("finished"),
            Self::Finished(Some(value)) => write!(f, "finished: the function returned {value}"),
            Self::Breakpoint(number) => write!(f, "breakpoint {number}"),
            Self::Watchpoint { number, what, old, new } => {
                write!(f, "watchpoint {number}: {what}: {old} -> {new}")
            }
            Self::End(None) => f.write_str("the run ends here"),
            Self::End(Some(ending)) => write!(f, "the run ends here: {ending}"),
        }
    }
}

impl Stepper {
    /// Creates a stepper at the first statement of a run, or at its first instruction if no source
    /// is known.
    ///
    /// # Errors
    ///
    /// Returns an error if the run has no instructions or cannot be repeated.
    pub fn new(session: Session, program: Program, mut sources: Sources) -> Result<Self> {
        for (path, text) in program.lines().into_iter().flat_map(Lines::texts) {
            sources.add_text(path, text);
        }
        let mut session = session.with_statements(program.statements().clone());
        let state = session.state(0)?;
        let mut stepper = Self {
            session,
            program,
            last: state.clone(),
            state,
            breakpoints: Vec::new(),
            watchpoints: Vec::new(),
            displays: Vec::new(),
            numbers: 0,
            numbers_of_displays: 0,
            sources,
            calls: Vec::new(),
            selected: 0,
            reason: Reason::Beginning,
            before: (0, String::new(), Vec::new()),
        };
        stepper.start()?;
        stepper.last = stepper.state.clone();
        Ok(stepper)
    }

    /// Goes to the first statement of the run, or to its first instruction if no source is known.
    ///
    /// # Errors
    ///
    /// Returns an error if the run cannot be repeated.
    pub fn start(&mut self) -> Result<()> {
        let first = self.session.state(0)?.place().offset;
        let mut step = 0;
        if self.program.has_source() && self.program.statements().at(first).is_none() {
            let until = Some(Until::Statement(usize::MAX));
            let found = self.session.search(0, Way::Forwards, until, &Stops::default())?;
            step = found.map_or(0, |found| found.step);
        }
        self.arrive(step, Reason::Beginning)
    }

    /// Returns the source files.
    pub fn sources(&mut self) -> &mut Sources {
        &mut self.sources
    }

    /// Returns the run.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Returns the program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Returns the current state.
    pub fn state(&self) -> &Arc<State> {
        &self.state
    }

    /// Returns the state at the stop before.
    pub fn last(&self) -> &Arc<State> {
        &self.last
    }

    /// Returns the reason of the stop.
    pub fn reason(&self) -> &Reason {
        &self.reason
    }

    /// Returns the breakpoints.
    pub fn breakpoints(&self) -> &[Breakpoint] {
        &self.breakpoints
    }

    /// Returns `true` if a breakpoint stops at the position.
    pub fn is_at_breakpoint(&self) -> bool {
        self.breakpoints.iter().any(|point| point.stops_in(&self.state))
    }

    /// Returns the watchpoints.
    pub fn watchpoints(&self) -> &[Watchpoint] {
        &self.watchpoints
    }

    /// Returns the calls at the position, the innermost first.
    pub fn calls(&self) -> &[CallFrame] {
        &self.calls
    }

    /// Returns the number of the selected call.
    pub fn selection(&self) -> usize {
        self.selected
    }

    /// Returns the selected call, or `None` if no code of the module is being executed.
    pub fn selected(&self) -> Option<&CallFrame> {
        self.calls.get(self.selected)
    }

    /// Selects a call. Returns `false` if there is none of this number.
    pub fn select(&mut self, number: usize) -> bool {
        let exists = number < self.calls.len();
        if exists {
            self.selected = number;
        }
        exists
    }

    /// Returns the variables of the selected call.
    pub fn variables(&self) -> Vec<Variable> {
        let call = self.selected();
        call.map(|call| self.program.variables(&self.state, call)).unwrap_or_default()
    }

    /// Returns the names of the innermost call's variables that have changed since the stop before.
    pub fn changed(&self) -> Vec<String> {
        let (depth, func, before) = &self.before;
        let Some(call) = self.calls.first() else { return Vec::new() };
        if *depth != self.state.depth || *func != call.position.func || self.selected > 0 {
            return Vec::new();
        }
        let has_changed = |variable: &Variable| {
            let earlier = before.iter().find(|earlier| earlier.name == variable.name);
            earlier.is_some_and(|earlier| earlier.value != variable.value)
        };
        let variables = self.program.variables(&self.state, call);
        variables.into_iter().filter(has_changed).map(|variable| variable.name).collect()
    }

    /// Returns the text that the guest has printed so far.
    pub fn output(&self) -> String {
        self.session.recording().output(self.state.host_calls)
    }

    /// Moves through the run. Returns `false` if there is nothing more in this direction: then the
    /// position is the first or the last instruction.
    ///
    /// # Errors
    ///
    /// Returns an error if the run cannot be repeated.
    pub fn go(&mut self, motion: Motion, way: Way) -> Result<bool> {
        let step = self.state.step;
        let depth = self.state.depth;
        let by_line = self.program.has_source();
        let until = match motion {
            Motion::Step if by_line => Some(Until::Statement(usize::MAX)),
            Motion::Next if by_line => Some(Until::Statement(depth)),
            Motion::Step | Motion::StepInstruction => Some(Until::Depth(usize::MAX)),
            Motion::Next | Motion::NextInstruction => Some(Until::Depth(depth)),
            Motion::Finish => Some(Until::Depth(depth.saturating_sub(self.selected + 1))),
            Motion::Continue => None,
        };
        let stops = self.stops();
        if until == Some(Until::Depth(0)) && stops == Stops::default() {
            // The outermost function leads to the end of the run.
            return self.go_to_end(way);
        }
        match self.session.search(step, way, until, &stops)? {
            Some(found) => {
                let mut reason = self.reason_of(&found)?;
                if motion == Motion::Finish && found.why == Why::Motion {
                    let is_forwards = way == Way::Forwards;
                    let state = self.session.state(found.step)?;
                    reason = Reason::Finished(self.returned(&state).filter(|_| is_forwards));
                }
                self.arrive(found.step, reason)?;
                Ok(true)
            }
            None => self.go_to_end(way),
        }
    }

    /// Returns what the selected call has returned in the state behind it.
    fn returned(&self, state: &State) -> Option<String> {
        let call = self.selected()?.call.as_ref().filter(|call| !call.is_inlined)?;
        let value = state.frames.first()?.operands.last()?;
        self.program.info()?.returned(call, value, &state.frame(0))
    }

    /// Goes to the first or the last instruction. Returns `false`.
    fn go_to_end(&mut self, way: Way) -> Result<bool> {
        let (step, reason) = match way {
            Way::Backwards => (0, Reason::Beginning),
            Way::Forwards => {
                let ending = self.session.recording().ending().map(str::to_owned);
                (self.session.len().saturating_sub(1), Reason::End(ending))
            }
        };
        self.arrive(step, reason)?;
        Ok(false)
    }

    /// Goes to an instruction of the run, or to the last one.
    ///
    /// # Errors
    ///
    /// Returns an error if the run cannot be repeated.
    pub fn go_to(&mut self, step: u64) -> Result<()> {
        match step {
            0 => self.go_to_end(Way::Backwards).map(drop),
            step if step + 1 >= self.session.len() => self.go_to_end(Way::Forwards).map(drop),
            step => self.arrive(step, Reason::Step),
        }
    }

    fn arrive(&mut self, step: u64, reason: Reason) -> Result<()> {
        let state = self.session.state(step)?;
        if let Some(call) = self.calls.first() {
            let variables = self.program.variables(&self.state, call);
            self.before = (self.state.depth, call.position.func.clone(), variables);
        }
        self.calls = self.program.calls(&state, MOST_CALLS);
        self.last = std::mem::replace(&mut self.state, state);
        self.selected = 0;
        self.reason = reason;
        Ok(())
    }

    fn stops(&self) -> Stops {
        let always = self.breakpoints.iter().filter(|point| point.conditions.is_empty());
        let conditions = self
            .breakpoints
            .iter()
            .flat_map(|point| point.offsets.iter().copied().zip(point.conditions.iter().cloned()));
        Stops {
            breakpoints: always.flat_map(|point| point.offsets.clone()).collect(),
            conditions: conditions.collect(),
            watched: self.watched_memory().map(|(_, addresses)| addresses.clone()).collect(),
            locals: self.watched_locals().map(|(_, local)| local).collect(),
        }
    }

    fn watched_memory(&self) -> impl Iterator<Item = (&Watchpoint, &Range<u64>)> {
        self.watchpoints.iter().filter_map(|point| match &point.place {
            WatchedPlace::Memory(addresses) => Some((point, addresses)),
            WatchedPlace::Local { .. } => None,
        })
    }

    fn watched_locals(&self) -> impl Iterator<Item = (&Watchpoint, (u32, u32))> {
        self.watchpoints.iter().filter_map(|point| match point.place {
            WatchedPlace::Memory(_) => None,
            WatchedPlace::Local { func, index } => Some((point, (func, index))),
        })
    }

    /// Returns the reason of a stop, and removes the breakpoint if it is temporary.
    fn reason_of(&mut self, found: &Found) -> Result<Reason> {
        let state = self.session.state(found.step)?;
        Ok(match found.why {
            Why::Motion => Reason::Step,
            Why::Breakpoint => {
                let own = |point: &Breakpoint| point.stops_in(&state);
                let Some(index) = self.breakpoints.iter().position(own) else {
                    return Ok(Reason::Step);
                };
                let point = &self.breakpoints[index];
                let reason = Reason::Breakpoint(point.number);
                if point.is_temporary {
                    self.breakpoints.remove(index);
                }
                reason
            }
            Why::Watched(index) => {
                let point = self.watched_memory().nth(index).map(|(point, _)| point.clone());
                self.changed_value(point, found.step)?
            }
            Why::Changed(index) => {
                let point = self.watched_locals().nth(index).map(|(point, _)| point.clone());
                self.changed_value(point, found.step)?
            }
        })
    }

    /// Returns the reason of a stop at a watchpoint, with the values before and now.
    fn changed_value(&mut self, point: Option<Watchpoint>, step: u64) -> Result<Reason> {
        let Some(point) = point else { return Ok(Reason::Step) };
        let before = self.session.state(step.saturating_sub(1))?;
        let now = self.session.state(step)?;
        let [old, new] = [before, now].map(|state| self.watched(&point, &state));
        Ok(Reason::Watchpoint { number: point.number, what: point.variable.name, old, new })
    }

    /// Returns the value of what a watchpoint watches.
    fn watched(&self, point: &Watchpoint, state: &State) -> String {
        match (&point.place, self.program.info()) {
            (WatchedPlace::Local { index, .. }, info) => {
                let value = state.frames.first().and_then(|own| own.locals.get(*index as usize));
                let of_source = info.zip(value).and_then(|(info, value)| {
                    info.value_in_local(&point.variable, value, &state.frame(0))
                });
                let locals = self.program.locals(state, 0);
                let own = || locals.get(*index as usize).map(|local| local.value.clone());
                of_source.or_else(own).unwrap_or_default()
            }
            (WatchedPlace::Memory(_), Some(info)) if !point.variable.ty.is_empty() => {
                info.reread(&point.variable, &state.frame(0)).value
            }
            (WatchedPlace::Memory(Range { start, end }), _) => {
                let len = end.saturating_sub(*start).min(16) as usize;
                let bytes = state.memory.get(*start as usize, len);
                bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
            }
        }
    }
}
