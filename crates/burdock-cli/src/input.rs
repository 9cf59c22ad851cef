//! Reading modules: from files or standard input, binary or text.

use crate::engine;
use anyhow::{Context, anyhow};
use burdock::{Engine, Module};
use burdock_parse::ParseError;
use burdock_tools::{Code, Lines};
use burdock_translate::TranslateError;
use std::borrow::Cow;
use std::error::Error;
use std::io::Read;
use std::path::{Path, PathBuf};

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

/// Returns `true` if the lines of a text are short enough for the parser to write line information.
///
/// The parser searches for the end of the line once for each instruction. In lines of thousands of
/// characters of code this search would take longer than all other work. String literals are not
/// counted, as they contain no instructions.
fn has_short_lines(text: &[u8]) -> bool {
    let mut looked_at = 0;
    for line in text.split(|byte| *byte == b'\n') {
        let quoted: usize =
            line.split(|byte| *byte == b'"').skip(1).step_by(2).map(<[u8]>::len).sum();
        // Assume four characters per instruction.
        looked_at += (line.len() - quoted) / 4 * line.len();
    }
    looked_at <= 1000 * text.len()
}

/// A module that was read.
pub(crate) struct Input {
    path: PathBuf,
    /// The module in the binary format. If the module was read as text, the binary carries the
    /// lines of the text as DWARF, unless they are too long.
    pub(crate) bytes: Vec<u8>,
    text: Option<String>,
}

impl Input {
    /// Reads the module in `path`.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let read = read(path)?;
        let path = path.to_owned();
        if read.starts_with(b"\0asm") {
            return Ok(Self { path, bytes: read, text: None });
        }
        let mut parser = wat::Parser::new();
        if has_short_lines(&read) {
            parser.generate_dwarf(wat::GenerateDwarf::Lines);
        }
        let bytes = parser.parse_bytes(Some(&path), &read)?.into_owned();
        Ok(Self { path, bytes, text: Some(String::from_utf8_lossy(&read).into_owned()) })
    }

    /// Returns `true` if the module is text.
    pub(crate) fn is_text(&self) -> bool {
        self.text.is_some()
    }

    /// Loads the module.
    pub(crate) fn module(&self, engine: &Engine) -> anyhow::Result<Module> {
        Module::new(engine, &self.bytes).map_err(|error| self.locate(error))
    }

    /// Converts an error of the engine into one that also shows the position in the text.
    pub(crate) fn locate(&self, error: burdock::Error) -> anyhow::Error {
        let offset = error
            .downcast_ref::<ParseError>()
            .map(ParseError::offset)
            .or_else(|| error.downcast_ref::<TranslateError>().map(TranslateError::offset));
        let place = offset.and_then(|offset| self.place(offset));
        engine::error_at(error, place)
    }

    /// Returns `error` with the position in the text that belongs to `offset`, in bytes.
    pub(crate) fn place_of(&self, error: &dyn Error, offset: u64) -> anyhow::Error {
        anyhow!("{error}{}", self.place(offset).unwrap_or_default())
    }

    /// Renders the line of the text that the operator at `offset` comes from, in the layout of
    /// syntax errors. Returns `None` if the module is not text, or `offset` is not in a function.
    pub(crate) fn place(&self, offset: u64) -> Option<String> {
        let text = self.text.as_deref()?;
        let offset = u32::try_from(offset).ok()?;
        let code = Code::new(&self.bytes).ok()?;
        let mut bodies = (0..code.num_funcs()).filter_map(|func| code.body(func));
        let body = bodies.find(|body| body.contains(&(offset as usize)))?;
        let lines = Lines::from_dwarf(&code)?;
        // An error at the end of a function is shown at the function's last instruction.
        let own = (body.start as u32..=offset).rev();
        let ((_, line), column) =
            own.into_iter().find_map(|offset| lines.at(offset).zip(lines.column_at(offset)))?;
        let column = column as usize;
        let shown = text.lines().nth(line.checked_sub(1)? as usize)?;
        let path = self.path.display();
        Some(format!(
            "\n     --> {path}:{line}:{column}\n      |\n {line:4} | {shown}\n      | {:>column$}",
            "^"
        ))
    }
}

/// Loads the module in `path`.
pub(crate) fn module(engine: &Engine, path: &Path) -> anyhow::Result<Module> {
    Input::read(path)?.module(engine)
}

#[cfg(test)]
mod tests {
    use super::has_short_lines;

    #[test]
    fn long_lines_of_code_are_told_from_long_strings() {
        let code = "(drop (i32.const 1))";
        for (text, expected) in [
            (String::new(), true),
            (format!("{code}\n").repeat(100_000), true),
            (format!("{}\n", code.repeat(150)), true),
            (code.repeat(1000), false),
            (format!("(data \"{}\")", code.repeat(1000)), true),
            (format!("{}\n{}", format!("{code}\n").repeat(1000), code.repeat(500)), true),
        ] {
            assert_eq!(has_short_lines(text.as_bytes()), expected, "{text:.50}");
        }
    }
}
