//! The execution of a run: from a function's entry, or the place where the run was left, until the
//! outermost frame returns or the machine stops.

use super::Holding;
use super::outcome::{Cause, Failure, PausedAt};
use crate::host::{Host, HostData, RawHost, Stopping, Transition, call_host, notify, settled};
use crate::instance::{Func, Instance};
use crate::kept::KeptRegisters;
use crate::machine::{Machine, Stop};
use crate::run_state::OnError;
use crate::vm::{Parked, SlotSpan, Vm};
use crate::{FuncAddr, HostFunc, InstanceAddr};
use alloc::boxed::Box;
use alloc::vec::Vec;
use burdock_types::Trap;
use core::ptr::NonNull;

/// Runs a function whose arguments begin at a position of the stack.
#[inline(always)]
pub(super) fn enter<H: Host>(
    host: &mut H,
    callee: Func,
    args: usize,
) -> Result<(), Box<Failure<H::Error>>> {
    let vm = host.vm();
    let Some(instance) = callee.instance else {
        let slots = vm.host_slots(args, callee);
        return match call_host(host, HostFunc(callee.index), slots) {
            Ok(()) => Ok(()),
            Err(error) => host_only(host, error),
        };
    };
    let record = args + callee.span as usize;
    if !vm.runs.stack.reserve(record + 2) {
        return Err(Failure::early(Trap::StackOverflow));
    }
    let exit = vm.hot.stubs.exit.as_ptr();
    vm.runs.stack.slots_mut(record, 2).copy_from_slice(&[exit as u64, 0]);
    execute(host, Parked { ip: callee.entry, sp: args, instance: instance.as_ptr() })
}

/// Fails as a host function that was called by the host itself.
#[cold]
fn host_only<H: Host>(host: &mut H, error: H::Error) -> Result<(), Box<Failure<H::Error>>> {
    if host.vm().run.on_error == OnError::Suspend && host.suspends(&error) {
        return waiting(host, error);
    }
    Err(Failure::early(error))
}

/// Executes code from a position until the outermost frame of the run returns, or the machine
/// stops.
fn execute<H: Host>(host: &mut H, from: Parked) -> Result<(), Box<Failure<H::Error>>> {
    let vm = host.vm();
    let depth = vm.runs.waiting.len();
    if depth > vm.config.max_host_depth as usize {
        return Err(Failure::early(Trap::StackOverflow));
    }
    let mut data = HostData { host, depth, error: None };
    let raw = data.raw();
    let vm = data.host.vm();
    vm.run.host = raw;
    vm.refresh_stack();
    let vm = NonNull::from(vm);
    // SAFETY: [CODE] the position is a function's entry, or where a run was paused; [SLOT] its
    // frame has been reserved; [HOST] the host was set just now.
    let stop = unsafe { Machine::run(vm, from) };
    let HostData { host, error, .. } = data;
    host.vm().run.host = RawHost::NONE;
    if stop == Stop::DONE {
        return Ok(());
    }
    stopped(host, stop, error)
}

/// Continues a paused run. If the run was left for a host function, `host_results` are the
/// function's results.
pub(super) fn go_on_from_pause<H: Host>(
    host: &mut H,
    host_results: &[u64],
) -> Result<(), Box<Failure<H::Error>>> {
    let vm = host.vm();
    let Some(place) = vm.run.paused_at.take() else {
        // The host itself had called the host function.
        vm.runs.stack.slots_mut(0, host_results.len()).copy_from_slice(host_results);
        return Ok(());
    };
    let PausedAt { at, switches, results, delivered, registers, .. } = *place;
    vm.runs.stack.slots_mut(results, host_results.len()).copy_from_slice(host_results);
    vm.runs.switches.extend(switches);
    let mut ip = if delivered { vm.behind_site(at.ip) } else { at.ip };
    if let Some(registers) = registers {
        vm.kept = *registers;
        ip = vm.hot.stubs.go_on.as_ptr();
    }
    execute(host, Parked { ip, ..at })
}

/// Continues a call that has waited for a host function, which has failed: where a guest catches
/// the exception for which the error stands, or nowhere.
pub(super) fn fail_from_pause<H: Host>(
    host: &mut H,
    error: H::Error,
) -> Result<(), Box<Failure<H::Error>>> {
    let caught = match host.throws(&error) {
        true => land_from_pause(host),
        false => Ok(None),
    };
    match caught {
        Ok(Some(at)) => execute(host, at),
        Ok(None) => failed(host, error),
        Err(error) => failed(host, error),
    }
}

/// Ends a call that has waited for a host function with an error.
fn failed<H: Host>(host: &mut H, error: H::Error) -> Result<(), Box<Failure<H::Error>>> {
    // The error ends the run, even if its type stands for waiting.
    host.vm().run.on_error = OnError::End;
    stopped(host, Stop::HOST_ERROR, Some(error))
}

