//! `Lines`: which line of which file an operator comes from: by DWARF, or by the module's own
//! disassembly.

use crate::Code;
use burdock::{Error, Result};
use gimli::{Dwarf, EndianSlice, LittleEndian};
use std::collections::HashMap;
use std::ops::{Range, RangeInclusive};
use wasmparser::{Parser, Payload};

type Slice<'a> = EndianSlice<'a, LittleEndian>;

/// Lines of source by offsets in a module.
///
/// # Example
///
/// ```
/// use burdock_tools::{Code, Lines};
/// let code = Code::new(&wat::parse_str("(module (func\n  nop))")?)?;
/// assert!(Lines::from_dwarf(&code)?.is_none());
/// let (text, lines) = Lines::from_disassembly(&code, "m.wat")?;
/// let nop = code.operators(0)?[0].offset;
/// assert_eq!(lines.at(nop), Some(("m.wat", 4)));
/// assert_eq!(text.lines().nth(3).unwrap().trim(), "nop");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Lines {
    files: Vec<String>,
    /// By offset: file and line from there on; `None` where nothing is known.
    rows: Vec<(u32, Option<(u32, u32)>)>,
}

impl Lines {
    /// What the module's DWARF says; `None` if it has none.
    ///
    /// # Errors
    ///
    /// The DWARF can't be read.
    pub fn from_dwarf(code: &Code) -> Result<Option<Self>> {
        let mut sections: HashMap<&str, &[u8]> = HashMap::new();
        for payload in Parser::new(0).parse_all(code.bytes()) {
            if let Payload::CustomSection(section) = payload.map_err(Error::new)? {
                sections.insert(section.name(), section.data());
            }
        }
        if !sections.contains_key(".debug_line") || !sections.contains_key(".debug_info") {
            return Ok(None);
        }
        let load = |id: gimli::SectionId| {
            let bytes = sections.get(id.name()).copied().unwrap_or_default();
            Ok::<_, gimli::Error>(EndianSlice::new(bytes, LittleEndian))
        };
        let dwarf = Dwarf::load(load).map_err(Error::new)?;
        let mut lines = Self::default();
        lines.read(&dwarf, code.code_section() as u64).map_err(Error::new)?;
        Ok(Some(lines))
    }

    fn read(&mut self, dwarf: &Dwarf<Slice<'_>>, base: u64) -> gimli::Result<()> {
        let mut numbers = HashMap::new();
        let mut units = dwarf.units();
        while let Some(header) = units.next()? {
            let unit = dwarf.unit(header)?;
            let Some(program) = unit.line_program.clone() else { continue };
            let (program, sequences) = program.sequences()?;
            // Functions that the linker has dropped keep their lines, at the address 0 or the last.
            let kept =
                sequences.iter().filter(|s| s.start != 0 && s.start < u64::from(u32::MAX) - 1);
            for sequence in kept {
                let mut rows = program.resume_from(sequence);
                while let Some((header, row)) = rows.next_row()? {
                    let offset = (base + row.address()) as u32;
                    let place = match (row.end_sequence(), row.line()) {
                        (false, Some(line)) => {
                            let key = (unit.header.debug_info_offset(), row.file_index());
                            let number = match numbers.get(&key) {
                                Some(number) => *number,
                                None => {
                                    let path = path(dwarf, &unit, header, row)?;
                                    *numbers.entry(key).or_insert(self.file(path))
                                }
                            };
                            Some((number, line.get() as u32))
                        }
                        _ => None,
                    };
                    self.rows.push((offset, place));
                }
            }
        }
        // At one offset what begins there hides what ends there.
        self.rows.sort_by_key(|(offset, place)| (*offset, place.is_some()));
        Ok(())
    }

    fn file(&mut self, path: String) -> u32 {
        let found = self.files.iter().position(|file| *file == path);
        found.unwrap_or_else(|| {
            self.files.push(path);
            self.files.len() - 1
        }) as u32
    }

    /// The lines of the module's disassembly, which is returned as well, as of a file of this name.
    ///
    /// # Errors
    ///
    /// The module can't be printed.
    pub fn from_disassembly(code: &Code, file: &str) -> Result<(String, Self)> {
        let mut text = String::new();
        let mut lines = Self { files: vec![file.to_owned()], rows: Vec::new() };
        let mut storage = String::new();
        let config = wasmprinter::Config::new();
        let printed = config.offsets_and_lines(code.bytes(), &mut storage);
        for (line, (offset, shown)) in
            (1..).zip(printed.map_err(|error| Error::msg(format!("{error:#}")))?)
        {
            if let Some(offset) = offset {
                lines.rows.push((offset as u32, Some((0, line))));
            }
            text.push_str(shown);
        }
        lines.rows.sort_by_key(|(offset, _)| *offset);
        Ok((text, lines))
    }

    /// The file and line from which the operator at an offset comes.
    pub fn at(&self, offset: u32) -> Option<(&str, u32)> {
        let after = self.rows.partition_point(|(row, _)| *row <= offset);
        let (file, line) = self.rows[..after].last()?.1?;
        Some((&self.files[file as usize], line))
    }

    /// The first and the last line between two offsets, of one file.
    pub(crate) fn between(&self, offsets: Range<usize>) -> Option<RangeInclusive<u32>> {
        let inside = |row: &&(u32, Option<(u32, u32)>)| offsets.contains(&(row.0 as usize));
        let lines = self.rows.iter().filter(inside).filter_map(|row| Some(row.1?.1));
        Some(lines.clone().min()?..=lines.max()?)
    }

    /// The names of all files.
    pub fn files(&self) -> &[String] {
        &self.files
    }
}

/// The path of a row's file, as the compiler was given it.
fn path(
    dwarf: &Dwarf<Slice<'_>>,
    unit: &gimli::Unit<Slice<'_>>,
    header: &gimli::LineProgramHeader<Slice<'_>>,
    row: &gimli::LineRow,
) -> gimli::Result<String> {
    let Some(file) = row.file(header) else { return Ok("<unknown>".to_owned()) };
    let text = |value| {
        Ok::<_, gimli::Error>(dwarf.attr_string(unit, value)?.to_string_lossy().into_owned())
    };
    let mut path = text(file.path_name())?;
    if let (false, Some(directory)) = (path.starts_with('/'), file.directory(header)) {
        path = join(text(directory)?, path);
    }
    if let (false, Some(directory)) = (path.starts_with('/'), unit.comp_dir) {
        path = join(directory.to_string_lossy().into_owned(), path);
    }
    Ok(path)
}

fn join(directory: String, path: String) -> String {
    if directory.is_empty() || directory == "." || path.starts_with(&format!("{directory}/")) {
        return path;
    }
    format!("{}/{path}", directory.trim_end_matches('/'))
}
