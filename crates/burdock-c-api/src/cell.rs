//! `StoreCell`: a store that C programs share, and who is using it at the moment.

use std::cell::{Cell, UnsafeCell};
use std::collections::HashMap;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use burdock::{
    AsContextMut, Caller, Engine, Store, StoreContextMut, StoreLimits, StoreLimitsBuilder,
};

use crate::abi::{Payload, fail};

/// A store with the state that its C programs need.
///
/// C programs use a store from within callbacks while the call that led there goes on. The cell
/// therefore remembers through which borrow of the store the callback may use it.
pub(crate) struct StoreCell {
    /// The store's number in C structures; 0 is no store.
    id: u64,
    current: Cell<Current>,
    /// Set while a function of this library uses the store and no callback of the embedder runs.
    busy: Cell<bool>,
    store: UnsafeCell<Store<Data>>,
}

/// The borrow through which functions use the store.
#[derive(Copy, Clone, PartialEq, Eq)]
pub(crate) enum Current {
    /// The store itself: no callback is running.
    Store,
    /// A host function is running.
    Caller(NonNull<Caller<'static, Data>>),
    /// A hook or another callback is running.
    Context(NonNull<StoreContextMut<'static, Data>>),
}

// SAFETY: [HEADER] the headers say that a store is used by one thread at a time.
unsafe impl Send for StoreCell {}
// SAFETY: [HEADER] as for `Send`.
unsafe impl Sync for StoreCell {}

/// The data of a store.
pub(crate) struct Data {
    cell: Weak<StoreCell>,
    /// The embedder's data.
    pub(crate) payload: Payload,
    pub(crate) limits: StoreLimits,
    #[cfg(feature = "wasi")]
    pub(crate) wasi: Option<burdock_wasi::WasiP1Ctx>,
    /// What `wasm.h` attaches to entities, by kind and number.
    pub(crate) host_infos: HashMap<(u8, u64), Payload>,
}

impl Data {
    /// Returns the cell of the store with this data.
    pub(crate) fn cell(&self) -> Arc<StoreCell> {
        self.cell.upgrade().expect("the store is in the cell")
    }

    #[cfg(feature = "wasi")]
    pub(crate) fn wasi(&mut self) -> &mut burdock_wasi::WasiP1Ctx {
        self.wasi.get_or_insert_with(|| burdock_wasi::WasiCtxBuilder::new().build())
    }
}

impl StoreCell {
    /// Creates a store.
    pub(crate) fn new(engine: &Engine, payload: Payload, unlimited: bool) -> Arc<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let mut limits = StoreLimitsBuilder::new();
        if unlimited {
            limits = limits.instances(usize::MAX).tables(usize::MAX).memories(usize::MAX);
        }
        Arc::new_cyclic(|cell| {
            let data = Data {
                cell: cell.clone(),
                payload,
                limits: limits.build(),
                #[cfg(feature = "wasi")]
                wasi: None,
                host_infos: HashMap::new(),
            };
            let mut store = Store::new(engine, data);
            store.limiter(|data| &mut data.limits);
            Self {
                id: NEXT.fetch_add(1, Ordering::Relaxed),
                current: Cell::new(Current::Store),
                busy: Cell::new(false),
                store: UnsafeCell::new(store),
            }
        })
    }

    /// Returns the number that structures of C have for this store.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// Ends the process if something is using the store.
    pub(crate) fn assert_idle(&self, function: &str) {
        if self.busy.get() || self.current.get() != Current::Store {
            fail(&format!("{function}: the store is in use"));
        }
    }

    /// Uses the store.
    #[inline]
    pub(crate) fn with<R>(&self, call: impl FnOnce(StoreContextMut<'_, Data>) -> R) -> R {
        let _busy = self.begin();
        match self.current.get() {
            Current::Store => {
                // SAFETY: [OWN] no borrow is active: `begin` has checked it.
                let store = unsafe { &mut *self.store.get() };
                call(store.as_context_mut())
            }
            Current::Caller(mut caller) => {
                // SAFETY: [OWN] the caller is borrowed to the callback that calls this function.
                let caller = unsafe { caller.as_mut() };
                call(caller.as_context_mut())
            }
            Current::Context(mut context) => {
                // SAFETY: [OWN] the context is borrowed to the callback that calls this function.
                let context = unsafe { context.as_mut() };
                call(context.as_context_mut())
            }
        }
    }

    /// Uses the store itself, which only functions need that callbacks may not call.
    pub(crate) fn with_store<R>(
        &self,
        function: &str,
        call: impl FnOnce(&mut Store<Data>) -> R,
    ) -> R {
        self.assert_idle(function);
        let _busy = self.begin();
        // SAFETY: [OWN] no borrow is active: both checks above have passed.
        call(unsafe { &mut *self.store.get() })
    }

    /// Uses the caller of the host function that is running, if `current` still is that caller.
    pub(crate) fn with_caller<R>(
        &self,
        current: Current,
        call: impl FnOnce(&mut Caller<'_, Data>) -> R,
    ) -> Option<R> {
        let Current::Caller(mut caller) = current else { return None };
        if self.current.get() != current {
            return None;
        }
        let _busy = self.begin();
        // SAFETY: [OWN] the caller is borrowed to the callback that calls this function.
        let caller = unsafe { caller.as_mut() };
        Some(call(caller))
    }

    /// Takes the store for a call that goes on for a while. Until the result is dropped, only
    /// callbacks of this call can use the store.
    pub(crate) fn hold(&self, function: &str) -> Held {
        self.assert_idle(function);
        let cell = self.with(|store| store.data().cell());
        self.busy.set(true);
        Held(cell)
    }

    /// Marks the store as used until the result is dropped.
    fn begin(&self) -> Busy<'_> {
        if self.busy.replace(true) {
            fail("a store was used from a finalizer or by two threads at a time");
        }
        Busy(self)
    }

    /// Lends the store to a callback of the embedder, whose call `call` is.
    pub(crate) fn lend_caller<R>(
        &self,
        caller: &mut Caller<'_, Data>,
        call: impl FnOnce(Current) -> R,
    ) -> R {
        self.lend(Current::Caller(NonNull::from(caller).cast()), call)
    }

    /// Lends the store to a callback of the embedder that is no host function.
    pub(crate) fn lend_context<R>(
        &self,
        mut context: StoreContextMut<'_, Data>,
        call: impl FnOnce() -> R,
    ) -> R {
        self.lend(Current::Context(NonNull::from(&mut context).cast()), |_| call())
    }

    fn lend<R>(&self, current: Current, call: impl FnOnce(Current) -> R) -> R {
        let _lent = Lent {
            cell: self,
            current: self.current.replace(current),
            busy: self.busy.replace(false),
        };
        crate::abi::guarded(|| call(current))
    }
}

/// The use of a store by a call that goes on for a while.
pub(crate) struct Held(Arc<StoreCell>);

impl Held {
    pub(crate) fn cell(&self) -> &Arc<StoreCell> {
        &self.0
    }

    pub(crate) fn store(&mut self) -> &mut Store<Data> {
        // SAFETY: [OWN] no borrow is active: the cell stays marked as used while this value lives.
        unsafe { &mut *self.0.store.get() }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.busy.set(false);
    }
}

impl Drop for StoreCell {
    /// Marks the store as used, so that finalizers that use it are noticed.
    fn drop(&mut self) {
        self.busy.set(true);
    }
}

/// Ends the use of a store.
struct Busy<'c>(&'c StoreCell);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.busy.set(false);
    }
}

/// Gives the store back to the function from which a callback was called.
struct Lent<'c> {
    cell: &'c StoreCell,
    current: Current,
    busy: bool,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.cell.current.set(self.current);
        self.cell.busy.set(self.busy);
    }
}
