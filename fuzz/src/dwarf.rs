//! Debug information and names that differ from a compiler's output: all their readers go on, in
//! bounded space.

use arbitrary::{Arbitrary, Unstructured};
use burdock::names::FuncName;
use burdock::{Config, Engine, Instance, Module, Store, Trap, WasmBacktraceDetails};
use burdock_parse::wasmparser::{Parser, Payload};
use burdock_tools::coverage::Coverage;
use burdock_tools::debug::Value;
use burdock_tools::dwarf::{DebugInfo, FrameAccess};
use burdock_tools::profile::{Profiler, Sort};
use burdock_tools::step::Statements;
use burdock_tools::{Code, Lines, Symbols};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// A program in C with clang's debug information, in version 4 of DWARF.
const COMPILED: &[u8] = include_bytes!("../../crates/burdock-tools/tests/dwarf/gcd.wasm");

/// Another one, optimized, with variables of all kinds.
const VARIABLES: &[u8] = include_bytes!("../../crates/burdock-tools/tests/dwarf/kinds-O2.wasm");

/// The first program in the text format, which gets debug information in version 5.
const TEXT: &str = r#"(module
    (func $gcd (export "gcd") (param i32 i32) (result i32)
        (loop (if (local.get 1)
            (then
                (local.get 1)
                (local.set 1 (i32.rem_s (local.get 0) (local.get 1)))
                (local.set 0)
                (br 1))))
        (local.get 0)))"#;

/// A module, and the ranges of its custom sections.
struct Subject {
    bytes: Vec<u8>,
    sections: Vec<Range<usize>>,
}

fn subjects() -> &'static [Subject; 3] {
    static SUBJECTS: OnceLock<[Subject; 3]> = OnceLock::new();
    SUBJECTS.get_or_init(|| {
        let mut parser = wat::Parser::new();
        parser.generate_dwarf(wat::GenerateDwarf::Full);
        let text = parser.parse_str(Some("gcd.wat".as_ref()), TEXT).expect("a module");
        [COMPILED.to_vec(), text, VARIABLES.to_vec()].map(|bytes| {
            let payloads = Parser::new(0).parse_all(&bytes).map_while(Result::ok);
            let sections = payloads.filter_map(|payload| match payload {
                Payload::CustomSection(section) => {
                    let begin = section.data_offset() as usize;
                    Some(begin..begin + section.data().len())
                }
                _ => None,
            });
            let sections = sections.filter(|section| !section.is_empty()).collect();
            Subject { bytes, sections }
        })
    })
}

/// An input: one of the modules, and the damage to its custom sections.
#[derive(Arbitrary, Debug)]
struct Case {
    subject: u8,
    damages: [Option<Damage>; 16],
}

/// Bytes of a section that become others.
#[derive(Arbitrary, Debug)]
struct Damage {
    section: u8,
    at: u16,
    value: u8,
    /// The damage is as long as the rest of the section if this is above 200, else one byte.
    len: u8,
}

/// Damages the custom sections of a module, and runs everything that reads them.
pub fn dwarf(data: &[u8]) {
    let Ok(case) = Case::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let number = usize::from(case.subject) % subjects().len();
    let subject = &subjects()[number];
    let mut bytes = subject.bytes.clone();
    for damage in case.damages.iter().flatten() {
        let section = &subject.sections[usize::from(damage.section) % subject.sections.len()];
        let at = usize::from(damage.at) % section.len();
        let len = if damage.len > 200 { section.len() - at } else { 1 };
        bytes[section.start + at..][..len].fill(damage.value);
    }
    let mut config = Config::new();
    config.wasm_backtrace_details(WasmBacktraceDetails::Enable).consume_fuel(true);
    let engine = Engine::new(&config).expect("a configuration");
    let module = Module::from_binary(&engine, &bytes).expect("custom sections are not validated");
    let code = Code::new(&bytes).expect("the module is valid");
    let lines = Lines::from_dwarf(&code);
    for offset in 0..bytes.len() as u32 {
        let _ = lines.as_ref().and_then(|lines| lines.at(offset));
    }
    variables(&code, lines.as_ref());
    if number == 2 {
        return;
    }
    trapped(&engine, &module);
    observed(&engine, &module, &code, lines.unwrap_or_default());
    for func in 0..code.num_funcs() {
        let name = FuncName(&code.unique_func_name(func)).to_string();
        // An escaped character takes at most ten characters.
        assert!(name.len() < 50_000 && !name.contains('\n'), "{name}");
    }
}

