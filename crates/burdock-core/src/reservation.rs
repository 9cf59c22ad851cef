//! `Reservation`: addresses that the operating system keeps free for a heap or a memory, and
//! commits memory to as it grows.

use crate::OutOfMemory;
use core::ptr::NonNull;

/// The size of a large page, to which the first address is aligned.
const LARGE_PAGE: usize = 2 << 20;

/// Reserved addresses. An access to bytes that are not committed ends the process.
pub(crate) struct Reservation {
    /// The first reserved address.
    start: NonNull<u8>,
    /// The address of offset 0.
    base: NonNull<u8>,
    /// The number of bytes from there on.
    len: usize,
}

impl Reservation {
    /// Reserves addresses for `len` bytes; `None` if the system has too few.
    pub(crate) fn new(len: usize) -> Option<Self> {
        let start = system::reserve(len.checked_add(LARGE_PAGE)?)?;
        let aligned = start.addr().get().next_multiple_of(LARGE_PAGE);
        // SAFETY: [RESERVED] more bytes are reserved than `len`, by the size of a large page.
        let base = unsafe { start.add(aligned - start.addr().get()) };
        Some(Self { start, base, len })
    }

    /// Returns the address of offset 0.
    pub(crate) fn base(&self) -> NonNull<u8> {
        self.base
    }

    /// Returns the number of bytes behind it.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Returns the number of bytes that a reservation takes of the process's addresses.
    pub(crate) fn taken(&self) -> u64 {
        (self.len + LARGE_PAGE) as u64
    }

    /// Commits zeroed memory to the bytes between two multiples of the page size. The bytes must
    /// not be committed yet.
    pub(crate) fn commit(&mut self, from: usize, to: usize) -> Result<(), OutOfMemory> {
        assert!(from <= to && to <= self.len, "[RESERVED] commits within the reservation");
        // SAFETY: [RESERVED] `from` lies within the reservation, as the assertion says.
        let start = unsafe { self.base.add(from) };
        // SAFETY: [RESERVED] the bytes belong to the reservation.
        let committed = unsafe { system::commit(start, to - from) };
        committed.then_some(()).ok_or(OutOfMemory)
    }

    /// Asks the system to use large pages for bytes, as far as it has some.
    pub(crate) fn prefer_large_pages(&self, from: usize, to: usize) {
        assert!(from <= to && to <= self.len, "[RESERVED] asks for pages within the reservation");
        // SAFETY: [RESERVED] `from` lies within the reservation, as the assertion says.
        let start = unsafe { self.base.add(from) };
        // SAFETY: [RESERVED] the bytes belong to the reservation.
        unsafe { system::prefer_large_pages(start, to - from) };
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        // SAFETY: [RESERVED] the owner is dropped, so nothing uses the addresses any more.
        unsafe { system::release(self.start, self.len + LARGE_PAGE) };
    }
}

#[cfg(unix)]
mod system {
    use core::ptr::{self, NonNull};
    use libc::{
        MAP_ANON, MAP_FAILED, MAP_NORESERVE, MAP_PRIVATE, PROT_NONE, PROT_READ, PROT_WRITE,
    };

    pub(super) fn reserve(len: usize) -> Option<NonNull<u8>> {
        let flags = MAP_PRIVATE | MAP_ANON | MAP_NORESERVE;
        // SAFETY: [RESERVED] the system chooses addresses that nothing else uses.
        let base = unsafe { libc::mmap(ptr::null_mut(), len, PROT_NONE, flags, -1, 0) };
        NonNull::new(base.cast()).filter(|_| base != MAP_FAILED)
    }

    /// Makes bytes accessible; `false` if the system is out of memory.
    ///
    /// # Safety
    ///
    /// [RESERVED] the bytes belong to a reservation.
    pub(super) unsafe fn commit(start: NonNull<u8>, len: usize) -> bool {
        // SAFETY: [RESERVED] the caller owns the bytes.
        unsafe { libc::mprotect(start.as_ptr().cast(), len, PROT_READ | PROT_WRITE) == 0 }
    }

    /// Asks for large pages, which the system may refuse.
    ///
    /// # Safety
    ///
    /// [RESERVED] the bytes belong to a reservation.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(super) unsafe fn prefer_large_pages(start: NonNull<u8>, len: usize) {
        // SAFETY: [RESERVED] the caller owns the bytes, whose contents stay.
        unsafe { libc::madvise(start.as_ptr().cast(), len, libc::MADV_HUGEPAGE) };
    }

    /// Does nothing: this system chooses the size of pages itself.
    ///
    /// # Safety
    ///
    /// [RESERVED] none.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(super) unsafe fn prefer_large_pages(_: NonNull<u8>, _: usize) {}

    /// Gives addresses back to the system.
    ///
    /// # Safety
    ///
    /// [RESERVED] the addresses are a whole reservation that nothing uses any more.
    pub(super) unsafe fn release(base: NonNull<u8>, len: usize) {
        // SAFETY: [RESERVED] the caller owns the addresses.
        unsafe { libc::munmap(base.as_ptr().cast(), len) };
    }
}

#[cfg(windows)]
mod system {
    use core::ptr::{self, NonNull};
    use windows_sys::Win32::System::Memory::{
        MEM_COMMIT, MEM_RELEASE, MEM_RESERVE, PAGE_NOACCESS, PAGE_READWRITE, VirtualAlloc,
        VirtualFree,
    };

    pub(super) fn reserve(len: usize) -> Option<NonNull<u8>> {
        // SAFETY: [RESERVED] the system chooses addresses that nothing else uses.
        let base = unsafe { VirtualAlloc(ptr::null(), len, MEM_RESERVE, PAGE_NOACCESS) };
        NonNull::new(base.cast())
    }

    /// Makes bytes accessible; `false` if the system is out of memory.
    ///
    /// # Safety
    ///
    /// [RESERVED] the bytes belong to a reservation.
    pub(super) unsafe fn commit(start: NonNull<u8>, len: usize) -> bool {
        let start = start.as_ptr().cast();
        // SAFETY: [RESERVED] the caller owns the bytes.
        len == 0 || !unsafe { VirtualAlloc(start, len, MEM_COMMIT, PAGE_READWRITE) }.is_null()
    }

    /// Does nothing: large pages need a privilege here.
    ///
    /// # Safety
    ///
    /// [RESERVED] none.
    pub(super) unsafe fn prefer_large_pages(_: NonNull<u8>, _: usize) {}

    /// Gives addresses back to the system.
    ///
    /// # Safety
    ///
    /// [RESERVED] the addresses are a whole reservation that nothing uses any more.
    pub(super) unsafe fn release(base: NonNull<u8>, _: usize) {
        // SAFETY: [RESERVED] the caller owns the addresses.
        unsafe { VirtualFree(base.as_ptr().cast(), 0, MEM_RELEASE) };
    }
}
