//! Fuel and epochs: two ways to limit how long a guest runs.

use super::{Store, StoreContext, StoreContextMut, StoreHookState, StoreOpaque};
use crate::limits::Question;
use crate::{Caller, Result, Trap, bail, ensure};
use alloc::boxed::Box;
use burdock_core::{HostFunc, SlotSpan};
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use spin::Mutex;

/// The action after a guest has reached its epoch deadline.
///
/// Source: Wasmtime's `UpdateDeadline`.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut config = Config::new();
/// config.epoch_interruption(true);
/// let engine = Engine::new(&config)?;
/// let module = Module::new(&engine, r#"(module (func (export "spin") (loop (br 0))))"#)?;
/// let mut store = Store::new(&engine, 0);
/// // Lets the guest pass the deadline twice. A deadline of 0 ticks is reached at once.
/// store.epoch_deadline_callback(|mut store| {
///     *store.data_mut() += 1;
///     Ok(if *store.data() <= 2 { UpdateDeadline::Continue(0) } else { UpdateDeadline::Interrupt })
/// });
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let spin = instance.get_typed_func::<(), ()>(&mut store, "spin")?;
/// let error = spin.call(&mut store, ()).unwrap_err();
/// assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt));
/// assert_eq!(*store.data(), 3);
/// # Ok::<(), Error>(())
/// ```
#[non_exhaustive]
pub enum UpdateDeadline {
    /// The guest traps with `Trap::Interrupt`.
    Interrupt,
    /// The guest continues, with the deadline this many ticks after the current epoch.
    Continue(u64),
    /// The guest continues as with `Continue`. A call that can wait
    /// ([`Func::call_async`](crate::Func::call_async)) first yields to other tasks, and the ticks
    /// count from when the guest continues. In other calls a hook sees the host being entered and
    /// left.
    Yield(u64),
    /// The guest continues as with `Yield`, after its call has waited for this future, which
    /// decides how the call yields. A call that can't wait fails.
    YieldCustom(u64, Pin<Box<dyn Future<Output = ()> + Send>>),
}

impl fmt::Debug for UpdateDeadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, ticks) = match self {
            Self::Interrupt => return f.write_str("Interrupt"),
            Self::Continue(ticks) => ("Continue", ticks),
            Self::Yield(ticks) => ("Yield", ticks),
            Self::YieldCustom(ticks, _) => ("YieldCustom", ticks),
        };
        f.debug_tuple(name).field(ticks).finish()
    }
}

/// The fuel of a store and how it is given out.
#[derive(Default)]
pub(crate) struct Fuel {
    /// The fuel that guests get only after they have used up what they have.
    reserve: u64,
    /// The amount given out at a time.
    interval: Option<u64>,
}

/// The error that stops a guest whose call waits and goes on, with what the call waits for.
#[derive(thiserror::Error)]
#[error("the guest yields")]
pub(crate) enum Yielding {
    /// Other tasks are polled, because an interval of fuel is used up.
    Fuel,
    /// Other tasks are polled, because the epoch has reached its deadline. The guest then goes on
    /// for this many ticks.
    Epoch(u64),
    /// A future of the embedder's is awaited, because the epoch has reached its deadline. The guest
    /// then goes on for this many ticks.
    // In a lock, because errors are shared between threads and the future need not be.
    Custom(u64, Mutex<Pin<Box<dyn Future<Output = ()> + Send>>>),
    /// An asynchronous limiter is asked.
    Limiter(Question),
    /// The guest calls a host function, whose parameters are in these slots, in a store whose hook
    /// is asynchronous.
    HostCall(HostFunc, SlotSpan),
    /// Nothing has been called yet: the hook, which is asynchronous, comes first.
    Hook,
}

impl Yielding {
    /// Returns the ticks for which the guest goes on, if it yields at the epoch's deadline.
    pub(crate) fn ticks(&self) -> Option<u64> {
        match self {
            Self::Epoch(ticks) | Self::Custom(ticks, _) => Some(*ticks),
            _ => None,
        }
    }
}

impl fmt::Debug for Yielding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Yielding").finish_non_exhaustive()
    }
}

type Callback<T> =
    Box<dyn FnMut(StoreContextMut<'_, T>) -> Result<UpdateDeadline> + Send + Sync + 'static>;

/// The action of a store when a guest reaches the deadline.
pub(crate) enum EpochBehavior<T: 'static> {
    Trap,
    Yield(u64),
    Callback(Callback<T>),
}

impl StoreOpaque {
    fn get_fuel(&self) -> Result<u64> {
        self.ensure_fuel()?;
        Ok(self.all_fuel())
    }

