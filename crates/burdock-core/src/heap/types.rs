//! `TypeTable`: the types of a store's objects and functions, by dense indices that object headers
//! contain. Casts and the collector read its rows.

use super::layout::{DESCRIPTOR, GRANULE, HEADER, INLINE_SUPERTYPES, Layout, Storage};
use crate::TypeId;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// The index of a type among those of a store. Equal types of the engine have equal indices.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuntimeType(pub(crate) u32);

impl RuntimeType {
    /// The type in the headers of bytes that hold no object, such as the end of a free run.
    pub const NONE: Self = Self(0);
    /// The type of the objects that stand for host values.
    pub const HOST: Self = Self(1);

    /// Returns the index as object headers contain it.
    pub const fn index(self) -> u32 {
        self.0
    }

    /// Returns the type with an index that an object header contains.
    pub const fn from_index(index: u32) -> Self {
        Self(index)
    }
}

/// The kind of a type.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// No type of objects: [`RuntimeType::NONE`], and a supertype that has not been defined yet.
    None = 0,
    /// A function type. No objects are of this kind.
    Func,
    /// A struct type.
    Struct,
    /// An array type.
    Array,
    /// An exception: a struct whose type is no other's supertype.
    Exception,
    /// A host value: the object holds the value's index in a list of the embedder's.
    Host,
}

/// The fields of a type that is to be added to a table.
#[derive(Clone, Copy, Debug)]
pub enum Contents<'a> {
    /// A function type.
    Func,
    /// A struct with these fields.
    Struct(&'a [Storage]),
    /// A struct with a descriptor and these fields.
    DescribedStruct(&'a [Storage]),
    /// An array of these elements.
    Array(Storage),
    /// An exception with these fields.
    Exception(&'a [Storage]),
}

/// A type that is to be added to a table.
#[derive(Clone, Copy, Debug)]
pub struct TypeDesc<'a> {
    /// The type and its supertypes, the root first and the type itself last.
    pub supertypes: &'a [TypeId],
    /// `true` if the type can have no subtypes.
    pub is_final: bool,
    /// The fields.
    pub contents: Contents<'a>,
}

/// The description of a type for the machine and the collector.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub struct TypeRow {
    /// The type's kind.
    pub kind: Kind,
    /// `true` if the type can have no subtypes.
    pub is_final: bool,
    /// The number of supertypes, without the type itself; at most 63.
    pub depth: u8,
    /// The binary logarithm of the size of an element, for arrays.
    pub log2_element: u8,
    /// The size of an object in bytes; for arrays, of one without elements.
    pub size: u32,
    /// A bit for each 4 bytes behind the header that are a reference, in the first 256 bytes. For
    /// arrays, not 0 if the elements are references.
    pub references: u64,
    /// The type's supertypes, the root first, then the type itself. Behind it is
    /// [`RuntimeType::NONE`].
    pub supertypes: [RuntimeType; INLINE_SUPERTYPES],
    /// The position in the table's list of the supertypes that have no room in `supertypes`.
    more_supertypes: u32,
    /// The position in the table's list of the offsets of the references that `references` has no
    /// bits for: the descriptor, and those behind 256 bytes. Their number comes first. 0 if there
    /// are none.
    more_references: u32,
}

const _: () = assert!(size_of::<TypeRow>() == 64);

impl TypeRow {
    const NONE: Self = Self {
        kind: Kind::None,
        is_final: true,
        depth: 0,
        log2_element: 0,
        size: 0,
        references: 0,
        supertypes: [RuntimeType::NONE; INLINE_SUPERTYPES],
        more_supertypes: 0,
        more_references: 0,
    };

    /// Returns the size in bytes of an object whose header contains this length.
    #[inline(always)]
    pub(crate) fn size_of(&self, len: u32) -> u64 {
        if self.kind == Kind::Array {
            let bytes = u64::from(HEADER) + (u64::from(len) << self.log2_element);
            bytes.next_multiple_of(u64::from(GRANULE))
        } else {
            u64::from(self.size)
        }
    }

    /// Returns `true` if there are references for which `references` has no bits.
    #[inline(always)]
    pub(super) fn has_more_references(&self) -> bool {
        self.more_references != 0
    }
}

/// The types of a store.
#[derive(Debug, Default)]
pub struct TypeTable {
    /// Empty until a type is needed, because most stores need none.
    rows: Vec<TypeRow>,
    by_id: BTreeMap<u32, RuntimeType>,
    /// The engine's id of each type; of the types that every store has, none.
    ids: Vec<Option<TypeId>>,
    /// For the rows that have no room for them: supertypes, and offsets of references.
    more: Vec<u32>,
}

impl TypeTable {
    /// Adds the types that every store has, if the table is empty.
    pub(crate) fn begin(&mut self) {
        if self.rows.is_empty() {
            let host = TypeRow { kind: Kind::Host, size: 2 * GRANULE, ..TypeRow::NONE };
            self.rows.extend([TypeRow::NONE, host]);
            self.ids.extend([None; 2]);
            self.more.push(0);
            self.set_supertypes(RuntimeType::HOST, &[RuntimeType::HOST]);
        }
    }

