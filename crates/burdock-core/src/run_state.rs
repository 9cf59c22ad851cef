//! `RunState`: the state of one run as one value, saved as a whole while another run executes.
//!
//! A *run* is a call from the host, into a guest or to a host function. Runs nest: a host function
//! or a hook may call a guest, and a run may have a stack of its own (resumable and asynchronous
//! calls). Everything that the machine records about the current guest is a field of [`RunState`],
//! so that a nested run cannot change the state with which the run around it continues. State of
//! the store as a whole (fuel, the epoch's deadline, entities, code) is not kept in `RunState`.

use crate::host::RawHost;
use crate::instance::Instance;
use crate::memory::NO_MEMORY;
use crate::run::{PausedAt, PausedRun};
use crate::stack::Stack;
use crate::vm::{Parked, Switch, Vm, VmConfig};
use crate::watched::Watched;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ptr::{self, NonNull};

/// A return that a hook has requested: the guest returns from its function instead of going on
/// behind the site at which it stands.
pub(crate) struct EarlyReturn {
    /// The position of the frame's record.
    pub(crate) record: u16,
    /// The results. They are not written to the frame yet, because hooks may still write its
    /// locals.
    pub(crate) results: Box<[u64]>,
}

/// The consequence for a run of an error that its host function or hook returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnError {
    /// The run ends.
    End,
    /// The run is taken out of the store, and can be resumed.
    Pause,
    /// The run keeps its place if the host says that the error stands for waiting.
    Suspend,
}

/// The state of a run.
pub(crate) struct RunState {
    /// The place where the guest was left last.
    pub(crate) parked: Parked,
    /// First free slot of the run's stack, while the guest is parked.
    pub(crate) top: usize,
    /// Number of frames of the run, in code that counts them.
    pub(crate) frames: usize,
    /// The run's host.
    pub(crate) host: RawHost,
    /// The instance whose code runs.
    pub(crate) instance: *mut Instance,
    /// Stamp that cursors to the parked guest's frames carry, while `parked` is marked.
    pub(crate) view: u64,
    /// Stamp of the wait for work of the embedder; 0 if the run does not wait.
    pub(crate) waits: u64,
    /// Number of entries of `Runs::switches` that belong to runs outside of this one.
    pub(crate) switches: u32,
    /// Number of stacks that are suspended beneath the run's own.
    pub(crate) stack: u32,
    /// The place where the run can be resumed after the error that stopped it.
    pub(crate) paused_at: Option<Box<PausedAt>>,
    /// The return that a hook has requested at the site at which the guest stands.
    pub(crate) early_return: Option<Box<EarlyReturn>>,
    pub(crate) on_error: OnError,
    /// Reasons why a guest at a site does not simply go on: `Vm::FOLLOW`, `Vm::NEWER`, `Vm::LEFT`.
    pub(crate) detours: u8,
    /// `true` if the host has returned an error that the calling instruction has yet to handle.
    pub(crate) host_failed: bool,
}

impl RunState {
    /// The state of a store in which no run executes, and of a run that begins.
    pub(crate) const IDLE: Self = Self {
        parked: Parked::NOWHERE,
        top: 0,
        frames: 0,
        host: RawHost::NONE,
        instance: ptr::null_mut(),
        view: 0,
        waits: 0,
        switches: 0,
        stack: 0,
        paused_at: None,
        early_return: None,
        on_error: OnError::End,
        detours: 0,
        host_failed: false,
    };

    /// Notes the stamp of the call that waits in this run; 0 if none does. `Vm::LEFT` says the same
    /// where native handlers look.
    pub(crate) fn set_waits(&mut self, stamp: u64) {
        self.waits = stamp;
        self.detours &= !Vm::LEFT;
        if stamp != 0 {
            self.detours |= Vm::LEFT;
        }
    }

    /// Discards the place from which the run could have been resumed.
    #[cold]
    #[inline(never)]
    fn forget_stop(&mut self) {
        (self.paused_at, self.early_return) = (None, None);
    }

    /// Returns the state of a run whose guest is left at a place, to be put into a store later.
    pub(crate) fn left_at(parked: Parked, frames: usize, top: usize) -> Self {
        Self { parked, frames, top, ..Self::IDLE }
    }
}

