//! The machine: its registers, and what an instruction can do with them.
//!
//! `Machine` can only be made by [`Machine::run`] and the dispatchers, whose callers promise the
//! invariants CODE, SLOT, MEM, ADDR and HOST of docs/INVARIANTS.md. Its methods rely on them, so
//! that instructions themselves are safe code.

mod access;
mod array;
mod bulk;
mod call;
mod cast;
mod field;
mod host;
mod invariants;
mod jump;
mod limits;
mod moves;
mod numeric;
mod object;
mod observe;
mod operand;
mod table;
mod tail_call;
mod throw;
mod vector;

use crate::instance::Instance;
use crate::vm::{Parked, Vm};
use burdock_ir::sem::Bytes;
use burdock_ir::{BitField, Operands};
use burdock_types::Trap;
use core::ptr::{self, NonNull};

#[cfg(native_dispatch)]
pub(crate) use call::{CallIndirect, CallIndirectR, CallRef, CallRefR, Enter};
#[cfg(native_dispatch)]
pub(crate) use limits::{CheckEpoch, CheckFuel, EnterDepth};
#[cfg(native_dispatch)]
pub(crate) use object::{OfConstantLen, OfLenInSlot, SHORT_ARRAY, StructNew};
#[cfg(native_dispatch)]
pub(crate) use observe::{Anchor, Observed};
#[cfg(native_dispatch)]
pub(crate) use operand::Reg;
pub(crate) use table::TABLE;
#[cfg(native_dispatch)]
pub(crate) use tail_call::{ReturnCallIndirect, ReturnCallRef};

/// The reason why a run stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Stop(u8);

impl Stop {
    /// The outermost frame has returned.
    pub(crate) const DONE: Self = Self(u8::MAX);
    /// The host erred; the error is with it.
    pub(crate) const HOST_ERROR: Self = Self(u8::MAX - 1);
    /// Fuel does not suffice.
    pub(crate) const OUT_OF_FUEL: Self = Self(u8::MAX - 2);

    /// The instruction's slow way is needed.
    pub(crate) const SLOW: Self = Self(u8::MAX - 3);
    /// The host has erred, and the call may wait. The registers for values are kept, and the run
    /// ends as with `HOST_ERROR`. Only slow ways stop like this.
    pub(crate) const WAIT: Self = Self(u8::MAX - 5);
    /// There is nothing to stop for.
    #[cfg(sibling_calls)]
    pub(crate) const NEXT: Self = Self(u8::MAX - 4);

    /// Returns the number by which assembly knows the stop.
    #[cfg(any(native_dispatch, all(tail_dispatch, not(sibling_calls))))]
    pub(crate) const fn code(self) -> u8 {
        self.0
    }

    /// Returns the trap if this is one.
    pub(crate) fn trap(self) -> Option<Trap> {
        Trap::from_code(self.0)
    }
}

impl From<Trap> for Stop {
    #[inline(always)]
    fn from(trap: Trap) -> Self {
        Self(trap.code())
    }
}

/// The outcome of an instruction: continue at `ip`, or stop.
pub(crate) type Flow = Result<(), Stop>;

/// The rest of an instruction in a function of its own, which may do anything but write value
/// registers.
pub(crate) type SlowWay = fn(&mut Machine) -> Flow;

/// An instruction: what one op does.
pub(crate) trait Instruction {
    /// The function to run if `execute` returns [`Stop::SLOW`].
    const SLOW: Option<SlowWay> = None;

    /// Does it, and sets the position to what comes next. On `Err` the position is unchanged;
    /// [`Stop::SLOW`] asks for the slow way.
    ///
    /// Everything in it is inlined into the handler: a machine whose address is taken would have
    /// to live in memory, and the jump to the next handler would become a call.
    fn execute(m: &mut Machine) -> Flow;
}

/// An instruction that has a slow way only: a rare one, or one that does more than a call costs.
pub(crate) trait OutOfLine {
    /// Does it as a [`SlowWay`], and sets the position to what comes next.
    fn run(m: &mut Machine) -> Flow;
}

impl<I: OutOfLine> Instruction for I {
    const SLOW: Option<SlowWay> = Some(I::run);

    #[inline(always)]
    fn execute(_: &mut Machine) -> Flow {
        Err(Stop::SLOW)
    }
}

