//! Modules in a form that an engine has prepared. There is no machine code to keep: the form is
//! the module's binary behind a header that says who made it, and reading it validates the binary
//! again, so that bytes from anywhere do no harm.

use super::Module;
use crate::{CompilationMode, Config, Engine, Result, bail, ensure};
use alloc::format;
use alloc::vec::Vec;
use burdock_parse::Validation;

/// The magic number of the serialized form; no module's binary begins with it.
const MAGIC: &[u8; 8] = b"\0burdock";

/// The contents of precompiled bytes.
///
/// Source: Wasmtime's `Precompiled`.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let engine = Engine::default();
/// let bytes = Module::new(&engine, "(module)")?.serialize()?;
/// assert_eq!(Engine::detect_precompiled(&bytes), Some(Precompiled::Module));
/// assert_eq!(Engine::detect_precompiled(b"\0asm"), None);
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Precompiled {
    /// A module.
    Module,
    /// A component; Burdock has none.
    Component,
}

impl Module {
    /// Returns the module in a form that [`Module::deserialize`] reads.
    ///
    /// # Errors
    ///
    /// Never fails.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::{Engine, Module, Precompiled};
    /// let engine = Engine::default();
    /// let bytes = Module::new(&engine, r#"(module (func (export "f")))"#)?.serialize()?;
    /// assert_eq!(Engine::detect_precompiled(&bytes), Some(Precompiled::Module));
    /// let module = Module::deserialize(&engine, &bytes)?;
    /// assert!(module.get_export("f").is_some());
    /// # Ok::<(), burdock::Error>(())
    /// ```
    pub fn serialize(&self) -> Result<Vec<u8>> {
        Ok(wrap(self.engine(), self.bytes()))
    }

    /// Creates a module from the form that [`Module::serialize`] or [`Engine::precompile_module`]
    /// makes. The module is validated, and each function is translated at its first call.
    ///
    /// Wasmtime's is `unsafe`, because it takes machine code on trust.
    ///
    /// # Errors
    ///
    /// Fails if the bytes are of another kind or another version, were made by an engine of another
    /// configuration, or the module in them is refused as by [`Module::new`].
    pub fn deserialize(engine: &Engine, bytes: impl AsRef<[u8]>) -> Result<Self> {
        let binary = unwrap(engine, bytes.as_ref())?;
        let mode = match engine.config().mode {
            CompilationMode::Eager => CompilationMode::LazyTranslation,
            lazy => lazy,
        };
        Self::read(engine, binary, Validation::Checked, mode)
    }

    /// Creates a module from a file; see [`Module::deserialize`].
    ///
    /// # Errors
    ///
    /// Fails as [`Module::deserialize`] does, or if the file cannot be read.
    #[cfg(feature = "std")]
    pub fn deserialize_file(engine: &Engine, path: impl AsRef<std::path::Path>) -> Result<Self> {
        use crate::error::Context;
        let path = path.as_ref();
        let read = || Self::deserialize(engine, std::fs::read(path)?);
        read().with_context(|| format!("failed deserialization for: {}", path.display()))
    }

    /// Creates a module from a file that is open already; see [`Module::deserialize`].
    ///
    /// # Errors
    ///
    /// Fails as [`Module::deserialize`] does, or if the file cannot be read.
    #[cfg(feature = "std")]
    pub fn deserialize_open_file(engine: &Engine, mut file: std::fs::File) -> Result<Self> {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut file, &mut bytes)?;
        Self::deserialize(engine, bytes)
    }

    /// Creates a module from a file of either kind: what [`Module::serialize`] makes, or what
    /// [`Module::from_file`] reads.
    ///
    /// Wasmtime's is `unsafe`, because it takes machine code on trust.
    ///
    /// # Errors
    ///
    /// Fails as [`Module::deserialize_file`] or [`Module::from_file`] does.
    #[cfg(feature = "std")]
    pub fn from_trusted_file(engine: &Engine, path: impl AsRef<std::path::Path>) -> Result<Self> {
        let path = path.as_ref();
        match Engine::detect_precompiled_file(path)? {
            Some(_) => Self::deserialize_file(engine, path),
            None => Self::from_file(engine, path),
        }
    }

    /// Does nothing: there is no image of a memory to prepare. Accepted for code that comes from
    /// Wasmtime.
    ///
    /// # Errors
    ///
    /// Never fails.
    ///
    /// Source: Wasmtime's `Module::initialize_copy_on_write_image`.
    pub fn initialize_copy_on_write_image(&self) -> Result<()> {
        Ok(())
    }
}

