//! A profile as text and pictures: tables, JSON, folded stacks, a flame graph.

use super::{Profile, Sort};
use indexmap::IndexMap;
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::io::{self, Write};

impl Profile {
    /// Returns one line for each stack, `outer;inner WEIGHT`: the input for tools that draw flame
    /// graphs.
    pub fn folded(&self) -> String {
        // Folded stacks name no lines, so calls from several lines are added up.
        let mut lines: IndexMap<String, u64> = IndexMap::new();
        for (number, stack) in self.stacks.iter().enumerate().filter(|(_, stack)| stack.weight > 0)
        {
            let mut path: Vec<_> =
                self.path(number).iter().map(|name| name.replace(';', ":")).collect();
            if stack.cut.is_some() {
                path.insert(path.len() - 1, "[...]".to_owned());
            }
            *lines.entry(path.join(";")).or_default() += stack.weight;
        }
        lines.into_iter().map(|(path, weight)| format!("{path} {weight}\n")).collect()
    }

    /// Returns a table of at most `rows` functions.
    pub fn table(&self, rows: usize, sort: Sort) -> String {
        let mut text = format!("{} {:>12}  function\n", Self::HEADINGS, "calls");
        let mut funcs = self.funcs();
        match sort {
            Sort::Own => {}
            Sort::Total => funcs.sort_by_key(|func| Reverse(func.total)),
            Sort::Calls => funcs.sort_by_key(|func| Reverse(func.calls)),
            Sort::Name => funcs.sort_by(|a, b| a.name.cmp(&b.name)),
        }
        for func in funcs.iter().take(rows) {
            let calls = func.calls.map_or("-".to_owned(), |calls| calls.to_string());
            text += &format!("{} {calls:>12}  {}\n", self.numbers(func.own, func.total), func.name);
        }
        text + &self.bottom(funcs.len().saturating_sub(rows), "functions")
    }

    /// Returns a table of at most `rows` lines of source. Lines have no calls; sorted by calls,
    /// they are in the order of their own work.
    pub fn line_table(&self, rows: usize, sort: Sort) -> String {
        let mut text = format!("{}  line\n", Self::HEADINGS);
        let mut lines = self.lines();
        match sort {
            Sort::Own | Sort::Calls => {}
            Sort::Total => lines.sort_by_key(|line| Reverse(line.total)),
            Sort::Name => lines.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line))),
        }
        for line in lines.iter().take(rows) {
            let numbers = self.numbers(line.own, line.total);
            text += &format!("{numbers}  {}:{}\n", line.file, line.line);
        }
        let own: u64 = lines.iter().map(|line| line.own).sum();
        if own < self.total() {
            text += &format!("{}  of no known line\n", self.numbers(self.total() - own, 0));
        }
        text + &self.bottom(lines.len().saturating_sub(rows), "lines")
    }

    const HEADINGS: &str = "          self       %          total       %";

    fn numbers(&self, own: u64, total: u64) -> String {
        let all = self.total().max(1);
        let percent = |part: u64| 100.0 * part as f64 / all as f64;
        format!("{own:>14} {:>7.2} {total:>14} {:>7.2}", percent(own), percent(total))
    }

    fn bottom(&self, more: usize, what: &str) -> String {
        let more = if more > 0 { format!("and {more} more {what}\n") } else { String::new() };
        format!("{more}{:>14} {} in all\n", self.total(), self.unit.name())
    }

    /// Returns functions and lines as JSON.
    pub fn json(&self) -> Value {
        let func = |func: super::FuncProfile| json!({ "name": func.name, "self": func.own, "total": func.total, "calls": func.calls });
        let funcs: Vec<Value> = self.funcs().into_iter().map(func).collect();
        let mut all =
            json!({ "unit": self.unit.name(), "total": self.total(), "functions": funcs });
        let line = |line: super::LineProfile| json!({ "file": line.file, "line": line.line, "self": line.own, "total": line.total });
        let lines: Vec<Value> = self.lines().into_iter().map(line).collect();
        if !lines.is_empty() {
            all["lines"] = lines.into();
        }
        all
    }

    /// Writes a flame graph as an interactive SVG for a browser.
    ///
    /// # Errors
    ///
    /// Returns an error if the profile is empty, or if writing fails.
    pub fn flamegraph(&self, title: &str, out: impl Write) -> io::Result<()> {
        let mut options = flamegraph_options(title, self.unit.name());
        let folded = self.folded();
        inferno::flamegraph::from_lines(&mut options, folded.lines(), out)
    }
}

/// Returns the appearance of flame graphs.
pub(super) fn flamegraph_options(title: &str, unit: &str) -> inferno::flamegraph::Options<'static> {
    let mut options = inferno::flamegraph::Options::default();
    options.title = format!("{title} ({unit})");
    options.count_name = unit.to_owned();
    options.deterministic = true;
    // Inverted, so that the outermost function stays at the top of the page, however deep the stack
    // is.
    options.direction = inferno::flamegraph::Direction::Inverted;
    options.text_truncate_direction = inferno::flamegraph::TextTruncateDirection::Right;
    options
}