/// The registers of the machine that an instruction's slow way may change; where handlers make no
/// sibling calls, all that an instruction may change.
#[cfg(tail_dispatch)]
#[derive(Clone, Copy)]
pub(crate) struct Registers {
    pub(crate) ip: *const u64,
    pub(crate) sp: *mut u64,
    pub(crate) memory: *mut u8,
    pub(crate) memory_len: usize,
    #[cfg(not(sibling_calls))]
    pub(crate) int: u64,
    #[cfg(not(sibling_calls))]
    pub(crate) f32: f32,
    #[cfg(not(sibling_calls))]
    pub(crate) f64: f64,
}

#[cfg(tail_dispatch)]
impl Registers {
    pub(crate) const NONE: Self = Self {
        ip: ptr::null(),
        sp: ptr::null_mut(),
        memory: ptr::null_mut(),
        memory_len: 0,
        #[cfg(not(sibling_calls))]
        int: 0,
        #[cfg(not(sibling_calls))]
        f32: 0.0,
        #[cfg(not(sibling_calls))]
        f64: 0.0,
    };
}

/// The registers of the machine.
pub(crate) struct Machine {
    /// The instruction.
    pub(crate) ip: *const u64,
    /// The frame.
    pub(crate) sp: *mut u64,
    /// Memory 0: its bytes and their number.
    pub(crate) memory: *mut u8,
    pub(crate) memory_len: usize,
    pub(crate) vm: *mut Vm,
    /// Value registers: integers and references, `f32`, `f64`.
    pub(crate) int: u64,
    pub(crate) f32: f32,
    pub(crate) f64: f64,
}

/// A place in a memory that was checked to lie within it. The place is read or written at once:
/// nothing comes between the check and the access.
pub(crate) struct CheckedBytes<B>(*mut B);

impl<B: Bytes> CheckedBytes<B> {
    /// Returns the bytes at the place. (Separate from the check, because `Result<[u8; 16], Trap>`
    /// would be copied in pieces.)
    #[inline(always)]
    pub(crate) fn read(self) -> B {
        // SAFETY: [MEM] who made the place has checked it.
        unsafe { self.0.read_unaligned() }
    }

    /// Writes the bytes there.
    #[inline(always)]
    pub(crate) fn write(self, bytes: B) {
        // SAFETY: [MEM] who made the place has checked it.
        unsafe { self.0.write_unaligned(bytes) };
    }
}

impl Machine {
    /// Runs from a position until the outermost frame returns, or something stops it; in that
    /// case `vm.run.parked` says where.
    ///
    /// # Safety
    ///
    /// [CODE] `from.ip` is where an instruction begins that belongs to the instance's code;
    /// [SLOT] the stack has room for its frame; [HOST] `run.host` is set.
    pub(crate) unsafe fn run(mut vm: NonNull<Vm>, from: Parked) -> Stop {
        // SAFETY: [OWN] the caller's `&mut Vm` rests while the machine runs.
        let store = unsafe { vm.as_mut() };
        let dispatch = store.config.dispatch;
        let sp = store.runs.stack.base().wrapping_add(from.sp);
        if let Some(instance) = NonNull::new(from.instance) {
            store.enter_instance(instance);
        }
        let mut machine = Self {
            ip: from.ip,
            sp,
            memory: ptr::null_mut(),
            memory_len: 0,
            vm: vm.as_ptr(),
            int: 0,
            f32: 0.0,
            f64: 0.0,
        };
        machine.reload_memory();
        // SAFETY: [CODE] as the caller promises.
        unsafe { dispatch.run(machine) }
    }

    /// Returns the store.
    #[inline(always)]
    pub(crate) fn vm(&mut self) -> &mut Vm {
        // SAFETY: [OWN] nothing else uses the store while the machine runs.
        unsafe { &mut *self.vm }
    }

    /// Returns the instance whose code runs.
    #[inline(always)]
    pub(crate) fn instance(&mut self) -> &mut Instance {
        let instance = self.vm().run.instance;
        // SAFETY: [ADDR] the instance lives as long as the store.
        unsafe { &mut *instance }
    }