/// The runs of a store beside the current one, and their stacks.
pub(crate) struct Runs {
    /// The states of the runs that wait for the current one, the outermost first. The first is that
    /// of a store in which no run executes.
    pub(crate) waiting: Vec<RunState>,
    /// The stack of the current run.
    pub(crate) stack: Stack,
    /// The stacks of runs that wait for a run with a stack of its own, the outermost first.
    pub(crate) waiting_stacks: Vec<Stack>,
    /// Stacks of runs that have ended.
    pub(crate) spare_stacks: Vec<Stack>,
    /// The returns of calls into other instances, of all runs.
    pub(crate) switches: Vec<Switch>,
    /// The stack position of the arguments of the call that begins, and of the results of the call
    /// that ended last.
    pub(crate) args: usize,
    /// Words that may be references, which only the machine's own code holds while it calls the
    /// host.
    pub(crate) held: Vec<u64>,
    /// The runs that were taken out of the store and can be resumed.
    pub(crate) paused: Watched<PausedRun>,
    /// The latest stamp of cursors to a parked guest's frames. Each mark gets a new stamp.
    pub(crate) views: u64,
}

impl Runs {
    pub(crate) fn new(config: &VmConfig) -> Self {
        Self {
            waiting: Vec::new(),
            stack: Stack::new(config.initial_stack_bytes / 8, config.max_stack_bytes / 8),
            waiting_stacks: Vec::new(),
            spare_stacks: Vec::new(),
            switches: Vec::new(),
            args: 0,
            held: Vec::new(),
            paused: Watched::NONE,
            views: 0,
        }
    }
}

impl Vm {
    /// Saves the state of the current run, and gives the store a fresh one for a run on the same
    /// stack that uses the slots from `top` on. Returns the depth to pass to
    /// [`end_runs`](Self::end_runs).
    #[inline(always)]
    pub(crate) fn begin_run(&mut self, top: usize, on_error: OnError) -> usize {
        let depth = self.runs.waiting.len();
        let state = RunState {
            top,
            switches: self.runs.switches.len() as u32,
            stack: self.run.stack,
            detours: self.run.detours & Self::NEWER,
            on_error,
            ..RunState::IDLE
        };
        // `push` would copy the state twice: it takes the state before it reserves room.
        self.runs.waiting.reserve(1);
        let place = &mut self.runs.waiting.spare_capacity_mut()[0];
        place.write(core::mem::replace(&mut self.run, state));
        // SAFETY: [RUN] room was reserved, and the state has just been written to it.
        unsafe { self.runs.waiting.set_len(depth + 1) };
        depth
    }

    /// Begins a run like [`begin_run`](Self::begin_run), on a stack of its own.
    pub(crate) fn begin_run_on(&mut self, stack: Stack, on_error: OnError) -> usize {
        let depth = self.begin_run(0, on_error);
        self.runs.waiting_stacks.push(core::mem::replace(&mut self.runs.stack, stack));
        self.run.stack += 1;
        self.refresh_stack();
        depth
    }

    /// Ends all runs deeper than `depth`, and restores the state that the store had at `depth`.
    #[inline(always)]
    pub(crate) fn end_runs(&mut self, depth: usize) {
        while self.runs.waiting.len() > depth {
            self.end_run();
        }
    }

    /// Ends the runs deeper than `depth` that a host function or a hook has begun and left behind
    /// when it returned. (It may have polled an asynchronous call and leaked its future.)
    #[inline(always)]
    pub fn settle(&mut self, depth: usize) {
        if self.runs.waiting.len() != depth {
            self.end_leaked_runs(depth);
        }
    }

    #[cold]
    #[inline(never)]
    fn end_leaked_runs(&mut self, depth: usize) {
        self.end_runs(depth);
    }

    /// Ends the runs that a hook has begun at a site and left behind when it returned, like
    /// [`settle`](Self::settle). Only a run that waits can be left, and none that waits executes a
    /// guest. Returns `true` if there were any.
    pub(crate) fn end_left_runs(&mut self) -> bool {
        let left = self.run.detours & Self::LEFT != 0;
        while self.run.detours & Self::LEFT != 0 {
            self.end_run();
        }
        left
    }

    /// Ends the current run; the run around it becomes the current one, with its own state.
    #[inline(always)]
    pub(crate) fn end_run(&mut self) {
        let RunState { switches, stack, detours, .. } = self.run;
        if self.run.paused_at.is_some() || self.run.early_return.is_some() {
            self.run.forget_stop();
        }
        let Some(outer) = self.runs.waiting.pop() else { return };
        // The replaced state has nothing to drop; `forget` saves the check.
        core::mem::forget(core::mem::replace(&mut self.run, outer));
        self.go_on(switches, detours);
        if stack != self.run.stack {
            self.end_stack();
        }
    }

    /// Takes the current run out of the store, with its stack if it has one of its own.
    pub(crate) fn take_run(&mut self) -> (RunState, Option<Stack>) {
        let outer = self.runs.waiting.pop().unwrap_or(RunState::IDLE);
        let state = core::mem::replace(&mut self.run, outer);
        self.go_on(state.switches, state.detours);
        let own = (state.stack != self.run.stack).then(|| self.take_stack());
        (state, own.flatten())
    }

