//! Summary of a trace: the number of calls of each function, their errors and their total time.

use super::format::Record;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

/// Counts calls by function.
#[derive(Default)]
pub(super) struct Summary {
    rows: BTreeMap<String, Row>,
}

#[derive(Default)]
struct Row {
    calls: u64,
    errors: u64,
    time: Duration,
}

impl Summary {
    /// Adds a call that has ended.
    pub(super) fn add(&mut self, record: &Record, took: Duration) {
        let row = self.rows.entry(record.place.full_name()).or_default();
        row.calls += 1;
        row.errors += u64::from(record.failed);
        row.time += took;
    }

    /// Returns a table, the functions with the longest total time first, or the same as JSON lines.
    pub(super) fn text(&self, table: bool) -> String {
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_by_key(|(_, row)| std::cmp::Reverse(row.time));
        if !table {
            let line = |(name, row): (&String, &Row)| {
                let ns = row.time.as_nanos() as u64;
                let (calls, errors) = (row.calls, row.errors);
                json!({ "name": name, "calls": calls, "errors": errors, "ns": ns }).to_string()
            };
            let lines: Vec<String> = rows.into_iter().map(line).collect();
            return lines.join("\n");
        }
        let mut text = format!("{:>12} {:>12} {:>9}  name", "seconds", "calls", "errors");
        for (name, row) in rows {
            let seconds = row.time.as_secs_f64();
            text += &format!("\n{seconds:>12.6} {:>12} {:>9}  {name}", row.calls, row.errors);
        }
        text
    }
}
