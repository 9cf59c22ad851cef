//! Coverage as JSON.

use super::{Coverage, FileCoverage, Part, Summary};
use serde_json::{Map, Value, json};

impl Coverage {
    /// Returns the coverage as JSON: the summary, and for each file its lines, functions and ways
    /// of branches with their counts.
    pub fn json(&self) -> Value {
        let files = self.sorted().into_iter().map(|(name, file)| file.json(name));
        json!({ "total": summary(&self.summary()), "files": files.collect::<Vec<_>>() })
    }
}

impl FileCoverage {
    fn json(&self, name: &str) -> Value {
        let lines: Map<String, Value> =
            self.lines.iter().map(|(line, count)| (line.to_string(), (*count).into())).collect();
        let funcs = self
            .named_funcs()
            .into_iter()
            .map(|(name, line, count)| json!({ "name": name, "line": line, "count": count }));
        let branches = self.branches.iter().map(|((line, branch, way), count)| {
            json!({ "line": line, "branch": branch, "way": way, "count": count })
        });
        json!({
            "path": name,
            "summary": summary(&self.summary()),
            "lines": lines,
            "functions": funcs.collect::<Vec<_>>(),
            "branches": branches.collect::<Vec<_>>(),
        })
    }
}

fn summary(summary: &Summary) -> Value {
    let parts = [
        ("lines", summary.lines),
        ("functions", summary.functions),
        ("branches", summary.branches),
        ("instructions", summary.instructions),
    ];
    // Coverage that was read from tracefiles has no instructions.
    let known = parts.into_iter().filter(|(name, part)| *name != "instructions" || part.all > 0);
    let value = |(name, part): (&str, Part)| {
        let percent = (100.0 * part.percent()).round() / 100.0;
        (name.to_owned(), json!({ "hit": part.hit, "all": part.all, "percent": percent }))
    };
    Value::Object(known.map(value).collect())
}
