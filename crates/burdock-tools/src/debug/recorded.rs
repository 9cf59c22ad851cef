//! `Recorded`: a recorded run as a debuggee, which runs backward as well.
//!
//! The run is repeated in a store whose host functions answer as they were recorded. A guest has no
//! way back, so going back means to run again from a snapshot: once to find the last stop before
//! the current position, and once to go there. Positions have a time, the number of functions
//! entered and loop iterations begun so far; within one tick of this clock, no operator is executed
//! twice in a frame.

mod replayer;

use super::debuggee::{
    Debuggee, FrameInfo, Interrupt, ModuleInfo, Resume, Space, Stop, Value, Watch,
};
use super::handler::{Naming, Options, attach, lock};
use super::live::Live;
use super::seek::{Position, Seek};
use crate::step::{Answered, Entry, Recording, ReplayedExit, Session};
use burdock::{Module, Result, bail, format_err};
use replayer::{Command, Replayer};
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};

/// A recorded run.
///
/// # Example
///
/// ```
/// use burdock::*;
/// use burdock_tools::debug::{Debuggee, Recorded, Resume, Run, Stop};
/// use burdock_tools::step::{Entry, Recorder};
/// let mut config = Config::new();
/// config.guest_debug(true).epoch_interruption(true);
/// let engine = Engine::new(&config)?;
/// let module = Module::new(&engine, r#"(module
///     (func (export "run") (param i32)
///         (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))"#)?;
/// let mut store = Store::new(&engine, ());
/// store.set_epoch_deadline(1);
/// let recorder = Recorder::attach(&mut store, &module);
/// let instance = Instance::new(&mut store, &module, &[])?;
/// instance.get_typed_func::<i32, ()>(&mut store, "run")?.call(&mut store, 3)?;
/// let recording = recorder.finish(&mut store, None);
///
/// let entries = vec![Entry { name: "run".into(), args: vec![Val::I32(3)] }];
/// let (name, preloads) = ("run.wasm".to_owned(), Vec::new());
/// let run = Run { module, name, preloads, recording, entries, status: 0 };
/// let mut recorded = Recorded::new(run, Box::new(|_| None))?;
/// assert_eq!(recorded.attach()?, Stop::Entry);
/// let first = recorded.frames()?[0].pc;
/// // The loop's `local.tee`.
/// recorded.set_breakpoint(0, first + 7)?;
/// recorded.resume(Resume::Continue)?;
/// recorded.resume(Resume::Continue)?;
/// let second = recorded.local(0, 0)?;
/// assert_eq!(recorded.resume(Resume::BackContinue)?, Stop::Breakpoint);
/// assert_ne!(recorded.local(0, 0)?, second);
/// assert_eq!(recorded.resume(Resume::BackContinue)?, Stop::Beginning);
/// # Ok::<(), Error>(())
/// ```
pub struct Recorded {
    live: Live<Answered>,
    commands: Sender<Command>,
    /// The position before the first operator.
    first: Option<Position>,
    /// `true` at the last operator, after which the recording ends.
    at_end: bool,
    /// The error that ended the run.
    ending: Option<String>,
    status: u8,
}

/// A run that was recorded, with everything that is needed to repeat it.
pub struct Run {
    /// The main module. Its engine is configured for debugging, as for [`attach`](super::attach).
    pub module: Module,
    /// The path or name of the main module.
    pub name: String,
    /// The modules that were instantiated before, by name.
    pub preloads: Vec<(String, Module)>,
    /// The actions of the host.
    pub recording: Recording,
    /// The exports that the host called.
    pub entries: Vec<Entry>,
    /// The exit status of the run.
    pub status: u8,
}

impl Recorded {
    /// Prepares a recorded run, which stands before its first operator.
    ///
    /// # Errors
    ///
    /// Fails if the run cannot be repeated, as
    /// [`Session::with_preloads`](crate::step::Session::with_preloads) does.
    pub fn new(run: Run, name: Naming) -> Result<Self> {
        Session::with_preloads(&run.module, &run.preloads, Recording::default(), Vec::new())?;
        let (status, ticks) = (run.status, run.recording.ticks);
        let ending = run.recording.ending.clone();
        let mut store = Answered::store(run.module.engine(), Arc::new(run.recording));
        let is_exit = |error: &burdock::Error| error.is::<ReplayedExit>();
        let options = Options { name, is_exit, ..Options::default() };
        let (live, guest) = attach(&mut store, &run.module, options)?;
        let shared = live.shared.clone();
        let (commands, received) = mpsc::channel();
        let modules = (run.module, run.preloads);
        let replayer =
            Replayer::new(store, modules, run.entries, (shared, guest), (ticks, status))?;
        std::thread::spawn(move || replayer.run(&received));
        commands.send(Command::Start).map_err(|_| gone())?;
        Ok(Self { live, commands, first: None, at_end: false, ending, status })
    }

