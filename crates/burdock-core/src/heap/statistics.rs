//! `HeapStatistics`: what embedders can ask of a heap.

use core::time::Duration;

/// Figures of a store's heap, in which its garbage-collected objects are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeapStatistics {
    /// The number of bytes of addresses that the heap has reserved. It has memory for `heap_bytes`
    /// of them. 0 before the first allocation, and if the heap does not reserve addresses.
    pub reserved_bytes: u64,
    /// The number of bytes that the heap has, free ones included.
    pub heap_bytes: u64,
    /// The number of bytes of all objects allocated so far.
    pub allocated_bytes: u64,
    /// The number of bytes of the objects that the last collection has found.
    pub live_bytes: u64,
    /// The number of objects that the last collection has found.
    pub live_objects: u64,
    /// The number of collections, most of which free only objects that were allocated since the
    /// last one.
    pub collections: u64,
    /// The time that the last collection took; zero without a clock (without the feature `std`).
    pub last_pause: Duration,
    /// The time that the longest collection took.
    pub longest_pause: Duration,
}

/// The outcome of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CollectionReport {
    /// `true` if all objects were looked at; `false` if only those that were allocated since the
    /// collection before.
    pub is_full: bool,
    /// The number of bytes of the objects that there were when the collection began.
    pub bytes_before: u64,
    /// The number of bytes of the objects that are left.
    pub live_bytes: u64,
    /// The number of objects that are left.
    pub live_objects: u64,
    /// The time that the collection took; zero without a clock (without the feature `std`).
    pub pause: Duration,
}

/// The figures that a heap counts.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// The number of bytes in runs and large objects handed out so far, without the parts of runs
    /// in which nothing was allocated. Of the current runs it counts all bytes.
    pub(super) handed_out: u64,
    /// The value of `handed_out` at the end of the last collection.
    pub(super) handed_out_before: u64,
    pub(super) live_bytes: u64,
    pub(super) live_objects: u64,
    pub(super) collections: u64,
    pub(super) last_pause: Duration,
    pub(super) longest_pause: Duration,
}

/// Measures the time of a collection.
#[cfg(feature = "std")]
pub(super) struct Stopwatch(std::time::Instant);

#[cfg(feature = "std")]
impl Stopwatch {
    pub(super) fn start() -> Self {
        Self(std::time::Instant::now())
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Stands for the clock that is missing.
#[cfg(not(feature = "std"))]
pub(super) struct Stopwatch;

#[cfg(not(feature = "std"))]
impl Stopwatch {
    pub(super) fn start() -> Self {
        Self
    }

    pub(super) fn elapsed(&self) -> Duration {
        Duration::ZERO
    }
}
