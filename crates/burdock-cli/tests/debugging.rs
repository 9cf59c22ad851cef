//! What the program tells of a guest that trapped: source lines, and a core dump.

use std::path::Path;
use std::process::{Command, Output};

const GUEST: &str = "(module $m\n  (memory 1)\n  (func (export \"_start\")\n    call $inner)\n  \
    (func $inner\n    nop\n    unreachable))";

/// A file with a module whose debug information leads back to its text.
fn guest(dir: &Path) -> std::path::PathBuf {
    let mut parser = wat::Parser::new();
    parser.generate_dwarf(wat::GenerateDwarf::Full);
    let wasm = parser.parse_str(Some("guest.wat".as_ref()), GUEST).unwrap();
    let path = dir.join("guest.wasm");
    std::fs::write(&path, wasm).unwrap();
    path
}

fn burdock(args: &[&str], env: Option<(&str, &str)>, guest: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_burdock"));
    command.env_remove("WASMTIME_BACKTRACE_DETAILS").envs(env).args(args).arg(guest);
    command.output().unwrap()
}

#[test]
fn source_lines_are_shown_when_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let guest = guest(dir.path());
    let variable = Some(("WASMTIME_BACKTRACE_DETAILS", "1"));
    let rows: [(&[&str], _, _); 4] = [
        (&[], None, false),
        (&[], variable, true),
        (&["-D", "debug-info"], None, true),
        (&["-D", "debug-info=n"], variable, false),
    ];
    for (args, env, lines) in rows {
        let output = burdock(args, env, &guest);
        assert_eq!(output.status.code(), Some(if cfg!(windows) { 3 } else { 134 }));
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(stderr.contains("guest.wat:7:5\n"), lines, "{args:?} {env:?}: {stderr}");
        assert_eq!(stderr.contains("guest.wat:4:5\n"), lines, "{args:?} {env:?}: {stderr}");
        let note = "note: `-D debug-info` shows more debugging information";
        assert_eq!(stderr.contains(note), args.is_empty() && !lines, "{args:?} {env:?}: {stderr}");
    }
}

#[test]
fn a_trap_leaves_a_core_dump_where_it_was_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let guest = guest(dir.path());
    let dump = dir.path().join("dump.core");
    let option = format!("coredump={}", dump.display());
    let output = burdock(&["-D", &option], None, &guest);
    let stderr = String::from_utf8(output.stderr).unwrap();
    let first = format!("Error: core dumped at `{}`\n", dump.display());
    assert!(stderr.starts_with(&first), "{stderr}");
    assert!(!stderr.contains("memories:"), "the dump itself goes to the file: {stderr}");
    let bytes = std::fs::read(&dump).unwrap();
    let sections =
        wasmparser::Parser::new(0).parse_all(&bytes).filter_map(|payload| match payload.unwrap() {
            wasmparser::Payload::CustomSection(section) => Some(section.name().to_owned()),
            _ => None,
        });
    let sections: Vec<_> = sections.collect();
    assert_eq!(sections, ["core", "coremodules", "coreinstances", "corestack"]);
    // Where it cannot be written, that is said, and the trap is the error.
    let output = burdock(&["-D", "coredump=no/such/directory/x"], None, &guest);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.starts_with("warning: failed to write core dump"), "{stderr}");
    assert!(stderr.contains("\nError: failed to run main module"), "{stderr}");
}

#[test]
fn lines_of_a_module_that_says_none_are_an_error() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("bare.wasm"), wat::parse_str("(module)").unwrap()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_burdock"))
        .args(["profile", "--lines", "bare.wasm"])
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "Error: `bare.wasm` does not say from which lines it was made: it has neither DWARF nor a source map\n"
    );
}

#[test]
fn a_source_map_is_a_file_beside_the_module() {
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/debugger");
    let dir = tempfile::tempdir().unwrap();
    std::fs::copy(programs.join("sum.wasm"), dir.path().join("sum.wasm")).unwrap();
    let map = std::fs::read_to_string(programs.join("sum.wasm.map")).unwrap();
    let lines = " sum.ts:10\n";
    let unused = "warning: the source map `sum.wasm.map` is not used: ";
    let rows = [
        (Some(map.as_str()), lines),
        (None, unused),
        (Some("{"), unused),
        (Some(r#"{"version":3,"sources":["a"],"names":[],"mappings":"AAg"}"#), unused),
        (Some(r#"{"version":3,"sources":[],"names":[],"mappings":"AAAA"}"#), unused),
    ];
    for (map, expected) in rows {
        let path = dir.path().join("sum.wasm.map");
        match map {
            Some(map) => std::fs::write(path, map).unwrap(),
            None => _ = std::fs::remove_file(path),
        }
        let output = Command::new(env!("CARGO_BIN_EXE_burdock"))
            .args(["profile", "--lines", "--invoke", "run", "sum.wasm", "3"])
            .current_dir(dir.path())
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains(expected), "{map:?}: {stderr}");
    }
}
