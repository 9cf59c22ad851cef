//! `CodeBuilder`: a module whose bytes are given before they are compiled.

use super::{Module, serialize};
use crate::error::Context;
use crate::{Engine, Result, bail};
use alloc::borrow::Cow;
use alloc::format;
use alloc::vec::Vec;
use std::path::Path;

/// A builder of modules: first it is given the bytes, then it compiles them.
///
/// Source: Wasmtime's `CodeBuilder`, without components and DWARF packages.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let engine = Engine::default();
/// let mut builder = CodeBuilder::new(&engine);
/// builder.wasm_binary_or_text(br#"(module (func (export "f")))"#, None)?;
/// assert!(matches!(builder.hint(), Some(CodeHint::Module)));
/// let module = builder.compile_module()?;
/// assert!(module.get_export("f").is_some());
/// // Bytes that `Module::deserialize` reads.
/// let bytes = builder.compile_module_serialized()?;
/// assert_eq!(Engine::detect_precompiled(&bytes), Some(Precompiled::Module));
/// # Ok::<(), Error>(())
/// ```
pub struct CodeBuilder<'a> {
    engine: &'a Engine,
    binary: Option<Cow<'a, [u8]>>,
}

/// The kind of code that a [`CodeBuilder`] has been given.
///
/// Source: Wasmtime's `CodeHint`.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum CodeHint {
    /// A module.
    Module,
    /// A component; Burdock has none.
    Component,
}

impl<'a> CodeBuilder<'a> {
    /// Creates a builder of modules of an engine.
    pub fn new(engine: &'a Engine) -> Self {
        Self { engine, binary: None }
    }

    /// Gives the builder a binary. The path is accepted for code that comes from Wasmtime, which
    /// looks for a DWARF package beside it; Burdock does not use it.
    ///
    /// # Errors
    ///
    /// Fails if the builder has been given bytes already.
    pub fn wasm_binary(
        &mut self,
        binary: impl Into<Cow<'a, [u8]>>,
        _path: Option<&'a Path>,
    ) -> Result<&mut Self> {
        if self.binary.is_some() {
            bail!("cannot configure wasm bytes twice");
        }
        self.binary = Some(binary.into());
        Ok(self)
    }

    /// Gives the builder a binary, or a text with the crate feature `wat`. The path is named in
    /// errors of the text.
    ///
    /// # Errors
    ///
    /// Fails if the builder has been given bytes already, or if the text is malformed.
    pub fn wasm_binary_or_text(
        &mut self,
        bytes: &'a [u8],
        path: Option<&'a Path>,
    ) -> Result<&mut Self> {
        self.wasm_binary(binary_of(bytes.into(), path)?, path)
    }

    /// Gives the builder a file with a binary.
    ///
    /// # Errors
    ///
    /// Fails if the builder has been given bytes already, or if the file cannot be read.
    pub fn wasm_binary_file(&mut self, file: &'a Path) -> Result<&mut Self> {
        self.wasm_binary(read(file)?, Some(file))
    }

    /// Gives the builder a file with a binary, or with a text with the crate feature `wat`.
    ///
    /// # Errors
    ///
    /// Fails if the builder has been given bytes already, if the file cannot be read, or if the
    /// text is malformed.
    pub fn wasm_binary_or_text_file(&mut self, file: &'a Path) -> Result<&mut Self> {
        self.wasm_binary(binary_of(read(file)?.into(), Some(file))?, Some(file))
    }

    /// Returns the kind of code that the bytes begin as; `None` if there are no bytes yet, or if
    /// they begin as neither.
    pub fn hint(&self) -> Option<CodeHint> {
        // The version and the layer, of which 0 is that of modules.
        match self.binary.as_deref()?.strip_prefix(b"\0asm")?.first_chunk()? {
            [1, 0, 0, 0] => Some(CodeHint::Module),
            [0xD, 0, 1, 0] => Some(CodeHint::Component),
            _ => None,
        }
    }

    /// Creates the module.
    ///
    /// # Errors
    ///
    /// Fails if the builder has been given no bytes, and as [`Module::from_binary`] does.
    pub fn compile_module(&self) -> Result<Module> {
        Module::from_binary(self.engine, self.binary()?)
    }

    /// Validates the module and returns it in the form that [`Module::deserialize`] reads.
    ///
    /// # Errors
    ///
    /// Fails if the builder has been given no bytes, and as [`Engine::precompile_module`] does.
    pub fn compile_module_serialized(&self) -> Result<Vec<u8>> {
        serialize::precompile(self.engine, self.binary()?)
    }

    fn binary(&self) -> Result<&[u8]> {
        self.binary.as_deref().context("no wasm bytes have been configured")
    }
}

fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("failed to read input file: {}", file.display()))
}

/// Returns the binary of a text; bytes that are no text stay what they are.
fn binary_of<'b>(bytes: Cow<'b, [u8]>, path: Option<&Path>) -> Result<Cow<'b, [u8]>> {
    #[cfg(feature = "wat")]
    {
        let binary = wat::parse_bytes(&bytes).map_err(|mut error| {
            if let Some(path) = path {
                error.set_path(path);
            }
            error
        })?;
        if let Cow::Owned(binary) = binary {
            return Ok(Cow::Owned(binary));
        }
    }
    let _ = path;
    Ok(bytes)
}
