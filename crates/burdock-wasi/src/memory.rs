//! The guest's memory as WASI functions see it: bounds-checked reads and writes.
//!
//! Every address and length comes from the guest. Whatever does not lie inside the memory is
//! [`Errno::Fault`]; sums are made in 64 bits, so that they can't wrap.

use crate::errno::{Errno, Result};
use crate::version::Version;
use std::rc::Rc;

/// The most `iovec`s one call looks at, as POSIX' `IOV_MAX`. A call with more of them ends short,
/// which reads and writes are always allowed to do.
const IOV_MAX: u32 = 1024;

/// The number of bytes that are transferred between two checks of fuel and the epoch.
const PIECE: u32 = 256 << 10;

/// The longest string that is read; no host has paths that long.
const MAX_STRING: u32 = 64 << 10;

/// The linear memory that the guest exports as `memory`, as a call of a WASI function sees it.
///
/// A function that transfers many bytes works in pieces: the caller calls the function again with
/// the same arguments until all bytes are transferred.
pub(crate) struct GuestMemory<'a> {
    bytes: &'a mut [u8],
    version: Version,
    progress: &'a mut Progress,
}

/// The progress of a call of a WASI function.
#[derive(Default)]
pub(crate) struct Progress {
    /// The number of bytes that have been transferred.
    pub(crate) done: u32,
    /// `true` if the function has to be called again.
    pub(crate) more: bool,
    /// The regions to transfer. Kept once they are read, because the transfer may overwrite the
    /// guest's array.
    regions: Option<Rc<[Region]>>,
}

/// A byte range that the guest named; not yet checked against the memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Region {
    ptr: u32,
    len: u32,
}

impl<'a> GuestMemory<'a> {
    pub(crate) fn new(bytes: &'a mut [u8], version: Version, progress: &'a mut Progress) -> Self {
        progress.more = false;
        Self { bytes, version, progress }
    }

    /// Returns the version whose layouts the guest uses.
    pub(crate) fn version(&self) -> Version {
        self.version
    }

    /// Returns how many bytes have been transferred before this piece.
    pub(crate) fn done(&self) -> u32 {
        self.progress.done
    }

    /// Sets the total number of bytes that have been transferred.
    pub(crate) fn set_done(&mut self, done: u32) {
        self.progress.done = done;
    }

    /// Returns the next piece of the `len` bytes at `ptr`, for writing.
    pub(crate) fn next_piece(&mut self, ptr: u32, len: u32) -> Result<&mut [u8]> {
        self.slice(ptr, len)?;
        let done = self.progress.done;
        let piece = (len - done).min(PIECE);
        self.progress.done += piece;
        self.progress.more = self.progress.done < len;
        self.slice_mut(ptr + done, piece)
    }

    /// Returns `len` bytes from `ptr`.
    pub(crate) fn slice(&self, ptr: u32, len: u32) -> Result<&[u8]> {
        let start = usize::try_from(ptr)?;
        let end = start.checked_add(usize::try_from(len)?).ok_or(Errno::Fault)?;
        self.bytes.get(start..end).ok_or(Errno::Fault)
    }

    /// Returns `len` bytes from `ptr` as a mutable slice.
    pub(crate) fn slice_mut(&mut self, ptr: u32, len: u32) -> Result<&mut [u8]> {
        let start = usize::try_from(ptr)?;
        let end = start.checked_add(usize::try_from(len)?).ok_or(Errno::Fault)?;
        self.bytes.get_mut(start..end).ok_or(Errno::Fault)
    }

    /// Returns the bytes of `region`.
    pub(crate) fn region(&self, region: Region) -> Result<&[u8]> {
        self.slice(region.ptr, region.len)
    }

    /// Returns the bytes of `region` as a mutable slice.
    pub(crate) fn region_mut(&mut self, region: Region) -> Result<&mut [u8]> {
        self.slice_mut(region.ptr, region.len)
    }

