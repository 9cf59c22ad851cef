//! Linear memories.

use alloc::alloc::{Layout, alloc_zeroed, dealloc, realloc};
use burdock_types::{IndexType, MemoryType};
use core::ptr::{self, NonNull};

/// The system has no memory left for an entity of this size.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct OutOfMemory;

impl core::fmt::Display for OutOfMemory {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("out of memory")
    }
}

impl core::error::Error for OutOfMemory {}

/// A linear memory of a store.
pub(crate) struct Memory {
    /// Its bytes; the machine holds copies of both fields while it runs.
    pub(crate) data: NonNull<u8>,
    /// Their number.
    pub(crate) len: usize,
    ty: MemoryType,
    backing: Backing,
}

/// In the place of memory 0 of instances that have none: it has no bytes.
pub(crate) static NO_MEMORY: Memory = Memory {
    data: NonNull::dangling(),
    len: 0,
    ty: MemoryType { index: IndexType::I32, min: 0, max: Some(0), page_size_log2: 0 },
    backing: Backing::Static(0),
};

/// Who owns a memory's bytes.
enum Backing {
    /// The memory, allocated with this many bytes.
    Owned,
    /// The embedder, with room for so many bytes.
    Static(usize),
}

// SAFETY: [OWN] a memory owns its bytes, or has them for itself for ever.
unsafe impl Send for Memory {}
// SAFETY: [OWN] shared access to a memory only reads it.
unsafe impl Sync for Memory {}

impl Memory {
    /// Where a memory has the binary logarithm of its pages' size.
    #[cfg(native_dispatch)]
    pub(crate) const PAGE_SIZE_LOG2: usize =
        core::mem::offset_of!(Self, ty) + core::mem::offset_of!(MemoryType, page_size_log2);

    /// A memory of its type's least size, all zero.
    pub(crate) fn new(ty: MemoryType) -> Result<Self, OutOfMemory> {
        let len = byte_len(&ty, ty.min).ok_or(OutOfMemory)?;
        let data = match layout(len).ok_or(OutOfMemory)? {
            None => NonNull::dangling(),
            // SAFETY: [MEM] the layout is not empty.
            Some(layout) => NonNull::new(unsafe { alloc_zeroed(layout) }).ok_or(OutOfMemory)?,
        };
        Ok(Self { data, len, ty, backing: Backing::Owned })
    }

    /// A memory in bytes of the embedder's, which are zeroed as far as they are used.
    pub(crate) fn new_static(
        ty: MemoryType,
        buffer: &'static mut [u8],
    ) -> Result<Self, OutOfMemory> {
        let len = byte_len(&ty, ty.min).ok_or(OutOfMemory)?;
        buffer.get_mut(..len).ok_or(OutOfMemory)?.fill(0);
        let backing = Backing::Static(buffer.len());
        Ok(Self { data: NonNull::from(buffer).cast(), len, ty, backing })
    }

    pub(crate) fn ty(&self) -> MemoryType {
        self.ty
    }

    /// Size in pages.
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

    /// Has `len` bytes, as it had before; which ones is the caller's business. `None` if the system
    /// has no room.
    pub(crate) fn set_len(&mut self, len: usize) -> Option<()> {
        match self.backing {
            _ if len > self.len => self.resize(len)?,
            Backing::Owned if len < self.len => {
                let (data, ty) = (NonNull::dangling(), self.ty);
                let mut smaller = Self { data, len: 0, ty, backing: Backing::Owned };
                if len > 0 {
                    smaller.resize(len)?;
                }
                *self = smaller;
            }
            _ => self.len = len,
        }
        Some(())
    }

    /// Makes room for `len` bytes, more than there are; new ones are zero.
    fn resize(&mut self, len: usize) -> Option<()> {
        match self.backing {
            Backing::Static(room) => {
                if len > room {
                    return None;
                }
            }
            Backing::Owned => {
                let new = layout(len)??;
                let data = match layout(self.len)? {
                    // SAFETY: [MEM] the layout is not empty.
                    None => unsafe { alloc_zeroed(new) },
                    // SAFETY: [MEM] allocated with the old layout; `len` is the new one's size.
                    Some(old) => unsafe { realloc(self.data.as_ptr(), old, len) },
                };
                self.data = NonNull::new(data)?;
            }
        }
        // SAFETY: [MEM] the first new byte lies within, or just behind, the memory's bytes.
        let new = unsafe { self.data.as_ptr().add(self.len) };
        // SAFETY: [MEM] there are `len` bytes now.
        unsafe { ptr::write_bytes(new, 0, len - self.len) };
        self.len = len;
        Some(())
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if let (Backing::Owned, Some(Some(layout))) = (&self.backing, layout(self.len)) {
            // SAFETY: [MEM] allocated with this layout.
            unsafe { dealloc(self.data.as_ptr(), layout) };
        }
    }
}

/// The number of bytes of so many pages, if the host can address them.
fn byte_len(ty: &MemoryType, pages: u64) -> Option<usize> {
    usize::try_from(pages.checked_mul(ty.page_size())?).ok()
}

/// How `len` bytes are allocated; `Some(None)` for none, `None` for too many.
fn layout(len: usize) -> Option<Option<Layout>> {
    let layout = Layout::from_size_align(len, 16).ok()?;
    Some((len > 0).then_some(layout))
}
