//! `Memory`: a linear memory in a store.

use crate::limits::until_answered;
use crate::store::{StoreId, Unpooled};
use crate::{
    AsContext, AsContextMut, MemoryType, Result, StoreContext, StoreContextMut, ensure, format_err,
};
use burdock_core::MemoryAddr;

/// A linear memory in a store. The type is a `Copy` handle that is valid only with its store.
///
/// Every method panics if it is called with another store.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
/// memory.write(&mut store, 8, b"hello")?;
/// assert_eq!(&memory.data(&store)[8..13], b"hello");
/// assert_eq!(memory.grow(&mut store, 1)?, 1);
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug)]
pub struct Memory {
    store: StoreId,
    addr: MemoryAddr,
}

/// The error of a host's access beyond the end of a memory.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
/// let result: Result<(), MemoryAccessError> = memory.write(&mut store, 65_535, b"two bytes");
/// assert!(result.is_err());
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[error("out of bounds memory access")]
#[non_exhaustive]
pub struct MemoryAccessError(());

impl Memory {
    pub(crate) fn from_addr(store: StoreId, addr: MemoryAddr) -> Self {
        Self { store, addr }
    }

    pub(crate) fn belongs_to(&self, store: StoreId) -> bool {
        self.store == store
    }

    /// Returns `true` if two handles stand for one memory.
    pub(crate) fn same(a: &Memory, b: &Memory) -> bool {
        a.store == b.store && a.addr == b.addr
    }

    /// Returns the memory's index among the store's memories.
    pub(crate) fn number(&self) -> u64 {
        self.addr.index() as u64
    }

    #[track_caller]
    pub(crate) fn addr(&self, store: StoreId) -> MemoryAddr {
        self.store.assert_same(store);
        self.addr
    }

    /// Creates a memory filled with zeros.
    ///
    /// # Errors
    ///
    /// Fails if the store's limiter rejects the memory, or if the system is out of memory; if the
    /// store has an asynchronous limiter ([`Store::limiter_async`](crate::Store::limiter_async)).
    pub fn new(mut store: impl AsContextMut, ty: MemoryType) -> Result<Self> {
        let store = store.as_context_mut();
        store.inner.ensure_immediate_limiter()?;
        let addr = store.inner.memory_new(ty.raw())?;
        store.inner.opaque.made_by_host(Unpooled::Memory(addr));
        Ok(Self::from_addr(store.id(), addr))
    }

    /// Creates a memory filled with zeros, waiting for the store's limiter if that is asynchronous.
    ///
    /// # Errors
    ///
    /// Fails if the store's limiter rejects the memory, or if the system is out of memory.
    ///
    /// Source: Wasmtime's `Memory::new_async`.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// async fn page(store: &mut Store<()>) -> Result<Memory> {
    ///     Memory::new_async(store, MemoryType::new(1, None)).await
    /// }
    /// # let mut store = Store::new(&Engine::default(), ());
    /// # let mut future = std::pin::pin!(page(&mut store));
    /// # let waker = std::task::Waker::noop();
    /// # assert!(future.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_ready());
    /// ```
    pub async fn new_async(mut store: impl AsContextMut, ty: MemoryType) -> Result<Self> {
        let mut store = store.as_context_mut();
        let addr = until_answered(&mut store, |store| store.inner.memory_new(ty.raw())).await?;
        store.opaque().made_by_host(Unpooled::Memory(addr));
        Ok(Self::from_addr(store.id(), addr))
    }

    /// Creates a memory in a buffer of the embedder's. The initial size is zeroed; the memory
    /// cannot grow beyond the buffer.
    ///
    /// # Errors
    ///
    /// Fails if the buffer is smaller than the initial size.
    ///
    /// Source: wasmi's `Memory::new_static`.
    pub fn new_static(
        mut store: impl AsContextMut,
        ty: MemoryType,
        buffer: &'static mut [u8],
    ) -> Result<Self> {
        let mut store = store.as_context_mut();
        let needed = ty.minimum().saturating_mul(ty.page_size());
        ensure!(
            buffer.len() as u64 >= needed,
            "a buffer of {} bytes is too small for a memory of {needed} bytes",
            buffer.len()
        );
        let addr = store.opaque().vm.alloc_memory_static(ty.raw(), buffer)?;
        store.opaque().made_by_host(Unpooled::Memory(addr));
        Ok(Self::from_addr(store.id(), addr))
    }

    /// Returns the memory's type as declared.
    pub fn ty(&self, store: impl AsContext) -> MemoryType {
        let store = store.as_context().opaque();
        store.vm.memory_type(self.addr(store.id())).into()
    }

