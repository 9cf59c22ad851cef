//! `Caller`: the guest that calls a host function.

use crate::{
    AsContext, AsContextMut, Engine, Error, Extern, Instance, StoreContext, StoreContextMut,
    errors::FuelError,
};

/// The guest that calls a host function, and its store.
pub struct Caller<'a, T: 'static> {
    caller: burdock::Caller<'a, T>,
    engine: &'a Engine,
}

impl<'a, T: 'static> Caller<'a, T> {
    #[inline]
    pub(crate) fn new(caller: burdock::Caller<'a, T>, engine: &'a Engine) -> Self {
        Self { caller, engine }
    }

    /// Returns an item that the calling instance exports; `None` also if the caller is the host.
    pub fn get_export(&self, name: &str) -> Option<Extern> {
        let instance = Instance::from_burdock(self.caller.instance()?);
        instance.get_export(self, name)
    }

    /// Returns the embedder's data.
    #[inline]
    pub fn data(&self) -> &T {
        self.caller.data()
    }

    /// Returns a mutable reference to the embedder's data.
    #[inline]
    pub fn data_mut(&mut self) -> &mut T {
        self.caller.data_mut()
    }

    /// Returns the engine.
    pub fn engine(&self) -> &Engine {
        self.engine
    }

    /// Returns the remaining fuel.
    ///
    /// # Errors
    ///
    /// Fails if the configuration does not enable fuel.
    pub fn get_fuel(&self) -> Result<u64, Error> {
        self.caller.get_fuel().map_err(|_| FuelError::FuelMeteringDisabled.into())
    }

    /// Sets the remaining fuel.
    ///
    /// # Errors
    ///
    /// Fails if the configuration does not enable fuel.
    pub fn set_fuel(&mut self, fuel: u64) -> Result<(), Error> {
        self.caller.set_fuel(fuel).map_err(|_| FuelError::FuelMeteringDisabled.into())
    }

    /// Returns Burdock's caller.
    pub fn as_burdock_mut(&mut self) -> &mut burdock::Caller<'a, T> {
        &mut self.caller
    }
}

impl<T: 'static> AsContext for Caller<'_, T> {
    type Data = T;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, T> {
        let store = burdock::AsContext::as_context(&self.caller);
        StoreContext { engine: self.engine, store }
    }
}

impl<T: 'static> AsContextMut for Caller<'_, T> {
    #[inline]
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        let store = burdock::AsContextMut::as_context_mut(&mut self.caller);
        StoreContextMut { engine: self.engine, store }
    }
}

impl<'a, C: AsContextMut> From<&'a mut C> for Caller<'a, C::Data> {
    fn from(context: &'a mut C) -> Self {
        let StoreContextMut { engine, store } = context.as_context_mut();
        Self { caller: burdock::Caller::from(store), engine }
    }
}
