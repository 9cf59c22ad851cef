//! Programs that search for solutions: games, puzzles, optimization.

use crate::Program;
use crate::input::{Random, mix};

pub const PROGRAMS: &[Program] = &[
    ("alignment", alignment),
    ("chess", chess),
    ("knapsack", knapsack),
    ("maze", maze),
    ("queens", queens),
    ("reversi", reversi),
    ("sat", sat),
    ("sudoku", sudoku),
];

/// Aligns two strands by Needleman and Wunsch, and finds their longest common subsequence.
fn alignment() -> u64 {
    let mut random = Random(70);
    let [a, b] = [900, 800].map(|length| random.bytes(length));
    let same = |i: usize, j: usize| a[i] & 3 == b[j] & 3;
    let mut scores = vec![vec![0i32; b.len() + 1]; a.len() + 1];
    let mut common = vec![vec![0u16; b.len() + 1]; a.len() + 1];
    (0..=a.len()).for_each(|i| scores[i][0] = -2 * i as i32);
    (0..=b.len()).for_each(|j| scores[0][j] = -2 * j as i32);
    for i in 0..a.len() {
        for j in 0..b.len() {
            let score = scores[i][j] + if same(i, j) { 3 } else { -1 };
            scores[i + 1][j + 1] = score.max(scores[i][j + 1] - 2).max(scores[i + 1][j] - 2);
            common[i + 1][j + 1] =
                if same(i, j) { common[i][j] + 1 } else { common[i][j + 1].max(common[i + 1][j]) };
        }
    }
    mix([scores[a.len()][b.len()] as u64, u64::from(common[a.len()][b.len()])])
}

/// Counts the positions that chess may reach.
fn chess() -> u64 {
    use shakmaty::{Chess, Position, perft};
    let mut random = Random(71);
    let mut hash = perft(&Chess::default(), 3);
    for _ in 0..4 {
        let mut position = Chess::default();
        for _ in 0..30 {
            let moves = position.legal_moves();
            if moves.is_empty() {
                break;
            }
            position.play_unchecked(&moves[random.below(moves.len())]);
        }
        hash = mix([hash, perft(&position, 3)]);
    }
    hash
}

fn knapsack() -> u64 {
    let mut random = Random(72);
    let items: Vec<(usize, u32)> =
        (0..120).map(|_| (random.below(90) + 5, random.below(900) as u32)).collect();
    let capacity = 3_000;
    let mut best = vec![0u32; capacity + 1];
    let mut taken = vec![false; items.len() * (capacity + 1)];
    for (n, &(weight, value)) in items.iter().enumerate() {
        for room in (weight..=capacity).rev() {
            let with = best[room - weight] + value;
            if with > best[room] {
                best[room] = with;
                taken[n * (capacity + 1) + room] = true;
            }
        }
    }
    let mut room = capacity;
    let chosen = (0..items.len()).rev().filter(|n| {
        let take = taken[n * (capacity + 1) + room];
        room -= if take { items[*n].0 } else { 0 };
        take
    });
    mix(chosen.map(|n| n as u64)) ^ u64::from(best[capacity])
}

/// Which cells of a maze are free: it is dug at random, without a way around.
fn dig(width: usize, height: usize, random: &mut Random) -> Vec<bool> {
    let mut free = vec![false; width * height];
    let mut stack = vec![width + 1];
    free[width + 1] = true;
    while let Some(&cell) = stack.last() {
        let (x, y) = (cell % width, cell / width);
        let mut ways = [0usize; 4];
        let mut count = 0;
        for (open, step) in [(x > 2, cell - 2), (x + 3 < width, cell + 2)]
            .into_iter()
            .chain([(y > 2, cell.wrapping_sub(2 * width)), (y + 3 < height, cell + 2 * width)])
        {
            if open && !free[step] {
                ways[count] = step;
                count += 1;
            }
        }
        if count == 0 {
            stack.pop();
            continue;
        }
        let next = ways[random.below(count)];
        free[next] = true;
        free[(next + cell) / 2] = true;
        stack.push(next);
    }
    free
}

