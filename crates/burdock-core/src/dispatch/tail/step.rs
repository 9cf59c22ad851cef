//! Handlers for builds in which rustc makes no sibling calls: those that are optimized for size or
//! not at all, or have debug assertions, or count what is executed.
//!
//! A handler is written in assembly and ends with a jump, whatever the compiler does. It calls a
//! function in Rust that executes one instruction and leaves the machine's registers in the `Vm`.
//! Like every function, that one preserves the registers that native handlers have for pinned
//! values.

use super::{Handler, handler_at, park};
use crate::machine::{Instruction, Machine, Registers, Stop};
use crate::vm::Vm;
use core::arch::naked_asm;
use core::mem::offset_of;

/// The outcome of a step, in two registers.
#[repr(C)]
pub(super) struct Outcome {
    /// The handler of the next instruction, or `None` if the machine stops.
    next: Option<Handler>,
    stop: usize,
}

/// The assembly of a handler. Its stack is aligned for the call, and the `Vm` is kept across it.
#[cfg(target_arch = "x86_64")]
macro_rules! assembly {
    () => {
        "
        .cfi_startproc
        push r8
        .cfi_adjust_cfa_offset 8
        call {step}
        pop r8
        .cfi_adjust_cfa_offset -8
        test rax, rax
        jz 2f
        mov rdi, [r8 + {ip}]
        mov rsi, [r8 + {sp}]
        mov rdx, [r8 + {memory}]
        mov rcx, [r8 + {memory_len}]
        mov r9, [r8 + {int}]
        movss xmm0, dword ptr [r8 + {f32}]
        movsd xmm1, qword ptr [r8 + {f64}]
        jmp rax
    2:
        mov eax, edx
        ret
        .cfi_endproc"
    };
}

/// The assembly of a handler. The return address and the `Vm` are kept across the call.
#[cfg(target_arch = "aarch64")]
macro_rules! assembly {
    () => {
        "
        .cfi_startproc
        stp x29, x30, [sp, #-32]!
        .cfi_def_cfa_offset 32
        .cfi_offset w29, -32
        .cfi_offset w30, -24
        str x4, [sp, #16]
        bl {step}
        ldr x4, [sp, #16]
        ldp x29, x30, [sp], #32
        .cfi_def_cfa_offset 0
        .cfi_restore w29
        .cfi_restore w30
        cbz x0, 2f
        mov x8, x0
        ldr x0, [x4, #{ip}]
        ldr x1, [x4, #{sp}]
        ldr x2, [x4, #{memory}]
        ldr x3, [x4, #{memory_len}]
        ldr x5, [x4, #{int}]
        ldr s0, [x4, #{f32}]
        ldr d1, [x4, #{f64}]
        br x8
    2:
        mov w0, w1
        ret
        .cfi_endproc"
    };
}

handlers! {
    /// Executes an instruction, and jumps to the handler of the next one.
    ///
    /// # Safety
    ///
    /// [CODE] `ip` is an instruction whose head is this handler; [SLOT], [MEM], [ADDR] as for
    /// [`Machine`].
    #[unsafe(naked)]
    pub(crate) unsafe fn handle<I: Instruction>(ip, sp, memory, memory_len, vm, int, f32, f64) {
        naked_asm!(
            assembly!(),
            step = sym step::<I>,
            ip = const offset_of!(Vm, hot.registers.ip),
            sp = const offset_of!(Vm, hot.registers.sp),
            memory = const offset_of!(Vm, hot.registers.memory),
            memory_len = const offset_of!(Vm, hot.registers.memory_len),
            int = const offset_of!(Vm, hot.registers.int),
            f32 = const offset_of!(Vm, hot.registers.f32),
            f64 = const offset_of!(Vm, hot.registers.f64),
        )
    }
}

/// Executes an instruction, if need be in its slow way, and leaves the registers in the `Vm`.
///
/// # Safety
///
/// As for [`handle`].
unsafe extern "C-unwind" fn step<I: Instruction>(
    ip: *const u64,
    sp: *mut u64,
    memory: *mut u8,
    memory_len: usize,
    vm: *mut Vm,
    int: u64,
    f32: f32,
    f64: f64,
) -> Outcome {
    let mut m = Machine { ip, sp, memory, memory_len, vm, int, f32, f64 };
    let flow = match (I::execute(&mut m), I::SLOW) {
        (Err(Stop::SLOW), Some(slow)) => slow(&mut m),
        (flow, _) => flow,
    };
    let next = match flow {
        Ok(()) => handler_at(m.ip),
        // The stub keeps the registers, and asks for nothing.
        Err(Stop::WAIT) => handler_at(m.vm().hot.stubs.wait.as_ptr()),
        Err(stop) => {
            let stop = park(m.ip, m.sp, m.vm, stop);
            return Outcome { next: None, stop: stop.code().into() };
        }
    };
    let Machine { ip, sp, memory, memory_len, int, f32, f64, .. } = m;
    m.vm().hot.registers = Registers { ip, sp, memory, memory_len, int, f32, f64 };
    Outcome { next: Some(next), stop: 0 }
}
