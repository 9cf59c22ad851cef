//! Cases on real modules, which are not part of the project. They are read from ../shared/corpus
//! beside the project, or from the directory in BURDOCK_CORPUS. Missing modules are reported and
//! left out.

use std::path::{Path, PathBuf};

use crate::Result;
use crate::args::Args;
use crate::cases::{Case, Sample, push};
use crate::program::{Program, Value};
use crate::programs;
use crate::wasi::World;

/// The calls of a module of the corpus.
#[derive(Clone, Debug)]
pub(crate) struct Steps {
    /// The argument of `setup`, if it takes one.
    pub(crate) setup: Option<Value>,
    /// The bytes to write to the address that `input_ptr` returns.
    pub(crate) input: Option<Vec<u8>>,
    /// Functions of the pointer, with their expected results after `run`.
    pub(crate) checks: Vec<(&'static str, Value)>,
}

/// Modules that are compiled and instantiated, not run.
const STARTUP: &[&str] = &["bz2", "pulldown-cmark", "erc20", "spidermonkey"];

/// The program with objects that also is in the group of programs from real projects.
const KOTLIN: &str = "kotlin-bench-opt";

/// Programs with objects: the module, the file with what it prints, and the file that it reads.
const GC: &[(&str, &str, Option<&str>)] =
    &[(KOTLIN, "kotlin-bench.out", None), ("splay", "splay.out", Some("default.input"))];

/// Adds the available modules to the cases, and reports the missing ones.
pub(crate) fn add(cases: &mut Vec<Case>, args: &Args) -> Result<Vec<String>> {
    let mut missing = Vec::new();
    let Some(corpus) = folder() else {
        return Ok(vec![
            "the corpus (../shared/corpus or $BURDOCK_CORPUS) is not there".to_owned(),
        ]);
    };
    for name in STARTUP {
        // This module takes most of a minute in some runtimes.
        if args.quick && *name == "spidermonkey" {
            continue;
        }
        let Some(program) = load(&corpus.join("startup"), name, &mut missing)? else {
            continue;
        };
        push(cases, "startup", name, &program, Sample::Startup);
        push(cases, "instantiate", name, &program, Sample::Instantiate);
        push(cases, "memory", name, &program, Sample::Memory);
    }
    if let Some(program) = load(&corpus.join("execute"), "coremark", &mut missing)? {
        push(cases, "startup", "coremark", &program, Sample::Startup);
    }
    if args.quick {
        return Ok(missing);
    }
    for (name, setup, input, checks) in execute() {
        let Some(program) = load(&corpus.join("execute"), name, &mut missing)? else {
            continue;
        };
        let input = match input {
            Some(input) => Some(std::fs::read(corpus.join("inputs").join(input))?),
            None => None,
        };
        let length = |input: &Vec<u8>| Value::I32(input.len() as i32);
        let setup = setup.or(input.as_ref().map(length));
        // Some modules have the name of a kernel.
        let name = format!("corpus-{name}");
        push(cases, "execute", &name, &program, Sample::Corpus(Steps { setup, input, checks }));
    }
    for (name, printed, file) in GC {
        let folder = corpus.join("gc");
        let file = file.map(|file| std::fs::read(folder.join(file))).transpose()?;
        let world = World::new(file.unwrap_or_default());
        let Some(program) = load_in(&folder, name, world, &mut missing)? else { continue };
        let sample = Sample::Command { printed: std::fs::read(folder.join(printed))? };
        push(cases, "gc", name, &program, sample.clone());
        if *name == KOTLIN {
            push(cases, programs::GROUP, "kotlin", &program, sample);
        }
    }
    if let Some(program) = load(&corpus.join("execute"), "coremark", &mut missing)? {
        push(cases, "execute", "coremark", &program, Sample::Coremark);
        if let Some(case) = cases.last_mut() {
            case.rounds = 1;
        }
    }
    Ok(missing)
}

/// (module, argument of `setup`, file of the input, checks).
type Row = (&'static str, Option<Value>, Option<&'static str>, Vec<(&'static str, Value)>);

fn execute() -> Vec<Row> {
    use Value::{I32, I64};
    let primes = vec![("len_primes", I64(664_579)), ("largest_prime", I64(9_999_991))];
    vec![
        ("tiny-keccak", None, None, vec![]),
        ("nbody", Some(I32(400)), None, vec![]),
        ("sort", Some(I32(1_000_000)), None, vec![]),
        ("prime-sieve", Some(I64(10_000_000)), None, primes),
        ("json-parse", None, Some("citm_catalog.json"), vec![("node_count", I64(37_778))]),
        ("compression", None, Some("alice29.txt"), vec![("len_compressed", I64(97_649))]),
        ("regex-redux", None, Some("dna.txt"), vec![("output", I32(2))]),
    ]
}

fn folder() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let named = std::env::var_os("BURDOCK_CORPUS").map(PathBuf::from);
    named.into_iter().chain([beside]).find(|folder| folder.is_dir())
}

fn load(folder: &Path, name: &str, missing: &mut Vec<String>) -> Result<Option<Program>> {
    load_in(folder, name, World::default(), missing)
}

fn load_in(
    folder: &Path,
    name: &str,
    world: World,
    missing: &mut Vec<String>,
) -> Result<Option<Program>> {
    let path = folder.join(format!("{name}.wasm"));
    match std::fs::read(&path) {
        Ok(wasm) => Ok(Some(Program::in_world(wasm, world)?)),
        Err(_) => {
            missing.push(format!("{name}.wasm is not in the corpus"));
            Ok(None)
        }
    }
}
