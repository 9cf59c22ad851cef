//! Figures of a store's heap, and its growth at the embedder's wish.

use super::{Notice, Store, StoreContext, StoreContextMut};
use crate::limits::until_answered;
use crate::{AsContextMut, Caller, Result, ensure};
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

    /// Returns the number of bytes that the store's heap has, free ones included.
    ///
    /// Source: Wasmtime's `Store::gc_heap_capacity`.
    pub fn gc_heap_capacity(&self) -> usize {
        self.parts.inner.opaque.vm.heap().len() as usize
    }

    /// Lets the store's heap grow by at least `bytes`. There is no need to: the heap grows when
    /// memory is needed.
    ///
    /// # Errors
    ///
    /// Fails if the store's limiter or a hook fails or the limiter refuses, if the system is out of
    /// memory, or if the heap would be larger than it may be; if the store has an asynchronous
    /// limiter ([`Store::limiter_async`]).
    ///
    /// Source: Wasmtime's `Store::gc_heap_grow`.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// store.gc_heap_grow(1_000_000)?;
    /// assert!(store.gc_heap_capacity() >= 1_000_000);
    /// assert!(store.gc_heap_grow(1 << 32).is_err());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn gc_heap_grow(&mut self, bytes: u64) -> Result<()> {
        self.as_context_mut().gc_heap_grow(bytes)
    }

    /// Lets the heap grow; see [`Store::gc_heap_grow`]. Waits for the store's limiter if that is
    /// asynchronous.
    ///
    /// # Errors
    ///
    /// Fails as [`Store::gc_heap_grow`] does.
    pub async fn gc_heap_grow_async(&mut self, bytes: u64) -> Result<()> {
        self.as_context_mut().gc_heap_grow_async(bytes).await
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

    /// Returns the number of bytes that the store's heap has; see [`Store::gc_heap_capacity`].
    pub fn gc_heap_capacity(&self) -> usize {
        self.inner.opaque.vm.heap().len() as usize
    }

    /// Lets the heap grow; see [`Store::gc_heap_grow`].
    ///
    /// # Errors
    ///
    /// Fails as [`Store::gc_heap_grow`] does.
    pub fn gc_heap_grow(&mut self, bytes: u64) -> Result<()> {
        self.inner.ensure_immediate_limiter()?;
        self.try_heap_grow(bytes)
    }

    /// Lets the heap grow, or fails with a question to an asynchronous limiter.
    fn try_heap_grow(&mut self, bytes: u64) -> Result<()> {
        let wanted = u32::try_from(bytes).unwrap_or(u32::MAX);
        let [old, new] = self.inner.heap_grow(wanted)?;
        self.report_growth(Notice::HeapGrown(old, new))?;
        ensure!(new - old >= bytes, "the heap cannot grow by {bytes} bytes");
        Ok(())
    }

    /// Lets the heap grow; see [`Store::gc_heap_grow`]. Waits for the store's limiter if that is
    /// asynchronous.
    ///
    /// # Errors
    ///
    /// Fails as [`Store::gc_heap_grow`] does.
    pub async fn gc_heap_grow_async(&mut self, bytes: u64) -> Result<()> {
        until_answered(self, |store| store.try_heap_grow(bytes)).await
    }
}

impl<T: 'static> Caller<'_, T> {
    /// Returns the figures of the store's heap; see [`Store::heap_statistics`].
    pub fn heap_statistics(&self) -> HeapStatistics {
        self.store.heap_statistics()
    }

    /// Returns the number of bytes that the store's heap has; see [`Store::gc_heap_capacity`].
    pub fn gc_heap_capacity(&self) -> usize {
        self.store.gc_heap_capacity()
    }
}
