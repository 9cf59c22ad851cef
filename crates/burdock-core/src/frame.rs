//! `Cursor`: a frame of a guest that is parked, to be looked at and changed from outside.
//!
//! A cursor stays valid as long as its guest does not continue, whatever other runs begin and end
//! meanwhile. Making a cursor marks the place where the guest is parked (`Parked::view`) and gives
//! the run a stamp that is never used again; parking the guest again overwrites the place, without
//! the mark. Making cursors stale therefore costs nothing, and a stale cursor is recognized: by the
//! missing mark while its run exists, by the stamp when another run has taken the run's place.

use crate::instance::Instance;
use crate::run_state::EarlyReturn;
use crate::vm::Vm;
use crate::{InstanceAddr, code::Position};
use alloc::boxed::Box;
use burdock_ir::{Operands, control};
use burdock_types::FuncIdx;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicU64, Ordering};

/// A frame, as long as its guest does not continue.
#[derive(Clone, Copy, Debug)]
pub struct Cursor {
    /// The stamp of the cursor's run when the cursor was made.
    view: u64,
    /// The number of the cursor's run among the current run and those that wait, counted from the
    /// outermost.
    run: usize,
    sp: usize,
    switches: usize,
    entering: bool,
    /// The location of the frame.
    pub place: FrameLocation,
}

/// The location of a frame in its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameLocation {
    /// The instance of the function.
    pub instance: InstanceAddr,
    /// The function.
    pub func: FuncIdx,
    /// Byte offset, in the module, of the operator that is being executed.
    pub offset: u32,
    /// The number of the version, in observed code.
    pub version: Option<u32>,
    /// The site at which the frame stands, if it stands at one.
    pub site: Option<u32>,
    /// `true` if the function has called another one, which has not returned.
    pub calls: bool,
    /// The slot of the frame's record.
    pub record: u16,
}

/// A run whose parked guest is marked, so that cursors to its frames are valid.
#[derive(Clone, Copy)]
struct Viewed {
    view: u64,
    run: usize,
}

/// Callers read a frame only after `is_live` has returned `true`.
const STALE: &str = "the frame of a guest that has gone on";

impl Cursor {
    /// Returns the number of the frame's run among the current run and those that wait, counted
    /// from the outermost.
    pub fn run(&self) -> usize {
        self.run
    }

    /// Returns `true` if the frame is the lowest on its stack.
    pub(crate) fn is_at_the_bottom(&self) -> bool {
        self.sp == 0
    }

    /// Returns `true` if both lead to one frame.
    pub fn is_same_frame(&self, other: &Self) -> bool {
        (self.view, self.run, self.sp) == (other.view, other.run, other.sp)
    }

    /// Returns `true` if the function was called, but found no room for its frame.
    pub fn is_entering(&self) -> bool {
        self.entering
    }
}

impl Vm {
    /// Returns slots of the innermost frame of the parked guest; empty if there are no such slots.
    #[inline]
    pub fn parked_slots(&self, slot: usize, len: usize) -> &[u64] {
        let start = self.run.parked.sp.wrapping_add(slot);
        self.runs.stack.get(start, len).unwrap_or(&[])
    }

    /// Returns the innermost frame of all parked guests.
    pub fn innermost_frame(&mut self) -> Option<Cursor> {
        self.view_runs();
        let run = self.guest_outside(self.runs.waiting.len() + 1)?;
        self.frame_of_run(run, self.runs.switches.len())
    }

    /// Returns the innermost frame of a run's guest. This run and the runs outside of it have
    /// `switches` switches.
    fn frame_of_run(&self, run: usize, switches: usize) -> Option<Cursor> {
        let state = self.run_at(run)?;
        let (parked, viewed) = (state.parked, Viewed { view: state.view, run });
        let instance = NonNull::new(parked.instance)?;
        self.cursor(viewed, parked.ip(), parked.sp, instance, switches, false)
    }

    /// Returns the nearest run outside of `run` that has a guest.
    pub(crate) fn guest_outside(&self, run: usize) -> Option<usize> {
        (0..run).rev().find(|run| self.run_at(*run).is_some_and(|state| !state.parked.ip.is_null()))
    }

    /// Returns the site at which the innermost guest is parked, if it is parked at one.
    pub fn parked_site(&self) -> Option<u32> {
        self.site_at(self.run.parked.ip())
    }

    /// Returns the number of runs, executing or waiting, that are parked at sites.
    pub fn runs_at_sites(&self) -> usize {
        let runs = self.runs.waiting.iter().chain([&self.run]);
        runs.filter(|run| self.site_at(run.parked.ip()).is_some()).count()
    }

    /// Returns the position at which a guest at an instruction continues: behind the instruction if
    /// it is a site, else at the instruction.
    pub(crate) fn behind_site(&self, ip: *const u64) -> *const u64 {
        match self.site_at(ip) {
            Some(site) => self.successor(site).unwrap_or(ip.wrapping_add(control::Observe::LENGTH)),
            None => ip,
        }
    }

    /// Returns the position at which a guest continues behind a site if its function has newer
    /// code.
    #[inline(always)]
    pub(crate) fn successor(&self, site: u32) -> Option<*const u64> {
        self.instrumentation.successors.get(site as usize)?.map(|newer| newer.as_ptr().cast_const())
    }