/// A frame in which every value exists.
struct AnyFrame;

impl FrameAccess for AnyFrame {
    fn local(&self, index: u32) -> Option<Value> {
        Some(Value::I32(0x1_0000 + index))
    }

    fn operand(&self, index: u32) -> Option<Value> {
        Some(Value::F64(index.into()))
    }

    fn global(&self, index: u32) -> Option<Value> {
        Some(Value::I64(u64::MAX - u64::from(index)))
    }

    fn memory(&self, address: u64, len: usize) -> Option<Vec<u8>> {
        (len < 1 << 16).then(|| vec![address as u8; len])
    }
}

/// Reads the variables at every operator.
fn variables(code: &Code, lines: Option<&Lines>) {
    let Some(info) = DebugInfo::new(code) else { return };
    if let Some(lines) = lines {
        let _ = Statements::new(code, lines, Some(&info)).of_line("kinds.c", 1);
    }
    for func in code.num_imported_funcs()..code.num_funcs() {
        for op in code.operators(func).expect("the module is valid") {
            for call in info.calls_at(op.offset) {
                for variable in info.variables(&call, &AnyFrame) {
                    assert!(variable.value.len() < 100_000, "{} bytes", variable.value.len());
                }
                let _ = info.evaluate("list->next->value", Some(&call), &AnyFrame);
            }
        }
    }
}

/// Runs out of fuel, with a backtrace.
fn trapped(engine: &Engine, module: &Module) {
    let mut store = Store::new(engine, ());
    store.set_fuel(12).expect("fuel is configured");
    let instance = Instance::new(&mut store, module, &[]).expect("it imports nothing");
    let gcd = instance.get_typed_func::<(i32, i32), i32>(&mut store, "gcd").expect("its type");
    let error = gcd.call(&mut store, (48, 18)).expect_err("there is too little fuel");
    assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel));
    let shown = format!("{error:?}");
    assert!(shown.len() < 100_000, "{} bytes", shown.len());
}

/// Runs while lines are looked at.
fn observed(engine: &Engine, module: &Module, code: &Code, lines: Lines) {
    let mut store = Store::new(engine, ());
    store.set_fuel(10_000).expect("fuel is configured");
    let counts = Coverage::count(&mut store, module, code);
    let symbols = Symbols::new(module, "m", Arc::new(code.clone()));
    let symbols = symbols.with_lines(Arc::new(lines.clone()));
    let profiler = Profiler::attach_by_line(&mut store, symbols);
    let instance = Instance::new(&mut store, module, &[]).expect("it imports nothing");
    let gcd = instance.get_typed_func::<(i32, i32), i32>(&mut store, "gcd").expect("its type");
    assert_eq!(gcd.call(&mut store, (48, 18)).expect("it ends"), 6);
    let coverage = Coverage::new(&counts, &store, module, code, &lines);
    let read = Coverage::from_lcov(&coverage.lcov()).expect("what was written");
    assert_eq!(read.summary().lines, coverage.summary().lines);
    let _ = (coverage.html("gcd", |_| None), coverage.json(), coverage.table());
    let profile = profiler.finish(&mut store);
    let own: u64 = profile.lines().iter().map(|line| line.own).sum();
    assert!(own <= profile.total());
    let _ = profile.line_table(10, Sort::Total);
}