    /// Returns the position at which the guest stands.
    fn position(&mut self) -> Result<Position> {
        let position = self.live.with(|_, control| Ok(control.position.clone()))?;
        position.ok_or_else(|| format_err!("no guest runs"))
    }

    /// Runs again from the last snapshot that is not after a tick, and looks for something. Returns
    /// the reason of the stop, and what was found on the way.
    fn seek(&mut self, tick: u64, seek: Seek) -> Result<(Stop, Option<(Position, Stop)>)> {
        if !self.live.has_ended() {
            self.live.kill();
            self.live.wait()?;
        }
        if let Some(stop) = self.live.aborted() {
            return Ok((stop, None));
        }
        self.live.stop = None;
        self.commands.send(Command::From { tick, seek }).map_err(|_| gone())?;
        let stop = self.live.wait()?;
        let found = match self.live.has_ended() {
            true => lock(&self.live.shared.control).found.take(),
            false => self.live.with(|_, control| Ok(control.found.take()))?,
        };
        Ok((stop, found))
    }

    /// Goes to a position, and stands there for this reason.
    fn go_to(&mut self, position: Position, reason: Stop) -> Result<Stop> {
        let tick = position.tick;
        let (stop, _) = self.seek(tick, Seek { target: Some(position), ..Seek::default() })?;
        match stop {
            Stop::Exited(_) => bail!("the run could not be repeated"),
            Stop::Interrupt | Stop::Aborted(_) => Ok(stop),
            _ => {
                self.live.stop = Some(reason.clone());
                Ok(reason)
            }
        }
    }

    /// Goes to the first operator, before which there is nothing.
    fn beginning(&mut self) -> Result<Stop> {
        match self.first.clone() {
            Some(first) => self.go_to(first, Stop::Beginning),
            None => bail!("the recording has no operator"),
        }
    }

    /// Goes back to the last stop before the guest's position.
    fn back_continue(&mut self) -> Result<Stop> {
        let here = self.position()?;
        let mut tick = here.tick;
        let mut seek = Seek { target: Some(here), ..Seek::default() };
        // From snapshot to snapshot, the last stretch first.
        loop {
            let (stop, found) = self.seek(tick, seek)?;
            if matches!(stop, Stop::Interrupt | Stop::Aborted(_)) {
                return Ok(stop);
            }
            if let Some((position, reason)) = found {
                return self.go_to(position, reason);
            }
            // The next stretch ends where this one began.
            let began = self.live.shared.clock.began();
            match began.checked_sub(1) {
                Some(before @ 1..) => tick = before,
                _ => return self.beginning(),
            }
            seek = Seek { until_tick: Some(began), ..Seek::default() };
        }
    }

    /// Goes back by one operator.
    fn back_step(&mut self) -> Result<Stop> {
        let here = self.position()?;
        // The operator may be in the tick before.
        let tick = here.tick.saturating_sub(1).max(1);
        let seek = Seek { target: Some(here), step_from: Some(tick), ..Seek::default() };
        match self.seek(tick, seek)? {
            (stop @ (Stop::Interrupt | Stop::Aborted(_)), _) => Ok(stop),
            (_, Some((position, _))) => self.go_to(position, Stop::Step),
            _ => self.beginning(),
        }
    }

    /// Goes to the last operator of the run, which has just ended. If a limit has ended the
    /// recorded run, such as its fuel, the reason is the error.
    fn end(&mut self) -> Result<Stop> {
        let clock = &self.live.shared.clock;
        let tick = clock.now();
        let reason = match self.ending.clone().filter(|_| clock.is_over()) {
            Some(ending) => Stop::Failure(ending),
            None => Stop::End,
        };
        let seek = Seek { step_from: Some(tick), ..Seek::default() };
        match self.seek(tick, seek)? {
            (_, Some((position, _))) => {
                let stop = self.go_to(position, reason.clone())?;
                self.at_end = stop == reason;
                Ok(stop)
            }
            (stop, None) => Ok(stop),
        }
    }
}

fn gone() -> burdock::Error {
    format_err!("the recording is gone")
}

/// Returns the error of an attempt to change what was recorded.
fn unchangeable() -> burdock::Error {
    format_err!("a recording cannot be changed")
}

