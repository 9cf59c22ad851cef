//! `Statements`: where the statements of the source begin in a module's code.

use crate::dwarf::DebugInfo;
use crate::{Code, Lines};
use std::collections::{BTreeMap, HashMap};

/// The beginnings of statements, from the lines and the debug information of a module.
///
/// Stepping by line goes from one visit of a line to the next one. A visit begins where a statement
/// of another line begins, or where a function's own code begins, behind the operators that prepare
/// its frame.
///
/// # Example
///
/// ```
/// use burdock_tools::{Code, Lines};
/// use burdock_tools::step::Statements;
/// let code = Code::new(&wat::parse_str("(module (func $f\n  nop\n  nop))")?)?;
/// let (_, lines) = Lines::from_disassembly(&code, "m.wat")?;
/// let statements = Statements::new(&code, &lines, None);
/// let ops = code.operators(0)?;
/// assert_eq!(statements.body_of(0), Some(ops[0].offset));
/// assert_eq!(statements.of_line("m.wat", 5), Ok((5, vec![ops[1].offset])));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Statements {
    /// The statements by the byte offset of their first operator in the module.
    at: HashMap<u32, Statement>,
    /// A bit for each offset at which a statement begins. Every instruction of a replay asks, and
    /// few begin one.
    begins: Vec<u64>,
    /// The offset of the first operator of each function's own code.
    bodies: HashMap<u32, u32>,
    /// The first statement of each line in each function, by file and line.
    lines: BTreeMap<(String, u32), Vec<u32>>,
}

/// The beginning of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Statement {
    /// A number for the file and the line.
    pub(super) line: u32,
    /// The number of inlined calls around the statement.
    pub(super) inlined: u32,
    /// `true` if the function's own code begins here.
    pub(super) is_body: bool,
}

impl Statements {
    /// Finds the statements of a module.
    pub fn new(code: &Code, lines: &Lines, info: Option<&DebugInfo>) -> Self {
        let begins = vec![0; code.bytes().len() / 64 + 1];
        let mut statements = Self { begins, ..Self::default() };
        let inlined = Inlined::new(info);
        let mut numbers: HashMap<(u32, u32), u32> = HashMap::new();
        for func in code.num_imported_funcs()..code.num_funcs() {
            let (Some(body), Some(first)) = (code.body(func), code.first_operator(func)) else {
                continue;
            };
            let rows = lines.statements(body);
            // The row of a function's header is that of its first operator.
            let offset = |row: u32| row.max(first);
            let own = rows.iter().find(|row| row.is_body).or(rows.first());
            let Some(own) = own.map(|row| offset(row.offset)) else { continue };
            statements.bodies.insert(func, own);
            let mut last = None;
            for row in rows {
                let at = offset(row.offset);
                if at < own {
                    continue;
                }
                let next = numbers.len() as u32 + 1;
                let line = *numbers.entry((row.file, row.line)).or_insert(next);
                let inlined = inlined.around(at);
                if let Some(bits) = statements.begins.get_mut(at as usize / 64) {
                    *bits |= 1 << (at % 64);
                }
                statements.at.insert(at, Statement { line, inlined, is_body: at == own });
                if last != Some(line) {
                    let file = lines.files()[row.file as usize].clone();
                    let firsts = statements.lines.entry((file, row.line)).or_default();
                    // One for each function: the first in the order of addresses.
                    if firsts.last().is_none_or(|last| !code_contains(code, func, *last)) {
                        firsts.push(at);
                    }
                }
                last = Some(line);
            }
        }
        statements
    }

    /// Returns `true` if no statement is known.
    pub fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    /// Returns the byte offset of the first operator of a function's own code, or `None` if the
    /// function has no known line.
    pub fn body_of(&self, func: u32) -> Option<u32> {
        self.bodies.get(&func).copied()
    }

    /// Returns the statement that begins at an operator.
    pub(super) fn at(&self, offset: u32) -> Option<Statement> {
        let bits = self.begins.get(offset as usize / 64)?;
        if bits >> (offset % 64) & 1 == 0 { None } else { self.at.get(&offset).copied() }
    }

    /// Returns where a line begins in each function that has it. If no statement begins on the
    /// line, returns the next line on which one does. `file` is a path, or the end of one.
    ///
    /// # Errors
    ///
    /// Fails with a message if there is no such file, or if nothing follows in the file.
    pub fn of_line(&self, file: &str, line: u32) -> Result<(u32, Vec<u32>), String> {
        let mut found: Option<(u32, Vec<u32>)> = None;
        let mut known = false;
        for ((path, own), offsets) in &self.lines {
            if !names(file, path) {
                continue;
            }
            known = true;
            match &mut found {
                _ if *own < line => {}
                Some((best, all)) if own == best => all.extend(offsets),
                Some((best, _)) if own > best => {}
                _ => found = Some((*own, offsets.clone())),
            }
        }
        match (found, known) {
            (Some(found), _) => Ok(found),
            (None, true) => Err(format!("`{file}` has no code at or after line {line}")),
            (None, false) => Err(format!("no file `{file}` is known; `info sources` lists them")),
        }
    }
}

/// Returns `true` if the name of a file means a path: the whole path, or its last components.
pub(super) fn names(file: &str, path: &str) -> bool {
    let file = file.trim_start_matches("./");
    path.strip_suffix(file).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

fn code_contains(code: &Code, func: u32, offset: u32) -> bool {
    code.body(func).is_some_and(|body| body.contains(&(offset as usize)))
}

/// The boundaries of inlined calls.
struct Inlined {
    starts: Vec<u32>,
    ends: Vec<u32>,
}

impl Inlined {
    fn new(info: Option<&DebugInfo>) -> Self {
        let ranges = info.map(DebugInfo::inlined_ranges).unwrap_or_default();
        let mut starts: Vec<u32> = ranges.iter().map(|range| range.start).collect();
        let mut ends: Vec<u32> = ranges.iter().map(|range| range.end).collect();
        starts.sort_unstable();
        ends.sort_unstable();
        Self { starts, ends }
    }

    /// Returns the number of calls that contain an offset.
    fn around(&self, offset: u32) -> u32 {
        let begun = self.starts.partition_point(|start| *start <= offset);
        let ended = self.ends.partition_point(|end| *end <= offset);
        begun.saturating_sub(ended) as u32
    }
}
