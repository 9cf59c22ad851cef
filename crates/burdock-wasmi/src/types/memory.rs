//! `MemoryType` and its builder.

use crate::errors::MemoryError;

/// The type of a linear memory.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct MemoryType {
    minimum: u64,
    maximum: Option<u64>,
    page_size_log2: u8,
    is_64: bool,
}

impl MemoryType {
    /// Creates the type of a memory with 32-bit addresses. Sizes are in pages of 64 KiB.
    ///
    /// # Panics
    ///
    /// Panics if there is no such type: the minimum exceeds the maximum, or 65,536 pages.
    pub fn new(minimum: u32, maximum: Option<u32>) -> Self {
        let mut builder = Self::builder();
        builder.min(minimum.into()).max(maximum.map(Into::into));
        builder.build().expect("a valid memory type")
    }

    /// Creates the type of a memory with 64-bit addresses. Sizes are in pages of 64 KiB.
    ///
    /// # Panics
    ///
    /// Panics if there is no such type: the minimum exceeds the maximum, or 2^48 pages.
    #[cfg(feature = "memory64")]
    pub fn new64(minimum: u64, maximum: Option<u64>) -> Self {
        let mut builder = Self::builder();
        builder.memory64(true).min(minimum).max(maximum);
        builder.build().expect("a valid memory type")
    }

    /// Returns a builder, whose defaults are those of an empty memory with 32-bit addresses.
    pub fn builder() -> MemoryTypeBuilder {
        MemoryTypeBuilder::default()
    }

    /// Returns `true` if addresses are 64-bit integers.
    pub fn is_64(&self) -> bool {
        self.is_64
    }

    /// Returns the minimum in pages.
    pub fn minimum(self) -> u64 {
        self.minimum
    }

    /// Returns the maximum in pages.
    pub fn maximum(self) -> Option<u64> {
        self.maximum
    }

    pub(crate) fn from_burdock(ty: &burdock::MemoryType) -> Self {
        Self {
            minimum: ty.minimum(),
            maximum: ty.maximum(),
            page_size_log2: ty.page_size_log2(),
            is_64: ty.is_64(),
        }
    }

    pub(crate) fn to_burdock(self) -> Result<burdock::MemoryType, MemoryError> {
        let mut builder = burdock::MemoryType::builder();
        builder.min(self.minimum).max(self.maximum).memory64(self.is_64);
        builder.page_size_log2(self.page_size_log2);
        // The only valid type that Burdock does not have is one of 2^64 bytes or more.
        builder.build().map_err(|_| MemoryError::MinimumSizeOverflow)
    }

    /// Returns `true` if a memory of this type, which has `size` pages, can be imported as `other`.
    pub(crate) fn matches(&self, size: u64, other: &Self) -> bool {
        let within = match (self.maximum, other.maximum) {
            (_, None) => true,
            (Some(own), Some(other)) => own <= other,
            (None, Some(_)) => false,
        };
        self.is_64 == other.is_64
            && self.page_size_log2 == other.page_size_log2
            && size >= other.minimum
            && within
    }
}

/// A builder of memory types.
pub struct MemoryTypeBuilder {
    ty: MemoryType,
}

impl Default for MemoryTypeBuilder {
    fn default() -> Self {
        Self { ty: MemoryType { minimum: 0, maximum: None, page_size_log2: 16, is_64: false } }
    }
}

impl MemoryTypeBuilder {
    /// Creates a builder, whose defaults are those of an empty memory with 32-bit addresses.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether addresses are 64-bit integers.
    pub fn memory64(&mut self, memory64: bool) -> &mut Self {
        self.ty.is_64 = memory64;
        self
    }

    /// Sets the minimum in pages.
    pub fn min(&mut self, minimum: u64) -> &mut Self {
        self.ty.minimum = minimum;
        self
    }

    /// Sets the maximum in pages.
    pub fn max(&mut self, maximum: Option<u64>) -> &mut Self {
        self.ty.maximum = maximum;
        self
    }

    /// Sets the binary logarithm of the size of a page in bytes: 16, the default, or 0.
    pub fn page_size_log2(&mut self, page_size_log2: u8) -> &mut Self {
        self.ty.page_size_log2 = page_size_log2;
        self
    }

    /// Returns the type.
    ///
    /// # Errors
    ///
    /// Fails with [`MemoryError::InvalidMemoryType`] if the page size is another one, or if the
    /// minimum exceeds the maximum or the addresses that there are.
    pub fn build(self) -> Result<MemoryType, MemoryError> {
        let MemoryType { minimum, maximum, page_size_log2, is_64 } = self.ty;
        let bits = if is_64 { 64 } else { 32 };
        let is_page_size = matches!(page_size_log2, 0 | 16);
        let limit = if is_page_size { 1_u128 << (bits - u32::from(page_size_log2)) } else { 0 };
        let is_valid = is_page_size
            && (!is_64 || cfg!(feature = "memory64"))
            && u128::from(minimum) <= limit
            && maximum.is_none_or(|max| minimum <= max && u128::from(max) <= limit);
        match is_valid {
            true => Ok(self.ty),
            false => Err(MemoryError::InvalidMemoryType),
        }
    }
}
