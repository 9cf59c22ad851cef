//! The cases to measure, each with its group, its module and the work of a sample.

use std::path::Path;

use crate::Result;
use crate::args::Args;
use crate::corpus;
use crate::program::{Program, Value};
use crate::programs;
use crate::reference::{GC_KERNELS, KERNELS, gc_kernel};

/// A case of a group.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) group: &'static str,
    pub(crate) name: String,
    pub(crate) program: Program,
    pub(crate) sample: Sample,
    /// The maximum number of rounds, for cases that take long by themselves.
    pub(crate) rounds: usize,
}

/// The work of one sample. Times are those of the inner part only.
#[derive(Clone, Debug)]
pub(crate) enum Sample {
    /// Calls `run` with the size and checks its result.
    Kernel { size: i32, expected: i64 },
    /// A module of the corpus: `setup`, input, `run` (timed), checks, `teardown`.
    Corpus(corpus::Steps),
    /// Calls `_start` of a new instance and compares what it prints.
    Command { printed: Vec<u8> },
    /// Calls `run` of CoreMark, which measures its own time; the result is in seconds for 1000
    /// iterations.
    Coremark,
    /// Parses, validates, translates and instantiates.
    Startup,
    /// Calls `add_one` from the host this often.
    CallGuest { times: u32 },
    /// Instantiates a compiled and linked module.
    Instantiate,
    /// Defines the imports and instantiates.
    Link,
    /// Measures the memory of a translated module in a process of its own.
    Memory,
    /// Measures the peak memory during translation in a process of its own.
    Peak,
}

/// Returns the selected cases, and the names of those that are unavailable.
pub(crate) fn all(args: &Args) -> Result<(Vec<Case>, Vec<String>)> {
    let mut cases = Vec::new();
    for (name, full, quick, reference) in KERNELS {
        let size = if args.quick { *quick } else { *full };
        let sample = Sample::Kernel { size, expected: reference(size) };
        push(&mut cases, "execute", name, &kernel(name)?, sample);
    }
    for (name, full, quick) in GC_KERNELS {
        let size = if args.quick { *quick } else { *full };
        let sample = Sample::Kernel { size, expected: gc_kernel(size) };
        push(&mut cases, "gc", name, &kernel(name)?, sample);
    }
    let crossing = |times: i32| Sample::Kernel { size: times, expected: triangle(times) };
    let times = if args.quick { 100_000 } else { 1_000_000 };
    let host = kernel("host")?;
    push(&mut cases, "hostcall", "guest_to_host", &host, crossing(times));
    push(&mut cases, "hostcall", "host_to_guest", &host, Sample::CallGuest { times: times as u32 });
    push(&mut cases, "hook", "guest_to_host", &host, crossing(times));
    push(&mut cases, "hook", "host_to_guest", &host, Sample::CallGuest { times: times as u32 });
    let fib = Sample::Kernel { size: 24, expected: 46368 };
    push(&mut cases, "hook", "fib", &kernel("fib")?, fib);
    push(&mut cases, "hook", "calls", &kernel("calls")?, crossing(times));
    push(&mut cases, "hook", "loop", &kernel("loop")?, crossing(times));
    let reference = KERNELS.iter().find(|(name, ..)| *name == "sieve");
    if let Some((name, full, quick, reference)) = reference {
        let size = if args.quick { *quick } else { *full };
        let sample = Sample::Kernel { size, expected: reference(size) };
        push(&mut cases, "hook", name, &kernel(name)?, sample);
    }
    push(&mut cases, "startup", "fib", &kernel("fib")?, Sample::Startup);
    push(&mut cases, "startup", "generated", &generated(2000)?, Sample::Startup);
    push(&mut cases, "instantiate", "fib", &kernel("fib")?, Sample::Instantiate);
    push(&mut cases, "instantiate", "generated", &generated(2000)?, Sample::Instantiate);
    push(&mut cases, "link", "one_import", &host, Sample::Link);
    push(&mut cases, "link", "hundred_imports", &importing(100)?, Sample::Link);
    push(&mut cases, "memory", "generated", &generated(2000)?, Sample::Memory);
    for (name, body) in hostile() {
        let program = Program::new(one_function(&body))?;
        push(&mut cases, "hostile", name, &program, Sample::Startup);
        push(&mut cases, "peak", name, &program, Sample::Peak);
    }
    let mut missing = corpus::add(&mut cases, args)?;
    missing.extend(programs::add(&mut cases, args)?);
    cases.retain(|case| selected(args, case.group, &case.name));
    Ok((cases, missing))
}

