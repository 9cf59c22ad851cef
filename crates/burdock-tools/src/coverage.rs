//! `Coverage`: the functions, branches, instructions and lines of source that have run.

mod html;
mod json;
mod lcov;
mod tables;

pub(crate) use html::escape;

use crate::{Code, Lines};
use burdock::{AsContext, Count, Counter, Events, Filter, HookId, Module, Store, StoreContext};
use std::collections::{BTreeMap, HashMap};
use std::iter;
use tables::Tables;

/// The coverage of a module's source files.
///
/// # Example
///
/// ```
/// use burdock::*;
/// use burdock_tools::{Code, Lines, coverage::Coverage};
/// let bytes = wat::parse_str(r#"(module
///     (func $used (export "used") (param i32) (result i32)
///         (if (result i32) (local.get 0) (then (i32.const 1)) (else (i32.const 2))))
///     (func $unused (nop)))"#)?;
/// let engine = Engine::default();
/// let module = Module::new(&engine, &bytes)?;
/// let mut store = Store::new(&engine, ());
/// let code = Code::new(&bytes)?;
/// let counts = Coverage::count(&mut store, &module, &code);
/// let instance = Instance::new(&mut store, &module, &[])?;
/// instance.get_typed_func::<i32, i32>(&mut store, "used")?.call(&mut store, 1)?;
/// let (_, lines) = Lines::from_disassembly(&code, "m.wat")?;
/// let coverage = Coverage::new(&counts, &store, &module, &code, &lines);
/// let summary = coverage.summary();
/// assert_eq!((summary.functions.hit, summary.functions.all), (1, 2));
/// assert_eq!((summary.branches.hit, summary.branches.all), (1, 2));
/// assert_eq!((summary.instructions.hit, summary.instructions.all), (3, 5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    files: BTreeMap<String, FileCoverage>,
    instructions: Part,
}

/// The running counters of a module; see [`Coverage::count`].
///
/// See [`Coverage`] for an example.
pub struct Counts {
    counter: Counter,
    tables: Option<HookId<Tables>>,
}

/// The coverage of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct FileCoverage {
    /// The number of times that each line has run.
    lines: BTreeMap<u32, u64>,
    /// The number of times that each function was entered, by name and first line. Instantiations
    /// of a generic function count as one.
    funcs: BTreeMap<(String, u32), u64>,
    /// The number of times that each way of a branch was taken, by line, branch and way.
    branches: BTreeMap<(u32, u32, u32), u64>,
}

/// A number of covered items out of all items.
///
/// # Example
///
/// ```
/// use burdock_tools::coverage::Part;
/// assert_eq!(Part { hit: 3, all: 4 }.percent(), 75.0);
/// assert_eq!(Part { hit: 0, all: 0 }.percent(), 100.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The number of items that have run.
    pub hit: u64,
    /// The number of all items.
    pub all: u64,
}

impl Part {
    fn of<'a>(counts: impl IntoIterator<Item = &'a u64>) -> Self {
        let mut part = Self::default();
        for count in counts {
            part.add(*count > 0);
        }
        part
    }

    fn add(&mut self, hit: bool) {
        self.hit += u64::from(hit);
        self.all += 1;
    }

    /// Returns the covered part in percent; 100 if there are no items.
    pub fn percent(self) -> f64 {
        if self.all == 0 { 100.0 } else { 100.0 * self.hit as f64 / self.all as f64 }
    }
}

/// The coverage of all files together.
///
/// # Example
///
/// ```
/// use burdock_tools::coverage::{Coverage, Part};
/// let lcov = "SF:a.c\nDA:1,3\nDA:2,0\nend_of_record\nSF:b.c\nDA:1,1\nend_of_record\n";
/// let summary = Coverage::from_lcov(lcov)?.summary();
/// assert_eq!(summary.lines, Part { hit: 2, all: 3 });
/// assert_eq!(summary.functions, Part::default());
/// # Ok::<(), burdock::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Functions that were entered.
    pub functions: Part,
    /// Ways of branches: two for each `br_if`, `if` and branch on a reference, one for each label
    /// of a `br_table` and each clause of a `try_table`.
    pub branches: Part,
    /// Lines of source, covered if one of their instructions has run.
    pub lines: Part,
    /// Instructions; both numbers are 0 for coverage that was read from a file.
    pub instructions: Part,
}

