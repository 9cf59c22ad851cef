//! `cargo xtask goals FILE [--seen FILE]`: the project's goals for speed, computed from the rows
//! that `cargo xtask bench --json FILE` has written, and the table of them in docs/PERFORMANCE.md;
//! what hooks cost, in docs/HOOKS.md. `--seen`: rows of a build with the sequences of `cargo xtask
//! mine --seen`, which were mined from what is measured. The goals themselves are data:
//! benches/goals.toml.

use std::fmt::Write as _;
use std::fs;

use serde::Deserialize;
use serde_json::Value;

use crate::Result;
use crate::run::{option, root};

/// The pages of the tables, with the marks around them.
const GOALS: [&str; 3] = ["docs/PERFORMANCE.md", "<!-- goals -->\n", "<!-- /goals -->"];
const COSTS: [&str; 3] = ["docs/HOOKS.md", "<!-- costs -->\n", "<!-- /costs -->"];

/// The contents of benches/goals.toml.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    /// The peers that interpret.
    interpreters: Vec<String>,
    #[serde(rename = "goal")]
    goals: Vec<Goal>,
    /// The columns and rows of the table of hook costs.
    #[serde(rename = "column")]
    columns: Vec<Column>,
    #[serde(rename = "row")]
    rows: Vec<Row>,
}

/// A goal: a figure with its minimum or maximum.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Goal {
    what: String,
    #[serde(flatten)]
    bound: Bound,
    figure: Figure,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

/// A figure that is computed from medians. A multiple is that of a runtime for Burdock, unless the
/// other runtime is named (`of`).
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Figure {
    /// The geometric mean of a runtime's multiples, of all cases or of one.
    Mean { group: String, case: Option<String>, runtime: String },
    /// Burdock's time as a part of a runtime's: the inverse of the mean.
    Part { group: String, case: Option<String>, runtime: String },
    /// The smallest multiple of any interpreter for `runtime`, or of any of the named peers.
    Worst {
        group: String,
        runtime: String,
        #[serde(default)]
        peers: Vec<String>,
    },
    /// The largest multiple of `runtime` for `of`, in one case or in all but some.
    Slowest {
        group: String,
        case: Option<String>,
        #[serde(default)]
        except: Vec<String>,
        runtime: String,
        of: String,
    },
    /// The memory that translation adds to a module.
    Translated { case: String },
    /// The time that a call hook adds to a case, as a part of what it adds to Pulley.
    Added { case: String },
    /// The cost of observing one of `times` events in an iteration, as a multiple of a host call.
    Observed { runtime: String, times: u32 },
    /// A median.
    Median { group: String, case: String, runtime: String, note: String },
}

/// A column of the table of costs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Column {
    head: String,
    runtime: String,
}

/// A row of the table of costs, with the runtimes whose columns it fills.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    case: String,
    what: String,
    columns: Vec<String>,
}

/// The measured rows: group, case, runtime, median.
pub(crate) struct Rows(pub(crate) Vec<(String, String, String, f64)>);

pub(crate) fn run(args: &[String]) -> Result {
    let path = args.first().ok_or("needs the file that `cargo xtask bench --json` has written")?;
    let plan = Plan::read()?;
    let mut rows = Rows::read(path)?;
    if let Some(path) = option(args, "--seen")? {
        let seen = Rows::read(path)?.0.into_iter().filter(|row| row.0 == "execute");
        rows.0.extend(seen.map(|row| ("seen".to_owned(), row.1, row.2, row.3)));
    }
    write(GOALS, &plan.table(&rows))?;
    match plan.costs(&rows) {
        Some(table) => write(COSTS, &table),
        None => Ok(()),
    }
}

/// Returns the peers that interpret.
pub(crate) fn interpreters() -> Result<Vec<String>> {
    Ok(Plan::read()?.interpreters)
}

/// Prints a table, and writes it to its page.
fn write([page, begin, end]: [&str; 3], table: &str) -> Result {
    print!("{table}");
    let path = root().join(page);
    let text = fs::read_to_string(&path)?;
    let (before, rest) = text.split_once(begin).ok_or(format!("{page} has no marker"))?;
    let (_, after) = rest.split_once(end).ok_or(format!("{page} has no end marker"))?;
    fs::write(&path, format!("{before}{begin}{table}{end}{after}"))?;
    Ok(())
}

