//! `Global`: a global variable in a store.

use crate::error::Context;
use crate::store::StoreId;
use crate::values::Rooting;
use crate::{AsContext, AsContextMut, GlobalType, Result, Val, bail};
use burdock_core::GlobalAddr;

/// A global variable in a store. The type is a `Copy` handle that is valid only with its store.
///
/// Every method panics if it is called with another store.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let ty = GlobalType::new(ValType::I64, Mutability::Var);
/// let global = Global::new(&mut store, ty, Val::I64(1))?;
/// global.set(&mut store, Val::I64(2))?;
/// assert_eq!(global.get(&mut store).i64(), Some(2));
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug)]
pub struct Global {
    store: StoreId,
    addr: GlobalAddr,
}

impl Global {
    pub(crate) fn from_addr(store: StoreId, addr: GlobalAddr) -> Self {
        Self { store, addr }
    }

    pub(crate) fn belongs_to(&self, store: StoreId) -> bool {
        self.store == store
    }

    /// Returns the global's index among the store's globals.
    pub(crate) fn number(&self) -> u64 {
        self.addr.index() as u64
    }

    #[track_caller]
    pub(crate) fn addr(&self, store: StoreId) -> GlobalAddr {
        self.store.assert_same(store);
        self.addr
    }

    /// Creates a global with an initial value.
    ///
    /// # Errors
    ///
    /// Fails if the type belongs to another engine, or the value is not of the type or belongs to
    /// another store.
    pub fn new(mut store: impl AsContextMut, ty: GlobalType, val: Val) -> Result<Self> {
        let mut store = store.as_context_mut();
        let id = store.id();
        ty.content().hold_in(store.opaque())?;
        let halves = val.lower_as(store.opaque(), &ty.content().raw()).context(
            "type mismatch: initial value provided does not match the type of this global",
        )?;
        let addr = store.opaque().vm.alloc_global(ty.raw(), halves);
        Ok(Self::from_addr(id, addr))
    }

    /// Returns the global's type.
    pub fn ty(&self, store: impl AsContext) -> GlobalType {
        let store = store.as_context().opaque();
        GlobalType::from_raw(store.engine(), store.vm.global_type(self.addr(store.id())))
    }

    /// Returns the global's value.
    pub fn get(&self, store: impl AsContext) -> Val {
        let store = store.as_context().opaque();
        let (vm, addr) = (&store.vm, self.addr(store.id()));
        let content = vm.global_type(addr).content;
        Val::from_halves(content, vm.global_get(addr), Rooting::Scoped(store))
    }

    /// Writes the global's value.
    ///
    /// # Errors
    ///
    /// Fails if the global is immutable, or if the value is not of its type or belongs to another
    /// store.
    pub fn set(&self, mut store: impl AsContextMut, val: Val) -> Result<()> {
        let mut store = store.as_context_mut();
        let id = store.id();
        let addr = self.addr(id);
        let ty = store.opaque().vm.global_type(addr);
        if !ty.mutable {
            bail!("immutable global cannot be set");
        }
        let halves = val
            .lower_as(store.opaque(), &ty.content)
            .context("type mismatch: attempt to set global to value of wrong type")?;
        store.opaque().vm.global_set(addr, halves);
        Ok(())
    }
}
