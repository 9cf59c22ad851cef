//! Collection of garbage that the embedder requests ([`Store::gc`]).

use crate::{AsContextMut, Caller, Result, Store, StoreContextMut};
use core::fmt;

/// The error of an allocation by the host or a constant expression that finds no room in the heap.
/// It has the value that was to become an [`ExternRef`](crate::ExternRef). The error for a guest,
/// and for an object that is larger than a heap can be, is
/// [`Trap::AllocationTooLarge`](crate::Trap::AllocationTooLarge).
///
/// Burdock has collected all garbage before it fails, so trying again helps only where something
/// was let go of in between. Code that is written for Wasmtime, whose embedders have to ask for a
/// collection, works as it is:
///
/// ```
/// use burdock::{ExternRef, GcHeapOutOfMemory, Store};
/// let mut store = Store::<()>::default();
/// let reference = match ExternRef::new(&mut store, "value") {
///     Ok(reference) => reference,
///     Err(error) => {
///         let (value, full) = error.downcast::<GcHeapOutOfMemory<&str>>()?.take_inner();
///         store.gc(Some(&full))?;
///         ExternRef::new(&mut store, value)?
///     }
/// };
/// # assert!(reference.data(&store)?.is_some());
/// # Ok::<(), burdock::Error>(())
/// ```
pub struct GcHeapOutOfMemory<T>(T);

impl<T> GcHeapOutOfMemory<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(value)
    }

    /// Returns the value that found no room.
    pub fn into_inner(self) -> T {
        self.0
    }

    /// Returns the value that found no room, and the error without the value.
    pub fn take_inner(self) -> (T, GcHeapOutOfMemory<()>) {
        (self.0, GcHeapOutOfMemory(()))
    }
}

impl<T> fmt::Debug for GcHeapOutOfMemory<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<T> fmt::Display for GcHeapOutOfMemory<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GC heap out of memory")
    }
}

impl<T> core::error::Error for GcHeapOutOfMemory<T> {}

impl<T: 'static> StoreContextMut<'_, T> {
    /// Collects garbage; see [`Store::gc`].
    ///
    /// # Errors
    ///
    /// Fails, and frees nothing, if the system is out of memory. Fails with the error of a hook
    /// that is told of the collection.
    pub fn gc(&mut self, _why: Option<&GcHeapOutOfMemory<()>>) -> Result<()> {
        self.opaque().collect_all_garbage()?;
        self.report_collections()
    }

    /// Collects garbage; see [`Store::gc`]. Never waits.
    ///
    /// # Errors
    ///
    /// Fails, and frees nothing, if the system is out of memory. Fails with the error of a hook
    /// that is told of the collection.
    pub async fn gc_async(&mut self, why: Option<&GcHeapOutOfMemory<()>>) -> Result<()> {
        self.gc(why)
    }
}

impl<T: 'static> Caller<'_, T> {
    /// Collects garbage; see [`Store::gc`].
    ///
    /// # Errors
    ///
    /// Fails, and frees nothing, if the system is out of memory. Fails with the error of a hook
    /// that is told of the collection.
    pub fn gc(&mut self, why: Option<&GcHeapOutOfMemory<()>>) -> Result<()> {
        self.store.gc(why)
    }

    /// Collects garbage; see [`Store::gc`]. Never waits.
    ///
    /// # Errors
    ///
    /// Fails, and frees nothing, if the system is out of memory. Fails with the error of a hook
    /// that is told of the collection.
    pub async fn gc_async(&mut self, why: Option<&GcHeapOutOfMemory<()>>) -> Result<()> {
        self.gc(why)
    }
}

impl<T: 'static> Store<T> {
    /// Frees the objects that are unreachable, and drops the host values behind unreachable
    /// [`ExternRef`](crate::ExternRef)s. What a guest, a [`Rooted`](crate::Rooted) in its scope or
    /// an [`OwnedRooted`](crate::OwnedRooted) leads to is reachable.
    ///
    /// There is no need to call this method: garbage is collected when memory is needed. It lets
    /// host values be dropped now.
    ///
    /// # Errors
    ///
    /// Fails, and frees nothing, if the system is out of memory. Fails with the error of a hook
    /// that is told of the collection.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// use std::sync::Arc;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let value = Arc::new(5);
    /// {
    ///     let mut scope = RootScope::new(&mut store);
    ///     ExternRef::new(&mut scope, Arc::clone(&value))?;
    /// }
    /// assert_eq!(Arc::strong_count(&value), 2);
    /// store.gc(None)?;
    /// assert_eq!(Arc::strong_count(&value), 1);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn gc(&mut self, why: Option<&GcHeapOutOfMemory<()>>) -> Result<()> {
        self.as_context_mut().gc(why)
    }

    /// Collects garbage; see [`Store::gc`]. Never waits.
    ///
    /// # Errors
    ///
    /// Fails, and frees nothing, if the system is out of memory. Fails with the error of a hook
    /// that is told of the collection.
    pub async fn gc_async(&mut self, why: Option<&GcHeapOutOfMemory<()>>) -> Result<()> {
        self.gc(why)
    }
}
