//! `Store`: the owner of instances, functions, memories, tables and globals, and of the embedder's
//! data. Handles can only be used with their own store.

mod allocate;
mod census;
mod context;
mod grow;
mod heap;
mod host;
mod interrupt;
mod interrupt_handle;
mod opaque;
mod vtable;

pub use census::{Holder, LiveType, RootKind};
pub use context::{AsContext, AsContextMut, StoreContext, StoreContextMut, StoreHookState};
pub(crate) use host::RunHooks;
pub use interrupt::UpdateDeadline;
pub(crate) use interrupt::Yielding;
pub use interrupt_handle::InterruptHandle;
pub(crate) use opaque::{InstanceData, StoreId, StoreOpaque, Unpooled};
pub(crate) use vtable::{AtSite, CallSuspendable, Ended, Notice, StoreVTable, Yields};

use crate::func::Hosts;
use crate::limits::{InData, Limiter};
use crate::observe::{OwnHook, StoreHooks};
use crate::{DataLimiter, Engine, NoHook, ResourceLimiter, Result};
use alloc::boxed::Box;
use core::fmt;
use interrupt::EpochBehavior;

/// The state of a running program, with the embedder's data of type `T`.
///
/// Everything made in a store lives until the store is dropped.
///
/// # Example
///
/// ```
/// use burdock::{Engine, Store};
/// let mut store = Store::new(&Engine::default(), 1);
/// *store.data_mut() += 1;
/// assert_eq!(store.into_data(), 2);
/// ```
pub struct Store<T: 'static> {
    pub(crate) parts: Box<Parts<T>>,
}

/// Host functions are separate from the other fields, so that one can be called while it has `&mut`
/// of these.
#[repr(C)] // See `StoreInner`.
pub(crate) struct Parts<T: 'static> {
    pub(crate) hosts: Hosts<T>,
    pub(crate) inner: StoreInner<T>,
}

/// All parts of a store except its host functions.
//
// What only hooks need comes last, so that all else lies at the same place in a build without
// hooks. `cargo xtask hookfree` compares such a build with this one: where fields lie decides which
// addresses a function keeps in registers, which was up to four instructions in 1,400.
#[repr(C)]
pub(crate) struct StoreInner<T: 'static> {
    pub(crate) opaque: StoreOpaque,
    pub(crate) limiter: Option<Limiter<T>>,
    pub(crate) epoch: EpochBehavior<T>,
    pub(crate) data: T,
    pub(crate) vtable: StoreVTable<T>,
    pub(crate) hooks: StoreHooks<T>,
}

impl<T: 'static> Store<T> {
    /// Creates an empty store.
    pub fn new(engine: &Engine, data: T) -> Self {
        // Allocated before the parts are made, so that each is written to its place at once. With
        // `Box::new`, they are made on the stack and copied.
        let place = Box::new_uninit();
        let inner = StoreInner {
            opaque: StoreOpaque::new(engine),
            vtable: StoreVTable::of::<OwnHook<NoHook>>(),
            hooks: StoreHooks::NONE,
            limiter: None,
            epoch: EpochBehavior::Trap,
            data,
        };
        let parts = Box::write(place, Parts { inner, hosts: Hosts::new() });
        let mut store = Self { parts };
        store.parts.inner.opaque.vm.forget_jumps();
        // Once for a store, so that no instantiation asks for it.
        if engine.config().guest_debug {
            crate::observe::prepare_for_debugger(&mut store.as_context_mut());
        }
        store
    }

    /// Creates an empty store; never fails in Burdock.
    ///
    /// # Errors
    ///
    /// Never fails.
    pub fn try_new(engine: &Engine, data: T) -> Result<Self> {
        Ok(Self::new(engine, data))
    }

    /// Returns the engine.
    pub fn engine(&self) -> &Engine {
        self.parts.inner.opaque.engine()
    }

    /// Returns the embedder's data.
    pub fn data(&self) -> &T {
        &self.parts.inner.data
    }

    /// Returns a mutable reference to the embedder's data.
    pub fn data_mut(&mut self) -> &mut T {
        &mut self.parts.inner.data
    }

    /// Drops the store and returns the data.
    pub fn into_data(self) -> T {
        self.parts.inner.data
    }

    /// Sets a limiter, which is part of the data. The limiter is asked before memories or tables
    /// grow, and before instances, tables or memories are added.
    pub fn limiter(
        &mut self,
        limiter: impl (FnMut(&mut T) -> &mut (dyn ResourceLimiter)) + Send + Sync + 'static,
    ) {
        self.data_limiter(InData(limiter));
    }

    /// Sets a limiter that decides with the data at hand. A second call of this method or of
    /// [`limiter`](Self::limiter) replaces the first limiter.
    pub fn data_limiter(&mut self, mut limiter: impl DataLimiter<T>) {
        let counts = limiter.counts(&mut self.parts.inner.data);
        self.parts.inner.opaque.set_count_limits(counts);
        self.parts.inner.limiter = Some(Limiter::Data(Box::new(limiter)));
    }
}

impl<T: Default + 'static> Default for Store<T> {
    fn default() -> Self {
        Self::new(&Engine::default(), T::default())
    }
}

impl<T: fmt::Debug> fmt::Debug for Store<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("data", &self.parts.inner.data).finish_non_exhaustive()
    }
}
