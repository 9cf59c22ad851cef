//! `cargo xtask mine [--keep] [--without NAME] [--unseen] [--seen] [--output FILE] [--budget N]`:
//! chooses the sequences of instructions that get a handler of their own.
//!
//! Runs the programs of training/README.md under a build that counts each instruction, and writes
//! the sequences that save the most dispatches to crates/burdock-native/sequences.txt. Long and
//! short programs weigh the same, those with objects less. `--without` leaves a program out, to
//! measure what the others' sequences do for it; `--unseen` leaves out each in turn, and prints
//! what of its dispatches is left. BURDOCK_SEQUENCES names another file to a build. `--keep` takes
//! the counts of the last time. `--seen` looks at what the bench executes as well, for the figure
//! of what that would gain; it writes to a file of its own.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use burdock_ir::{Meaning, Shape};

use crate::Result;
use crate::run::{cargo, option, root, status};

/// The maximum length of a sequence. Longer ones save more for the programs that they were mined
/// from, and less for others.
const LONGEST: usize = 3;
/// The number of rounds of choosing; after each round, the savings of the remaining sequences are
/// computed again.
const ROUNDS: usize = 20;
/// The number of handlers for sequences that are chosen by the programs with objects alone, in
/// addition to those that all programs choose. *Rationale:* few programs of the corpus have
/// objects, and sequences from which many gain are preferred. Of the dispatches of programs with
/// objects that are left out, half as many handlers leave up to 7 % more, and half as many again
/// save up to 4 %.
const FOR_OBJECTS: usize = 8_000;
/// The powers of a program's gain and of the number of handlers in the score of a pattern.
/// *Rationale:* patterns from which many programs gain are preferred to those from which few gain
/// much, because other programs will run. With these powers, programs that were not mined
/// execute the fewest dispatches; neighboring ones make less than a hundredth of difference.
const GAIN: f64 = 0.1;
const HANDLERS: f64 = 0.35;
/// The vote of a program with objects, where that of another is 1. *Rationale:* most of them come
/// from one compiler and share its library.
const VOTE_WITH_OBJECTS: f64 = 0.25;
/// The number of registers that a letter can stand for, by bank.
const PINNED: [(char, usize); 3] = [('i', 3), ('f', 2), ('d', 4)];
/// Instructions that continue elsewhere, and so can only end a sequence.
const ENDS: &[Meaning] = &[
    Meaning::Br,
    Meaning::BrTable,
    Meaning::BrTableR,
    Meaning::Call,
    Meaning::CallIndirect,
    Meaning::CallIndirectR,
    Meaning::CallRef,
    Meaning::CallRefR,
    Meaning::Return,
    Meaning::ReturnSlot,
    Meaning::ReturnI,
    Meaning::ReturnF32,
    Meaning::ReturnF64,
    Meaning::ReturnImm,
    Meaning::ReturnCall,
    Meaning::ReturnCallImported,
    Meaning::ReturnCallIndirect,
    Meaning::ReturnCallRef,
    Meaning::Unreachable,
];

/// Returns `true` if an instruction continues elsewhere: `Br.---`.
fn ends(name: &str) -> bool {
    let meaning = name.split('.').next().unwrap_or_default();
    ENDS.iter().any(|end| format!("{end:?}") == meaning)
}

pub(crate) fn run(args: &[String]) -> Result {
    let seen = crate::run::switch(args, "--seen");
    let folder = root().join("target/mine");
    let output = match option(args, "--output")? {
        Some(output) => PathBuf::from(output),
        None if seen => folder.join("seen.txt"),
        None => root().join("crates/burdock-native/sequences.txt"),
    };
    let budget = option(args, "--budget")?.map_or(Ok(32_000), str::parse)?;
    let without = option(args, "--without")?;
    let keep = crate::run::switch(args, "--keep");
    if !keep {
        profile(&folder)?;
    }
    let mut programs = Vec::new();
    let mut paths = counts(&folder)?;
    if seen {
        let folder = folder.join("seen");
        if !keep {
            profile_bench(&folder)?;
        }
        paths.extend(counts(&folder)?);
    }
    paths.sort();
    let mut miner = Miner::default();
    for path in &paths {
        miner.add(&fs::read_to_string(path)?);
        programs.push(path.file_stem().unwrap_or_default().to_string_lossy().into_owned());
    }
    if crate::run::switch(args, "--unseen") {
        for (number, name) in programs.iter().enumerate() {
            miner.choose(budget, Some(number));
            println!("{:.3} {name}, left out", miner.dispatches(number));
        }
    }
    let named = |name: &String| without.is_some_and(|without| name.contains(without));
    let left_out = programs.iter().position(named);
    let chosen = miner.choose(budget, left_out);
    let all = (0..programs.len()).map(|number| miner.dispatches(number).ln());
    let dispatches = (all.sum::<f64>() / programs.len() as f64).exp();
    if let Some(left_out) = left_out {
        programs.remove(left_out);
    }
    fs::write(&output, file(&miner, &chosen, &programs))?;
    let handlers: usize = chosen.iter().map(|&n| miner.patterns[n as usize].1).sum();
    println!(
        "{} sequences, {handlers} handlers; dispatches {dispatches:.3} of what they were (geometric \
         mean), {} programs: {}",
        chosen.len(),
        programs.len(),
        output.display()
    );
    Ok(())
}