    /// Returns the remaining fuel, reserve included.
    pub(crate) fn all_fuel(&self) -> u64 {
        self.fuel.reserve.saturating_add_signed(self.vm.fuel())
    }

    fn set_fuel(&mut self, fuel: u64) -> Result<()> {
        self.ensure_fuel()?;
        self.put_fuel(fuel);
        Ok(())
    }

    /// Sets the remaining fuel, of which guests get as much as they may use at a time.
    pub(crate) fn put_fuel(&mut self, fuel: u64) {
        self.give_out(fuel, self.fuel.interval.unwrap_or(fuel));
    }

    /// Gives guests `part` of `fuel`, or all of `fuel` if it is less than `part`; the rest is kept
    /// in reserve.
    fn give_out(&mut self, fuel: u64, part: u64) {
        let part = i64::try_from(part.min(fuel)).unwrap_or(i64::MAX);
        self.vm.set_fuel(part);
        self.fuel.reserve = fuel - part as u64;
    }

    /// Gives guests, which need `required` fuel to go on, more of the fuel. Returns `false` if the
    /// reserve is empty, or if too little fuel is left.
    pub(super) fn refuel(&mut self, required: u64) -> bool {
        let all = self.all_fuel();
        let enough = self.fuel.reserve > 0 && all >= required;
        let part = self.fuel.interval.unwrap_or(all).max(required);
        self.give_out(all, if enough { part } else { all });
        enough
    }

    /// Takes fuel for work of the host. Returns `false` if no more than `fuel` was left.
    fn take_fuel(&mut self, fuel: u64) -> bool {
        let left = self.all_fuel().saturating_sub(fuel);
        match self.vm.fuel().checked_sub_unsigned(fuel).filter(|&part| part > 0) {
            Some(part) => self.vm.set_fuel(part),
            None => self.put_fuel(left),
        }
        left > 0
    }

    /// Takes the fuel for a start function, which Wasmtime calls from a function of its own: the
    /// fuel for the entry of that function, and for the call.
    pub(crate) fn pay_for_start(&mut self) -> Result<()> {
        let config = self.engine().config();
        if config.consume_fuel {
            let call = config.operator_cost.as_ref().map_or(1, |costs| costs.Call);
            if !self.take_fuel(1) {
                return Err(Trap::OutOfFuel.into());
            }
            self.take_fuel(call.into());
        }
        Ok(())
    }

    fn set_yield_interval(&mut self, interval: Option<u64>) -> Result<()> {
        self.ensure_fuel()?;
        ensure!(interval != Some(0), "fuel_async_yield_interval must not be 0");
        self.fuel.interval = interval;
        self.put_fuel(self.all_fuel());
        Ok(())
    }

    fn ensure_fuel(&self) -> Result<()> {
        ensure!(self.engine().config().consume_fuel, "fuel is not configured in this store");
        Ok(())
    }

    fn set_epoch_deadline(&mut self, ticks_beyond_current: u64) {
        let current = self.engine().current_epoch();
        self.set_deadline(current.saturating_add(ticks_beyond_current));
    }
}