    /// Returns the operands of the instruction, which is an op with operands of this type.
    #[inline(always)]
    pub(crate) fn operands<O: Operands>(&self) -> O {
        O::read(|field| self.field(field))
    }

    /// Returns the bits of an operand, zero-extended.
    #[inline(always)]
    pub(crate) fn field(&self, field: BitField) -> u64 {
        let word = self.ip.wrapping_add(field.word.into());
        let little = cfg!(target_endian = "little");
        match field.width {
            16 => {
                let n = field.shift / 16;
                let quarter =
                    word.cast::<u16>().wrapping_add(if little { n } else { 3 - n }.into());
                // SAFETY: [CODE] the instruction has the word.
                u64::from(unsafe { *quarter })
            }
            32 => {
                let n = field.shift / 32;
                let half = word.cast::<u32>().wrapping_add(if little { n } else { 1 - n }.into());
                // SAFETY: [CODE] the instruction has the word.
                u64::from(unsafe { *half })
            }
            _ => self.word(field.word.into()),
        }
    }

    /// Returns word `n` of the instruction.
    #[inline(always)]
    pub(crate) fn word(&self, n: usize) -> u64 {
        // SAFETY: [CODE] the instruction is that long.
        unsafe { *self.ip.wrapping_add(n) }
    }

    /// Goes on behind this instruction, which is so many words long.
    #[inline(always)]
    pub(crate) fn advance(&mut self, words: usize) {
        self.ip = self.ip.wrapping_add(words);
    }

    /// Goes on at a distance in words.
    #[inline(always)]
    pub(crate) fn jump(&mut self, distance: i32) {
        self.ip = self.ip.wrapping_offset(distance as isize);
    }

    /// Returns a slot of the frame.
    #[inline(always)]
    pub(crate) fn slot(&self, slot: u16) -> u64 {
        debug_assert!(self.has_slot(slot), "SLOT");
        // SAFETY: [SLOT] operands lie within the frame.
        unsafe { *self.sp.wrapping_add(slot.into()) }
    }

    /// Writes a slot of the frame.
    #[inline(always)]
    pub(crate) fn set_slot(&mut self, slot: u16, value: u64) {
        debug_assert!(self.has_slot(slot), "SLOT");
        // SAFETY: [SLOT] operands lie within the frame.
        unsafe { *self.sp.wrapping_add(slot.into()) = value }
    }

    /// Returns the bytes of an access to memory 0, which end at an address, if they lie within.
    #[inline(always)]
    pub(crate) fn near<B: Bytes>(&self, end: u64) -> Result<CheckedBytes<B>, Trap> {
        // [CODE] the end is at least the number of bytes. It is the sum of a 32-bit address and a
        // 32-bit constant, which cannot overflow 64 bits.
        if end > self.memory_len as u64 {
            return Err(Trap::MemoryOutOfBounds);
        }
        let start = (end as usize).wrapping_sub(B::SIZE);
        Ok(CheckedBytes(self.memory.wrapping_add(start).cast()))
    }

    /// Reads the place and length of memory 0 again. Called after anything that may have changed
    /// them.
    #[inline(always)]
    pub(crate) fn reload_memory(&mut self) {
        let memory = self.vm().hot.memory;
        // SAFETY: [ADDR] a memory lives as long as the store, the one without bytes for ever.
        let memory = unsafe { &*memory };
        (self.memory, self.memory_len) = (memory.data.as_ptr(), memory.len);
    }

    /// Returns the position of the frame on the stack.
    #[inline(always)]
    pub(crate) fn frame_position(&mut self) -> usize {
        let sp = self.sp;
        let base = self.vm().runs.stack.base();
        (sp as usize - base as usize) / size_of::<u64>()
    }

    /// Finds the frame again, where the stack may have moved.
    #[inline(always)]
    pub(crate) fn return_to_frame(&mut self, position: usize) {
        self.sp = self.vm().runs.stack.base().wrapping_add(position);
    }

    /// Notes where the guest is left, for who looks at its frames; gives the frame's position.
    #[inline(always)]
    pub(crate) fn park(&mut self) -> usize {
        let (ip, sp) = (self.ip, self.frame_position());
        let vm = self.vm();
        vm.run.parked = Parked { ip, sp, instance: vm.run.instance };
        sp
    }
}
