//! References, and the contents of objects.

use super::Heap;
use super::layout::{HEADER, Storage};
use super::space::FIRST;
use super::types::{Kind, RuntimeType};
use burdock_ir::sem::Bytes;
use core::num::NonZeroU32;

/// A reference of the types `any`, `extern` or `exn`, as objects contain it: 0 is null, an odd
/// number an `i31`, and every other number the offset of an object in the store's heap.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Reference(pub u32);

impl Reference {
    /// The null reference.
    pub const NULL: Self = Self(0);

    /// Returns the reference in a slot.
    pub const fn from_slot(slot: u64) -> Self {
        Self(slot as u32)
    }

    /// Returns the value of a slot that contains the reference.
    pub const fn to_slot(self) -> u64 {
        self.0 as u64
    }

    /// Returns the reference to the `i31` that has the lower 31 bits of `value`.
    pub const fn from_i31(value: u32) -> Self {
        Self(value << 1 | 1)
    }

    /// Returns the `i31`, sign-extended, if the reference is to one.
    pub const fn i31(self) -> Option<i32> {
        if self.0 & 1 == 1 { Some(self.0 as i32 >> 1) } else { None }
    }

    /// Returns `true` for null.
    pub const fn is_null(self) -> bool {
        self.0 == 0
    }

    /// Returns the object, if the reference is to one.
    pub fn object(self) -> Option<Object> {
        NonZeroU32::new(self.0).filter(|offset| offset.get() & 1 == 0).map(Object)
    }
}

/// An object: the offset at which it begins.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Object(NonZeroU32);

impl Object {
    /// Returns the object at an offset of a heap.
    pub(super) fn at(offset: u32) -> Self {
        debug_assert!(offset >= FIRST);
        Self(NonZeroU32::new(offset).unwrap_or(NonZeroU32::MAX))
    }

    /// Returns the offset at which the object begins.
    pub const fn offset(self) -> u32 {
        self.0.get()
    }

    /// Returns the reference to the object.
    pub const fn reference(self) -> Reference {
        Reference(self.0.get())
    }
}

impl From<Object> for Reference {
    fn from(object: Object) -> Self {
        object.reference()
    }
}

/// Access to objects. Offsets (`at`) count from the object's beginning, the header included
/// ([`Layout`](super::Layout)).
///
/// All methods panic if the accessed bytes do not lie in the heap. That is so for no object that
/// the heap has allocated and that is still reachable.
impl Heap {
    /// Returns an object's type.
    #[inline]
    pub fn type_of(&self, object: Object) -> RuntimeType {
        RuntimeType(self.read_u32(object, 0))
    }

    /// Returns the number of an array's elements.
    #[inline]
    pub fn array_len(&self, array: Object) -> u32 {
        self.read_u32(array, 4)
    }

    /// Returns the offset of an array's element.
    #[inline]
    pub fn element_offset(&self, ty: RuntimeType, index: u32) -> u32 {
        HEADER.wrapping_add(index.wrapping_shl(self.types.row(ty).log2_element.into()))
    }

    /// Returns the embedder's index of a host value, if the object stands for one.
    pub fn host_value(&self, object: Object) -> Option<u32> {
        (self.type_of(object) == RuntimeType::HOST).then(|| self.read_u32(object, HEADER))
    }

    /// Returns the kind of an object.
    pub fn kind_of(&self, object: Object) -> Kind {
        self.types.row(self.type_of(object)).kind
    }

    /// Reads `N` bytes.
    #[inline]
    pub fn read<const N: usize>(&self, object: Object, at: u32) -> [u8; N] {
        let bytes = self.space.bytes(object.offset().wrapping_add(at), N);
        *bytes.first_chunk().unwrap_or(&[0; N])
    }

    /// Writes `N` bytes, none of which belong to a reference.
    #[inline]
    pub fn write<const N: usize>(&mut self, object: Object, at: u32, bytes: [u8; N]) {
        self.space.bytes_mut(object.offset().wrapping_add(at), N).copy_from_slice(&bytes);
    }

    /// Reads bytes at an offset of the heap, or returns `None` if they do not lie in the heap.
    #[inline(always)]
    pub(crate) fn get<B: Bytes>(&self, offset: u32) -> Option<B> {
        let mut bytes = B::ZERO;
        bytes.as_mut().copy_from_slice(self.space.get(offset, B::SIZE)?);
        Some(bytes)
    }

    /// Writes bytes at an offset of the heap, or returns `None` if they do not lie in the heap.
    #[inline(always)]
    pub(crate) fn set<B: Bytes>(&mut self, offset: u32, bytes: B) -> Option<()> {
        self.space.get_mut(offset, B::SIZE)?.copy_from_slice(bytes.as_ref());
        Some(())
    }