/// Returns `true` if a row of a case is selected, of whatever runtime.
pub(crate) fn selected(args: &Args, group: &str, name: &str) -> bool {
    crate::runtime::all().iter().any(|runtime| args.wants(group, name, runtime.name()))
}

/// Adds a case without a limit on its rounds.
pub(crate) fn push(
    cases: &mut Vec<Case>,
    group: &'static str,
    name: &str,
    program: &Program,
    sample: Sample,
) {
    let (name, program) = (name.to_owned(), program.clone());
    cases.push(Case { group, name, program, sample, rounds: usize::MAX });
}

/// Returns the result of `run` of kernels/host.wat: n + (n - 1) + ... + 1 modulo 2^32.
fn triangle(n: i32) -> i64 {
    let sum = i64::from(n) * (i64::from(n) + 1) / 2;
    sum & 0xffff_ffff
}

fn kernel(name: &str) -> Result<Program> {
    let kernels = Path::new(env!("CARGO_MANIFEST_DIR")).join("kernels");
    Program::new(wat::parse_file(kernels.join(format!("{name}.wat")))?)
}

/// Returns a module with many functions, like those of a compiler that does not optimize.
fn generated(functions: usize) -> Result<Program> {
    let mut text = String::from("(module (memory (export \"memory\") 1) (table 64 funcref)\n");
    for i in 0..functions {
        text += &include_str!("generated_func.txt")
            .replace("INDEX", &i.to_string())
            .replace("OFFSET", &(i % 1024).to_string())
            .replace("CALLEE", &i.saturating_sub(1).to_string());
    }
    text += "(elem (i32.const 0) $f0 $f1 $f2 $f3) (data (i32.const 0) \"0123456789abcdef\"))";
    Program::new(wat::parse_str(text)?)
}

/// Returns function bodies of 1 MiB built to be costly: whatever the translator keeps for a few
/// bytes of code, it keeps for the whole body.
fn hostile() -> [(&'static str, Vec<u8>); 5] {
    const LEN: usize = 1 << 20;
    let nested = |begin: &[u8]| {
        let depth = LEN / (begin.len() + 1);
        [begin.repeat(depth), vec![0x0b; depth]].concat()
    };
    let operands = [[0x41, 1].repeat(60_000), [2, 0x40, 0x0b].repeat(LEN / 3), vec![0x1a; 60_000]];
    [
        ("blocks", nested(&[2, 0x40])),
        ("loops", nested(&[3, 0x40, 0x20, 5, 0x21, 6])),
        ("ifs", nested(&[0x41, 1, 4, 0x40])),
        ("table", [&[0x41, 0, 0x0e], &*leb(LEN), &vec![0; LEN + 1]].concat()),
        ("operands", operands.concat()),
    ]
}

/// Returns a module in the binary format with one function: 100 locals of type `i64`, then `code`.
fn one_function(code: &[u8]) -> Vec<u8> {
    let sized = |bytes: &[u8]| [leb(bytes.len()), bytes.to_vec()].concat();
    let section = |id: u8, bytes: &[u8]| [vec![id], sized(bytes)].concat();
    let body = [&[1, 100, 0x7e], code, &[0x0b]].concat();
    let header = b"\0asm\x01\0\0\0".to_vec();
    let code = section(10, &[vec![1], sized(&body)].concat());
    [header, section(1, &[1, 0x60, 0, 0]), section(3, &[1, 0]), code].concat()
}

/// Encodes a number in LEB128.
fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// Returns a module that imports many functions.
fn importing(imports: usize) -> Result<Program> {
    let mut text = String::from("(module\n");
    for i in 0..imports {
        text += &format!("(import \"host\" \"f{i}\" (func (param i32 i64) (result i32)))\n");
    }
    text += "(func (export \"run\") (result i32) (call 0 (i32.const 1) (i64.const 2))))";
    Program::new(wat::parse_str(text)?)
}

/// Checks the result of a call against the expected one.
pub(crate) fn expect(what: &str, got: Option<Value>, expected: Value) -> Result {
    if got == Some(expected) {
        Ok(())
    } else {
        Err(format!("{what}: expected {expected:?}, got {got:?}").into())
    }
}
