//! Linear memories.

use crate::storage::Storage;
use burdock_types::{IndexType, MemoryType};
use core::ptr::NonNull;

/// The system has no memory left for an entity of this size.
#[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("out of memory")]
pub struct OutOfMemory;

/// The size in bytes from which a memory that has grown may use huge pages. A guest that has asked
/// for so much by growth is about to write it, which most guests with a large memory from the start
/// are not. Below, a page that is touched once costs more than it saves.
const HUGE: usize = 8 << 20;

/// A linear memory of a store.
pub(crate) struct Memory {
    /// The memory's bytes; the machine holds copies of both fields while it runs.
    pub(crate) data: NonNull<u8>,
    /// Their number.
    pub(crate) len: usize,
    ty: MemoryType,
    storage: Storage,
}

/// In the place of memory 0 of instances that have none: it has no bytes.
pub(crate) static NO_MEMORY: Memory = Memory {
    data: NonNull::dangling(),
    len: 0,
    ty: MemoryType { index: IndexType::I32, min: 0, max: Some(0), page_size_log2: 0 },
    storage: Storage::Static(0),
};

// SAFETY: [OWN] a memory owns its bytes, or has them for itself for ever.
unsafe impl Send for Memory {}
// SAFETY: [OWN] shared access to a memory only reads it.
unsafe impl Sync for Memory {}

impl Memory {
    /// The offset of the binary logarithm of the page size in a memory.
    #[cfg(native_dispatch)]
    pub(crate) const PAGE_SIZE_LOG2: usize =
        core::mem::offset_of!(Self, ty) + core::mem::offset_of!(MemoryType, page_size_log2);

    /// Creates a memory of its type's minimum size, all zero. With `room`, it stays where it is and
    /// can grow to so many bytes.
    pub(crate) fn new(ty: MemoryType, room: Option<usize>) -> Result<Self, OutOfMemory> {
        let len = byte_len(&ty, ty.min).ok_or(OutOfMemory)?;
        let most = ty.max.and_then(|max| byte_len(&ty, max)).unwrap_or(usize::MAX);
        let (data, storage) = match room {
            Some(room) => Storage::in_place(len, room.min(most)),
            None => Storage::zeroed(len),
        }
        .ok_or(OutOfMemory)?;
        Ok(Self { data, len, ty, storage })
    }

    /// Creates a memory in bytes of the embedder's; the used part is zeroed.
    pub(crate) fn new_static(
        ty: MemoryType,
        buffer: &'static mut [u8],
    ) -> Result<Self, OutOfMemory> {
        let len = byte_len(&ty, ty.min).ok_or(OutOfMemory)?;
        buffer.get_mut(..len).ok_or(OutOfMemory)?.fill(0);
        let storage = Storage::Static(buffer.len());
        Ok(Self { data: NonNull::from(buffer).cast(), len, ty, storage })
    }

    pub(crate) fn ty(&self) -> MemoryType {
        self.ty
    }

    /// Returns the size in pages.
    pub(crate) fn size(&self) -> u64 {
        self.len as u64 >> self.ty.page_size_log2
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: [MEM] `data` points to `len` bytes that belong to this memory.
        unsafe { core::slice::from_raw_parts(self.data.as_ptr(), self.len) }
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: [MEM] as above, and `&mut self` keeps others away.
        unsafe { core::slice::from_raw_parts_mut(self.data.as_ptr(), self.len) }
    }

    /// Grows by so many pages; gives the size before, or `None` if the type or the system has no
    /// room.
    pub(crate) fn grow(&mut self, delta: u64) -> Option<u64> {
        let before = self.size();
        let pages = before.checked_add(delta)?;
        if pages > self.ty.max.unwrap_or(u64::MAX).min(self.ty.index_limit()) {
            return None;
        }
        let len = byte_len(&self.ty, pages)?;
        if len > self.len {
            self.resize(len)?;
        }
        Some(before)
    }

    /// Asks the system for huge pages, if the memory is large.
    pub(crate) fn use_huge_pages(&self) {
        if self.len >= HUGE {
            self.storage.use_huge_pages();
        }
    }

    /// Has `len` bytes, as it had before; which ones is the caller's business. `None` if the system
    /// has no room.
    pub(crate) fn set_len(&mut self, len: usize) -> Option<()> {
        if len > self.len {
            self.resize(len)?;
        } else if self.storage.is_in_place() {
            self.len = len;
        } else if len < self.len {
            let (data, storage) = Storage::zeroed(len)?;
            let ty = self.ty;
            *self = Self { data, len, ty, storage };
        }
        Some(())
    }

    /// Makes room for `len` bytes, more than there are; new ones are zero.
    fn resize(&mut self, len: usize) -> Option<()> {
        // SAFETY: [MEM] so many bytes of this storage are at `data`.
        self.data = unsafe { self.storage.grow(self.data, self.len, len)? };
        self.len = len;
        Some(())
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: [MEM] so many bytes of this storage are at `data`, and nothing asks for them
        // again.
        unsafe { self.storage.free(self.data, self.len) };
    }
}

/// Returns the number of bytes of `pages` pages, if the host can address them.
fn byte_len(ty: &MemoryType, pages: u64) -> Option<usize> {
    usize::try_from(pages.checked_mul(ty.page_size())?).ok()
}
