//! `ExternRef`: a host value that guests can hold but not look into.

use crate::store::StoreId;
use crate::{AsContextMut, Result, StoreContext, StoreContextMut};
use alloc::boxed::Box;
use core::any::Any;
use core::fmt;
use core::marker::PhantomData;

/// A host value that guests can hold but not read. Always used behind [`Rooted`].
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let value = ExternRef::new(&mut store, "hello")?;
/// let data = value.data(&store)?.unwrap();
/// assert_eq!(data.downcast_ref(), Some(&"hello"));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct ExternRef(());

impl ExternRef {
    /// Creates a reference to a host value. The reference keeps the value alive until the current
    /// [`RootScope`](crate::RootScope) ends; without a scope, as long as the store lives; in a host
    /// function, until the function returns. [`Store::gc`](crate::Store::gc) drops values that
    /// nothing keeps alive.
    ///
    /// # Errors
    ///
    /// Never fails.
    // The name is Wasmtime's.
    #[allow(clippy::new_ret_no_self)]
    pub fn new<V: Any + Send + Sync + 'static>(
        mut store: impl AsContextMut,
        value: V,
    ) -> Result<Rooted<ExternRef>> {
        let mut store = store.as_context_mut();
        let id = store.id();
        let store = store.opaque();
        let raw = store.externrefs_mut().add(Box::new(value));
        if !store.vm.is_running() {
            store.externrefs_mut().root(raw);
        }
        Ok(Rooted { store: id, raw, of: PhantomData })
    }
}

/// A reference to a value in a store. The type is a `Copy` handle that is valid only with its
/// store.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let name: Rooted<ExternRef> = ExternRef::new(&mut store, "name")?;
/// let other = ExternRef::new(&mut store, "name")?;
/// let copy = name;
/// assert!(Rooted::ref_eq(&store, &name, &copy)?);
/// assert!(!Rooted::ref_eq(&store, &name, &other)?);
/// # Ok::<(), Error>(())
/// ```
pub struct Rooted<R> {
    store: StoreId,
    raw: u64,
    of: PhantomData<fn() -> R>,
}

impl<R> Copy for Rooted<R> {}

impl<R> Clone for Rooted<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> fmt::Debug for Rooted<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rooted").field(&self.raw).finish()
    }
}

impl<R> Rooted<R> {
    #[inline]
    pub(crate) fn belongs_to(&self, store: StoreId) -> bool {
        self.store == store
    }

    pub(crate) fn store_id(&self) -> StoreId {
        self.store
    }

    pub(super) fn of_raw(store: StoreId, raw: u64) -> Self {
        Self { store, raw, of: PhantomData }
    }

    pub(super) fn raw_ref(self) -> u64 {
        self.raw
    }

    /// Returns `true` if two references are to the same value.
    ///
    /// # Errors
    ///
    /// Never fails.
    pub fn ref_eq(_store: impl crate::AsContext, a: &Self, b: &Self) -> Result<bool> {
        Ok(a.store == b.store && a.raw == b.raw)
    }
}

impl Rooted<ExternRef> {
    #[inline]
    pub(crate) fn from_raw_ref(store: StoreId, raw: u64) -> Option<Self> {
        (raw != 0).then_some(Self { store, raw, of: PhantomData })
    }

    #[inline]
    pub(crate) fn to_raw_ref(self) -> u64 {
        self.raw
    }

    /// Returns the host value.
    ///
    /// # Errors
    ///
    /// Fails if the value was dropped by [`Store::gc`](crate::Store::gc).
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn data<'a, T: 'static>(
        &self,
        store: impl Into<StoreContext<'a, T>>,
    ) -> Result<Option<&'a (dyn Any + Send + Sync)>> {
        let store = store.into().opaque();
        self.store.assert_same(store.id());
        Ok(Some(&**store.externrefs().get(self.raw)?))
    }

    /// Returns a mutable reference to the host value.
    ///
    /// # Errors
    ///
    /// Fails if the value was dropped by [`Store::gc`](crate::Store::gc).
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn data_mut<'a, T: 'static>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> Result<Option<&'a mut (dyn Any + Send + Sync)>> {
        let store = &mut store.into().inner.opaque;
        self.store.assert_same(store.id());
        Ok(Some(&mut **store.externrefs_mut().get_mut(self.raw)?))
    }
}