impl Coverage {
    /// Starts to count the functions, branches and instructions of a module that run.
    pub fn count<T: 'static>(store: &mut Store<T>, module: &Module, code: &Code) -> Counts {
        let events = Events::INSTRUCTIONS | Events::BRANCHES | Events::FUNCS | Events::EXCEPTIONS;
        let counter = store.count(Filter::new().events(events));
        Counts { counter, tables: Tables::attach(store, module, code) }
    }

    /// Returns the coverage of a module up to now. Unreachable code is left out.
    pub fn new<'a, T: 'static>(
        counts: &Counts,
        store: impl Into<StoreContext<'a, T>>,
        module: &Module,
        code: &Code,
        lines: &Lines,
    ) -> Self {
        let store = store.into();
        let mut coverage = Self::default();
        // A module can have several instances.
        let mut sums: BTreeMap<(u32, u32, u32, Option<u32>), Count> = BTreeMap::new();
        for count in counts.counter.counts(store.as_context()) {
            if Module::same(count.instance.module(store.as_context()), module) {
                let key = (count.func_index, count.offset, count.event.order(), count.clause);
                let sum = sums.entry(key).or_insert(Count { count: 0, taken: None, ..count });
                sum.count += count.count;
                sum.taken = Some(sum.taken.unwrap_or(0) + count.taken.unwrap_or(0))
                    .filter(|_| count.taken.is_some());
            }
        }
        let mut branches_of: HashMap<(&str, u32), u32> = HashMap::new();
        let mut sums = sums.into_values().peekable();
        while let Some(count) = sums.next() {
            if count.event == Events::EXCEPTIONS && count.clause.is_none() {
                continue;
            }
            let ways = match (count.event, count.taken) {
                (Events::EXCEPTIONS, _) => {
                    let clauses = iter::from_fn(|| sums.next_if(|next| is_clause_of(&count, next)));
                    iter::once(count.count).chain(clauses.map(|clause| clause.count)).collect()
                }
                (Events::BRANCHES, Some(taken)) => vec![taken, count.count - taken],
                (Events::BRANCHES, None) => {
                    Tables::taken(counts.tables, store, count.offset).to_vec()
                }
                _ => Vec::new(),
            };
            coverage.add(&count, &ways, code, lines, &mut branches_of);
        }
        coverage
    }

    fn add<'l>(
        &mut self,
        count: &Count,
        ways: &[u64],
        code: &Code,
        lines: &'l Lines,
        branches_of: &mut HashMap<(&'l str, u32), u32>,
    ) {
        if count.event == Events::INSTRUCTIONS {
            self.instructions.add(count.count > 0);
        }
        let Some((name, line)) = lines.at(count.offset) else { return };
        if !self.files.contains_key(name) {
            self.files.insert(name.to_owned(), FileCoverage::default());
        }
        let Some(file) = self.files.get_mut(name) else { return };
        if count.event == Events::INSTRUCTIONS {
            let most = file.lines.entry(line).or_default();
            *most = (*most).max(count.count);
        } else if count.event == Events::FUNCS {
            let name = code.func_name(count.func_index);
            *file.funcs.entry((name, line)).or_default() += count.count;
        } else {
            let number = branches_of.entry((name, line)).or_default();
            for (way, taken) in (0..).zip(ways) {
                file.branches.insert((line, *number, way), *taken);
            }
            *number += 1;
        }
    }

    /// Returns the names of the source files, as they were passed to the compiler.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Removes the files whose names contain none of the texts in `only`, unless `only` is empty,
    /// and those whose names contain one of the texts in `exclude`.
    pub fn keep(&mut self, only: &[String], exclude: &[String]) {
        let has = |name: &str, texts: &[String]| texts.iter().any(|text| name.contains(text));
        self.files.retain(|name, _| (only.is_empty() || has(name, only)) && !has(name, exclude));
    }

    /// Replaces prefixes of the files' names: the first pair whose first text is a prefix of a name
    /// replaces it by the second text. Files that get the same name are merged.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock_tools::coverage::Coverage;
    /// let mut coverage = Coverage::from_lcov("SF:/build/src/a.c\nDA:1,1\nend_of_record\n")?;
    /// coverage.remap(&[("/build/".to_owned(), "".to_owned())]);
    /// assert_eq!(coverage.files().collect::<Vec<_>>(), ["src/a.c"]);
    /// # Ok::<(), burdock::Error>(())
    /// ```
    pub fn remap(&mut self, prefixes: &[(String, String)]) {
        for (name, file) in std::mem::take(&mut self.files) {
            let renamed = prefixes.iter().find_map(|(from, to)| {
                name.strip_prefix(from.as_str()).map(|rest| format!("{to}{rest}"))
            });
            self.files.entry(renamed.unwrap_or(name)).or_default().merge(&file);
        }
    }

    /// Adds the coverage of another run.
    pub fn merge(&mut self, other: &Self) {
        for (name, other) in &other.files {
            self.files.entry(name.clone()).or_default().merge(other);
        }
        // The identity of the instructions that have run is not kept, only their number, so the sum
        // is unknown.
        self.instructions = Part::default();
    }

    /// Returns the coverage of all files together.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary { instructions: self.instructions, ..Summary::default() };
        for file in self.files.values() {
            let own = file.summary();
            for (all, own) in [
                (&mut summary.functions, own.functions),
                (&mut summary.branches, own.branches),
                (&mut summary.lines, own.lines),
            ] {
                all.hit += own.hit;
                all.all += own.all;
            }
        }
        summary
    }

    /// Returns the files in the order of display: files of libraries last, and within each group
    /// those with the most uncovered lines first.
    fn sorted(&self) -> Vec<(&str, &FileCoverage)> {
        let mut files: Vec<_> = self.files.iter().map(|(name, file)| (&**name, file)).collect();
        files.sort_by_cached_key(|(name, file)| {
            let lines = file.summary().lines;
            (is_library(name), std::cmp::Reverse(lines.all - lines.hit))
        });
        files
    }

    /// Returns a table of the files with their coverage. Files of libraries come last; within each
    /// group, the files with the most uncovered lines come first.
    pub fn table(&self) -> String {
        let mut text = format!("{:>9} {:>9} {:>9}  file\n", "lines", "functions", "branches");
        let percent = |part: Part| match part.all {
            0 => "-".to_owned(),
            _ => format!("{:.1} %", part.percent()),
        };
        for (name, file) in self.sorted() {
            let Summary { lines, functions, branches, .. } = file.summary();
            let columns = [lines, functions, branches].map(percent);
            text += &format!("{:>9} {:>9} {:>9}  {name}\n", columns[0], columns[1], columns[2]);
        }
        let summary = self.summary();
        for (what, part) in [
            ("lines", summary.lines),
            ("functions", summary.functions),
            ("branches", summary.branches),
            ("instructions", summary.instructions),
        ] {
            if part.all > 0 {
                text +=
                    &format!("{what:<12} {:>7}  ({} of {})\n", percent(part), part.hit, part.all);
            }
        }
        text
    }
}

