//! Coverage as one HTML page that needs nothing else.

use super::{Coverage, FileCoverage, Part, Summary};
use std::fmt::Write as _;

const STYLE: &str = "\
body{font:14px sans-serif;margin:2em;color:#222}\
table{border-collapse:collapse}td,th{padding:2px 12px;text-align:right;white-space:nowrap}\
td:last-child,th:last-child{text-align:left}\
pre{font:12px/1.35 monospace;border:1px solid #ccc;overflow-x:auto;margin:0;display:grid}\
pre span{display:block;padding:0 8px}pre i{display:inline-block;width:6em;color:#888;font-style:normal}\
pre b{display:inline-block;width:7em;color:#555;font-weight:normal}\
pre u{display:inline-block;width:4em;color:#888;text-decoration:none}\
.hit{background:#e6f5e6}.miss{background:#fbe3e3}.part{background:#fdf3d0}\
summary{font:14px monospace;cursor:pointer;padding:4px 0}";

impl Coverage {
    /// As a page with the source of each file, which `source` finds by its name; without it, only
    /// the numbers of lines are shown.
    pub fn html(&self, title: &str, source: impl Fn(&str) -> Option<String>) -> String {
        let title = escape(title);
        let mut page = format!(
            "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>{title}: coverage</title>\
             <style>{STYLE}</style>\n<h1>{title}</h1>\n"
        );
        let all = self.summary();
        page += "<table><tr><th>lines<th>functions<th>branches<th>file</tr>\n";
        page += &row("all files", &all);
        for (number, (name, file)) in self.files.iter().enumerate() {
            let link = format!("<a href=\"#f{number}\">{}</a>", escape(name));
            page += &row(&link, &file.summary());
        }
        page += "</table>\n";
        for (number, (name, file)) in self.files.iter().enumerate() {
            // Writing to a string does not fail.
            let _ = writeln!(
                page,
                "<details open id=\"f{number}\"><summary>{}</summary><pre>",
                escape(name)
            );
            file.write_source(source(name).as_deref(), &mut page);
            page += "</pre></details>\n";
        }
        page + "</html>\n"
    }
}

impl FileCoverage {
    fn write_source(&self, source: Option<&str>, page: &mut String) {
        let last = self.lines.keys().next_back().copied().unwrap_or(0);
        let text: Vec<&str> = source.map_or(Vec::new(), |source| source.lines().collect());
        for number in 1..=last.max(text.len() as u32) {
            let shown = text.get(number as usize - 1).copied().unwrap_or_default();
            let (class, count) = match self.lines.get(&number) {
                None if source.is_none() => continue,
                None => ("", String::new()),
                Some(0) => ("miss", "0".to_owned()),
                Some(count) => {
                    (if self.in_part(number) { "part" } else { "hit" }, count.to_string())
                }
            };
            let _ = writeln!(
                page,
                "<span class=\"{class}\"><i>{number}</i><b>{count}</b>{}{}</span>",
                self.ways(number),
                escape(shown)
            );
        }
    }

    /// The ways of the branches in a line.
    fn branches_in(&self, line: u32) -> impl Iterator<Item = (&(u32, u32, u32), &u64)> {
        self.branches.range((line, 0, 0)..=(line, u32::MAX, u32::MAX))
    }

    /// Whether a way of a branch in this line was never taken.
    fn in_part(&self, line: u32) -> bool {
        self.branches_in(line).any(|(_, count)| *count == 0)
    }

    /// How many ways of the branches in a line were taken, and how often each, if one points there.
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
        _ => format!("{:.1} % ({}/{})", part.percent(), part.hit, part.all),
    };
    let Summary { lines, functions, branches, .. } = *summary;
    format!(
        "<tr><td>{}<td>{}<td>{}<td>{name}</tr>\n",
        percent(lines),
        percent(functions),
        percent(branches)
    )
}

/// Text, so that HTML shows it as it is.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
