//! `cargo xtask goals FILE [--seen FILE]`: the project's goals for speed, computed from the rows that
//! `cargo xtask bench --json FILE` has written, and the table of them in docs/PERFORMANCE.md; what
//! hooks cost, in docs/HOOKS.md. `--seen`: rows of a build with the sequences of `cargo xtask mine
//! --seen`, which were mined from what is measured.

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use crate::Result;
use crate::run::{option, root};

/// Peers that interpret.
const INTERPRETERS: &[&str] =
    &["wasmi", "wasm3", "wamr", "stitch", "tinywasm", "submilli", "pulley"];
/// Where the tables stand.
const GOALS: [&str; 3] = ["docs/PERFORMANCE.md", "<!-- goals -->\n", "<!-- /goals -->"];
const COSTS: [&str; 3] = ["docs/HOOKS.md", "<!-- costs -->\n", "<!-- /costs -->"];
/// What is observed, as columns of the table of costs.
const OBSERVED: &[(&str, &str)] = &[
    ("nothing is observed", "burdock"),
    ("one function of many", "burdock+one"),
    ("all functions", "burdock+funcs"),
    ("host calls", "burdock+imports"),
    ("accesses to memory", "burdock+memory"),
    ("each instruction", "burdock+each"),
    ("functions, by `Store::count`", "burdock+countfuncs"),
    ("instructions, by `Store::count`", "burdock+count"),
];
/// The kernels, as rows of it, and which of the columns say something: where nothing of the kind
/// happens, they do not.
const KERNELS: &[(&str, &str, &[&str])] = &[
    ("calls", "a loop of calls within the guest", &["one", "funcs", "each", "countfuncs", "count"]),
    ("fib", "recursion", &["one", "funcs", "each", "countfuncs", "count"]),
    ("sieve", "loads and stores", &["memory", "each", "count"]),
    ("guest_to_host", "a loop of calls of a host function", &["one", "imports", "each", "count"]),
];
/// How many instructions an iteration of `calls` has, which are counted: six of the loop before the
/// branch's five, `$add`'s three among them.
const COUNTED: f64 = 12.0;

/// What was measured: group, case, runtime, median.
struct Rows(Vec<(String, String, String, f64)>);

/// A goal: what, the least or greatest figure, whether greater is better, and the figure.
struct Goal {
    what: String,
    wanted: f64,
    greater: bool,
    figure: Option<(f64, String)>,
}

pub(crate) fn run(args: &[String]) -> Result {
    let path = args.first().ok_or("needs the file that `cargo xtask bench --json` has written")?;
    let mut rows = Rows::read(path)?;
    if let Some(path) = option(args, "--seen")? {
        let seen = Rows::read(path)?.0.into_iter().filter(|row| row.0 == "execute");
        rows.0.extend(seen.map(|row| ("seen".to_owned(), row.1, row.2, row.3)));
    }
    let table = table(&goals(&rows));
    write(GOALS, &table)?;
    match costs(&rows) {
        Some(table) => write(COSTS, &table),
        None => Ok(()),
    }
}

/// Prints a table, and writes it where it stands.
fn write([page, begin, end]: [&str; 3], table: &str) -> Result {
    print!("{table}");
    let path = root().join(page);
    let text = fs::read_to_string(&path)?;
    let (before, rest) = text.split_once(begin).ok_or(format!("{page} has no marker"))?;
    let (_, after) = rest.split_once(end).ok_or(format!("{page} has no end marker"))?;
    fs::write(&path, format!("{before}{begin}{table}{end}{after}"))?;
    Ok(())
}

