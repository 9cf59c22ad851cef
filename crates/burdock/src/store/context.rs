//! `StoreContext(Mut)`: a borrowed store, and traits for the types that hold or borrow one.

use super::{Store, StoreId, StoreInner, StoreOpaque};
use crate::Engine;
use crate::func::Hosts;

/// A shared reference to a store.
///
/// # Example
///
/// ```
/// use burdock::*;
/// fn balance(store: StoreContext<'_, i64>) -> i64 {
///     *store.data()
/// }
/// let store = Store::new(&Engine::default(), 12);
/// assert_eq!(balance(store.as_context()), 12);
/// ```
pub struct StoreContext<'a, T: 'static>(pub(crate) &'a StoreInner<T>);

/// An exclusive reference to a store.
///
/// # Example
///
/// ```
/// use burdock::*;
/// fn pay(mut store: StoreContextMut<'_, i64>, sum: i64) {
///     *store.data_mut() -= sum;
/// }
/// let mut store = Store::new(&Engine::default(), 12);
/// pay(store.as_context_mut(), 5);
/// assert_eq!(*store.data(), 7);
/// ```
pub struct StoreContextMut<'a, T: 'static> {
    pub(crate) inner: &'a mut StoreInner<T>,
    pub(crate) hosts: &'a Hosts<T>,
}

/// Types that give access to a store: stores, contexts, [`Caller`](crate::Caller)s and references
/// to them.
///
/// # Example
///
/// ```
/// use burdock::*;
/// // Takes a store, a context, a `Caller`, or a reference to one of them.
/// fn last_byte(store: impl AsContext, memory: Memory) -> Option<u8> {
///     memory.data(&store).last().copied()
/// }
/// let mut store = Store::new(&Engine::default(), ());
/// let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
/// assert_eq!(last_byte(&store, memory), Some(0));
/// # Ok::<(), Error>(())
/// ```
pub trait AsContext {
    /// The embedder's data in the store.
    type Data: 'static;

    /// Returns the store.
    fn as_context(&self) -> StoreContext<'_, Self::Data>;
}

/// Types that give mutable access to a store.
///
/// # Example
///
/// ```
/// use burdock::*;
/// // Takes a store, a context, a `Caller`, or a mutable reference to one of them.
/// fn zeros(mut store: impl AsContextMut, pages: u32) -> Result<Memory> {
///     Memory::new(&mut store, MemoryType::new(pages, None))
/// }
/// let mut store = Store::new(&Engine::default(), ());
/// assert_eq!(zeros(&mut store, 2)?.data_size(&store), 131_072);
/// # Ok::<(), Error>(())
/// ```
pub trait AsContextMut: AsContext {
    /// Returns the store.
    fn as_context_mut(&mut self) -> StoreContextMut<'_, Self::Data>;
}

impl<T> Clone for StoreContext<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for StoreContext<'_, T> {}

impl<'a, T: 'static> StoreContext<'a, T> {
    /// Returns the engine.
    pub fn engine(&self) -> &Engine {
        self.0.opaque.engine()
    }

    /// Returns the embedder's data.
    pub fn data(&self) -> &'a T {
        &self.0.data
    }

    #[inline]
    pub(crate) fn opaque(&self) -> &'a StoreOpaque {
        &self.0.opaque
    }
}

/// The store as call hooks and epoch callbacks receive it; the name is Wasmtime's since version 50.
///
/// Wasmtime up to version 49 passes a [`StoreContextMut`] to such closures. Wasmtime 50 passes a
/// type of its own, with read access to the store and [`data_mut`](StoreContextMut::data_mut). This
/// type is both, so that closures written for either version compile, whichever name they use. Code
/// that also has to compile against Wasmtime 50 uses only the methods of [`AsContext`], `data` and
/// `data_mut`.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), 0);
/// // As for Wasmtime 50.
/// store.call_hook(|mut state: StoreHookState<'_, i32>, _| {
///     *state.data_mut() += 1;
///     Ok(())
/// });
/// // As for Wasmtime 49.
/// store.call_hook(|mut store: StoreContextMut<'_, i32>, _| {
///     *store.data_mut() += 1;
///     Ok(())
/// });
/// ```
pub type StoreHookState<'a, T> = StoreContextMut<'a, T>;

