//! Fuel and epochs: two ways to bound how long a guest runs.

use super::{Store, StoreContext, StoreContextMut, StoreOpaque};
use crate::{Caller, Result, Trap, ensure};
use alloc::boxed::Box;

/// What happens after a guest has reached its epoch deadline.
///
/// Source: Wasmtime's `UpdateDeadline`.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UpdateDeadline {
    /// It traps with `Trap::Interrupt`.
    Interrupt,
    /// It goes on, with the deadline this many ticks after the current epoch.
    Continue(u64),
    /// As `Continue`; a hook sees the host being entered and left in between. (It does not
    /// wait, not even in a call that could.)
    Yield(u64),
}

type Callback<T> =
    Box<dyn FnMut(StoreContextMut<'_, T>) -> Result<UpdateDeadline> + Send + Sync + 'static>;

/// What a store does when a guest reaches the deadline.
pub(crate) enum EpochBehavior<T: 'static> {
    Trap,
    Yield(u64),
    Callback(Callback<T>),
}

impl StoreOpaque {
    fn get_fuel(&self) -> Result<u64> {
        self.ensure_fuel()?;
        Ok(self.vm.fuel())
    }

    fn set_fuel(&mut self, fuel: u64) -> Result<()> {
        self.ensure_fuel()?;
        self.vm.set_fuel(fuel);
        Ok(())
    }

    fn check_yield_interval(&self, interval: Option<u64>) -> Result<()> {
        self.ensure_fuel()?;
        ensure!(interval != Some(0), "fuel_async_yield_interval must not be 0");
        Ok(())
    }

    fn ensure_fuel(&self) -> Result<()> {
        ensure!(self.engine().config().consume_fuel, "fuel is not configured in this store");
        Ok(())
    }

    fn set_epoch_deadline(&mut self, ticks_beyond_current: u64) {
        let current = self.engine().current_epoch();
        let deadline = current.saturating_add(ticks_beyond_current);
        self.vm.set_epoch_deadline(deadline);
    }
}

impl<T: 'static> Store<T> {
    /// How much fuel is left.
    ///
    /// # Errors
    ///
    /// Fuel is not configured ([`Config::consume_fuel`](crate::Config::consume_fuel)).
    pub fn get_fuel(&self) -> Result<u64> {
        self.parts.inner.opaque.get_fuel()
    }

    /// Sets how much fuel is left. A store has none at first. Most operators cost 1.
    ///
    /// # Errors
    ///
    /// Fuel is not configured ([`Config::consume_fuel`](crate::Config::consume_fuel)).
    pub fn set_fuel(&mut self, fuel: u64) -> Result<()> {
        self.parts.inner.opaque.set_fuel(fuel)
    }

    /// Wasmtime's async executions yield whenever this much fuel is used up. Here
    /// ([`Func::call_async`](crate::Func::call_async)) they yield where a host function waits, and
    /// nowhere else: the interval is only checked.
    ///
    /// # Errors
    ///
    /// Fuel is not configured, or the interval is `Some(0)`.
    pub fn fuel_async_yield_interval(&mut self, interval: Option<u64>) -> Result<()> {
        self.parts.inner.opaque.check_yield_interval(interval)
    }

    /// Sets the deadline, in ticks after the engine's current epoch. At first it is 0: with
    /// [`Config::epoch_interruption`](crate::Config::epoch_interruption) a guest is interrupted at
    /// once.
    pub fn set_epoch_deadline(&mut self, ticks_beyond_current: u64) {
        self.parts.inner.opaque.set_epoch_deadline(ticks_beyond_current);
    }

    /// A guest that reaches the deadline traps with `Trap::Interrupt`. The default.
    pub fn epoch_deadline_trap(&mut self) {
        self.parts.inner.epoch = EpochBehavior::Trap;
    }

    /// A guest that reaches the deadline calls `callback`, which decides.
    pub fn epoch_deadline_callback(
        &mut self,
        callback: impl FnMut(StoreContextMut<'_, T>) -> Result<UpdateDeadline> + Send + Sync + 'static,
    ) {
        self.parts.inner.epoch = EpochBehavior::Callback(Box::new(callback));
    }

    /// A guest that reaches the deadline goes on for `delta` more ticks; a hook sees the host
    /// being entered and left in between. (It does not wait, not even in a call that could.)
    pub fn epoch_deadline_async_yield_and_update(&mut self, delta: u64) {
        self.parts.inner.epoch = EpochBehavior::Yield(delta);
    }
}