impl<T: 'static> Store<T> {
    /// Returns the remaining fuel.
    ///
    /// # Errors
    ///
    /// Fails if fuel is not configured ([`Config::consume_fuel`](crate::Config::consume_fuel)).
    pub fn get_fuel(&self) -> Result<u64> {
        self.parts.inner.opaque.get_fuel()
    }

    /// Sets the remaining fuel. A new store has none. Most operators cost 1, bulk operators 1 more
    /// for each byte or element; docs/FUEL.md has the table.
    ///
    /// # Errors
    ///
    /// Fails if fuel is not configured ([`Config::consume_fuel`](crate::Config::consume_fuel)).
    pub fn set_fuel(&mut self, fuel: u64) -> Result<()> {
        self.parts.inner.opaque.set_fuel(fuel)
    }

    /// Makes calls that can wait ([`Func::call_async`](crate::Func::call_async)) yield to other
    /// tasks each time they have used this much fuel. Fuel is checked only at points where a guest
    /// without fuel would stop. A call may therefore use slightly more than the interval; if a bulk
    /// operator costs more than the interval, the call uses as much as the operator costs.
    ///
    /// # Errors
    ///
    /// Fails if fuel is not configured, or the interval is `Some(0)`.
    ///
    /// Source: Wasmtime's `Store::fuel_async_yield_interval`.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// use std::pin::pin;
    /// use std::task::{Context, Waker};
    /// let engine = Engine::new(Config::new().consume_fuel(true))?;
    /// let module = Module::new(&engine, r#"(module (func (export "f") (loop (br 0))))"#)?;
    /// let mut store = Store::new(&engine, ());
    /// store.set_fuel(u64::MAX)?;
    /// store.fuel_async_yield_interval(Some(10_000))?;
    /// let f = Instance::new(&mut store, &module, &[])?.get_typed_func::<(), ()>(&mut store, "f")?;
    /// let mut call = pin!(f.call_async(&mut store, ()));
    /// // An endless guest; whoever polls its call gets control back all the same.
    /// assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn fuel_async_yield_interval(&mut self, interval: Option<u64>) -> Result<()> {
        self.parts.inner.opaque.set_yield_interval(interval)
    }

    /// Sets the deadline in ticks after the engine's current epoch. The initial deadline is 0: with
    /// [`Config::epoch_interruption`](crate::Config::epoch_interruption), guests are interrupted at
    /// once.
    pub fn set_epoch_deadline(&mut self, ticks_beyond_current: u64) {
        self.parts.inner.opaque.set_epoch_deadline(ticks_beyond_current);
    }

    /// Makes guests that reach the deadline trap with `Trap::Interrupt`. The default.
    pub fn epoch_deadline_trap(&mut self) {
        self.parts.inner.epoch = EpochBehavior::Trap;
    }

    /// Makes guests that reach the deadline call `callback`, which decides what follows.
    ///
    /// Source: Wasmtime's `Store::epoch_deadline_callback`, with the closures of version 50 and of
    /// earlier versions: see [`StoreHookState`].
    pub fn epoch_deadline_callback(
        &mut self,
        callback: impl FnMut(StoreHookState<'_, T>) -> Result<UpdateDeadline> + Send + Sync + 'static,
    ) {
        self.parts.inner.epoch = EpochBehavior::Callback(Box::new(callback));
    }

    /// Makes guests that reach the deadline yield to other tasks, in calls that can wait
    /// ([`Func::call_async`](crate::Func::call_async)), and continue for `delta` more ticks; see
    /// [`UpdateDeadline::Yield`].
    ///
    /// Source: Wasmtime's `Store::epoch_deadline_async_yield_and_update`.
    pub fn epoch_deadline_async_yield_and_update(&mut self, delta: u64) {
        self.parts.inner.epoch = EpochBehavior::Yield(delta);
    }
}

impl<T: 'static> StoreContext<'_, T> {
    /// Returns the remaining fuel; see [`Store::get_fuel`].
    ///
    /// # Errors
    ///
    /// Fails if fuel is not configured.
    pub fn get_fuel(&self) -> Result<u64> {
        self.0.opaque.get_fuel()
    }
}

impl<T: 'static> StoreContextMut<'_, T> {
    /// Returns the remaining fuel; see [`Store::get_fuel`].
    ///
    /// # Errors
    ///
    /// Fails if fuel is not configured.
    pub fn get_fuel(&self) -> Result<u64> {
        self.inner.opaque.get_fuel()
    }

    /// Sets the remaining fuel; see [`Store::set_fuel`].
    ///
    /// # Errors
    ///
    /// Fails if fuel is not configured.
    pub fn set_fuel(&mut self, fuel: u64) -> Result<()> {
        self.inner.opaque.set_fuel(fuel)
    }

    /// Sets the interval; see [`Store::fuel_async_yield_interval`].
    ///
    /// # Errors
    ///
    /// Fails if fuel is not configured, or the interval is `Some(0)`.
    pub fn fuel_async_yield_interval(&mut self, interval: Option<u64>) -> Result<()> {
        self.inner.opaque.set_yield_interval(interval)
    }

    /// Sets the deadline; see [`Store::set_epoch_deadline`].
    pub fn set_epoch_deadline(&mut self, ticks_beyond_current: u64) {
        self.inner.opaque.set_epoch_deadline(ticks_beyond_current);
    }

    /// Makes guests trap at the deadline; see [`Store::epoch_deadline_trap`].
    pub fn epoch_deadline_trap(&mut self) {
        self.inner.epoch = EpochBehavior::Trap;
    }

    /// Makes guests yield at the deadline; see [`Store::epoch_deadline_async_yield_and_update`].
    pub fn epoch_deadline_async_yield_and_update(&mut self, delta: u64) {
        self.inner.epoch = EpochBehavior::Yield(delta);
    }

