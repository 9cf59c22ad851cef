//! Tags, exceptions, and the exception that waits for the host.
//!
//! An exception to which there are references is an object of the heap: its tag's address, and
//! behind it its values, laid out like a structure's fields. An exception that no `exnref` was made
//! of is never an object: its values go from the frame that throws them to the frame that catches
//! them.

use crate::heap::{
    Contents, HEADER, Heap, Kind, Layout, Object, Reference, RuntimeType, Shortage, Storage,
    TypeDesc,
};
use crate::unwind::HandlerCache;
use crate::vm::Vm;
use crate::{InstanceAddr, RawRef, TagAddr, TypeId};
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use burdock_types::TagIdx;
use core::iter;

/// A tag of a store.
pub(crate) struct Tag {
    /// The type whose parameters are the types of an exception's values.
    ty: TypeId,
    /// The representation of each value in an object.
    values: Box<[Storage]>,
    /// The number of slots that the values take.
    slots: u32,
    /// The objects of exceptions of the tag, once there was one.
    object: Option<ExceptionType>,
}

/// The type of the objects of a tag's exceptions.
struct ExceptionType {
    ty: RuntimeType,
    /// The offset of each value.
    offsets: Box<[u32]>,
}

/// The offset of the tag's address in an exception's object.
const TAG: u32 = HEADER;

impl Tag {
    /// Returns the type of the objects of exceptions of this tag. Adds it to the heap if need be.
    fn object_type(&mut self, heap: &mut Heap) -> &ExceptionType {
        let Self { ty, values, object, .. } = self;
        object.get_or_insert_with(|| {
            let fields: Vec<_> = iter::once(Storage::I32).chain(values.iter().copied()).collect();
            let contents = Contents::Exception(&fields);
            let desc = TypeDesc { supertypes: &[*ty], is_final: true, contents };
            let offsets = Layout::of(&fields).offsets.split_off(1).into();
            ExceptionType { ty: heap.add_type(&desc), offsets }
        })
    }

    /// Returns the representation and the offset of each value in an exception's object.
    fn fields(&self) -> impl Iterator<Item = (Storage, u32)> {
        let offsets = self.object.iter().flat_map(|object| &object.offsets);
        self.values.iter().zip(offsets).map(|(storage, offset)| (*storage, *offset))
    }
}

/// Returns the number of slots that a value takes.
fn slots_of(storage: Storage) -> usize {
    if storage == Storage::V128 { 2 } else { 1 }
}

/// The pending exception of a store, and the known ways of exceptions.
pub(crate) struct Exceptions {
    /// The exception that has left guests, or that a host function throws; 0 if there is none.
    pending: RawRef,
    /// `true` if the host is told of every exception before a handler is searched.
    pub(crate) watched: bool,
    pub(crate) cache: HandlerCache,
}

impl Exceptions {
    pub(crate) const NONE: Self = Self { pending: 0, watched: false, cache: HandlerCache::NONE };

    /// Returns the reference to the pending exception.
    pub(crate) fn pending(&self) -> Reference {
        Reference::from_slot(self.pending)
    }
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
    InObject(Object),
}

impl Thrown {
    /// Returns the position of the values on the stack, if they are there.
    pub(crate) fn values_on_stack(&self) -> Option<usize> {
        match self.values {
            Values::OnStack(position) => Some(position),
            Values::InObject(_) => None,
        }
    }

    /// Returns an exception whose values are on the current stack, from a position on.
    pub(crate) fn from_stack(tag: TagAddr, position: usize) -> Self {
        Self { tag, values: Values::OnStack(position) }
    }

    /// Returns the exception's object, if it has one.
    pub(crate) fn object(&self) -> Option<Object> {
        match self.values {
            Values::OnStack(_) => None,
            Values::InObject(object) => Some(object),
        }
    }
}

