//! Versions of a function's code, which deliver other events, have frames of one size: a guest goes
//! on in another version with the frame that it has.

use burdock_ir::{CodeBuffer, Op, Registers, Target};
use burdock_parse::{EnforcedLimits, Features, Validation, parse};
use burdock_translate::{Body, Known, Observe, Settings, Translator};
use burdock_types::Events;
use std::{fs, path::Path};

/// Functions whose code is shorter where nothing is observed between two operators.
const SHORTENED: &str = r#"
(module
  (type $pair (struct (field i32 i32)))
  (func (param (ref null $pair)) (result i32) (i32.eqz (ref.is_null (local.get 0))))
  (func (param anyref) (result i32) (i32.eqz (ref.test (ref i31) (local.get 0))))
  (func (param anyref) (result i32) (i32.eqz (i32.eqz (ref.test (ref $pair) (local.get 0)))))
  (func (param i32 i32) (result i32) (i32.eqz (i32.and (local.get 0) (local.get 1))))
  (func (param i32) (result i32) (i32.eqz (i32.const 1)))
  (func (local (ref null $pair)) (local.set 0 (struct.new_default $pair))))
"#;

/// Returns what several hooks and a debugger may want of a function.
fn versions() -> Vec<Observe> {
    let none = Observe::default();
    let mut versions = vec![
        Observe { known: Known::AtStops, ..none.clone() },
        Observe { known: Known::AtOperators, ..none.clone() },
    ];
    for events in [Events::INSTRUCTIONS, Events::MEMORY, Events::FUNCS] {
        let mut delivered = none.clone();
        delivered.delivered.add(events, None);
        versions.push(Observe { known: Known::AtStops, ..delivered.clone() });
        versions.push(delivered);
    }
    versions
}

#[test]
fn versions_of_a_function_have_frames_of_one_size() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/disas");
    let entries = fs::read_dir(folder).expect("the folder of golden files");
    let mut modules = vec![SHORTENED.to_owned()];
    modules
        .extend(entries.map(|entry| {
            fs::read_to_string(entry.expect("an entry").path()).expect("a text file")
        }));
    let known = Vec::leak(vec![true; Op::COUNT]);
    let registers = Registers { known, temporaries: [3, 2, 3], pinned: [3, 2, 4] };
    let targets = [Target::default(), Target::with_registers(registers)];
    let mut differing = Vec::new();
    for text in &modules {
        let bytes = wat::parse_str(text).expect("valid text");
        let features = Features { custom_descriptors: true, ..Features::default() };
        let module = parse(&bytes, &features, &EnforcedLimits::default(), Validation::Checked)
            .expect("valid module");
        let mut translator = Translator::new(&Settings::default());
        for defined in 0..module.bodies.len() as u32 {
            let body =
                Body { module: &module, bytes: &bytes, defined, validation: Validation::Checked };
            for target in &targets {
                let mut frame = |wanted: &Observe| {
                    let mut code = CodeBuffer::default();
                    let sites =
                        translator.translate_observed(&body, target, &mut code, wanted, [0, 0]);
                    sites.expect("translatable function").frame
                };
                let frames: Vec<u32> = versions().iter().map(&mut frame).collect();
                if frames.iter().any(|frame| *frame != frames[0]) {
                    differing
                        .push(format!("function {defined}: frames of {frames:?} slots in\n{text}"));
                }
            }
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}
