//! Variables, types and lines of programs in C, C++ and Rust, from their DWARF.
//!
//! A session in `tests/dwarf/*.txt` names a module, and a function of it with numbers to call it
//! with if it is not `run`. It contains commands of the stepper (`> ...`), each followed by its
//! answer. `BLESS=1 cargo test -p burdock-tools dwarf` writes the answers.

use burdock::{Engine, Linker, Module, Store, Val};
use burdock_tools::step::{Command, Entry, Program, Recorder, Session, Sources, Stepper};
use burdock_tools::{Code, Lines};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

#[test]
fn sessions_go_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dwarf");
    let mut sessions = 0;
    let mut failures = Vec::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        sessions += 1;
        let text = fs::read_to_string(&path).unwrap();
        let written = answered(&folder, &text);
        if written != text {
            if std::env::var_os("BLESS").is_some() {
                fs::write(&path, written).unwrap();
            } else {
                failures.push(format!("{}:\n{written}", path.display()));
            }
        }
    }
    assert!(sessions >= 4, "only {sessions} sessions found");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Returns a session with the actual answers.
fn answered(folder: &Path, text: &str) -> String {
    let mut stepper = None;
    let mut written = String::new();
    for line in text.lines() {
        if let Some(module) = line.strip_prefix("module ") {
            stepper = Some(open(folder, module));
        }
        if let Some(command) = line.strip_prefix("> ") {
            let stepper: &mut Stepper = stepper.as_mut().expect("a module comes first");
            let answer = Command::parse(command).and_then(|command| stepper.execute(&command));
            let answer = match answer {
                Ok(answer) => answer.to_text(),
                Err(message) => format!("error: {message}"),
            };
            writeln!(written, "{line}").unwrap();
            answer.lines().for_each(|line| writeln!(written, "{}", line.trim_end()).unwrap());
        } else if line.is_empty() || line.starts_with("# ") || line.starts_with("module ") {
            writeln!(written, "{line}").unwrap();
        }
    }
    written
}

/// Records a call: of a module's `run`, or of the function behind the module's name.
fn open(folder: &Path, call: &str) -> Stepper {
    let mut words = call.split(' ');
    let path = &folder.join(words.next().unwrap());
    let called = words.next().unwrap_or("run");
    let args: Vec<Val> = words.map(|word| Val::I32(word.parse().unwrap())).collect();
    let bytes = fs::read(path).unwrap();
    let engine = Engine::default();
    let module = Module::new(&engine, &bytes).unwrap();
    let mut store = Store::new(&engine, ());
    let recorder = Recorder::attach(&mut store, &module);
    let mut linker = Linker::new(&engine);
    linker.define_unknown_imports_as_traps(&module).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let mut entries = Vec::new();
    for (name, args) in [("_initialize", Vec::new()), (called, args)] {
        if let Some(func) = instance.get_func(&mut store, name) {
            let mut results = vec![Val::I32(0); func.ty(&store).results().len()];
            func.call(&mut store, &args, &mut results).unwrap();
            entries.push(Entry { name: name.to_owned(), args });
        }
    }
    let recording = recorder.finish(&mut store, None);
    let session = Session::new(&module, recording, entries).unwrap();
    let code = Code::new(&bytes).unwrap();
    let lines = Lines::from_dwarf(&code);
    let program = Program::new(code, lines).unwrap();
    Stepper::new(session, program, Sources::new(path, Vec::new())).unwrap()
}
