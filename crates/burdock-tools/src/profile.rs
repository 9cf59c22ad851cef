//! `Profile`: the work of a guest by function and by call stack, exact or sampled.

mod alloc;
mod difference;
mod exact;
mod files;
mod firefox;
mod heap;
mod lines;
mod opcodes;
mod places;
mod pprof;
mod sampled;

pub use alloc::AllocProfiler;
pub use difference::{Difference, FuncDifference, Stacks};
pub use exact::Profiler;
pub use heap::HeapProfile;
pub use lines::LineProfile;
pub use opcodes::{Opcodes, PairCount};
pub use sampled::Sampler;

use crate::{FuncId, Symbols};
use indexmap::IndexSet;
use std::collections::{BTreeMap, HashMap};

/// The unit of a profile's numbers.
///
/// # Example
///
/// ```
/// use burdock_tools::profile::Unit;
/// let every_millisecond = Unit::Samples(1_000_000);
/// assert_eq!(every_millisecond.name(), "samples");
/// assert_eq!(Unit::Fuel.name(), "fuel");
/// ```
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Fuel: one for each WebAssembly operator and one for each call. Every run gives the same
    /// numbers.
    Fuel,
    /// Executed operators. Every run gives the same numbers.
    Instructions,
    /// Bytes of objects allocated.
    Bytes,
    /// Objects allocated.
    Objects,
    /// Samples, taken at this interval in nanoseconds.
    Samples(u64),
}

impl Unit {
    /// Returns the name of the unit.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fuel => "fuel",
            Self::Instructions => "instructions",
            Self::Bytes => "bytes",
            Self::Objects => "objects",
            Self::Samples(_) => "samples",
        }
    }
}

/// The order of a table's rows.
///
/// See [`FuncProfile`] for an example.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// By the work of a function or line itself, largest first.
    #[default]
    Own,
    /// By the work of a function or line and its callees, largest first.
    Total,
    /// By the number of calls, largest first.
    Calls,
    /// By name, in alphabetical order; lines by file and number.
    Name,
}

/// A function on a stack.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Callee {
    Guest(FuncId),
    /// An imported host function, by its index among the names seen so far.
    Host(u32),
}

/// The index of a line of source among the lines seen so far.
pub(crate) type LineId = u32;

/// A call tree: a node for each stack of functions and calling lines.
#[derive(Default)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    children: HashMap<(Option<u32>, Callee, Option<LineId>), u32>,
    /// The work of each line in a node's function.
    by_line: BTreeMap<(u32, LineId), u64>,
}

#[derive(Clone, Copy)]
struct Node {
    parent: Option<u32>,
    callee: Callee,
    /// The line of the caller.
    from: Option<LineId>,
    weight: u64,
    calls: u64,
}

impl Tree {
    /// Returns the node of a function that is called from a line of its parent, adding the node if
    /// it is new.
    pub(crate) fn child(
        &mut self,
        parent: Option<u32>,
        callee: Callee,
        from: Option<LineId>,
    ) -> u32 {
        *self.children.entry((parent, callee, from)).or_insert_with(|| {
            self.nodes.push(Node { parent, callee, from, weight: 0, calls: 0 });
            self.nodes.len() as u32 - 1
        })
    }

    pub(crate) fn add(&mut self, node: u32, weight: u64, calls: u64) {
        let node = &mut self.nodes[node as usize];
        node.weight += weight;
        node.calls += calls;
    }

    /// Adds the work of a line.
    pub(crate) fn add_at(&mut self, node: u32, line: Option<LineId>, weight: u64) {
        self.add(node, weight, 0);
        if let Some(line) = line {
            *self.by_line.entry((node, line)).or_default() += weight;
        }
    }
}

