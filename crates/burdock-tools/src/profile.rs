//! `Profile`: where a guest spends its work, by function and by the way to it; exact, or sampled.

mod difference;
mod exact;
mod files;
mod firefox;
mod lines;
mod opcodes;
mod places;
mod pprof;
mod sampled;

pub use difference::{Difference, FuncDifference, Stacks};
pub use exact::Profiler;
pub use lines::LineProfile;
pub use opcodes::{Opcodes, PairCount};
pub use sampled::Sampler;

use crate::{FuncId, Symbols};
use indexmap::IndexSet;
use std::collections::{BTreeMap, HashMap};

/// What a profile's numbers count.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Fuel: operators of WebAssembly, and one for each call. The same in every run.
    Fuel,
    /// Instructions: operators that are executed. The same in every run.
    Instructions,
    /// Samples, taken at this interval in nanoseconds.
    Samples(u64),
}

impl Unit {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fuel => "fuel",
            Self::Instructions => "instructions",
            Self::Samples(_) => "samples",
        }
    }
}

/// By what the rows of a table are sorted.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// What was spent in a function or line itself, the most first.
    #[default]
    Own,
    /// What was spent there and in what was called from there, the most first.
    Total,
    /// How often a function was called, the most often first.
    Calls,
    /// Names, in alphabetical order; lines by file and number.
    Name,
}

/// What can be on a stack.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Callee {
    Guest(FuncId),
    /// An imported host function: its number among the names that were seen.
    Host(u32),
}

/// A line of source: its number among those that were seen.
pub(crate) type LineId = u32;

/// A call tree: what was called by what, by which way, and from which lines.
#[derive(Default)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    children: HashMap<(Option<u32>, Callee, Option<LineId>), u32>,
    /// What was spent in a line of a function that was called in one way.
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
    /// The place of a function that is called from a line of another place.
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

    /// Adds what was spent in a line.
    pub(crate) fn add_at(&mut self, node: u32, line: Option<LineId>, weight: u64) {
        self.add(node, weight, 0);
        if let Some(line) = line {
            *self.by_line.entry((node, line)).or_default() += weight;
        }
    }
}

/// Where a guest spent its work.
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
    /// By number: the names of functions.
    names: Vec<String>,
    /// Parents come before their children.
    stacks: Vec<Stack>,
    /// By number: lines of source, as file and line.
    lines: Vec<(String, u32)>,
}

/// A place in the call tree.
#[derive(Clone, Debug)]
struct Stack {
    parent: Option<usize>,
    name: usize,
    /// The line of the caller.
    from: Option<LineId>,
    weight: u64,
    calls: u64,
    /// What was spent in which lines, as far as lines are known.
    by_line: Vec<(LineId, u64)>,
    /// Of a stack that is deeper than [`DEEPEST`], the place up to which it is written.
    cut: Option<usize>,
}

/// The most places of a stack that are written, before those between there and the innermost are
/// left out. Written in whole, stacks that are a million calls deep would be a million times as much.
const DEEPEST: usize = 1_000;

/// A function in a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FuncProfile {
    /// Its name.
    pub name: String,
    /// What was spent in it itself.
    pub own: u64,
    /// What was spent in it and in what it called; recursion counts once.
    pub total: u64,
    /// How often it was called; not known of a sampled profile.
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

    /// What is counted.
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// All of it.
    pub fn total(&self) -> u64 {
        self.stacks.iter().map(|stack| stack.weight).sum()
    }

    /// The functions, those with the most work of their own first.
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

    /// The weights of all stacks, with what was called from there.
    fn with_children(&self) -> Vec<u64> {
        let mut weights: Vec<u64> = self.stacks.iter().map(|stack| stack.weight).collect();
        for number in (0..self.stacks.len()).rev() {
            if let Some(parent) = self.stacks[number].parent {
                weights[parent] += weights[number];
            }
        }
        weights
    }

    /// Visits all places, callers before what they call, with what is on the stack above each.
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

    /// A stack's places as they are written, from the innermost to the outermost.
    fn ancestors(&self, number: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(number), |number| {
            let stack = &self.stacks[*number];
            stack.cut.or(stack.parent)
        })
    }

    /// The names of a stack's functions, the outermost first.
    fn path(&self, number: usize) -> Vec<&str> {
        let mut path: Vec<_> = self
            .ancestors(number)
            .map(|place| self.names[self.stacks[place].name].as_str())
            .collect();
        path.reverse();
        path
    }
}

/// What is on the stack above a place: how often each name and each calling line.
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
