//! References to a store: `StoreContext` and `StoreContextMut`, and the traits of what has one.

use super::Store;
use crate::errors::FuelError;
use crate::{Engine, Error};
use core::fmt;

/// A shared reference to a store.
pub struct StoreContext<'a, T: 'static> {
    pub(crate) engine: &'a Engine,
    pub(crate) store: burdock::StoreContext<'a, T>,
}

/// A mutable reference to a store.
pub struct StoreContextMut<'a, T: 'static> {
    pub(crate) engine: &'a Engine,
    pub(crate) store: burdock::StoreContextMut<'a, T>,
}

/// Something that refers to a store.
pub trait AsContext {
    /// The embedder's data in the store.
    type Data: 'static;

    /// Returns a shared reference to the store.
    fn as_context(&self) -> StoreContext<'_, Self::Data>;
}

/// Something that refers mutably to a store.
pub trait AsContextMut: AsContext {
    /// Returns a mutable reference to the store.
    fn as_context_mut(&mut self) -> StoreContextMut<'_, Self::Data>;
}

impl<T: 'static> Clone for StoreContext<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: 'static> Copy for StoreContext<'_, T> {}

impl<'a, T: 'static> StoreContext<'a, T> {
    /// Returns the engine.
    pub fn engine(&self) -> &'a Engine {
        self.engine
    }

    /// Returns the embedder's data.
    pub fn data(&self) -> &'a T {
        self.store.data()
    }

    /// Returns the remaining fuel.
    ///
    /// # Errors
    ///
    /// Fails if the configuration does not enable fuel.
    pub fn get_fuel(&self) -> Result<u64, Error> {
        self.store.get_fuel().map_err(|_| FuelError::FuelMeteringDisabled.into())
    }

    /// Returns Burdock's reference.
    pub fn as_burdock(&self) -> burdock::StoreContext<'a, T> {
        self.store
    }
}

impl<T: 'static> StoreContextMut<'_, T> {
    /// Returns the engine.
    pub fn engine(&self) -> &Engine {
        self.engine
    }

    /// Returns the embedder's data.
    pub fn data(&self) -> &T {
        self.store.data()
    }

    /// Returns a mutable reference to the embedder's data.
    pub fn data_mut(&mut self) -> &mut T {
        self.store.data_mut()
    }

    /// Returns the remaining fuel.
    ///
    /// # Errors
    ///
    /// Fails if the configuration does not enable fuel.
    pub fn get_fuel(&self) -> Result<u64, Error> {
        self.store.get_fuel().map_err(|_| FuelError::FuelMeteringDisabled.into())
    }

    /// Sets the remaining fuel.
    ///
    /// # Errors
    ///
    /// Fails if the configuration does not enable fuel.
    pub fn set_fuel(&mut self, fuel: u64) -> Result<(), Error> {
        self.store.set_fuel(fuel).map_err(|_| FuelError::FuelMeteringDisabled.into())
    }

    /// Returns Burdock's reference.
    pub fn as_burdock_mut(&mut self) -> burdock::StoreContextMut<'_, T> {
        burdock::AsContextMut::as_context_mut(&mut self.store)
    }
}

impl<T: 'static> AsContext for Store<T> {
    type Data = T;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, T> {
        let store = burdock::AsContext::as_context(&self.store);
        StoreContext { engine: &self.engine, store }
    }
}

impl<T: 'static> AsContextMut for Store<T> {
    #[inline]
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        let store = burdock::AsContextMut::as_context_mut(&mut self.store);
        StoreContextMut { engine: &self.engine, store }
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
        let store = burdock::AsContext::as_context(&self.store);
        StoreContext { engine: self.engine, store }
    }
}

impl<T: 'static> AsContextMut for StoreContextMut<'_, T> {
    #[inline]
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        let store = burdock::AsContextMut::as_context_mut(&mut self.store);
        StoreContextMut { engine: self.engine, store }
    }
}

impl<C: AsContext> AsContext for &C {
    type Data = C::Data;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, C::Data> {
        C::as_context(self)
    }
}

impl<C: AsContext> AsContext for &mut C {
    type Data = C::Data;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, C::Data> {
        C::as_context(self)
    }
}

impl<C: AsContextMut> AsContextMut for &mut C {
    #[inline]
    fn as_context_mut(&mut self) -> StoreContextMut<'_, C::Data> {
        C::as_context_mut(self)
    }
}

impl<'a, C: AsContext> From<&'a C> for StoreContext<'a, C::Data> {
    #[inline]
    fn from(context: &'a C) -> Self {
        context.as_context()
    }
}

impl<'a, C: AsContext> From<&'a mut C> for StoreContext<'a, C::Data> {
    #[inline]
    fn from(context: &'a mut C) -> Self {
        C::as_context(context)
    }
}

impl<'a, C: AsContextMut> From<&'a mut C> for StoreContextMut<'a, C::Data> {
    #[inline]
    fn from(context: &'a mut C) -> Self {
        context.as_context_mut()
    }
}

impl<T: fmt::Debug + 'static> fmt::Debug for StoreContext<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreContext").field("data", self.data()).finish_non_exhaustive()
    }
}

impl<T: fmt::Debug + 'static> fmt::Debug for StoreContextMut<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreContextMut").field("data", self.data()).finish_non_exhaustive()
    }
}
