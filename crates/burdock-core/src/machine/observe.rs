//! Observation: instructions that translation writes only into code that is observed.

use super::operand::InSlot;
use super::{Flow, Instruction, Machine, Stop};
use crate::host::Seat;
use crate::vm::Vm;
use burdock_ir::{Operands, control};

/// Tells the host of a site. Every value that is wanted later is in its slot.
pub(crate) struct Observe;

impl Instruction for Observe {
    const SLOW: bool = true;

    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::Observe { site, .. } = m.operands();
        if m.tell_host(|seat| (seat.services.observe)(seat.door, site)) {
            m.vm().run.host_failed = true;
            return Err(Stop::SLOW);
        }
        if m.vm().run.detours != 0 {
            return Err(Stop::SLOW);
        }
        m.advance(control::Observe::LENGTH);
        Ok(())
    }

    /// The host has been told; how to go on is another question.
    fn slow(m: &mut Machine) -> Flow {
        let failed = core::mem::take(&mut m.vm().run.host_failed);
        let follow = |seat: Seat| (seat.services.follow)(seat.door).is_err();
        if failed || m.vm().take_follow() && m.tell_host(follow) {
            m.vm().run.early_return = None;
            return Err(m.observer_failed());
        }
        match m.vm().run.early_return.take() {
            None => m.go_on(),
            Some(early) => {
                for (slot, result) in (0..).zip(early.results) {
                    m.set_slot(slot, result);
                }
                forget_frame(m.vm());
                m.leave_frame(early.record);
            }
        }
        Ok(())
    }
}

/// The rest of a native `observe`: the host has been told.
#[cfg(native_dispatch)]
pub(crate) struct Observed;

#[cfg(native_dispatch)]
impl Instruction for Observed {
    const SLOW: bool = true;

    #[inline(always)]
    fn execute(_: &mut Machine) -> Flow {
        Err(Stop::SLOW)
    }

    fn slow(m: &mut Machine) -> Flow {
        Observe::slow(m)
    }
}

/// A hook has a function return that counts its frame, if frames are counted.
#[cold]
fn forget_frame(vm: &mut Vm) {
    vm.run.frames = vm.run.frames.saturating_sub(1);
}

/// Behind a call: goes on in other code of the function, if there is newer one.
pub(crate) struct Anchor;

impl Instruction for Anchor {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        m.go_on();
        Ok(())
    }
}

/// Adds one to a cell.
pub(crate) struct Count;

impl Instruction for Count {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::Count { cell } = m.operands();
        m.count(cell, 1);
        m.advance(control::Count::LENGTH);
        Ok(())
    }
}

/// Adds one to a cell if a slot is not zero.
pub(crate) struct CountIf;

impl Instruction for CountIf {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::CountIf { condition, cell } = m.operands();
        let condition = i32::read(m, condition);
        m.count(cell, u64::from(condition != 0));
        m.advance(control::CountIf::LENGTH);
        Ok(())
    }
}

impl Machine {
    /// Adds to a cell.
    #[inline(always)]
    fn count(&mut self, cell: u32, more: u64) {
        if let Some(cell) = self.vm().counters.get_mut(cell as usize) {
            *cell = cell.wrapping_add(more);
        }
    }

    /// Goes on behind the site, in the newest code of the function.
    #[inline(always)]
    fn go_on(&mut self) {
        // An anchor has its site in the same place.
        let control::Observe { site, .. } = self.operands();
        match self.vm().successor(site) {
            Some(newer) => self.ip = newer,
            None => self.advance(control::Observe::LENGTH),
        }
    }

    /// Tells the host of the site; whether it erred.
    #[inline(always)]
    fn tell_host(&mut self, tell: impl FnOnce(Seat) -> bool) -> bool {
        let position = self.park();
        let control::Observe { frame_low, frame_high, .. } = self.operands();
        let frame = usize::from(frame_low) | usize::from(frame_high) << 16;
        let vm = self.vm();
        vm.run.top = position + frame;
        let failed = tell(vm.run.seat);
        self.return_to_frame(position);
        self.reload_memory();
        // Every value is at home.
        (self.int, self.f32, self.f64) = (0, 0.0, 0.0);
        failed
    }
}