/// The work of a guest by function and by call stack.
///
/// # Example
///
/// ```
/// use burdock::*;
/// use burdock_tools::{Symbols, profile::Profiler};
/// let mut config = Config::new();
/// config.consume_fuel(true);
/// let engine = Engine::new(&config)?;
/// let module = Module::new(&engine, r#"(module
///     (func $leaf (result i32) (i32.const 1))
///     (func $run (export "run") (drop (i32.add (call $leaf) (call $leaf)))))"#)?;
/// let mut store = Store::new(&engine, ());
/// store.set_fuel(1_000)?;
/// let profiler = Profiler::attach(&mut store, Symbols::default());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// instance.get_typed_func::<(), ()>(&mut store, "run")?.call(&mut store, ())?;
/// let profile = profiler.finish(&mut store);
/// assert_eq!(profile.folded(), "run 4\nrun;leaf 4\n");
/// assert_eq!(profile.funcs()[1].calls, Some(2));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Profile {
    unit: Unit,
    /// The names of functions, by number.
    names: Vec<String>,
    /// Parents come before their children.
    stacks: Vec<Stack>,
    /// The lines of source as file and line, by number.
    lines: Vec<(String, u32)>,
}

/// A node of the call tree.
#[derive(Clone, Debug)]
struct Stack {
    parent: Option<usize>,
    name: usize,
    /// The line of the caller.
    from: Option<LineId>,
    weight: u64,
    calls: u64,
    /// The work of each known line.
    by_line: Vec<(LineId, u64)>,
    /// The node after which a stack deeper than [`DEEPEST`] is cut, up to the innermost function.
    cut: Option<usize>,
}

/// The maximum number of outermost functions that are written of a stack. Those between them and
/// the innermost function are left out: written in full, the output for stacks a million calls deep
/// would be a million times as large.
const DEEPEST: usize = 1_000;

/// A function in a profile.
///
/// # Example
///
/// ```
/// use burdock::*;
/// use burdock_tools::{Symbols, profile::{FuncProfile, Profiler, Sort}};
/// let mut config = Config::new();
/// config.consume_fuel(true);
/// let engine = Engine::new(&config)?;
/// let module = Module::new(&engine, r#"(module
///     (func $run (export "run") (result i32) (i32.add (i32.const 1) (i32.const 2))))"#)?;
/// let mut store = Store::new(&engine, ());
/// store.set_fuel(1_000)?;
/// let profiler = Profiler::attach(&mut store, Symbols::default());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let run = instance.get_typed_func::<(), i32>(&mut store, "run")?;
/// run.call(&mut store, ())?;
/// run.call(&mut store, ())?;
/// let run = FuncProfile { name: "run".into(), own: 8, total: 8, calls: Some(2) };
/// let profile = profiler.finish(&mut store);
/// assert_eq!(profile.funcs(), [run]);
/// assert!(profile.table(10, Sort::Calls).contains("run"));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FuncProfile {
    /// The name of the function.
    pub name: String,
    /// The work of the function itself.
    pub own: u64,
    /// The work of the function and its callees; recursive calls count once.
    pub total: u64,
    /// The number of calls; `None` in a sampled profile.
    pub calls: Option<u64>,
}

impl Profile {
    fn new(unit: Unit, tree: Tree, symbols: &mut Symbols, hosts: &IndexSet<String>) -> Self {
        let mut names: IndexSet<String> = IndexSet::new();
        let mut profile = Self { lines: symbols.lines().cloned().collect(), ..Self::nothing(unit) };
        let mut depths: Vec<usize> = Vec::new();
        for node in tree.nodes {
            let name = match node.callee {
                Callee::Guest(func) => symbols.name(func).to_owned(),
                Callee::Host(number) => hosts[number as usize].clone(),
            };
            let (name, _) = names.insert_full(name);
            let parent = node.parent.map(|parent| parent as usize);
            depths.push(parent.map_or(1, |parent| depths[parent] + 1));
            let cut = parent.filter(|parent| depths[*parent] >= DEEPEST);
            let cut = cut.map(|parent| profile.stacks[parent].cut.unwrap_or(parent));
            let Node { from, weight, calls, .. } = node;
            let by_line = Vec::new();
            profile.stacks.push(Stack { parent, name, from, weight, calls, by_line, cut });
        }
        for ((node, line), weight) in tree.by_line {
            profile.stacks[node as usize].by_line.push((line, weight));
        }
        profile.names = names.into_iter().collect();
        profile
    }

