//! Coverage as lcov's `.info` files, written and read.

use super::{Coverage, FileCoverage};
use burdock::{Result, bail, format_err};
use std::fmt::Write as _;

impl Coverage {
    /// As an lcov tracefile.
    pub fn lcov(&self) -> String {
        let mut text = String::new();
        for (name, file) in &self.files {
            file.write(name, &mut text);
        }
        text
    }

    /// Reads an lcov tracefile. What only other tools write is left out.
    ///
    /// # Errors
    ///
    /// A line is not as it should be.
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
        let mut name = String::new();
        for (number, line) in (1..).zip(text.lines()) {
            let (key, value) = line.split_once(':').unwrap_or((line, ""));
            match key {
                "SF" => value.clone_into(&mut name),
                "TN" => continue,
                _ if name.is_empty() => bail!("no coverage: line {number} is of no file: {line}"),
                _ => {}
            }
            let file = coverage.files.entry(name.clone()).or_default();
            file.read(key, value).ok_or_else(|| {
                format_err!("line {number} of the coverage can't be read: {line}")
            })?;
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
        for (name, (at, _)) in &self.funcs {
            line(format!("FN:{at},{name}"));
        }
        for (name, (_, count)) in &self.funcs {
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

    fn read(&mut self, key: &str, value: &str) -> Option<()> {
        match key {
            "FN" => {
                let (line, name) = value.split_once(',')?;
                // Newer versions write the last line as well.
                let name = match name.split_once(',') {
                    Some((last, rest)) if last.parse::<u32>().is_ok() => rest,
                    _ => name,
                };
                self.funcs.entry(name.to_owned()).or_default().0 = line.parse().ok()?;
            }
            "FNDA" => {
                let (count, name) = value.split_once(',')?;
                self.funcs.entry(name.to_owned()).or_default().1 += count.parse::<u64>().ok()?;
            }
            "BRDA" => {
                let [line, branch, way, count] =
                    value.splitn(4, ',').collect::<Vec<_>>().try_into().ok()?;
                let key = (line.parse().ok()?, branch.parse().ok()?, way.parse().ok()?);
                // `-`: the line was never reached.
                let count: u64 = if count == "-" { 0 } else { count.parse().ok()? };
                *self.branches.entry(key).or_default() += count;
            }
            "DA" => {
                let mut parts = value.split(',');
                let line = parts.next()?.parse().ok()?;
                *self.lines.entry(line).or_default() += parts.next()?.parse::<u64>().ok()?;
            }
            _ => {}
        }
        Some(())
    }
}