    /// Returns the site of an instruction, if the instruction is one.
    fn site_at(&self, ip: *const u64) -> Option<u32> {
        let ip = NonNull::new(ip.cast_mut())?;
        // SAFETY: [CODE] guests are parked at instructions, whose heads may be bound meanwhile.
        let head = unsafe { ip.cast::<AtomicU64>().as_ref() }.load(Ordering::Relaxed);
        if !self.instrumentation.heads.contains(&head) {
            return None;
        }
        let field = control::Observe::site();
        // SAFETY: [CODE] an `observe` has the word of its operand.
        let word = unsafe { *ip.as_ptr().wrapping_add(field.word.into()) };
        Some(field.get(word) as u32)
    }

    /// Returns the frame of the guest that stands at a site, whose location is known.
    pub fn frame_at_site(&mut self, place: FrameLocation) -> Option<Cursor> {
        self.view_runs();
        let (view, run) = (self.run.view, self.runs.waiting.len());
        let (sp, switches) = (self.run.parked.sp, self.runs.switches.len());
        Some(Cursor { view, run, sp, switches, entering: false, place })
    }

    fn cursor(
        &self,
        run: Viewed,
        ip: *const u64,
        sp: usize,
        instance: NonNull<Instance>,
        switches: usize,
        is_return_address: bool,
    ) -> Option<Cursor> {
        // SAFETY: [ADDR] an instance lives as long as the store.
        let instance = unsafe { instance.as_ref() };
        let at = if is_return_address { ip.wrapping_sub(1) } else { ip };
        let (position, observed) = instance.find(at)?;
        let Position { defined, offset, meta, .. } = position;
        let place = FrameLocation {
            instance: InstanceAddr(instance.address),
            func: FuncIdx(instance.imported.len() as u32 + defined),
            offset,
            version: observed.map(|code| code.version),
            site: observed.filter(|_| !is_return_address).and_then(|_| self.site_at(at)),
            calls: is_return_address,
            record: meta.record,
        };
        let Viewed { view, run } = run;
        Some(Cursor { view, run, sp, switches, entering: position.is_start, place })
    }

    /// Returns `true` if the guest has not gone on since the cursor was made.
    pub fn is_live(&self, at: &Cursor) -> bool {
        self.run_at(at.run).is_some_and(|run| run.view == at.view && run.parked.is_viewed())
    }

    /// Returns the frame that called this one, within guests or through the host; `None` for the
    /// outermost frame and for a stale cursor.
    pub fn caller_frame(&self, at: &Cursor) -> Option<Cursor> {
        if !self.is_live(at) {
            return None;
        }
        let record = self.frame_slots(at, at.place.record.into(), 2);
        let (back, distance) = (record[0] as *const u64, record[1] as usize);
        if back == self.hot.stubs.exit.as_ptr() {
            let run = self.guest_outside(at.run)?;
            return self.frame_of_run(run, at.switches);
        }
        let (sp, run) = (at.sp - distance, Viewed { view: at.view, run: at.run });
        if back == self.hot.stubs.return_to_instance.as_ptr() {
            let switch = self.runs.switches.get(at.switches.checked_sub(1)?)?;
            let instance = NonNull::new(switch.instance)?;
            return self.cursor(run, switch.ip, sp, instance, at.switches - 1, true);
        }
        let instance = self.entities.instances.pointer(at.place.instance.index());
        self.cursor(run, back, sp, instance, at.switches, true)
    }

    /// Returns slots of a live frame.
    ///
    /// # Panics
    ///
    /// The cursor is stale.
    pub fn frame_slots(&self, at: &Cursor, slot: usize, len: usize) -> &[u64] {
        let run = self.run_at(at.run).filter(|_| self.is_live(at)).expect(STALE);
        self.stack_of(run).slots(at.sp + slot, len)
    }

    /// Returns slots of a live frame, to be written.
    ///
    /// # Panics
    ///
    /// The cursor is stale.
    pub fn frame_slots_mut(&mut self, at: &Cursor, slot: usize, len: usize) -> &mut [u64] {
        let is_live = self.is_live(at);
        let stack = self.stack_of_mut(at.run).filter(|_| is_live).expect(STALE);
        stack.slots_mut(at.sp + slot, len)
    }

    /// Has the guest that is being observed return from its innermost frame, with these results,
    /// instead of going on.
    pub fn return_early(&mut self, at: &Cursor, results: &[u64]) {
        let (record, results) = (at.place.record, results.into());
        self.run.early_return = Some(Box::new(EarlyReturn { record, results }));
        self.ask_to_follow();
    }

    /// Returns the results of the early return, if the guest that is being observed returns instead
    /// of going on.
    pub fn early_results(&self) -> Option<&[u64]> {
        self.run.early_return.as_ref().map(|early| &*early.results)
    }

    /// Requests another call of the host once the event of the site at which the guest stands is
    /// over.
    pub fn ask_to_follow(&mut self) {
        self.run.detours |= Self::FOLLOW;
    }

    /// A call of the host after the site's event was requested.
    pub(crate) const FOLLOW: u8 = 1;
    /// There is newer code for some sites.
    pub(crate) const NEWER: u8 = 2;
    /// The run waits (`RunState::set_waits`): if a guest at a site of an outer run is to go on, the
    /// hook has left this run.
    pub(crate) const LEFT: u8 = 4;

    /// Returns `true` if a call of the host was requested, and withdraws the request.
    pub(crate) fn take_follow(&mut self) -> bool {
        let follow = self.run.detours & Self::FOLLOW != 0;
        self.run.detours &= !Self::FOLLOW;
        follow
    }
}
