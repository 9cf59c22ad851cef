//! Objects of a store: its heap, together with the roots, which the heap does not know.

use crate::heap::{
    Candidates, CollectionReport, Heap, HeapImage, Marking, Object, Reference, RuntimeType,
    Shortage, TypeDesc,
};
use crate::roots::Roots;
use crate::vm::Vm;
use crate::{InstanceAddr, OutOfMemory, RawRef};
use alloc::sync::Arc;
use alloc::vec::Vec;
use burdock_types::{Storage, TypeIdx};

impl Vm {
    /// Adds a type to the store's heap, unless the heap has it already.
    pub fn add_runtime_type(&mut self, desc: &TypeDesc<'_>) -> RuntimeType {
        self.heap.add_type(desc)
    }

    /// Returns the store's index of a type of an instance's module.
    pub fn runtime_type(&self, instance: InstanceAddr, ty: TypeIdx) -> RuntimeType {
        self.entities.instances.get(instance.index()).runtime_types[ty.index()]
    }

    /// Allocates an object: an array of `len` elements, or a structure if there is no length.
    ///
    /// # Errors
    ///
    /// The heap has no room; the caller makes room and tries again.
    pub fn allocate_object(
        &mut self,
        ty: RuntimeType,
        len: Option<u32>,
    ) -> Result<Object, Shortage> {
        match len {
            Some(len) => self.heap.allocate_array(ty, len),
            None => self.heap.allocate_struct(ty),
        }
    }

    /// Allocates an object that stands for the host's value of this index.
    ///
    /// # Errors
    ///
    /// The heap has no room; the caller makes room and tries again.
    pub fn allocate_host_value(&mut self, value: u32) -> Result<Object, Shortage> {
        self.heap.allocate_host(value)
    }

    /// Returns the host's values whose objects have been freed since the last call of this method.
    pub fn take_dead_host_values(&mut self) -> Vec<u32> {
        self.heap.take_dead_host_values()
    }

    /// Returns the reference that a word is, if it is one: null, an `i31`, or an object of the
    /// heap.
    pub fn reference_in(&self, word: u64) -> Option<Reference> {
        let reference = u32::try_from(word).ok().map(Reference)?;
        let is_known = |object| self.heap.contains(object);
        reference.object().is_none_or(is_known).then_some(reference)
    }

    /// Reads a field or an element of an object; see [`Heap::read_field`].
    pub fn read_field(&self, object: Object, at: u32, storage: Storage) -> [u64; 2] {
        self.heap.read_field(object, at, storage)
    }

    /// Writes a field or an element of an object; see [`Heap::write_field`].
    pub fn write_field(&mut self, object: Object, at: u32, storage: Storage, value: [u64; 2]) {
        self.heap.write_field(object, at, storage, value);
    }

    /// Writes bytes of an array, which are not references.
    pub fn write_bytes(&mut self, object: Object, at: u32, bytes: &[u8]) {
        self.heap.bytes_mut(object, at, bytes.len()).copy_from_slice(bytes);
    }

    /// Frees objects that nothing leads to: all of them, or those that were allocated since the
    /// last collection. `others` are words that may be references, beside the roots that the store
    /// has. Returns `false`, and frees nothing, if the system is out of memory.
    ///
    /// The objects of a snapshot stay as long as the snapshot exists.
    pub fn collect_garbage(&mut self, others: &[RawRef]) -> bool {
        self.collect(Heap::begin_collection, others, |_| ()).is_some()
    }

    /// Keeps a report of each collection from now on, or no longer
    /// ([`take_report`](Self::take_report)).
    pub fn report_collections(&mut self, is_wanted: bool) {
        self.heap.report_collections(is_wanted);
    }

    /// Returns the oldest report of a collection that has not been taken.
    pub fn take_report(&mut self) -> Option<CollectionReport> {
        self.heap.take_report()
    }

    /// Frees all objects that nothing leads to; see [`collect_garbage`](Self::collect_garbage).
    pub fn collect_all_garbage(&mut self) -> bool {
        self.collect(Heap::begin_full_collection, &[], |_| ()).is_some()
    }

    /// Returns the objects that the roots lead to, with their contents, which remain roots as long
    /// as they are not dropped. Frees all others.
    pub(crate) fn heap_image(
        &mut self,
        earlier: Option<&HeapImage>,
    ) -> Result<Arc<HeapImage>, OutOfMemory> {
        let image = match self.heap.is_empty() {
            true => HeapImage::default(),
            false => {
                let image = |marking: &mut Marking<'_>| marking.image(earlier);
                self.collect(Heap::begin_full_collection, &[], image).ok_or(OutOfMemory)?
            }
        };
        let image = Arc::new(image);
        self.images.add(&image);
        Ok(image)
    }

    /// Collects garbage. Calls `inspect` when the roots are marked, except for snapshots. Returns
    /// its result, or `None` if the system is out of memory.
    fn collect<R>(
        &mut self,
        begin: fn(&mut Heap) -> Candidates<'_>,
        others: &[RawRef],
        inspect: impl FnOnce(&mut Marking<'_>) -> R,
    ) -> Option<R> {
        let Self { heap, images, runs, run, entities, exceptions, handles, .. } = self;
        let handles = handles.get_mut();
        handles.release_owned();
        let roots = Roots { run, runs, entities, exceptions, handles };
        let mut candidates = begin(heap);
        candidates.mark_words(others);
        roots.words(|words| candidates.mark_words(words));
        let mut marking = candidates.exact().ok()?;
        roots.references(|_, reference| marking.mark_reference(reference));
        let result = inspect(&mut marking);
        images.each(|image| marking.mark_image(image));
        marking.finish();
        Some(result)
    }

    /// Lets the heap grow by so many bytes, a number that a shortage of the heap asks for, if
    /// `granted`.
    pub fn grow_heap(&mut self, bytes: u32, granted: bool) {
        match granted {
            // Failure counts as a refusal, and the allocation that needs the bytes finds it.
            true => drop(self.heap.grow(bytes)),
            false => self.heap.refuse_growth(),
        }
    }
}