/// Returns the text of the file that lists the chosen sequences.
fn file(miner: &Miner, chosen: &[u32], programs: &[String]) -> String {
    let mut text = format!(
        "# Sequences of instructions that have a handler of their own (see sequence.rs), written by\n\
         # `cargo xtask mine` from what these programs execute: {}.\n",
        programs.join(", ")
    );
    for pattern in chosen {
        text.push_str(&miner.patterns[*pattern as usize].0);
        text.push('\n');
    }
    text
}

/// Returns the files with counts.
fn counts(folder: &Path) -> Result<Vec<PathBuf>> {
    let paths = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path()));
    Ok(paths.filter(|path| path.extension().is_some_and(|end| end == "counts")).collect())
}

/// Creates the folder for counts, and removes those of the last run.
fn begin(folder: &Path) -> Result {
    fs::create_dir_all(folder)?;
    for path in counts(folder)? {
        fs::remove_file(path)?;
    }
    Ok(())
}

/// Configures a build to count.
fn counting(command: &mut Command) -> Result<&mut Command> {
    let folder = root().join("target/mine");
    // Instructions within a sequence would not be counted, so this build has no sequences.
    let none = folder.join("none.txt");
    fs::write(&none, "")?;
    command.env("RUSTFLAGS", "--cfg burdock_mine").env("CARGO_TARGET_DIR", folder);
    Ok(command.env("BURDOCK_SEQUENCES", none))
}

/// Runs every program of the training corpus with counting, each into a file of its own.
fn profile(folder: &Path) -> Result {
    begin(folder)?;
    let mut build = cargo();
    build.args(["build", "--release", "-p", "burdock-cli"]);
    status(counting(&mut build)?)?;
    let program = folder.join("release/burdock");
    let training = root().join("training");
    let mut build = cargo();
    build.args(["build", "--release", "--target", "wasm32-wasip1", "--manifest-path"]);
    status(build.arg(training.join("Cargo.toml")))?;
    let wasm = training.join("target/wasm32-wasip1/release/training.wasm");
    for line in fs::read_to_string(training.join("programs.txt"))?.lines() {
        let Some((name, arguments)) = line.split_once(':').filter(|_| !line.starts_with('#'))
        else {
            continue;
        };
        let name = name.trim();
        let mut run = Command::new(&program);
        run.current_dir(root()).env("BURDOCK_MINE", folder.join(format!("{name}.counts")));
        // The counters follow the code of the whole module, so functions are not translated one by
        // one.
        run.args(["run", "--compilation-mode", "eager"]);
        for argument in arguments.split_whitespace() {
            run.arg(argument.replace("training.wasm", &wasm.to_string_lossy()));
        }
        println!("{name}");
        if let Err(error) = status(run.stdout(Stdio::null())) {
            println!("  left out: {error}");
        }
    }
    Ok(())
}

/// Runs the programs of the bench with counting.
fn profile_bench(folder: &Path) -> Result {
    begin(folder)?;
    let mut build = cargo();
    build.args(["build", "--release", "-p", "burdock-benches"]);
    build.args(["--no-default-features", "--features", "quick"]);
    build.arg("--manifest-path").arg(root().join("benches/Cargo.toml"));
    status(counting(&mut build)?)?;
    let program = root().join("target/mine/release/burdock-benches");
    let run = |filter: &str| {
        let mut run = Command::new(&program);
        run.current_dir(root().join("benches")).args(["--rounds", "1", "--filter", filter]);
        run
    };
    let rows = folder.join("rows.json");
    status(run("execute/").arg("--json").arg(&rows))?;
    let rows: serde_json::Value = serde_json::from_str(&fs::read_to_string(rows)?)?;
    let rows = rows["rows"].as_array().into_iter().flatten();
    let cases: BTreeSet<&str> = rows.filter_map(|row| row["case"].as_str()).collect();
    for case in &cases {
        println!("{case}");
        let mut run = run(&format!("execute/{case}/burdock"));
        run.env("BURDOCK_MINE", folder.join(format!("{case}.counts")));
        status(run.stdout(Stdio::null()).stderr(Stdio::null()))?;
    }
    if cases.is_empty() { Err("the bench has no rows that execute".into()) } else { Ok(()) }
}