impl Plan {
    fn read() -> Result<Self> {
        let path = root().join("benches/goals.toml");
        let text = fs::read_to_string(&path)?;
        toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()).into())
    }

    /// Returns the table of hook costs: kernels as multiples of themselves without observation.
    fn costs(&self, rows: &Rows) -> Option<String> {
        rows.median("hook", "calls", "burdock+funcs")?;
        let heads: String =
            self.columns.iter().map(|column| format!(" {} |", column.head)).collect();
        let mut text = format!("\n| kernel |{heads}\n|---|{}\n", "---|".repeat(self.columns.len()));
        for Row { case, what, columns } in &self.rows {
            let _ = write!(text, "| `{case}`: {what} |");
            for Column { runtime, .. } in &self.columns {
                let says = columns.contains(runtime);
                let _ = match rows.multiple("hook", case, runtime).filter(|_| says) {
                    Some(n) => write!(text, " {n:.1} |"),
                    None => text.write_str(" - |"),
                };
            }
            text.push('\n');
        }
        text.push('\n');
        Some(text)
    }

    /// Returns the table of goals with the measured figures.
    fn table(&self, rows: &Rows) -> String {
        let mut text = String::from("\n| | goal | measured | |\n|---|---|---|---|\n");
        for Goal { what, bound, figure } in &self.goals {
            let figure = figure.compute(rows, &self.interpreters);
            let wanted = match bound {
                Bound::AtLeast(least) => format!("at least {least}"),
                Bound::AtMost(most) => format!("at most {most}"),
            };
            let (figure, mark) = match figure {
                None => ("not measured".to_owned(), ""),
                Some((n, note)) => {
                    let reached = bound.admits(n);
                    let mark = if reached { "reached" } else { "**not reached**" };
                    (format!("{n:.2} ({note})"), mark)
                }
            };
            let _ = writeln!(text, "| {what} | {wanted} | {figure} | {mark} |");
        }
        text.push('\n');
        text
    }
}

impl Bound {
    fn admits(self, n: f64) -> bool {
        match self {
            Self::AtLeast(least) => n >= least,
            Self::AtMost(most) => n <= most,
        }
    }
}

impl Figure {
    /// Returns the figure with a note, unless something that it needs was not measured.
    fn compute(&self, rows: &Rows, interpreters: &[String]) -> Option<(f64, String)> {
        let is = |wanted: &Option<String>, case: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == case)
        };
        match self {
            Self::Mean { group, case, runtime } => rows.mean(group, |name| is(case, name), runtime),
            Self::Part { group, case, runtime } => {
                rows.mean(group, |name| is(case, name), runtime).map(|(n, note)| (1.0 / n, note))
            }
            Self::Worst { group, runtime, peers } => {
                let peers = if peers.is_empty() { interpreters } else { peers };
                rows.worst(group, runtime, peers)
            }
            Self::Slowest { group, case, except, runtime, of } => {
                let wanted =
                    |name: &str| is(case, name) && !except.iter().any(|other| other == name);
                rows.slowest(group, wanted, runtime, of)
            }
            Self::Translated { case } => rows.translated(case),
            Self::Added { case } => rows.added(case),
            Self::Observed { runtime, times } => rows.observed(runtime, f64::from(*times)),
            Self::Median { group, case, runtime, note } => {
                Some((rows.median(group, case, runtime)?, note.clone()))
            }
        }
    }
}

impl Rows {
    pub(crate) fn read(path: &str) -> Result<Self> {
        let json: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
        let rows = json["rows"].as_array().ok_or("no rows in the file")?;
        let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let rows = rows.iter().map(|row| {
            let median = row["median_s"].as_f64().unwrap_or(f64::NAN);
            (text(row, "group"), text(row, "case"), text(row, "runtime"), median)
        });
        Ok(Self(rows.collect()))
    }

    fn median(&self, group: &str, case: &str, runtime: &str) -> Option<f64> {
        let wanted = (group, case, runtime);
        self.0.iter().find(|(g, c, r, _)| (&**g, &**c, &**r) == wanted).map(|row| row.3)
    }

    /// Returns a runtime's median as a multiple of Burdock's.
    fn multiple(&self, group: &str, case: &str, runtime: &str) -> Option<f64> {
        Some(self.median(group, case, runtime)? / self.median(group, case, "burdock")?)
    }

    /// Returns the cost of observing so many events, each as a multiple of a host call. The kernels
    /// that call a function, the host and nothing do so in the same loop, equally often.
    fn observed(&self, runtime: &str, things: f64) -> Option<(f64, String)> {
        let median = |case, runtime| self.median("hook", case, runtime);
        let host = median("guest_to_host", "burdock")? - median("loop", "burdock")?;
        let observed = median("calls", runtime)? - median("calls", "burdock")?;
        Some((observed / things / host, "calls, without the loop".to_owned()))
    }

    /// Returns the time that a call hook adds to a case, as a part of what it adds to Pulley.
    fn added(&self, case: &str) -> Option<(f64, String)> {
        let added = |with, without| {
            Some(self.median("hook", case, with)? - self.median("hook", case, without)?)
        };
        let parts = added("burdock+hook", "burdock")? / added("pulley+hook", "pulley")?;
        Some((parts, case.to_owned()))
    }

    /// Returns the memory that translation adds to a module, with the total in the note.
    fn translated(&self, case: &str) -> Option<(f64, String)> {
        let all = self.median("memory", case, "burdock")?;
        let untranslated = self.median("memory", case, "burdock+lazy")?;
        Some((all - untranslated, format!("{case}, {all:.2} in all")))
    }

