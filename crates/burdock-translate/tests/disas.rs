//! Golden files: each `tests/disas/*.wat` ends with the IR of its translation. `BLESS=1 cargo test
//! -p burdock-translate` writes the current translation; read the difference before you commit it.

use burdock_ir::operands::OperandKind;
use burdock_ir::{CodeBuffer, Op, Registers, Target, disassemble};
use burdock_parse::{EnforcedLimits, Features, Validation, parse};
use burdock_translate::{Accesses, Body, Known, Observe, Settings, Translator};
use burdock_types::Events;
use std::fmt::Write as _;
use std::{env, fs, path::Path};

/// Returns the IR of every function of a module as text.
fn translated(wat: &str, settings: &Settings, target: &Target, watched: bool) -> String {
    let bytes = wat::parse_str(wat).expect("valid text");
    let custom_descriptors = wat.contains(";;! custom descriptors");
    let features = Features { custom_descriptors, ..Features::default() };
    let module = parse(&bytes, &features, &EnforcedLimits::default(), Validation::Checked)
        .expect("valid module");
    let mut translator = Translator::new(settings);
    let mut code = CodeBuffer::default();
    let mut text = String::new();
    for defined in 0..module.bodies.len() as u32 {
        let body =
            Body { module: &module, bytes: &bytes, defined, validation: Validation::Checked };
        if watched {
            let mut code = CodeBuffer::default();
            let sites = translator.translate_observed(&body, target, &mut code, &writes(), [0, 0]);
            sites.expect("translatable function");
            let _ = writeln!(text, ";; func {defined}");
            disassemble(&code, 0).lines().for_each(|line| text += &format!(";; {line}\n"));
            continue;
        }
        translator.translate(&body, target, &mut code).expect("translatable function");
        let _ = writeln!(text, ";; func {defined}");
        for line in disassemble(&code, defined as usize).lines() {
            let _ = writeln!(text, ";; {line}");
        }
    }
    text
}

/// Returns what a hook wants that is told of writes to watched addresses of the first memory.
fn writes() -> Observe {
    let mut wanted = Observe { known: Known::AtStops, ..Observe::default() };
    wanted.delivered.add(Events::MEMORY_WRITES, None);
    wanted.accesses = Accesses::Watched([0].into());
    wanted
}

/// Returns a machine with several registers, which all ops can address, those with vectors only if
/// `vectors` is set.
fn many_registers(vectors: bool) -> Target {
    let knows = |number| {
        let op = Op::from_number(number).expect("the number is below `Op::COUNT`");
        vectors || op.operands().all(|operand| operand.kind != OperandKind::Vector)
    };
    let known = Vec::leak((0..Op::COUNT).map(knows).collect());
    Target::with_registers(Registers { known, temporaries: [3, 2, 3], pinned: [3, 2, 4] })
}

#[test]
fn modules_are_translated_to_what_their_files_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/disas");
    let mut stale = Vec::new();
    let mut files = 0;
    for entry in fs::read_dir(folder).expect("the folder of golden files") {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("a text file");
        let source_end = text.find("\n;; func").map_or(text.len(), |at| at + 1);
        let (source, expected) = text.split_at(source_end);
        let settings = Settings {
            consume_fuel: source.contains(";;! fuel"),
            epoch_interruption: source.contains(";;! epochs"),
            canonicalize_nans: source.contains(";;! canonical NaNs"),
            operator_cost: None,
            count_frames: source.contains(";;! depth"),
            keep_arguments: source.contains(";;! watched"),
        };
        let target = match source.contains(";;! registers") {
            true => many_registers(source.contains(";;! vectors")),
            false => Target::default(),
        };
        let actual = translated(source, &settings, &target, source.contains(";;! watched"));
        files += 1;
        if actual != expected {
            if env::var_os("BLESS").is_some() {
                fs::write(&path, format!("{}\n{actual}", source.trim_end())).expect("written");
            } else {
                stale.push(format!("{}:\n{actual}", path.display()));
            }
        }
    }
    assert!(files >= 8, "golden files are missing");
    assert!(stale.is_empty(), "differs from its file:\n{}", stale.join("\n"));
}