    /// Marks the card of a reference that was written at an offset of the heap.
    #[inline(always)]
    pub(crate) fn mark_card(&mut self, offset: u32) {
        self.cards.mark_one(offset);
    }

    /// Reads a reference.
    #[inline]
    pub fn read_reference(&self, object: Object, at: u32) -> Reference {
        Reference(self.read_u32(object, at))
    }

    /// Writes a reference, and marks the card of the written bytes.
    ///
    /// The collector relies on the mark: an object that survived a collection is not scanned again
    /// in the next one unless its card is marked.
    #[inline]
    pub fn write_reference(&mut self, object: Object, at: u32, value: Reference) {
        let offset = object.offset().wrapping_add(at);
        self.space.bytes_mut(offset, 4).copy_from_slice(&value.0.to_ne_bytes());
        self.mark_cards(offset, 4);
    }

    /// Returns `len` bytes of an object.
    #[inline]
    pub fn bytes(&self, object: Object, at: u32, len: usize) -> &[u8] {
        self.space.bytes(object.offset().wrapping_add(at), len)
    }

    /// Returns `len` bytes of an object, to be written. Call [`mark_cards`](Self::mark_cards) after
    /// writing references.
    #[inline]
    pub fn bytes_mut(&mut self, object: Object, at: u32, len: usize) -> &mut [u8] {
        self.space.bytes_mut(object.offset().wrapping_add(at), len)
    }

    /// Copies `len` elements from an index of an array to one of another array with elements of the
    /// same size, or of the same array; the ranges may overlap. Marks the cards of the written
    /// elements if they are references. Returns `None` if a range does not lie within its array.
    #[inline]
    pub fn copy_elements(
        &mut self,
        from: (Object, u32),
        to: (Object, u32),
        len: u32,
    ) -> Option<()> {
        let is_within = |(array, index): (Object, u32)| {
            u64::from(index) + u64::from(len) <= u64::from(self.array_len(array))
        };
        if !is_within(from) || !is_within(to) {
            return None;
        }
        let row = self.types.row(self.type_of(to.0));
        let (log2_size, has_references) = (row.log2_element, row.references != 0);
        let at = |(array, index): (Object, u32)| {
            array.offset().wrapping_add(HEADER).wrapping_add(index << log2_size)
        };
        let bytes = (len as usize) << log2_size;
        self.space.copy_within(at(from), at(to), bytes);
        if has_references {
            self.mark_cards(at(to), bytes);
        }
        Some(())
    }

    /// Marks the cards of `len` bytes at an offset of the heap, into which references were written.
    #[inline]
    pub fn mark_cards(&mut self, offset: u32, len: usize) {
        if len > 0 {
            self.cards.mark(offset..=offset.wrapping_add(len as u32 - 1));
        }
    }

    /// Reads a field or an element of an object, as it lies in slots. Packed integers are extended
    /// by zeros.
    pub fn read_field(&self, object: Object, at: u32, storage: Storage) -> [u64; 2] {
        let low = match storage {
            Storage::I8 => self.read::<1>(object, at)[0].into(),
            Storage::I16 => u16::from_ne_bytes(self.read(object, at)).into(),
            Storage::I32 | Storage::F32 | Storage::Reference => {
                u32::from_ne_bytes(self.read(object, at)).into()
            }
            _ => u64::from_ne_bytes(self.read(object, at)),
        };
        let high = match storage {
            Storage::V128 => u64::from_ne_bytes(self.read(object, at + 8)),
            _ => 0,
        };
        [low, high]
    }

    /// Writes a field or an element of an object from a value as it lies in slots.
    pub fn write_field(&mut self, object: Object, at: u32, storage: Storage, value: [u64; 2]) {
        let [low, high] = value;
        match storage {
            Storage::I8 => self.write(object, at, (low as u8).to_ne_bytes()),
            Storage::I16 => self.write(object, at, (low as u16).to_ne_bytes()),
            Storage::I32 | Storage::F32 => self.write(object, at, (low as u32).to_ne_bytes()),
            Storage::Reference => self.write_reference(object, at, Reference::from_slot(low)),
            Storage::I64 | Storage::F64 | Storage::FuncReference => {
                self.write(object, at, low.to_ne_bytes());
            }
            Storage::V128 => {
                self.write(object, at, low.to_ne_bytes());
                self.write(object, at + 8, high.to_ne_bytes());
            }
        }
    }

    #[inline]
    fn read_u32(&self, object: Object, at: u32) -> u32 {
        u32::from_ne_bytes(self.read(object, at))
    }
}
