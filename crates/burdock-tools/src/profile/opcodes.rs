//! `Opcodes`: how often each operator, and each pair of operators, is executed.

use crate::Code;
use crate::flow::executed;
use burdock::{AsContext, Counter, Events, Filter, Module, Result, Store, StoreContext};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// How often the operators of a module were executed, by name.
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

/// How often one operator was followed by another in the same function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairCount {
    /// Their names.
    pub pair: [&'static str; 2],
    /// How often.
    pub count: u64,
}

impl Opcodes {
    /// Begins to count.
    pub fn count<T: 'static>(store: &mut Store<T>) -> Counter {
        store.count(Filter::new().events(Events::INSTRUCTIONS | Events::BRANCHES))
    }

    /// What has been counted of the functions of one module.
    ///
    /// # Errors
    ///
    /// The code can't be read.
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

    /// Adds a function: for each offset, how often the operator was executed and its branch taken.
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
                    // Of an `if`, the condition holding leads on; of a `br_if`, away.
                    let away = if step.name == "if" { count - taken } else { *taken };
                    follow(Some(target), away);
                    follow(next, count - away);
                }
                target => follow(target.or(next), *count),
            }
        }
        Ok(())
    }

    /// All operators that were executed.
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// How often each was executed, the most frequent first.
    pub fn counts(&self) -> Vec<(&'static str, u64)> {
        let mut counts: Vec<_> = self.counts.iter().map(|(name, count)| (*name, *count)).collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        counts
    }

    /// How often each pair was executed, the most frequent first. What follows a `br_table` or a
    /// `return` is not counted.
    pub fn pairs(&self) -> Vec<PairCount> {
        let mut pairs: Vec<_> = self
            .pairs
            .iter()
            .map(|(pair, count)| PairCount { pair: *pair, count: *count })
            .collect();
        pairs.sort_by(|a, b| b.count.cmp(&a.count).then(a.pair.cmp(&b.pair)));
        pairs
    }

    /// Both as a table, at most so many rows of each.
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

    /// Both as JSON.
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
