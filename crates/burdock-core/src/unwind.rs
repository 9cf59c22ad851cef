//! Throwing: the search for a handler, which changes nothing, and the landing there.
//!
//! Because the search changes nothing, an exception that no guest catches has a backtrace, and a
//! host function that throws it can still be resumed. The search does not leave the current run:
//! the host function or hook outside of it gets an error, and may throw the exception again.

mod cache;

pub(crate) use cache::{HandlerCache, Route};

use crate::TagAddr;
use crate::code::Handling;
use crate::exception::Thrown;
use crate::instance::Instance;
use crate::vm::{Parked, Vm};
use cache::{Catch, Found, FrameKey};
use core::ptr::NonNull;

/// The first frame in which an exception may be caught.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FirstFrame {
    /// The frame in which the guest is parked.
    Parked,
    /// The caller's: the parked frame has been replaced by a tail call.
    Caller,
}

/// The place where an exception is caught.
#[derive(Clone, Copy)]
pub(crate) struct Landing {
    catch: Catch,
    /// The position and the instance of the frame in which the guest continues.
    sp: usize,
    instance: *mut Instance,
    /// The number of switches at that frame.
    switches: usize,
    /// The number of frames that the exception leaves.
    pub(crate) left: usize,
}

impl Landing {
    /// Returns `true` if the handler asks for a reference to the exception.
    pub(crate) fn wants_reference(&self) -> bool {
        self.catch.reference.is_some()
    }
}

impl Vm {
    /// Returns the place where an exception is caught that is thrown where the guest is parked;
    /// `None` if no frame of the current run catches the exception.
    pub(crate) fn find_handler(&mut self, thrown: &Thrown, first: FirstFrame) -> Option<Landing> {
        let Parked { mut sp, mut instance, .. } = self.run.parked;
        let mut ip = self.run.parked.ip();
        let mut switches = self.runs.switches.len();
        let mut left = 0;
        let mut catches = first == FirstFrame::Parked;
        self.exceptions.cache.begin();
        loop {
            let Found { record, catch } = self.find_in_frame(ip, instance, thrown.tag)?;
            if let Some(catch) = catch.filter(|_| catches) {
                return Some(Landing { catch, sp, instance, switches, left });
            }
            left += usize::from(catches);
            catches = true;
            let record = sp + usize::from(record);
            let &[to, distance] = self.runs.stack.get(record, 2)?.first_chunk()?;
            let mut to = to as *const u64;
            self.exceptions.cache.pass(to, record);
            sp -= distance as usize;
            if to == self.hot.stubs.exit.as_ptr() {
                return None;
            }
            if to == self.hot.stubs.return_to_instance.as_ptr() {
                switches = switches.checked_sub(1)?;
                let switch = self.runs.switches[switches];
                (to, instance) = (switch.ip, switch.instance);
            }
            // A return address belongs to the call before it.
            ip = to.wrapping_sub(1);
        }
    }

    /// Returns what an exception finds at an instruction of an instance's code.
    #[inline]
    fn find_in_frame(
        &mut self,
        ip: *const u64,
        instance: *mut Instance,
        tag: TagAddr,
    ) -> Option<Found> {
        // SAFETY: [ADDR] an instance lives as long as the store.
        let current = unsafe { instance.as_ref() }?;
        let key = FrameKey::new(ip, current, tag);
        match self.exceptions.cache.frame(key) {
            Some(found) => Some(*found),
            None => self.search_frame(key, ip, current, tag),
        }
    }

    #[cold]
    fn search_frame(
        &mut self,
        key: FrameKey,
        ip: *const u64,
        instance: &Instance,
        tag: TagAddr,
    ) -> Option<Found> {
        let Handling { record, clauses } = instance.handling(ip)?;
        let catch = clauses.find(tag, &instance.tags).and_then(|(clause, to)| {
            let (slot, reference) = (clause.slot, clause.reference);
            let to = NonNull::new(to.cast_mut())?;
            Some(Catch { to, slot, reference, has_values: clause.has_tag() })
        });
        let found = Found { record, catch };
        self.exceptions.cache.add_frame(key, found);
        Some(found)
    }

    /// Notes the way of an exception that the instruction throws at which the guest is parked, so
    /// that the next one is caught in less time.
    pub(crate) fn note_path(&mut self, landing: &Landing, thrown: &Thrown) {
        let Landing { catch, sp, instance, switches, left } = *landing;
        let parked = self.run.parked;
        let Some(values) = thrown.values_on_stack() else { return };
        let is_simple = catch.reference.is_none()
            && switches == self.runs.switches.len()
            && !(left > 0 && self.has_observed());
        // Values that are moved up would have to be moved in another order.
        if !is_simple || sp + usize::from(catch.slot) > values {
            return;
        }
        let len = if catch.has_values { self.tag_slots(thrown.tag) } else { 0 };
        let (to, distance, slot) = (catch.to.as_ptr().cast_const(), parked.sp - sp, catch.slot);
        let route = Route { to, distance, values: len as u16, slot, left };
        self.exceptions.cache.add_path((parked.ip(), instance), parked.sp, route);
    }

    /// Returns the way of the exception that an instruction throws in a frame at a position of the
    /// stack, if the way is known.
    #[inline(always)]
    pub(crate) fn known_route(&self, ip: *const u64, position: usize) -> Option<Route> {
        let slots = |distance| self.runs.stack.from(position.checked_sub(distance)?);
        self.exceptions.cache.route(ip, self.run.instance, slots)
    }

    /// Leaves the frames between an exception and its handler, and gives the handler's frame the
    /// exception's values. The exception has an object if the handler asks for a reference to it.
    /// Returns where the guest continues.
    pub(crate) fn land(&mut self, landing: &Landing, thrown: &Thrown) -> Parked {
        let Landing { catch, sp, instance, switches, left } = *landing;
        if catch.has_values {
            self.write_values(thrown, sp + usize::from(catch.slot));
        }
        if let Some((slot, object)) = catch.reference.zip(thrown.object()) {
            let slot = sp + usize::from(slot);
            self.runs.stack.slots_mut(slot, 1)[0] = object.reference().to_slot();
        }
        self.runs.switches.truncate(switches);
        // 0 in code that counts no frames.
        self.run.frames = self.run.frames.saturating_sub(left);
        if instance != self.run.instance
            && let Some(instance) = NonNull::new(instance)
        {
            self.enter_instance(instance);
        }
        Parked { ip: catch.to.as_ptr(), sp, instance }
    }
}
