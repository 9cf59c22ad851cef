//! Tags, exceptions, and the exception that waits for the host.
//!
//! An exception is an object that a reference names: a number that is not 0. Only this file knows
//! where exceptions are. One that no `exnref` was made of is never an object: its values go from
//! the frame that throws them to the frame that catches them.

use crate::unwind::HandlerCache;
use crate::vm::Vm;
use crate::{InstanceAddr, RawRef, TagAddr, TypeId};
use alloc::boxed::Box;
use alloc::vec::Vec;
use burdock_types::{TagIdx, Trap};

/// A tag of a store.
#[derive(Clone, Copy)]
pub(crate) struct Tag {
    /// The type whose parameters are the types of an exception's values.
    ty: TypeId,
    /// The number of slots that the values take.
    slots: u32,
}

struct Exception {
    tag: TagAddr,
    values: Box<[u64]>,
}

/// The exceptions of a store, which live as long as the store.
pub(crate) struct Exceptions {
    all: Vec<Exception>,
    /// The bytes that all exceptions take, and those that they may take.
    bytes: usize,
    granted: usize,
    /// The exception that has left guests, or that a host function throws; 0 if there is none.
    pending: RawRef,
    pub(crate) cache: HandlerCache,
}

impl Exceptions {
    /// Returns the values of each exception, which may be references to objects of the heap.
    pub(crate) fn values(&self) -> impl Iterator<Item = &[u64]> {
        self.all.iter().map(|exception| &*exception.values)
    }

    pub(crate) const NONE: Self =
        Self { all: Vec::new(), bytes: 0, granted: 0, pending: 0, cache: HandlerCache::NONE };

    /// Adds an exception. Returns the reference to it.
    fn add(&mut self, tag: TagAddr, values: Box<[u64]>) -> RawRef {
        self.bytes += bytes_of(values.len());
        self.all.push(Exception { tag, values });
        self.all.len() as RawRef
    }

    fn get(&self, exception: RawRef) -> Option<&Exception> {
        self.all.get(usize::try_from(exception.checked_sub(1)?).ok()?)
    }
}

/// The bytes that exceptions are granted at first, and the most that they take.
const STEP: usize = 1 << 16;
const MOST_BYTES: usize = 1 << 30;

/// Returns the bytes that an exception with so many slots of values takes.
fn bytes_of(slots: usize) -> usize {
    size_of::<Exception>() + slots * size_of::<u64>()
}

/// An exception that is being thrown.
#[derive(Clone, Copy)]
pub(crate) struct Thrown {
    pub(crate) tag: TagAddr,
    values: Values,
}

/// The place of the values of an exception that is being thrown.
#[derive(Clone, Copy)]
enum Values {
    /// On the stack, from this position on.
    OnStack(usize),
    /// In an object.
    InObject(RawRef),
}

impl Thrown {
    /// Returns `true` if the exception is an object already.
    pub(crate) fn is_object(&self) -> bool {
        matches!(self.values, Values::InObject(_))
    }

    /// Returns an exception whose values are on the current stack, from a position on.
    pub(crate) fn from_stack(tag: TagAddr, position: usize) -> Self {
        Self { tag, values: Values::OnStack(position) }
    }
}

impl Vm {
    /// Adds a tag whose values take so many slots.
    pub fn alloc_tag(&mut self, ty: TypeId, slots: u32) -> TagAddr {
        let address = TagAddr(self.entities.tags.len() as u32);
        self.entities.tags.push(Tag { ty, slots });
        address
    }

    /// Returns the type with which a tag was made.
    pub fn tag_type(&self, tag: TagAddr) -> TypeId {
        self.entities.tags[tag.index()].ty
    }

    /// Returns the address of an instance's tag.
    pub fn instance_tag(&self, instance: InstanceAddr, tag: TagIdx) -> TagAddr {
        self.entities.instances.get(instance.index()).tags[tag.index()]
    }

    /// Returns the bytes that exceptions may take, and those that they have to be granted before
    /// another one of a tag can be made; `None` if there is room for it.
    ///
    /// # Errors
    ///
    /// `OutOfMemory` if exceptions would take more than a gibibyte.
    pub fn exception_growth(&self, tag: TagAddr) -> Result<Option<(usize, usize)>, Trap> {
        let Exceptions { bytes, granted, .. } = self.exceptions;
        let needed = bytes + bytes_of(self.tag_slots(tag));
        match needed {
            needed if needed <= granted => Ok(None),
            needed if needed <= MOST_BYTES => {
                let desired = (granted + granted / 2).max(needed.next_multiple_of(STEP));
                Ok(Some((granted, desired.min(MOST_BYTES))))
            }
            _ => Err(Trap::OutOfMemory),
        }
    }

    /// Grants exceptions so many bytes.
    pub fn grant_exceptions(&mut self, bytes: usize) {
        self.exceptions.granted = bytes;
    }

    /// Makes an exception of these values, as they lie in slots. Returns the reference to it. There
    /// has to be room for it ([`exception_growth`](Self::exception_growth)).
    ///
    /// # Panics
    ///
    /// The tag's values take another number of slots.
    pub fn alloc_exception(&mut self, tag: TagAddr, values: &[u64]) -> RawRef {
        assert_eq!(self.tag_slots(tag), values.len(), "values of another tag");
        self.exceptions.add(tag, values.into())
    }

    /// Returns the tag and the values of an exception; `None` if the reference is null.
    pub fn exception(&self, exception: RawRef) -> Option<(TagAddr, &[u64])> {
        self.exceptions.get(exception).map(|exception| (exception.tag, &*exception.values))
    }

    /// Returns the exception that has left guests, or that a host function throws; 0 if there is
    /// none.
    pub fn pending_exception(&self) -> RawRef {
        self.exceptions.pending
    }

    /// Makes an exception the pending one, or none if it is 0.
    pub fn set_pending_exception(&mut self, exception: RawRef) {
        self.exceptions.pending = exception;
    }

    fn tag_slots(&self, tag: TagAddr) -> usize {
        self.entities.tags[tag.index()].slots as usize
    }

    /// Returns an exception as one that is thrown again; `None` if the reference is null.
    pub(crate) fn thrown_again(&self, exception: RawRef) -> Option<Thrown> {
        let tag = self.exceptions.get(exception)?.tag;
        Some(Thrown { tag, values: Values::InObject(exception) })
    }

    /// Returns the reference to an exception that is being thrown, which becomes an object.
    pub(crate) fn reference_to(&mut self, thrown: &Thrown) -> RawRef {
        match thrown.values {
            Values::InObject(exception) => exception,
            Values::OnStack(start) => {
                let values = self.runs.stack.slots(start, self.tag_slots(thrown.tag)).into();
                self.exceptions.add(thrown.tag, values)
            }
        }
    }

    /// Copies the values of an exception to a position of the current stack.
    pub(crate) fn write_values(&mut self, thrown: &Thrown, to: usize) {
        let len = self.tag_slots(thrown.tag);
        match thrown.values {
            Values::OnStack(from) => self.runs.stack.copy_within(from, to, len),
            Values::InObject(exception) => {
                if let Some(exception) = self.exceptions.get(exception) {
                    self.runs.stack.slots_mut(to, len).copy_from_slice(&exception.values);
                }
            }
        }
    }
}
