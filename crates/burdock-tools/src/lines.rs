//! `Lines`: the source lines of operators, from DWARF, from a source map or from the module's own
//! disassembly.

use crate::{Code, dwarf};
use burdock::names::Escaped;
use burdock::{Error, Result};
use gimli::{Dwarf, EndianSlice, LittleEndian, UnitType};
use oxc_sourcemap::SourceMap;
use std::collections::HashMap;
use std::ops::{Range, RangeInclusive};

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
    /// The texts of files that a source map contains, by their numbers.
    texts: HashMap<u32, String>,
    problem: Option<String>,
}

/// A place in a source file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct SourcePosition {
    file: u32,
    line: u32,
    /// The column, from 1; 0 if unknown.
    column: u32,
    /// `true` if a statement begins here.
    is_statement: bool,
    /// `true` if the function's own code begins here, behind what prepares its frame.
    is_body: bool,
}

/// A line that begins at an operator.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// The byte offset in the module, at or before the operator.
    pub(crate) offset: u32,
    /// The index in [`Lines::files`].
    pub(crate) file: u32,
    pub(crate) line: u32,
    /// `true` if the function's own code begins here, behind what prepares its frame.
    pub(crate) is_body: bool,
}

/// The maximum length of a path in bytes; the rest is cut off.
const LONGEST_PATH: usize = 4096;

impl Lines {
    /// Returns the lines from the module's DWARF, or `None` if the module has no DWARF.
    ///
    /// The first malformed entry of a compilation unit ends that unit; [`problem`](Self::problem)
    /// then describes the first fault.
    pub fn from_dwarf(code: &Code) -> Option<Self> {
        let dwarf = dwarf::load(code, |bytes| EndianSlice::new(bytes, LittleEndian))?;
        let mut lines = Self::default();
        let mut reader = Reader { lines: &mut lines, paths: HashMap::new() };
        reader.read(&dwarf, code.code_section() as u64);
        // At one offset, a row that begins there takes precedence over the end of the one before.
        lines.rows.sort_by_key(|(offset, place)| (*offset, place.is_some()));
        Some(lines)
    }

    /// Returns the lines from a source map, as AssemblyScript writes it: the columns of its only
    /// line are byte offsets in the module.
    ///
    /// # Errors
    ///
    /// Returns an error if the source map is malformed.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock_tools::Lines;
    /// let map = r#"{"version":3,"names":[],"sources":["m.ts"],"sourcesContent":["let x;"],
    ///     "mappings":"kBACA,CACA"}"#;
    /// let lines = Lines::from_source_map(map)?;
    /// assert_eq!(lines.at(18), Some(("m.ts", 2)));
    /// assert_eq!(lines.at(19), Some(("m.ts", 3)));
    /// assert_eq!(lines.texts().collect::<Vec<_>>(), [("m.ts", "let x;")]);
    /// # Ok::<(), burdock::Error>(())
    /// ```
    pub fn from_source_map(map: &str) -> Result<Self> {
        let map = SourceMap::from_json_string(map)
            .map_err(|error| Error::msg(format!("malformed source map: {error}")))?;
        let mut lines = Self::default();
        for (number, source) in (0..).zip(map.get_sources()) {
            lines.files.push(shown_path(source));
            if let Some(text) = map.get_source_content(number) {
                lines.texts.insert(number, text.to_owned());
            }
        }
        for token in map.get_tokens().filter(|token| token.get_dst_line() == 0) {
            let place = token.get_source_id().map(|file| SourcePosition {
                file,
                line: token.get_src_line().saturating_add(1),
                column: token.get_src_col().saturating_add(1),
                is_statement: true,
                is_body: false,
            });
            lines.rows.push((token.get_dst_col(), place));
        }
        let files = lines.files.len();
        let exists = |place: &SourcePosition| (place.file as usize) < files;
        lines.rows.retain(|(_, place)| place.as_ref().is_none_or(exists));
        lines.rows.sort_by_key(|(offset, place)| (*offset, place.is_some()));
        Ok(lines)
    }

