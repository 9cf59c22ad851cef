//! `Lines`: the source lines of operators, from DWARF or from the module's own disassembly.

use crate::Code;
use burdock::names::Escaped;
use burdock::{Error, Result};
use gimli::{Dwarf, EndianSlice, LittleEndian};
use std::collections::HashMap;
use std::ops::{Range, RangeInclusive};
use wasmparser::{Parser, Payload};

type Slice<'a> = EndianSlice<'a, LittleEndian>;

/// The lines of source of a module's operators.
///
/// # Example
///
/// ```
/// use burdock_tools::{Code, Lines};
/// let code = Code::new(&wat::parse_str("(module (func\n  nop))")?)?;
/// assert!(Lines::from_dwarf(&code).is_none());
/// let (text, lines) = Lines::from_disassembly(&code, "m.wat")?;
/// let nop = code.operators(0)?[0].offset;
/// assert_eq!(lines.at(nop), Some(("m.wat", 4)));
/// assert_eq!(text.lines().nth(3).unwrap().trim(), "nop");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Lines {
    /// The paths of source files, escaped and limited in length.
    files: Vec<String>,
    /// The place in the source from each offset on; `None` if unknown.
    rows: Vec<(u32, Option<SourcePosition>)>,
    problem: Option<String>,
}

/// A place in a source file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct SourcePosition {
    file: u32,
    line: u32,
    /// The column, from 1; 0 if unknown.
    column: u32,
}

/// The maximum length of a path in bytes; the rest is cut off.
const LONGEST_PATH: usize = 4096;

impl Lines {
    /// Returns the lines from the module's DWARF, or `None` if the module has no DWARF.
    ///
    /// The first malformed entry of a compilation unit ends that unit; [`problem`](Self::problem)
    /// then describes the first fault.
    pub fn from_dwarf(code: &Code) -> Option<Self> {
        let mut sections: HashMap<&str, &[u8]> = HashMap::new();
        for payload in Parser::new(0).parse_all(code.bytes()) {
            // A module that the engine accepted can be parsed.
            if let Ok(Payload::CustomSection(section)) = payload {
                sections.insert(section.name(), section.data());
            }
        }
        if !sections.contains_key(".debug_line") || !sections.contains_key(".debug_info") {
            return None;
        }
        let load = |id: gimli::SectionId| {
            let bytes = sections.get(id.name()).copied().unwrap_or_default();
            Ok::<_, gimli::Error>(EndianSlice::new(bytes, LittleEndian))
        };
        let mut lines = Self::default();
        if let Ok(mut dwarf) = Dwarf::load(load) {
            // Without the cache, units that share abbreviations would each parse them.
            dwarf.populate_abbreviations_cache(gimli::AbbreviationsCacheStrategy::All);
            let mut reader = Reader { lines: &mut lines, paths: HashMap::new() };
            reader.read(&dwarf, code.code_section() as u64);
        }
        // At one offset, a row that begins there takes precedence over the end of the one before.
        lines.rows.sort_by_key(|(offset, place)| (*offset, place.is_some()));
        Some(lines)
    }

    /// Returns a description of the first fault of the module's DWARF: the section and the error.
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// Returns `true` if no operator's line is known.
    pub fn is_empty(&self) -> bool {
        self.rows.iter().all(|(_, place)| place.is_none())
    }

    /// Returns the module's disassembly, and the lines of the operators in it. `file` is the name
    /// of the disassembly in these lines.
    ///
    /// # Errors
    ///
    /// Returns an error if the module cannot be disassembled.
    pub fn from_disassembly(code: &Code, file: &str) -> Result<(String, Self)> {
        let mut text = String::new();
        let mut lines = Self { files: vec![Escaped(file).to_string()], ..Self::default() };
        let mut storage = String::new();
        let config = wasmprinter::Config::new();
        let printed = config.offsets_and_lines(code.bytes(), &mut storage);
        for (line, (offset, shown)) in
            (1..).zip(printed.map_err(|error| Error::msg(format!("{error:#}")))?)
        {
            if let Some(offset) = offset {
                lines.rows.push((offset as u32, Some(SourcePosition { file: 0, line, column: 0 })));
            }
            text.push_str(shown);
        }
        lines.rows.sort_by_key(|(offset, _)| *offset);
        Ok((text, lines))
    }

    /// Returns the file and the line of the operator at an offset.
    pub fn at(&self, offset: u32) -> Option<(&str, u32)> {
        let place = self.place(offset)?;
        Some((&self.files[place.file as usize], place.line))
    }

    /// Returns the column, from 1, at which the operator at an offset begins in its line.
    pub fn column_at(&self, offset: u32) -> Option<u32> {
        self.place(offset).map(|place| place.column).filter(|column| *column > 0)
    }

    fn place(&self, offset: u32) -> Option<SourcePosition> {
        let after = self.rows.partition_point(|(row, _)| *row <= offset);
        self.rows[..after].last()?.1
    }

