//! Runs: a call from the host into a guest, from its arguments to its results, a trap, or a place
//! where it can be resumed.

use crate::host::{Door, Event, Host, Seat, Stopping, call_host};
use crate::instance::{Func, Instance};
use crate::machine::{Machine, Stop};
use crate::memory::NO_MEMORY;
use crate::stack::Stack;
use crate::vm::{Parked, SlotSpan, Switch, Vm};
use crate::{FuncAddr, HostFunc};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use burdock_types::{Events, Trap};
use core::ptr::{self, NonNull};

/// Why a resumable call did not come to its end.
#[derive(Debug)]
pub enum Stopped<E> {
    /// It can't be resumed.
    Error(E),
    /// A host function erred; the call goes on when its results are there.
    HostError {
        /// What it erred with.
        error: E,
        /// The host function.
        func: FuncAddr,
        /// The call.
        paused: Paused,
    },
    /// The host erred when it was told of a site, or of the want of fuel; the call goes on with
    /// what comes next.
    Observed {
        /// What it erred with.
        error: E,
        /// The call.
        paused: Paused,
    },
    /// There is too little fuel; the call goes on when there is more.
    OutOfFuel {
        /// How much the next stretch of code costs.
        required: u64,
        /// The call.
        paused: Paused,
    },
}

/// A call that was stopped and can be resumed, in the store that it was made in.
pub struct Paused {
    stack: Stack,
    place: Box<PausedAt>,
    /// Tells the machine that this is there.
    _there: Arc<()>,
}

impl Paused {
    /// A call whose guest goes on at a place.
    pub(crate) fn at(stack: Stack, place: Box<PausedAt>, there: Arc<()>) -> Self {
        Self { stack, place, _there: there }
    }
}

impl core::fmt::Debug for Paused {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Paused").finish_non_exhaustive()
    }
}

// SAFETY: [OWN] it owns its frames; the instance is followed only in a run on its store.
unsafe impl Send for Paused {}
// SAFETY: [OWN] a shared reference to it can do nothing.
unsafe impl Sync for Paused {}

/// Calls a function: arguments as written to [`Vm::args_mut`], results as read from
/// [`Vm::results`].
///
/// Where `H::EVENTS` has [`Events::CALLS`], the host is told of the call, and of the host calls
/// within it; a host function called from the host counts as both.
///
/// # Errors
///
/// A trap, or the host's own error. [`Vm::take_trap_backtrace`] then has the frames.
pub fn run<H: Host>(host: &mut H, func: FuncAddr) -> Result<(), H::Error> {
    let start = host.vm().args;
    let end = start + host.vm().funcs[func.index()].span as usize;
    let top = core::mem::replace(&mut host.vm().top, end);
    let guard = Turn { host, top, start };
    let host = &mut *guard.host;
    if const { H::EVENTS.contains(Events::CALLS) } {
        host.event(Event::CallingWasm)?;
    }
    let result = run_at(host, func, start).map_err(|(error, stop)| {
        if stop == Some(Stop::OUT_OF_FUEL) {
            // What is left is not enough for anything; only a call that can be resumed keeps it.
            host.vm().fuel = 0;
        }
        error
    });
    if const { H::EVENTS.contains(Events::CALLS) } {
        host.event(Event::ReturningFromWasm)?;
    }
    result
}

/// Gives the stack back to the run that waits, also when the host panics.
struct Turn<'h, H: Host> {
    host: &'h mut H,
    top: usize,
    start: usize,
}

impl<H: Host> Drop for Turn<'_, H> {
    fn drop(&mut self) {
        let vm = self.host.vm();
        vm.top = self.top;
        vm.args = self.start;
    }
}

/// Runs a function whose arguments are at a position of the stack.
fn run_at<H: Host>(
    host: &mut H,
    func: FuncAddr,
    args: usize,
) -> Result<(), (H::Error, Option<Stop>)> {
    let callee = host.vm().funcs[func.index()];
    let Some(instance) = callee.instance else {
        let slots = SlotSpan { start: args, len: callee.span as usize };
        let parked = core::mem::replace(&mut host.vm().parked, Parked::NOWHERE);
        host.vm().outer.push(parked);
        let guard = HostOnly { host };
        return call_host(guard.host, HostFunc(callee.index), slots).map_err(|error| (error, None));
    };
    let record = args + callee.span as usize;
    let vm = host.vm();
    if !vm.stack.reserve(record + 2) {
        return Err((Trap::StackOverflow.into(), None));
    }
    let exit = vm.stubs.exit.as_ptr();
    vm.stack.slots_mut(record, 2).copy_from_slice(&[exit as u64, 0]);
    execute(host, Parked { ip: callee.entry, sp: args, instance: instance.as_ptr() }, 0)
}

/// Lets the run that waits go on after a host function called from the host.
struct HostOnly<'h, H: Host> {
    host: &'h mut H,
}

