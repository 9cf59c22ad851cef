//! The guest's memory as WASI functions see it: bounds-checked reads and writes.
//!
//! Every address and length comes from the guest. Whatever does not lie inside the memory is
//! [`Errno::Fault`]; sums are made in 64 bits, so that they can't wrap.

use crate::errno::{Errno, Result};

/// The most `iovec`s one call looks at, as POSIX' `IOV_MAX`. A call with more of them ends short,
/// which reads and writes are always allowed to do.
const IOV_MAX: u32 = 1024;

/// The linear memory that the guest exports as `memory`.
pub(crate) struct GuestMemory<'a> {
    bytes: &'a mut [u8],
}

/// A byte range that the guest named; not yet checked against the memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Region {
    ptr: u32,
    len: u32,
}

impl<'a> GuestMemory<'a> {
    pub(crate) fn new(bytes: &'a mut [u8]) -> Self {
        Self { bytes }
    }

    /// `len` bytes from `ptr`.
    pub(crate) fn slice(&self, ptr: u32, len: u32) -> Result<&[u8]> {
        let start = usize::try_from(ptr)?;
        let end = start.checked_add(usize::try_from(len)?).ok_or(Errno::Fault)?;
        self.bytes.get(start..end).ok_or(Errno::Fault)
    }

    /// `len` bytes from `ptr`, to be written.
    pub(crate) fn slice_mut(&mut self, ptr: u32, len: u32) -> Result<&mut [u8]> {
        let start = usize::try_from(ptr)?;
        let end = start.checked_add(usize::try_from(len)?).ok_or(Errno::Fault)?;
        self.bytes.get_mut(start..end).ok_or(Errno::Fault)
    }

    /// The bytes of `region`.
    pub(crate) fn region(&self, region: Region) -> Result<&[u8]> {
        self.slice(region.ptr, region.len)
    }

    /// The bytes of `region`, to be written.
    pub(crate) fn region_mut(&mut self, region: Region) -> Result<&mut [u8]> {
        self.slice_mut(region.ptr, region.len)
    }

    /// A path or another string; not UTF-8 is [`Errno::Ilseq`].
    pub(crate) fn str(&self, ptr: u32, len: u32) -> Result<&str> {
        std::str::from_utf8(self.slice(ptr, len)?).map_err(|_| Errno::Ilseq)
    }

    /// `N` bytes from `ptr`.
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

    /// The `iovec`/`ciovec` array at `ptr`, empty ones left out. All of the array has to lie in the
    /// memory, and so has every region in it: a bad one is found before anything was transferred.
    pub(crate) fn iovecs(&self, ptr: u32, count: u32) -> Result<Vec<Region>> {
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
        Ok(regions)
    }

    fn iovec(&self, ptr: u32) -> Result<Region> {
        let [p0, p1, p2, p3, l0, l1, l2, l3] = self.array(ptr)?;
        Ok(Region {
            ptr: u32::from_le_bytes([p0, p1, p2, p3]),
            len: u32::from_le_bytes([l0, l1, l2, l3]),
        })
    }

    /// Calls `transfer` for each of `regions` until one is transferred short or fails, and returns
    /// how many bytes were transferred. An error after progress ends the call short instead.
    pub(crate) fn transfer(
        &mut self,
        regions: &[Region],
        mut transfer: impl FnMut(&mut [u8]) -> Result<usize>,
    ) -> Result<u32> {
        let mut total = 0u32;
        for region in regions {
            // The sum of the lengths may pass 32 bits when regions overlap: end short of that.
            if total.checked_add(region.len).is_none() {
                break;
            }
            match transfer(self.region_mut(*region)?) {
                Ok(count) => {
                    let count = u32::try_from(count)?;
                    total = total.checked_add(count).ok_or(Errno::Overflow)?;
                    if count < region.len {
                        break;
                    }
                }
                Err(_) if total > 0 => break,
                Err(error) => return Err(error),
            }
        }
        Ok(total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn out_of_bounds_is_fault() {
        let mut bytes = [0u8; 16];
        let mut memory = GuestMemory::new(&mut bytes);
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
        let memory = GuestMemory::new(&mut bytes);
        assert_eq!(memory.iovecs(0, 1).map(|r| r.len()), Ok(1));
        assert_eq!(memory.iovecs(0, 2).map(|r| r.len()), Err(Errno::Fault));
        assert_eq!(memory.iovecs(0, 5).map(|r| r.len()), Err(Errno::Fault));
        assert_eq!(memory.iovecs(0, 0x2000_0000).map(|r| r.len()), Err(Errno::Fault));
        assert_eq!(memory.iovecs(16, 1).map(|r| r.len()), Ok(0));
    }
}
