//! `Engine`: an engine of Burdock with the configuration it was created from.

use crate::Config;
use alloc::sync::{Arc, Weak};
use core::fmt;

/// An engine: the configuration, and what modules and stores share. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    engine: burdock::Engine,
    config: Config,
}

/// An engine that this reference does not keep alive.
#[derive(Clone)]
pub struct EngineWeak {
    inner: Weak<Inner>,
}

impl Engine {
    /// Creates an engine.
    ///
    /// # Panics
    ///
    /// Panics if Burdock's own configuration ([`Config::as_burdock_mut`]) enables what Burdock does
    /// not support. Nothing that wasmi's configuration can say does so.
    pub fn new(config: &Config) -> Self {
        let engine = match burdock::Engine::new(config.as_burdock()) {
            Ok(engine) => engine,
            Err(error) => panic!("unsupported configuration: {error:#}"),
        };
        Self { inner: Arc::new(Inner { engine, config: config.clone() }) }
    }

    /// Returns a reference that does not keep the engine alive.
    pub fn weak(&self) -> EngineWeak {
        EngineWeak { inner: Arc::downgrade(&self.inner) }
    }

    /// Returns the configuration.
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// Returns `true` if both are the same engine.
    pub fn same(a: &Engine, b: &Engine) -> bool {
        Arc::ptr_eq(&a.inner, &b.inner)
    }

    /// Returns Burdock's engine.
    pub fn as_burdock(&self) -> &burdock::Engine {
        &self.inner.engine
    }
}

impl EngineWeak {
    /// Returns the engine, if it still exists.
    pub fn upgrade(&self) -> Option<Engine> {
        Some(Engine { inner: self.inner.upgrade()? })
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::new(&Config::default())
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.engine.fmt(f)
    }
}

impl fmt::Debug for EngineWeak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineWeak").finish_non_exhaustive()
    }
}
