//! Registers at a trap. Where a debugger asks for them, native handlers keep the registers for
//! values when they trap, so that code may have values there.

use crate::vm::Vm;

/// The registers for values, by their numbers in their banks, as native handlers had them at a
/// trap. Other dispatchers keep none: their code has no values in registers where it can trap.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct KeptRegisters {
    /// The instruction that trapped.
    ip: usize,
    /// Integers and references.
    pub int: [u64; 7],
    /// `f32`, in the lower half.
    pub f32: [u64; 4],
    /// `f64`.
    pub f64: [u64; 7],
}

impl KeptRegisters {
    pub(crate) const NONE: Self = Self { ip: 0, int: [0; 7], f32: [0; 4], f64: [0; 7] };
}

impl Vm {
    /// Keeps registers at traps from now on.
    pub fn keep_registers(&mut self) {
        #[cfg(native_dispatch)]
        if self.config.dispatch.binds() {
            self.at_trap = crate::dispatch::native::keep();
        }
    }

    /// Returns the registers of the innermost guest, if it has trapped and they were kept.
    pub fn kept_registers(&self) -> Option<&KeptRegisters> {
        (self.kept.ip == self.run.parked.ip() as usize).then_some(&self.kept)
    }
}