impl<H: Host> Drop for HostOnly<'_, H> {
    fn drop(&mut self) {
        let vm = self.host.vm();
        vm.parked = vm.outer.pop().unwrap_or(Parked::NOWHERE);
    }
}

/// What a run puts aside of the run that waits for it, and gives back in the end.
struct Outer<'h, H: Host> {
    door: Door<'h, H>,
    seat: Seat,
    instance: *mut Instance,
    switches: usize,
    frames: usize,
}

impl<'h, H: Host> Outer<'h, H> {
    fn new(host: &'h mut H) -> Self {
        let vm = host.vm();
        vm.outer.push(vm.parked);
        let (seat, instance, frames) = (vm.seat, vm.instance, vm.frames);
        let switches = vm.switches.len();
        Self { door: Door { host, error: None }, seat, instance, switches, frames }
    }
}

impl<H: Host> Drop for Outer<'_, H> {
    fn drop(&mut self) {
        let vm = self.door.host.vm();
        vm.parked = vm.outer.pop().unwrap_or(Parked::NOWHERE);
        vm.seat = self.seat;
        vm.frames = self.frames;
        vm.switches.truncate(self.switches);
        match NonNull::new(self.instance) {
            Some(instance) => vm.enter_instance(instance),
            None => (vm.instance, vm.memory) = (ptr::null_mut(), &raw const NO_MEMORY),
        }
    }
}

/// Lets the machine run from a position, with so many frames counted, until its outermost frame
/// returns.
fn execute<H: Host>(
    host: &mut H,
    from: Parked,
    frames: usize,
) -> Result<(), (H::Error, Option<Stop>)> {
    let vm = host.vm();
    if vm.outer.len() >= vm.config.max_host_depth as usize {
        return Err((Trap::StackOverflow.into(), None));
    }
    let mut outer = Outer::new(host);
    let seat = outer.door.seat();
    let vm = outer.door.host.vm();
    vm.seat = seat;
    vm.frames = frames;
    vm.refresh_stack();
    let vm = NonNull::from(vm);
    // SAFETY: [CODE] the position is a function's entry, or where a run was paused; [SLOT] its
    // frame has been reserved; [SEAT] the seat was taken just now.
    let stop = unsafe { Machine::run(vm, from) };
    let vm = outer.door.host.vm();
    if stop == Stop::DONE {
        return Ok(());
    }
    let frames = vm.config.backtrace_frames;
    if frames > 0 {
        vm.trap_backtrace = vm.backtrace(frames);
    }
    let resumable = vm.resumable == Some(vm.outer.len() - 1) && vm.paused_at.is_some();
    let door = &mut outer.door;
    let why = match (stop.trap(), &door.error) {
        (Some(trap), _) => Stopping::Trap(trap),
        (None, Some(error)) => Stopping::Error(error),
        (None, None) => Stopping::OutOfFuel,
    };
    let stopped = door.host.stopping(why, stop.trap().is_some() || !resumable);
    let vm = outer.door.host.vm();
    if let Some(paused) = &mut vm.paused_at {
        paused.switches = vm.switches.split_off(outer.switches);
    }
    if let Err(error) = stopped {
        if stop != Stop::OUT_OF_FUEL {
            vm.paused_at = None;
        }
        return Err((error, Some(Stop::HOST_ERROR)));
    }
    let error = match stop.trap() {
        Some(trap) => trap.into(),
        None => {
            let error = outer.door.error.take();
            error.unwrap_or_else(|| Trap::OutOfFuel.into())
        }
    };
    Err((error, Some(stop)))
}

/// Like [`run`], on a stack of its own, so that the call can be resumed after the host has erred (in
/// a function, or told of a site) or fuel has run out.
///
/// # Errors
///
/// [`Stopped`]
pub fn run_resumable<H: Host>(
    host: &mut H,
    func: FuncAddr,
    args: &[u64],
    results: &mut [u64],
) -> Result<(), Stopped<H::Error>> {
    let own = OwnStack::new(host, None);
    let host = &mut *own.host;
    let vm = host.vm();
    let span = vm.funcs[func.index()].span as usize;
    let slots = vm.args_mut(span).map_err(|trap| Stopped::Error(trap.into()))?;
    slots[..args.len()].copy_from_slice(args);
    vm.top = span;
    let outcome = with_events(host, |host| run_at(host, func, 0));
    own.finish(outcome, results)
}

/// Goes on with a call that was stopped; `host_results` are the results of the host function that
/// erred, if one did.
///
/// # Errors
///
/// [`Stopped`]
pub fn resume<H: Host>(
    host: &mut H,
    paused: Paused,
    host_results: &[u64],
    results: &mut [u64],
) -> Result<(), Stopped<H::Error>> {
    let Paused { stack, place, _there } = paused;
    let PausedAt { at, switches, frames, results: first, told, .. } = *place;
    let own = OwnStack::new(host, Some(stack));
    let host = &mut *own.host;
    let vm = host.vm();
    vm.stack.slots_mut(first, host_results.len()).copy_from_slice(host_results);
    vm.top = vm.stack.len();
    let outcome = with_events(host, |host| {
        let vm = host.vm();
        vm.switches.extend(switches);
        let ip = if told { vm.behind_site(at.ip) } else { at.ip };
        execute(host, Parked { ip, ..at }, frames)
    });
    own.finish(outcome, results)
}

