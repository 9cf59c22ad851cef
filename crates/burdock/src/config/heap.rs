//! The settings of the garbage-collected heap that each store has.

use super::Config;
use burdock_core::heap::{HeapConfig, MAX_BYTES};

/// The garbage collector of an engine's stores.
///
/// Source: Wasmtime's `Collector`.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut config = Config::new();
/// config.collector(Collector::Null);
/// let mut store = Store::new(&Engine::new(&config)?, ());
/// {
///     let mut scope = RootScope::new(&mut store);
///     ExternRef::new(&mut scope, "garbage")?;
/// }
/// store.gc(None)?;
/// assert_eq!(store.heap_statistics().collections, 0);
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Collector {
    /// The collector that docs/GC.md describes.
    #[default]
    Auto,
    /// Accepted for code that comes from Wasmtime; the same as [`Auto`](Self::Auto).
    DeferredReferenceCounting,
    /// No garbage is collected. When the heap cannot grow any more, allocation fails.
    Null,
    /// Accepted for code that comes from Wasmtime; the same as [`Auto`](Self::Auto).
    Copying,
}

/// The settings of an embedder. The heap's configuration follows from all settings together.
#[derive(Copy, Clone, Debug)]
pub(crate) struct HeapSettings {
    collector: Collector,
    initial_size: u64,
    reservation: u64,
    reservation_for_growth: u64,
    may_move: bool,
    /// `true` to collect before each allocation.
    pub(super) collect_always: bool,
}

impl Default for HeapSettings {
    fn default() -> Self {
        Self {
            collector: Collector::Auto,
            initial_size: 0,
            reservation: u64::MAX,
            reservation_for_growth: 0,
            may_move: true,
            collect_always: false,
        }
    }
}

impl HeapSettings {
    pub(crate) fn heap_config(&self) -> HeapConfig {
        let clamp = |bytes: u64| u32::try_from(bytes).unwrap_or(u32::MAX).min(MAX_BYTES);
        let in_place = self.reservation.max(self.initial_size);
        HeapConfig {
            reserve: self.reservation > 0,
            initial_bytes: clamp(self.initial_size),
            max_bytes: if self.may_move || self.reservation == 0 {
                MAX_BYTES
            } else {
                clamp(in_place)
            },
            room_for_growth: clamp(if self.may_move {
                self.reservation_for_growth
            } else {
                self.reservation_for_growth.max(self.reservation)
            }),
            may_move: self.may_move,
            collect: self.collector != Collector::Null,
            stress: self.collect_always,
            ..HeapConfig::default()
        }
    }
}

impl Config {
    /// Sets whether modules and the embedder may use references and objects. On by default.
    ///
    /// If this is off, modules that mention a reference type beside `funcref`, or a tag, are
    /// refused, and making an object in the host fails. Stores then never have a heap.
    ///
    /// Source: Wasmtime's `Config::gc_support`.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// let engine = Engine::new(Config::new().gc_support(false))?;
    /// assert!(Module::new(&engine, "(module (func (param externref)))").is_err());
    /// assert!(ExternRef::new(&mut Store::new(&engine, ()), "value").is_err());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn gc_support(&mut self, enable: bool) -> &mut Self {
        self.features.gc_types = enable;
        self
    }

    /// Selects the garbage collector. There is one, which [`Collector::Null`] turns off.
    pub fn collector(&mut self, collector: Collector) -> &mut Self {
        self.heap.collector = collector;
        self
    }

    /// Sets the size in bytes of a store's heap when the first object is made. The heap grows from
    /// there, and nothing is collected before as many bytes have been allocated. 0 by default: the
    /// heap grows in small steps.
    ///
    /// Memory that has not been used is not taken from the system. The size is rounded up to 64
    /// KiB. If the store's limiter refuses it, the heap begins with what the object needs.
    ///
    /// Source: Wasmtime's `Config::gc_heap_initial_size`.
    pub fn gc_heap_initial_size(&mut self, bytes: u64) -> &mut Self {
        self.heap.initial_size = bytes;
        self
    }

    /// Sets how far a store's heap can grow in place, in bytes.
    ///
    /// Unless it is 0, addresses for the largest heap are reserved, 4 GiB, where the system has
    /// enough: native handlers need either all of them or none. By default they are. The number
    /// matters if the heap may not move ([`Config::gc_heap_may_move`]).
    ///
    /// Source: Wasmtime's `Config::gc_heap_reservation`.
    pub fn gc_heap_reservation(&mut self, bytes: u64) -> &mut Self {
        self.heap.reservation = bytes;
        self
    }

    /// Does nothing; accepted for code that comes from Wasmtime. Reserved addresses always end in a
    /// guard of 64 KiB, and accesses to a heap without them are checked.
    pub fn gc_heap_guard_size(&mut self, _bytes: u64) -> &mut Self {
        self
    }

    /// Sets by how many bytes a heap without reserved addresses can grow before it moves to another
    /// place again. 0 by default.
    ///
    /// Source: Wasmtime's `Config::gc_heap_reservation_for_growth`.
    pub fn gc_heap_reservation_for_growth(&mut self, bytes: u64) -> &mut Self {
        self.heap.reservation_for_growth = bytes;
        self
    }

    /// Sets whether a heap may move to another place when it grows. On by default. Objects keep
    /// their identity, and guests do not notice.
    ///
    /// If this is off, a heap grows to the greater of [`Config::gc_heap_reservation`] and
    /// [`Config::gc_heap_initial_size`]. After that allocations fail. Where the system has too few
    /// addresses to reserve, the heap takes as much room as that when the first object is made, or
    /// the largest part of it that there is. With a reservation of 0 it can grow by
    /// [`Config::gc_heap_reservation_for_growth`] beyond its size at the first object.
    ///
    /// Source: Wasmtime's `Config::gc_heap_may_move`.
    pub fn gc_heap_may_move(&mut self, enable: bool) -> &mut Self {
        self.heap.may_move = enable;
        self
    }
}
