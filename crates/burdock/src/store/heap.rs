//! Figures of a store's heap.

use super::{Store, StoreContext, StoreContextMut};
use crate::Caller;
use burdock_core::heap::HeapStatistics;

impl<T: 'static> Store<T> {
    /// Returns the figures of the store's heap: its size, what was allocated and what lives, and
    /// how long collections took.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// let engine = Engine::new(Config::new().wasm_gc(true))?;
    /// let module = Module::new(&engine, r#"(module
    ///     (type $point (struct (field i32 i32)))
    ///     (func (export "make") (param $count i32)
    ///         (loop $more
    ///             (drop (struct.new_default $point))
    ///             (br_if $more (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))))"#)?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let make = instance.get_typed_func::<i32, ()>(&mut store, "make")?;
    /// make.call(&mut store, 300_000)?;
    /// let figures = store.heap_statistics();
    /// assert_eq!(figures.allocated_bytes, 300_000 * 16);
    /// assert!(figures.collections > 0 && figures.live_bytes < 1000);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn heap_statistics(&self) -> HeapStatistics {
        self.parts.inner.opaque.vm.heap().statistics()
    }
}

impl<T: 'static> StoreContext<'_, T> {
    /// Returns the figures of the store's heap; see [`Store::heap_statistics`].
    pub fn heap_statistics(&self) -> HeapStatistics {
        self.0.opaque.vm.heap().statistics()
    }
}

impl<T: 'static> StoreContextMut<'_, T> {
    /// Returns the figures of the store's heap; see [`Store::heap_statistics`].
    pub fn heap_statistics(&self) -> HeapStatistics {
        self.inner.opaque.vm.heap().statistics()
    }
}

impl<T: 'static> Caller<'_, T> {
    /// Returns the figures of the store's heap; see [`Store::heap_statistics`].
    pub fn heap_statistics(&self) -> HeapStatistics {
        self.store.heap_statistics()
    }
}
