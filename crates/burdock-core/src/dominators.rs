//! `Dominators`: of the objects that lead to another one, those that all ways to it pass.
//!
//! An object is *dominated* by another if every way from the roots to it passes the other one. What
//! an object dominates would be freed with it. The algorithm is Semi-NCA, which takes time about in
//! proportion to the references.

use alloc::vec;
use alloc::vec::Vec;

/// Stands for the number of a node that has none yet.
const NONE: u32 = u32::MAX;

/// A graph of numbered nodes, of which number 0 stands for the roots.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    /// For each node, the position of its first edge in `targets`; behind them their number.
    first: Vec<u32>,
    targets: Vec<u32>,
}

impl Graph {
    /// Begins the next node. Edges that are added are its own.
    pub(crate) fn begin_node(&mut self) {
        self.first.push(self.targets.len() as u32);
    }

    /// Adds an edge from the node that was begun last.
    pub(crate) fn add_edge(&mut self, to: u32) {
        self.targets.push(to);
    }

    fn edges(&self, node: u32) -> core::ops::Range<u32> {
        let end = self.first.get(node as usize + 1).copied();
        self.first[node as usize]..end.unwrap_or(self.targets.len() as u32)
    }

    /// Returns the tree of dominators.
    pub(crate) fn dominators(&self) -> Dominators {
        let (order, parents, predecessors) = self.visit();
        let nearest = Search::new(&parents, &predecessors).nearest_dominators(&parents);
        Dominators { order, nearest }
    }

    /// Visits all nodes that the roots lead to, depth first. Returns them in the order of the
    /// visits, for each the position of the one it was reached from, and a graph of positions in
    /// which all edges are reversed.
    fn visit(&self) -> (Vec<u32>, Vec<u32>, Self) {
        let mut positions = vec![NONE; self.first.len()];
        let (mut order, mut parents) = (vec![0], vec![0]);
        let mut incoming = vec![0];
        positions[0] = 0;
        let mut stack = vec![(0, self.edges(0))];
        while let Some((node, edges)) = stack.last_mut() {
            let Some(edge) = edges.next() else {
                stack.pop();
                continue;
            };
            let target = self.targets[edge as usize];
            let position = &mut positions[target as usize];
            if *position != NONE {
                incoming[*position as usize] += 1;
                continue;
            }
            *position = order.len() as u32;
            order.push(target);
            incoming.push(1);
            let parent = *node;
            stack.push((target, self.edges(target)));
            parents.push(positions[parent as usize]);
        }
        let predecessors = self.reverse(&order, &positions, incoming);
        (order, parents, predecessors)
    }

    /// Returns the graph of positions in which all edges are reversed; each position has so many
    /// `incoming` edges.
    fn reverse(&self, order: &[u32], positions: &[u32], mut incoming: Vec<u32>) -> Self {
        let mut sum = 0;
        for count in &mut incoming {
            sum += core::mem::replace(count, sum);
        }
        let first = incoming.clone();
        let mut targets = vec![0; sum as usize];
        for (from, node) in order.iter().enumerate() {
            for edge in self.edges(*node) {
                let target = self.targets[edge as usize];
                let next = &mut incoming[positions[target as usize] as usize];
                targets[*next as usize] = from as u32;
                *next += 1;
            }
        }
        Self { first, targets }
    }
}

/// The search for dominators. All numbers are positions in the order of the visits.
struct Search<'g> {
    predecessors: &'g Graph,
    /// The parents, in place of which paths that were followed have their ends.
    ancestors: Vec<u32>,
    semidominators: Vec<u32>,
    /// On the path to the ancestor, the position with the least semidominator.
    labels: Vec<u32>,
    path: Vec<u32>,
}

impl<'g> Search<'g> {
    fn new(parents: &[u32], predecessors: &'g Graph) -> Self {
        let own: Vec<u32> = (0..parents.len() as u32).collect();
        let (ancestors, path) = (parents.to_vec(), Vec::new());
        Self { predecessors, ancestors, semidominators: own.clone(), labels: own, path }
    }