/// Returns `true` if a count is that of another clause of the same `try_table`.
fn is_clause_of(first: &Count, count: &Count) -> bool {
    count.offset == first.offset && count.clause.is_some()
}

/// Returns `true` if a file belongs to a library or a toolchain, judged by the usual directories of
/// such files, rather than to the program itself.
fn is_library(name: &str) -> bool {
    const PLACES: [&str; 14] = [
        "/.cargo/",
        "/.rustup/",
        "/rustc/",
        "/library/std/",
        "/library/core/",
        "/library/alloc/",
        "/usr/",
        "/node_modules/",
        "/wasi-libc/",
        "/wasi-sdk",
        "/emsdk/",
        "/vendor/",
        "/rust/deps/",
        "wasisdk:",
    ];
    name.starts_with('<') || PLACES.iter().any(|place| name.contains(place))
}

impl FileCoverage {
    /// Adds the coverage of another run.
    fn merge(&mut self, other: &Self) {
        for (line, count) in &other.lines {
            add(self.lines.entry(*line).or_default(), *count);
        }
        for (func, count) in &other.funcs {
            add(self.funcs.entry(func.clone()).or_default(), *count);
        }
        for (branch, count) in &other.branches {
            add(self.branches.entry(*branch).or_default(), *count);
        }
    }

    /// Returns the functions with unique names, first lines and counts. Where several functions
    /// share a name, their first lines are appended to the name.
    fn named_funcs(&self) -> Vec<(String, u32, u64)> {
        let mut times: HashMap<&str, u32> = HashMap::new();
        for (name, _) in self.funcs.keys() {
            *times.entry(name).or_default() += 1;
        }
        let named = |((name, line), count): (&(String, u32), &u64)| {
            let shared = times[name.as_str()] > 1;
            (if shared { format!("{name}:{line}") } else { name.clone() }, *line, *count)
        };
        self.funcs.iter().map(named).collect()
    }

    fn summary(&self) -> Summary {
        Summary {
            functions: Part::of(self.funcs.values()),
            branches: Part::of(self.branches.values()),
            lines: Part::of(self.lines.values()),
            instructions: Part::default(),
        }
    }
}

/// Adds to a count. Counts may come from a file, so the sum saturates.
fn add(count: &mut u64, more: u64) {
    *count = count.saturating_add(more);
}
