//! `RunState`: the state of one run as one value, put aside as a whole while another run is on.
//!
//! A *run* is a call from the host, into a guest or to a host function. Runs nest: a host function
//! or a hook may call a guest, and a run may have a stack of its own (resumable and asynchronous
//! calls). Whatever the machine notes about "the guest that is on" is a field of [`RunState`], so
//! that a nested run cannot change what the run around it goes on with. What belongs to the store
//! as a whole (fuel, the epoch's deadline, entities, code) is not here.

use crate::host::Seat;
use crate::instance::Instance;
use crate::memory::NO_MEMORY;
use crate::run::PausedAt;
use crate::stack::Stack;
use crate::vm::{Parked, Vm};
use alloc::boxed::Box;
use core::ptr::{self, NonNull};

/// A return that a hook has asked for: the guest returns from its function instead of going on
/// behind the site that it is at.
pub(crate) struct EarlyReturn {
    /// Where the frame's record lies.
    pub(crate) record: u16,
    /// The results. They are not in the frame yet, where hooks may still write locals.
    pub(crate) results: Box<[u64]>,
}

/// What happens to a run whose host function or hook returns an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnError {
    /// The run ends.
    End,
    /// The run is taken out of the store, and can be resumed.
    Pause,
    /// The run stays where it is if the host says that the error stands for waiting.
    Suspend,
}

/// The state of a run.
pub(crate) struct RunState {
    /// Where the guest was left last.
    pub(crate) parked: Parked,
    /// First free slot of the run's stack, while the guest is parked.
    pub(crate) top: usize,
    /// Frames of the run, where code counts them.
    pub(crate) frames: usize,
    /// The run's host and its services.
    pub(crate) seat: Seat,
    /// The instance whose code runs.
    pub(crate) instance: *mut Instance,
    /// Stamp of the latest look at the frames of the parked guest, while `parked` is marked.
    pub(crate) view: u64,
    /// Stamp of the wait for something that the embedder does meanwhile; 0 if the run does not wait.
    pub(crate) waits: u64,
    /// How many entries of `Vm::switches` belong to runs outside of this one.
    pub(crate) switches: u32,
    /// How many stacks are suspended beneath the run's own.
    pub(crate) stack: u32,
    /// Where the run could be resumed after the error that stopped it.
    pub(crate) paused_at: Option<Box<PausedAt>>,
    /// The return that was asked for at the site that the guest is at.
    pub(crate) early_return: Option<Box<EarlyReturn>>,
    pub(crate) on_error: OnError,
    /// What keeps a guest at a site from just going on: `Vm::FOLLOW`, `Vm::NEWER`.
    pub(crate) detours: u8,
    /// The host has returned an error, and the instruction that called it is to take note of that.
    pub(crate) host_failed: bool,
}

impl RunState {
    /// The state while no run is on, and of a run that begins.
    pub(crate) const IDLE: Self = Self {
        parked: Parked::NOWHERE,
        top: 0,
        frames: 0,
        seat: Seat::NOBODY,
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

    /// Forgets how the run could have gone on.
    #[cold]
    #[inline(never)]
    fn forget_stop(&mut self) {
        (self.paused_at, self.early_return) = (None, None);
    }

    /// The state of a run whose guest is left at a place, to be put into a store later.
    pub(crate) fn left_at(parked: Parked, frames: usize, top: usize) -> Self {
        Self { parked, frames, top, ..Self::IDLE }
    }
}

impl Vm {
    /// Puts the state of the run that is on aside, and gives the store a fresh one, for a run on
    /// the same stack that uses slots from `top` on. Returns the depth that
    /// [`end_runs`](Self::end_runs) goes back to.
    #[inline(always)]
    pub(crate) fn begin_run(&mut self, top: usize, on_error: OnError) -> usize {
        let depth = self.waiting.len();
        let state = RunState {
            top,
            switches: self.switches.len() as u32,
            stack: self.run.stack,
            detours: self.run.detours & Self::NEWER,
            on_error,
            ..RunState::IDLE
        };
        // `push` would copy the state twice: it is taken before there is room for it.
        self.waiting.reserve(1);
        let place = &mut self.waiting.spare_capacity_mut()[0];
        place.write(core::mem::replace(&mut self.run, state));
        // SAFETY: [RUN] there was room, and the state has just been written there.
        unsafe { self.waiting.set_len(depth + 1) };
        depth
    }

    /// As [`begin_run`](Self::begin_run), for a run on a stack of its own.
    pub(crate) fn begin_run_on(&mut self, stack: Stack, on_error: OnError) -> usize {
        let depth = self.begin_run(0, on_error);
        self.waiting_stacks.push(core::mem::replace(&mut self.stack, stack));
        self.run.stack += 1;
        self.refresh_stack();
        depth
    }

    /// Ends all runs deeper than `depth`, and gives the store the state that it had there.
    #[inline(always)]
    pub(crate) fn end_runs(&mut self, depth: usize) {
        while self.waiting.len() > depth {
            self.end_run();
        }
    }

    /// Ends runs deeper than `depth`: those that a host function or a hook, which has returned,
    /// began and never ended. (It has begun to poll an asynchronous call, and leaked that.)
    #[inline(always)]
    pub fn settle(&mut self, depth: usize) {
        if self.waiting.len() != depth {
            self.end_leaked_runs(depth);
        }
    }

