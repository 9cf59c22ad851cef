//! `Store`: a store of Burdock with its engine.

mod context;

pub use context::{AsContext, AsContextMut, StoreContext, StoreContextMut};

use crate::errors::FuelError;
use crate::limiter::Query;
use crate::{CallHook, Engine, Error, ResourceLimiter};
use core::fmt;

/// The owner of instances, and of all that they use, with the embedder's data.
pub struct Store<T: 'static> {
    engine: Engine,
    store: burdock::Store<T>,
}

impl<T: 'static> Store<T> {
    /// Creates an empty store.
    pub fn new(engine: &Engine, data: T) -> Self {
        Self { engine: engine.clone(), store: burdock::Store::new(engine.as_burdock(), data) }
    }

    /// Returns the engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Returns the embedder's data.
    pub fn data(&self) -> &T {
        self.store.data()
    }

    /// Returns a mutable reference to the embedder's data.
    pub fn data_mut(&mut self) -> &mut T {
        self.store.data_mut()
    }

    /// Drops the store and returns the data.
    pub fn into_data(self) -> T {
        self.store.into_data()
    }

    /// Sets a limiter, which `limiter` finds in the data. The limiter is asked before memories and
    /// tables grow; its limits on numbers are read now.
    pub fn limiter(
        &mut self,
        limiter: impl (FnMut(&mut T) -> &mut dyn ResourceLimiter) + Send + Sync + 'static,
    ) {
        self.store.data_limiter(Query::new(limiter));
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

    /// Calls `hook` whenever control passes between the host and a guest. The error of a hook
    /// takes the place of the call's result.
    pub fn call_hook(
        &mut self,
        mut hook: impl FnMut(&mut T, CallHook) -> Result<(), Error> + Send + Sync + 'static,
    ) {
        self.store.call_hook(move |mut store: burdock::StoreContextMut<'_, T>, event| {
            hook(store.data_mut(), event).map_err(Error::into_burdock)
        });
    }

    /// Returns Burdock's store.
    pub fn as_burdock(&self) -> &burdock::Store<T> {
        &self.store
    }

    /// Returns Burdock's store, to attach hooks, set epochs, and use all else that wasmi does not
    /// have.
    pub fn as_burdock_mut(&mut self) -> &mut burdock::Store<T> {
        &mut self.store
    }
}

impl<T: Default + 'static> Default for Store<T> {
    fn default() -> Self {
        Self::new(&Engine::default(), T::default())
    }
}

impl<T: fmt::Debug + 'static> fmt::Debug for Store<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.store.fmt(f)
    }
}
