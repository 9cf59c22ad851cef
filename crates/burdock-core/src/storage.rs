//! Storage for the bytes of a memory and the elements of a table: from the allocator, from the
//! system if there are many of them, or from the embedder.

use alloc::alloc::{Layout, alloc_zeroed, dealloc, realloc};
use core::ptr::{self, NonNull};
#[cfg(mapped_memories)]
use {crate::reservation::Reservation, memmap2::MmapMut};

/// The size in bytes from which memory is mapped by the operating system: untouched pages then cost
/// nothing, neither at first nor when the memory grows. An allocator clears reused memory: in the
/// time it takes to clear this much, the system provides a hundred pages.
const MAPPED: usize = 2 << 20;

/// The number of bytes of which memory within a reservation has a multiple: as many as the largest
/// pages have.
#[cfg(mapped_memories)]
const COMMITTED_UNIT: usize = 64 << 10;

const fn is_mapped(len: usize) -> bool {
    cfg!(mapped_memories) && len >= MAPPED
}

/// The owner of a memory's bytes.
pub(crate) enum Storage {
    /// The allocator's.
    Allocated,
    /// The system's.
    #[cfg(mapped_memories)]
    Mapped(#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "it owns"))] MmapMut),
    /// The system's, at reserved addresses, of which so many have memory.
    #[cfg(mapped_memories)]
    Reserved(Reservation, usize),
    /// The allocator's, so many bytes that stay where they are.
    #[cfg(not(mapped_memories))]
    Fixed(usize),
    /// The embedder's, with room for so many bytes.
    Static(usize),
}

impl Storage {
    /// Allocates `len` zeroed bytes; `None` if the system is out of memory.
    pub(crate) fn zeroed(len: usize) -> Option<(NonNull<u8>, Self)> {
        #[cfg(mapped_memories)]
        if is_mapped(len) {
            let mut map = MmapMut::map_anon(len).ok()?;
            return Some((NonNull::new(map.as_mut_ptr())?, Self::Mapped(map)));
        }
        let data = match layout(len)? {
            // Empty storage is aligned like any other, because a table has its elements at this
            // address.
            None => NonNull::<u128>::dangling().cast(),
            // SAFETY: [MEM] the layout is not empty.
            Some(layout) => NonNull::new(unsafe { alloc_zeroed(layout) })?,
        };
        Some((data, Self::Allocated))
    }

    /// Allocates `len` zeroed bytes that stay where they are, and can become as many as `room`;
    /// `None` if the system has too few addresses, or is out of memory.
    #[cfg(mapped_memories)]
    pub(crate) fn in_place(len: usize, room: usize) -> Option<(NonNull<u8>, Self)> {
        let room = room.max(len).checked_next_multiple_of(COMMITTED_UNIT)?;
        let mut reservation = Reservation::new(room)?;
        let committed = len.next_multiple_of(COMMITTED_UNIT);
        reservation.commit(0, committed).ok()?;
        Some((reservation.base(), Self::Reserved(reservation, committed)))
    }

    /// Allocates `len` zeroed bytes that stay where they are; `None` if the system is out of
    /// memory. It can reserve no addresses here, so they cannot become more.
    #[cfg(not(mapped_memories))]
    pub(crate) fn in_place(len: usize, _room: usize) -> Option<(NonNull<u8>, Self)> {
        let (data, _) = Self::zeroed(len)?;
        Some((data, Self::Fixed(len)))
    }

    /// Returns `true` if the bytes stay where they are, however many they become.
    pub(crate) fn is_in_place(&self) -> bool {
        match self {
            Self::Allocated => false,
            #[cfg(mapped_memories)]
            Self::Mapped(_) => false,
            #[cfg(mapped_memories)]
            Self::Reserved(..) => true,
            #[cfg(not(mapped_memories))]
            Self::Fixed(_) => true,
            Self::Static(_) => true,
        }
    }