impl<'a, T: 'static> StoreContextMut<'a, T> {
    /// Returns the engine.
    pub fn engine(&self) -> &Engine {
        self.inner.opaque.engine()
    }

    /// Returns the embedder's data.
    pub fn data(&self) -> &T {
        &self.inner.data
    }

    /// Returns a mutable reference to the embedder's data.
    pub fn data_mut(&mut self) -> &mut T {
        &mut self.inner.data
    }

    #[inline]
    pub(crate) fn id(&self) -> StoreId {
        self.inner.opaque.id()
    }

    #[inline]
    pub(crate) fn opaque(&mut self) -> &mut StoreOpaque {
        &mut self.inner.opaque
    }

    #[inline]
    pub(crate) fn reborrow(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut { inner: self.inner, hosts: self.hosts }
    }

    /// Does something in a scope of references, which are not held any more when it ends.
    #[inline(always)]
    pub(crate) fn in_scope<R>(&mut self, call: impl FnOnce(&mut Self) -> R) -> R {
        let scope = self.inner.opaque.vm.begin_scope();
        let result = call(self);
        self.inner.opaque.vm.end_scope(scope);
        result
    }

    /// Lends the store to code of the embedder, and ends the runs that this code has begun and
    /// leaked, because the caller goes on with the stack of its own run. Every call of a host
    /// function or hook goes through this method, or is made by the machine, which does the same.
    #[inline(always)]
    pub(crate) fn lend<R>(&mut self, call: impl FnOnce(StoreContextMut<'_, T>) -> R) -> R {
        let depth = self.inner.opaque.vm.depth();
        let result = call(self.reborrow());
        self.inner.opaque.vm.settle(depth);
        result
    }
}

impl<T: 'static> AsContext for Store<T> {
    type Data = T;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext(&self.parts.inner)
    }
}

impl<T: 'static> AsContextMut for Store<T> {
    #[inline]
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut { inner: &mut self.parts.inner, hosts: &self.parts.hosts }
    }
}

impl<T: 'static> AsContext for StoreContext<'_, T> {
    type Data = T;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, T> {
        *self
    }
}

impl<T: 'static> AsContext for StoreContextMut<'_, T> {
    type Data = T;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext(self.inner)
    }
}

impl<T: 'static> AsContextMut for StoreContextMut<'_, T> {
    #[inline]
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        self.reborrow()
    }
}

impl<C: AsContext> AsContext for &'_ C {
    type Data = C::Data;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, C::Data> {
        C::as_context(self)
    }
}

impl<C: AsContext> AsContext for &'_ mut C {
    type Data = C::Data;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, C::Data> {
        C::as_context(self)
    }
}

impl<C: AsContextMut> AsContextMut for &'_ mut C {
    #[inline]
    fn as_context_mut(&mut self) -> StoreContextMut<'_, C::Data> {
        C::as_context_mut(self)
    }
}

impl<'a, C: AsContext> From<&'a C> for StoreContext<'a, C::Data> {
    fn from(context: &'a C) -> Self {
        context.as_context()
    }
}

impl<'a, C: AsContext> From<&'a mut C> for StoreContext<'a, C::Data> {
    fn from(context: &'a mut C) -> Self {
        C::as_context(context)
    }
}

impl<'a, T> From<StoreContextMut<'a, T>> for StoreContext<'a, T> {
    fn from(context: StoreContextMut<'a, T>) -> Self {
        Self(context.inner)
    }
}

impl<'a, C: AsContextMut> From<&'a mut C> for StoreContextMut<'a, C::Data> {
    fn from(context: &'a mut C) -> Self {
        context.as_context_mut()
    }
}