    fn nearest_dominators(mut self, parents: &[u32]) -> Vec<u32> {
        for position in (1..parents.len() as u32).rev() {
            let mut least = parents[position as usize];
            for edge in self.predecessors.edges(position) {
                let from = self.predecessors.targets[edge as usize];
                let label = self.evaluate(from, position + 1);
                least = least.min(self.semidominators[label as usize]);
            }
            self.semidominators[position as usize] = least;
        }
        let mut nearest = parents.to_vec();
        for position in 1..parents.len() {
            let mut candidate = nearest[position];
            while candidate > self.semidominators[position] {
                candidate = nearest[candidate as usize];
            }
            nearest[position] = candidate;
        }
        nearest
    }

    /// Returns the position with the least semidominator on the path from a position to the first
    /// ancestor before `linked`.
    fn evaluate(&mut self, position: u32, linked: u32) -> u32 {
        let mut at = position;
        while self.ancestors[at as usize] >= linked {
            self.path.push(at);
            at = self.ancestors[at as usize];
        }
        while let Some(next) = self.path.pop() {
            let [own, above] = [next, at].map(|position| self.labels[position as usize]);
            if self.semidominators[above as usize] < self.semidominators[own as usize] {
                self.labels[next as usize] = above;
            }
            self.ancestors[next as usize] = self.ancestors[at as usize];
            at = next;
        }
        self.labels[at as usize]
    }
}

/// The tree of dominators of the nodes that the roots lead to.
#[derive(Debug)]
pub(crate) struct Dominators {
    /// The nodes, each behind its dominators.
    order: Vec<u32>,
    /// For each node, the position in `order` of its nearest dominator.
    nearest: Vec<u32>,
}

