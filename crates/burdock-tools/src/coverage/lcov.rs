//! Coverage as lcov's `.info` files, written and read.

use super::{Coverage, FileCoverage, add};
use burdock::names::Escaped;
use burdock::{Result, bail, format_err};
use std::collections::HashMap;
use std::fmt::Write as _;

impl Coverage {
    /// Returns the coverage as an lcov tracefile.
    pub fn lcov(&self) -> String {
        let mut text = String::new();
        for (name, file) in &self.files {
            file.write(name, &mut text);
        }
        text
    }

    /// Parses an lcov tracefile. Records that this crate does not write are skipped.
    ///
    /// # Errors
    ///
    /// Returns an error if a line is malformed.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock_tools::coverage::Coverage;
    /// let text = "SF:a.c\nFN:1,main\nFNDA:1,main\nDA:1,1\nDA:2,0\nend_of_record\n";
    /// let mut once = Coverage::from_lcov(text)?;
    /// assert_eq!(once.summary().lines.percent(), 50.0);
    /// once.merge(&Coverage::from_lcov("SF:a.c\nDA:2,7\nend_of_record\n")?);
    /// assert_eq!(once.summary().lines.percent(), 100.0);
    /// assert!(Coverage::from_lcov("SF:a.c\nDA:one\n").is_err());
    /// # Ok::<(), burdock::Error>(())
    /// ```
    pub fn from_lcov(text: &str) -> Result<Self> {
        let mut coverage = Self::default();
        let mut record: Option<Record<'_>> = None;
        for (number, line) in (1..).zip(text.lines()) {
            let (key, value) = line.split_once(':').unwrap_or((line, ""));
            let shown = Escaped(line);
            match (key, &mut record) {
                ("TN", _) => {}
                ("SF", _) => {
                    let name = value.to_owned();
                    let file = coverage.files.entry(name).or_default();
                    let begun =
                        Record { file: std::mem::take(file), name: value, funcs: HashMap::new() };
                    if let Some(record) = record.replace(begun) {
                        record.end(&mut coverage);
                    }
                }
                (_, None) => bail!("no coverage: line {number} is of no file: {shown}"),
                (_, Some(record)) => record.read(key, value).ok_or_else(|| {
                    format_err!("line {number} of the coverage can't be read: {shown}")
                })?,
            }
        }
        if let Some(record) = record {
            record.end(&mut coverage);
        }
        Ok(coverage)
    }
}

impl FileCoverage {
    fn write(&self, name: &str, text: &mut String) {
        let summary = self.summary();
        // Writing to a string does not fail.
        let mut line = |line: String| _ = writeln!(text, "{line}");
        line("TN:".to_owned());
        line(format!("SF:{name}"));
        let mut funcs = self.named_funcs();
        for (name, ..) in &mut funcs {
            *name = unambiguous(name);
        }
        for (name, at, _) in &funcs {
            line(format!("FN:{at},{name}"));
        }
        for (name, _, count) in &funcs {
            line(format!("FNDA:{count},{name}"));
        }
        line(format!("FNF:{}", summary.functions.all));
        line(format!("FNH:{}", summary.functions.hit));
        for ((at, branch, way), count) in &self.branches {
            line(format!("BRDA:{at},{branch},{way},{count}"));
        }
        line(format!("BRF:{}", summary.branches.all));
        line(format!("BRH:{}", summary.branches.hit));
        for (at, count) in &self.lines {
            line(format!("DA:{at},{count}"));
        }
        line(format!("LF:{}", summary.lines.all));
        line(format!("LH:{}", summary.lines.hit));
        line("end_of_record".to_owned());
    }
}

/// Returns a function's name in a form that no reader splits into a line and a name: newer readers
/// expect the last line before the name.
fn unambiguous(name: &str) -> String {
    match name.split_once(',') {
        Some((digits, rest)) if digits.trim().parse::<u64>().is_ok() => {
            format!("{digits}\\u{{2c}}{rest}")
        }
        _ => name.to_owned(),
    }
}

/// The records of one file in a tracefile.
struct Record<'t> {
    file: FileCoverage,
    name: &'t str,
    /// The first lines of functions.
    funcs: HashMap<&'t str, u32>,
}

impl<'t> Record<'t> {
    fn end(self, coverage: &mut Coverage) {
        coverage.files.entry(self.name.to_owned()).or_default().merge(&self.file);
    }

    fn read(&mut self, key: &str, value: &'t str) -> Option<()> {
        match key {
            "FN" => {
                let (line, name) = value.split_once(',')?;
                // Newer versions write the last line before the name.
                let name = match name.split_once(',') {
                    Some((last, rest)) if last.parse::<u32>().is_ok() => rest,
                    _ => name,
                };
                let line = line.parse().ok()?;
                self.funcs.insert(name, line);
                self.file.funcs.entry((name.to_owned(), line)).or_default();
            }
            "FNDA" => {
                let (count, name) = value.split_once(',')?;
                let line = self.funcs.get(name).copied().unwrap_or(0);
                let func = (name.to_owned(), line);
                add(self.file.funcs.entry(func).or_default(), count.parse().ok()?);
            }
            "BRDA" => {
                let [line, branch, way, count] =
                    value.splitn(4, ',').collect::<Vec<_>>().try_into().ok()?;
                let key = (line.parse().ok()?, branch.parse().ok()?, way.parse().ok()?);
                // `-` means that the line was never reached.
                let count: u64 = if count == "-" { 0 } else { count.parse().ok()? };
                add(self.file.branches.entry(key).or_default(), count);
            }
            "DA" => {
                let mut parts = value.split(',');
                let line = parts.next()?.parse().ok()?;
                add(self.file.lines.entry(line).or_default(), parts.next()?.parse().ok()?);
            }
            _ => {}
        }
        Some(())
    }
}
