//! Which ways of each `br_table` are taken. What else coverage is made of the machine counts by
//! itself; of these a hook is told, at them only.

use crate::Code;
use burdock::{
    Event, Events, Filter, Hook, HookId, Module, Result, Store, StoreContext, StoreContextMut,
};
use std::collections::HashMap;
use wasmparser::Operator;

/// Counts the ways of a module's tables.
pub(super) struct Tables {
    module: Module,
    /// By the byte offset of each `br_table` in the module.
    tables: HashMap<u32, Table>,
}

/// A `br_table`. A way is a label to which it leads, in the order in which it names them: several
/// indices can go one way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Table {
    /// By index, that of the default at the end.
    ways: Vec<usize>,
    /// By way.
    taken: Vec<u64>,
}

impl Tables {
    /// Begins to count, if the module has a `br_table`.
    pub(super) fn attach<T: 'static>(
        store: &mut Store<T>,
        module: &Module,
        code: &Code,
    ) -> Option<HookId<Self>> {
        let mut tables = HashMap::new();
        for func in 0..code.num_funcs() {
            // What can't be read does not run.
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

    /// How often each way of the table at an offset was taken.
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