/// Returns where a guest continues that catches the pending exception, if there is one.
fn land_from_pause<H: Host>(host: &mut H) -> Result<Option<Parked>, H::Error> {
    let vm = host.vm();
    let Some(first) = vm.run.paused_at.as_ref().filter(|at| at.func.is_some()).map(|at| at.first)
    else {
        return Ok(None);
    };
    if vm.exceptions.watched && vm.pending_exception() != 0 {
        vm.run.top = vm.end_of_frame(&vm.run.parked);
        if let Err(error) = settled(&mut *host, |host| host.throwing(true)) {
            host.vm().set_pending_exception(0);
            return Err(error);
        }
    }
    let vm = host.vm();
    let Some(thrown) = vm.thrown_pending() else { return Ok(None) };
    let Some(landing) = vm.find_handler(&thrown, first) else { return Ok(None) };
    vm.set_pending_exception(0);
    vm.run.paused_at = None;
    if landing.left > 0 && vm.has_observed() {
        vm.run.top = vm.end_of_frame(&vm.run.parked);
        let exception = thrown.object().map(|object| object.reference().to_slot());
        let holding = Holding::new(host, exception);
        settled(&mut *holding.host, |host| host.unwinding(landing.left))?;
    }
    Ok(Some(host.vm().land(&landing, &thrown)))
}

/// Handles a stop of the machine before the outermost frame of the run has returned.
#[cold]
pub(super) fn stopped<H: Host>(
    host: &mut H,
    stop: Stop,
    error: Option<H::Error>,
) -> Result<(), Box<Failure<H::Error>>> {
    let vm = host.vm();
    // Hooks that are called for the stop may call guests, which may not overwrite the frames.
    vm.run.top = vm.end_of_frame(&vm.run.parked);
    if stop.trap().is_some() {
        vm.run.paused_at = None;
    }
    let suspends = vm.run.on_error == OnError::Suspend;
    let error = match error {
        Some(error) if suspends && host.suspends(&error) => {
            return waiting(host, error);
        }
        error => error,
    };
    let vm = host.vm();
    let kept = vm.config.backtrace_frames;
    let frames = if kept > 0 { vm.backtrace(kept) } else { Vec::new() };
    let resumable = vm.run.on_error == OnError::Pause && vm.run.paused_at.is_some();
    let why = match (stop.trap(), &error) {
        (Some(trap), _) => Stopping::Trap(trap),
        (None, Some(error)) => Stopping::Error(error),
        (None, None) => Stopping::OutOfFuel,
    };
    let stopping = settled(host, |host| host.stopping(why, !resumable));
    let vm = host.vm();
    if !resumable {
        vm.run.paused_at = None;
    } else if let Some(paused) = &mut vm.run.paused_at {
        paused.switches = vm.runs.switches.split_off(vm.run.switches as usize);
    }
    let cause = match stop {
        Stop::OUT_OF_FUEL => Cause::OutOfFuel,
        _ if stop.trap().is_some() => Cause::Final,
        _ => Cause::HostError,
    };
    if let Err(error) = stopping {
        if cause != Cause::OutOfFuel {
            vm.run.paused_at = None;
        }
        return Err(Box::new(Failure { error, frames, cause: Cause::HostError }));
    }
    if cause == Cause::OutOfFuel && !resumable && !vm.config.keep_fuel {
        // The remaining fuel is too little for any code, so otherwise only a resumable call keeps
        // it.
        vm.hot.fuel = 0;
    }
    let error = match stop.trap() {
        Some(trap) => trap.into(),
        None => error.unwrap_or_else(|| Trap::OutOfFuel.into()),
    };
    Err(Box::new(Failure { error, frames, cause }))
}

/// Fails as a call that waits. If the call does not wait for a host function, its state is the same
/// as if it did.
fn waiting<H: Host>(host: &mut H, error: H::Error) -> Result<(), Box<Failure<H::Error>>> {
    let vm = host.vm();
    if let Some(place) = &mut vm.run.paused_at
        && let Some(registers) = &mut place.registers
    {
        **registers = core::mem::replace(&mut vm.kept, KeptRegisters::NONE);
    }
    let place = &vm.run.paused_at;
    let yields = place.as_ref().is_some_and(|place| place.func.is_none() && !place.is_question);
    match if yields { notify(host, Transition::CallingHost) } else { Ok(()) } {
        Ok(()) => Err(Box::new(Failure { error, frames: Vec::new(), cause: Cause::Waits })),
        // The guest fails where it would have waited, as in a call of a host function.
        Err(error) => failed(host, error),
    }
}

impl Vm {
    /// Makes an instance the caller of the host function that the beginning run may call.
    pub(super) fn set_caller(&mut self, caller: InstanceAddr) {
        let instance = self.entities.instances.pointer(caller.index());
        // The run has no frame of the caller, so its guest is parked nowhere.
        self.run.parked = Parked { instance: instance.as_ptr(), ..Parked::NOWHERE };
    }

    /// Makes an instance the current one, whose code runs.
    pub(crate) fn enter_instance(&mut self, instance: NonNull<Instance>) {
        // SAFETY: [ADDR] an instance lives as long as the store.
        let current = unsafe { instance.as_ref() };
        self.run.instance = instance.as_ptr();
        self.hot.entries = current.entries.as_ptr();
        self.hot.instance_globals = current.globals.as_ptr();
        #[cfg(native_dispatch)]
        {
            self.hot.callees.memories = current.memories.as_ptr();
            self.hot.callees.tables = current.tables.as_ptr();
            self.hot.callees.types = current.types.as_ptr().cast();
        }
        self.hot.memory = current.memory();
    }

    /// Returns the slots of a call of a host function that begin at a position of the stack.
    #[inline(always)]
    pub(crate) fn host_slots(&self, start: usize, callee: Func) -> SlotSpan {
        SlotSpan { start, len: callee.span as usize }
    }

    /// Returns the function at an address.
    #[inline(always)]
    pub(crate) fn callee(&self, func: FuncAddr) -> Func {
        self.entities.funcs[func.index()]
    }
}