impl Debuggee for Recorded {
    fn attach(&mut self) -> Result<Stop> {
        let stop = self.live.attach()?;
        if self.first.is_none() {
            self.first = self.position().ok();
        }
        Ok(stop)
    }

    fn detach(&mut self) -> Result<()> {
        // The recording stays where it is.
        Ok(())
    }

    fn kill(&mut self) {
        self.live.kill();
    }

    fn resume(&mut self, how: Resume) -> Result<Stop> {
        let at_end = std::mem::take(&mut self.at_end);
        if let Some(stop) = self.live.aborted() {
            return Ok(stop);
        }
        let stop = match how {
            Resume::BackContinue => return self.back_continue(),
            Resume::BackStep => return self.back_step(),
            Resume::Continue | Resume::Step if at_end => {
                self.live.kill();
                self.live.wait()?;
                return Ok(Stop::Exited(self.status));
            }
            Resume::Continue | Resume::Step => self.live.resume(how)?,
        };
        if matches!(stop, Stop::Exited(_)) { self.end() } else { Ok(stop) }
    }

    fn runs_backward(&self) -> bool {
        true
    }

    fn interrupt(&self) -> Interrupt {
        self.live.interrupt()
    }

    fn forget_interrupt(&mut self) {
        self.live.forget_interrupt();
    }

    fn modules(&mut self) -> Result<Vec<ModuleInfo>> {
        self.live.modules()
    }

    fn frames(&mut self) -> Result<Vec<FrameInfo>> {
        self.live.frames()
    }

    fn local(&mut self, frame: usize, index: u32) -> Result<Value> {
        self.live.local(frame, index)
    }

    fn operand(&mut self, frame: usize, index: u32) -> Result<Value> {
        self.live.operand(frame, index)
    }

    fn global(&mut self, frame: usize, index: u32) -> Result<Value> {
        self.live.global(frame, index)
    }

    fn set_local(&mut self, _: usize, _: u32, _: Value) -> Result<()> {
        Err(unchangeable())
    }

    fn set_operand(&mut self, _: usize, _: u32, _: Value) -> Result<()> {
        Err(unchangeable())
    }

    fn set_global(&mut self, _: usize, _: u32, _: Value) -> Result<()> {
        Err(unchangeable())
    }

    fn memory_size(&mut self, space: Space) -> Result<u64> {
        self.live.memory_size(space)
    }

    fn read(&mut self, space: Space, address: u64, len: usize) -> Result<Vec<u8>> {
        self.live.read(space, address, len)
    }

    fn write(&mut self, _: Space, _: u64, _: &[u8]) -> Result<()> {
        Err(unchangeable())
    }

    fn set_breakpoint(&mut self, module: u32, offset: u32) -> Result<u32> {
        self.live.set_breakpoint(module, offset)
    }

    fn remove_breakpoint(&mut self, module: u32, offset: u32) -> Result<()> {
        self.live.remove_breakpoint(module, offset)
    }

    fn set_watch(&mut self, watch: Watch) -> Result<()> {
        self.live.set_watch(watch)
    }

    fn remove_watch(&mut self, watch: &Watch) -> Result<()> {
        self.live.remove_watch(watch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burdock::{Config, Engine};

    #[test]
    fn a_panic_on_the_way_ends_the_session() {
        let engine = Engine::new(Config::new().guest_debug(true).epoch_interruption(true)).unwrap();
        let module = Module::new(&engine, "(module (func (export \"run\") nop nop))").unwrap();
        for how in [Resume::Continue, Resume::Step, Resume::BackContinue, Resume::BackStep] {
            let run = Run {
                module: module.clone(),
                name: "m".to_owned(),
                preloads: Vec::new(),
                recording: Recording { ticks: 1, steps: 2, ..Recording::default() },
                entries: vec![Entry { name: "run".to_owned(), args: Vec::new() }],
                status: 0,
            };
            let mut recorded = Recorded::new(run, Box::new(|_| None)).unwrap();
            recorded.attach().unwrap();
            recorded.resume(Resume::Step).unwrap();
            let panics = recorded.live.with(|_, _| -> Result<()> { panic!("on the way") });
            assert_eq!(panics.unwrap_err().to_string(), "the guest has ended");
            let text = "the thread that ran the guest has panicked";
            assert_eq!(recorded.resume(how).unwrap(), Stop::Aborted(text.to_owned()), "{how:?}");
            assert_eq!(recorded.frames().unwrap_err().to_string(), "the guest has ended");
        }
    }
}
