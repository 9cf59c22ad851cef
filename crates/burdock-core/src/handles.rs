//! `Handle`: the host's hold on an object of the heap. The collector never frees what a handle
//! names, and a handle whose hold has ended names nothing.

use crate::heap::Reference;
use crate::vm::Vm;
use alloc::sync::Weak;
use alloc::vec::Vec;

/// A name that the host has for a reference. A store's machine says what it stands for
/// ([`Vm::resolve`]).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Handle {
    index: u32,
    /// The generation of the entry, with `OWNED` if that is in [`Handles::owned`]; or `PASSING` and
    /// the number of collections that there had been.
    generation: u64,
}

/// The bit in the generation of handles that hold as long as a token lives.
const OWNED: u64 = 1 << 62;

/// The bit in the generation of handles that hold nothing.
const PASSING: u64 = 1 << 63;

impl Handle {
    /// Returns a handle that holds nothing: it names the reference until the next collection.
    pub fn passing(reference: Reference, collections: u64) -> Self {
        Self { index: reference.0, generation: PASSING | collections }
    }
}

/// The references that the host holds.
#[derive(Default)]
pub(crate) struct Handles {
    /// Held until their scope ends; the latest last.
    scoped: Vec<Scoped>,
    /// The number of scopes that have ended and held something, and of owned entries that have been
    /// made.
    generation: u64,
    /// Held as long as the host keeps a token.
    owned: Vec<Owned>,
    /// The indices in `owned` of entries whose token is gone.
    free: Vec<u32>,
}

struct Scoped {
    reference: Reference,
    generation: u64,
}

struct Owned {
    reference: Reference,
    generation: u64,
    alive: Weak<()>,
}

impl Handles {
    pub(crate) const NONE: Self =
        Self { scoped: Vec::new(), generation: 0, owned: Vec::new(), free: Vec::new() };

    fn add_scoped(&mut self, reference: Reference) -> Handle {
        let (index, generation) = (self.scoped.len() as u32, self.generation);
        self.scoped.push(Scoped { reference, generation });
        Handle { index, generation }
    }

    fn add_owned(&mut self, reference: Reference, alive: Weak<()>) -> Handle {
        self.generation += 1;
        let generation = self.generation | OWNED;
        let entry = Owned { reference, generation, alive };
        if self.free.is_empty() && self.owned.len() == self.owned.capacity() {
            self.find_free();
        }
        let index = self.free.pop().unwrap_or(self.owned.len() as u32);
        match self.owned.get_mut(index as usize) {
            Some(free) => *free = entry,
            None => self.owned.push(entry),
        }
        Handle { index, generation }
    }

    /// Finds the entries whose token is gone. Makes room for others if they are few, so that adding
    /// an entry takes constant time on average.
    fn find_free(&mut self) {
        let entries = self.owned.iter().enumerate().filter(|(_, owned)| owned.is_free());
        self.free.extend(entries.map(|(index, _)| index as u32));
        if self.free.len() < self.owned.len() / 2 {
            self.owned.reserve(self.owned.len());
        }
    }

    fn get(&self, handle: Handle, collections: u64) -> Option<Reference> {
        let Handle { index, generation } = handle;
        let (found, reference) = if generation & PASSING != 0 {
            (PASSING | collections, Reference(index))
        } else if generation & OWNED != 0 {
            let owned = self.owned.get(index as usize)?;
            (owned.generation, owned.reference)
        } else {
            let scoped = self.scoped.get(index as usize)?;
            (scoped.generation, scoped.reference)
        };
        (found == generation && !reference.is_null()).then_some(reference)
    }

    /// Lets handles whose token is gone name nothing. Called before each collection.
    pub(crate) fn release_owned(&mut self) {
        for owned in self.owned.iter_mut().filter(|owned| owned.is_free()) {
            owned.reference = Reference::NULL;
        }
    }

    /// Returns all references that are held.
    pub(crate) fn held(&self) -> impl Iterator<Item = Reference> {
        let scoped = self.scoped.iter().map(|scoped| scoped.reference);
        scoped.chain(self.owned.iter().map(|owned| owned.reference))
    }
}

