//! `Space`: the memory behind a heap's offsets. All accesses from Rust are bounds-checked.

use super::HeapConfig;
use crate::OutOfMemory;
#[cfg(reserved_heap)]
use crate::reservation::Reservation;
use crate::storage::Storage;
use core::iter;
use core::ptr::NonNull;

/// The offset of a heap's first byte. Smaller numbers are no references: neither small integers,
/// nor floats from 0.0 to beyond 2.0 (0x4000_0000), nor lengths.
pub const FIRST: u32 = 0x5000_0000;

/// The largest number of bytes that a heap can have. Less than 32 bits address, so that
/// the offset behind an object has 32 bits as well.
pub const MAX_BYTES: u32 = u32::MAX - FIRST + 1 - GROWTH_UNIT;

/// The number of bytes of which a heap has a multiple: as many as the largest pages have.
pub const GROWTH_UNIT: u32 = 64 << 10;

/// The number of bytes from which on a heap asks for large pages. With them, all objects of a heap
/// of 100 MiB that are linked in random order are marked in 86 ms instead of 160 ms
/// (`cargo bench heap` in benches/), while a small heap would take more memory than it uses.
#[cfg(reserved_heap)]
const SMALL_PAGES: u32 = 32 << 20;

/// The number of bytes of a reservation: as many as 32 bits address, and a guard behind them that
/// is larger than the offset of any field.
#[cfg(reserved_heap)]
const RESERVED: usize = (1 << 32) + (64 << 10);

/// The memory of a heap: the bytes at the offsets from [`FIRST`] on.
pub(super) struct Space {
    /// The address of the byte at offset `FIRST`.
    first: NonNull<u8>,
    /// The number of bytes.
    len: u32,
    backing: Backing,
    /// `true` to reserve addresses if the system has enough.
    #[cfg(reserved_heap)]
    reserve: bool,
    /// `true` if a buffer may move.
    may_move: bool,
    /// The number of bytes that a buffer can grow before it moves.
    room_for_growth: u32,
}

/// The owner of a heap's memory.
enum Backing {
    /// Reserved addresses: the memory grows in place, and all 32-bit offsets lead into the
    /// reservation.
    #[cfg(reserved_heap)]
    Reserved(Reservation),
    /// Memory that moves when it grows beyond so many bytes.
    Buffer(Storage, u32),
    /// None, before the first growth.
    Empty,
}

// SAFETY: [OWN] a space owns its bytes.
unsafe impl Send for Space {}
// SAFETY: [OWN] shared access to a space only reads.
unsafe impl Sync for Space {}

impl Space {
    /// Returns a space without bytes. Addresses are reserved at the first growth.
    pub(super) const fn new(config: &HeapConfig) -> Self {
        Self {
            first: NonNull::<u64>::dangling().cast(),
            len: 0,
            backing: Backing::Empty,
            #[cfg(reserved_heap)]
            reserve: config.reserve,
            may_move: config.may_move,
            room_for_growth: config.room_for_growth,
        }
    }

    /// Returns the number of bytes.
    pub(super) fn len(&self) -> u32 {
        self.len
    }

    /// Returns the address of offset 0, to which native code adds offsets. Only with a reservation
    /// does memory of the heap's own lie there.
    pub(super) fn base(&self) -> *mut u8 {
        self.first.as_ptr().wrapping_sub(FIRST as usize)
    }

    /// Returns `true` if all 32-bit offsets lead into addresses that belong to the heap.
    pub(super) fn is_reserved(&self) -> bool {
        #[cfg(reserved_heap)]
        return matches!(self.backing, Backing::Reserved(_));
        #[cfg(not(reserved_heap))]
        false
    }

    /// Returns the number of bytes of reserved addresses.
    pub(super) fn reserved(&self) -> u64 {
        match &self.backing {
            #[cfg(reserved_heap)]
            Backing::Reserved(reservation) => reservation.taken(),
            Backing::Buffer(..) | Backing::Empty => 0,
        }
    }

    /// Grows to `to` bytes, a multiple of [`GROWTH_UNIT`] of at most [`MAX_BYTES`]. New bytes are
    /// zero. The address may change.
    pub(super) fn grow(&mut self, to: u32) -> Result<(), OutOfMemory> {
        if to > MAX_BYTES {
            return Err(OutOfMemory);
        }
        if let Backing::Empty = self.backing {
            self.found()?;
        }
        match &mut self.backing {
            #[cfg(reserved_heap)]
            Backing::Reserved(reservation) => {
                let offset = |bytes: u32| (FIRST + bytes) as usize;
                let end = offset(to.max(self.len));
                reservation.commit(offset(self.len), end)?;
                reservation.prefer_large_pages(offset(SMALL_PAGES).min(end), end);
            }
            Backing::Buffer(storage, capacity) if to > *capacity => {
                if *capacity > 0 && !self.may_move {
                    return Err(OutOfMemory);
                }
                let grow = |room: u32| {
                    let capacity_to = to.saturating_add(room).min(MAX_BYTES);
                    // SAFETY: [HEAP] the storage has `capacity` bytes at `first`.
                    let first = unsafe {
                        storage.grow(self.first, *capacity as usize, capacity_to as usize)
                    };
                    first.map(|first| (first, capacity_to))
                };
                // As much room as the system gives.
                let mut rooms = iter::successors(Some(self.room_for_growth), |&room| {
                    (room > 0).then_some(if room > GROWTH_UNIT { room / 2 } else { 0 })
                });
                let grown = rooms.find_map(grow);
                (self.first, *capacity) = grown.ok_or(OutOfMemory)?;
            }
            Backing::Buffer(..) | Backing::Empty => {}
        }
        self.len = to.max(self.len);
        Ok(())
    }

