//! `Table`: a table of references in a store.

use crate::error::Context;
use crate::limits::until_answered;
use crate::store::{StoreId, Unpooled};
use crate::{AsContext, AsContextMut, Ref, Result, StoreContextMut, TableType, bail};
use burdock_core::TableAddr;

const MISMATCH: &str = "type mismatch: value does not match table element type";

/// A table of references in a store. The type is a `Copy` handle that is valid only with its store.
///
/// Every method panics if it is called with another store.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let ty = TableType::new(RefType::FUNCREF, 2, None);
/// let table = Table::new(&mut store, ty, Ref::Func(None))?;
/// let func = Func::wrap(&mut store, || {});
/// table.set(&mut store, 1, func.into())?;
/// assert!(table.get(&mut store, 1).unwrap().is_non_null());
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug)]
pub struct Table {
    store: StoreId,
    addr: TableAddr,
}

impl Table {
    pub(crate) fn from_addr(store: StoreId, addr: TableAddr) -> Self {
        Self { store, addr }
    }

    pub(crate) fn belongs_to(&self, store: StoreId) -> bool {
        self.store == store
    }

    /// Returns the table's index among the store's tables.
    pub(crate) fn number(&self) -> u64 {
        self.addr.index() as u64
    }

    #[track_caller]
    pub(crate) fn addr(&self, store: StoreId) -> TableAddr {
        self.store.assert_same(store);
        self.addr
    }

    /// Creates a table whose elements are `init`.
    ///
    /// # Errors
    ///
    /// Fails if the type belongs to another engine, if `init` is not of the element type or belongs
    /// to another store, if the store's limiter rejects the table, or if the system is out of
    /// memory; if the store has an asynchronous limiter
    /// ([`Store::limiter_async`](crate::Store::limiter_async)).
    pub fn new(mut store: impl AsContextMut, ty: TableType, init: Ref) -> Result<Self> {
        let mut store = store.as_context_mut();
        store.inner.ensure_immediate_limiter()?;
        Self::create(&mut store, &ty, &init)
    }

    /// Creates a table whose elements are `init`, waiting for the store's limiter if that is
    /// asynchronous.
    ///
    /// # Errors
    ///
    /// Fails if the type belongs to another engine, if `init` is not of the element type or belongs
    /// to another store, if the store's limiter rejects the table, or if the system is out of
    /// memory.
    ///
    /// Source: Wasmtime's `Table::new_async`.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// async fn table(store: &mut Store<()>) -> Result<Table> {
    ///     let ty = TableType::new(RefType::FUNCREF, 2, None);
    ///     Table::new_async(store, ty, Ref::Func(None)).await
    /// }
    /// # let mut store = Store::new(&Engine::default(), ());
    /// # let mut future = std::pin::pin!(table(&mut store));
    /// # let waker = std::task::Waker::noop();
    /// # assert!(future.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_ready());
    /// ```
    pub async fn new_async(mut store: impl AsContextMut, ty: TableType, init: Ref) -> Result<Self> {
        let mut store = store.as_context_mut();
        until_answered(&mut store, |store| Self::create(store, &ty, &init)).await
    }

    fn create<T>(store: &mut StoreContextMut<'_, T>, ty: &TableType, init: &Ref) -> Result<Self> {
        ty.element().heap_type().hold_in(store.opaque())?;
        let ty = ty.raw();
        let init = init.checked_raw(store.opaque(), &ty.element).context(MISMATCH)?;
        let addr = store.inner.table_new(ty, init)?;
        store.opaque().made_by_host(Unpooled::Table(addr));
        Ok(Self::from_addr(store.id(), addr))
    }

    /// Returns the table's type as declared.
    pub fn ty(&self, store: impl AsContext) -> TableType {
        let store = store.as_context().opaque();
        TableType::from_raw(store.engine(), store.vm.table_type(self.addr(store.id())))
    }

    /// Returns the element at an index; `None` beyond the end.
    pub fn get(&self, store: impl AsContext, index: u64) -> Option<Ref> {
        let store = store.as_context().opaque();
        let (vm, addr) = (&store.vm, self.addr(store.id()));
        let raw = vm.table_get(addr, index)?;
        Some(Ref::from_raw(&vm.table_type(addr).element, raw, store))
    }

    /// Writes the element at an index.
    ///
    /// # Errors
    ///
    /// Fails if the index is beyond the end, or if the reference is not of the element type or
    /// belongs to another store.
    pub fn set(&self, mut store: impl AsContextMut, index: u64, val: Ref) -> Result<()> {
        let mut store = store.as_context_mut();
        let (addr, raw) = self.checked(&mut store, &val)?;
        Ok(store.opaque().vm.table_set(addr, index, raw)?)
    }

