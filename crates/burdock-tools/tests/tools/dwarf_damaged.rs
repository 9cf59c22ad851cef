//! Debug information is data of the module: whatever it says, reading it ends, and does not panic.

use burdock_tools::debug::Value;
use burdock_tools::dwarf::{DebugInfo, FrameAccess};
use burdock_tools::step::Statements;
use burdock_tools::{Code, Lines};
use std::ops::Range;
use std::path::Path;
use std::time::{Duration, Instant};
use wasmparser::{Parser, Payload};

/// A frame in which every value exists.
struct AnyFrame;

impl FrameAccess for AnyFrame {
    fn local(&self, index: u32) -> Option<Value> {
        Some(Value::I32(0x1_0000 + 8 * index))
    }

    fn operand(&self, index: u32) -> Option<Value> {
        Some(Value::F64(u64::from(index) << 52))
    }

    fn global(&self, index: u32) -> Option<Value> {
        Some(Value::I64(u64::MAX - u64::from(index)))
    }

    fn memory(&self, address: u64, len: usize) -> Option<Vec<u8>> {
        let byte = |offset: u64| (address.wrapping_add(offset) % 251) as u8;
        (len <= 1 << 16 && address < 1 << 32).then(|| (0..len as u64).map(byte).collect())
    }
}

/// Numbers that look random, the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 33) as usize) % limit
    }
}

/// Returns the contents of the sections with debug information.
fn sections(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        if let Ok(Payload::CustomSection(section)) = payload
            && section.name().starts_with(".debug_")
            && !section.data().is_empty()
        {
            let start = section.data_offset() as usize;
            found.push(start..start + section.data().len());
        }
    }
    found
}

/// Reads everything at some of the operators. Returns the number of variables.
fn read(bytes: &[u8], step: usize) -> usize {
    let code = Code::new(bytes).unwrap();
    let lines = Lines::from_dwarf(&code).unwrap_or_default();
    let Some(info) = DebugInfo::new(&code) else { return 0 };
    let statements = Statements::new(&code, &lines, Some(&info));
    let _ = statements.of_line("kinds.c", 1);
    let mut found = 0;
    let names = [
        "list->next->value",
        "*name",
        "numbers[3]",
        "outer.at",
        "LIMIT",
        "book.title",
        "*book.next",
    ];
    for func in code.num_imported_funcs()..code.num_funcs() {
        for op in code.operators(func).unwrap().iter().step_by(step) {
            for call in info.calls_at(op.offset) {
                found += info.variables(&call, &AnyFrame).len();
                for name in names {
                    let _ = info.evaluate(name, Some(&call), &AnyFrame);
                }
            }
        }
    }
    found
}

fn check(module: &str, times: usize, step: usize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dwarf").join(module);
    let bytes = std::fs::read(path).unwrap();
    let sections = sections(&bytes);
    assert!(sections.len() > 3, "{module}: {sections:?}");
    assert!(read(&bytes, step) > 50, "{module}");
    let times = std::env::var("DAMAGED").map_or(times, |times| times.parse().unwrap());
    for seed in 0..times {
        let mut numbers = Numbers(seed as u64);
        let mut damaged = bytes.clone();
        for _ in 0..=numbers.below(6) {
            let section = sections[numbers.below(sections.len())].clone();
            let at = section.start + numbers.below(section.len());
            damaged[at] = match numbers.below(4) {
                0 => 0,
                1 => 0xff,
                2 => damaged[at].wrapping_add(1),
                _ => numbers.below(256) as u8,
            };
        }
        let began = Instant::now();
        read(&damaged, step);
        let took = began.elapsed();
        assert!(took < Duration::from_secs(20), "{module}, seed {seed}: took {took:?}");
    }
}

#[test]
fn damaged_information_of_c_is_read() {
    check("kinds-O0.wasm", 40, 7);
}

#[test]
fn damaged_information_of_optimized_c_is_read() {
    check("kinds-O2.wasm", 40, 7);
}

#[test]
fn damaged_information_of_cpp_is_read() {
    check("kinds-cpp.wasm", 6, 13);
}

#[test]
fn damaged_information_of_rust_is_read() {
    check("kinds-rust.wasm", 8, 61);
}

#[test]
fn damaged_units_of_types_are_read() {
    check("units-dwarf4.wasm", 40, 7);
    check("units-dwarf5.wasm", 40, 7);
}