/// The names of the instructions that access objects.
static ON_OBJECTS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let all = Meaning::ALL.iter().filter(|meaning| meaning.row().shape.is_object_access());
    all.map(|meaning| format!("{meaning:?}")).collect()
});

/// Returns `true` if a line of counts is of an instruction that accesses an object:
/// `12 StructGet32.RR- i0 iA`.
fn is_on_object(line: &str) -> bool {
    line.split([' ', '.']).nth(1).is_some_and(|meaning| ON_OBJECTS.contains(meaning))
}

/// The names of the instructions that have one handler for both orders of two registers.
static COMMUTATIVE: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let all = Meaning::ALL.iter().filter(|meaning| meaning.row().shape == Shape::commutative);
    all.map(|meaning| format!("{meaning:?}")).collect()
});

/// Returns an instruction with its operands in the order that stands for both:
/// `I32Add.RRR i0 iA i1` becomes `I32Add.RRR i0 i1 iA`.
fn ordered(instr: &str) -> String {
    let mut words: Vec<&str> = instr.split(' ').collect();
    if let Some((meaning, kinds)) = words[0].split_once('.')
        && kinds.ends_with("RR")
        && COMMUTATIVE.contains(meaning)
    {
        let operands = words.len() - 2;
        words[operands..].sort_unstable();
    }
    words.join(" ")
}

/// A pattern's text, and its number of choices of registers.
type Pattern = (String, usize);

#[derive(Default)]
struct Miner {
    /// The text of instructions, by their numbers.
    names: Vec<String>,
    known: HashMap<String, u32>,
    patterns: Vec<Pattern>,
    numbers: HashMap<String, u32>,
    funcs: Vec<Func>,
    /// For each program, whether it executes instructions on objects.
    programs: Vec<bool>,
    chosen: Vec<bool>,
}

/// A function of a program.
#[derive(Default)]
struct Func {
    /// The number of the function's program.
    program: usize,
    /// The executions of each instruction, as a part of all executions of the program.
    weights: Vec<f64>,
    /// For each instruction, the patterns of the sequences of length 2, 3 ... that begin with it.
    windows: Vec<Vec<u32>>,
}

impl Miner {
    /// Adds the counts of a program.
    fn add(&mut self, counts: &str) {
        let count = |line: &str| line.split(' ').next().and_then(|n| n.parse::<f64>().ok());
        let total: f64 = counts.lines().filter_map(count).sum();
        let program = self.programs.len();
        self.programs
            .push(counts.lines().any(|line| count(line) > Some(0.0) && is_on_object(line)));
        for func in counts.split("\n\n") {
            let mut instrs = Vec::new();
            let mut weights = Vec::new();
            for line in func.lines() {
                let Some((number, name)) = line.split_once(' ') else { continue };
                weights.push(number.parse::<f64>().unwrap_or(0.0) / total);
                instrs.push(self.name(&ordered(name)));
            }
            let windows = (0..instrs.len()).map(|at| self.windows(&instrs[at..], &weights[at..]));
            let windows = windows.collect();
            self.funcs.push(Func { program, weights, windows });
        }
    }

    fn name(&mut self, name: &str) -> u32 {
        let next = self.names.len() as u32;
        *self.known.entry(name.to_owned()).or_insert_with(|| {
            self.names.push(name.to_owned());
            next
        })
    }

    fn windows(&mut self, instrs: &[u32], weights: &[f64]) -> Vec<u32> {
        let mut windows = Vec::new();
        for length in 2..=LONGEST.min(instrs.len()) {
            let before = &self.names[instrs[length - 2] as usize];
            let last = &self.names[instrs[length - 1] as usize];
            let known =
                last != "?" && before != "?" && !last.contains(".F") && !before.contains('F');
            if !known || weights[length - 1] == 0.0 || ends(before) {
                break;
            }
            let pattern = self.pattern(&instrs[..length]);
            windows.push(pattern);
        }
        windows
    }