    /// Returns the texts of files that a source map contains, with the paths of the files.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(file, text)| (&*self.files[*file as usize], &**text))
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
                let (file, column, is_statement, is_body) = (0, 0, true, false);
                let place = SourcePosition { file, line, column, is_statement, is_body };
                lines.rows.push((offset as u32, Some(place)));
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

    /// Returns the beginnings of statements between two offsets, in order, each offset once.
    pub(crate) fn statements(&self, offsets: Range<usize>) -> Vec<Row> {
        let after = |end: usize| self.rows.partition_point(|(row, _)| (*row as usize) < end);
        let rows = self.rows.get(after(offsets.start)..after(offsets.end)).unwrap_or_default();
        let mut found: Vec<Row> = Vec::new();
        for (offset, place) in rows {
            let Some(place) = place else { continue };
            let SourcePosition { file, line, is_body, .. } = *place;
            let row = Row { offset: *offset, file, line, is_body };
            match found.last_mut().filter(|last| last.offset == *offset) {
                Some(last) => *last = Row { is_body: is_body || last.is_body, ..row },
                None if place.is_statement => found.push(row),
                None => {}
            }
        }
        found
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
            // The lines of a unit of types are those of a unit of code.
            if matches!(header.type_(), UnitType::Type { .. }) {
                continue;
            }
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
                                let path = path(dwarf, unit, header, row.file(header))?;
                                let number = self.file(path);
                                *numbers.entry(row.file_index()).or_insert(number)
                            }
                        };
                        let column = match row.column() {
                            gimli::ColumnType::Column(column) => column.get() as u32,
                            gimli::ColumnType::LeftEdge => 0,
                        };
                        let (is_statement, is_body) = (row.is_stmt(), row.prologue_end());
                        Some(SourcePosition { file, line, column, is_statement, is_body })
                    }
                    _ => None,
                };
                self.lines.rows.push((offset, place));
            }
        }
        Ok(())
    }

    /// Returns the index of a file, adding it if it is new.
    fn file(&mut self, path: String) -> u32 {
        *self.paths.entry(path).or_insert_with_key(|path| {
            self.lines.files.push(path.clone());
            self.lines.files.len() as u32 - 1
        })
    }
}

/// Returns the path of a file, as it was passed to the compiler, escaped and limited in length.
pub(crate) fn path<R: gimli::Reader<Offset = usize>>(
    dwarf: &Dwarf<R>,
    unit: &gimli::Unit<R>,
    header: &gimli::LineProgramHeader<R>,
    file: Option<&gimli::FileEntry<R>>,
) -> gimli::Result<String> {
    let Some(file) = file else { return Ok("<unknown>".to_owned()) };
    let text = |value| shortened(&dwarf.attr_string(unit, value)?);
    let mut path = text(file.path_name())?;
    if let (false, Some(directory)) = (path.starts_with('/'), file.directory(header)) {
        path = join(text(directory)?, path);
    }
    if let (false, Some(directory)) = (path.starts_with('/'), &unit.comp_dir) {
        path = join(shortened(directory)?, path);
    }
    Ok(shown_path(&path))
}

/// Returns a path escaped and limited in length.
fn shown_path(path: &str) -> String {
    match path.len() {
        0..LONGEST_PATH => Escaped(path).to_string(),
        _ => format!("{}...", Escaped(&path[..path.floor_char_boundary(LONGEST_PATH)])),
    }
}

/// Copies at most the length of a path from a section: many entries may share one long text.
fn shortened<R: gimli::Reader<Offset = usize>>(text: &R) -> gimli::Result<String> {
    let mut text = text.clone();
    text.truncate(text.len().min(LONGEST_PATH))?;
    Ok(text.to_string_lossy()?.into_owned())
}

fn join(directory: String, path: String) -> String {
    if directory.is_empty() || directory == "." || path.starts_with(&format!("{directory}/")) {
        return path;
    }
    // Kotlin gives the file's path as that of a directory.
    if path == "." {
        return directory;
    }
    format!("{}/{path}", directory.trim_end_matches('/'))
}
