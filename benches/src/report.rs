//! Prints the measurements: one table for each group, with ratios to Burdock (how much longer the
//! others take) and a geometric mean below.

use std::collections::BTreeMap;

use crate::measure::{Measured, Row};

/// Returns the runtime to compare with: Burdock, or the first one without it.
fn base(rows: &[&Row]) -> Option<&'static str> {
    let burdock = rows.iter().find(|row| row.runtime == "burdock");
    burdock.or(rows.first()).map(|row| row.runtime)
}

pub(crate) fn print(measured: &Measured) {
    let mut groups: Vec<&'static str> = Vec::new();
    for row in &measured.rows {
        if !groups.contains(&row.group) {
            groups.push(row.group);
        }
    }
    for group in groups {
        let rows: Vec<&Row> = measured.rows.iter().filter(|row| row.group == group).collect();
        print!("{}", table(group, &rows));
    }
    for unable in &measured.unable {
        println!("cannot: {unable}");
    }
}

/// Returns the table of one group.
fn table(group: &str, rows: &[&Row]) -> String {
    let Some(base) = base(rows) else {
        return String::new();
    };
    let mut runtimes = vec![base];
    let mut cases: Vec<&str> = Vec::new();
    let mut medians = BTreeMap::new();
    for row in rows {
        if !runtimes.contains(&row.runtime) {
            runtimes.push(row.runtime);
        }
        if !cases.contains(&row.case.as_str()) {
            cases.push(&row.case);
        }
        medians.insert((row.case.as_str(), row.runtime), row.median);
    }
    let is_memory = matches!(group, "memory" | "peak");
    let unit = if is_memory { "bytes/byte" } else { "ms" };
    let scale = if is_memory { 1.0 } else { 1e3 };
    let mut text = format!("\n{group}: {base} in {unit}, the others as a multiple of it\n");
    text += &format!("{:<22}", "");
    for runtime in &runtimes {
        text += &format!("{runtime:>17}");
    }
    text.push('\n');
    let mut ratios: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for case in &cases {
        text += &format!("{case:<22}");
        let of_base = medians.get(&(*case, base));
        for runtime in &runtimes {
            text += &match (medians.get(&(*case, *runtime)), of_base) {
                (None, _) => format!("{:>17}", "-"),
                (Some(median), _) if *runtime == base => format!("{:>17.4}", median * scale),
                (Some(median), None) => format!("{:>15.4}ms", median * scale),
                (Some(median), Some(of_base)) => {
                    ratios.entry(runtime).or_default().push(median / of_base);
                    format!("{:>17.3}", median / of_base)
                }
            };
        }
        text.push('\n');
    }
    text += &format!("{:<22}{:>17}", "geometric mean", 1);
    for runtime in &runtimes[1..] {
        let ratios = ratios.get(runtime).map_or(&[][..], Vec::as_slice);
        text += &match geometric_mean(ratios) {
            Some(mean) => format!("{mean:>17.3}"),
            None => format!("{:>17}", "-"),
        };
    }
    text.push('\n');
    text
}

fn geometric_mean(ratios: &[f64]) -> Option<f64> {
    let positive = ratios.iter().filter(|ratio| **ratio > 0.0);
    let (count, sum) = positive.fold((0, 0.0), |(n, sum), ratio| (n + 1, sum + ratio.ln()));
    (count > 0).then(|| (sum / f64::from(count)).exp())
}

/// Returns the rows as JSON. `median_s` is in seconds, or in the group `memory` in bytes for each
/// byte of the module.
pub(crate) fn json(rows: &[Row]) -> String {
    let rows: Vec<String> = rows
        .iter()
        .map(|Row { group, case, runtime, median }| {
            let median = if median.is_finite() { format!("{median:e}") } else { "null".to_owned() };
            format!(
                "  {{\"group\": {group:?}, \"case\": {case:?}, \"runtime\": {runtime:?}, \
                 \"median_s\": {median}}}"
            )
        })
        .collect();
    format!("{{\"rows\": [\n{}\n]}}\n", rows.join(",\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Row> {
        let row = |case: &str, runtime, median| Row {
            group: "execute",
            case: case.to_owned(),
            runtime,
            median,
        };
        vec![
            row("a", "wasmi", 0.002),
            row("a", "burdock", 0.001),
            row("b", "wasmi", 0.008),
            row("b", "burdock", 0.001),
            row("b", "wasm3", 0.003),
        ]
    }

    #[test]
    fn ratios_are_to_burdock() {
        let rows = rows();
        let rows: Vec<&Row> = rows.iter().collect();
        let table = table("execute", &rows);
        let words: Vec<Vec<&str>> =
            table.lines().skip(2).map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(words[0], ["burdock", "wasmi", "wasm3"]);
        assert_eq!(words[1], ["a", "1.0000", "2.000", "-"]);
        assert_eq!(words[2], ["b", "1.0000", "8.000", "3.000"]);
        assert_eq!(words[3], ["geometric", "mean", "1", "4.000", "3.000"]);
    }

    #[test]
    fn json_has_a_row_for_each() {
        let text = json(&rows()[..1]);
        let expected = "{\"rows\": [\n  {\"group\": \"execute\", \"case\": \"a\", \
                        \"runtime\": \"wasmi\", \"median_s\": 2e-3}\n]}\n";
        assert_eq!(text, expected);
    }
}