    #[cold]
    #[inline(never)]
    fn end_leaked_runs(&mut self, depth: usize) {
        self.end_runs(depth);
    }

    /// Ends the run that is on; the one around it is on again, with its own state.
    #[inline(always)]
    pub(crate) fn end_run(&mut self) {
        let RunState { switches, stack, detours, .. } = self.run;
        if self.run.paused_at.is_some() || self.run.early_return.is_some() {
            self.run.forget_stop();
        }
        let Some(outer) = self.waiting.pop() else { return };
        // There is nothing to drop, and no need to look.
        core::mem::forget(core::mem::replace(&mut self.run, outer));
        self.go_on(switches, detours);
        if stack != self.run.stack {
            self.end_stack();
        }
    }

    /// Takes the run that is on out of the store, with its stack if it has one of its own.
    pub(crate) fn take_run(&mut self) -> (RunState, Option<Stack>) {
        let outer = self.waiting.pop().unwrap_or(RunState::IDLE);
        let state = core::mem::replace(&mut self.run, outer);
        self.go_on(state.switches, state.detours);
        let own = (state.stack != self.run.stack).then(|| self.take_stack());
        (state, own.flatten())
    }

    /// Brings what follows from the state up to date, after a run that began with so many switches
    /// and ended with these detours.
    #[inline(always)]
    fn go_on(&mut self, switches: u32, detours: u8) {
        // Code may have become newer meanwhile, for all runs, and changes may wait for the event
        // that the outer guest is at. Asking the host once more than needed changes nothing.
        self.run.detours |= detours;
        self.switches.truncate(switches as usize);
        match NonNull::new(self.run.instance) {
            Some(instance) => self.enter_instance(instance),
            None => self.memory = &raw const NO_MEMORY,
        }
    }

    /// The stack beneath is the store's again.
    fn take_stack(&mut self) -> Option<Stack> {
        let stack = core::mem::replace(&mut self.stack, self.waiting_stacks.pop()?);
        self.refresh_stack();
        Some(stack)
    }

    #[cold]
    #[inline(never)]
    fn end_stack(&mut self) {
        let ended = self.take_stack();
        self.spare_stacks.extend(ended);
    }

    /// A stack for a run of its own.
    pub(crate) fn new_stack(&mut self) -> Stack {
        self.spare_stacks.pop().unwrap_or_else(|| {
            let config = &self.config;
            Stack::new(config.initial_stack_bytes / 8, config.max_stack_bytes / 8)
        })
    }

    /// How many runs are on or wait.
    pub fn depth(&self) -> usize {
        self.waiting.len()
    }

    /// Whether a call is on: then a host function or a hook is asking, and values may be on the
    /// stack.
    pub fn is_running(&self) -> bool {
        !self.waiting.is_empty() || self.run.top != 0
    }

    /// The state of one of the runs that are on or wait, counted from the outermost.
    pub(crate) fn run_at(&self, run: usize) -> Option<&RunState> {
        if run == self.waiting.len() { Some(&self.run) } else { self.waiting.get(run) }
    }

    /// The stack of a run.
    pub(crate) fn stack_of(&self, run: &RunState) -> &Stack {
        self.waiting_stack(run.stack)
    }

    /// The stack of a run, to be written.
    pub(crate) fn stack_of_mut(&mut self, run: usize) -> Option<&mut Stack> {
        let number = self.run_at(run)?.stack;
        Some(self.waiting_stack_mut(number))
    }

    /// The stack beneath which so many are suspended.
    fn waiting_stack(&self, number: u32) -> &Stack {
        self.waiting_stacks.get(number as usize).unwrap_or(&self.stack)
    }

    /// The stack beneath which so many are suspended, to be written.
    fn waiting_stack_mut(&mut self, number: u32) -> &mut Stack {
        self.waiting_stacks.get_mut(number as usize).unwrap_or(&mut self.stack)
    }

    /// Marks the parked guests of all runs as looked at: a frame leads to those of runs outside.
    #[inline]
    pub(crate) fn view_runs(&mut self) {
        for run in [&mut self.run].into_iter().chain(self.waiting.iter_mut().rev()) {
            if run.parked.ip.is_null() {
                // It has no guest.
                continue;
            }
            if run.parked.is_viewed() {
                // So are those outside of it, which have not gone on since.
                break;
            }
            self.views += 1;
            run.parked.view();
            run.view = self.views;
        }
    }

    /// First slot behind the frame that a guest was left in.
    pub(crate) fn end_of_frame(&self, parked: &Parked) -> usize {
        let ip = parked.ip();
        // SAFETY: [ADDR] an instance lives as long as the store.
        let found = unsafe { parked.instance.as_ref() }.and_then(|instance| instance.place(ip));
        match found {
            // There may be no room for the frame yet: only arguments and record are there.
            Some(place) if place.is_start => parked.sp + usize::from(place.meta.record) + 2,
            Some(place) => parked.sp + place.meta.frame as usize,
            // In a stub: everything that there is room for may be in use.
            None => self.stack.len(),
        }
    }
}
