//! Throwing: the search for a handler, which changes nothing, and the landing there.
//!
//! Because the search changes nothing, an exception that no guest catches has a backtrace, and a
//! host function that throws it can still be resumed. The search does not leave the current run:
//! the host function or hook outside of it gets an error, and may throw the exception again.

use crate::TagAddr;
use crate::code::Handling;
use crate::exception::Thrown;
use crate::instance::Instance;
use crate::vm::{Parked, Vm};
use alloc::vec::Vec;
use burdock_ir::Clause;
use core::ptr::{self, NonNull};

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
    /// The instruction and the frame with which the guest continues.
    at: Parked,
    clause: Clause,
    /// The number of switches at that frame.
    switches: usize,
    /// The number of frames that the exception leaves.
    pub(crate) left: usize,
}

impl Landing {
    /// Returns `true` if the handler asks for a reference to the exception.
    pub(crate) fn wants_reference(&self) -> bool {
        self.clause.reference.is_some()
    }
}

/// The results of searches in frames, by instruction: exceptions are thrown from the same places
/// again and again.
pub(crate) struct HandlerCache {
    /// `CACHED` entries, or none before anything is thrown.
    entries: Vec<CachedFrame>,
}

/// The number of entries of a cache, a power of two.
const CACHED: usize = 256;

/// The result for an exception of a tag at an instruction of an instance's code. The pointers are
/// only compared.
#[derive(Clone, Copy)]
struct CachedFrame {
    ip: *const u64,
    instance: *mut Instance,
    tag: TagAddr,
    found: Found,
}

/// The result of the search in one frame.
#[derive(Clone, Copy)]
struct Found {
    /// The slot of the frame's record.
    record: u16,
    /// The clause that catches the exception, and the address where it leads.
    clause: Option<(Clause, *const u64)>,
}

impl CachedFrame {
    const NONE: Self = Self {
        ip: ptr::null(),
        instance: ptr::null_mut(),
        tag: TagAddr(0),
        found: Found { record: 0, clause: None },
    };

    /// Returns the number of the entry for these keys.
    fn index(ip: *const u64, instance: *mut Instance, tag: TagAddr) -> usize {
        let mixed = ip.addr() >> 3 ^ ip.addr() >> 11 ^ instance.addr() >> 6;
        (mixed ^ tag.index()) % CACHED
    }
}

impl HandlerCache {
    pub(crate) const NONE: Self = Self { entries: Vec::new() };

    /// Forgets everything, because code may be freed.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    fn get(&self, ip: *const u64, instance: *mut Instance, tag: TagAddr) -> Option<Found> {
        let entry = self.entries.get(CachedFrame::index(ip, instance, tag))?;
        let same = (entry.ip, entry.instance, entry.tag) == (ip, instance, tag);
        same.then_some(entry.found)
    }

    fn insert(&mut self, entry: CachedFrame) {
        if self.entries.is_empty() {
            self.entries.resize(CACHED, CachedFrame::NONE);
        }
        self.entries[CachedFrame::index(entry.ip, entry.instance, entry.tag)] = entry;
    }
}

impl Vm {
    /// Returns the place where an exception is caught that is thrown where the guest is parked;
    /// `None` if no frame of the current run catches the exception.
    pub(crate) fn find_handler(&mut self, thrown: &Thrown, first: FirstFrame) -> Option<Landing> {
        let mut at = Parked { ip: self.run.parked.ip(), ..self.run.parked };
        let mut switches = self.runs.switches.len();
        // A return address belongs to the call before it.
        let (mut back, mut left) = (0, 0);
        let mut catches = first == FirstFrame::Parked;
        loop {
            let ip = at.ip.wrapping_sub(back);
            let Found { record, clause } = self.find_in_frame(ip, at.instance, thrown.tag)?;
            if let Some((clause, ip)) = clause.filter(|_| catches) {
                return Some(Landing { at: Parked { ip, ..at }, clause, switches, left });
            }
            left += usize::from(catches);
            (back, catches) = (1, true);
            let record = self.runs.stack.slots(at.sp + usize::from(record), 2);
            at.ip = record[0] as *const u64;
            at.sp -= record[1] as usize;
            if at.ip == self.hot.stubs.exit.as_ptr() {
                return None;
            }
            if at.ip == self.hot.stubs.return_to_instance.as_ptr() {
                switches = switches.checked_sub(1)?;
                let switch = self.runs.switches[switches];
                (at.ip, at.instance) = (switch.ip, switch.instance);
            }
        }
    }

    /// Returns what an exception finds at an instruction of an instance's code.
    fn find_in_frame(
        &mut self,
        ip: *const u64,
        instance: *mut Instance,
        tag: TagAddr,
    ) -> Option<Found> {
        if let Some(found) = self.exceptions.cache.get(ip, instance, tag) {
            return Some(found);
        }
        // SAFETY: [ADDR] an instance lives as long as the store.
        let current = unsafe { instance.as_ref() }?;
        let Handling { record, clauses } = current.handling(ip)?;
        let found = Found { record, clause: clauses.find(tag, &current.tags) };
        self.exceptions.cache.insert(CachedFrame { ip, instance, tag, found });
        Some(found)
    }

    /// Leaves the frames between an exception and its handler, and gives the handler's frame the
    /// exception's values. The exception has an object if the handler asks for a reference to it.
    /// Returns where the guest continues.
    pub(crate) fn land(&mut self, landing: &Landing, thrown: &Thrown) -> Parked {
        let Landing { at, clause, switches, left } = *landing;
        if clause.has_tag() {
            self.write_values(thrown, at.sp + usize::from(clause.slot));
        }
        if let Some((slot, object)) = clause.reference.zip(thrown.object()) {
            let slot = at.sp + usize::from(slot);
            self.runs.stack.slots_mut(slot, 1)[0] = object.reference().to_slot();
        }
        self.runs.switches.truncate(switches);
        // 0 in code that counts no frames.
        self.run.frames = self.run.frames.saturating_sub(left);
        if at.instance != self.run.instance
            && let Some(instance) = NonNull::new(at.instance)
        {
            self.enter_instance(instance);
        }
        at
    }
}
