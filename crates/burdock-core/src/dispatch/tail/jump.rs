//! Handlers of builds in which rustc makes sibling calls: the next handler is called at the end,
//! which compiles to a jump. They have no destructors and take no address of their own locals
//! across the jump, so that LLVM makes it one; `cargo xtask handlers` checks the compiled code for
//! that.

use super::{handler_at, park};
use crate::machine::{Instruction, Machine, Registers, Stop};
use crate::vm::Vm;

handlers! {
    /// # Safety
    ///
    /// [CODE] `ip` is an instruction whose head is this handler; [SLOT], [MEM], [ADDR] as for
    /// [`Machine`].
    pub(crate) unsafe fn handle<I: Instruction>(ip, sp, memory, memory_len, vm, int, f32, f64) {
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

    /// Goes an instruction's slow way, and on with the next. A function of its own, to which a
    /// handler jumps: what a call needs to save is then not saved where there is none.
    ///
    /// # Safety
    ///
    /// As for [`handle`].
    #[cold]
    #[inline(never)]
    unsafe fn handle_slow<I: Instruction>(ip, sp, memory, memory_len, vm, int, f32, f64) {
        let stop = slow::<I>(ip, sp, memory, memory_len, vm, int);
        // SAFETY: [OWN] nothing else uses the store while the machine runs.
        let now = unsafe { (*vm).hot.registers };
        if stop != Stop::NEXT {
            if stop == Stop::WAIT {
                // SAFETY: [OWN] nothing else uses the store while the machine runs.
                let wait = unsafe { handler_at((*vm).hot.stubs.wait.as_ptr()) };
                // SAFETY: [CODE] the stub keeps the registers, and asks for nothing.
                return unsafe {
                    wait(now.ip, now.sp, now.memory, now.memory_len, vm, int, f32, f64)
                };
            }
            return park(now.ip, now.sp, vm, stop);
        }
        let next = handler_at(now.ip);
        // SAFETY: [CODE] the registers are those that `slow` left.
        unsafe { next(now.ip, now.sp, now.memory, now.memory_len, vm, int, f32, f64) }
    }
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