    /// Returns the largest multiple of one runtime for another, and its case.
    fn slowest(
        &self,
        group: &str,
        wanted: impl Fn(&str) -> bool,
        runtime: &str,
        other: &str,
    ) -> Option<(f64, String)> {
        let multiples = self.cases(group).filter(|case| wanted(case)).filter_map(|case| {
            let other = self.median(group, case, other)?;
            Some((self.median(group, case, runtime)? / other, case.to_owned()))
        });
        multiples.max_by(|a, b| a.0.total_cmp(&b.0))
    }

    /// Returns the cases of a group.
    fn cases(&self, group: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |row| row.0 == group && row.2 == "burdock").map(|row| &*row.1)
    }

    /// Returns the geometric mean of a runtime's multiples.
    pub(crate) fn mean(
        &self,
        group: &str,
        wanted: impl Fn(&str) -> bool,
        runtime: &str,
    ) -> Option<(f64, String)> {
        let cases = self.cases(group).filter(|case| wanted(case));
        let logs: Vec<f64> =
            cases.filter_map(|case| Some(self.multiple(group, case, runtime)?.ln())).collect();
        let mean = (logs.iter().sum::<f64>() / logs.len() as f64).exp();
        (!logs.is_empty()).then(|| (mean, format!("{} rows", logs.len())))
    }

    /// Returns the smallest multiple of any of the peers in a group, and its case.
    fn worst(&self, group: &str, runtime: &str, peers: &[String]) -> Option<(f64, String)> {
        let multiples = self.cases(group).flat_map(|case| {
            peers.iter().filter_map(move |peer| {
                let own = self.median(group, case, runtime)?;
                let peers = self.median(group, case, peer)?;
                Some((peers / own, format!("{case}, {peer}")))
            })
        });
        multiples.min_by(|a, b| a.0.total_cmp(&b.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_row_is_that_of_what_is_wanted() {
        let row = |case: &str, runtime: &str, median| {
            ("startup".to_owned(), case.to_owned(), runtime.to_owned(), median)
        };
        let rows = Rows(vec![
            row("bz2", "burdock", 3.0),
            row("bz2", "wasmparser", 2.0),
            row("erc20", "burdock", 4.0),
            row("erc20", "wasmparser", 5.0),
            row("fib", "burdock", 9.0),
            row("fib", "wasmparser", 1.0),
            row("coremark", "burdock", 9.0),
        ]);
        let slowest = |other| rows.slowest("startup", |case| case != "fib", "burdock", other);
        assert_eq!(slowest("wasmparser"), Some((1.5, "bz2".to_owned())));
        assert_eq!(slowest("wasmi"), None);
    }

    #[test]
    fn the_worst_row_is_that_of_the_fastest_peer_or_of_a_named_one() {
        let row = |case: &str, runtime: &str, median| {
            ("programs".to_owned(), case.to_owned(), runtime.to_owned(), median)
        };
        let rows = Rows(vec![
            row("lua", "burdock", 2.0),
            row("lua", "wasmi", 3.0),
            row("sort", "burdock", 1.0),
            row("sort", "wasmi", 2.0),
            row("sort", "wasm3", 0.5),
        ]);
        let interpreters = ["wasmi", "wasm3"].map(str::to_owned);
        let worst = |peers: &str| {
            let figure =
                format!("kind = 'worst'\ngroup = 'programs'\nruntime = 'burdock'\n{peers}");
            toml::from_str::<Figure>(&figure).unwrap().compute(&rows, &interpreters)
        };
        assert_eq!(worst(""), Some((0.5, "sort, wasm3".to_owned())));
        assert_eq!(worst("peers = ['wasmi']"), Some((1.5, "lua, wasmi".to_owned())));
    }

    #[test]
    fn the_plan_can_be_read_and_computed() {
        let plan = Plan::read().unwrap();
        let table = plan.table(&Rows(vec![]));
        assert!(table.contains("| at least 2.6 | not measured |"), "{table}");
        let row = |case: &str, runtime: &str, median| {
            ("hook".to_owned(), case.to_owned(), runtime.to_owned(), median)
        };
        let rows = Rows(vec![
            row("loop", "burdock", 1.0),
            row("guest_to_host", "burdock", 3.0),
            row("guest_to_host", "burdock+hook", 6.0),
            row("calls", "burdock", 2.0),
            row("calls", "burdock+funcs", 5.0),
        ]);
        let table = plan.table(&rows);
        let lines = [
            "| at most 1.5 | 2.00 (guest_to_host) | **not reached** |",
            "| at most 1.5 | 1.50 (calls, without the loop) | reached |",
        ];
        for line in lines {
            assert!(table.contains(line), "{line}: {table}");
        }
        let costs = plan.costs(&rows).unwrap();
        let line = "| `calls`: a loop of calls within the guest | 1.0 | - | 2.5 | - |";
        assert!(costs.contains(line), "{costs}");
    }
}
