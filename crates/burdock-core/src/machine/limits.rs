//! Limits of a run: fuel, epochs, the depth of calls.

use super::{Flow, Instruction, Machine, SlowWay, Stop};
use crate::run::PausedAt;
use burdock_ir::{Operands, control};
use burdock_types::Trap;
use core::sync::atomic::Ordering;

impl Machine {
    /// Asks the host for more fuel, for an instruction that takes more than is left. No value of
    /// the instruction is in a register; it is executed again if the host gives more.
    #[cold]
    #[inline(never)]
    pub(super) fn out_of_fuel(&mut self, required: u64) -> Flow {
        let more = self.ask(|m| {
            let host = m.vm().run.host;
            (host.vtable.out_of_fuel)(host.data, required).ok()
        });
        match more {
            Ok(true) => Ok(()),
            Ok(false) => {
                let at = self.left_at(self.ip);
                Err(self.pause(PausedAt::out_of_fuel(at, required), Stop::OUT_OF_FUEL))
            }
            Err(_) => Err(self.observer_failed()),
        }
    }

    /// Asks the host what to do about the epoch's deadline. If a hook fails, the run can be
    /// resumed, and the host is asked again.
    #[cold]
    #[inline(never)]
    fn epoch_deadline(&mut self) -> Flow {
        let reached = |m: &mut Self| {
            let host = m.vm().run.host;
            (host.vtable.epoch_reached)(host.data).ok()
        };
        if self.ask(reached).is_err() {
            return Err(self.observer_failed());
        }
        self.ask(|m| {
            let host = m.vm().run.host;
            (host.vtable.epoch_deadline)(host.data).ok()
        })
    }

    /// Returns `true` if the epoch has reached its deadline.
    #[inline(always)]
    fn is_epoch_over(&mut self) -> bool {
        let vm = self.vm();
        vm.epoch.load(Ordering::Relaxed) >= vm.hot.epoch_deadline
    }
}

/// Takes fuel for the segment of code that follows. Less fuel may be left than the segment takes.
pub(crate) struct ConsumeFuel;

impl Instruction for ConsumeFuel {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::ConsumeFuel { cost } = m.operands();
        let vm = m.vm();
        vm.hot.fuel = vm.hot.fuel.wrapping_sub(cost.into());
        m.advance(control::ConsumeFuel::LENGTH);
        Ok(())
    }
}

/// Takes fuel for the segment of code that follows, if more than the given amount is left.
pub(crate) struct CheckFuel;

impl Instruction for CheckFuel {
    const SLOW: Option<SlowWay> = Some(Self::slow);

    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::CheckFuel { least, cost } = m.operands();
        let vm = m.vm();
        if vm.hot.fuel <= least.into() {
            return Err(Stop::SLOW);
        }
        vm.hot.fuel = vm.hot.fuel.wrapping_sub(cost.into());
        m.advance(control::CheckFuel::LENGTH);
        Ok(())
    }
}

impl CheckFuel {
    fn slow(m: &mut Machine) -> Flow {
        let control::CheckFuel { least, .. } = m.operands();
        m.out_of_fuel(u64::from(least) + 1)
    }
}

/// Takes fuel for the segment of code that follows; jumps if no fuel is left.
pub(crate) struct CheckFuelOrBr;

impl Instruction for CheckFuelOrBr {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::CheckFuelOrBr { to, cost } = m.operands();
        let vm = m.vm();
        match vm.hot.fuel > 0 {
            true => {
                vm.hot.fuel = vm.hot.fuel.wrapping_sub(cost as i64);
                m.advance(control::CheckFuelOrBr::LENGTH);
            }
            false => m.jump(to),
        }
        Ok(())
    }
}

/// Asks the host when the epoch has reached its deadline. Nothing is in registers that is wanted
/// behind it.
pub(crate) struct CheckEpoch;

impl Instruction for CheckEpoch {
    const SLOW: Option<SlowWay> = Some(Self::slow);

    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        if m.is_epoch_over() {
            return Err(Stop::SLOW);
        }
        m.advance(control::CheckEpoch::LENGTH);
        Ok(())
    }
}

impl CheckEpoch {
    fn slow(m: &mut Machine) -> Flow {
        m.epoch_deadline()?;
        m.advance(control::CheckEpoch::LENGTH);
        Ok(())
    }
}

/// Jumps if the epoch has reached its deadline.
pub(crate) struct BrAtDeadline;

impl Instruction for BrAtDeadline {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::BrAtDeadline { to } = m.operands();
        match m.is_epoch_over() {
            true => m.jump(to),
            false => m.advance(control::BrAtDeadline::LENGTH),
        }
        Ok(())
    }
}

/// Counts the frame that has been made by the `enter` before it.
pub(crate) struct EnterDepth;

impl Instruction for EnterDepth {
    const SLOW: Option<SlowWay> = Some(Self::slow);

    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let vm = m.vm();
        if vm.run.frames >= vm.hot.max_frames {
            return Err(Stop::SLOW);
        }
        vm.run.frames += 1;
        m.advance(control::EnterDepth::LENGTH);
        Ok(())
    }
}

impl EnterDepth {
    /// There are too many: the function is left where it was not entered yet.
    fn slow(m: &mut Machine) -> Flow {
        m.ip = m.ip.wrapping_sub(control::Enter::LENGTH);
        Err(Trap::StackOverflow.into())
    }
}

/// Counts a frame no more.
pub(crate) struct LeaveDepth;

impl Instruction for LeaveDepth {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        m.vm().run.frames -= 1;
        m.advance(control::LeaveDepth::LENGTH);
        Ok(())
    }
}
