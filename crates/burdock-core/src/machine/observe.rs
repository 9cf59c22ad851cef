//! Observation: instructions that translation writes only into code that is observed.

use super::operand::InSlot;
use super::{Flow, Instruction, Machine};
use crate::frame::Resume;

/// Tells the host of a site. Every value that is wanted later is in its slot.
pub(crate) struct Observe;

impl Instruction for Observe {
    const SLOW: bool = true;

    fn execute(_: &mut Machine) -> Flow {
        Err(super::Stop::SLOW)
    }

    fn slow(m: &mut Machine) -> Flow {
        m.observe()
    }
}

/// Adds one to a cell.
pub(crate) struct Count;

impl Instruction for Count {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        m.count(1);
        m.advance(2);
        Ok(())
    }
}

/// Adds one to a cell if a slot is not zero.
pub(crate) struct CountIf;

impl Instruction for CountIf {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let condition = i32::read(m, m.field(0));
        m.count(u64::from(condition != 0));
        m.advance(2);
        Ok(())
    }
}

impl Machine {
    /// Adds to the cell that the instruction names.
    #[inline(always)]
    fn count(&mut self, more: u64) {
        let cell = self.imm() as usize;
        if let Some(cell) = self.vm().counters.get_mut(cell) {
            *cell = cell.wrapping_add(more);
        }
    }

    fn observe(&mut self) -> Flow {
        let position = self.park();
        let site = self.imm();
        let frame = usize::from(self.field(0)) | usize::from(self.field(1)) << 16;
        let vm = self.vm();
        vm.top = position + frame;
        vm.paused_at = None;
        vm.resume = Resume::Next;
        let Some(seat) = vm.seat else { return Err(super::Stop::HOST_ERROR) };
        let answer = (seat.services.observe)(seat.door, site);
        self.return_to_frame(position);
        self.reload_memory();
        if answer.is_err() {
            return Err(super::Stop::HOST_ERROR);
        }
        match core::mem::take(&mut self.vm().resume) {
            Resume::Next => self.advance(2),
            Resume::Return { record } => self.leave_frame(record),
        }
        Ok(())
    }
}