    /// Updates everything that depends on the state, after a run that began with `switches`
    /// switches and ended with the detours `detours`.
    #[inline(always)]
    fn go_on(&mut self, switches: u32, detours: u8) {
        // Code may have been replaced for all runs meanwhile, and changes may wait for the event at
        // which the outer guest stands. Asking the host once too often changes nothing.
        self.run.detours |= detours & !Self::LEFT;
        self.runs.switches.truncate(switches as usize);
        match NonNull::new(self.run.instance) {
            Some(instance) => self.enter_instance(instance),
            None => self.hot.memory = &raw const NO_MEMORY,
        }
    }

    /// Makes the stack beneath the current one the store's stack again.
    fn take_stack(&mut self) -> Option<Stack> {
        let stack = core::mem::replace(&mut self.runs.stack, self.runs.waiting_stacks.pop()?);
        self.refresh_stack();
        Some(stack)
    }

    #[cold]
    #[inline(never)]
    fn end_stack(&mut self) {
        let ended = self.take_stack();
        self.runs.spare_stacks.extend(ended);
    }

    /// Returns a stack for a run that has one of its own.
    pub(crate) fn new_stack(&mut self) -> Stack {
        self.runs.spare_stacks.pop().unwrap_or_else(|| {
            let config = &self.config;
            Stack::new(config.initial_stack_bytes / 8, config.max_stack_bytes / 8)
        })
    }

    /// Adds words, which may be references, to the roots. Returns the number of words before, to
    /// pass to [`release`](Self::release).
    pub fn hold(&mut self, words: impl IntoIterator<Item = u64>) -> usize {
        let before = self.runs.held.len();
        self.runs.held.extend(words);
        before
    }

    /// Removes the words that were added to the roots since there were `before` of them.
    pub fn release(&mut self, before: usize) {
        self.runs.held.truncate(before);
    }

    /// Returns the number of runs that execute or wait.
    pub fn depth(&self) -> usize {
        self.runs.waiting.len()
    }

    /// Returns `true` if a call is in progress. The caller of this function is then a host function
    /// or a hook, and values may be on the stack.
    pub fn is_running(&self) -> bool {
        !self.runs.waiting.is_empty() || self.run.top != 0
    }

    /// Returns the state of one of the runs that execute or wait, counted from the outermost.
    pub(crate) fn run_at(&self, run: usize) -> Option<&RunState> {
        if run == self.runs.waiting.len() { Some(&self.run) } else { self.runs.waiting.get(run) }
    }

    /// Returns the stack of a run.
    pub(crate) fn stack_of(&self, run: &RunState) -> &Stack {
        self.waiting_stack(run.stack)
    }

    /// Returns the stack of a run, to be written.
    pub(crate) fn stack_of_mut(&mut self, run: usize) -> Option<&mut Stack> {
        let number = self.run_at(run)?.stack;
        Some(self.waiting_stack_mut(number))
    }

    /// Returns the stack beneath which `number` stacks are suspended.
    fn waiting_stack(&self, number: u32) -> &Stack {
        self.runs.waiting_stacks.get(number as usize).unwrap_or(&self.runs.stack)
    }

    /// Returns the stack beneath which `number` stacks are suspended, to be written.
    fn waiting_stack_mut(&mut self, number: u32) -> &mut Stack {
        self.runs.waiting_stacks.get_mut(number as usize).unwrap_or(&mut self.runs.stack)
    }

    /// Marks the parked guests of all runs, because a cursor to a frame leads to the frames of
    /// outer runs.
    #[inline]
    pub(crate) fn view_runs(&mut self) {
        for run in [&mut self.run].into_iter().chain(self.runs.waiting.iter_mut().rev()) {
            if run.parked.ip.is_null() {
                // The run has no guest.
                continue;
            }
            if run.parked.is_viewed() {
                // The runs outside of a marked run are marked, too: they have not gone on since.
                break;
            }
            self.runs.views += 1;
            run.parked.view();
            run.view = self.runs.views;
        }
    }

    /// Returns the first slot behind the frame that a guest was left in.
    pub(crate) fn end_of_frame(&self, parked: &Parked) -> usize {
        let ip = parked.ip();
        // SAFETY: [ADDR] an instance lives as long as the store.
        let found = unsafe { parked.instance.as_ref() }.and_then(|instance| instance.place(ip));
        match found {
            // The stack may have no room for the frame yet: only arguments and record are written.
            Some(place) if place.is_start => parked.sp + usize::from(place.meta.record) + 2,
            Some(place) => parked.sp + place.meta.frame as usize,
            // In a stub, the whole stack may be in use.
            None => self.runs.stack.len(),
        }
    }
}