/// Floods a maze that has some ways around, and finds the way through it with A*.
fn maze() -> u64 {
    use std::{cmp::Reverse, collections::BinaryHeap, collections::VecDeque};
    let (width, height) = (301usize, 201usize);
    let mut random = Random(73);
    let mut free = dig(width, height, &mut random);
    (0..3_000).for_each(|_| {
        free[(random.below(height - 2) + 1) * width + random.below(width - 2) + 1] = true
    });
    let near = |cell: usize| [cell - 1, cell + 1, cell - width, cell + width];
    let mut distances = vec![u32::MAX; free.len()];
    distances[width + 1] = 0;
    let mut queue = VecDeque::from([width + 1]);
    while let Some(cell) = queue.pop_front() {
        for next in near(cell) {
            if free[next] && distances[next] == u32::MAX {
                distances[next] = distances[cell] + 1;
                queue.push_back(next);
            }
        }
    }
    let goal = (height - 2) * width + width - 2;
    let guess =
        |cell: usize| (goal % width).abs_diff(cell % width) + (goal / width).abs_diff(cell / width);
    let mut costs = vec![usize::MAX; free.len()];
    costs[width + 1] = 0;
    let mut open = BinaryHeap::from([(Reverse(guess(width + 1)), width + 1)]);
    while let Some((Reverse(cost), cell)) = open.pop().filter(|next| next.1 != goal) {
        if cost > costs[cell] + guess(cell) {
            continue;
        }
        for next in near(cell) {
            if free[next] && costs[cell] + 1 < costs[next] {
                costs[next] = costs[cell] + 1;
                open.push((Reverse(costs[next] + guess(next)), next));
            }
        }
    }
    assert_eq!(costs[goal], distances[goal] as usize);
    mix([costs[goal] as u64, distances.iter().step_by(5).map(|&d| u64::from(d)).sum()])
}

/// Ten queens with bits, and nine with a board.
fn queens() -> u64 {
    fn bits(all: u32, columns: u32, left: u32, right: u32) -> u64 {
        if columns == all {
            return 1;
        }
        let mut free = all & !(columns | left | right);
        let mut count = 0;
        while free != 0 {
            let queen = free & free.wrapping_neg();
            free ^= queen;
            count += bits(all, columns | queen, (left | queen) << 1, (right | queen) >> 1);
        }
        count
    }
    fn board(rows: &mut Vec<i32>, size: i32) -> u64 {
        if rows.len() == size as usize {
            return 1;
        }
        let mut count = 0;
        for column in 0..size {
            let row = rows.len() as i32;
            let safe = |(at, &other): (usize, &i32)| {
                other != column && (other - column).abs() != row - at as i32
            };
            if rows.iter().enumerate().all(safe) {
                rows.push(column);
                count += board(rows, size);
                rows.pop();
            }
        }
        count
    }
    bits((1 << 10) - 1, 0, 0, 0) << 32 | board(&mut Vec::new(), 9)
}

/// Reversi on boards of bits, where each player takes what turns the most.
fn reversi() -> u64 {
    const SHIFTS: [(i32, u64); 8] = [
        (1, 0xfefefefefefefefe),
        (9, 0xfefefefefefefe00),
        (8, 0xffffffffffffff00),
        (7, 0x7f7f7f7f7f7f7f00),
        (-1, 0x7f7f7f7f7f7f7f7f),
        (-9, 0x007f7f7f7f7f7f7f),
        (-8, 0x00ffffffffffffff),
        (-7, 0x00fefefefefefefe),
    ];
    let shifted = |board: u64, (by, mask): (i32, u64)| {
        (if by > 0 { board << by } else { board >> -by }) & mask
    };
    let turned = |own: u64, other: u64, stone: u64| {
        let mut all = 0;
        for shift in SHIFTS {
            let mut line = 0;
            let mut at = shifted(stone, shift);
            while at & other != 0 {
                line |= at;
                at = shifted(at, shift);
            }
            if at & own != 0 {
                all |= line;
            }
        }
        all
    };
    let mut random = Random(74);
    let mut hash = 0;
    for _ in 0..25 {
        let (mut own, mut other) = (0x0000000810000000u64, 0x0000001008000000u64);
        let mut passes = 0;
        while passes < 2 {
            let mut best = (0, 0, 0);
            let mut empty = !(own | other);
            while empty != 0 {
                let stone = 1 << empty.trailing_zeros();
                empty &= empty - 1;
                let turns = turned(own, other, stone);
                let worth = turns.count_ones() * 8 + random.below(8) as u32;
                if turns != 0 && worth > best.0 {
                    best = (worth, stone, turns);
                }
            }
            let (_, stone, turns) = best;
            passes = if turns == 0 { passes + 1 } else { 0 };
            (own, other) = (other ^ turns, own | stone | turns);
        }
        hash = mix([hash, own, other]);
    }
    hash
}

