//! The roots of a collection: all places outside of the heap that refer to objects.

use crate::RawRef;
use crate::entities::Entities;
use crate::exception::Exceptions;
use crate::handles::Handles;
use crate::heap::Reference;
use crate::run::PausedRun;
use crate::run_state::{RunState, Runs};
use crate::table::Global;
use burdock_types::{HeapType, RefType, ValType};

/// A kind of roots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RootKind {
    /// The frames of calls, and what the machine holds for them.
    Frame,
    /// Globals.
    Global,
    /// Tables.
    Table,
    /// Element segments.
    ElementSegment,
    /// The host's references.
    Host,
    /// The pending exception.
    PendingException,
    /// Snapshots.
    Snapshot,
}

/// The parts of a store that refer to objects.
pub(crate) struct Roots<'v> {
    pub(crate) run: &'v RunState,
    pub(crate) runs: &'v Runs,
    pub(crate) entities: &'v Entities,
    pub(crate) exceptions: &'v Exceptions,
    pub(crate) handles: &'v Handles,
}

impl Roots<'_> {
    /// Passes the words that may be references: the slots of frames, whose types are not known.
    pub(crate) fn words(&self, mut visit: impl FnMut(&[u64])) {
        let Runs { waiting, stack, waiting_stacks, held, .. } = self.runs;
        for (number, stack) in waiting_stacks.iter().chain([stack]).enumerate() {
            let runs = waiting.iter().chain([self.run]);
            let own = runs.filter(|run| run.stack as usize == number);
            let top = own.map(|run| run.top).max().unwrap_or(0);
            visit(stack.slots(0, top.min(stack.len())));
        }
        self.runs.paused.each(|PausedRun { stack, state }| {
            visit(stack.slots(0, state.top.min(stack.len())));
            visit(early_results(state));
        });
        waiting.iter().chain([self.run]).for_each(|run| visit(early_results(run)));
        visit(held);
    }

    /// Passes the references that are known to be such, everything that is not in frames, each with
    /// the kind of its place.
    pub(crate) fn references(&self, mut visit: impl FnMut(RootKind, Reference)) {
        self.handles.held().for_each(|reference| visit(RootKind::Host, reference));
        visit(RootKind::PendingException, self.exceptions.pending());
        let Entities { globals, tables, instances, .. } = self.entities;
        let mut visit = |kind, slot: RawRef| visit(kind, Reference::from_slot(slot));
        for Global { cell, ty, .. } in (0..globals.len()).map(|global| globals.get(global)) {
            if let ValType::Ref(ty) = ty.content
                && is_traced(ty)
            {
                // SAFETY: [OWN] the store is borrowed, which keeps writers away.
                visit(RootKind::Global, unsafe { *cell.get() }[0]);
            }
        }
        let tables = (0..tables.len()).map(|table| tables.get(table));
        for table in tables.filter(|table| is_traced(table.ty().element)) {
            table.elements().iter().for_each(|slot| visit(RootKind::Table, *slot));
        }
        for instance in (0..instances.len()).map(|instance| instances.get(instance)) {
            for elem in &instance.traced_elems {
                let slots = instance.elems[elem.index()].iter();
                slots.for_each(|slot| visit(RootKind::ElementSegment, *slot));
            }
        }
    }
}

/// Returns the results with which a run's guest returns early, if it does.
fn early_results(run: &RunState) -> &[u64] {
    run.early_return.as_ref().map_or(&[], |early| &early.results)
}

/// Returns `true` if references of a type may lead to objects.
pub(crate) fn is_traced<X: Copy>(ty: RefType<X>) -> bool {
    !matches!(ty.heap.top(), HeapType::Func)
}
