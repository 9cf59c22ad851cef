//! `ExternRef`: a host value that guests can hold but not look into.

use crate::store::StoreId;
use crate::{AsContextMut, Result, StoreContext, StoreContextMut};
use alloc::boxed::Box;
use core::any::Any;
use core::fmt;
use core::marker::PhantomData;

/// A host value that guests can hold but not look into. Used behind [`Rooted`].
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
    /// A reference to a host value. The store keeps the value as long as it lives.
    ///
    /// # Errors
    ///
    /// None.
    // The name is Wasmtime's.
    #[allow(clippy::new_ret_no_self)]
    pub fn new<V: Any + Send + Sync + 'static>(
        mut store: impl AsContextMut,
        value: V,
    ) -> Result<Rooted<ExternRef>> {
        let mut store = store.as_context_mut();
        let id = store.id();
        let values = &mut store.opaque().externrefs;
        values.push(Box::new(value));
        Ok(Rooted { store: id, index: values.len() as u64 - 1, of: PhantomData })
    }
}

/// A reference to a value that a store keeps. A handle: `Copy`, and only good for its store.
pub struct Rooted<R> {
    store: StoreId,
    index: u64,
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
        f.debug_tuple("Rooted").field(&self.index).finish()
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

    /// Whether two references are to the same value.
    ///
    /// # Errors
    ///
    /// None.
    pub fn ref_eq(_store: impl crate::AsContext, a: &Self, b: &Self) -> Result<bool> {
        Ok(a.store == b.store && a.index == b.index)
    }
}

impl Rooted<ExternRef> {
    #[inline]
    pub(crate) fn from_raw_ref(store: StoreId, raw: u64) -> Option<Self> {
        Some(Self { store, index: raw.checked_sub(1)?, of: PhantomData })
    }

    #[inline]
    pub(crate) fn to_raw_ref(self) -> u64 {
        self.index + 1
    }

    /// The host value.
    ///
    /// # Errors
    ///
    /// None.
    ///
    /// # Panics
    ///
    /// It is of another store.
    pub fn data<'a, T: 'static>(
        &self,
        store: impl Into<StoreContext<'a, T>>,
    ) -> Result<Option<&'a (dyn Any + Send + Sync)>> {
        let store = store.into().opaque();
        self.store.assert_same(store.id());
        Ok(store.externrefs.get(self.index as usize).map(|value| &**value))
    }

    /// The host value, to be changed.
    ///
    /// # Errors
    ///
    /// None.
    ///
    /// # Panics
    ///
    /// It is of another store.
    pub fn data_mut<'a, T: 'static>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> Result<Option<&'a mut (dyn Any + Send + Sync)>> {
        let store = &mut store.into().inner.opaque;
        self.store.assert_same(store.id());
        let value = store.externrefs.get_mut(self.index as usize);
        Ok(value.map(|value| &mut **value))
    }
}