    /// Adds a type, unless the table contains it already, and returns its index. Supertypes may be
    /// added after their subtypes.
    ///
    /// # Panics
    ///
    /// If there are no supertypes, not even the type itself.
    pub fn add(&mut self, desc: &TypeDesc<'_>) -> RuntimeType {
        self.begin();
        let (id, _) = desc.supertypes.split_last().expect("a type is its own supertype");
        let ty = self.intern(*id);
        if self.row(ty).kind != Kind::None {
            return ty;
        }
        let supertypes: Vec<_> = desc.supertypes.iter().map(|&id| self.intern(id)).collect();
        for depth in 0..supertypes.len() {
            self.set_supertypes(supertypes[depth], &supertypes[..=depth]);
        }
        let fields = match desc.contents {
            Contents::Struct(fields)
            | Contents::DescribedStruct(fields)
            | Contents::Exception(fields) => fields,
            Contents::Func | Contents::Array(_) => &[],
        };
        let layout = Layout::of(fields);
        let mut more = Vec::new();
        let row = &mut self.rows[ty.0 as usize];
        row.is_final = desc.is_final;
        row.size = layout.size;
        row.kind = match desc.contents {
            Contents::Func => Kind::Func,
            Contents::Struct(_) => Kind::Struct,
            Contents::DescribedStruct(_) => {
                more.push(DESCRIPTOR);
                Kind::Struct
            }
            Contents::Array(element) => {
                row.log2_element = element.log2_size();
                row.references = u64::from(element == Storage::Reference);
                Kind::Array
            }
            Contents::Exception(_) => Kind::Exception,
        };
        for (&offset, _) in
            layout.offsets.iter().zip(fields).filter(|(_, field)| **field == Storage::Reference)
        {
            match 1u64.checked_shl((offset - HEADER) / 4) {
                Some(bit) => row.references |= bit,
                None => more.push(offset),
            }
        }
        if !more.is_empty() {
            row.more_references = self.more.len() as u32;
            self.more.push(more.len() as u32);
            self.more.extend(more);
        }
        ty
    }

    /// Returns the index of a type of the engine that was added.
    pub fn get(&self, id: TypeId) -> Option<RuntimeType> {
        self.by_id.get(&id.0).copied().filter(|&ty| self.row(ty).kind != Kind::None)
    }

    /// Returns the engine's id of a type; `None` for host values.
    pub fn id(&self, ty: RuntimeType) -> Option<TypeId> {
        self.ids.get(ty.0 as usize).copied().flatten()
    }

    /// Returns a type's row. For an index that the table does not have, it is that of
    /// [`RuntimeType::NONE`].
    #[inline(always)]
    pub fn row(&self, ty: RuntimeType) -> &TypeRow {
        self.rows.get(ty.0 as usize).unwrap_or(const { &TypeRow::NONE })
    }

    /// Returns the address of the rows, which changes when a type is added.
    pub fn rows(&self) -> *const TypeRow {
        self.rows.as_ptr()
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns `true` if the store has needed no type yet.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns `true` if `sub` is `sup` or one of its subtypes.
    #[inline]
    pub fn is_subtype(&self, sub: RuntimeType, sup: RuntimeType) -> bool {
        let depth = usize::from(self.row(sup).depth);
        let row = self.row(sub);
        match row.supertypes.get(depth) {
            _ if sub == sup => true,
            Some(&at) => at == sup,
            None => {
                let behind = usize::from(row.depth) >= depth;
                let at = row.more_supertypes as usize + depth - INLINE_SUPERTYPES;
                behind && self.more.get(at) == Some(&sup.0)
            }
        }
    }

    /// Calls `visit` with the offset of each reference in a struct or an exception.
    #[inline(always)]
    pub(crate) fn each_reference(&self, row: &TypeRow, mut visit: impl FnMut(u32)) {
        let mut references = row.references;
        while references != 0 {
            visit(HEADER + 4 * references.trailing_zeros());
            references &= references - 1;
        }
        if row.has_more_references() {
            self.more_references(row).iter().for_each(|&offset| visit(offset));
        }
    }

    /// Returns the offsets of the references for which a row has no bits; there are some.
    #[cold]
    pub(super) fn more_references(&self, row: &TypeRow) -> &[u32] {
        let first = row.more_references as usize + 1;
        &self.more[first..first + self.more[first - 1] as usize]
    }

    /// Returns the index of a type that need not have been added yet.
    fn intern(&mut self, id: TypeId) -> RuntimeType {
        *self.by_id.entry(id.0).or_insert_with(|| {
            self.rows.push(TypeRow::NONE);
            self.ids.push(Some(id));
            RuntimeType(self.rows.len() as u32 - 1)
        })
    }

    /// Writes the supertypes of a type, if its row does not contain them already.
    fn set_supertypes(&mut self, ty: RuntimeType, all: &[RuntimeType]) {
        let row = &mut self.rows[ty.0 as usize];
        if row.supertypes[0] != RuntimeType::NONE {
            return;
        }
        let (inline, more) = all.split_at(all.len().min(INLINE_SUPERTYPES));
        row.supertypes[..inline.len()].copy_from_slice(inline);
        row.depth = all.len() as u8 - 1;
        row.more_supertypes = self.more.len() as u32;
        self.more.extend(more.iter().map(|ty| ty.0));
    }
}
