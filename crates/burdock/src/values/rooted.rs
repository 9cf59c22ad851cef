//! `Rooted` and `OwnedRooted`: references to objects that the host holds.

use crate::store::{StoreId, StoreOpaque};
use crate::types::raw;
use crate::{AsContext, AsContextMut, Result, bail, ensure};
use alloc::sync::Arc;
use burdock_core::Handle;
use burdock_core::heap::Reference;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::ops::Deref;

/// A handle to an object, and the store that it belongs to.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Root {
    store: StoreId,
    handle: Handle,
}

impl Root {
    /// Returns the reference.
    ///
    /// # Errors
    ///
    /// Fails if nothing holds the object any more.
    ///
    /// # Panics
    ///
    /// Panics if the root belongs to another store.
    #[track_caller]
    pub(crate) fn resolve(self, store: &StoreOpaque) -> Result<Reference> {
        self.store.assert_same(store.id());
        match store.vm.resolve(self.handle) {
            Some(reference) => Ok(reference),
            None => bail!("attempted to use a garbage-collected object that has been unrooted"),
        }
    }

    pub(crate) fn belongs_to(self, store: StoreId) -> bool {
        self.store == store
    }

    /// Returns the reference as it lies in a slot.
    ///
    /// # Errors
    ///
    /// Fails if nothing holds the object any more, or if the root belongs to another store.
    pub(crate) fn lower(self, store: &StoreOpaque) -> Result<u64> {
        ensure!(self.belongs_to(store.id()), "cross-`Store` values are not currently supported");
        Ok(self.resolve(store)?.to_slot())
    }
}

/// The way in which a reference that the host gets to see becomes a handle.
#[derive(Copy, Clone)]
pub(crate) enum Rooting<'s> {
    /// The current scope holds it.
    Scoped(&'s StoreOpaque),
    /// Nothing holds it.
    Passing(Passing),
}

/// The way of a reference that is only shown: its handle is valid until the next collection.
#[derive(Copy, Clone)]
pub(crate) struct Passing {
    store: StoreId,
    /// The number of collections that there have been.
    collections: u64,
}

impl<'s> Rooting<'s> {
    pub(crate) fn store(self) -> StoreId {
        match self {
            Self::Scoped(store) => store.id(),
            Self::Passing(passing) => passing.store,
        }
    }

    /// Returns a handle to the reference in a slot; `None` if it is null.
    pub(crate) fn root<R: GcRef>(self, slot: u64) -> Option<Rooted<R>> {
        let reference = Reference::from_slot(slot);
        if reference.is_null() {
            return None;
        }
        let handle = match self {
            Self::Scoped(store) => store.vm.root(reference),
            Self::Passing(Passing { collections, .. }) => Handle::passing(reference, collections),
        };
        Some(Rooted::of(Root { store: self.store(), handle }))
    }
}

impl From<Passing> for Rooting<'_> {
    fn from(passing: Passing) -> Self {
        Self::Passing(passing)
    }
}

impl StoreOpaque {
    /// Has the current scope hold a reference that is not null.
    pub(crate) fn root<R: GcRef>(&self, reference: Reference) -> Rooted<R> {
        Rooted::of(Root { store: self.id(), handle: self.vm.root(reference) })
    }

    /// Returns handles for what is only shown.
    #[inline]
    pub(crate) fn passing(&self) -> Passing {
        Passing { store: self.id(), collections: self.vm.heap().collections() }
    }
}

pub(super) mod sealed {
    /// The part of [`GcRef`](super::GcRef) that only this crate uses.
    pub trait Sealed: Sized + 'static {
        /// The type of all that a reference of this kind can lead to.
        #[doc(hidden)]
        const HEAP_TYPE: super::raw::HeapType;

        #[doc(hidden)]
        fn of(root: super::Root) -> Self;

        #[doc(hidden)]
        fn root(&self) -> super::Root;
    }
}

/// A kind of garbage-collected objects: [`AnyRef`](crate::AnyRef), [`ExternRef`](crate::ExternRef),
/// [`ExnRef`](crate::ExnRef) and the more special ones. The trait is sealed.
///
/// Source: Wasmtime's `GcRef`.
pub trait GcRef: sealed::Sealed + Copy + Send + Sync {}