    /// Returns the table's address and the raw form of a reference for the table.
    fn checked<T>(
        &self,
        store: &mut StoreContextMut<'_, T>,
        val: &Ref,
    ) -> Result<(TableAddr, u64)> {
        let id = store.id();
        let addr = self.addr(id);
        let element = store.opaque().vm.table_type(addr).element;
        Ok((addr, val.checked_raw(store.opaque(), &element).context(MISMATCH)?))
    }

    /// Returns the table's size in elements.
    pub fn size(&self, store: impl AsContext) -> u64 {
        let store = store.as_context().opaque();
        store.vm.table_size(self.addr(store.id()))
    }

    /// Grows the table by `delta` elements, set to `init`, and returns the previous size in
    /// elements.
    ///
    /// # Errors
    ///
    /// Fails if the maximum or the store's limiter forbids growing, if the system is out of memory,
    /// or if `init` is not of the element type or belongs to another store; if the store has an
    /// asynchronous limiter ([`Store::limiter_async`](crate::Store::limiter_async)).
    pub fn grow(&self, mut store: impl AsContextMut, delta: u64, init: Ref) -> Result<u64> {
        let mut store = store.as_context_mut();
        store.inner.ensure_immediate_limiter()?;
        self.try_grow(&mut store, delta, &init)
    }

    /// Grows the table by `delta` elements, set to `init`, and returns the previous size in
    /// elements; waits for the store's limiter if that is asynchronous.
    ///
    /// # Errors
    ///
    /// Fails if the maximum or the store's limiter forbids growing, if the system is out of memory,
    /// or if `init` is not of the element type or belongs to another store.
    ///
    /// Source: Wasmtime's `Table::grow_async`.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// async fn add(store: &mut Store<()>, table: Table, func: Func) -> Result<u64> {
    ///     table.grow_async(store, 1, func.into()).await
    /// }
    /// # let mut store = Store::new(&Engine::default(), ());
    /// # let ty = TableType::new(RefType::FUNCREF, 2, None);
    /// # let table = Table::new(&mut store, ty, Ref::Func(None))?;
    /// # let func = Func::wrap(&mut store, || {});
    /// # let mut future = std::pin::pin!(add(&mut store, table, func));
    /// # let waker = std::task::Waker::noop();
    /// # assert!(future.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_ready());
    /// # Ok::<(), Error>(())
    /// ```
    pub async fn grow_async(
        &self,
        mut store: impl AsContextMut,
        delta: u64,
        init: Ref,
    ) -> Result<u64> {
        let mut store = store.as_context_mut();
        until_answered(&mut store, |store| self.try_grow(store, delta, &init)).await
    }

    fn try_grow<T>(
        &self,
        store: &mut StoreContextMut<'_, T>,
        delta: u64,
        init: &Ref,
    ) -> Result<u64> {
        let (addr, raw) = self.checked(store, init)?;
        match store.inner.table_grow(addr, delta, raw)? {
            Some(old) => Ok(old),
            None => bail!("failed to grow table by `{delta}`"),
        }
    }

    /// Copies `len` elements from one table to another, or within one table.
    ///
    /// # Errors
    ///
    /// Fails if the element types differ, or the elements go beyond the end of a table.
    pub fn copy(
        mut store: impl AsContextMut,
        dst_table: &Table,
        dst_index: u64,
        src_table: &Table,
        src_index: u64,
        len: u64,
    ) -> Result<()> {
        let mut store = store.as_context_mut();
        let id = store.id();
        let (dst, src) = (dst_table.addr(id), src_table.addr(id));
        let store = store.opaque();
        let [to, from] = [dst, src].map(|table| store.vm.table_type(table).element);
        let types = store.engine().types();
        if !from.matches(to, |from, to| types.is_subtype(from, to)) {
            bail!(
                "type mismatch: source table's element type does not match destination table's element type"
            );
        }
        Ok(store.vm.table_copy(dst, dst_index, src, src_index, len)?)
    }

    /// Sets `len` elements, beginning at an index.
    ///
    /// # Errors
    ///
    /// Fails if the elements go beyond the end, or if the reference is not of the element type or
    /// belongs to another store.
    pub fn fill(&self, mut store: impl AsContextMut, dst: u64, val: Ref, len: u64) -> Result<()> {
        let mut store = store.as_context_mut();
        let (addr, raw) = self.checked(&mut store, &val)?;
        Ok(store.opaque().vm.table_fill(addr, dst, raw, len)?)
    }
}
