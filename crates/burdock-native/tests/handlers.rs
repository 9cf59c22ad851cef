//! Golden files: each `tests/handlers/*.txt` lists instructions and sequences, and below each the
//! assembly of its handlers. `BLESS=1 cargo test -p burdock-native` writes the current assembly;
//! read the difference before you commit it.

use burdock_native::{handler, handlers};
use std::fmt::Write as _;
use std::{env, fs, path::Path};

const ARCHITECTURES: [&str; 2] = ["x86_64", "aarch64"];

/// The lines of a golden file that name a sequence, or are empty or a comment, with the assembly of
/// each sequence below it.
fn generated(golden: &str) -> String {
    let mut text = String::new();
    for line in golden.lines().filter(|line| !line.starts_with(' ')) {
        let _ = writeln!(text, "{line}");
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        for architecture in ARCHITECTURES {
            let _ = writeln!(text, "  {architecture}");
            match handler(architecture, line).expect("a sequence") {
                Some(handler) => text.extend(handler.lines().map(|line| format!("    {line}\n"))),
                None => text.push_str("    done in Rust\n"),
            }
        }
    }
    text
}

#[test]
fn handlers_are_what_their_files_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/handlers");
    let mut stale = Vec::new();
    let mut files = 0;
    for entry in fs::read_dir(folder).expect("the folder of golden files") {
        let path = entry.expect("an entry").path();
        let expected = fs::read_to_string(&path).expect("a text file");
        let actual = generated(&expected);
        files += 1;
        if actual != expected {
            if env::var_os("BLESS").is_some() {
                fs::write(&path, actual).expect("written");
            } else {
                stale.push(format!("{}:\n{actual}", path.display()));
            }
        }
    }
    assert!(files >= 8, "golden files are missing");
    assert!(stale.is_empty(), "differs from its file:\n{}", stale.join("\n"));
}

#[test]
fn a_line_that_is_no_sequence_is_an_error() {
    for architecture in ARCHITECTURES {
        let error = handlers(architecture, "Return.---\nRetrun.---\n").unwrap_err().to_string();
        assert_eq!(error, "line 2: in `Retrun.---`: no meaning is called `Retrun`");
        assert!(handler(architecture, "I32Add").is_err());
    }
}

#[test]
fn an_architecture_without_handlers_has_none() {
    assert!(handlers("wasm32", "").unwrap().is_none());
    assert_eq!(handler("wasm32", "Return.---"), Ok(None));
}

/// Counts the handlers that the assembly begins, and those that it lists.
fn labels(text: &str) -> (usize, usize) {
    let begins = text.lines().filter(|line| line.starts_with('h') && line.ends_with(':')).count();
    (begins, text.lines().filter(|line| line.starts_with(".short h")).count())
}

#[test]
fn sequences_add_handlers_to_those_of_single_instructions() {
    for architecture in ARCHITECTURES {
        let without = handlers(architecture, "").unwrap().expect("a known processor");
        let (begins, listed) = labels(&without.text);
        assert_eq!(begins, listed, "{architecture}");
        // Three registers for locals, two of which the sequence names: 6 choices. The check of the
        // epoch comes before the whole, before each instruction (3 and 6), and before the test
        // with a jump back.
        let with = handlers(architecture, "I32Add.RRI a a | I64LtU.JRR a b\n").unwrap();
        let with = labels(&with.expect("a known processor").text);
        assert_eq!(with, (begins + 27, listed + 27), "{architecture}");
    }
}

#[test]
fn handlers_leave_registers_that_the_entry_does_not_save() {
    let rows: [(&str, &[&str]); 2] = [
        ("x86_64", &["r13", "r13d", "r13w", "r13b"]),
        ("aarch64", &["x24", "x25", "x26", "x27", "x28", "w24", "w25", "w26", "w27", "w28"]),
    ];
    for (architecture, callee_saved) in rows {
        let text = handlers(architecture, "").expect("no sequences").expect("handlers").text;
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
        assert_eq!(words.find(|word| callee_saved.contains(word)), None, "{architecture}");
    }
}
