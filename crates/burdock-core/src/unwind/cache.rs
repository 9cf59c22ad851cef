//! Results of searches for handlers: exceptions are thrown from the same places again and again.
//!
//! `frames` has the result of the search in one frame, by instruction. `paths` has the result of
//! a whole search, by the instruction that throws. A path is found again by comparing the return
//! addresses on the stack with those of the path, none of which waits for another: the frame of a
//! caller is known without reading the record of its callee. The search in frame after frame takes
//! five times as long.

use crate::TagAddr;
use crate::instance::Instance;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ptr::{self, NonNull};

/// The number of entries of each table, a power of two.
const FRAMES: usize = 256;
const PATHS: usize = 64;

/// The most callers that an exception of a path leaves.
const CALLERS: usize = 16;

/// The place where a clause leads.
#[derive(Clone, Copy)]
pub(crate) struct Catch {
    pub(crate) to: NonNull<u64>,
    /// The slot that gets the first value of the exception.
    pub(crate) slot: u16,
    /// The slot that gets a reference to the exception.
    pub(crate) reference: Option<u16>,
    /// `true` if the clause gets the values of the exception.
    pub(crate) has_values: bool,
}

/// The result of the search in one frame.
#[derive(Clone, Copy)]
pub(super) struct Found {
    /// The slot of the frame's record.
    pub(super) record: u16,
    /// The clause that catches the exception.
    pub(super) catch: Option<Catch>,
}

/// The code and the exception for which a result holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct FrameKey {
    ip: *const u64,
    /// The address of the instance, and the tag.
    scope: u64,
}

impl FrameKey {
    const NONE: Self = Self { ip: ptr::null(), scope: 0 };

    /// Returns the key for an instruction of an instance's code and the exceptions of a tag.
    #[inline]
    pub(super) fn new(ip: *const u64, instance: &Instance, tag: TagAddr) -> Self {
        Self { ip, scope: u64::from(instance.address) << 32 | tag.index() as u64 }
    }

    #[inline]
    fn index(self) -> usize {
        let mixed = self.ip.addr() >> 3 ^ self.ip.addr() >> 11;
        (mixed ^ self.scope as usize ^ (self.scope >> 32) as usize) % FRAMES
    }
}

#[derive(Clone, Copy)]
struct CachedFrame {
    key: FrameKey,
    found: Found,
}

impl CachedFrame {
    const NONE: Self = Self { key: FrameKey::NONE, found: Found { record: 0, catch: None } };
}

/// The way of an exception from an instruction that throws it to where it is caught, all in one
/// instance. Nobody wants a reference to it.
#[derive(Clone, Copy)]
pub(crate) struct Path {
    /// The instruction and its instance, which are only compared.
    ip: *const u64,
    instance: *mut Instance,
    route: Route,
    /// The frames that the exception leaves, the innermost first: `route.left` of them.
    callers: [Caller; CALLERS],
}

/// The place where the exception of a path is caught.
#[derive(Clone, Copy)]
pub(crate) struct Route {
    pub(crate) to: *const u64,
    /// The distance between the frame that throws and the one that catches, in slots.
    pub(crate) distance: usize,
    /// The number of slots that the values take, and the one that gets the first value.
    pub(crate) values: u16,
    pub(crate) slot: u16,
    /// The number of frames that the exception leaves.
    pub(crate) left: usize,
}

/// The return address of a frame that the exception leaves.
#[derive(Clone, Copy)]
struct Caller {
    ip: *const u64,
    /// The position of the record, counted from the frame that catches the exception.
    record: usize,
}

impl Path {
    const NONE: Self = Self {
        ip: ptr::null(),
        instance: ptr::null_mut(),
        route: Route { to: ptr::null(), distance: 0, values: 0, slot: 0, left: 0 },
        callers: [Caller { ip: ptr::null(), record: 0 }; CALLERS],
    };

    #[inline]
    fn index(ip: *const u64) -> usize {
        (ip.addr() >> 3 ^ ip.addr() >> 9) % PATHS
    }
}

/// The results of searches.
pub(crate) struct HandlerCache {
    /// `FRAMES` entries, or none before anything is thrown.
    frames: Vec<CachedFrame>,
    paths: Option<Box<[Path; PATHS]>>,
    /// The return addresses that the present search has passed, with the positions of their
    /// records on the stack.
    passed: Vec<(*const u64, usize)>,
}

impl HandlerCache {
    pub(crate) const NONE: Self = Self { frames: Vec::new(), paths: None, passed: Vec::new() };

    /// Forgets everything, because code may be freed.
    pub(crate) fn clear(&mut self) {
        self.frames.clear();
        self.forget_paths();
    }

    /// Forgets paths, because a hook may want to see frames being left.
    pub(crate) fn forget_paths(&mut self) {
        self.paths = None;
    }

    /// Returns the result of the search in a frame.
    #[inline]
    pub(super) fn frame(&self, key: FrameKey) -> Option<&Found> {
        let entry = self.frames.get(key.index())?;
        (entry.key == key).then_some(&entry.found)
    }

    #[cold]
    pub(super) fn add_frame(&mut self, key: FrameKey, found: Found) {
        if self.frames.is_empty() {
            self.frames.resize(FRAMES, CachedFrame::NONE);
        }
        self.frames[key.index()] = CachedFrame { key, found };
    }

    /// Begins a search.
    #[inline]
    pub(super) fn begin(&mut self) {
        self.passed.clear();
    }

    /// Notes a return address, and the position of its record, in the search.
    #[inline]
    pub(super) fn pass(&mut self, ip: *const u64, record: usize) {
        if self.passed.len() < CALLERS {
            self.passed.push((ip, record));
        }
    }

    /// Adds the path of the search that has just ended. `at` is the position of the frame that
    /// throws.
    pub(super) fn add_path(
        &mut self,
        (ip, instance): (*const u64, *mut Instance),
        at: usize,
        route: Route,
    ) {
        if route.left != self.passed.len() {
            return;
        }
        let paths = self.paths.get_or_insert_with(|| Box::new([Path::NONE; PATHS]));
        let path = &mut paths[Path::index(ip)];
        (path.ip, path.instance, path.route) = (ip, instance, route);
        for (caller, (ip, record)) in path.callers.iter_mut().zip(&self.passed) {
            *caller = Caller { ip: *ip, record: record + route.distance - at };
        }
    }

    /// Returns the route of the exception that an instruction of an instance throws, if callers are
    /// those of a known path. `slots` returns the slots of the stack from a distance below the
    /// frame that throws on.
    #[inline(always)]
    pub(crate) fn route<'s>(
        &self,
        ip: *const u64,
        instance: *mut Instance,
        slots: impl FnOnce(usize) -> Option<&'s [u64]>,
    ) -> Option<Route> {
        let path = &self.paths.as_ref()?[Path::index(ip)];
        if path.ip != ip || path.instance != instance {
            return None;
        }
        let slots = slots(path.route.distance)?;
        for Caller { ip, record } in path.callers.iter().take(path.route.left) {
            if slots.get(*record) != Some(&(*ip as u64)) {
                return None;
            }
        }
        Some(path.route)
    }
}