impl<T: 'static> StoreContext<'_, T> {
    /// How much fuel is left; see [`Store::get_fuel`].
    ///
    /// # Errors
    ///
    /// Fuel is not configured.
    pub fn get_fuel(&self) -> Result<u64> {
        self.0.opaque.get_fuel()
    }
}

impl<T: 'static> StoreContextMut<'_, T> {
    /// How much fuel is left; see [`Store::get_fuel`].
    ///
    /// # Errors
    ///
    /// Fuel is not configured.
    pub fn get_fuel(&self) -> Result<u64> {
        self.inner.opaque.get_fuel()
    }

    /// Sets how much fuel is left; see [`Store::set_fuel`].
    ///
    /// # Errors
    ///
    /// Fuel is not configured.
    pub fn set_fuel(&mut self, fuel: u64) -> Result<()> {
        self.inner.opaque.set_fuel(fuel)
    }

    /// See [`Store::fuel_async_yield_interval`].
    ///
    /// # Errors
    ///
    /// Fuel is not configured, or the interval is `Some(0)`.
    pub fn fuel_async_yield_interval(&mut self, interval: Option<u64>) -> Result<()> {
        self.inner.opaque.check_yield_interval(interval)
    }

    /// Sets the deadline; see [`Store::set_epoch_deadline`].
    pub fn set_epoch_deadline(&mut self, ticks_beyond_current: u64) {
        self.inner.opaque.set_epoch_deadline(ticks_beyond_current);
    }

    /// See [`Store::epoch_deadline_trap`].
    pub fn epoch_deadline_trap(&mut self) {
        self.inner.epoch = EpochBehavior::Trap;
    }

    /// Raises the deadline that a guest has reached, or fails; whether the guest yields.
    pub(super) fn epoch_deadline_reached(&mut self) -> Result<bool> {
        // The behavior is out of the store while its callback runs.
        let behavior = core::mem::replace(&mut self.inner.epoch, EpochBehavior::Trap);
        let update = match behavior {
            EpochBehavior::Trap => UpdateDeadline::Interrupt,
            EpochBehavior::Yield(delta) => {
                self.inner.epoch = EpochBehavior::Yield(delta);
                UpdateDeadline::Yield(delta)
            }
            EpochBehavior::Callback(mut callback) => {
                let update = callback(self.reborrow());
                self.inner.epoch = EpochBehavior::Callback(callback);
                update?
            }
        };
        match update {
            UpdateDeadline::Interrupt => Err(Trap::Interrupt.into()),
            UpdateDeadline::Continue(delta) => {
                self.set_epoch_deadline(delta);
                Ok(false)
            }
            UpdateDeadline::Yield(delta) => {
                self.set_epoch_deadline(delta);
                Ok(true)
            }
        }
    }
}

impl<T: 'static> Caller<'_, T> {
    /// How much fuel is left; see [`Store::get_fuel`].
    ///
    /// # Errors
    ///
    /// Fuel is not configured.
    pub fn get_fuel(&self) -> Result<u64> {
        self.store.get_fuel()
    }

    /// Sets how much fuel is left; see [`Store::set_fuel`].
    ///
    /// # Errors
    ///
    /// Fuel is not configured.
    pub fn set_fuel(&mut self, fuel: u64) -> Result<()> {
        self.store.set_fuel(fuel)
    }
}
