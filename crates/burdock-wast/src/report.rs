//! The results of scripts: counts, failures and skips, each with its place.

use std::collections::BTreeMap;
use std::fmt;

/// A place in a script; lines and columns count from one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The name that the script was run under.
    pub file: String,
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// A directive whose result was not the expected one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The place of the directive.
    pub at: Location,
    /// The directive, with what it calls: "assert_return `add`".
    pub directive: String,
    /// The result that the script expects.
    pub expected: String,
    /// The actual result.
    pub got: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, directive, expected, got } = self;
        write!(f, "{at}: {directive}: expected {expected}, got {got}")
    }
}

/// A directive that was not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// The place of the directive.
    pub at: Location,
    /// The reason why the directive was not run.
    pub reason: String,
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: skipped: {}", self.at, self.reason)
    }
}

/// The results of all scripts that a runner ran.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Scripts that were run.
    pub files: usize,
    /// Scripts that the filter left out.
    pub filtered: usize,
    /// Modules that were compiled by `module` directives.
    pub modules: usize,
    /// `assert_*` directives that were run, whether they held or not.
    pub assertions: usize,
    /// Events that the counting hook saw; zero when none was installed.
    pub hook_events: u64,
    /// Directives whose result was not the expected one.
    pub failures: Vec<Failure>,
    /// Directives that were not run.
    pub skips: Vec<Skip>,
}

impl Report {
    /// Returns `true` if something was run and nothing failed.
    pub fn is_ok(&self) -> bool {
        self.failures.is_empty() && self.modules + self.assertions > 0
    }

    /// Adds the results of other scripts.
    pub fn absorb(&mut self, other: Report) {
        self.files += other.files;
        self.filtered += other.filtered;
        self.modules += other.modules;
        self.assertions += other.assertions;
        self.hook_events += other.hook_events;
        self.failures.extend(other.failures);
        self.skips.extend(other.skips);
    }

    /// Returns the number of skipped directives for each reason.
    pub fn skip_reasons(&self) -> BTreeMap<&str, usize> {
        let mut reasons = BTreeMap::new();
        for skip in &self.skips {
            *reasons.entry(skip.reason.as_str()).or_default() += 1;
        }
        reasons
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} files, {} modules, {} assertions, {} failures, {} skips",
            self.files,
            self.modules,
            self.assertions,
            self.failures.len(),
            self.skips.len()
        )?;
        if self.hook_events > 0 {
            write!(f, ", {} hook events", self.hook_events)?;
        }
        for (reason, count) in self.skip_reasons() {
            write!(f, "\n  {count} skipped: {reason}")?;
        }
        Ok(())
    }
}