    /// Has `to` bytes, more than `from`, of which the first `from` are the same and the others
    /// zero; says where they are now. `None` if there is no room.
    ///
    /// # Safety
    ///
    /// [MEM] `from` bytes of this are at `data`.
    pub(crate) unsafe fn grow(
        &mut self,
        data: NonNull<u8>,
        from: usize,
        to: usize,
    ) -> Option<NonNull<u8>> {
        match self {
            Self::Static(room) if to > *room => return None,
            #[cfg(not(mapped_memories))]
            Self::Fixed(room) if to > *room => return None,
            #[cfg(mapped_memories)]
            Self::Reserved(reservation, committed) => {
                let used = to.min(*committed);
                if to > used {
                    let end = to.checked_next_multiple_of(COMMITTED_UNIT)?;
                    if end > reservation.len() {
                        return None;
                    }
                    reservation.commit(*committed, end).ok()?;
                    *committed = end;
                }
                // SAFETY: [MEM] so many bytes have memory.
                unsafe { clear(data, from, used.max(from)) };
                return Some(data);
            }
            _ if self.is_in_place() => {
                // SAFETY: [MEM] there are as many bytes as there is room.
                unsafe { clear(data, from, to) };
                return Some(data);
            }
            Self::Allocated if from > 0 && !is_mapped(to) => {
                layout(to)?;
                // SAFETY: [MEM] allocated with the old layout; `to` is the size of another one.
                let data = NonNull::new(unsafe { realloc(data.as_ptr(), layout(from)??, to) })?;
                // SAFETY: [MEM] there are `to` bytes now.
                unsafe { clear(data, from, to) };
                return Some(data);
            }
            #[cfg(all(mapped_memories, target_os = "linux"))]
            Self::Mapped(map) => {
                // SAFETY: [MEM] who asks has no reference to the bytes.
                unsafe { map.remap(to, memmap2::RemapOptions::new().may_move(true)) }.ok()?;
                return NonNull::new(map.as_mut_ptr());
            }
            _ => {}
        }
        let (new, storage) = Self::zeroed(to)?;
        // SAFETY: [MEM] there are more than `from` bytes in the new place, and `from` in the old.
        unsafe { ptr::copy_nonoverlapping(data.as_ptr(), new.as_ptr(), from) };
        // SAFETY: [MEM] as the caller says; they are not asked for again.
        unsafe { self.free(data, from) };
        *self = storage;
        Some(new)
    }

    /// Asks the system for huge pages, which take fewer page faults. It may ignore this.
    pub(crate) fn use_huge_pages(&self) {
        #[cfg(all(mapped_memories, target_os = "linux"))]
        match self {
            // A kernel without huge pages reports an error, and provides small ones.
            Self::Mapped(map) => _ = map.advise(memmap2::Advice::HugePage),
            Self::Reserved(reservation, committed) => reservation.prefer_large_pages(0, *committed),
            Self::Allocated | Self::Static(_) => {}
        }
    }

    /// Gives the bytes back, if they are not the embedder's or given back when this is dropped.
    ///
    /// # Safety
    ///
    /// [MEM] `len` bytes of this are at `data`, and nothing asks for them again.
    pub(crate) unsafe fn free(&mut self, data: NonNull<u8>, len: usize) {
        let len = match self {
            Self::Allocated => len,
            #[cfg(not(mapped_memories))]
            Self::Fixed(room) => *room,
            _ => return,
        };
        if let Some(Some(layout)) = layout(len) {
            // SAFETY: [MEM] allocated with this layout.
            unsafe { dealloc(data.as_ptr(), layout) };
        }
    }
}

/// Clears the bytes between two positions.
///
/// # Safety
///
/// [MEM] there are `to` bytes at `data`.
unsafe fn clear(data: NonNull<u8>, from: usize, to: usize) {
    // SAFETY: [MEM] `from` lies within the bytes, or just behind them.
    let new = unsafe { data.as_ptr().add(from) };
    // SAFETY: [MEM] there are `to` bytes.
    unsafe { ptr::write_bytes(new, 0, to - from) };
}

/// Returns the layout of `len` bytes; `Some(None)` for no bytes, `None` for too many.
fn layout(len: usize) -> Option<Option<Layout>> {
    let layout = Layout::from_size_align(len, 16).ok()?;
    Some((len > 0).then_some(layout))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_in_place_grow_where_they_are() {
        // With addresses to reserve, there is room up to the next unit; without, for no more bytes
        // than at first.
        let units = 64 << 10;
        for (len, room, to) in [
            (0, 100, 50),
            (10, 100, 100),
            (10, 100, units),
            (10, 100, units + 1),
            (units, 3 * units, 2 * units + 1),
            (units, 3 * units, 3 * units + 1),
            (20, 0, 21),
        ] {
            let (data, mut storage) = Storage::in_place(len, room).expect("there is memory");
            assert!(storage.is_in_place());
            // SAFETY: [MEM] there are `len` bytes.
            unsafe { ptr::write_bytes(data.as_ptr(), 7, len) };
            // SAFETY: [MEM] as above.
            let grown = unsafe { storage.grow(data, len, to) };
            let fits = cfg!(mapped_memories) && to <= room.max(len).next_multiple_of(units);
            assert_eq!(grown, fits.then_some(data), "{len} {room} {to}");
            let (old, len) = (len, if fits { to } else { len });
            // SAFETY: [MEM] there are `len` bytes now.
            let bytes = unsafe { core::slice::from_raw_parts(data.as_ptr(), len) };
            assert!(bytes[..old].iter().all(|byte| *byte == 7), "{len} {room} {to}");
            assert!(bytes[old..].iter().all(|byte| *byte == 0), "{len} {room} {to}");
            // SAFETY: [MEM] as above, and nothing asks for them again.
            unsafe { storage.free(data, len) };
        }
    }
}