    /// Returns a path or another string; fails with [`Errno::Ilseq`] if it is not UTF-8.
    pub(crate) fn str(&self, ptr: u32, len: u32) -> Result<&str> {
        let bytes = self.slice(ptr, len)?;
        if len > MAX_STRING {
            return Err(Errno::Nametoolong);
        }
        std::str::from_utf8(bytes).map_err(|_| Errno::Ilseq)
    }

    /// Returns `N` bytes from `ptr`.
    pub(crate) fn array<const N: usize>(&self, ptr: u32) -> Result<[u8; N]> {
        let bytes = self.slice(ptr, u32::try_from(N)?)?;
        <[u8; N]>::try_from(bytes).map_err(|_| Errno::Fault)
    }

    pub(crate) fn write(&mut self, ptr: u32, bytes: &[u8]) -> Result<()> {
        let len = u32::try_from(bytes.len())?;
        self.slice_mut(ptr, len)?.copy_from_slice(bytes);
        Ok(())
    }

    pub(crate) fn write_u16(&mut self, ptr: u32, value: u16) -> Result<()> {
        self.write(ptr, &value.to_le_bytes())
    }

    pub(crate) fn write_u32(&mut self, ptr: u32, value: u32) -> Result<()> {
        self.write(ptr, &value.to_le_bytes())
    }

    pub(crate) fn write_u64(&mut self, ptr: u32, value: u64) -> Result<()> {
        self.write(ptr, &value.to_le_bytes())
    }

    /// Returns the regions of the `iovec`/`ciovec` array at `ptr`, without empty ones. The whole
    /// array has to lie in the memory, and so has every region in it: a bad one is found before
    /// anything was transferred.
    pub(crate) fn iovecs(&mut self, ptr: u32, count: u32) -> Result<Rc<[Region]>> {
        if let Some(regions) = &self.progress.regions {
            return Ok(Rc::clone(regions));
        }
        let size = count.checked_mul(8).ok_or(Errno::Fault)?;
        self.slice(ptr, size)?;
        let mut regions = Vec::new();
        for index in 0..count.min(IOV_MAX) {
            let region = self.iovec(ptr + 8 * index)?;
            self.region(region)?;
            if region.len > 0 {
                regions.push(region);
            }
        }
        let regions = Rc::from(regions);
        self.progress.regions = Some(Rc::clone(&regions));
        Ok(regions)
    }

    fn iovec(&self, ptr: u32) -> Result<Region> {
        let [p0, p1, p2, p3, l0, l1, l2, l3] = self.array(ptr)?;
        Ok(Region {
            ptr: u32::from_le_bytes([p0, p1, p2, p3]),
            len: u32::from_le_bytes([l0, l1, l2, l3]),
        })
    }

    /// Calls `transfer` for each of `regions` until one is transferred short or fails. Returns the
    /// number of bytes transferred, or `None` if only a piece was transferred and the function is
    /// to be called again. An error after progress ends the call short instead.
    pub(crate) fn transfer(
        &mut self,
        regions: &[Region],
        mut transfer: impl FnMut(&mut [u8]) -> Result<usize>,
    ) -> Result<Option<u32>> {
        let (mut before, mut left) = (self.progress.done, PIECE);
        let mut total = 0u32;
        for region in regions {
            // The sum of the lengths may pass 32 bits when regions overlap: end short of that.
            if total.checked_add(region.len).is_none() {
                break;
            }
            let skipped = before.min(region.len);
            (before, total) = (before - skipped, total + skipped);
            let rest = region.behind(skipped);
            if rest.len == 0 {
                continue;
            }
            if left == 0 {
                self.progress.done = total;
                self.progress.more = true;
                return Ok(None);
            }
            let piece = Region { len: rest.len.min(left), ..rest };
            match transfer(self.region_mut(piece)?) {
                Ok(count) => {
                    let count = u32::try_from(count)?;
                    total = total.checked_add(count).ok_or(Errno::Overflow)?;
                    left = left.saturating_sub(count);
                    if count < piece.len {
                        break;
                    }
                    if piece.len < rest.len {
                        self.progress.done = total;
                        self.progress.more = true;
                        return Ok(None);
                    }
                }
                Err(_) if total > 0 => break,
                Err(error) => return Err(error),
            }
        }
        self.progress.done = total;
        Ok(Some(total))
    }
}

