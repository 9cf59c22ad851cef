//! `InterruptHandle`: interrupts the guests of one store, from any thread.

use super::{Store, StoreOpaque};
use crate::{Engine, Result, ensure};
use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, Ordering};

/// A handle that interrupts the guest of a store from another thread.
///
/// An interrupt is an event for attached hooks ([`Event::Interrupt`](crate::Event::Interrupt)) and
/// for a debugger's handler ([`DebugEvent::Interrupt`](crate::DebugEvent::Interrupt)); the guest
/// then continues. The epoch and its deadlines stay as they are.
///
/// # Example
///
/// ```
/// use burdock::*;
/// struct Stop;
/// impl Hook<()> for Stop {
///     const EVENTS: Events = Events::INTERRUPTS;
///     fn event(&mut self, _: StoreContextMut<'_, ()>, event: Event<'_>) -> Result<()> {
///         match event {
///             Event::Interrupt => bail!("stopped"),
///             _ => Ok(()),
///         }
///     }
/// }
/// let engine = Engine::new(Config::new().epoch_interruption(true))?;
/// let module = Module::new(&engine, r#"(module (func (export "spin") (loop (br 0))))"#)?;
/// let mut store = Store::new(&engine, ());
/// store.set_epoch_deadline(1);
/// store.attach(Filter::new(), Stop);
/// let handle = store.interrupt_handle()?;
/// std::thread::spawn(move || handle.interrupt());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let spin = instance.get_typed_func::<(), ()>(&mut store, "spin")?;
/// assert_eq!(spin.call(&mut store, ()).unwrap_err().root_cause().to_string(), "stopped");
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct InterruptHandle {
    engine: Engine,
    requested: Arc<AtomicBool>,
}

impl InterruptHandle {
    /// Interrupts the store's guest at its next function entry or loop iteration. If no guest runs,
    /// the next one is interrupted. Requests that meet before the guest is interrupted count as
    /// one.
    ///
    /// The guests of one engine can be interrupted 16 million times; later requests do nothing.
    pub fn interrupt(&self) {
        self.requested.store(true, Ordering::Release);
        self.engine.add_interrupt();
    }

    /// Takes back a request that has not interrupted a guest yet.
    pub fn withdraw(&self) {
        self.requested.store(false, Ordering::Release);
    }
}

impl core::fmt::Debug for InterruptHandle {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let requested = self.requested.load(Ordering::Relaxed);
        f.debug_struct("InterruptHandle").field("requested", &requested).finish_non_exhaustive()
    }
}

/// The state of a store's deadline, beside the copy of it that the machine compares.
#[derive(Default)]
pub(crate) struct Deadline {
    /// The deadline, in ticks of the engine.
    ticks: u64,
    /// Set by handles; `None` if there are none.
    requested: Option<Arc<AtomicBool>>,
}

// The machine compares one number of the engine with one of the store. The engine's number has the
// ticks in its lower bits and the interrupts of any of its stores above them, so an interrupt
// exceeds the deadline of every store. Those that it does not concern raise their deadline.
impl StoreOpaque {
    /// Sets the deadline to a number of ticks of the engine.
    pub(super) fn set_deadline(&mut self, ticks: u64) {
        self.deadline.ticks = ticks;
        let interrupts = self.engine().interrupts();
        let (next, at) = (interrupts.saturating_add(1), Engine::moment(interrupts, ticks));
        self.vm.set_epoch_deadline(at.unwrap_or(Engine::moment(next, 0).unwrap_or(u64::MAX)));
    }

    /// Returns `true` if the epoch has reached the deadline.
    pub(super) fn has_reached_deadline(&self) -> bool {
        self.engine().current_epoch() >= self.deadline.ticks
    }

    /// Makes the machine wait for the deadline again, after an interrupt of any store.
    pub(super) fn renew_deadline(&mut self) {
        self.set_deadline(self.deadline.ticks);
    }

    /// Returns `true` if an interrupt has been requested since the last call.
    pub(super) fn take_interrupt(&mut self) -> bool {
        // Guests compare without an ordering. This load sees at least what made the guest stop, and
        // then the request that was made before.
        self.engine().interrupts();
        let requested = self.deadline.requested.as_ref();
        requested.is_some_and(|requested| requested.swap(false, Ordering::Acquire))
    }
}

impl<T: 'static> Store<T> {
    /// Returns a handle that interrupts the store's guests from any thread.
    ///
    /// # Errors
    ///
    /// Fails if [`Config::epoch_interruption`](crate::Config::epoch_interruption) is off, because
    /// guests then check nothing while they run.
    pub fn interrupt_handle(&mut self) -> Result<InterruptHandle> {
        let opaque = &mut self.parts.inner.opaque;
        let engine = opaque.engine().clone();
        ensure!(
            engine.config().epoch_interruption,
            "a guest can be interrupted only with `Config::epoch_interruption`"
        );
        let requested = opaque.deadline.requested.get_or_insert_default().clone();
        Ok(InterruptHandle { engine, requested })
    }
}
