//! `Memory`: linear memories.

use crate::errors::MemoryError;
use crate::{AsContext, AsContextMut, Error, MemoryType, StoreContext, StoreContextMut};
use burdock::ResourceLimitError;

/// A linear memory.
#[derive(Copy, Clone, Debug)]
pub struct Memory(burdock::Memory);

/// Returns why a memory could not be created.
#[cold]
pub(crate) fn creation_failed(error: &burdock::Error) -> MemoryError {
    match error.is::<MemoryError>() || error.is::<ResourceLimitError>() {
        true => MemoryError::ResourceLimiterDeniedAllocation,
        false => MemoryError::OutOfSystemMemory,
    }
}

impl Memory {
    /// Creates a memory of the type's minimum size, all zero.
    ///
    /// # Errors
    ///
    /// Fails if the limiter does not allow the memory, or if the system has no memory left.
    pub fn new(mut ctx: impl AsContextMut, ty: MemoryType) -> Result<Self, Error> {
        let ty = ty.to_burdock()?;
        let memory = burdock::Memory::new(ctx.as_context_mut().store, ty);
        Ok(Self(memory.map_err(|error| creation_failed(&error))?))
    }

    /// Creates a memory in a buffer, beyond which the memory cannot grow. The limiter is not asked:
    /// the memory takes no other bytes.
    ///
    /// # Errors
    ///
    /// Fails if the buffer is smaller than the type's minimum.
    pub fn new_static(
        mut ctx: impl AsContextMut,
        ty: MemoryType,
        buf: &'static mut [u8],
    ) -> Result<Self, Error> {
        let ty = ty.to_burdock()?;
        let memory = burdock::Memory::new_static(ctx.as_context_mut().store, ty, buf);
        Ok(Self(memory.map_err(|_| MemoryError::InvalidStaticBufferSize)?))
    }

    /// Returns the type with which the memory was created.
    ///
    /// # Panics
    ///
    /// Panics if the memory is one of another store.
    pub fn ty(&self, ctx: impl AsContext) -> MemoryType {
        MemoryType::from_burdock(&self.0.ty(ctx.as_context().store))
    }

    /// Returns the size in pages.
    ///
    /// # Panics
    ///
    /// Panics if the memory is one of another store.
    pub fn size(&self, ctx: impl AsContext) -> u64 {
        self.0.size(ctx.as_context().store)
    }

    /// Grows the memory by pages, and returns the previous size in pages.
    ///
    /// # Errors
    ///
    /// Fails if the type, the limiter or the system does not allow the growth.
    ///
    /// # Panics
    ///
    /// Panics if the memory is one of another store.
    pub fn grow(&self, mut ctx: impl AsContextMut, additional: u64) -> Result<u64, MemoryError> {
        let grown = self.0.grow(ctx.as_context_mut().store, additional);
        grown.map_err(|_| MemoryError::OutOfBoundsGrowth)
    }

    /// Returns the bytes.
    ///
    /// # Panics
    ///
    /// Panics if the memory is one of another store.
    #[inline]
    pub fn data<'a, T: 'static>(&self, ctx: impl Into<StoreContext<'a, T>>) -> &'a [u8] {
        self.0.data(ctx.into().store)
    }

    /// Returns the bytes.
    ///
    /// # Panics
    ///
    /// Panics if the memory is one of another store.
    #[inline]
    pub fn data_mut<'a, T: 'static>(&self, ctx: impl Into<StoreContextMut<'a, T>>) -> &'a mut [u8] {
        self.0.data_mut(ctx.into().store)
    }

    /// Returns the bytes, and the embedder's data in the store.
    ///
    /// # Panics
    ///
    /// Panics if the memory is one of another store.
    #[inline]
    pub fn data_and_store_mut<'a, T: 'static>(
        &self,
        ctx: impl Into<StoreContextMut<'a, T>>,
    ) -> (&'a mut [u8], &'a mut T) {
        self.0.data_and_store_mut(ctx.into().store)
    }

    /// Returns the address of the bytes.
    ///
    /// # Panics
    ///
    /// Panics if the memory is one of another store.
    pub fn data_ptr(&self, ctx: impl AsContext) -> *mut u8 {
        self.0.data_ptr(ctx.as_context().store)
    }

    /// Returns the number of bytes.
    ///
    /// # Panics
    ///
    /// Panics if the memory is one of another store.
    pub fn data_size(&self, ctx: impl AsContext) -> usize {
        self.0.data_size(ctx.as_context().store)
    }

    /// Copies bytes into a buffer.
    ///
    /// # Errors
    ///
    /// Fails if the bytes are beyond the end of the memory.
    ///
    /// # Panics
    ///
    /// Panics if the memory is one of another store.
    pub fn read(
        &self,
        ctx: impl AsContext,
        offset: usize,
        buffer: &mut [u8],
    ) -> Result<(), MemoryError> {
        let read = self.0.read(ctx.as_context().store, offset, buffer);
        read.map_err(|_| MemoryError::OutOfBoundsAccess)
    }

    /// Copies a buffer into the memory.
    ///
    /// # Errors
    ///
    /// Fails if the bytes are beyond the end of the memory.
    ///
    /// # Panics
    ///
    /// Panics if the memory is one of another store.
    pub fn write(
        &self,
        mut ctx: impl AsContextMut,
        offset: usize,
        buffer: &[u8],
    ) -> Result<(), MemoryError> {
        let written = self.0.write(ctx.as_context_mut().store, offset, buffer);
        written.map_err(|_| MemoryError::OutOfBoundsAccess)
    }

    /// Returns Burdock's memory.
    pub fn as_burdock(&self) -> burdock::Memory {
        self.0
    }

    /// Returns a memory of Burdock as one of this crate.
    pub fn from_burdock(memory: burdock::Memory) -> Self {
        Self(memory)
    }
}
