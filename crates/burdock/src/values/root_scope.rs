//! `RootScope`: a scope that holds the references that are made in it.

use crate::{AsContext, AsContextMut, StoreContext, StoreContextMut};

/// A scope that releases, when it ends, the references that were made in it. Use it in place of the
/// store.
///
/// Source: Wasmtime's `RootScope`.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let value = {
///     let mut scope = RootScope::new(&mut store);
///     ExternRef::new(&mut scope, "temporary")?
/// };
/// assert!(value.data(&store).is_err());
/// # Ok::<(), Error>(())
/// ```
pub struct RootScope<C: AsContextMut> {
    store: C,
    scope: burdock_core::Scope,
}

impl<C: AsContextMut> RootScope<C> {
    /// Begins a scope.
    pub fn new(mut store: C) -> Self {
        let scope = store.as_context_mut().opaque().vm.begin_scope();
        Self { store, scope }
    }

    /// Makes room for so many references.
    pub fn reserve(&mut self, additional: usize) {
        self.store.as_context_mut().opaque().vm.reserve_handles(additional);
    }
}

impl<C: AsContextMut> Drop for RootScope<C> {
    fn drop(&mut self) {
        self.store.as_context_mut().opaque().vm.end_scope(self.scope);
    }
}

impl<C: AsContextMut> AsContext for RootScope<C> {
    type Data = C::Data;

    fn as_context(&self) -> StoreContext<'_, C::Data> {
        self.store.as_context()
    }
}

impl<C: AsContextMut> AsContextMut for RootScope<C> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, C::Data> {
        self.store.as_context_mut()
    }
}