/// Random clauses of three literals, and pigeons that don't fit their holes.
fn sat() -> u64 {
    use batsat::{BasicSolver, Lit, SolverInterface};
    let mut random = Random(75);
    let mut solver = BasicSolver::default();
    let variables: Vec<_> = (0..140).map(|_| solver.new_var_default()).collect();
    for _ in 0..variables.len() * 21 / 5 {
        let mut clause: Vec<Lit> = (0..3)
            .map(|_| {
                Lit::new(variables[random.below(variables.len())], random.next().is_multiple_of(2))
            })
            .collect();
        solver.add_clause_reuse(&mut clause);
    }
    let found = solver.solve_limited(&[]) == batsat::lbool::TRUE;
    let (conflicts, propagations) = (solver.num_conflicts(), solver.num_propagations());
    let mut solver = BasicSolver::default();
    let holes = 6;
    let inside: Vec<Vec<Lit>> = (0..=holes)
        .map(|_| (0..holes).map(|_| Lit::new(solver.new_var_default(), true)).collect())
        .collect();
    for (n, pigeon) in inside.iter().enumerate() {
        solver.add_clause_reuse(&mut pigeon.clone());
        for other in &inside[..n] {
            for (a, b) in pigeon.iter().zip(other) {
                solver.add_clause_reuse(&mut vec![!*a, !*b]);
            }
        }
    }
    assert!(solver.solve_limited(&[]) == batsat::lbool::FALSE);
    mix([u64::from(found), conflicts, propagations, solver.num_conflicts()])
}

fn sudoku() -> u64 {
    fn fits(board: &[[u8; 9]; 9], row: usize, column: usize, digit: u8) -> bool {
        let (top, left) = (row / 3 * 3, column / 3 * 3);
        for n in 0..9 {
            if board[row][n] == digit
                || board[n][column] == digit
                || board[top + n / 3][left + n % 3] == digit
            {
                return false;
            }
        }
        true
    }
    fn solve(board: &mut [[u8; 9]; 9], tries: &mut u64) -> bool {
        let Some(at) = (0..81).find(|at| board[at / 9][at % 9] == 0) else {
            return true;
        };
        for digit in 1..=9 {
            *tries += 1;
            if fits(board, at / 9, at % 9, digit) {
                board[at / 9][at % 9] = digit;
                if solve(board, tries) {
                    return true;
                }
                board[at / 9][at % 9] = 0;
            }
        }
        false
    }
    let mut random = Random(76);
    let mut tries = 0;
    let mut hash = 0;
    for _ in 0..4 {
        // A board that is right, with its digits renamed and most of them taken away.
        let shift = random.below(9);
        let mut board: [[u8; 9]; 9] = std::array::from_fn(|row| {
            std::array::from_fn(|column| ((row * 3 + row / 3 + column + shift) % 9 + 1) as u8)
        });
        (0..82).for_each(|_| board[random.below(9)][random.below(9)] = 0);
        assert!(solve(&mut board, &mut tries));
        hash = mix(board.as_flattened().iter().map(|&digit| u64::from(digit)).chain([hash]));
    }
    hash ^ tries
}