/// Implements `GcRef` for types that consist of a root.
macro_rules! gc_refs {
    ($($ty:ident $heap:ident;)*) => {$(
        impl sealed::Sealed for $crate::$ty {
            const HEAP_TYPE: raw::HeapType = raw::HeapType::$heap;

            #[inline]
            fn of(root: Root) -> Self {
                Self(root)
            }

            #[inline]
            fn root(&self) -> Root {
                self.0
            }
        }

        impl GcRef for $crate::$ty {}
    )*};
}

gc_refs! {
    AnyRef Any;
    EqRef Eq;
    StructRef Struct;
    ArrayRef Array;
    ExternRef Extern;
    ExnRef Exn;
}

/// A reference to an object, which the [`RootScope`](crate::RootScope) that was innermost when the
/// reference was made keeps alive. Without a scope, the store does; in a host function, the call of
/// the function.
///
/// Using the reference when its scope has ended is an error. References in events and frames, which
/// hooks and debuggers get, are special: nothing keeps their objects alive, and using them after
/// the next collection is an error.
///
/// The methods are those of the kind of object, to which this type dereferences.
///
/// Source: Wasmtime's `Rooted`.
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
pub struct Rooted<R: GcRef> {
    object: R,
}

impl<R: GcRef> Rooted<R> {
    #[inline]
    fn of(root: Root) -> Self {
        Self { object: R::of(root) }
    }

    /// Returns the same handle as one to another kind of object, of which the object is.
    pub(super) fn cast<S: GcRef>(self) -> Rooted<S> {
        Rooted::of(self.root())
    }

    pub(crate) fn root(&self) -> Root {
        self.object.root()
    }

    /// Returns `true` if two references are to the same object.
    ///
    /// # Errors
    ///
    /// Fails if nothing holds one of the objects any more.
    ///
    /// # Panics
    ///
    /// Panics if a reference belongs to another store.
    pub fn ref_eq(
        store: impl AsContext,
        a: &impl RootedGcRef<R>,
        b: &impl RootedGcRef<R>,
    ) -> Result<bool> {
        let store = store.as_context().opaque();
        Ok(a.root().resolve(store)? == b.root().resolve(store)?)
    }

    /// Returns `true` if two references are the same one. Two that were made in different scopes
    /// are not, even if they are to the same object ([`Rooted::ref_eq`]).
    pub fn rooted_eq(a: Self, b: Self) -> bool {
        a.root() == b.root()
    }

    /// Hashes the reference. Two references to the same object have different hashes unless
    /// [`Rooted::rooted_eq`] holds for them.
    pub fn rooted_hash<H: Hasher>(&self, state: &mut H) {
        self.root().hash(state);
    }

    /// Hashes the identity of the object, which never changes.
    ///
    /// # Errors
    ///
    /// Fails if nothing holds the object any more.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// use std::hash::{DefaultHasher, Hasher};
    /// let mut store = Store::new(&Engine::default(), ());
    /// let value = ExternRef::new(&mut store, "value")?;
    /// let other = value.to_owned_rooted(&mut store)?.to_rooted(&mut store);
    /// assert!(!Rooted::rooted_eq(value, other));
    /// let mut hashes = [DefaultHasher::new(), DefaultHasher::new()];
    /// value.ref_hash(&store, &mut hashes[0])?;
    /// other.ref_hash(&store, &mut hashes[1])?;
    /// assert_eq!(hashes[0].finish(), hashes[1].finish());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn ref_hash<H: Hasher>(&self, store: impl AsContext, state: &mut H) -> Result<()> {
        self.root().resolve(store.as_context().opaque())?.hash(state);
        Ok(())
    }

    /// Returns a reference that keeps the object alive independently of scopes.
    ///
    /// # Errors
    ///
    /// Fails if nothing holds the object any more.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn to_owned_rooted(&self, mut store: impl AsContextMut) -> Result<OwnedRooted<R>> {
        let store = store.as_context_mut();
        let store = &store.inner.opaque;
        let reference = self.root().resolve(store)?;
        Ok(OwnedRooted::hold(store, reference))
    }

    /// Returns the reference; a `Rooted` already is what is asked for.
    pub fn to_rooted(&self, _store: impl AsContextMut) -> Rooted<R> {
        *self
    }
}

impl<R: GcRef> Copy for Rooted<R> {}

impl<R: GcRef> Clone for Rooted<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R: GcRef> Deref for Rooted<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.object
    }
}

impl<R: GcRef> fmt::Debug for Rooted<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rooted").field(&self.root().handle).finish()
    }
}

