//! Layouts of objects in a store's heap: the offset of each field, and how fields are represented.

use crate::{HeapType, StorageType, ValType};
use alloc::vec::Vec;

/// The number of bytes of an object's header: the type's index (`u32`), then the length of an array
/// or the descriptor of a structure (`u32`; 0 for other objects).
pub const HEADER: u32 = 8;

/// The offset of a structure's descriptor, a reference, if the structure's type has a descriptor.
///
/// *Rationale:* objects without descriptors are no larger, and a cast compares the descriptor
/// without knowing the layout of the structure.
pub const DESCRIPTOR: u32 = 4;

/// The number of supertypes that the description of a type in a store contains, the type itself
/// included.
pub const INLINE_SUPERTYPES: usize = 10;

/// The size in bytes of the largest structures whose allocation is one instruction.
pub const LARGEST_SMALL: u32 = 256;

/// The alignment of objects, and the unit of their sizes, in bytes.
pub const GRANULE: u32 = 8;

/// The representation of a field or of an array's elements.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Storage {
    /// A packed integer of 8 bits.
    I8,
    /// A packed integer of 16 bits.
    I16,
    /// An integer of 32 bits.
    I32,
    /// An integer of 64 bits.
    I64,
    /// A float of 32 bits.
    F32,
    /// A float of 64 bits.
    F64,
    /// A vector of 128 bits, aligned to 8 bytes.
    V128,
    /// A reference into the heap, an `i31` or null, in 32 bits. The collector follows it.
    Reference,
    /// A reference to a function: the value of its slot, which the collector does not follow.
    FuncReference,
}

impl Storage {
    /// Returns the representation of a field of a type.
    pub const fn of<X: Copy>(ty: StorageType<X>) -> Self {
        match ty {
            StorageType::I8 => Self::I8,
            StorageType::I16 => Self::I16,
            StorageType::Val(ValType::I32) => Self::I32,
            StorageType::Val(ValType::I64) => Self::I64,
            StorageType::Val(ValType::F32) => Self::F32,
            StorageType::Val(ValType::F64) => Self::F64,
            StorageType::Val(ValType::V128) => Self::V128,
            StorageType::Val(ValType::Ref(ty)) => match ty.heap.top() {
                HeapType::Func => Self::FuncReference,
                _ => Self::Reference,
            },
        }
    }

    /// Returns the representation of a field that holds values of a type.
    pub const fn of_val<X: Copy>(ty: ValType<X>) -> Self {
        Self::of(StorageType::Val(ty))
    }

    /// Returns the number of bytes.
    pub const fn size(self) -> u32 {
        1 << self.log2_size()
    }

    /// Returns the binary logarithm of the number of bytes.
    pub const fn log2_size(self) -> u8 {
        match self {
            Self::I8 => 0,
            Self::I16 => 1,
            Self::I32 | Self::F32 | Self::Reference => 2,
            Self::I64 | Self::F64 | Self::FuncReference => 3,
            Self::V128 => 4,
        }
    }

    /// Returns the alignment in bytes.
    const fn align(self) -> u32 {
        if self.size() < GRANULE { self.size() } else { GRANULE }
    }
}

/// The layout of a struct or an exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectLayout {
    /// The size of an object in bytes, with its header: a multiple of [`GRANULE`].
    pub size: u32,
    /// The offset of each field from the object's beginning.
    pub offsets: Vec<u32>,
}

impl ObjectLayout {
    /// Lays out fields in their order. A field takes the first gap that alignment has left before
    /// it, so its offset depends on nothing but the fields before it: a subtype's object has its
    /// supertype's fields where the supertype has them.
    pub fn of(fields: &[Storage]) -> Self {
        let mut end = HEADER;
        // At most one gap of each size: a field of 1 or 2 bytes splits the smallest that is larger.
        let mut gaps = [None; 3];
        let offsets = fields.iter().map(|field| {
            let from = usize::from(field.log2_size());
            let gap = (from..gaps.len()).find_map(|class| gaps[class].take().zip(Some(class)));
            if let Some((offset, class)) = gap {
                let rest = gaps.iter_mut().enumerate().take(class).skip(from);
                rest.for_each(|(class, gap)| *gap = Some(offset + (1 << class)));
                return offset;
            }
            let offset = end.next_multiple_of(field.align());
            for (class, gap) in gaps.iter_mut().enumerate() {
                if end < offset && end & (1 << class) != 0 {
                    *gap = Some(end);
                    end += 1 << class;
                }
            }
            end = offset + field.size();
            offset
        });
        let offsets = offsets.collect();
        Self { size: end.next_multiple_of(GRANULE), offsets }
    }
}