impl Dominators {
    /// Returns the size that each group of nodes retains: the sizes of its nodes and of all that
    /// they dominate. What several nodes of the group dominate counts once. `node` gives the group
    /// and the size of a node; the roots have none.
    pub(crate) fn retained(&self, groups: usize, node: impl Fn(u32) -> (usize, u64)) -> Vec<u64> {
        let count = self.order.len();
        let mut sizes = vec![0; count];
        for position in (1..count).rev() {
            sizes[position] += node(self.order[position]).1;
            sizes[self.nearest[position] as usize] += sizes[position];
        }
        let (mut first_child, mut next_sibling) = (vec![NONE; count], vec![NONE; count]);
        for position in (1..count).rev() {
            let first = &mut first_child[self.nearest[position] as usize];
            next_sibling[position] = core::mem::replace(first, position as u32);
        }
        // For each group, the number of its nodes among the dominators of the current one.
        let (mut around, mut retained) = (vec![0u32; groups], vec![0; groups]);
        let group = |position: u32| node(self.order[position as usize]).0;
        let (mut at, mut child) = (0, first_child[0]);
        loop {
            if child != NONE {
                at = child;
                let own = group(at);
                if around[own] == 0 {
                    retained[own] += sizes[at as usize];
                }
                around[own] += 1;
                child = first_child[at as usize];
            } else if at != 0 {
                around[group(at)] -= 1;
                child = next_sibling[at as usize];
                at = self.nearest[at as usize];
            } else {
                return retained;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    /// Returns the graph with these edges, `0>1 1>2`, of `nodes` nodes.
    fn graph(nodes: u32, edges: &[(u32, u32)]) -> Graph {
        let mut graph = Graph::default();
        for node in 0..nodes {
            graph.begin_node();
            edges.iter().filter(|edge| edge.0 == node).for_each(|edge| graph.add_edge(edge.1));
        }
        graph
    }

    /// Returns the nearest dominator of each node, `2:0`, in the order of the nodes.
    fn dominators(graph: &Graph) -> String {
        use core::fmt::Write;
        let Dominators { order, nearest } = graph.dominators();
        let mut pairs: Vec<_> =
            order.iter().zip(&nearest).map(|(node, at)| (*node, order[*at as usize])).collect();
        pairs.sort_unstable();
        let mut text = String::new();
        pairs[1..].iter().for_each(|(node, by)| write!(text, "{node}:{by} ").unwrap());
        text.truncate(text.trim_end().len());
        text
    }

    #[test]
    fn every_way_passes_the_dominators() {
        for (nodes, edges, expected) in [
            (1, &[] as &[(u32, u32)], ""),
            // Nothing leads to 2.
            (3, &[(0, 1), (2, 1)], "1:0"),
            (4, &[(0, 1), (1, 2), (2, 3), (3, 1)], "1:0 2:1 3:2"),
            // Two ways meet, and one edge is twice there.
            (5, &[(0, 1), (0, 1), (1, 2), (1, 3), (2, 4), (3, 4)], "1:0 2:1 3:1 4:1"),
            // A list with links in both directions, and one whose end is a root as well.
            (4, &[(0, 1), (1, 2), (2, 1), (2, 3), (3, 2)], "1:0 2:1 3:2"),
            (4, &[(0, 1), (0, 3), (1, 2), (2, 1), (2, 3), (3, 2)], "1:0 2:0 3:0"),
            // An object that refers to itself.
            (2, &[(0, 1), (1, 1)], "1:0"),
        ] {
            assert_eq!(dominators(&graph(nodes, edges)), expected, "{edges:?}");
        }
    }

    /// Returns `true` if the roots lead to a node on a way that does not pass another one.
    fn is_reached(nodes: u32, edges: &[(u32, u32)], to: u32, without: u32) -> bool {
        let mut reached = vec![false; nodes as usize];
        let mut stack = vec![0];
        while let Some(node) = stack.pop() {
            if node != without && !core::mem::replace(&mut reached[node as usize], true) {
                stack.extend(edges.iter().filter(|edge| edge.0 == node).map(|edge| edge.1));
            }
        }
        reached[to as usize]
    }

    #[test]
    fn random_graphs_have_the_dominators_that_removal_finds() {
        let mut random = 1u32;
        let mut below = |limit: u32| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 8) % limit
        };
        for round in 0..400 {
            let nodes = 2 + below(12);
            let edges: Vec<_> =
                (0..below(3 * nodes)).map(|_| (below(nodes), below(nodes))).collect();
            let edges: Vec<_> = edges.into_iter().filter(|edge| edge.1 != 0).collect();
            let Dominators { order, nearest } = graph(nodes, &edges).dominators();
            for node in 1..nodes {
                let position = order.iter().position(|own| *own == node);
                let reached = is_reached(nodes, &edges, node, NONE);
                assert_eq!(position.is_some(), reached, "{round}: {edges:?}");
                let Some(mut at) = position else { continue };
                let mut found = Vec::new();
                while at != 0 {
                    at = nearest[at] as usize;
                    found.push(order[at]);
                }
                found.sort_unstable();
                let is_dominator = |by: &u32| *by != node && !is_reached(nodes, &edges, node, *by);
                let expected: Vec<u32> = (0..nodes).filter(is_dominator).collect();
                assert_eq!(found, expected, "{round}: {node} in {edges:?}");
            }
        }
    }

    #[test]
    fn groups_retain_what_their_nodes_dominate() {
        // 1 and 3 are of group 0, the others of group 1; 2 and 3 both lead to 4.
        let graph = graph(6, &[(0, 1), (1, 2), (1, 3), (2, 4), (3, 4), (3, 5)]);
        let retained = graph
            .dominators()
            .retained(2, |node| (usize::from(node != 1 && node != 3), 10u64.pow(node)));
        // The nodes of group 0 retain all; of group 1, each retains itself.
        assert_eq!(retained, [111_110, 110_100]);
    }

    #[test]
    fn long_lists_need_no_recursion() {
        let nodes = 300_000;
        let mut graph = Graph::default();
        for node in 0..nodes {
            graph.begin_node();
            if node + 1 < nodes {
                graph.add_edge(node + 1);
            }
            if node > 1 {
                graph.add_edge(node - 1);
            }
        }
        let retained = graph.dominators().retained(1, |_| (0, 1));
        assert_eq!(retained, [u64::from(nodes) - 1]);
    }
}