    /// Chooses the owner of the memory.
    fn found(&mut self) -> Result<(), OutOfMemory> {
        #[cfg(reserved_heap)]
        if self.reserve
            && let Some(reservation) = Reservation::new(RESERVED)
        {
            // SAFETY: [HEAP] the reservation covers all 32-bit offsets.
            self.first = unsafe { reservation.base().add(FIRST as usize) };
            self.backing = Backing::Reserved(reservation);
            return Ok(());
        }
        let (first, storage) = Storage::zeroed(0).ok_or(OutOfMemory)?;
        self.first = first;
        self.backing = Backing::Buffer(storage, 0);
        Ok(())
    }

    /// Returns all bytes.
    #[inline(always)]
    fn all(&self) -> &[u8] {
        // SAFETY: [HEAP] the space owns `len` initialized bytes at `first`, or more.
        unsafe { core::slice::from_raw_parts(self.first.as_ptr(), self.len as usize) }
    }

    /// Returns all bytes, to be written.
    #[inline(always)]
    fn all_mut(&mut self) -> &mut [u8] {
        // SAFETY: [HEAP] as above, and `&mut self` excludes other references.
        unsafe { core::slice::from_raw_parts_mut(self.first.as_ptr(), self.len as usize) }
    }

    /// Returns `len` bytes at an offset.
    ///
    /// # Panics
    ///
    /// If they do not lie within the space.
    #[inline(always)]
    pub(super) fn bytes(&self, offset: u32, len: usize) -> &[u8] {
        &self.all()[position(offset)..][..len]
    }

    /// Returns `len` bytes at an offset, or `None` if they do not lie within the space.
    #[inline(always)]
    pub(super) fn get(&self, offset: u32, len: usize) -> Option<&[u8]> {
        self.all().get(position(offset)..)?.get(..len)
    }

    /// Returns `len` bytes at an offset, to be written, or `None` if they do not lie within the
    /// space.
    #[inline(always)]
    pub(super) fn get_mut(&mut self, offset: u32, len: usize) -> Option<&mut [u8]> {
        self.all_mut().get_mut(position(offset)..)?.get_mut(..len)
    }

    /// Returns `len` bytes at an offset, to be written.
    ///
    /// # Panics
    ///
    /// If they do not lie within the space.
    #[inline(always)]
    pub(super) fn bytes_mut(&mut self, offset: u32, len: usize) -> &mut [u8] {
        &mut self.all_mut()[position(offset)..][..len]
    }

    /// Copies `len` bytes from one offset to another; the places may overlap.
    ///
    /// # Panics
    ///
    /// If one of the places does not lie within the space.
    pub(super) fn copy_within(&mut self, from: u32, to: u32, len: usize) {
        let (from, to) = (position(from), position(to));
        self.all_mut().copy_within(from..from + len, to);
    }

    /// Reads a number of 32 bits, or `None` if it does not lie within the space.
    #[inline(always)]
    pub(super) fn get_u32(&self, offset: u32) -> Option<u32> {
        let bytes = self.all().get(position(offset)..)?.first_chunk()?;
        Some(u32::from_ne_bytes(*bytes))
    }

    /// Returns `len` bytes at an offset, four by four, or `None` if they do not lie within the
    /// space.
    #[inline(always)]
    pub(super) fn get_words(&self, offset: u32, len: usize) -> Option<&[[u8; 4]]> {
        Some(self.get(offset, len)?.as_chunks().0)
    }

    /// Reads the two numbers of a header, or `None` if it does not lie within the space.
    #[inline(always)]
    pub(super) fn get_header(&self, offset: u32) -> Option<(u32, u32)> {
        let bytes = self.all().get(position(offset)..)?.first_chunk::<8>()?;
        let [a, b, c, d, e, f, g, h] = *bytes;
        Some((u32::from_ne_bytes([a, b, c, d]), u32::from_ne_bytes([e, f, g, h])))
    }

    /// Returns the address of the byte at an offset, as a hint for the processor.
    #[inline(always)]
    pub(super) fn hint(&self, offset: u32) -> *const u8 {
        self.first.as_ptr().wrapping_add(position(offset))
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        if let Backing::Buffer(storage, capacity) = &mut self.backing {
            // SAFETY: [HEAP] the storage has `capacity` bytes at `first`; nothing uses them again.
            unsafe { storage.free(self.first, *capacity as usize) };
        }
    }
}

/// Returns the position of the byte at an offset. For a number that is no offset of a heap, it is
/// behind the last byte that a heap can have.
#[inline(always)]
fn position(offset: u32) -> usize {
    offset.wrapping_sub(FIRST) as usize
}
