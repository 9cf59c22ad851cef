//! Reading modules: from files or standard input, binary or text.

use crate::engine;
use anyhow::Context;
use burdock::{Engine, Module};
use std::borrow::Cow;
use std::io::Read;
use std::path::Path;

/// The bytes of `path`; those of standard input for `-`.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).context("failed to read standard input")?;
        return Ok(bytes);
    }
    std::fs::read(path).with_context(|| format!("failed to read input file: {}", path.display()))
}

/// The binary form of a module that may be text.
pub(crate) fn binary<'a>(path: &Path, bytes: &'a [u8]) -> anyhow::Result<Cow<'a, [u8]>> {
    wat::parse_bytes(bytes).map_err(|mut error| {
        error.set_path(path);
        anyhow::Error::new(error)
    })
}

/// The module in `path`.
pub(crate) fn module(engine: &Engine, path: &Path) -> anyhow::Result<Module> {
    module_and_bytes(engine, path, false).map(|(module, _)| module)
}

/// The module in `path`, and its binary form; with the lines of the text, if it is text and they are
/// wanted.
pub(crate) fn module_and_bytes(
    engine: &Engine,
    path: &Path,
    lines: bool,
) -> anyhow::Result<(Module, Vec<u8>)> {
    let mut bytes = read(path)?;
    if !bytes.starts_with(b"\0asm") {
        let mut parser = wat::Parser::new();
        if lines {
            parser.generate_dwarf(wat::GenerateDwarf::Lines);
        }
        bytes = parser.parse_bytes(Some(path), &bytes)?.into_owned();
    }
    let module = Module::new(engine, &bytes).map_err(engine::error)?;
    Ok((module, bytes))
}