    /// Takes `fuel` for work that a host function does on the guest's behalf, and checks the fuel
    /// that is left and the epoch, as the head of a loop does in the guest. Does nothing if neither
    /// fuel nor epochs are configured.
    ///
    /// Host functions whose work depends on the guest's arguments should split the work into pieces
    /// with a checkpoint after each, so that the limits of the guest apply to that work too.
    ///
    /// # Errors
    ///
    /// Fails with `Trap::OutOfFuel` if no more than `fuel` was left; if the epoch has reached the
    /// deadline, `Trap::Interrupt` or the callback's error
    /// ([`epoch_deadline_callback`](Store::epoch_deadline_callback)). A host function passes these
    /// errors on.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// let engine = Engine::new(Config::new().consume_fuel(true))?;
    /// let mut store = Store::new(&engine, ());
    /// store.set_fuel(1000)?;
    /// let sum = Func::wrap(&mut store, |mut caller: Caller<'_, ()>, n: u32| -> Result<u64> {
    ///     let mut sum = 0;
    ///     for n in 0..n {
    ///         caller.checkpoint(1)?;
    ///         sum += u64::from(n);
    ///     }
    ///     Ok(sum)
    /// });
    /// let sum = sum.typed::<u32, u64>(&store)?;
    /// assert_eq!(sum.call(&mut store, 10)?, 45);
    /// assert_eq!(store.get_fuel()?, 990);
    /// let error = sum.call(&mut store, u32::MAX).unwrap_err();
    /// assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn checkpoint(&mut self, fuel: u64) -> Result<()> {
        let opaque = &mut self.inner.opaque;
        let (metered, epochs) = {
            let config = opaque.engine().config();
            (config.consume_fuel, config.epoch_interruption)
        };
        if metered && !opaque.take_fuel(fuel) {
            return Err(Trap::OutOfFuel.into());
        }
        if epochs && opaque.has_reached_deadline() {
            let update = self.decide_on_deadline()?;
            self.update_deadline(update)?;
        }
        Ok(())
    }

    /// Decides what to do about the deadline that a guest has reached.
    pub(super) fn decide_on_deadline(&mut self) -> Result<UpdateDeadline> {
        // The behavior is out of the store while its callback runs.
        let behavior = core::mem::replace(&mut self.inner.epoch, EpochBehavior::Trap);
        match behavior {
            EpochBehavior::Trap => Ok(UpdateDeadline::Interrupt),
            EpochBehavior::Yield(delta) => {
                self.inner.epoch = EpochBehavior::Yield(delta);
                Ok(UpdateDeadline::Yield(delta))
            }
            EpochBehavior::Callback(mut callback) => {
                let update = callback(self.reborrow());
                self.inner.epoch = EpochBehavior::Callback(callback);
                update
            }
        }
    }

    /// Raises the deadline, or fails.
    pub(super) fn update_deadline(&mut self, update: UpdateDeadline) -> Result<()> {
        match update {
            UpdateDeadline::Interrupt => Err(Trap::Interrupt.into()),
            UpdateDeadline::Continue(delta) | UpdateDeadline::Yield(delta) => {
                self.set_epoch_deadline(delta);
                Ok(())
            }
            UpdateDeadline::YieldCustom(..) => bail!(
                "cannot use `UpdateDeadline::YieldCustom` without using an async wasm entrypoint"
            ),
        }
    }
}

impl<T: 'static> Caller<'_, T> {
    /// Returns the remaining fuel; see [`Store::get_fuel`].
    ///
    /// # Errors
    ///
    /// Fails if fuel is not configured.
    pub fn get_fuel(&self) -> Result<u64> {
        self.store.get_fuel()
    }

    /// Sets the remaining fuel; see [`Store::set_fuel`].
    ///
    /// # Errors
    ///
    /// Fails if fuel is not configured.
    pub fn set_fuel(&mut self, fuel: u64) -> Result<()> {
        self.store.set_fuel(fuel)
    }

    /// Sets the interval of fuel after which calls yield; see
    /// [`Store::fuel_async_yield_interval`].
    ///
    /// # Errors
    ///
    /// Fails if fuel is not configured, or the interval is `Some(0)`.
    pub fn fuel_async_yield_interval(&mut self, interval: Option<u64>) -> Result<()> {
        self.store.fuel_async_yield_interval(interval)
    }

    /// Takes fuel for work of a host function, and interrupts the guest where a loop of the guest
    /// would be interrupted; see [`StoreContextMut::checkpoint`].
    ///
    /// # Errors
    ///
    /// Fails as [`StoreContextMut::checkpoint`] does.
    pub fn checkpoint(&mut self, fuel: u64) -> Result<()> {
        self.store.checkpoint(fuel)
    }
}