impl Owned {
    fn is_free(&self) -> bool {
        self.alive.strong_count() == 0
    }
}

/// The references that were held when a scope began.
#[derive(Copy, Clone, Debug)]
pub struct Scope(usize);

/// Handles of the host.
impl Vm {
    /// Holds a reference until the current scope ends, or, outside of scopes, as long as the store
    /// lives. The reference must not be null.
    pub fn root(&self, reference: Reference) -> Handle {
        self.handles.lock().add_scoped(reference)
    }

    /// Holds a reference as long as the token that `alive` belongs to lives. After the next
    /// collection the handle names nothing.
    pub fn own(&self, reference: Reference, alive: Weak<()>) -> Handle {
        self.handles.lock().add_owned(reference, alive)
    }

    /// Returns the reference that a handle names; `None` if its hold has ended.
    pub fn resolve(&self, handle: Handle) -> Option<Reference> {
        self.handles.lock().get(handle, self.heap.collections())
    }

    /// Begins a scope of handles within the current one.
    #[inline]
    pub fn begin_scope(&mut self) -> Scope {
        Scope(self.handles.get_mut().scoped.len())
    }

    /// Ends a scope, and those within it: what was held since it began is not held any more.
    #[inline]
    pub fn end_scope(&mut self, scope: Scope) {
        let handles = self.handles.get_mut();
        if handles.scoped.len() > scope.0 {
            end(handles, scope);
        }
    }

    /// Makes room for so many handles in the current scope.
    pub fn reserve_handles(&mut self, additional: usize) {
        self.handles.get_mut().scoped.reserve(additional);
    }
}

#[cold]
#[inline(never)]
fn end(handles: &mut Handles, scope: Scope) {
    handles.scoped.truncate(scope.0);
    handles.generation += 1;
}

#[cfg(test)]
mod tests {
    use super::{Handle, Handles, Scope, end};
    use crate::heap::Reference;
    use alloc::sync::Arc;
    use alloc::vec::Vec;

    const A: Reference = Reference(16);
    const B: Reference = Reference(32);

    #[test]
    fn a_scoped_handle_names_nothing_after_its_scope() {
        let mut handles = Handles::default();
        let outer = handles.add_scoped(A);
        let scope = Scope(handles.scoped.len());
        let inner = handles.add_scoped(B);
        assert_eq!(handles.get(inner, 0), Some(B));
        end(&mut handles, scope);
        assert_eq!((handles.get(outer, 0), handles.get(inner, 0)), (Some(A), None));
        let next = handles.add_scoped(A);
        assert_eq!((handles.get(next, 0), handles.get(inner, 0)), (Some(A), None));
    }

    #[test]
    fn an_owned_handle_holds_as_long_as_its_token() {
        let mut handles = Handles::default();
        let alive = Arc::new(());
        let handle = handles.add_owned(A, Arc::downgrade(&alive));
        assert_eq!(handles.held().collect::<Vec<_>>(), [A]);
        assert_eq!(handles.get(handle, 0), Some(A));
        drop(alive);
        handles.release_owned();
        assert!(handles.held().all(|reference| reference.is_null()));
        assert_eq!(handles.get(handle, 0), None);
    }

    #[test]
    fn the_places_of_owned_handles_are_used_again() {
        let mut handles = Handles::default();
        let first = handles.add_owned(B, Arc::downgrade(&Arc::new(())));
        for _ in 0..1000 {
            handles.add_owned(A, Arc::downgrade(&Arc::new(())));
        }
        assert_eq!(handles.get(first, 0), None);
        assert!(handles.owned.len() <= 8, "{}", handles.owned.len());
    }

    #[test]
    fn a_passing_handle_names_nothing_after_a_collection() {
        let handles = Handles::default();
        let handle = Handle::passing(A, 5);
        assert_eq!((handles.get(handle, 5), handles.get(handle, 6)), (Some(A), None));
    }
}
