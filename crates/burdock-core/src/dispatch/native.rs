//! Native handlers: text for the assembler, which burdock-native writes from the op table. They
//! have the registers of the handlers of `tail` and more, so that both kinds jump to each other,
//! and an op without a native handler is done by the other.
//!
//! The translator writes the ops' numbers as heads. They become addresses when a function is called
//! for the first time ([`bind`]).

mod bind;
#[cfg(test)]
mod check;
#[cfg(burdock_mine)]
pub(crate) mod mine;

use super::tail;
use crate::addr::{MemoryAddr, TypeInfo};
use crate::heap::{Bump, FIRST, GRANULE, HEADER, LOG2_CARD, LOG2_CARD_GROUP, TypeRow};
use crate::host::HostVTable;
use crate::instance::{Func, Instance};
use crate::machine::{
    Anchor, CallIndirect, CallIndirectR, CallRef, CallRefR, CheckEpoch, CheckFuel, Enter,
    EnterDepth, Machine, Observed, OfConstantLen, OfLenInSlot, Reg, ReturnCallIndirect,
    ReturnCallRef, SHORT_ARRAY, Stop, StructNew,
};
use crate::memory::Memory;
use crate::table::{Global, Table};
use crate::vm::Vm;
use burdock_ir::operands::{NO_SLOT, NewLayout};
use burdock_ir::{Edge, Registers, Target};
use burdock_types::Trap;
use core::arch::global_asm;
use core::mem::offset_of;
use core::ptr::NonNull;

pub(super) use bind::{bind, heads};

include!(concat!(env!("OUT_DIR"), "/native.rs"));

global_asm!(
    include_str!(concat!(env!("OUT_DIR"), "/native.s")),
    // An operand has to be named, and where nothing is guessed, no handler names this one.
    "/* {jumps} */",
    epoch_at = const offset_of!(Vm, hot.epoch),
    epoch_deadline = const offset_of!(Vm, hot.epoch_deadline),
    fuel = const offset_of!(Vm, hot.fuel),
    entries = const offset_of!(Vm, hot.entries),
    tables = const offset_of!(Vm, hot.callees.tables),
    types = const offset_of!(Vm, hot.callees.types),
    funcs = const offset_of!(Vm, hot.callees.funcs),
    elements = const offset_of!(Table, first),
    table_len = const offset_of!(Table, len),
    type_id = const offset_of!(TypeInfo, id),
    type_shift = const size_of::<TypeInfo>().ilog2(),
    func_shift = const size_of::<Func>().ilog2(),
    func_type = const offset_of!(Func, ty),
    func_instance = const offset_of!(Func, instance),
    func_entry = const offset_of!(Func, entry),
    globals = const offset_of!(Vm, hot.instance_globals),
    stack_base = const offset_of!(Vm, hot.stack_base),
    stack_end = const offset_of!(Vm, hot.stack_end),
    top = const offset_of!(Vm, run.top),
    instance = const offset_of!(Vm, run.instance),
    parked_ip = const offset_of!(Vm, run.parked.ip),
    parked_sp = const offset_of!(Vm, run.parked.sp),
    parked_instance = const offset_of!(Vm, run.parked.instance),
    host_data = const offset_of!(Vm, run.host.data),
    host_vtable = const offset_of!(Vm, run.host.vtable),
    observe = const offset_of!(HostVTable, observe),
    anchor = sym tail::handle::<Anchor>,
    newer = const Vm::NEWER,
    detours = const offset_of!(Vm, run.detours),
    host_failed = const offset_of!(Vm, run.host_failed),
    heap = const offset_of!(Vm, heap) + offset_of!(Bump, base),
    cards = const offset_of!(Vm, heap) + offset_of!(Bump, cards),
    rows = const offset_of!(Vm, heap) + offset_of!(Bump, types),
    card_groups = const offset_of!(Vm, heap) + offset_of!(Bump, card_groups),
    card_shift = const LOG2_CARD,
    // From the number of a card to that of its group.
    group_shift = const LOG2_CARD_GROUP - LOG2_CARD,
    header = const HEADER,
    cursor = const offset_of!(Vm, heap) + offset_of!(Bump, cursor),
    limit = const offset_of!(Vm, heap) + offset_of!(Bump, limit),
    short_array = const SHORT_ARRAY,
    // The header, and what rounds up to a granule.
    around_elements = const HEADER + GRANULE - 1,
    no_slot = const NO_SLOT,
    struct_pins = const NewLayout::STRUCT.pins.word as usize * size_of::<u64>(),
    array_pins = const NewLayout::ARRAY.pins.word as usize * size_of::<u64>(),
    struct_new = sym tail::handle::<StructNew<Reg>>,
    array_new = sym tail::handle::<OfLenInSlot>,
    array_new_constant = sym tail::handle::<OfConstantLen>,
    first = const FIRST,
    // Half of the numbers from `FIRST` on that have 32 bits.
    objects = const (FIRST.wrapping_neg()) / 2,
    runtime_types = const offset_of!(Instance, first_runtime_type),
    row_shift = const size_of::<TypeRow>().ilog2(),
    supertypes = const offset_of!(TypeRow, supertypes),
    kind = const offset_of!(TypeRow, kind),
    memory = const offset_of!(Vm, hot.memory),
    memory_data = const offset_of!(Memory, data),
    memory_len = const offset_of!(Memory, len),
    memories = const offset_of!(Vm, hot.callees.memories),
    memory_shift = const size_of::<(NonNull<Memory>, MemoryAddr)>().ilog2(),
    memory_place = const offset_of!((NonNull<Memory>, MemoryAddr), 0),
    page_size = const Memory::PAGE_SIZE_LOG2,
    frames = const offset_of!(Vm, run.frames),
    max_frames = const offset_of!(Vm, hot.max_frames),
    cells = const offset_of!(Vm, hot.cells),
    cell = const offset_of!(Global, cell),
    oob = const Trap::MemoryOutOfBounds.code(),
    table_oob = const Trap::TableOutOfBounds.code(),
    zero = const Trap::IntegerDivisionByZero.code(),
    overflow = const Trap::IntegerOverflow.code(),
    nan = const Trap::BadConversionToInteger.code(),
    null = const Trap::NullReference.code(),
    array_oob = const Trap::ArrayOutOfBounds.code(),
    cast = const Trap::CastFailure.code(),
    unreachable = const Trap::UnreachableCodeReached.code(),
    host_error = const Stop::HOST_ERROR.code(),
    park = sym tail::park,
    at_trap = const offset_of!(Vm, at_trap),
    kept = const offset_of!(Vm, kept),
    jumps = const offset_of!(Vm, jumps),
    watched_start = const offset_of!(Vm, watched.start),
    watched_len = const offset_of!(Vm, watched.len),
    enter = sym tail::handle::<Enter>,
    enter_depth = sym tail::handle::<EnterDepth>,
    check_epoch = sym tail::handle::<CheckEpoch>,
    observed = sym tail::handle::<Observed>,
    check_fuel = sym tail::handle::<CheckFuel>,
    call_indirect = sym tail::handle::<CallIndirect>,
    call_indirect_r = sym tail::handle::<CallIndirectR>,
    call_ref = sym tail::handle::<CallRef>,
    call_ref_r = sym tail::handle::<CallRefR>,
    return_call_indirect = sym tail::handle::<ReturnCallIndirect>,
    return_call_ref = sym tail::handle::<ReturnCallRef>,
);

