//! `ExternRef`: a host value that guests can hold but not look into.

use super::host_values::HostValue;
use super::rooted::Root;
use super::{AnyRef, Rooted};
use crate::limits::until_answered;
use crate::{
    AsContext, AsContextMut, Error, GcHeapOutOfMemory, Result, StoreContext, StoreContextMut,
};
use alloc::boxed::Box;
use core::any::Any;

/// A host value that guests can hold but not read; or an object of guests that was converted to
/// type `extern`. Always used behind [`Rooted`] or [`OwnedRooted`](crate::OwnedRooted).
///
/// Source: Wasmtime's `ExternRef`.
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
#[derive(Copy, Clone, Debug)]
pub struct ExternRef(pub(super) Root);

impl ExternRef {
    /// Creates a reference to a host value. The value is dropped by a collection when nothing holds
    /// the reference any more: no [`Rooted`], no [`OwnedRooted`](crate::OwnedRooted), and no guest.
    ///
    /// # Errors
    ///
    /// Fails with [`GcHeapOutOfMemory`], which has the value, if the heap has no room for the
    /// object that stands for it. Fails if the store's limiter does.
    // The name is Wasmtime's.
    #[allow(clippy::new_ret_no_self)]
    pub fn new<V: Any + Send + Sync + 'static>(
        mut store: impl AsContextMut,
        value: V,
    ) -> Result<Rooted<ExternRef>> {
        let mut store = store.as_context_mut();
        store.inner.ensure_immediate_limiter()?;
        let mut value: Option<HostValue> = Some(Box::new(value));
        let made = store.allocate_host_value(&mut value);
        let reference = made.map_err(|error| with_value::<V>(error, value))?;
        Ok(store.inner.opaque.root(reference))
    }

    /// Creates a reference to a host value; see [`ExternRef::new`]. Waits for the store's limiter
    /// if that is asynchronous.
    ///
    /// # Errors
    ///
    /// Fails as [`ExternRef::new`] does.
    pub async fn new_async<V: Any + Send + Sync + 'static>(
        mut store: impl AsContextMut,
        value: V,
    ) -> Result<Rooted<ExternRef>> {
        let mut store = store.as_context_mut();
        let mut value: Option<HostValue> = Some(Box::new(value));
        let made = until_answered(&mut store, |store| store.allocate_host_value(&mut value));
        let made = made.await;
        let reference = made.map_err(|error| with_value::<V>(error, value))?;
        Ok(store.inner.opaque.root(reference))
    }

    /// Converts a reference of type `any` to type `extern`, as `extern.convert_any` does.
    ///
    /// # Errors
    ///
    /// Fails if nothing holds the object any more.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn convert_any(store: impl AsContext, anyref: Rooted<AnyRef>) -> Result<Rooted<ExternRef>> {
        anyref.root().resolve(store.as_context().opaque())?;
        Ok(anyref.cast())
    }

    /// Returns the host value; `None` if the reference is to an object of guests.
    ///
    /// # Errors
    ///
    /// Fails if nothing holds the object any more.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn data<'a, T: 'static>(
        &self,
        store: impl Into<StoreContext<'a, T>>,
    ) -> Result<Option<&'a (dyn Any + Send + Sync)>> {
        let store = store.into().opaque();
        let reference = self.0.resolve(store)?;
        Ok(store.host_value(reference).map(|value| &**value))
    }

    /// Returns a mutable reference to the host value; `None` if the reference is to an object of
    /// guests.
    ///
    /// # Errors
    ///
    /// Fails if nothing holds the object any more.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn data_mut<'a, T: 'static>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> Result<Option<&'a mut (dyn Any + Send + Sync)>> {
        let store = &mut store.into().inner.opaque;
        let reference = self.0.resolve(store)?;
        Ok(store.host_value_mut(reference).map(|value| &mut **value))
    }
}

/// Returns the error of an allocation with the value that it was for, if the heap had no room.
fn with_value<V: Any + Send + Sync>(error: Error, value: Option<HostValue>) -> Error {
    let value = value.filter(|_| error.is::<GcHeapOutOfMemory<()>>());
    match value.and_then(|value| value.downcast::<V>().ok()) {
        Some(value) => GcHeapOutOfMemory::new(*value).into(),
        None => error,
    }
}
