//! `Opcodes`: the number of executions of each operator and of each pair of operators.

use crate::Code;
use crate::flow::executed;
use burdock::{AsContext, Counter, Events, Filter, Module, Result, Store, StoreContext};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// The number of executions of each operator of a module.
///
/// # Example
///
/// ```
/// use burdock::*;
/// use burdock_tools::{Code, profile::Opcodes};
/// let bytes = wat::parse_str(r#"(module (func (export "f") (param i32)
///     (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))"#)?;
/// let engine = Engine::default();
/// let module = Module::new(&engine, &bytes)?;
/// let mut store = Store::new(&engine, ());
/// let counter = Opcodes::count(&mut store);
/// let instance = Instance::new(&mut store, &module, &[])?;
/// instance.get_typed_func::<i32, ()>(&mut store, "f")?.call(&mut store, 3)?;
/// let opcodes = Opcodes::new(&counter, &store, &module, &Code::new(&bytes)?)?;
/// assert_eq!(opcodes.total(), 16);
/// assert_eq!(opcodes.counts().first(), Some(&("br_if", 3)));
/// let pairs = opcodes.pairs();
/// assert!(pairs.iter().any(|pair| pair.pair == ["br_if", "local.get"] && pair.count == 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Opcodes {
    counts: BTreeMap<&'static str, u64>,
    pairs: BTreeMap<[&'static str; 2], u64>,
}

/// The number of times that one operator was followed by another in the same function.
///
/// See [`Opcodes`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairCount {
    /// The names of the two operators, in order of execution.
    pub pair: [&'static str; 2],
    /// The number of executions.
    pub count: u64,
}

impl Opcodes {
    /// Starts to count.
    pub fn count<T: 'static>(store: &mut Store<T>) -> Counter {
        store.count(Filter::new().events(Events::INSTRUCTIONS | Events::BRANCHES))
    }

    /// Returns the counts of the functions of one module.
    ///
    /// # Errors
    ///
    /// Returns an error if the code cannot be parsed.
    pub fn new<'a, T: 'static>(
        counter: &Counter,
        store: impl Into<StoreContext<'a, T>>,
        module: &Module,
        code: &Code,
    ) -> Result<Self> {
        let store = store.into();
        let mut funcs: BTreeMap<u32, HashMap<u32, (u64, u64)>> = BTreeMap::new();
        for count in counter.counts(store.as_context()) {
            if !Module::same(count.instance.module(store.as_context()), module) {
                continue;
            }
            let here = funcs.entry(count.func_index).or_default().entry(count.offset).or_default();
            match (count.event, count.taken) {
                (Events::INSTRUCTIONS, _) => here.0 += count.count,
                (_, taken) => here.1 += taken.unwrap_or(0),
            }
        }
        let mut opcodes = Self::default();
        for (func, counts) in funcs {
            opcodes.add(code, func, &counts)?;
        }
        Ok(opcodes)
    }

    /// Adds a function, with the number of executions and of taken branches at each offset.
    fn add(&mut self, code: &Code, func: u32, counts: &HashMap<u32, (u64, u64)>) -> Result<()> {
        let flow = code.flow(func)?;
        for (at, step) in flow.iter().enumerate() {
            let Some((count, taken)) = counts.get(&step.offset).filter(|count| count.0 > 0) else {
                continue;
            };
            *self.counts.entry(step.name).or_default() += count;
            let next = step.falls_through.then_some(at + 1);
            let mut follow = |target: Option<usize>, count: u64| {
                let target = target.and_then(|target| executed(&flow, target));
                if let (Some(target), true) = (target, count > 0) {
                    *self.pairs.entry([step.name, target.name]).or_default() += count;
                }
            };
            match step.target {
                Some(target) if step.falls_through => {
                    // An `if` falls through when its condition holds; a `br_if` jumps.
                    let away = if step.name == "if" { count - taken } else { *taken };
                    follow(Some(target), away);
                    follow(next, count - away);
                }
                target => follow(target.or(next), *count),
            }
        }
        Ok(())
    }

    /// Returns the number of executed operators.
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Returns the count of each operator, the most frequent first.
    pub fn counts(&self) -> Vec<(&'static str, u64)> {
        let mut counts: Vec<_> = self.counts.iter().map(|(name, count)| (*name, *count)).collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        counts
    }

    /// Returns the count of each pair of operators, the most frequent first. Successors of
    /// `br_table` and `return` are not counted.
    pub fn pairs(&self) -> Vec<PairCount> {
        let mut pairs: Vec<_> = self
            .pairs
            .iter()
            .map(|(pair, count)| PairCount { pair: *pair, count: *count })
            .collect();
        pairs.sort_by(|a, b| b.count.cmp(&a.count).then(a.pair.cmp(&b.pair)));
        pairs
    }

    /// Returns operators and pairs as two tables of at most `rows` rows each.
    pub fn table(&self, rows: usize) -> String {
        let all = self.total().max(1);
        let percent = |count: u64| 100.0 * count as f64 / all as f64;
        let mut text = format!("{:>14} {:>7}  operator\n", "count", "%");
        for (name, count) in self.counts().into_iter().take(rows) {
            text += &format!("{count:>14} {:>7.2}  {name}\n", percent(count));
        }
        text += &format!("{:>14} {:>7}  pair\n", "count", "%");
        for PairCount { pair: [a, b], count } in self.pairs().into_iter().take(rows) {
            text += &format!("{count:>14} {:>7.2}  {a} {b}\n", percent(count));
        }
        text += &format!("{:>14} operators in all\n", self.total());
        text
    }

    /// Returns operators and pairs as JSON.
    pub fn json(&self) -> Value {
        let counts: Vec<_> = self
            .counts()
            .into_iter()
            .map(|(name, count)| json!({ "operator": name, "count": count }))
            .collect();
        let pairs: Vec<_> = self
            .pairs()
            .into_iter()
            .map(|PairCount { pair, count }| json!({ "pair": pair, "count": count }))
            .collect();
        json!({ "total": self.total(), "operators": counts, "pairs": pairs })
    }
}
