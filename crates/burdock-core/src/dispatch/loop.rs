//! The portable dispatcher: handlers return to a loop.

use super::address;
use crate::machine::{Flow, Instruction, Machine, Stop};
use core::{mem, ptr};

/// A handler, whose address is the head of its instruction in code for this dispatcher.
pub(crate) type Handler = fn(&mut Machine) -> Flow;

/// Returns the handler of an instruction.
pub(crate) const fn handler<I: Instruction>() -> Handler {
    step::<I>
}

fn step<I: Instruction>(m: &mut Machine) -> Flow {
    match (I::execute(m), I::SLOW) {
        (Err(Stop::SLOW), Some(slow)) => slow(m),
        (flow, _) => flow,
    }
}

/// Runs until the machine stops.
///
/// # Safety
///
/// [CODE] the machine's position is in code with this dispatcher's heads.
pub(crate) unsafe fn run(mut machine: Machine) -> Stop {
    let mut checked = ptr::null_mut();
    loop {
        if cfg!(debug_assertions) && machine.sp != checked {
            assert_eq!(machine.broken_invariant(), None, "docs/INVARIANTS.md");
            checked = machine.sp;
        }
        // SAFETY: [CODE] the position is that of an instruction.
        let head = unsafe { *machine.ip };
        // SAFETY: [CODE] the head of an instruction is a handler's address.
        let handler = unsafe { mem::transmute::<*const (), Handler>(address(head)) };
        if let Err(mut stop) = handler(&mut machine) {
            if stop == Stop::WAIT {
                machine.keep();
                stop = Stop::HOST_ERROR;
            }
            machine.park();
            return stop;
        }
    }
}

/// Reads the registers that were kept, and goes on where they were.
pub(super) fn go_on(m: &mut Machine) -> Flow {
    m.read_kept();
    Ok(())
}
