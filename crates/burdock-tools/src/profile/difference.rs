//! The difference of two profiles.

use super::files;
use burdock::{Result, ensure, format_err};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// A profile that was written as folded stacks, with the weight of each stack.
///
/// # Example
///
/// ```
/// use burdock_tools::profile::{Difference, Stacks};
/// let earlier = Stacks::from_folded("main 10\nmain;parse 40\n")?;
/// let later = Stacks::from_folded("main 10\nmain;parse 25\nmain;cache 5\n")?;
/// let difference = Difference::new(&earlier, &later);
/// let changes = difference.funcs();
/// assert_eq!((changes[0].name.as_str(), changes[0].own), ("parse", [40, 25]));
/// assert_eq!(difference.folded(), "main 10 10\nmain;cache 0 5\nmain;parse 40 25\n");
/// assert!(Stacks::from_folded("main;parse\n").is_err());
/// # Ok::<(), burdock::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stacks {
    weights: BTreeMap<String, u64>,
}

impl Stacks {
    /// Parses folded stacks: lines of the form `outer;inner WEIGHT`.
    ///
    /// # Errors
    ///
    /// Returns an error if a line has another form, or if the sum of all weights exceeds 64 bits.
    pub fn from_folded(text: &str) -> Result<Self> {
        let mut stacks = Self::default();
        let mut total = 0u64;
        for (number, line) in (1..).zip(text.lines()) {
            let bad = || format_err!("line {number} is no stack with its weight: {line}");
            let (stack, weight) = line.rsplit_once(' ').ok_or_else(bad)?;
            let weight: u64 = weight.parse().map_err(|_| bad())?;
            total = total.checked_add(weight).ok_or_else(bad)?;
            ensure!(!stack.is_empty(), "line {number} has no stack: {line}");
            *stacks.weights.entry(stack.to_owned()).or_default() += weight;
        }
        Ok(stacks)
    }

    /// Returns the work of each function itself, and of each function with its callees.
    fn funcs(&self) -> BTreeMap<&str, [u64; 2]> {
        let mut funcs: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
        for (stack, weight) in &self.weights {
            let path: Vec<&str> = stack.split(';').collect();
            if let Some(last) = path.last() {
                funcs.entry(last).or_default()[0] += weight;
            }
            for name in path.into_iter().collect::<BTreeSet<_>>() {
                funcs.entry(name).or_default()[1] += weight;
            }
        }
        funcs
    }

    fn total(&self) -> u64 {
        self.weights.values().sum()
    }
}

/// The difference of two profiles; see [`Stacks`] for an example.
#[derive(Clone, Debug)]
pub struct Difference {
    earlier: Stacks,
    later: Stacks,
}

/// The work of a function in the earlier and in the later profile.
///
/// # Example
///
/// ```
/// use burdock_tools::profile::{Difference, FuncDifference, Stacks};
/// let earlier = Stacks::from_folded("main 10\nmain;parse 40\n")?;
/// let later = Stacks::from_folded("main 10\nmain;parse 25\n")?;
/// let main = FuncDifference { name: "main".into(), own: [10, 10], total: [50, 35] };
/// assert!(Difference::new(&earlier, &later).funcs().contains(&main));
/// # Ok::<(), burdock::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FuncDifference {
    /// The name of the function.
    pub name: String,
    /// The work of the function itself.
    pub own: [u64; 2],
    /// The work of the function and its callees.
    pub total: [u64; 2],
}

impl Difference {
    /// Compares two profiles, which should be of the same unit.
    pub fn new(earlier: &Stacks, later: &Stacks) -> Self {
        Self { earlier: earlier.clone(), later: later.clone() }
    }

    /// Returns the functions, those whose own work changed most first.
    pub fn funcs(&self) -> Vec<FuncDifference> {
        let (before, after) = (self.earlier.funcs(), self.later.funcs());
        let names: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
        let mut funcs = Vec::new();
        for name in names {
            let [own, total] = before.get(name).copied().unwrap_or_default();
            let [own_after, total_after] = after.get(name).copied().unwrap_or_default();
            let (own, total) = ([own, own_after], [total, total_after]);
            funcs.push(FuncDifference { name: name.to_owned(), own, total });
        }
        let by = |values: [u64; 2]| std::cmp::Reverse(values[0].abs_diff(values[1]));
        funcs.sort_by_key(|func| (by(func.own), by(func.total)));
        funcs
    }

    /// Returns a table of at most `rows` functions.
    pub fn table(&self, rows: usize) -> String {
        let mut text = format!(
            "{:>14} {:>14} {:>14} {:>14}  function\n",
            "self before", "self", "change", "total change"
        );
        let change = |values: [u64; 2]| {
            let change = i128::from(values[1]) - i128::from(values[0]);
            if change == 0 { "0".to_owned() } else { format!("{change:+}") }
        };
        let funcs = self.funcs();
        for FuncDifference { name, own, total } in funcs.iter().take(rows) {
            let (changed, changed_total) = (change(*own), change(*total));
            let [before, after] = own;
            text +=
                &format!("{before:>14} {after:>14} {changed:>14} {changed_total:>14}  {name}\n");
        }
        if funcs.len() > rows {
            text += &format!("and {} more functions\n", funcs.len() - rows);
        }
        let all = [self.earlier.total(), self.later.total()];
        let ([before, after], changed) = (all, change(all));
        text + &format!("{before:>14} {after:>14} {changed:>14} {:>14}  in all\n", "")
    }

    /// Returns the functions as JSON.
    pub fn json(&self) -> Value {
        let pair = |[before, after]: [u64; 2]| json!({ "before": before, "after": after });
        let func = |func: FuncDifference| json!({ "name": func.name, "self": pair(func.own), "total": pair(func.total) });
        let funcs: Vec<Value> = self.funcs().into_iter().map(func).collect();
        json!({ "total": pair([self.earlier.total(), self.later.total()]), "functions": funcs })
    }

    /// Returns one line for each stack, `outer;inner BEFORE AFTER`: the input for tools that draw
    /// differential flame graphs.
    pub fn folded(&self) -> String {
        let [before, after] = [&self.earlier.weights, &self.later.weights];
        let stacks: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let weight = |of: &BTreeMap<String, u64>, stack: &str| of.get(stack).copied().unwrap_or(0);
        let line = |stack: &String| {
            format!("{stack} {} {}\n", weight(before, stack), weight(after, stack))
        };
        stacks.into_iter().map(line).collect()
    }

    /// Writes a flame graph of the later profile as SVG. Red marks more work than before, blue
    /// marks less.
    ///
    /// # Errors
    ///
    /// Returns an error if the profiles are empty, or if writing fails.
    pub fn flamegraph(&self, title: &str, out: impl Write) -> io::Result<()> {
        let mut options = files::flamegraph_options(title, "difference");
        inferno::flamegraph::from_lines(&mut options, self.folded().lines(), out)
    }
}
