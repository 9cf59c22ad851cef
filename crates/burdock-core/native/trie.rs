//! Sequences of handlers as a trie, and the trie as tables.

use super::edge::{Edge, slot};
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

    /// The tables, in Rust. `single` handlers come before those of sequences.
    ///
    /// The edges of a node are a block: a hash table of a power of two places, in which who finds
    /// another handler looks at the next place. A block is named by where it begins, times 16, and
    /// the power. `ROOTS` has, for each handler of one instruction, the block of what may follow.
    pub(crate) fn tables(&self, single: usize) -> String {
        // Block 0 has one place, which is empty.
        let mut places = vec![Edge::EMPTY];
        let mut blocks = vec![0; self.nodes.len() + 1];
        // Children have higher numbers than their parents: their blocks are there already.
        for node in (1..=self.nodes.len()).rev() {
            let edges = self.edges.range((node, 0)..(node + 1, 0));
            let edges = edges.map(|(&(_, key), &child)| {
                let handler = self.nodes[child - 1].map_or(0, |n| single + n);
                Edge::new(key, handler, blocks[child])
            });
            blocks[node] = push_block(&mut places, &edges.collect::<Vec<_>>());
        }
        let mut roots = vec![0; single];
        for (&(_, key), &child) in self.edges.range((0, 0)..(1, 0)) {
            roots[key] = blocks[child];
        }
        let mut text = format!("static ROOTS: [u32; {single}] = {roots:?};\n");
        let _ = writeln!(text, "static EDGES: [Edge; {}] = [", places.len());
        for edge in places {
            let _ = writeln!(text, "Edge({:#x}),", edge.0);
        }
        text + "];\n"
    }
}

/// Adds a block of these edges; gives its name.
fn push_block(places: &mut Vec<Edge>, edges: &[Edge]) -> u32 {
    if edges.is_empty() {
        return 0;
    }
    // One edge alone needs no empty place behind it, others do, to be quickly told from what is not
    // there.
    let size = (edges.len() + edges.len() / 2).next_power_of_two();
    let first = places.len();
    places.resize(first + size, Edge::EMPTY);
    for edge in edges {
        let mut at = slot(edge.key(), size.ilog2());
        while places[first + at] != Edge::EMPTY {
            at = (at + 1) % size;
        }
        places[first + at] = *edge;
    }
    (first as u32) << 4 | size.ilog2()
}
