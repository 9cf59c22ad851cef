//! Clocks a guest reads: the host's, or a virtual one that makes runs repeatable.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// The time of day, as Wasmtime's trait of that name.
///
/// ```
/// use burdock_wasi::{HostWallClock, WasiCtxBuilder};
/// use std::time::Duration;
///
/// /// Always noon on the first of January 1970.
/// struct Noon;
///
/// impl HostWallClock for Noon {
///     fn resolution(&self) -> Duration {
///         Duration::from_secs(1)
///     }
///     fn now(&self) -> Duration {
///         Duration::from_secs(12 * 60 * 60)
///     }
/// }
///
/// let ctx = WasiCtxBuilder::new().wall_clock(Noon).build();
/// ```
pub trait HostWallClock: Send + Sync + 'static {
    /// Returns the smallest step of the clock.
    fn resolution(&self) -> Duration;
    /// Returns the time since 1970-01-01 00:00 UTC.
    fn now(&self) -> Duration;
}

/// A clock that never goes back, as Wasmtime's trait of that name, plus the waiting on it.
///
/// ```
/// use burdock_wasi::{HostMonotonicClock, WasiCtxBuilder};
/// use std::time::Instant;
///
/// /// The host's clock with the resolution of a millisecond.
/// struct Coarse(Instant);
///
/// impl HostMonotonicClock for Coarse {
///     fn resolution(&self) -> u64 {
///         1_000_000
///     }
///     fn now(&self) -> u64 {
///         self.0.elapsed().as_millis() as u64 * 1_000_000
///     }
/// }
///
/// let ctx = WasiCtxBuilder::new().monotonic_clock(Coarse(Instant::now())).build();
/// ```
pub trait HostMonotonicClock: Send + Sync + 'static {
    /// Returns the smallest step of the clock, in nanoseconds.
    fn resolution(&self) -> u64;
    /// Nanoseconds since some point before the guest started.
    fn now(&self) -> u64;
    /// Lets `duration` pass. The default puts the thread to sleep.
    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
    /// Returns `true` if time passes by itself. If not, a wait for a descriptor with a timeout
    /// checks the descriptor once and then lets the time pass with [`sleep`](Self::sleep).
    fn runs_by_itself(&self) -> bool {
        true
    }
}

/// The host's time of day.
pub(crate) struct SystemWallClock;

impl HostWallClock for SystemWallClock {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }

    fn now(&self) -> Duration {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
    }
}

/// The host's monotonic clock, counted from when the context was built.
pub(crate) struct SystemMonotonicClock {
    start: Instant,
}

impl SystemMonotonicClock {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl HostMonotonicClock for SystemMonotonicClock {
    fn resolution(&self) -> u64 {
        1
    }

    fn now(&self) -> u64 {
        nanos(self.start.elapsed())
    }
}

/// A clock on which time passes only by being looked at and by waiting: the same run reads the same
/// times. Clones show the same time.
///
/// ```
/// use burdock_wasi::{HostMonotonicClock, HostWallClock, VirtualClock};
/// use std::time::Duration;
///
/// let clock = VirtualClock::new(Duration::from_secs(1_000)).step(Duration::from_nanos(5));
/// assert_eq!(HostMonotonicClock::now(&clock), 0);
/// assert_eq!(HostMonotonicClock::now(&clock), 5);
/// clock.sleep(Duration::from_secs(3));
/// assert_eq!(HostWallClock::now(&clock), Duration::new(1_003, 10));
/// ```
#[derive(Clone, Debug)]
pub struct VirtualClock {
    passed: Arc<AtomicU64>,
    step: u64,
    wall_start: Duration,
}

impl VirtualClock {
    /// Creates a clock whose time of day starts `wall_start` after 1970-01-01 00:00 UTC, and whose
    /// monotonic time starts at zero. Each reading advances the clock by a microsecond.
    pub fn new(wall_start: Duration) -> Self {
        Self { passed: Arc::default(), step: 1_000, wall_start }
    }

    /// Sets how much time passes with each look. With zero, a guest that spins until some time has
    /// passed spins forever.
    pub fn step(mut self, step: Duration) -> Self {
        self.step = nanos(step);
        self
    }

    fn tick(&self) -> u64 {
        self.passed.fetch_add(self.step, Ordering::Relaxed)
    }
}

impl HostWallClock for VirtualClock {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }

    fn now(&self) -> Duration {
        self.wall_start.saturating_add(Duration::from_nanos(self.tick()))
    }
}

impl HostMonotonicClock for VirtualClock {
    fn resolution(&self) -> u64 {
        1
    }

    fn now(&self) -> u64 {
        self.tick()
    }

    fn sleep(&self, duration: Duration) {
        let add = |passed: u64| Some(passed.saturating_add(nanos(duration)));
        // The closure never says no, so neither does the update.
        let _ = self.passed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    fn runs_by_itself(&self) -> bool {
        false
    }
}

/// Returns `duration` in nanoseconds, saturating at 584 years.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
