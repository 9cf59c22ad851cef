//! Programs of data structures and sorting.

use std::collections::{BTreeMap, BinaryHeap, HashMap, VecDeque};

use crate::Program;
use crate::input::{Random, mix};

pub const PROGRAMS: &[Program] = &[
    ("automata", automata),
    ("bitmaps", bitmaps),
    ("bst", btree),
    ("cache", cache),
    ("graph", graph),
    ("hash", hash_map),
    ("heap", heap),
    ("life", life),
    ("points", points),
    ("radix", radix),
    ("rope", rope),
    ("shell", shell),
    ("sorts", sorts),
    ("treap", treap),
    ("trie", trie),
];

/// A set of words as a minimal automaton.
fn automata() -> u64 {
    use fst::{IntoStreamer, Set, Streamer};
    let mut random = Random(60);
    let mut words: Vec<String> =
        (0..4_000).map(|_| format!("{}{}", random.word(), random.below(5_000))).collect();
    words.sort_unstable();
    words.dedup();
    let set = Set::from_iter(&words).expect("sorted words");
    let mut hash = words.iter().filter(|word| set.contains(word)).count() as u64;
    let mut stream = set.range().ge("hooks").lt("small3").into_stream();
    while let Some(word) = stream.next() {
        hash = mix([hash, word.len() as u64]);
    }
    hash
}

fn bitmaps() -> u64 {
    use roaring::RoaringBitmap;
    let mut random = Random(61);
    let mut sets: Vec<RoaringBitmap> = Vec::new();
    for n in 0..6 {
        let mut set = RoaringBitmap::new();
        set.extend((0..12_000).map(|_| random.below(400_000 >> n) as u32));
        set.insert_range(n * 1000..n * 3000);
        sets.push(set);
    }
    let mut hash = 0;
    for a in &sets {
        for b in &sets {
            hash = mix([
                hash,
                (a & b).len(),
                (a - b).len(),
                (a ^ b).iter().step_by(99).map(u64::from).sum(),
            ]);
        }
    }
    hash
}

fn btree() -> u64 {
    let mut random = Random(6);
    let mut map = BTreeMap::new();
    for _ in 0..30_000 {
        *map.entry(random.next() % 20_000).or_insert(0u64) += 1;
        map.remove(&(random.next() % 20_000));
    }
    map.iter().fold(0, |sum, (key, value)| sum ^ key.wrapping_mul(*value + 1))
}

/// A cache that forgets what was least recently used: a table with open addressing, and a list
/// linked in both directions by indices.
struct Cache {
    entries: Vec<Entry>,
    table: Vec<usize>,
    newest: usize,
    oldest: usize,
}

struct Entry {
    key: u64,
    newer: usize,
    older: usize,
}

/// No entry.
const NONE: usize = usize::MAX;

impl Cache {
    const SIZE: usize = 1024;

    fn new() -> Self {
        let table = vec![NONE; Self::SIZE * 4];
        Self { entries: Vec::new(), table, newest: NONE, oldest: NONE }
    }

    /// Where in the table a key is, or would be.
    fn slot(&self, key: u64) -> usize {
        let mut slot = (key.wrapping_mul(0x9e3779b97f4a7c15) >> 52) as usize;
        while self.table[slot] != NONE && self.entries[self.table[slot]].key != key {
            slot = (slot + 1) % self.table.len();
        }
        slot
    }

    /// Takes an entry out of the table; those behind it that it kept from their places move up.
    fn forget(&mut self, at: usize) {
        let mut hole = self.slot(self.entries[at].key);
        self.table[hole] = NONE;
        loop {
            hole = (hole + 1) % self.table.len();
            let moved = std::mem::replace(&mut self.table[hole], NONE);
            if moved == NONE {
                break;
            }
            let slot = self.slot(self.entries[moved].key);
            self.table[slot] = moved;
        }
    }

    fn unlink(&mut self, at: usize) {
        let Entry { newer, older, .. } = self.entries[at];
        match newer {
            NONE => self.newest = older,
            _ => self.entries[newer].older = older,
        }
        match older {
            NONE => self.oldest = newer,
            _ => self.entries[older].newer = newer,
        }
    }

    /// Whether the key was there; now it is the newest.
    fn touch(&mut self, key: u64) -> bool {
        let mut at = self.table[self.slot(key)];
        let hit = at != NONE;
        if hit {
            self.unlink(at);
        } else {
            if self.entries.len() < Self::SIZE {
                at = self.entries.len();
                self.entries.push(Entry { key, newer: NONE, older: NONE });
            } else {
                at = self.oldest;
                self.unlink(at);
                self.forget(at);
                self.entries[at].key = key;
            }
            let slot = self.slot(key);
            self.table[slot] = at;
        }
        (self.entries[at].newer, self.entries[at].older) = (NONE, self.newest);
        match self.newest {
            NONE => self.oldest = at,
            newest => self.entries[newest].newer = at,
        }
        self.newest = at;
        hit
    }
}