impl Region {
    /// Returns the part of the region after its first `count` bytes.
    fn behind(self, count: u32) -> Self {
        Self { ptr: self.ptr.wrapping_add(count), len: self.len - count }
    }

    /// Returns the beginning of the region, at most as many bytes as are transferred at once.
    pub(crate) fn first_piece(self) -> Self {
        Self { len: self.len.min(PIECE), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn out_of_bounds_is_fault() {
        let mut bytes = [0u8; 16];
        let mut progress = Progress::default();
        let mut memory = GuestMemory::new(&mut bytes, Version::Snapshot1, &mut progress);
        for (ptr, len, ok) in [
            (0, 16, true),
            (16, 0, true),
            (17, 0, false),
            (0, 17, false),
            (8, 9, false),
            (u32::MAX, u32::MAX, false),
            (1, u32::MAX, false),
        ] {
            let expected = if ok { None } else { Some(Errno::Fault) };
            assert_eq!(memory.slice(ptr, len).err(), expected, "read {ptr}+{len}");
            assert_eq!(memory.slice_mut(ptr, len).err(), expected, "write {ptr}+{len}");
        }
    }

    #[test]
    fn iovec_arrays_are_checked_as_a_whole() {
        let mut bytes = [0u8; 32];
        bytes[..8].copy_from_slice(&[24, 0, 0, 0, 4, 0, 0, 0]);
        bytes[8..16].copy_from_slice(&[28, 0, 0, 0, 5, 0, 0, 0]);
        for (ptr, count, expected) in [
            (0, 1, Ok(1)),
            (0, 2, Err(Errno::Fault)),
            (0, 5, Err(Errno::Fault)),
            (0, 0x2000_0000, Err(Errno::Fault)),
            (16, 1, Ok(0)),
        ] {
            let mut progress = Progress::default();
            let mut memory = GuestMemory::new(&mut bytes, Version::Snapshot1, &mut progress);
            assert_eq!(memory.iovecs(ptr, count).map(|regions| regions.len()), expected);
        }
    }

    #[test]
    fn transfers_are_done_in_pieces() {
        const LEN: u32 = 3 * PIECE;
        // The first region's length, the bytes available, the rounds, and the total transferred.
        for (first, available, rounds, total) in [
            (PIECE, LEN, 3, LEN),
            (PIECE / 2, LEN, 3, LEN),
            (PIECE + 1, LEN, 3, LEN),
            (7, PIECE, 2, PIECE),
            (7, 3, 1, 3),
            (LEN - 1, LEN - 1, 3, LEN - 1),
        ] {
            let mut bytes = vec![0u8; LEN as usize];
            let regions = [(0, first), (first, LEN - first)].map(|(ptr, len)| Region { ptr, len });
            let (mut progress, mut given, mut calls) = (Progress::default(), 0u32, 0);
            let result = loop {
                calls += 1;
                let mut memory = GuestMemory::new(&mut bytes, Version::Snapshot1, &mut progress);
                let result = memory.transfer(&regions, |part| {
                    let count = part.len().min((available - given) as usize);
                    part[..count].fill(1);
                    given += count as u32;
                    Ok(count)
                });
                if !progress.more {
                    break result;
                }
                assert_eq!(result, Ok(None));
            };
            assert_eq!((result, calls), (Ok(Some(total)), rounds), "{first} {available}");
            assert!(bytes[..total as usize].iter().all(|&byte| byte == 1));
            assert!(bytes[total as usize..].iter().all(|&byte| byte == 0));
        }
    }
}
