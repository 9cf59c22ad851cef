//! The fast dispatcher: a handler ends with a jump to the next one. The machine's registers are
//! arguments of every handler, and stay in the processor's registers.
//!
//! Handlers have no destructors and take no address of their own locals across the jump, so that
//! LLVM makes it a sibling call; `cargo xtask handlers` checks the compiled code for that.

use crate::machine::{Instruction, Machine, Registers, Stop};
use crate::vm::Vm;
use core::sync::atomic::{AtomicU64, Ordering};

/// A handler, whose address is the head of its instruction in code for this dispatcher.
pub(crate) type Handler = unsafe extern "C-unwind" fn(
    ip: *const u64,
    sp: *mut u64,
    memory: *mut u8,
    memory_len: usize,
    vm: *mut Vm,
    int: u64,
    f32: f32,
    f64: f64,
) -> Stop;

/// Returns the handler of an instruction.
pub(crate) const fn handler<I: Instruction>() -> Handler {
    handle::<I>
}

/// # Safety
///
/// [CODE] `ip` is an instruction whose head is this handler; [SLOT], [MEM], [ADDR] as for
/// [`Machine`].
pub(super) unsafe extern "C-unwind" fn handle<I: Instruction>(
    ip: *const u64,
    sp: *mut u64,
    memory: *mut u8,
    memory_len: usize,
    vm: *mut Vm,
    int: u64,
    f32: f32,
    f64: f64,
) -> Stop {
    let mut m = Machine { ip, sp, memory, memory_len, vm, int, f32, f64 };
    match I::execute(&mut m) {
        Ok(()) => {
            let next = handler_at(m.ip);
            // SAFETY: [CODE] the registers are those that `execute` left.
            unsafe { next(m.ip, m.sp, m.memory, m.memory_len, m.vm, m.int, m.f32, m.f64) }
        }
        Err(Stop::SLOW) if I::SLOW.is_some() => {
            // SAFETY: [CODE] `execute` has changed nothing.
            unsafe {
                handle_slow::<I>(m.ip, m.sp, m.memory, m.memory_len, m.vm, m.int, m.f32, m.f64)
            }
        }
        Err(stop) => park(m.ip, m.sp, m.vm, stop),
    }
}

/// Goes an instruction's slow way, and on with the next. A function of its own, to which a handler
/// jumps: what a call needs to save is then not saved where there is none.
///
/// # Safety
///
/// As for [`handle`].
#[cold]
#[inline(never)]
unsafe extern "C-unwind" fn handle_slow<I: Instruction>(
    ip: *const u64,
    sp: *mut u64,
    memory: *mut u8,
    memory_len: usize,
    vm: *mut Vm,
    int: u64,
    f32: f32,
    f64: f64,
) -> Stop {
    let stop = slow::<I>(ip, sp, memory, memory_len, vm, int);
    // SAFETY: [OWN] nothing else uses the store while the machine runs.
    let now = unsafe { (*vm).hot.registers };
    if stop != Stop::NEXT {
        if stop == Stop::WAIT {
            // SAFETY: [OWN] nothing else uses the store while the machine runs.
            let wait = unsafe { handler_at((*vm).hot.stubs.wait.as_ptr()) };
            // SAFETY: [CODE] the stub keeps the registers, and asks for nothing.
            return unsafe { wait(now.ip, now.sp, now.memory, now.memory_len, vm, int, f32, f64) };
        }
        return park(now.ip, now.sp, vm, stop);
    }
    let next = handler_at(now.ip);
    // SAFETY: [CODE] the registers are those that `slow` left.
    unsafe { next(now.ip, now.sp, now.memory, now.memory_len, vm, int, f32, f64) }
}

/// Keeps the registers, and ends the run with an error of the host.
///
/// # Safety
///
/// [CODE] the registers are those of a machine.
pub(super) unsafe extern "C-unwind" fn wait(
    ip: *const u64,
    sp: *mut u64,
    memory: *mut u8,
    memory_len: usize,
    vm: *mut Vm,
    int: u64,
    f32: f32,
    f64: f64,
) -> Stop {
    let mut m = Machine { ip, sp, memory, memory_len, vm, int, f32, f64 };
    m.keep();
    park(m.ip, m.sp, m.vm, Stop::HOST_ERROR)
}

/// Reads the registers that were kept, and goes on where they were.
///
/// # Safety
///
/// As for [`handle`]: [CODE] the registers were kept at an instruction.
pub(super) unsafe extern "C-unwind" fn go_on(
    ip: *const u64,
    sp: *mut u64,
    memory: *mut u8,
    memory_len: usize,
    vm: *mut Vm,
    int: u64,
    f32: f32,
    f64: f64,
) -> Stop {
    let mut m = Machine { ip, sp, memory, memory_len, vm, int, f32, f64 };
    m.read_kept();
    let next = handler_at(m.ip);
    // SAFETY: [CODE] the registers are those that were kept.
    unsafe { next(m.ip, m.sp, m.memory, m.memory_len, m.vm, m.int, m.f32, m.f64) }
}

/// Returns the handler of the instruction at a position. Its head is atomic because native code is
/// bound while other threads run.
#[inline(always)]
fn handler_at(ip: *const u64) -> Handler {
    // SAFETY: [CODE] the position is that of an instruction.
    let head = unsafe { &*ip.cast::<AtomicU64>() }.load(Ordering::Relaxed);
    // SAFETY: [CODE] the head of an instruction is a handler's address.
    unsafe { core::mem::transmute::<usize, Handler>(head as usize) }
}

/// Runs an instruction's slow way with a machine in memory, and stores what it changes.
#[inline(never)]
fn slow<I: Instruction>(
    ip: *const u64,
    sp: *mut u64,
    memory: *mut u8,
    memory_len: usize,
    vm: *mut Vm,
    int: u64,
) -> Stop {
    let mut m = Machine { ip, sp, memory, memory_len, vm, int, f32: 0.0, f64: 0.0 };
    let flow = I::SLOW.map_or(Err(Stop::SLOW), |slow| slow(&mut m));
    let Machine { ip, sp, memory, memory_len, .. } = m;
    m.vm().hot.registers = Registers { ip, sp, memory, memory_len };
    flow.err().unwrap_or(Stop::NEXT)
}

/// Notes where the machine has stopped.
#[cold]
#[inline(never)]
pub(super) extern "C-unwind" fn park(
    ip: *const u64,
    sp: *mut u64,
    vm: *mut Vm,
    stop: Stop,
) -> Stop {
    let (memory, memory_len) = (core::ptr::null_mut(), 0);
    let mut m = Machine { ip, sp, memory, memory_len, vm, int: 0, f32: 0.0, f64: 0.0 };
    m.park();
    stop
}

/// Runs until the machine stops.
///
/// # Safety
///
/// [CODE] the machine's position is in code with this dispatcher's heads.
pub(crate) unsafe fn run(m: Machine) -> Stop {
    let first = handler_at(m.ip);
    // SAFETY: [CODE] the registers are the machine's.
    unsafe { first(m.ip, m.sp, m.memory, m.memory_len, m.vm, m.int, m.f32, m.f64) }
}
