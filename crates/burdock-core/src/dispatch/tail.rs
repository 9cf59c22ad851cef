//! The fast dispatcher: a handler ends with a jump to the next one. The machine's registers are
//! arguments of every handler, and stay in the processor's registers.
//!
//! Handlers have no destructors and give no address of their own locals away before the jump, so
//! that LLVM makes it a sibling call; what needs to do so is executed in a function apart, which
//! leaves the registers in the `Vm`. `cargo xtask handlers` checks the compiled code for that.

use crate::machine::{Flow, Instruction, Machine, Registers, Stop};
use crate::vm::Vm;

/// What a head is in code for this dispatcher: the address of such a function.
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

/// The handler of an instruction.
pub(crate) const fn handler<I: Instruction>() -> Handler {
    handle::<I>
}

/// # Safety
///
/// [CODE] `ip` is an instruction whose head is this handler; [SLOT], [MEM], [ADDR] as for
/// [`Machine`].
unsafe extern "C-unwind" fn handle<I: Instruction>(
    ip: *const u64,
    sp: *mut u64,
    memory: *mut u8,
    memory_len: usize,
    vm: *mut Vm,
    int: u64,
    f32: f32,
    f64: f64,
) -> Stop {
    if const { I::APART } {
        // SAFETY: as for this function.
        let stop = unsafe { apart(I::execute, ip, sp, memory, memory_len, vm, int, f32, f64) };
        // SAFETY: [CODE] the registers are those that `apart` left.
        return unsafe { go_on(vm, stop) };
    }
    let mut m = Machine { ip, sp, memory, memory_len, vm, int, f32, f64 };
    match I::execute(&mut m) {
        Ok(()) => {
            // SAFETY: [CODE] the head of an instruction is a handler's address.
            let next = unsafe { *m.ip.cast::<Handler>() };
            // SAFETY: [CODE] the registers are those that `execute` left.
            unsafe { next(m.ip, m.sp, m.memory, m.memory_len, m.vm, m.int, m.f32, m.f64) }
        }
        Err(Stop::RARE) if const { I::RARE } => {
            // SAFETY: as for this function.
            let stop = unsafe { apart(I::rare, ip, sp, memory, memory_len, vm, int, f32, f64) };
            // SAFETY: [CODE] the registers are those that `apart` left.
            unsafe { go_on(vm, stop) }
        }
        Err(stop) => park(m.ip, m.sp, m.vm, stop),
    }
}

/// Executes an instruction outside of its handler; the registers are then in the `Vm`.
///
/// # Safety
///
/// As for [`handle`].
#[inline(never)]
unsafe extern "C-unwind" fn apart(
    execute: fn(&mut Machine) -> Flow,
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
    if let Err(stop) = execute(&mut m) {
        m.park();
        return stop;
    }
    let Machine { ip, sp, memory, memory_len, int, f32, f64, .. } = m;
    m.vm().registers = Registers { ip, sp, memory, memory_len, int, f32, f64 };
    Stop::NONE
}

/// Goes on after `apart`.
///
/// # Safety
///
/// [CODE] the registers in the `Vm` are those of an instruction's end.
#[inline(always)]
unsafe fn go_on(vm: *mut Vm, stop: Stop) -> Stop {
    if stop != Stop::NONE {
        return stop;
    }
    // SAFETY: [OWN] nobody else uses the store while the machine runs.
    let Registers { ip, sp, memory, memory_len, int, f32, f64 } = unsafe { (*vm).registers };
    // SAFETY: [CODE] the head of an instruction is a handler's address.
    let next = unsafe { *ip.cast::<Handler>() };
    // SAFETY: [CODE] as the caller promises.
    unsafe { next(ip, sp, memory, memory_len, vm, int, f32, f64) }
}

/// Notes where the machine has stopped.
#[cold]
#[inline(never)]
fn park(ip: *const u64, sp: *mut u64, vm: *mut Vm, stop: Stop) -> Stop {
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
    // SAFETY: [CODE] the head of an instruction is a handler's address.
    let first = unsafe { *m.ip.cast::<Handler>() };
    // SAFETY: [CODE] the registers are the machine's.
    unsafe { first(m.ip, m.sp, m.memory, m.memory_len, m.vm, m.int, m.f32, m.f64) }
}