fn cache() -> u64 {
    let mut random = Random(62);
    let mut cache = Cache::new();
    let mut key = || (random.below(1_700) * random.below(1_700) / 1_700) as u64;
    let hits = (0..80_000).filter(|_| cache.touch(key())).count() as u64;
    mix([hits, cache.entries[cache.oldest].key, cache.entries[cache.newest].key])
}

fn graph() -> u64 {
    let mut random = Random(8);
    let mut graph = petgraph::graph::UnGraph::<(), u32>::new_undirected();
    let nodes: Vec<_> = (0..3000).map(|_| graph.add_node(())).collect();
    for _ in 0..15_000 {
        let [a, b] = [0, 1].map(|_| nodes[random.next() as usize % nodes.len()]);
        graph.add_edge(a, b, (random.next() % 100) as u32);
    }
    let distances = petgraph::algo::dijkstra(&graph, nodes[0], None, |edge| *edge.weight());
    distances.values().map(|&distance| u64::from(distance)).sum()
}

fn hash_map() -> u64 {
    let text = Random(9).text(200_000);
    let mut counts: HashMap<&str, u64> = HashMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word).or_default() += 1;
    }
    counts.values().fold(0, |sum, count| sum + count * count)
}

/// Events in the order of their times, each of which leads to others.
fn heap() -> u64 {
    let mut random = Random(63);
    let mut events: BinaryHeap<(u32, u16)> =
        (0..2_000).map(|n| (u32::MAX - n * 7, n as u16)).collect();
    let mut queues: Vec<VecDeque<u32>> = vec![VecDeque::new(); 64];
    let mut hash = 0;
    for _ in 0..70_000 {
        let Some((time, kind)) = events.pop() else { break };
        let queue = &mut queues[usize::from(kind) % 64];
        queue.push_back(time);
        if queue.len() > 20 {
            hash = mix([hash, queue.drain(..8).map(u64::from).sum()]);
        }
        let wait = random.below(5_000) as u32 + u32::from(kind);
        events.push((time.wrapping_sub(wait), kind.rotate_left(3) ^ wait as u16));
    }
    hash
}

fn life() -> u64 {
    let (width, height) = (96usize, 64usize);
    let mut random = Random(17);
    let mut cells = fixedbitset::FixedBitSet::with_capacity(width * height);
    (0..width * height).for_each(|n| cells.set(n, random.next().is_multiple_of(3)));
    for _ in 0..30 {
        let mut next = cells.clone();
        for y in 0..height {
            for x in 0..width {
                let mut near = 0;
                for (dy, dx) in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1), (2, 2)] {
                    let (y, x) = ((y + dy + height - 1) % height, (x + dx + width - 1) % width);
                    near += usize::from(cells[y * width + x]);
                }
                next.set(y * width + x, near == 3 || near == 2 && cells[y * width + x]);
            }
        }
        cells = next;
    }
    cells.count_ones(..) as u64
}

/// Points of the plane in an R*-tree, and their Delaunay triangles.
fn points() -> u64 {
    let mut random = Random(64);
    let points: Vec<[f64; 2]> = (0..3_000).map(|_| [random.unit(), random.unit()]).collect();
    let tree = rstar::RTree::bulk_load(points.clone());
    let mut hash = 0;
    for _ in 0..1_500 {
        let place = [random.unit(), random.unit()];
        let near = tree.nearest_neighbor(&place).expect("points");
        let around = tree.locate_within_distance(place, 0.001).count() as u64;
        hash = mix([hash, near[0].to_bits(), around]);
    }
    let points: Vec<_> = points.iter().map(|&[x, y]| delaunator::Point { x, y }).collect();
    let triangles = delaunator::triangulate(&points).triangles;
    hash ^ mix(triangles.into_iter().step_by(7).map(|corner| corner as u64))
}

fn radix() -> u64 {
    let mut random = Random(65);
    let mut numbers: Vec<u32> = (0..120_000).map(|_| random.next() as u32).collect();
    let mut other = vec![0; numbers.len()];
    for shift in [0, 8, 16, 24] {
        let digit = |number: u32| (number >> shift & 255) as usize;
        let mut starts = [0usize; 257];
        numbers.iter().for_each(|&number| starts[digit(number) + 1] += 1);
        (0..256).for_each(|n| starts[n + 1] += starts[n]);
        for &number in &numbers {
            other[starts[digit(number)]] = number;
            starts[digit(number)] += 1;
        }
        std::mem::swap(&mut numbers, &mut other);
    }
    assert!(numbers.is_sorted());
    mix(numbers.into_iter().step_by(97).map(u64::from))
}