    /// Returns the number of a sequence's pattern, which has letters in the order of first use.
    fn pattern(&mut self, instrs: &[u32]) -> u32 {
        let mut letters: Vec<&str> = Vec::new();
        let mut text = String::new();
        for (n, &instr) in instrs.iter().enumerate() {
            text.push_str(if n > 0 { " | " } else { "" });
            for (n, word) in self.names[instr as usize].split(' ').enumerate() {
                text.push_str(if n > 0 { " " } else { "" });
                if n == 0 || word.as_bytes()[1].is_ascii_digit() {
                    text.push_str(if n == 0 { word } else { &word[1..] });
                    continue;
                }
                let at = letters.iter().position(|&known| known == word).unwrap_or_else(|| {
                    letters.push(word);
                    letters.len() - 1
                });
                text.push(char::from(b'a' + at as u8));
            }
        }
        let mut choices = 1;
        for (bank, count) in PINNED {
            let used = letters.iter().filter(|letter| letter.starts_with(bank)).count();
            choices *= (count + 1 - used.min(count)..=count).product::<usize>();
        }
        let next = self.patterns.len() as u32;
        *self.numbers.entry(text).or_insert_with_key(|text| {
            self.patterns.push((text.clone(), choices));
            next
        })
    }

    /// Returns the number of dispatches from each instruction of a function to its end.
    fn costs(&self, func: &Func) -> Vec<u32> {
        let mut costs = vec![0; func.windows.len() + 1];
        for at in (0..func.windows.len()).rev() {
            let chosen = |(n, &pattern): (usize, &u32)| {
                self.chosen[pattern as usize].then(|| costs[at + n + 2])
            };
            let best = func.windows[at].iter().enumerate().filter_map(chosen).min();
            costs[at] = 1 + best.map_or(costs[at + 1], |best| best.min(costs[at + 1]));
        }
        costs
    }

    /// Returns the part of a program's instructions that are dispatched.
    fn dispatches(&self, program: usize) -> f64 {
        let mut sum = 0.0;
        for func in self.funcs.iter().filter(|func| func.program == program) {
            let costs = self.costs(func);
            let mut at = 0;
            while at < func.weights.len() {
                sum += func.weights[at];
                let chosen = |(n, &pattern): (usize, &u32)| {
                    (self.chosen[pattern as usize] && costs[at + n + 2] + 1 == costs[at])
                        .then_some(n + 2)
                };
                let windows = func.windows[at].iter().enumerate();
                at += windows.filter_map(chosen).next().unwrap_or(1);
            }
        }
        sum
    }

    /// Chooses patterns by the gain of all programs but one, and then further ones by the gain of
    /// those with objects.
    fn choose(&mut self, budget: usize, left_out: Option<usize>) -> Vec<u32> {
        self.chosen.clear();
        self.chosen.resize(self.patterns.len(), false);
        let all: Vec<bool> = (0..self.programs.len()).map(|n| Some(n) != left_out).collect();
        let with_objects: Vec<bool> =
            all.iter().zip(&self.programs).map(|(all, objects)| *all && *objects).collect();
        let mut chosen = self.choose_for(&all, budget);
        chosen.extend(self.choose_for(&with_objects, FOR_OBJECTS));
        chosen
    }

    /// Chooses patterns by the gain of some programs: first those that save the most for the number
    /// of handlers that they need.
    fn choose_for(&mut self, wanted: &[bool], budget: usize) -> Vec<u32> {
        let mut chosen = Vec::new();
        let mut handlers = 0;
        for _ in 0..ROUNDS {
            let programs = wanted.len();
            let mut gains = vec![0.0; self.patterns.len() * programs];
            for func in self.funcs.iter().filter(|func| wanted[func.program]) {
                let costs = self.costs(func);
                for (at, windows) in func.windows.iter().enumerate() {
                    let mut weight = func.weights[at];
                    for (n, &pattern) in windows.iter().enumerate() {
                        weight = weight.min(func.weights[at + n + 1]);
                        let saved = costs[at].saturating_sub(costs[at + n + 2] + 1);
                        gains[pattern as usize * programs + func.program] +=
                            weight * f64::from(saved);
                    }
                }
            }
            let vote = |(gain, objects): (&f64, &bool)| {
                gain.powf(GAIN) * if *objects { VOTE_WITH_OBJECTS } else { 1.0 }
            };
            let gains: Vec<f64> = gains
                .chunks(programs)
                .map(|gains| gains.iter().zip(&self.programs).map(vote).sum())
                .collect();
            let score = |pattern: u32| {
                gains[pattern as usize] / (self.patterns[pattern as usize].1 as f64).powf(HANDLERS)
            };
            let mut best: Vec<u32> = (0..self.patterns.len() as u32)
                .filter(|&n| !self.chosen[n as usize] && gains[n as usize] > 0.0)
                .collect();
            best.sort_by(|&a, &b| score(b).total_cmp(&score(a)));
            for &pattern in best.iter().take(budget / ROUNDS) {
                let choices = self.patterns[pattern as usize].1;
                if handlers + choices > budget {
                    continue;
                }
                handlers += choices;
                self.chosen[pattern as usize] = true;
                chosen.push(pattern);
            }
            if best.is_empty() || handlers + 24 > budget {
                break;
            }
        }
        chosen
    }
}
