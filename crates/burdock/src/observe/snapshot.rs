//! `Snapshot`: the state of a guest at an event, together with all that guests of its store can
//! change. A guest can be continued from a snapshot any number of times.

use crate::func::{check_outputs, resume_snapshot};
use crate::store::StoreId;
use crate::{AsContextMut, Error, Func, Result, ResumableCall, StoreContextMut, Val, format_err};
use core::fmt;

/// The state of a guest at an event, and the state that guests of its store can change: frames,
/// memories, tables, globals, segments, objects, fuel.
///
/// A snapshot does not include the embedder's state (the store's data, the effects of host
/// functions) nor anything added to the store since: instances, entities and hooks stay as they
/// are. While a snapshot exists, its objects remain in the store's heap, which they may fill, and
/// no host value is dropped to which guests have had references ([`Store::gc`](crate::Store::gc)).
///
/// # Example
///
/// ```
/// use burdock::*;
///
/// /// Takes a snapshot before each addition.
/// #[derive(Default)]
/// struct Keep(Vec<Snapshot>);
///
/// impl Hook<()> for Keep {
///     const EVENTS: Events = Events::INSTRUCTIONS;
///
///     fn event(&mut self, mut store: StoreContextMut<'_, ()>, _: Event<'_>) -> Result<()> {
///         let snapshot = store.snapshot(self.0.last())?;
///         self.0.push(snapshot);
///         Ok(())
///     }
/// }
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module
///     (global $sum (export "sum") (mut i32) (i32.const 0))
///     (func (export "add") (param i32)
///         (global.set $sum (i32.add (global.get $sum) (local.get 0)))))"#)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let add = instance.get_typed_func::<i32, ()>(&mut store, "add")?;
/// let sum = instance.get_global(&mut store, "sum").unwrap();
/// let offset = module.debug_bytecode().unwrap().iter().rposition(|byte| *byte == 0x6a).unwrap();
/// let keep = store.attach(Filter::new().offset(offset as u32), Keep::default());
/// add.call(&mut store, 20)?;
/// add.call(&mut store, 3)?;
/// assert_eq!(sum.get(&mut store).unwrap_i32(), 23);
/// let kept = store.detach(keep).unwrap().0;
/// // The first addition once more: what came after it has not happened.
/// kept[0].resume(&mut store, &mut [])?;
/// assert_eq!(sum.get(&mut store).unwrap_i32(), 20);
/// # Ok::<(), Error>(())
/// ```
pub struct Snapshot {
    store: StoreId,
    raw: burdock_core::Snapshot,
    /// The store's remaining fuel.
    fuel: u64,
}

impl<T: 'static> StoreContextMut<'_, T> {
    /// Takes a snapshot of the guest, in a hook that handles an event in a guest's code. Memory
    /// that has not changed since an `earlier` snapshot of this store is shared with that snapshot.
    /// Garbage is collected, so that the snapshot contains only objects that live.
    ///
    /// # Errors
    ///
    /// Fails if no guest is at an event in its code, if the guest was called by a host function
    /// that another guest called (the host's state in between cannot be saved), or if the system is
    /// out of memory. Fails with the error of another hook that is told of the collection.
    ///
    /// # Panics
    ///
    /// Panics if `earlier` belongs to another store.
    pub fn snapshot(&mut self, earlier: Option<&Snapshot>) -> Result<Snapshot> {
        let store = self.id();
        let earlier = earlier.map(|earlier| {
            earlier.store.assert_same(store);
            &earlier.raw
        });
        let raw = self.opaque().vm.snapshot(earlier).map_err(Error::new)?.ok_or_else(|| {
            format_err!(
                "a snapshot can be taken only of a guest that is at an event in its code, and that no \
                 other guest waits for"
            )
        })?;
        let snapshot = Snapshot { store, raw, fuel: self.inner.opaque.all_fuel() };
        self.report_collections()?;
        Ok(snapshot)
    }
}

impl Snapshot {
    /// Restores the state that guests can change and continues the guest as a resumable call. The
    /// guest arrives at the event again, and the event is delivered again.
    ///
    /// # Errors
    ///
    /// Fails if the number of `outputs` is not that of the results of the function that was called,
    /// there is no room for the memories' bytes, or the call fails.
    ///
    /// # Panics
    ///
    /// Panics if the snapshot is of another store.
    pub fn resume(
        &self,
        mut store: impl AsContextMut,
        outputs: &mut [Val],
    ) -> Result<ResumableCall> {
        let mut store = store.as_context_mut();
        self.store.assert_same(store.id());
        let func = self.func();
        check_outputs(&func.ty(&store), outputs)?;
        let paused = store.opaque().vm.restore(&self.raw).map_err(Error::new)?;
        store.opaque().put_fuel(self.fuel);
        resume_snapshot(store, func, paused, outputs)
    }

    /// Returns the function that the embedder called, or the one that replaced it by tail calls,
    /// which has the same results.
    pub fn func(&self) -> Func {
        Func::from_addr(self.store, self.raw.func())
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").finish_non_exhaustive()
    }
}
