//! Counts of the ways of each `br_table`. The engine counts everything else that coverage needs by
//! itself; only these need a hook, attached to the `br_table` operators alone.

use crate::Code;
use burdock::{
    Event, Events, Filter, Hook, HookId, Module, Result, Store, StoreContext, StoreContextMut,
};
use std::collections::HashMap;
use wasmparser::Operator;

/// Counts the ways of each `br_table` in a module.
pub(super) struct Tables {
    module: Module,
    /// The tables by the byte offset of their `br_table` in the module.
    tables: HashMap<u32, Table>,
}

/// The ways of one `br_table`. A way is a label that the operator names, numbered in the order of
/// first mention; several indices can take one way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Table {
    /// The way of each index, with that of the default at the end.
    ways: Vec<usize>,
    /// The count of each way.
    taken: Vec<u64>,
}

impl Tables {
    /// Starts to count if the module has a `br_table`.
    pub(super) fn attach<T: 'static>(
        store: &mut Store<T>,
        module: &Module,
        code: &Code,
    ) -> Option<HookId<Self>> {
        let mut tables = HashMap::new();
        for func in 0..code.num_funcs() {
            // Functions that cannot be parsed are never executed.
            let _ = code.visit(func, |offset, op| {
                if let Operator::BrTable { targets } = op {
                    let labels = targets.targets().flatten().chain([targets.default()]);
                    tables.insert(offset, Table::new(labels));
                }
            });
        }
        let mut filter = Filter::new().events(Events::BRANCHES);
        for offset in tables.keys() {
            filter = filter.offset(*offset);
        }
        let some = !tables.is_empty();
        some.then(|| store.attach(filter, Self { module: module.clone(), tables }))
    }

    /// Returns the count of each way of the `br_table` at an offset.
    pub(super) fn taken<'a, T: 'static>(
        id: Option<HookId<Self>>,
        store: StoreContext<'a, T>,
        offset: u32,
    ) -> &'a [u64] {
        let tables = id.and_then(|id| store.hook(id));
        let table = tables.and_then(|tables| tables.tables.get(&offset));
        table.map_or(&[], |table| &table.taken)
    }
}

impl Table {
    fn new(labels: impl Iterator<Item = u32>) -> Self {
        let mut known: Vec<u32> = Vec::new();
        let way = |label| {
            known.iter().position(|other| *other == label).unwrap_or_else(|| {
                known.push(label);
                known.len() - 1
            })
        };
        let ways: Vec<usize> = labels.map(way).collect();
        Self { ways, taken: vec![0; known.len()] }
    }
}

impl<T: 'static> Hook<T> for Tables {
    const EVENTS: Events = Events::BRANCHES;

    fn event(&mut self, mut store: StoreContextMut<'_, T>, event: Event<'_>) -> Result<()> {
        if let (Event::BranchTable { index, .. }, Some(frame)) = (event, store.frame())
            && Module::same(frame.module(&store), &self.module)
            && let Some(table) = self.tables.get_mut(&frame.offset())
            && let Some(way) = table.ways.get(index as usize)
        {
            table.taken[*way] += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn ways_are_labels() {
        let table = Table::new([2, 0, 2, 1].into_iter());
        assert_eq!((table.ways.as_slice(), table.taken.len()), (&[0, 1, 0, 2][..], 3));
    }
}
