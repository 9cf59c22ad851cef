//! The version of serialized modules.

use super::Config;
use crate::{Result, ensure};
use alloc::string::String;

/// The version that an engine writes into serialized modules, and reads.
///
/// Source: Wasmtime's `ModuleVersionStrategy`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ModuleVersionStrategy {
    /// Burdock's. The name is Wasmtime's, for its own.
    #[default]
    WasmtimeVersion,
    /// This one.
    Custom(String),
    /// None is written, and any is read.
    None,
}

impl ModuleVersionStrategy {
    /// Returns the version; `None` if any is read.
    pub(crate) fn version(&self) -> Option<&str> {
        match self {
            Self::WasmtimeVersion => Some(env!("CARGO_PKG_VERSION")),
            Self::Custom(version) => Some(version),
            Self::None => None,
        }
    }
}

impl Config {
    /// Sets the version that [`Module::serialize`](crate::Module::serialize) writes, and without
    /// which [`Module::deserialize`](crate::Module::deserialize) refuses a module. Burdock's by
    /// default.
    ///
    /// Source: Wasmtime's `Config::module_version`.
    ///
    /// # Errors
    ///
    /// Fails if the version has more than 255 bytes.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// let mut config = Config::new();
    /// config.module_version(ModuleVersionStrategy::Custom("7".into()))?;
    /// let bytes = Module::new(&Engine::new(&config)?, "(module)")?.serialize()?;
    /// let error = Module::deserialize(&Engine::default(), &bytes).unwrap_err();
    /// assert!(error.to_string().starts_with("the module was serialized by version 7"));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn module_version(&mut self, strategy: ModuleVersionStrategy) -> Result<&mut Self> {
        let len = strategy.version().map_or(0, str::len);
        ensure!(len <= 255, "a module version has at most 255 bytes, and this one has {len}");
        self.module_version = strategy;
        Ok(self)
    }
}