/// A text that is edited: pieces behind boxes, halved where they are too long.
fn rope() -> u64 {
    enum Rope {
        Leaf(String),
        Node(Box<Rope>, Box<Rope>, usize),
    }
    impl Rope {
        fn len(&self) -> usize {
            match self {
                Rope::Leaf(text) => text.len(),
                Rope::Node(_, right, left) => left + right.len(),
            }
        }

        fn insert(&mut self, at: usize, new: &str) {
            match self {
                Rope::Node(left, _, length) if at <= *length => {
                    left.insert(at, new);
                    *length += new.len();
                }
                Rope::Node(_, right, length) => right.insert(at - *length, new),
                Rope::Leaf(text) => {
                    text.insert_str(at, new);
                    if text.len() > 256 {
                        let right = text.split_off(text.len() / 2);
                        let length = text.len();
                        let [left, right] =
                            [std::mem::take(text), right].map(|part| Box::new(Rope::Leaf(part)));
                        *self = Rope::Node(left, right, length);
                    }
                }
            }
        }

        fn each(&self, visit: &mut dyn FnMut(&str)) {
            match self {
                Rope::Leaf(text) => visit(text),
                Rope::Node(left, right, _) => {
                    left.each(visit);
                    right.each(visit);
                }
            }
        }
    }
    let mut random = Random(66);
    let mut rope = Rope::Leaf(String::new());
    for _ in 0..50_000 {
        let at = random.below(rope.len() + 1);
        rope.insert(at, random.word());
    }
    let mut hash = 0;
    rope.each(&mut |text| hash = mix([hash, text.bytes().map(u64::from).sum()]));
    hash
}

fn shell() -> u64 {
    let mut random = Random(67);
    let mut numbers: Vec<i32> = (0..30_000).map(|_| random.next() as i32).collect();
    for gap in [8929, 3905, 1750, 701, 301, 132, 57, 23, 10, 4, 1] {
        for start in gap..numbers.len() {
            let number = numbers[start];
            let mut at = start;
            while at >= gap && numbers[at - gap] > number {
                numbers[at] = numbers[at - gap];
                at -= gap;
            }
            numbers[at] = number;
        }
    }
    assert!(numbers.is_sorted());
    mix(numbers.into_iter().step_by(31).map(|number| number as u64))
}

fn sorts() -> u64 {
    let mut random = Random(15);
    let mut numbers: Vec<u64> = (0..60_000).map(|_| random.next()).collect();
    let mut floats: Vec<f64> = numbers.iter().map(|&n| n as f64 / 3.0).collect();
    numbers.sort();
    floats.sort_by(f64::total_cmp);
    numbers.dedup_by_key(|n| *n >> 50);
    numbers.iter().fold(0, |sum, n| sum ^ n) ^ floats[100].to_bits()
}

/// A search tree in an arena, balanced by random priorities.
fn treap() -> u64 {
    #[derive(Clone, Copy)]
    struct Node {
        key: u32,
        priority: u32,
        children: [u32; 2],
    }
    const NONE: u32 = 0;
    fn insert(nodes: &mut Vec<Node>, at: u32, key: u32, priority: u32) -> u32 {
        if at == NONE {
            nodes.push(Node { key, priority, children: [NONE; 2] });
            return nodes.len() as u32 - 1;
        }
        let node = nodes[at as usize];
        if node.key == key {
            return at;
        }
        let side = usize::from(key > node.key);
        let child = insert(nodes, node.children[side], key, priority);
        nodes[at as usize].children[side] = child;
        if nodes[child as usize].priority <= node.priority {
            return at;
        }
        nodes[at as usize].children[side] = nodes[child as usize].children[1 - side];
        nodes[child as usize].children[1 - side] = at;
        child
    }
    let mut random = Random(68);
    let mut nodes = vec![Node { key: 0, priority: 0, children: [NONE; 2] }];
    let mut root = NONE;
    for _ in 0..15_000 {
        let [key, priority] = [random.below(1 << 20) as u32, random.next() as u32];
        root = insert(&mut nodes, root, key, priority);
    }
    let depth = |mut at: u32, key: u32| {
        let mut depth = 0;
        while at != NONE && nodes[at as usize].key != key {
            at = nodes[at as usize].children[usize::from(key > nodes[at as usize].key)];
            depth += 1;
        }
        depth
    };
    mix((0..20_000).map(|n| depth(root, n * 52)))
}

fn trie() -> u64 {
    let text = Random(69).text(120_000);
    // Each word with the next one, so that there are many.
    let words: Vec<&[u8]> = text.split_whitespace().map(str::as_bytes).collect();
    let mut children = vec![[0u32; 27]];
    let mut counts = vec![0u64];
    for pair in words.windows(2) {
        let mut at = 0;
        for &letter in pair[0].iter().chain(b"`").chain(pair[1]) {
            let letter = usize::from(letter - b'`');
            if children[at][letter] == 0 {
                children[at][letter] = children.len() as u32;
                children.push([0; 27]);
                counts.push(0);
            }
            at = children[at][letter] as usize;
        }
        counts[at] += 1;
    }
    mix(counts)
}
