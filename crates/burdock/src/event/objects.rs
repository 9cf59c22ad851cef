//! Events of objects: allocations and collections.

use burdock_core::heap::CollectionReport;
use core::time::Duration;

/// An allocation of an object.
///
/// # Example
///
/// ```
/// use burdock::*;
/// struct Bytes;
/// impl Hook<u64> for Bytes {
///     const EVENTS: Events = Events::ALLOCATIONS;
///     fn event(&mut self, mut store: StoreContextMut<'_, u64>, event: Event<'_>) -> Result<()> {
///         if let Event::Allocate(allocation) = event {
///             *store.data_mut() += allocation.bytes;
///         }
///         Ok(())
///     }
/// }
/// let mut store = Store::new(&Engine::default(), 0);
/// store.attach(Filter::new(), Bytes);
/// let module = Module::new(store.engine(), r#"(module
///     (type $bytes (array (mut i8)))
///     (func (export "f") (drop (array.new_default $bytes (i32.const 100)))))"#)?;
/// let instance = Instance::new(&mut store, &module, &[])?;
/// instance.get_typed_func::<(), ()>(&mut store, "f")?.call(&mut store, ())?;
/// assert_eq!(*store.data(), 112);
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// The index of the object's type in the module.
    pub ty: u32,
    /// The number of elements of an array; `None` for a structure.
    pub len: Option<u32>,
    /// The number of bytes of the object.
    pub bytes: u64,
}

/// A collection of garbage that is over.
///
/// # Example
///
/// ```
/// use burdock::*;
/// struct Freed;
/// impl Hook<u64> for Freed {
///     const EVENTS: Events = Events::COLLECTIONS;
///     fn event(&mut self, mut store: StoreContextMut<'_, u64>, event: Event<'_>) -> Result<()> {
///         if let Event::Collected(collection) = event {
///             *store.data_mut() += collection.freed_bytes();
///         }
///         Ok(())
///     }
/// }
/// let mut store = Store::new(&Engine::default(), 0);
/// store.attach(Filter::new(), Freed);
/// let module = Module::new(store.engine(), r#"(module
///     (type $bytes (array (mut i8)))
///     (func (export "f") (drop (array.new_default $bytes (i32.const 100)))))"#)?;
/// let instance = Instance::new(&mut store, &module, &[])?;
/// instance.get_typed_func::<(), ()>(&mut store, "f")?.call(&mut store, ())?;
/// store.gc(None)?;
/// assert_eq!(*store.data(), 112);
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Collection {
    /// `true` if all objects were looked at; `false` if only those were that were allocated since
    /// the collection before.
    pub is_full: bool,
    /// The number of bytes of all objects when the collection began.
    pub bytes_before: u64,
    /// The number of bytes of the objects that are left.
    pub live_bytes: u64,
    /// The number of objects that are left.
    pub live_objects: u64,
    /// The time that the collection took; zero without a clock (without the feature `std`).
    pub pause: Duration,
}

impl Collection {
    /// Returns the number of bytes that were freed.
    pub fn freed_bytes(&self) -> u64 {
        self.bytes_before.saturating_sub(self.live_bytes)
    }
}

impl From<CollectionReport> for Collection {
    fn from(report: CollectionReport) -> Self {
        let CollectionReport { is_full, bytes_before, live_bytes, live_objects, pause, .. } =
            report;
        Self { is_full, bytes_before, live_bytes, live_objects, pause }
    }
}
