//! Coverage as one self-contained HTML page.

use super::{Coverage, FileCoverage, Part, Summary, is_library};
use burdock::names::EscapedLines;
use std::fmt::Write as _;

const STYLE: &str = "\
body{font:14px sans-serif;margin:2em;color:#222}\
table{border-collapse:collapse}td,th{padding:2px 12px;text-align:right;white-space:nowrap}\
td:last-child,th:last-child{text-align:left}tr.group td{font-weight:bold;padding-top:1em}\
.bar{display:inline-block;width:80px;height:10px;background:#f0b8b8;margin-right:8px}\
.bar i{display:block;height:10px;background:#7cc47c}\
pre{font:12px/1.35 monospace;border:1px solid #ccc;overflow-x:auto;margin:0;display:grid}\
pre span{display:block;padding:0 8px}pre i{display:inline-block;width:6em;color:#888;font-style:normal}\
pre b{display:inline-block;width:7em;color:#555;font-weight:normal}\
pre u{display:inline-block;width:4em;color:#888;text-decoration:none}\
pre a{display:inline-block;width:2em;text-decoration:none}span:target{outline:2px solid #c33}\
.hit{background:#e6f5e6}.miss{background:#fbe3e3}.part{background:#fdf3d0}\
summary{font:14px monospace;cursor:pointer;padding:4px 0}";

impl Coverage {
    /// Returns an HTML page with the source of each file, which `source` returns for the file's
    /// name. If `source` returns `None`, the page shows only line numbers.
    ///
    /// Files of libraries come last and are collapsed; within each group, the files with the most
    /// uncovered lines come first. The first line of each run of uncovered lines links to the next
    /// run.
    pub fn html(&self, title: &str, source: impl Fn(&str) -> Option<String>) -> String {
        let title = escape(title);
        let mut page = format!(
            "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>{title}: coverage</title>\
             <style>{STYLE}</style>\n<h1>{title}</h1>\n"
        );
        let files = self.sorted();
        page += "<table><tr><th>lines<th>functions<th>branches<th>file</tr>\n";
        page += &row("all files", &self.summary());
        let (mut uncovered, mut libraries) = (0, false);
        let mut sources = String::new();
        for (number, (name, file)) in files.into_iter().enumerate() {
            if is_library(name) && !libraries {
                libraries = true;
                page += "<tr class=\"group\"><td colspan=\"3\"><td>libraries</tr>\n";
            }
            let link = format!("<a href=\"#f{number}\">{}</a>", escape(name));
            page += &row(&link, &file.summary());
            let open = if libraries { "" } else { " open" };
            // Writing to a string does not fail.
            let _ = writeln!(
                sources,
                "<details{open} id=\"f{number}\"><summary>{}</summary><pre>",
                escape(name)
            );
            file.write_source(source(name).as_deref(), &mut uncovered, &mut sources);
            sources += "</pre></details>\n";
        }
        page += "</table>\n";
        if uncovered > 0 {
            page += "<p><a href=\"#n0\">the first line that has not run</a></p>\n";
        }
        page + &sources + &format!("<p id=\"n{uncovered}\">There are no more.</p>\n</html>\n")
    }
}

impl FileCoverage {
    /// Writes the lines; `uncovered` counts runs of uncovered lines.
    fn write_source(&self, source: Option<&str>, uncovered: &mut usize, page: &mut String) {
        let last = self.lines.keys().next_back().copied().unwrap_or(0);
        let text: Vec<&str> = source.map_or(Vec::new(), |source| source.lines().collect());
        let known = text.len() as u32;
        // A tracefile can name any line, so only lines that exist or have counts are shown.
        let named = self.lines.keys().copied().filter(|line| *line > known);
        let shown_lines = (1..=known.min(last.max(known))).chain(named);
        let mut missed = false;
        for number in shown_lines {
            let shown = text.get(number.wrapping_sub(1) as usize).copied().unwrap_or_default();
            let (class, count) = match self.lines.get(&number) {
                None if source.is_none() => continue,
                None => ("", String::new()),
                Some(0) => ("miss", "0".to_owned()),
                Some(count) => {
                    (if self.in_part(number) { "part" } else { "hit" }, count.to_string())
                }
            };
            let (id, link) = match class == "miss" && !missed {
                true => {
                    let (this, next) = (*uncovered, *uncovered + 1);
                    *uncovered = next;
                    let title = "the next line that has not run";
                    (
                        format!(" id=\"n{this}\""),
                        format!("<a href=\"#n{next}\" title=\"{title}\">&darr;</a>"),
                    )
                }
                false => (String::new(), "<a></a>".to_owned()),
            };
            // Lines without code do not end a run of uncovered lines.
            missed = class == "miss" || class.is_empty() && missed;
            let _ = writeln!(
                page,
                "<span class=\"{class}\"{id}>{link}<i>{number}</i><b>{count}</b>{}{}</span>",
                self.ways(number),
                escape(shown)
            );
        }
    }

    /// Returns the counts of the ways of the branches in a line.
    fn branches_in(&self, line: u32) -> impl Iterator<Item = (&(u32, u32, u32), &u64)> {
        self.branches.range((line, 0, 0)..=(line, u32::MAX, u32::MAX))
    }

    /// Returns `true` if a way of a branch in this line was never taken.
    fn in_part(&self, line: u32) -> bool {
        self.branches_in(line).any(|(_, count)| *count == 0)
    }

    /// Returns the number of taken ways of the branches in a line, with the count of each as a
    /// tooltip.
    fn ways(&self, line: u32) -> String {
        if self.branches.is_empty() {
            return String::new();
        }
        let Part { hit, all } = Part::of(self.branches_in(line).map(|(_, count)| count));
        if all == 0 {
            return "<u></u>".to_owned();
        }
        let way = |((_, branch, way), count): (&(u32, u32, u32), &u64)| {
            format!("branch {branch}, way {way}: {count}")
        };
        let all_ways: Vec<String> = self.branches_in(line).map(way).collect();
        format!("<u title=\"{}\">{hit}/{all}</u>", all_ways.join("&#10;"))
    }
}

fn row(name: &str, summary: &Summary) -> String {
    let percent = |part: Part| match part.all {
        0 => "-".to_owned(),
        _ => {
            let percent = part.percent();
            let bar = format!("<span class=\"bar\"><i style=\"width:{percent:.1}%\"></i></span>");
            format!("{bar}{percent:.1} % ({}/{})", part.hit, part.all)
        }
    };
    let Summary { lines, functions, branches, .. } = *summary;
    format!(
        "<tr><td>{}<td>{}<td>{}<td>{name}</tr>\n",
        percent(lines),
        percent(functions),
        percent(branches)
    )
}

/// Escapes text for HTML. Control characters, which HTML forbids, and marks that reorder text are
/// shown as escapes.
pub(crate) fn escape(text: &str) -> String {
    let text = EscapedLines(text).to_string();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
