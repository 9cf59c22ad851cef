//! Sequences of handlers as a trie, and the trie as tables.

use std::collections::BTreeMap;
use std::fmt::Write;

/// Sequences of handlers' numbers, each with a handler of its own.
#[derive(Default)]
pub(crate) struct Trie {
    /// Node and handler to the next node. Node 0 is the root.
    edges: BTreeMap<(usize, usize), usize>,
    /// For each node but the root, the handler that does what leads to it.
    nodes: Vec<Option<usize>>,
    /// Handlers of sequences.
    pub(crate) handlers: usize,
}

impl Trie {
    /// Adds a sequence; false if it is there already.
    pub(crate) fn insert(&mut self, keys: &[usize]) -> bool {
        let mut node = 0;
        for &key in keys {
            let next = self.nodes.len() + 1;
            node = *self.edges.entry((node, key)).or_insert(next);
            if node == next {
                self.nodes.push(None);
            }
        }
        let handler = &mut self.nodes[node - 1];
        if handler.is_some() {
            return false;
        }
        *handler = Some(self.handlers);
        self.handlers += 1;
        true
    }

    /// The tables, in Rust: for each handler of one instruction the node it leads to from the root;
    /// for each node its handler and where its edges begin; and the edges, in the order of nodes
    /// and keys. `single` handlers come before those of sequences.
    pub(crate) fn tables(&self, single: usize) -> String {
        let mut roots = vec![0; single];
        let mut keys = Vec::new();
        let mut targets = Vec::new();
        let mut begins = vec![0; self.nodes.len() + 2];
        for (&(node, key), &target) in &self.edges {
            if node == 0 {
                roots[key] = target;
                continue;
            }
            keys.push(key);
            targets.push(target);
            begins[node + 1] = keys.len();
        }
        for node in 1..begins.len() {
            begins[node] = begins[node].max(begins[node - 1]);
        }
        let handlers: Vec<usize> = std::iter::once(0)
            .chain(self.nodes.iter().map(|handler| handler.map_or(0, |n| single + n)))
            .collect();
        let mut text = String::new();
        for (name, table) in [
            ("ROOTS", &roots),
            ("NODE_HANDLERS", &handlers),
            ("NODE_EDGES", &begins),
            ("EDGE_KEYS", &keys),
            ("EDGE_TARGETS", &targets),
        ] {
            let _ = writeln!(text, "static {name}: [u32; {}] = {table:?};", table.len());
        }
        text
    }
}