    /// Returns the first and the last line between two offsets, which belong to one file.
    pub(crate) fn between(&self, offsets: Range<usize>) -> Option<RangeInclusive<u32>> {
        let after = |end: usize| self.rows.partition_point(|(row, _)| (*row as usize) < end);
        let rows = self.rows.get(after(offsets.start)..after(offsets.end))?;
        let lines = rows.iter().filter_map(|row| Some(row.1?.line));
        Some(lines.clone().min()?..=lines.max()?)
    }

    /// Returns the paths of all files, escaped as [`Escaped`] does.
    pub fn files(&self) -> &[String] {
        &self.files
    }
}

/// Reads the line programs of all compilation units.
struct Reader<'l> {
    lines: &'l mut Lines,
    /// The index of each path in `files`.
    paths: HashMap<String, u32>,
}

impl Reader<'_> {
    fn read(&mut self, dwarf: &Dwarf<Slice<'_>>, base: u64) {
        let mut units = dwarf.units();
        loop {
            let header = match units.next() {
                Ok(Some(header)) => header,
                Ok(None) => return,
                Err(error) => return self.broken(".debug_info", None, error),
            };
            let at = header.debug_info_offset().map(|offset| offset.0);
            match dwarf.unit(header) {
                Ok(unit) => {
                    if let Err(error) = self.unit(dwarf, &unit, base) {
                        self.broken(".debug_line", at, error);
                    }
                }
                Err(error) => self.broken(".debug_info", at, error),
            }
        }
    }

    /// Stores the first fault; later ones are ignored.
    fn broken(&mut self, section: &str, unit: Option<usize>, error: gimli::Error) {
        self.lines.problem.get_or_insert_with(|| match unit {
            Some(at) => format!("section `{section}`, unit at {at:#x}: {error}"),
            None => format!("section `{section}`: {error}"),
        });
    }

    fn unit(
        &mut self,
        dwarf: &Dwarf<Slice<'_>>,
        unit: &gimli::Unit<Slice<'_>>,
        base: u64,
    ) -> gimli::Result<()> {
        let Some(program) = unit.line_program.clone() else { return Ok(()) };
        let (program, sequences) = program.sequences()?;
        let mut numbers: HashMap<u64, u32> = HashMap::new();
        // Functions that the linker dropped keep their lines, at address 0 or at the last address.
        let kept = sequences.iter().filter(|s| s.start != 0 && s.start < u64::from(u32::MAX) - 1);
        for sequence in kept {
            let mut rows = program.resume_from(sequence);
            while let Some((header, row)) = rows.next_row()? {
                let Ok(offset) = u32::try_from(base.saturating_add(row.address())) else {
                    continue;
                };
                let line = row.line().and_then(|line| u32::try_from(line.get()).ok());
                let place = match (row.end_sequence(), line) {
                    (false, Some(line)) => {
                        let file = match numbers.get(&row.file_index()) {
                            Some(number) => *number,
                            None => {
                                let path = path(dwarf, unit, header, row)?;
                                let number = self.file(&path);
                                *numbers.entry(row.file_index()).or_insert(number)
                            }
                        };
                        let column = match row.column() {
                            gimli::ColumnType::Column(column) => column.get() as u32,
                            gimli::ColumnType::LeftEdge => 0,
                        };
                        Some(SourcePosition { file, line, column })
                    }
                    _ => None,
                };
                self.lines.rows.push((offset, place));
            }
        }
        Ok(())
    }

    /// Returns the index of a file, adding it if it is new.
    fn file(&mut self, path: &str) -> u32 {
        let path = match path.len() {
            0..LONGEST_PATH => Escaped(path).to_string(),
            _ => format!("{}...", Escaped(&path[..path.floor_char_boundary(LONGEST_PATH)])),
        };
        *self.paths.entry(path).or_insert_with_key(|path| {
            self.lines.files.push(path.clone());
            self.lines.files.len() as u32 - 1
        })
    }
}

/// Returns the path of a row's file, as it was passed to the compiler.
fn path(
    dwarf: &Dwarf<Slice<'_>>,
    unit: &gimli::Unit<Slice<'_>>,
    header: &gimli::LineProgramHeader<Slice<'_>>,
    row: &gimli::LineRow,
) -> gimli::Result<String> {
    let Some(file) = row.file(header) else { return Ok("<unknown>".to_owned()) };
    let text = |value| Ok::<_, gimli::Error>(shortened(dwarf.attr_string(unit, value)?));
    let mut path = text(file.path_name())?;
    if let (false, Some(directory)) = (path.starts_with('/'), file.directory(header)) {
        path = join(text(directory)?, path);
    }
    if let (false, Some(directory)) = (path.starts_with('/'), unit.comp_dir) {
        path = join(shortened(directory), path);
    }
    Ok(path)
}

/// Copies at most the length of a path from a section: many entries may share one long text.
fn shortened(text: Slice<'_>) -> String {
    let bytes = text.slice();
    String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST_PATH)]).into_owned()
}

fn join(directory: String, path: String) -> String {
    if directory.is_empty() || directory == "." || path.starts_with(&format!("{directory}/")) {
        return path;
    }
    format!("{}/{path}", directory.trim_end_matches('/'))
}
