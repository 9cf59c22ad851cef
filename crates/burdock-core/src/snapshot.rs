//! `Snapshot`: a guest that is being observed, and all that guests of its store can change, put
//! aside: to go on from there, as often as one likes.
//!
//! At a site every value is in its slot (`observe.rs`), and frames are data in which nothing points
//! to the stack: a copy of their slots is a copy of the guest.

use crate::heap::HeapImage;
use crate::instance::Instance;
use crate::run::{Paused, PausedAt, PausedRun};
use crate::run_state::RunState;
use crate::vm::{Parked, Switch, Vm};
use crate::{FuncAddr, OutOfMemory, RawRef};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;

/// A guest and what guests of its store can change, as they were at a site.
pub struct Snapshot {
    /// The function that the host had called, or that has taken its place by tail calls.
    func: FuncAddr,
    frames: Box<[u64]>,
    switches: Box<[Switch]>,
    at: Parked,
    /// The number of frames if code counts them.
    counted: usize,
    memories: Vec<Pages>,
    tables: Vec<Box<[RawRef]>>,
    globals: Vec<[u64; 2]>,
    segments: Vec<Segments>,
    /// The objects that all of these lead to.
    heap: Arc<HeapImage>,
    /// The pending exception; 0 if there was none.
    pending: RawRef,
}

/// An instance's segments, of which some have been dropped.
struct Segments {
    elems: Vec<Box<[RawRef]>>,
    datas: Vec<Range<usize>>,
}

// SAFETY: [OWN] it owns its frames; what it points to is followed only in a run on its store.
unsafe impl Send for Snapshot {}
// SAFETY: [OWN] a shared reference to it only reads what it owns.
unsafe impl Sync for Snapshot {}

impl core::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Snapshot").finish_non_exhaustive()
    }
}

/// The bytes of a memory; what does not change from one snapshot to the next is shared.
#[derive(Default)]
struct Pages(Vec<Arc<[u8]>>);

impl Pages {
    const SIZE: usize = 4096;

    fn new(bytes: &[u8], before: Option<&Self>) -> Self {
        let page = |(number, bytes): (usize, &[u8])| {
            let old = before.and_then(|before| before.0.get(number));
            old.filter(|old| ***old == *bytes).map_or_else(|| bytes.into(), Arc::clone)
        };
        Self(bytes.chunks(Self::SIZE).enumerate().map(page).collect())
    }

    fn len(&self) -> usize {
        self.0.iter().map(|page| page.len()).sum()
    }
}

impl Snapshot {
    /// Returns the function that the host called, or the one that replaced it by tail calls, which
    /// has the same results.
    pub fn func(&self) -> FuncAddr {
        self.func
    }
}

impl Vm {
    /// Puts the guest that is being observed aside, with what guests can change. Memory that has
    /// not changed since an earlier snapshot is shared with that. Collects garbage, so that nothing
    /// but the objects that live is part of the snapshot.
    ///
    /// `None` if the guest is at no site, or was called within a call of another: what the host
    /// does between both can't be put aside.
    ///
    /// # Errors
    ///
    /// There is no memory for the collection.
    pub fn snapshot(
        &mut self,
        earlier: Option<&Snapshot>,
    ) -> Result<Option<Snapshot>, OutOfMemory> {
        let Some(func) = self.restartable_func() else { return Ok(None) };
        let heap = self.heap_image(earlier.map(|earlier| &*earlier.heap))?;
        let earlier_memory = |number: usize| earlier?.memories.get(number);
        let memories = self
            .memories()
            .enumerate()
            .map(|(number, memory)| Pages::new(self.memory_data(memory), earlier_memory(number)));
        let instances = (0..self.num_instances()).map(|number| self.entities.instances.get(number));
        Ok(Some(Snapshot {
            func,
            frames: self.runs.stack.slots(0, self.run.top).into(),
            switches: self.runs.switches.clone().into(),
            at: Parked { ip: self.run.parked.ip(), ..self.run.parked },
            counted: self.run.frames,
            memories: memories.collect(),
            tables: self
                .tables()
                .map(|table| self.entities.tables.get(table.index()).elements().into())
                .collect(),
            globals: self.globals().map(|global| self.global_get(global)).collect(),
            segments: instances.map(Segments::of).collect(),
            heap,
            pending: self.pending_exception(),
        }))
    }

    /// Returns the function that the host called, if the guest is at a site and no other guest
    /// waits for it.
    fn restartable_func(&mut self) -> Option<FuncAddr> {
        let mut cursor = self.innermost_frame()?;
        cursor.place.site?;
        while let Some(caller) = self.caller_frame(&cursor) {
            cursor = caller;
        }
        let is_alone = self.depth() == 1 && cursor.is_at_the_bottom();
        is_alone.then(|| self.instance_func(cursor.place.instance, cursor.place.func))
    }

    /// Restores everything that guests can change except fuel, and returns the guest as a call for
    /// [`resume`](crate::resume): it arrives at the site again. Entities that were added to the
    /// store since then stay as they are.
    ///
    /// # Errors
    ///
    /// There is no room for the memories' bytes or the tables' elements. Some memories and tables
    /// may be restored by then.
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<Paused, OutOfMemory> {
        for (number, pages) in snapshot.memories.iter().enumerate() {
            let memory = self.entities.memories.get_mut(number);
            memory.set_len(pages.len()).ok_or(OutOfMemory)?;
            for (to, from) in memory.bytes_mut().chunks_mut(Pages::SIZE).zip(&pages.0) {
                to.copy_from_slice(from);
            }
        }
        for (number, elements) in snapshot.tables.iter().enumerate() {
            self.entities.tables.get_mut(number).set_elements(elements).ok_or(OutOfMemory)?;
        }
        for (global, value) in self.globals().zip(&snapshot.globals) {
            self.global_set(global, *value);
        }
        self.heap.restore(&snapshot.heap);
        self.set_pending_exception(snapshot.pending);
        for (number, segments) in snapshot.segments.iter().enumerate() {
            segments.restore(self.entities.instances.get_mut(number));
        }
        let mut stack = self.new_stack();
        // There was room for them once.
        if !stack.reserve(snapshot.frames.len()) {
            return Err(OutOfMemory);
        }
        stack.slots_mut(0, snapshot.frames.len()).copy_from_slice(&snapshot.frames);
        let state = RunState {
            paused_at: Some(Box::new(PausedAt::site(snapshot.at, &snapshot.switches))),
            ..RunState::left_at(snapshot.at, snapshot.counted, snapshot.frames.len())
        };
        Ok(self.pause(PausedRun { stack, state }))
    }
}

impl Segments {
    fn of(instance: &Instance) -> Self {
        Self { elems: instance.elems.clone(), datas: instance.datas.clone() }
    }

    fn restore(&self, instance: &mut Instance) {
        instance.elems.clone_from(&self.elems);
        instance.datas.clone_from(&self.datas);
    }
}