impl Vm {
    /// Adds a tag of exceptions with values of these representations.
    pub fn alloc_tag(&mut self, ty: TypeId, values: impl IntoIterator<Item = Storage>) -> TagAddr {
        let address = TagAddr(self.entities.tags.len() as u32);
        let values: Box<[_]> = values.into_iter().collect();
        let slots = values.iter().map(|storage| slots_of(*storage)).sum::<usize>() as u32;
        self.entities.tags.push(Tag { ty, values, slots, object: None });
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

    /// Allocates the object of an exception with these values, as they lie in slots.
    ///
    /// # Errors
    ///
    /// The heap has no room; the caller makes room and tries again.
    ///
    /// # Panics
    ///
    /// The tag's values take another number of slots.
    pub fn allocate_exception(&mut self, tag: TagAddr, values: &[u64]) -> Result<Object, Shortage> {
        let found = &mut self.entities.tags[tag.index()];
        assert_eq!(found.slots as usize, values.len(), "values of another tag");
        allocate(&mut self.heap, (tag, found), values)
    }

    /// Returns the tag and the values of an exception, as they lie in slots; `None` if the
    /// reference leads to none.
    pub fn exception(&self, exception: RawRef) -> Option<(TagAddr, Vec<u64>)> {
        let object = Reference::from_slot(exception).object()?;
        let tag = self.tag_of(object)?;
        let mut values = vec![0; self.tag_slots(tag)];
        read_values(&self.heap, &self.entities.tags[tag.index()], object, &mut values);
        Some((tag, values))
    }

    /// Returns the function type of the tag of an exception; `None` if the reference leads to none.
    pub fn exception_type(&self, exception: Reference) -> Option<TypeId> {
        let tag = self.tag_of(exception.object()?)?;
        Some(self.tag_type(tag))
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

    /// Has the host told of every exception before a handler is searched
    /// ([`Host::throwing`](crate::Host::throwing)), or no longer.
    pub fn watch_exceptions(&mut self, watch: bool) {
        self.exceptions.watched = watch;
        // Exceptions whose way is known are not searched a handler for.
        self.exceptions.cache.forget_paths();
    }

    /// Returns the pending exception as one that is thrown.
    pub(crate) fn thrown_pending(&self) -> Option<Thrown> {
        self.thrown_again(self.exceptions.pending)
    }

    pub(crate) fn tag_slots(&self, tag: TagAddr) -> usize {
        self.entities.tags[tag.index()].slots as usize
    }

    /// Returns the tag of the exception that an object is, if it is one.
    fn tag_of(&self, object: Object) -> Option<TagAddr> {
        let is_exception = self.heap.kind_of(object) == Kind::Exception;
        is_exception.then(|| TagAddr(u32::from_ne_bytes(self.heap.read(object, TAG))))
    }

    /// Returns an exception as one that is thrown again; `None` if the reference is null.
    pub(crate) fn thrown_again(&self, exception: RawRef) -> Option<Thrown> {
        let object = Reference::from_slot(exception).object()?;
        let tag = self.tag_of(object)?;
        Some(Thrown { tag, values: Values::InObject(object) })
    }

    /// Allocates the object of an exception that is being thrown, if it has none. Returns the
    /// exception with its object.
    pub(crate) fn move_to_object(&mut self, thrown: &Thrown) -> Result<Thrown, Shortage> {
        let Values::OnStack(start) = thrown.values else { return Ok(*thrown) };
        let Self { heap, runs, entities, .. } = self;
        let tag = &mut entities.tags[thrown.tag.index()];
        let values = runs.stack.slots(start, tag.slots as usize);
        let object = allocate(heap, (thrown.tag, tag), values)?;
        Ok(Thrown { values: Values::InObject(object), ..*thrown })
    }

    /// Copies the values of an exception to a position of the current stack.
    pub(crate) fn write_values(&mut self, thrown: &Thrown, to: usize) {
        let len = self.tag_slots(thrown.tag);
        match thrown.values {
            Values::OnStack(from) => self.runs.stack.copy_within(from, to, len),
            Values::InObject(object) => {
                let tag = &self.entities.tags[thrown.tag.index()];
                read_values(&self.heap, tag, object, self.runs.stack.slots_mut(to, len));
            }
        }
    }
}

/// Allocates the object of an exception of a tag with these values, as they lie in slots.
fn allocate(
    heap: &mut Heap,
    (address, tag): (TagAddr, &mut Tag),
    values: &[u64],
) -> Result<Object, Shortage> {
    let ty = tag.object_type(heap).ty;
    let object = heap.allocate_struct(ty)?;
    heap.write(object, TAG, address.0.to_ne_bytes());
    let mut rest = values;
    for (storage, at) in tag.fields() {
        let (own, others) = rest.split_at(slots_of(storage));
        heap.write_field(object, at, storage, [own[0], own.get(1).copied().unwrap_or(0)]);
        rest = others;
    }
    Ok(object)
}

/// Reads the values of an exception's object as they lie in slots.
fn read_values(heap: &Heap, tag: &Tag, object: Object, values: &mut [u64]) {
    let mut rest = values;
    for (storage, at) in tag.fields() {
        let (own, others) = rest.split_at_mut(slots_of(storage));
        let value = heap.read_field(object, at, storage);
        own.copy_from_slice(&value[..own.len()]);
        rest = others;
    }
}