/// What hooks cost: kernels as multiples of themselves unobserved.
fn costs(rows: &Rows) -> Option<String> {
    rows.median("hook", "calls", "burdock+funcs")?;
    let heads: String = OBSERVED.iter().map(|(head, _)| format!(" {head} |")).collect();
    let mut text = format!("\n| kernel |{heads}\n|---|{}\n", "---|".repeat(OBSERVED.len()));
    for (case, what, columns) in KERNELS {
        let _ = write!(text, "| `{case}`: {what} |");
        for (_, runtime) in OBSERVED {
            let says = runtime.split_once('+').is_none_or(|(_, column)| columns.contains(&column));
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

fn goals(rows: &Rows) -> Vec<Goal> {
    let goal = |what: &str, wanted, greater, figure| Goal {
        what: what.to_owned(),
        wanted,
        greater,
        figure,
    };
    let coremark = |case: &str| case == "coremark";
    let any = |_: &str| true;
    let small = |case: &str| case == "fib";
    let to_host = |case: &str| case == "guest_to_host";
    // The others of the group are made for it.
    let program = |case: &str| !matches!(case, "fib" | "generated");
    vec![
        goal(
            "execute, geometric mean, time of wasmi 2.0 as a multiple",
            2.0,
            true,
            rows.mean("execute", any, "wasmi"),
        ),
        goal(
            "CoreMark, time of wasmi 2.0 as a multiple",
            2.2,
            true,
            rows.mean("execute", coremark, "wasmi"),
        ),
        goal(
            "execute with sequences mined from the same programs, geometric mean, time of wasmi 2.0 as a multiple",
            3.0,
            true,
            rows.mean("seen", any, "wasmi"),
        ),
        goal(
            "CoreMark with sequences mined from it, time of wasmi 2.0 as a multiple",
            3.0,
            true,
            rows.mean("seen", coremark, "wasmi"),
        ),
        goal(
            "execute, the row with the smallest multiple for the fastest interpreter",
            1.0,
            true,
            rows.worst("execute", "burdock"),
        ),
        goal(
            "start-up by default (translation at the first call), the row with the smallest multiple for the fastest interpreter",
            1.0,
            true,
            rows.worst("startup", "burdock+default"),
        ),
        goal(
            "start-up by default of a program, part of the time of validation alone (wasmparser), the largest row",
            1.6,
            false,
            rows.slowest("startup", program, "burdock+default", "wasmparser"),
        ),
        goal(
            "eager start-up, the row with the smallest multiple for the fastest interpreter",
            1.0,
            true,
            rows.worst("startup", "burdock"),
        ),
        goal(
            "eager start-up of a program, part of the time of validation alone (wasmparser), the largest row",
            1.6,
            false,
            rows.slowest("startup", program, "burdock", "wasmparser"),
        ),
        goal(
            "lazy start-up of a program, part of wasmi's time, the largest row",
            0.8,
            false,
            rows.slowest("startup", program, "burdock+lazy", "wasmi+lazy"),
        ),
        goal(
            "what translating a module adds to its memory, bytes for each of its bytes",
            4.0,
            false,
            rows.translated("spidermonkey"),
        ),
        goal(
            "a typed call between host and guest, part of wasmi's time",
            0.7,
            false,
            rows.mean("hostcall", any, "wasmi").map(|(n, note)| (1.0 / n, note)),
        ),
        goal(
            "a host function that is called while a call hook counts, as a multiple of one without",
            1.5,
            false,
            rows.slowest("hook", to_host, "burdock+hook", "burdock"),
        ),
        goal(
            "what the call hook adds, part of what it adds to Wasmtime's Pulley",
            1.0,
            false,
            rows.added("guest_to_host"),
        ),
        goal(
            "telling a hook that a function is entered and left, as a multiple of a call of the host",
            1.5,
            false,
            rows.observed("burdock+funcs", 1.0),
        ),
        goal(
            "counting an instruction, as a part of a call of the host",
            0.25,
            false,
            rows.observed("burdock+count", COUNTED),
        ),
        goal(
            "instantiating a small module, part of wasmi's time",
            0.7,
            false,
            rows.mean("instantiate", small, "wasmi").map(|(n, note)| (1.0 / n, note)),
        ),
        goal(
            "building the program from nothing, as a multiple of `cargo install wasmi_cli`",
            1.5,
            false,
            rows.slowest("release", |case| case == "build", "burdock", "wasmi"),
        ),
        goal(
            "the program without symbols, in megabytes",
            6.0,
            false,
            rows.median("release", "size", "burdock").map(|n| (n, "x86-64".to_owned())),
        ),
    ]
}

fn table(goals: &[Goal]) -> String {
    let mut text = String::from("\n| | goal | measured | |\n|---|---|---|---|\n");
    for Goal { what, wanted, greater, figure } in goals {
        let sign = if *greater { "at least" } else { "at most" };
        let (figure, mark) = match figure {
            None => ("not measured".to_owned(), ""),
            Some((n, note)) => {
                let reached = if *greater { n >= wanted } else { n <= wanted };
                (format!("{n:.2} ({note})"), if reached { "reached" } else { "**not reached**" })
            }
        };
        let _ = writeln!(text, "| {what} | {sign} {wanted} | {figure} | {mark} |");
    }
    text.push('\n');
    text
}

impl Rows {
    fn read(path: &str) -> Result<Self> {
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

    /// A runtime's median as a multiple of Burdock's.
    fn multiple(&self, group: &str, case: &str, runtime: &str) -> Option<f64> {
        Some(self.median(group, case, runtime)? / self.median(group, case, "burdock")?)
    }

    /// What observing so many things costs, each as a multiple of a call of the host: the kernels
    /// that call a function, the host and nothing do so in the same loop, equally often.
    fn observed(&self, runtime: &str, things: f64) -> Option<(f64, String)> {
        let median = |case, runtime| self.median("hook", case, runtime);
        let host = median("guest_to_host", "burdock")? - median("loop", "burdock")?;
        let observed = median("calls", runtime)? - median("calls", "burdock")?;
        Some((observed / things / host, "calls, without the loop".to_owned()))
    }

    /// What a call hook adds to a case, as a part of what it adds to Pulley.
    fn added(&self, case: &str) -> Option<(f64, String)> {
        let added = |with, without| {
            Some(self.median("hook", case, with)? - self.median("hook", case, without)?)
        };
        let parts = added("burdock+hook", "burdock")? / added("pulley+hook", "pulley")?;
        Some((parts, case.to_owned()))
    }

    /// What translation adds to the memory of a module, and how much it takes in all.
    fn translated(&self, case: &str) -> Option<(f64, String)> {
        let all = self.median("memory", case, "burdock")?;
        let untranslated = self.median("memory", case, "burdock+lazy")?;
        Some((all - untranslated, format!("{case}, {all:.2} in all")))
    }

    /// The largest multiple of one runtime for another, and where.
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

    /// The cases of a group.
    fn cases(&self, group: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |row| row.0 == group && row.2 == "burdock").map(|row| &*row.1)
    }

    /// The geometric mean of a runtime's multiples.
    fn mean(
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

    /// The smallest multiple of any interpreter in a group, and where.
    fn worst(&self, group: &str, runtime: &str) -> Option<(f64, String)> {
        let multiples = self.cases(group).flat_map(|case| {
            INTERPRETERS.iter().filter_map(move |peer| {
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
}