/// Tells of a call around it.
fn with_events<H: Host>(
    host: &mut H,
    call: impl FnOnce(&mut H) -> Result<(), (H::Error, Option<Stop>)>,
) -> Result<(), (H::Error, Option<Stop>)> {
    if const { H::EVENTS.contains(Events::CALLS) } {
        host.event(Event::CallingWasm).map_err(|error| (error, None))?;
    }
    let result = call(host);
    if const { H::EVENTS.contains(Events::CALLS) } {
        host.event(Event::ReturningFromWasm).map_err(|error| (error, None))?;
    }
    result
}

/// A stack for one resumable call, in the place of the store's.
struct OwnStack<'h, H: Host> {
    host: &'h mut H,
    other: Option<Stack>,
    top: usize,
    args: usize,
    resumable: Option<usize>,
}

impl<'h, H: Host> OwnStack<'h, H> {
    fn new(host: &'h mut H, stack: Option<Stack>) -> Self {
        let vm = host.vm();
        let stack = stack.or_else(|| vm.spare_stacks.pop()).unwrap_or_else(|| {
            let config = &vm.config;
            Stack::new(config.initial_stack_bytes / 8, config.max_stack_bytes / 8)
        });
        let other = Some(core::mem::replace(&mut vm.stack, stack));
        let (top, args) = (vm.top, vm.args);
        vm.top = 0;
        vm.args = 0;
        let resumable = vm.resumable.replace(vm.outer.len());
        Self { host, other, top, args, resumable }
    }

    /// Copies the results, or keeps the stack for the call to be resumed.
    fn finish(
        mut self,
        outcome: Result<(), (H::Error, Option<Stop>)>,
        results: &mut [u64],
    ) -> Result<(), Stopped<H::Error>> {
        let vm = self.host.vm();
        let Err((error, stop)) = outcome else {
            results.copy_from_slice(vm.stack.slots(0, results.len()));
            return Ok(());
        };
        let place = vm.paused_at.take();
        let Some((stop, place)) = stop.zip(place).filter(|(stop, _)| stop.trap().is_none()) else {
            return Err(Stopped::Error(error));
        };
        let stack = self.other.take().map(|other| core::mem::replace(&mut vm.stack, other));
        let Some(stack) = stack else {
            return Err(Stopped::Error(error));
        };
        let (func, required) = (place.func, place.required);
        let paused = Paused::at(stack, place, vm.pause());
        Err(match func {
            _ if stop == Stop::OUT_OF_FUEL => Stopped::OutOfFuel { required, paused },
            Some(func) => Stopped::HostError { error, func, paused },
            None => Stopped::Observed { error, paused },
        })
    }
}

impl<H: Host> Drop for OwnStack<'_, H> {
    fn drop(&mut self) {
        let vm = self.host.vm();
        if let Some(other) = self.other.take() {
            let stack = core::mem::replace(&mut vm.stack, other);
            vm.spare_stacks.push(stack);
        }
        vm.top = self.top;
        vm.args = self.args;
        vm.resumable = self.resumable;
        vm.refresh_stack();
    }
}

/// Where a run was left so that it can go on there.
pub(crate) struct PausedAt {
    pub(crate) at: Parked,
    pub(crate) switches: Vec<Switch>,
    /// How many frames there are, where code counts them.
    pub(crate) frames: usize,
    /// The host function that erred.
    pub(crate) func: Option<FuncAddr>,
    /// Whether the host has been told already of the site that the guest is at.
    pub(crate) told: bool,
    /// Where its results are expected.
    pub(crate) results: usize,
    /// How much fuel the next stretch of code costs.
    pub(crate) required: u64,
}

impl Vm {
    /// Makes an instance the one whose code runs.
    pub(crate) fn enter_instance(&mut self, instance: NonNull<Instance>) {
        // SAFETY: [ADDR] an instance lives as long as the store.
        let current = unsafe { instance.as_ref() };
        self.instance = instance.as_ptr();
        self.entries = current.entries.as_ptr();
        self.globals_of_instance = current.globals.as_ptr();
        #[cfg(native_dispatch)]
        {
            self.callees.memories = current.memories.as_ptr();
            self.callees.tables = current.tables.as_ptr();
            self.callees.types = current.types.as_ptr().cast();
        }
        self.memory = current.memory();
    }

    /// The function at an address.
    #[inline(always)]
    pub(crate) fn callee(&self, func: FuncAddr) -> Func {
        self.funcs[func.index()]
    }
}