    fn nothing(unit: Unit) -> Self {
        Self { unit, names: Vec::new(), stacks: Vec::new(), lines: Vec::new() }
    }

    /// Returns the unit of the numbers.
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// Returns the work of the whole run.
    pub fn total(&self) -> u64 {
        self.stacks.iter().map(|stack| stack.weight).sum()
    }

    /// Returns the functions, those with the most work of their own first.
    pub fn funcs(&self) -> Vec<FuncProfile> {
        let with_children = self.with_children();
        let exact = !matches!(self.unit, Unit::Samples(_));
        let mut funcs: Vec<FuncProfile> = self
            .names
            .iter()
            .map(|name| {
                let calls = exact.then_some(0);
                FuncProfile { name: name.clone(), own: 0, total: 0, calls }
            })
            .collect();
        for stack in &self.stacks {
            let func = &mut funcs[stack.name];
            func.own += stack.weight;
            func.calls = func.calls.map(|calls| calls + stack.calls);
        }
        self.visit(|number, above| {
            let name = self.stacks[number].name;
            if !above.names.contains_key(&name) {
                funcs[name].total += with_children[number];
            }
        });
        funcs.sort_by(|a, b| {
            b.own.cmp(&a.own).then(b.total.cmp(&a.total)).then(a.name.cmp(&b.name))
        });
        funcs
    }

    /// Returns the work of each node with its descendants.
    fn with_children(&self) -> Vec<u64> {
        let mut weights: Vec<u64> = self.stacks.iter().map(|stack| stack.weight).collect();
        for number in (0..self.stacks.len()).rev() {
            if let Some(parent) = self.stacks[number].parent {
                weights[parent] += weights[number];
            }
        }
        weights
    }

    /// Visits all nodes, callers before callees, each with the names and lines above the node.
    fn visit(&self, mut visit: impl FnMut(usize, &Above)) {
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); self.stacks.len()];
        let mut steps = Vec::new();
        for (number, stack) in self.stacks.iter().enumerate() {
            match stack.parent {
                Some(parent) => children[parent].push(number),
                None => steps.push((number, false)),
            }
        }
        let mut above = Above::default();
        while let Some((number, over)) = steps.pop() {
            let stack = &self.stacks[number];
            if over {
                above.remove(stack);
                continue;
            }
            visit(number, &above);
            above.add(stack);
            steps.push((number, true));
            steps.extend(children[number].iter().map(|child| (*child, false)));
        }
    }

    /// Returns a stack's nodes as they are written, from the innermost to the outermost.
    fn ancestors(&self, number: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(number), |number| {
            let stack = &self.stacks[*number];
            stack.cut.or(stack.parent)
        })
    }

    /// Returns the names of a stack's functions, the outermost first.
    fn path(&self, number: usize) -> Vec<&str> {
        let mut path: Vec<_> = self
            .ancestors(number)
            .map(|place| self.names[self.stacks[place].name].as_str())
            .collect();
        path.reverse();
        path
    }
}

/// The number of occurrences of each name and each calling line above a node.
#[derive(Default)]
struct Above {
    names: HashMap<usize, usize>,
    lines: HashMap<LineId, usize>,
}

impl Above {
    fn add(&mut self, stack: &Stack) {
        *self.names.entry(stack.name).or_default() += 1;
        if let Some(from) = stack.from {
            *self.lines.entry(from).or_default() += 1;
        }
    }

    fn remove(&mut self, stack: &Stack) {
        fn one_less<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, usize>, key: K) {
            if let Some(count) = counts.get_mut(&key) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(&key);
                }
            }
        }
        one_less(&mut self.names, stack.name);
        if let Some(from) = stack.from {
            one_less(&mut self.lines, from);
        }
    }
}