// What native handlers find by shifting.
const _: () =
    assert!(size_of::<Func>().is_power_of_two() && size_of::<TypeInfo>().is_power_of_two());
const _: () = assert!(size_of::<(NonNull<Memory>, MemoryAddr)>().is_power_of_two());

#[allow(improper_ctypes, reason = "only Rust handlers look into it")]
unsafe extern "C-unwind" {
    /// Runs from an instruction until the machine stops, keeping the caller's registers.
    fn burdock_native_enter(
        ip: *const u64,
        sp: *mut u64,
        memory: *mut u8,
        memory_len: usize,
        vm: *mut Vm,
        int: u64,
        f32: f32,
        f64: f64,
    ) -> Stop;
}

unsafe extern "C" {
    /// The code that keeps the registers at a trap, and then parks the guest.
    static burdock_native_keep: u8;
    /// The code that keeps the registers of a call that waits, and then parks the guest.
    static burdock_native_wait: u8;
    /// The code that reads the registers again, and goes on where they were kept.
    static burdock_native_go_on: u8;
    /// The address from which offsets count.
    static burdock_native_text: u8;
    /// The offset of the first handler of each group.
    static burdock_native_groups: [u32; HANDLER_COUNT.div_ceil(HANDLER_GROUP)];
    /// The distance of each handler from the first of its group. Single instructions are first,
    /// then come sequences.
    static burdock_native_handlers: [u16; HANDLER_COUNT];
}

/// Returns the code that parks the guest at a trap.
pub(crate) fn park() -> *const () {
    tail::park as *const ()
}

/// Returns the code that keeps the registers at a trap before it parks the guest.
pub(crate) fn keep() -> *const () {
    (&raw const burdock_native_keep).cast()
}

/// Returns the code that keeps the registers of a call that waits.
pub(super) fn wait() -> *const () {
    (&raw const burdock_native_wait).cast()
}

/// Returns the code that reads these registers again.
pub(super) fn go_on() -> *const () {
    (&raw const burdock_native_go_on).cast()
}

/// Returns the address from which offsets count.
fn text() -> u64 {
    (&raw const burdock_native_text) as u64
}

/// Returns `true` if the processor supports the handlers' instructions.
#[cfg(target_arch = "x86_64")]
pub(super) fn is_available() -> bool {
    use std::is_x86_feature_detected as has;
    has!("avx") && has!("bmi1") && has!("bmi2") && has!("lzcnt") && has!("popcnt")
}

/// Returns `true`: every AArch64 processor supports the handlers' instructions.
#[cfg(target_arch = "aarch64")]
pub(super) const fn is_available() -> bool {
    true
}

/// The handlers of one op, one for each choice of registers.
pub(super) struct Variants {
    /// The number of the first variant's handler, which those of the others follow. With the bit
    /// [`SHARED`], the numbers begin there in `SHARED_HANDLERS`. `u32::MAX` if there are none.
    first: u32,
    /// The step in handler numbers for each unit of the register's number in each field of the
    /// operand word.
    scale: [u16; 4],
}

/// The bit of an op's first handler that says that the op's variants share handlers.
const SHARED: u32 = 1 << 31;

/// Returns the machine as the translator sees it.
pub(super) fn target() -> Target {
    Target::with_registers(Registers { known: &KNOWN, temporaries: TEMPORARIES, pinned: PINNED })
}

/// Runs until the machine stops.
///
/// # Safety
///
/// [CODE] the machine's position is in code with this dispatcher's heads.
pub(super) unsafe fn run(m: Machine) -> Stop {
    // SAFETY: [CODE] the registers are the machine's.
    unsafe { burdock_native_enter(m.ip, m.sp, m.memory, m.memory_len, m.vm, m.int, m.f32, m.f64) }
}
