//! The fast dispatcher: a handler ends with a jump to the next one. The machine's registers are
//! arguments of every handler, and stay in the processor's registers.
//!
//! A handler that called the next one would let the native stack grow with each instruction, and
//! would not preserve the registers that native handlers have for pinned values. Rust promises no
//! sibling calls: build.rs says whether rustc is known to make them in this build. If so, handlers
//! are functions in Rust (`jump.rs`); if not, each is a few instructions of assembly around one
//! (`step.rs`).

use super::address;
use crate::machine::{Instruction, Machine, Stop};
use crate::vm::Vm;
use core::sync::atomic::{AtomicU64, Ordering};

/// Defines functions with the parameters and the calling convention of handlers; a definition names
/// the registers. In programs that abort where others unwind, nothing unwinds through a function of
/// the convention `C`. One of the convention `C-unwind` would have code behind the call of the next
/// handler there, and call it instead of jumping to it.
macro_rules! handlers {
    ($($(#[$attribute:meta])* $visibility:vis unsafe fn $name:ident $(<$I:ident: $bound:ident>)? (
        $ip:ident, $sp:ident, $memory:ident, $memory_len:ident, $vm:ident, $int:ident, $f32:ident,
        $f64:ident
    ) $body:block)*) => {$(
        #[cfg(panic = "unwind")]
        $(#[$attribute])*
        $visibility unsafe extern "C-unwind" fn $name $(<$I: $bound>)? (
            $ip: *const u64, $sp: *mut u64, $memory: *mut u8, $memory_len: usize, $vm: *mut Vm,
            $int: u64, $f32: f32, $f64: f64,
        ) -> Stop $body

        #[cfg(not(panic = "unwind"))]
        $(#[$attribute])*
        $visibility unsafe extern "C" fn $name $(<$I: $bound>)? (
            $ip: *const u64, $sp: *mut u64, $memory: *mut u8, $memory_len: usize, $vm: *mut Vm,
            $int: u64, $f32: f32, $f64: f64,
        ) -> Stop $body
    )*};
}

// Behind the macro, which they use.
#[cfg(sibling_calls)]
mod jump;
#[cfg(not(sibling_calls))]
mod step;

#[cfg(sibling_calls)]
pub(super) use jump::handle;
#[cfg(not(sibling_calls))]
pub(super) use step::handle;

/// A handler, whose address is the head of its instruction in code for this dispatcher.
#[cfg(panic = "unwind")]
pub(crate) type Handler = unsafe extern "C-unwind" fn(
    *const u64,
    *mut u64,
    *mut u8,
    usize,
    *mut Vm,
    u64,
    f32,
    f64,
) -> Stop;

/// A handler, whose address is the head of its instruction in code for this dispatcher.
#[cfg(not(panic = "unwind"))]
pub(crate) type Handler =
    unsafe extern "C" fn(*const u64, *mut u64, *mut u8, usize, *mut Vm, u64, f32, f64) -> Stop;

/// Returns the handler of an instruction.
pub(crate) const fn handler<I: Instruction>() -> Handler {
    handle::<I>
}

handlers! {
    /// Keeps the registers, and ends the run with an error of the host.
    ///
    /// # Safety
    ///
    /// [CODE] the registers are those of a machine.
    pub(super) unsafe fn wait(ip, sp, memory, memory_len, vm, int, f32, f64) {
        let mut m = Machine { ip, sp, memory, memory_len, vm, int, f32, f64 };
        m.keep();
        park(m.ip, m.sp, m.vm, Stop::HOST_ERROR)
    }

    /// Reads the registers that were kept, and goes on where they were.
    ///
    /// # Safety
    ///
    /// As for [`handle`]: [CODE] the registers were kept at an instruction.
    pub(super) unsafe fn go_on(ip, sp, memory, memory_len, vm, int, f32, f64) {
        let mut m = Machine { ip, sp, memory, memory_len, vm, int, f32, f64 };
        m.read_kept();
        let next = handler_at(m.ip);
        // SAFETY: [CODE] the registers are those that were kept.
        unsafe { next(m.ip, m.sp, m.memory, m.memory_len, m.vm, m.int, m.f32, m.f64) }
    }
}

/// Returns the handler of the instruction at a position. Its head is atomic because native code is
/// bound while other threads run.
#[inline(always)]
fn handler_at(ip: *const u64) -> Handler {
    // SAFETY: [CODE] the position is that of an instruction.
    let head = unsafe { &*ip.cast::<AtomicU64>() }.load(Ordering::Relaxed);
    // SAFETY: [CODE] the head of an instruction is a handler's address.
    unsafe { core::mem::transmute::<*const (), Handler>(address(head)) }
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