    /// Reads bytes, beginning at `offset`.
    ///
    /// # Errors
    ///
    /// Fails if the bytes go beyond the end of the memory.
    pub fn read(
        &self,
        store: impl AsContext,
        offset: usize,
        buffer: &mut [u8],
    ) -> Result<(), MemoryAccessError> {
        let store = store.as_context();
        let bytes = self.data(store);
        let bytes = bytes.get(offset..).and_then(|bytes| bytes.get(..buffer.len()));
        buffer.copy_from_slice(bytes.ok_or(MemoryAccessError(()))?);
        Ok(())
    }

    /// Writes bytes, beginning at `offset`.
    ///
    /// # Errors
    ///
    /// Fails if the bytes go beyond the end of the memory.
    pub fn write(
        &self,
        mut store: impl AsContextMut,
        offset: usize,
        buffer: &[u8],
    ) -> Result<(), MemoryAccessError> {
        let store = store.as_context_mut();
        let bytes = self.data_mut(store).get_mut(offset..);
        let bytes = bytes.and_then(|bytes| bytes.get_mut(..buffer.len()));
        bytes.ok_or(MemoryAccessError(()))?.copy_from_slice(buffer);
        Ok(())
    }

    /// Returns the memory's bytes.
    #[inline]
    pub fn data<'a, T: 'static>(&self, store: impl Into<StoreContext<'a, T>>) -> &'a [u8] {
        let store = store.into().opaque();
        store.vm.memory_data(self.addr(store.id()))
    }

    /// Returns the memory's bytes as a mutable slice.
    #[inline]
    pub fn data_mut<'a, T: 'static>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> &'a mut [u8] {
        self.data_and_store_mut(store).0
    }

    /// Returns mutable references to the memory's bytes and to the embedder's data.
    #[inline]
    pub fn data_and_store_mut<'a, T: 'static>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> (&'a mut [u8], &'a mut T) {
        let inner = store.into().inner;
        let addr = self.addr(inner.opaque.id());
        (inner.opaque.vm.memory_data_mut(addr), &mut inner.data)
    }

    /// Returns the address of the memory's bytes, which is valid until the memory grows.
    pub fn data_ptr(&self, store: impl AsContext) -> *mut u8 {
        self.data(store.as_context()).as_ptr().cast_mut()
    }

    /// Returns the memory's size in bytes.
    pub fn data_size(&self, store: impl AsContext) -> usize {
        self.data(store.as_context()).len()
    }

    /// Returns the memory's size in pages.
    pub fn size(&self, store: impl AsContext) -> u64 {
        let store = store.as_context().opaque();
        store.vm.memory_size(self.addr(store.id()))
    }

    /// Returns the size of a page in bytes.
    pub fn page_size(&self, store: impl AsContext) -> u64 {
        self.ty(store).page_size()
    }

    /// Returns log2 of the size of a page in bytes.
    pub fn page_size_log2(&self, store: impl AsContext) -> u8 {
        self.ty(store).page_size_log2()
    }

    /// Grows the memory by `delta` pages and returns the previous size in pages.
    ///
    /// # Errors
    ///
    /// Fails if the maximum or the store's limiter forbids growing, or if the system is out of
    /// memory; if the store has an asynchronous limiter
    /// ([`Store::limiter_async`](crate::Store::limiter_async)).
    pub fn grow(&self, mut store: impl AsContextMut, delta: u64) -> Result<u64> {
        let store = store.as_context_mut();
        let addr = self.addr(store.id());
        store.inner.ensure_immediate_limiter()?;
        grown(store.inner.memory_grow(addr, delta)?, delta)
    }

    /// Grows the memory by `delta` pages and returns the previous size in pages; waits for the
    /// store's limiter if that is asynchronous.
    ///
    /// # Errors
    ///
    /// Fails if the maximum or the store's limiter forbids growing, or if the system is out of
    /// memory.
    ///
    /// Source: Wasmtime's `Memory::grow_async`.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// async fn double(store: &mut Store<()>, memory: Memory) -> Result<u64> {
    ///     let pages = memory.size(&store);
    ///     memory.grow_async(store, pages).await
    /// }
    /// # let mut store = Store::new(&Engine::default(), ());
    /// # let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
    /// # let mut future = std::pin::pin!(double(&mut store, memory));
    /// # let waker = std::task::Waker::noop();
    /// # assert!(future.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_ready());
    /// # Ok::<(), Error>(())
    /// ```
    pub async fn grow_async(&self, mut store: impl AsContextMut, delta: u64) -> Result<u64> {
        let mut store = store.as_context_mut();
        let addr = self.addr(store.id());
        let size = until_answered(&mut store, |store| store.inner.memory_grow(addr, delta)).await?;
        grown(size, delta)
    }
}

/// Returns the previous size of what has grown by `delta` pages.
fn grown(size: Option<u64>, delta: u64) -> Result<u64> {
    size.ok_or_else(|| format_err!("failed to grow memory by `{delta}`"))
}
