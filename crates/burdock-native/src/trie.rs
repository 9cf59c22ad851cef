//! Sequences of handlers as a trie, and the trie as tables.

use burdock_ir::Edge;
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

    /// Returns the tables of [`blocks`](Self::blocks) in Rust.
    pub(crate) fn tables(&self, single: usize) -> String {
        let (roots, places) = self.blocks(single);
        let (groups, roots) = groups(&roots);
        let mut text = format!(
            "#[cfg(test)]\nconst SINGLE_COUNT: usize = {single};\nstatic ROOT_GROUPS: [u16; {}] = {groups:?};\n\
             static ROOTS: [[u32; {ROOT_GROUP}]; {}] = {roots:?};\n",
            groups.len(),
            roots.len()
        );
        let _ = writeln!(text, "static EDGES: [Edge; {}] = [", places.len());
        for edge in places {
            let _ = writeln!(text, "Edge({:#x}),", edge.0);
        }
        text + "];\n"
    }

    /// Returns, for each of the `single` handlers of one instruction, the block of what may follow
    /// it, and the places of all blocks. Handlers of sequences are numbered from `single`.
    ///
    /// The edges of a node are a block: a hash table of a power of two places, in which who finds
    /// another handler looks at the next place. A block is named by where it begins, times 16, and
    /// the power.
    fn blocks(&self, single: usize) -> (Vec<u32>, Vec<Edge>) {
        // Block 0 has one place, which is empty.
        let mut places = vec![Edge::EMPTY];
        let mut blocks = vec![0; self.nodes.len() + 1];
        // Children have higher numbers than their parents: their blocks are there already.
        for node in (1..=self.nodes.len()).rev() {
            let edges = self.edges.range((node, 0)..(node + 1, 0));
            let edges = edges.map(|(&(_, key), &child)| {
                let handler = self.nodes[child - 1].map_or(0, |n| single + n);
                Edge::new(key, handler, blocks[child]).expect("numbers of handlers fit an entry")
            });
            blocks[node] = push_block(&mut places, &edges.collect::<Vec<_>>());
        }
        let mut roots = vec![0; single];
        for (&(_, key), &child) in self.edges.range((0, 0)..(1, 0)) {
            roots[key] = blocks[child];
        }
        (roots, places)
    }
}

/// The handlers whose roots are looked up together. Few handlers begin a sequence, and most groups
/// are the first, which is empty.
const ROOT_GROUP: usize = 8;

/// Returns the number of each group of roots, and the groups.
fn groups(roots: &[u32]) -> (Vec<usize>, Vec<[u32; ROOT_GROUP]>) {
    let mut groups = vec![[0; ROOT_GROUP]];
    let numbers = roots.chunks(ROOT_GROUP).map(|roots| {
        if roots.iter().all(|root| *root == 0) {
            return 0;
        }
        let mut group = [0; ROOT_GROUP];
        group[..roots.len()].copy_from_slice(roots);
        groups.push(group);
        groups.len() - 1
    });
    (numbers.collect(), groups)
}

/// Adds a block of these edges; gives its name.
fn push_block(places: &mut Vec<Edge>, edges: &[Edge]) -> u32 {
    if edges.is_empty() {
        return 0;
    }
    // A lookup of a missing key ends at an empty place, so several edges get spare places. A single
    // edge needs none.
    let size = (edges.len() + edges.len() / 2).next_power_of_two();
    let first = places.len();
    places.resize(first + size, Edge::EMPTY);
    for edge in edges {
        let mut at = Edge::place(edge.key(), size.ilog2());
        while places[first + at] != Edge::EMPTY {
            at = (at + 1) % size;
        }
        places[first + at] = *edge;
    }
    (first as u32) << 4 | size.ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trie(sequences: &[&[usize]]) -> Trie {
        let mut trie = Trie::default();
        for keys in sequences {
            trie.insert(keys);
        }
        trie
    }

    #[test]
    fn each_sequence_is_added_once() {
        let mut trie = Trie::default();
        let rows: [(&[usize], bool, usize); 4] =
            [(&[1, 2, 3], true, 1), (&[1, 2], true, 2), (&[1, 2, 3], false, 2), (&[2], true, 3)];
        for (keys, added, handlers) in rows {
            assert_eq!((trie.insert(keys), trie.handlers), (added, handlers), "{keys:?}");
        }
    }

    /// Returns the places of a block: key, handler, block.
    fn block(places: &[Edge], name: u32) -> Vec<(u32, u32, u32)> {
        let places = &places[(name >> 4) as usize..][..1 << (name & 15)];
        let full = places.iter().filter(|&&place| place != Edge::EMPTY);
        full.map(|edge| (edge.key(), edge.handler(), edge.block())).collect()
    }

    #[test]
    fn blocks_lead_to_the_handlers_of_sequences() {
        // Four handlers of one instruction: those of sequences are numbered from 4.
        let (roots, places) = trie(&[&[1, 2, 3], &[1, 2], &[1, 3], &[0, 1, 0]]).blocks(4);
        let named = |name| block(&places, name);
        assert_eq!((roots[2], roots[3], named(0)), (0, 0, vec![]));
        let mut after_1 = named(roots[1]);
        after_1.sort_unstable();
        let [(2, 5, after_1_2), (3, 6, 0)] = after_1[..] else { panic!("{after_1:?}") };
        assert_eq!(named(after_1_2), [(3, 4, 0)]);
        // Nothing is done by the first two instructions alone.
        let [(1, 0, after_0_1)] = named(roots[0])[..] else { panic!("{:?}", named(roots[0])) };
        assert_eq!(named(after_0_1), [(0, 7, 0)]);
    }

    #[test]
    fn empty_groups_are_one() {
        let mut roots = vec![0; 19];
        assert_eq!(groups(&roots), (vec![0, 0, 0], vec![[0; 8]]));
        (roots[3], roots[18]) = (16, 32);
        let (numbers, groups) = groups(&roots);
        assert_eq!((numbers, groups.len()), (vec![1, 0, 2], 3));
        assert_eq!((groups[1][3], groups[2][2]), (16, 32));
    }

    #[test]
    fn tables_are_written_in_rust() {
        let rows: [(&[&[usize]], &str); 2] = [
            (
                &[],
                "#[cfg(test)]\nconst SINGLE_COUNT: usize = 2;\n\
                 static ROOT_GROUPS: [u16; 1] = [0];\n\
                 static ROOTS: [[u32; 8]; 1] = [[0, 0, 0, 0, 0, 0, 0, 0]];\n\
                 static EDGES: [Edge; 1] = [\nEdge(0x3ffff),\n];\n",
            ),
            (
                &[&[1, 0]],
                "#[cfg(test)]\nconst SINGLE_COUNT: usize = 2;\n\
                 static ROOT_GROUPS: [u16; 1] = [1];\n\
                 static ROOTS: [[u32; 8]; 2] = [[0, 0, 0, 0, 0, 0, 0, 0], [0, 16, 0, 0, 0, 0, 0, 0]];\n\
                 static EDGES: [Edge; 2] = [\nEdge(0x3ffff),\nEdge(0x80000),\n];\n",
            ),
        ];
        for (sequences, expected) in rows {
            assert_eq!(trie(sequences).tables(2), expected);
        }
    }
}
