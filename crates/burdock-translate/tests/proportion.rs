//! Bodies made to be expensive: translation takes memory in proportion to their length, and the
//! code's length is in proportion to theirs, too.

use burdock_ir::{CodeBuffer, Op, Registers, Target};
use burdock_parse::{EnforcedLimits, Features, Validation, parse};
use burdock_translate::{Body, Settings, Translator};

/// The length of a body.
const LEN: usize = 1 << 20;

/// The number of bytes of memory that translation may take for a byte of the body.
const PROPORTION: u64 = 40;

/// Returns a number in LEB128.
fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// Returns a part of a binary with its length before it.
fn sized(bytes: &[u8]) -> Vec<u8> {
    [leb(bytes.len()), bytes.to_vec()].concat()
}

/// Returns a module with one function: 100 locals of type `i64`, then `code`.
fn module(code: &[u8]) -> Vec<u8> {
    let section = |id: u8, bytes: &[u8]| [vec![id], sized(bytes)].concat();
    let body = [&[1, 100, 0x7e], code, &[0x0b]].concat();
    [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, &[1, 0x60, 0, 0]),
        section(3, &[1, 0]),
        section(10, &[vec![1], sized(&body)].concat()),
    ]
    .concat()
}

/// Returns the beginnings of nested blocks, and their ends.
fn nested(begin: &[u8]) -> Vec<u8> {
    let depth = LEN / (begin.len() + 1);
    [begin.repeat(depth), vec![0x0b; depth]].concat()
}

/// Returns the name and the body of the shape with this number.
fn shape(number: u32) -> Option<(&'static str, Vec<u8>)> {
    let deep = LEN / 8;
    let blocks = |code: Vec<u8>| [[2, 0x40].repeat(deep), code, vec![0x0b; deep]].concat();
    Some(match number {
        0 => ("blocks", nested(&[2, 0x40])),
        1 => ("loops", nested(&[3, 0x40])),
        2 => ("ifs", nested(&[0x41, 1, 4, 0x40])),
        3 => ("loops that read", nested(&[3, 0x40, 0x20, 5, 0x1a])),
        4 => ("loops that write", nested(&[3, 0x40, 0x20, 5, 0x21, 6])),
        5 => ("loops in a row", [3, 0x40, 0x20, 0, 0x21, 1, 0x0b].repeat(LEN / 7)),
        6 => ("loops with tests", [3, 0x40, 0x20, 0, 0xa7, 0x0d, 0, 0x0b].repeat(LEN / 8)),
        7 => ("a table", [&[0x41, 0, 0x0e], &*leb(LEN), &vec![0; LEN + 1]].concat()),
        8 => ("a table of many labels", {
            let targets: Vec<u8> = (0..deep).flat_map(leb).collect();
            blocks([&[0x41, 0, 0x0e], &*leb(deep), &targets, &[0]].concat())
        }),
        9 => ("jumps out of all blocks", {
            let jump = |n| [vec![0x41, 0, 0x0d], leb(n)].concat();
            blocks((1..deep).rev().flat_map(jump).collect())
        }),
        10 => ("jumps out of one", {
            let jump = [2, 0x40, 0x41, 0, 0x0d, 1, 0x0b].repeat(LEN / 7);
            [&[2, 0x40], &*jump, &[0x0b]].concat()
        }),
        11 => ("operands", {
            let block = [2, 0x40, 0x0b].repeat(LEN / 3);
            [[0x20, 0].repeat(60_000), block, vec![0x1a; 60_000]].concat()
        }),
        12 => ("operands that wait", {
            let some = [[0x20, 0].repeat(60), vec![0x42, 1, 0x21, 0], vec![0x1a; 60]].concat();
            some.repeat(LEN / some.len())
        }),
        13 => ("constants", [0x42, 1, 0x42, 2, 0x7c, 0x21, 3].repeat(LEN / 7)),
        _ => return None,
    })
}

/// Returns the peak resident memory of this process in bytes, where the system reports it.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

/// The variable with the number of the only shape that this process translates. A process measures
/// one shape, because memory that was freed after one shape would hide the needs of the next.
const SHAPE: &str = "BURDOCK_SHAPE";

#[test]
fn memory_is_in_proportion_to_the_body() {
    if let Ok(number) = std::env::var(SHAPE) {
        let (name, code) = shape(number.parse().unwrap()).unwrap();
        return check(name, &code);
    }
    for number in (0..).take_while(|number| shape(*number).is_some()) {
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "memory_is_in_proportion_to_the_body", "--nocapture"])
            .env(SHAPE, number.to_string())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stderr);
        assert!(child.status.success(), "{said}");
        print!("{}", String::from_utf8_lossy(&child.stdout));
    }
}

/// Translates a body without fuel, then with it, which takes no less.
fn check(name: &str, code: &[u8]) {
    let known = Vec::leak(vec![true; Op::COUNT]);
    let target =
        Target::with_registers(Registers { known, temporaries: [3, 2, 3], pinned: [3, 2, 4] });
    let bytes = module(code);
    let module =
        parse(&bytes, &Features::default(), &EnforcedLimits::default(), Validation::Checked)
            .unwrap();
    for fuel in [false, true] {
        let settings = Settings { consume_fuel: fuel, ..Settings::default() };
        let mut translator = Translator::new(&settings);
        let before = peak();
        let mut buffer = CodeBuffer::default();
        let body =
            Body { module: &module, bytes: &bytes, defined: 0, validation: Validation::Trusted };
        translator
            .translate(&body, &target, &mut buffer)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let words = buffer.words().len() / code.len();
        assert!(words < 10, "{name}: {words} words for each byte of the body");
        let taken = peak().zip(before).map_or(0, |(after, before)| after - before);
        let proportion = taken / code.len() as u64;
        assert!(proportion <= PROPORTION, "{name}: {proportion} bytes for each of the body");
        println!("{name}, fuel {fuel}: {proportion} bytes and {words} words a byte");
    }
}
