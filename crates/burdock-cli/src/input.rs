//! Reading modules: from files or standard input, binary or text.

use crate::engine;
use anyhow::{Context, anyhow, bail};
use burdock::{Engine, Module};
use burdock_parse::ParseError;
use burdock_tools::{Code, Lines};
use burdock_translate::TranslateError;
use std::borrow::Cow;
use std::error::Error;
use std::io::Read;
use std::path::{Path, PathBuf};
use wasmparser::{FromReader, Parser, Payload, SectionLimited};
use wast::Wat;
use wast::core::{ModuleField, ModuleKind};
use wast::parser::{self, ParseBuffer};

/// Returns the bytes of `path`, or of standard input for `-`.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).context("failed to read standard input")?;
        return Ok(bytes);
    }
    std::fs::read(path).with_context(|| format!("failed to read input file: {}", path.display()))
}

/// Returns the binary format of a module that may be text.
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

/// The maximum length in bytes of a line that an error shows. Generated text may be one long line.
const LONGEST_SHOWN: usize = 500;

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
        if read.is_empty() {
            let shown = path.display();
            bail!("`{shown}` is empty: expected a module in the binary or text format");
        }
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

    /// Renders the line of the text that `offset` comes from, in the layout of syntax errors: the
    /// line of the operator in a function, of the field for a constant expression. Shows only
    /// the position if the line is long. Returns `None` if the module is not text, or `offset` is
    /// elsewhere.
    pub(crate) fn place(&self, offset: u64) -> Option<String> {
        let text = self.text.as_deref()?;
        let (line, column) =
            self.operator_at(offset).or_else(|| field_at(&self.bytes, text, offset))?;
        let shown = text.lines().nth(line.checked_sub(1)?)?;
        let place = format!("\n     --> {}:{line}:{column}", self.path.display());
        if shown.len() > LONGEST_SHOWN {
            return Some(place);
        }
        Some(format!("{place}\n      |\n {line:4} | {shown}\n      | {:>column$}", "^"))
    }

    /// Returns line and column, from 1, of the operator at `offset`, if that is in a function.
    fn operator_at(&self, offset: u64) -> Option<(usize, usize)> {
        let offset = u32::try_from(offset).ok()?;
        let code = Code::new(&self.bytes).ok()?;
        let mut bodies = (0..code.num_funcs()).filter_map(|func| code.body(func));
        let body = bodies.find(|body| body.contains(&(offset as usize)))?;
        let lines = Lines::from_dwarf(&code)?;
        // An error at the end of a function is shown at the function's last instruction.
        let own = (body.start as u32..=offset).rev();
        let ((_, line), column) =
            own.into_iter().find_map(|offset| lines.at(offset).zip(lines.column_at(offset)))?;
        Some((line as usize, column as usize))
    }
}

/// Returns line and column, from 1, of the field of `text` that holds the constant expression at
/// `offset` of `binary`.
fn field_at(binary: &[u8], text: &str, offset: u64) -> Option<(usize, usize)> {
    let (section, entry) = Parser::new(0)
        .parse_all(binary)
        .map_while(Result::ok)
        .find_map(|payload| Section::entry_at(payload, offset))?;
    let buffer = ParseBuffer::new(text).ok()?;
    let Wat::Module(mut module) = parser::parse(&buffer).ok()? else { return None };
    // Splits fields with inline segments and imports: then each is one entry of its section.
    module.resolve().ok()?;
    let ModuleKind::Text(fields) = module.kind else { return None };
    let mut spans = fields.iter().filter_map(|field| match (section, field) {
        (Section::Table, ModuleField::Table(table)) => Some(table.span),
        (Section::Global, ModuleField::Global(global)) => Some(global.span),
        (Section::Element, ModuleField::Elem(elem)) => Some(elem.span),
        (Section::Data, ModuleField::Data(data)) => Some(data.span),
        _ => None,
    });
    let (line, column) = spans.nth(entry)?.linecol_in(text);
    Some((line + 1, column + 1))
}

/// A section whose entries hold constant expressions.
#[derive(Clone, Copy)]
enum Section {
    Table,
    Global,
    Element,
    Data,
}

impl Section {
    /// Returns the section that `payload` is, and the index of its entry at `offset`.
    fn entry_at(payload: Payload<'_>, offset: u64) -> Option<(Self, usize)> {
        let (section, entry) = match payload {
            Payload::TableSection(section) => (Self::Table, entry_at(section, offset)),
            Payload::GlobalSection(section) => (Self::Global, entry_at(section, offset)),
            Payload::ElementSection(section) => (Self::Element, entry_at(section, offset)),
            Payload::DataSection(section) => (Self::Data, entry_at(section, offset)),
            _ => return None,
        };
        Some((section, entry?))
    }
}

/// Returns the index of the section's entry at `offset`, in bytes since the start of the module.
fn entry_at<'a, T: FromReader<'a>>(section: SectionLimited<'a, T>, offset: u64) -> Option<usize> {
    if !section.range().contains(&offset) {
        return None;
    }
    let entries = section.into_iter_with_offsets().map_while(Result::ok);
    entries.take_while(|(start, _)| *start <= offset).count().checked_sub(1)
}

/// Loads the module in `path`.
pub(crate) fn module(engine: &Engine, path: &Path) -> anyhow::Result<Module> {
    Input::read(path)?.module(engine)
}

#[cfg(test)]
mod tests {
    use super::has_short_lines;

    #[test]
    fn long_lines_of_code_are_distinguished_from_long_strings() {
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
