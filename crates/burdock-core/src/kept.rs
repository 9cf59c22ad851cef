//! Registers at a trap, and of calls that wait. Where a debugger asks for them, native handlers
//! keep the registers for values when they trap, so that code may have values there. A call that
//! waits at an allocation keeps them, too, and gets them back when it continues.

use crate::machine::Machine;
use crate::vm::Vm;

/// The registers for values, by their numbers in their banks, as native handlers had them at a
/// trap. Other dispatchers keep none: their code has no values in registers where it can trap.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct KeptRegisters {
    /// The instruction that trapped.
    ip: usize,
    /// Integers and references.
    pub int: [u64; 6],
    /// `f32`, in the lower half.
    pub f32: [u64; 4],
    /// `f64`.
    pub f64: [u64; 7],
}

impl KeptRegisters {
    pub(crate) const NONE: Self = Self { ip: 0, int: [0; 6], f32: [0; 4], f64: [0; 7] };

    /// Prepares for the registers at an instruction.
    pub(crate) fn keep_at(&mut self, ip: *const u64) {
        self.ip = ip as usize;
    }
}

impl Machine {
    /// Keeps the registers of a machine that has the first of each bank only, and goes back to the
    /// instruction at which they are kept.
    pub(crate) fn keep(&mut self) {
        let (int, f32, f64) = (self.int, self.f32, self.f64);
        let kept = &mut self.vm().kept;
        (kept.int[0], kept.f32[0], kept.f64[0]) = (int, f32.to_bits().into(), f64.to_bits());
        self.ip = kept.ip as *const u64;
    }

    /// Reads the registers that [`keep`](Self::keep) has kept, and goes back to their instruction.
    pub(crate) fn read_kept(&mut self) {
        let KeptRegisters { ip, int, f32, f64 } =
            core::mem::replace(&mut self.vm().kept, KeptRegisters::NONE);
        (self.int, self.f32, self.f64) =
            (int[0], f32::from_bits(f32[0] as u32), f64::from_bits(f64[0]));
        self.ip = ip as *const u64;
    }
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
