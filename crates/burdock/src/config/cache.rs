//! Wasmtime's cache of compiled code, so that code written for Wasmtime compiles and runs. Burdock
//! translates functions when they are first called and stores nothing.

use super::accepted::accepted;
use crate::Result;
use core::time::Duration;

/// A cache of compiled code in Wasmtime; in Burdock it stores nothing.
///
/// # Example
///
/// ```
/// use burdock::{Cache, CacheConfig, Config};
/// let mut config = Config::new();
/// config.cache(Some(Cache::new(CacheConfig::new())?));
/// # Ok::<(), burdock::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cache(());

impl Cache {
    /// Creates a cache.
    ///
    /// # Errors
    ///
    /// Never fails.
    pub fn new(_: CacheConfig) -> Result<Self> {
        Ok(Self(()))
    }

    /// Creates a cache whose settings are in a file.
    ///
    /// # Errors
    ///
    /// Fails as [`CacheConfig::from_file`] does.
    #[cfg(feature = "std")]
    pub fn from_file(path: Option<&std::path::Path>) -> Result<Self> {
        Self::new(CacheConfig::from_file(path)?)
    }

    /// Returns 0.
    pub fn cache_hits(&self) -> usize {
        0
    }

    /// Returns 0.
    pub fn cache_misses(&self) -> usize {
        0
    }
}

/// The settings of a [`Cache`], which change nothing.
#[derive(Clone, Debug, Default)]
pub struct CacheConfig(());

impl CacheConfig {
    /// Creates the default settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads settings from a file, or takes the default settings if `path` is `None`. The contents
    /// of the file are not looked at.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read.
    #[cfg(feature = "std")]
    pub fn from_file(path: Option<&std::path::Path>) -> Result<Self> {
        use crate::error::Context;
        if let Some(path) = path {
            let message = || alloc::format!("failed to read config file: {}", path.display());
            std::fs::read(path).with_context(message)?;
        }
        Ok(Self::new())
    }

    /// Does nothing; accepted for code that comes from Wasmtime.
    #[cfg(feature = "std")]
    pub fn with_directory(&mut self, _: impl Into<std::path::PathBuf>) -> &mut Self {
        self
    }
}

accepted! { CacheConfig {
    with_worker_event_queue_size(u64),
    with_baseline_compression_level(i32),
    with_optimized_compression_level(i32),
    with_optimized_compression_usage_counter_threshold(u64),
    with_cleanup_interval(Duration),
    with_optimizing_compression_task_timeout(Duration),
    with_allowed_clock_drift_for_files_from_future(Duration),
    with_file_count_soft_limit(u64),
    with_files_total_size_soft_limit(u64),
    with_file_count_limit_percent_if_deleting(u8),
    with_files_total_size_limit_percent_if_deleting(u8),
} }
