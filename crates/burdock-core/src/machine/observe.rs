//! Observation: instructions that translation writes only into code that is observed.

use super::operand::{InSlot, Reg, Slot, Source};
use super::{Flow, Instruction, Machine, OutOfLine, SlowWay, Stop};
use crate::host::RawHost;
use crate::vm::Vm;
use burdock_ir::{Operands, control};
use core::marker::PhantomData;

/// Calls the host at a site. Every value that is wanted later is in its slot.
pub(crate) struct Observe;

impl Instruction for Observe {
    const SLOW: Option<SlowWay> = Some(Self::slow);

    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::Observe { site, .. } = m.operands();
        if m.call_host_at_site(|host| (host.vtable.observe)(host.data, site)) {
            m.vm().run.host_failed = true;
            return Err(Stop::SLOW);
        }
        if m.vm().run.detours != 0 {
            return Err(Stop::SLOW);
        }
        m.advance(control::Observe::LENGTH);
        Ok(())
    }
}

impl Observe {
    /// Continues after the call of the host.
    fn slow(m: &mut Machine) -> Flow {
        let failed = core::mem::take(&mut m.vm().run.host_failed);
        if m.vm().end_left_runs() {
            // The frame was looked for in the stack of a run that the hook has left.
            let position = m.vm().run.parked.sp;
            m.return_to_frame(position);
            m.reload_memory();
        }
        let follow = |host: RawHost| (host.vtable.follow)(host.data).is_err();
        if failed || m.vm().take_follow() && m.call_host_at_site(follow) {
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

/// Jumps if an access begins at a watched address, which is in a slot or the register.
pub(crate) struct Watched<A>(PhantomData<A>);

impl<A: Source<i64>> Instruction for Watched<A> {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::BrIfWatched { to, offset, .. } = m.operands();
        let address = (A::get(m) as u64).wrapping_add(offset);
        match m.vm().watched.contains(address) {
            true => m.jump(to),
            false => m.advance(control::BrIfWatched::LENGTH),
        }
        Ok(())
    }
}

/// `br_if_watched` with the address in a slot.
pub(crate) type BrIfWatched = Watched<Slot<{ control::BrIfWatched::address().number() }>>;
/// `br_if_watched` with the address in the register.
pub(crate) type BrIfWatchedR = Watched<Reg>;

/// Jumps if one of the addresses of an operator on a span of memory is watched.
pub(crate) struct BrIfSpanWatched;

impl Instruction for BrIfSpanWatched {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::BrIfSpanWatched { address, len, to } = m.operands();
        let (address, len) = (i64::read(m, address) as u64, i64::read(m, len) as u64);
        match m.vm().watched.intersects(address, len) {
            true => m.jump(to),
            false => m.advance(control::BrIfSpanWatched::LENGTH),
        }
        Ok(())
    }
}

/// Jumps unless an access begins at a watched address of its memory. The comparison before has only
/// found that the address may be one.
pub(crate) struct BrUnlessWatched;

impl Instruction for BrUnlessWatched {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::BrUnlessWatched { address, to, offset, memory } = m.operands();
        let address = (i64::read(m, address) as u64).wrapping_add(offset);
        let own = m.memory_addr(memory);
        match m.vm().watched.contains_in(memory, own, address) {
            true => m.advance(control::BrUnlessWatched::LENGTH),
            false => m.jump(to),
        }
        Ok(())
    }
}

/// The rest of a native `observe`, after the call of the host.
#[cfg(native_dispatch)]
pub(crate) struct Observed;

#[cfg(native_dispatch)]
impl OutOfLine for Observed {
    fn run(m: &mut Machine) -> Flow {
        Observe::slow(m)
    }
}

/// Uncounts the frame of a function that a hook makes return, if frames are counted.
#[cold]
fn forget_frame(vm: &mut Vm) {
    vm.run.frames = vm.run.frames.saturating_sub(1);
}

/// Continues, behind a call, in other code of the function if there is newer code.
pub(crate) struct Anchor;

impl Instruction for Anchor {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        m.go_on();
        Ok(())
    }
}

/// Continues behind a call in newer code of the function. The head of the instruction there is
/// this one's as long as there is newer code.
pub(crate) struct Detour;

impl OutOfLine for Detour {
    fn run(m: &mut Machine) -> Flow {
        let address = m.ip as usize;
        let newer = m.vm().instrumentation.detours.get(&address).map(|newer| newer.to);
        debug_assert!(newer.is_some(), "a detour leads nowhere");
        if let Some(newer) = newer {
            m.ip = newer.as_ptr();
        }
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
        if let Some(cell) = self.vm().instrumentation.counters.get_mut(cell as usize) {
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

    /// Calls the host with the guest parked at the site. Returns `true` if the host has failed.
    #[inline(always)]
    fn call_host_at_site(&mut self, call: impl FnOnce(RawHost) -> bool) -> bool {
        let position = self.park();
        let control::Observe { frame_low, frame_high, .. } = self.operands();
        let frame = usize::from(frame_low) | usize::from(frame_high) << 16;
        let vm = self.vm();
        vm.run.top = position + frame;
        let failed = call(vm.run.host);
        self.return_to_frame(position);
        self.reload_memory();
        // Every value is in its slot.
        (self.int, self.f32, self.f64) = (0, 0.0, 0.0);
        failed
    }
}
