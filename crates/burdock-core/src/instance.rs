//! Instances and functions of a store, as the machine reads them.

use crate::heap::RuntimeType;
use crate::memory::{Memory, NO_MEMORY};
use crate::observe::ObservedCode;
use crate::table::{Global, Table};
use crate::{Code, FuncAddr, MemoryAddr, RawRef, TagAddr, TypeId, TypeInfo};
use alloc::{boxed::Box, collections::BTreeMap, sync::Arc, vec::Vec};
use burdock_types::{DataIdx, ElemIdx};
use core::ops::Range;
use core::ptr::NonNull;
use smallvec::SmallVec;

/// A function of a store.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Func {
    /// The address at which a call of the function begins; null for a host function.
    pub(crate) entry: *const u64,
    /// The function's instance; `None` for a host function.
    pub(crate) instance: Option<NonNull<Instance>>,
    /// In its instance, counted without imported ones; of a host function, its number.
    pub(crate) index: u32,
    pub(crate) ty: TypeId,
    /// The slots in front of its frame's record; of a host function, those of its parameters or
    /// results, whichever are more.
    pub(crate) span: u32,
}

// SAFETY: [ADDR] the instance belongs to the same store as the function, and has a share in its
// code.
unsafe impl Send for Func {}
// SAFETY: [ADDR] as above; the pointer is followed only by who has the store for itself.
unsafe impl Sync for Func {}

/// An instance of a store. The machine holds a pointer to it while it runs its code.
pub(crate) struct Instance {
    pub(crate) address: u32,
    pub(crate) code: Arc<Code>,
    /// Code of functions that are observed, by the address at which it begins.
    pub(crate) observed: BTreeMap<usize, ObservedCode>,
    /// The address at which a call of each defined function begins. (Not in a `Box`: guests read
    /// them by a pointer, which a change through a `Box` would end.)
    pub(crate) entries: Vec<*const u64>,
    /// The addresses of imported functions.
    pub(crate) imported: Box<[FuncAddr]>,
    /// The address of the first defined function; the others follow.
    pub(crate) first_func: u32,
    /// The module's types; they belong to the code.
    pub(crate) types: NonNull<[TypeInfo]>,
    /// The store's indices of the module's types; empty if the module has no objects.
    pub(crate) runtime_types: Box<[RuntimeType]>,
    /// The address of the first of them, for native handlers.
    #[cfg(native_dispatch)]
    pub(crate) first_runtime_type: *const RuntimeType,
    pub(crate) tables: Vec<NonNull<Table>>,
    pub(crate) memories: SmallVec<[(NonNull<Memory>, MemoryAddr); 1]>,
    pub(crate) globals: Vec<NonNull<Global>>,
    pub(crate) tags: Vec<TagAddr>,
    pub(crate) elems: Vec<Box<[RawRef]>>,
    /// The element segments whose references may lead to objects.
    pub(crate) traced_elems: Vec<ElemIdx>,
    /// Data segments: ranges of the module's binary, empty once they are dropped.
    pub(crate) datas: Vec<Range<usize>>,
}

// SAFETY: [ADDR] what it points to belongs to the same store, or to code it has a share in.
unsafe impl Send for Instance {}
// SAFETY: [ADDR] as above; the pointers are followed only by who has the store for itself.
unsafe impl Sync for Instance {}

impl Instance {
    /// Returns memory 0, or an empty memory if there is none.
    pub(crate) fn memory(&self) -> *const Memory {
        self.memories.first().map_or(&raw const NO_MEMORY, |(memory, _)| memory.as_ptr())
    }

    /// Returns the module's types.
    #[inline]
    pub(crate) fn types(&self) -> &[TypeInfo] {
        // SAFETY: [ADDR] the code, in which the instance has a share, does not change its types.
        unsafe { self.types.as_ref() }
    }

    /// Returns the bytes of a data segment.
    pub(crate) fn data(&self, data: DataIdx) -> &[u8] {
        &self.code.binary()[self.datas[data.index()].clone()]
    }

    /// Returns the address of a function by its index, imported ones first.
    pub(crate) fn func(&self, index: u32) -> FuncAddr {
        match self.imported.get(index as usize) {
            Some(&address) => address,
            None => FuncAddr(self.first_func + (index - self.imported.len() as u32)),
        }
    }
}