impl Engine {
    /// Validates a module from its binary, or from its text with the crate feature `wat`, and
    /// gives the form that [`Module::deserialize`] reads.
    ///
    /// # Errors
    ///
    /// Fails as [`Module::new`] does.
    pub fn precompile_module(&self, bytes: &[u8]) -> Result<Vec<u8>> {
        #[cfg(feature = "wat")]
        let bytes = &*wat::parse_bytes(bytes)?;
        precompile(self, bytes)
    }

    /// Returns the kind of precompiled bytes, of any version; `None` if [`Module::serialize`] did
    /// not make them.
    pub fn detect_precompiled(bytes: &[u8]) -> Option<Precompiled> {
        bytes.starts_with(MAGIC).then_some(Precompiled::Module)
    }

    /// Returns the kind of a precompiled file, of which only the beginning is read; see
    /// [`Engine::detect_precompiled`].
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read.
    #[cfg(feature = "std")]
    pub fn detect_precompiled_file(
        path: impl AsRef<std::path::Path>,
    ) -> Result<Option<Precompiled>> {
        use std::io::Read;
        let mut start = Vec::new();
        std::fs::File::open(path)?.take(MAGIC.len() as u64).read_to_end(&mut start)?;
        Ok(Self::detect_precompiled(&start))
    }

    /// Returns a value that is equal for engines that can read each other's precompiled modules.
    pub fn precompile_compatibility_hash(&self) -> impl core::hash::Hash + '_ {
        (self.config().module_version.version(), config_hash(self.config()))
    }
}

/// Validates a binary and returns the form that `Module::deserialize` reads.
pub(super) fn precompile(engine: &Engine, binary: &[u8]) -> Result<Vec<u8>> {
    Module::validate(engine, binary)?;
    Ok(wrap(engine, binary))
}

/// Writes a header (magic, length of the version, version, hash of the configuration) and the
/// binary.
fn wrap(engine: &Engine, binary: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(binary.len() + 32);
    out.extend(MAGIC);
    let version = engine.config().module_version.version().unwrap_or_default();
    // `Config::module_version` has checked it.
    out.push(version.len() as u8);
    out.extend(version.as_bytes());
    out.extend(config_hash(engine.config()).to_le_bytes());
    out.extend(binary);
    out
}

fn unwrap<'b>(engine: &Engine, bytes: &'b [u8]) -> Result<&'b [u8]> {
    let Some(rest) = bytes.strip_prefix(MAGIC) else {
        bail!("the bytes are no module that was serialized by Burdock");
    };
    let header = rest.split_first().and_then(|(len, rest)| {
        let (version, rest) = rest.split_at_checked(usize::from(*len))?;
        let (hash, binary) = rest.split_first_chunk()?;
        Some((version, u64::from_le_bytes(*hash), binary))
    });
    let Some((version, hash, binary)) = header else {
        bail!("the serialized module is truncated");
    };
    if let Some(expected) = engine.config().module_version.version() {
        ensure!(
            version == expected.as_bytes(),
            "the module was serialized by version {}, and this engine reads version {expected}",
            version.escape_ascii()
        );
    }
    ensure!(
        hash == config_hash(engine.config()),
        "the module was serialized by an engine of another configuration"
    );
    Ok(binary)
}

/// Computes FNV-1a over the settings that decide which modules an engine takes and what code does.
fn config_hash(config: &Config) -> u64 {
    let settled = format!("{:?} {:?} {:?}", config.features, config.limits, config.settings());
    settled.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}