/// A reference that keeps its object alive as long as it, or a clone of it, exists.
///
/// Source: Wasmtime's `OwnedRooted`.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let owned = {
///     let mut scope = RootScope::new(&mut store);
///     ExternRef::new(&mut scope, "kept")?.to_owned_rooted(&mut scope)?
/// };
/// store.gc(None)?;
/// assert_eq!(owned.data(&store)?.unwrap().downcast_ref(), Some(&"kept"));
/// # Ok::<(), Error>(())
/// ```
pub struct OwnedRooted<R: GcRef> {
    object: R,
    alive: Arc<()>,
}

impl<R: GcRef> OwnedRooted<R> {
    pub(crate) fn hold(store: &StoreOpaque, reference: Reference) -> Self {
        let alive = Arc::new(());
        let handle = store.vm.own(reference, Arc::downgrade(&alive));
        Self { object: R::of(Root { store: store.id(), handle }), alive }
    }

    /// Returns a reference that the current [`RootScope`](crate::RootScope) keeps alive.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn to_rooted(&self, mut store: impl AsContextMut) -> Rooted<R> {
        let store = store.as_context_mut();
        let store = &store.inner.opaque;
        match self.object.root().resolve(store) {
            Ok(reference) => store.root(reference),
            // The object belongs to a state of the store that is gone.
            Err(_) => Rooted::of(self.object.root()),
        }
    }

    /// Returns another reference to the same object.
    ///
    /// # Errors
    ///
    /// Never fails.
    pub fn to_owned_rooted(&self, _store: impl AsContextMut) -> Result<OwnedRooted<R>> {
        Ok(self.clone())
    }

    /// Returns `true` if two references are to the same object; see [`Rooted::ref_eq`].
    ///
    /// # Errors
    ///
    /// Fails if nothing holds one of the objects any more.
    ///
    /// # Panics
    ///
    /// Panics if a reference belongs to another store.
    pub fn ref_eq(
        store: impl AsContext,
        a: &impl RootedGcRef<R>,
        b: &impl RootedGcRef<R>,
    ) -> Result<bool> {
        Rooted::ref_eq(store, a, b)
    }

    /// Hashes the reference; see [`Rooted::rooted_hash`]. A clone has the same hash.
    pub fn rooted_hash<H: Hasher>(&self, state: &mut H) {
        self.object.root().hash(state);
    }

    /// Hashes the identity of the object; see [`Rooted::ref_hash`].
    ///
    /// # Errors
    ///
    /// Fails if nothing holds the object any more.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn ref_hash<H: Hasher>(&self, store: impl AsContext, state: &mut H) -> Result<()> {
        self.object.root().resolve(store.as_context().opaque())?.hash(state);
        Ok(())
    }

    /// Returns the same handle as one to another kind of object, of which the object is.
    pub(super) fn cast<S: GcRef>(self) -> OwnedRooted<S> {
        OwnedRooted { object: S::of(self.object.root()), alive: self.alive }
    }
}

impl<R: GcRef> OwnedRooted<R> {
    /// Keeps the object alive as long as its store, and returns a reference that no scope ends.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let kept = {
    ///     let mut scope = RootScope::new(&mut store);
    ///     let value = ExternRef::new(&mut scope, 42)?;
    ///     value.to_owned_rooted(&mut scope)?.leak()
    /// };
    /// assert!(kept.data(&store)?.is_some());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn leak(self) -> Rooted<R> {
        // The store keeps the object while this token lives.
        core::mem::forget(self.alive);
        Rooted { object: self.object }
    }
}

impl<R: GcRef> Clone for OwnedRooted<R> {
    fn clone(&self) -> Self {
        Self { object: self.object, alive: Arc::clone(&self.alive) }
    }
}

impl<R: GcRef> Deref for OwnedRooted<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.object
    }
}

impl<R: GcRef> fmt::Debug for OwnedRooted<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OwnedRooted").field(&self.object.root().handle).finish()
    }
}

/// A reference that keeps its object alive: [`Rooted`] or [`OwnedRooted`]. The trait is sealed.
///
/// Source: Wasmtime's `RootedGcRef`.
pub trait RootedGcRef<R: GcRef>: Deref<Target = R> + SealedReference {}

mod sealed_reference {
    pub trait SealedReference {}
}
use sealed_reference::SealedReference;

impl<R: GcRef> SealedReference for Rooted<R> {}
impl<R: GcRef> RootedGcRef<R> for Rooted<R> {}
impl<R: GcRef> SealedReference for OwnedRooted<R> {}
impl<R: GcRef> RootedGcRef<R> for OwnedRooted<R> {}
