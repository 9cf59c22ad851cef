//! Files that sessions cannot have: pipes, links, full devices, modules in the binary format.
#![cfg(unix)]

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

/// Returns a command of the program for a module of the tests.
fn burdock(args: &[&str], dir: &Path) -> Command {
    let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/modules");
    fs::copy(modules.join("steps.wat"), dir.join("steps.wat")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_burdock"));
    command.args(args).current_dir(dir).stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// The tools with an output.
const TOOLS: &[&[&str]] = &[
    &["trace", "-o"],
    &["profile", "-o"],
    &["coverage", "-o"],
    &["coverage", "--lcov"],
    &["audit", "--learn", "-o"],
    &["audit", "--learn", "--report"],
    &["step", "--keys", "s", "-o"],
    &["step", "--record"],
    &["run", "--record"],
];

#[test]
fn an_output_may_be_a_pipe() {
    for tool in TOOLS {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let mut child =
            burdock(&[tool, &["pipe", "steps.wat"][..]].concat(), dir.path()).spawn().unwrap();
        let written = fs::read(&pipe).unwrap();
        assert!(child.wait().unwrap().success(), "{tool:?}");
        assert!(!written.is_empty(), "{tool:?}");
    }
}

#[test]
fn an_output_goes_where_a_link_leads() {
    let dir = tempfile::tempdir().unwrap();
    for (link, to) in [("one", "two"), ("two", "sub/three"), ("loop", "loop")] {
        std::os::unix::fs::symlink(to, dir.path().join(link)).unwrap();
    }
    fs::create_dir(dir.path().join("sub")).unwrap();
    let args = |to| ["coverage", "-o", to, "steps.wat"];
    assert!(burdock(&args("one"), dir.path()).status().unwrap().success());
    let table = fs::read_to_string(dir.path().join("sub/three")).unwrap();
    assert!(table.contains("steps.wat"), "{table}");
    assert!(dir.path().join("one").is_symlink());
    let output = burdock(&args("loop"), dir.path()).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.starts_with("Error: failed to create `loop`"), "{message}");
    assert!(dir.path().join("loop").is_symlink());
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_device_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let commands: &[&[&str]] = &[
        &["help"],
        &["--version"],
        &["run", "-W", "help"],
        &["completion", "bash"],
        &["inspect", "steps.wat"],
        &["objdump", "steps.wat"],
        &["debug", "--print-vscode", "steps.wat"],
    ];
    for args in commands {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = burdock(args, dir.path()).stdout(full).output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}: {message}");
        assert!(message.contains("No space left on device"), "{args:?}: {message}");
    }
}

#[test]
fn a_damaged_module_is_named() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("cut.wasm"), b"\0asm").unwrap();
    fs::write(dir.path().join("empty.wasm"), b"").unwrap();
    for (file, expected) in [
        (
            "cut.wasm",
            "Error: failed to load module `cut.wasm`\n\nCaused by:\n    \
             0: failed to parse WebAssembly module\n    \
             1: unexpected end-of-file (at offset 0x4)\n",
        ),
        (
            "empty.wasm",
            "Error: `empty.wasm` is empty: expected a module in the binary or text format\n",
        ),
    ] {
        for command in ["run", "trace", "profile", "coverage", "step"] {
            let output = burdock(&[command, file], dir.path()).output().unwrap();
            assert_eq!(String::from_utf8(output.stderr).unwrap(), expected, "{command}");
        }
    }
}

#[test]
fn a_text_beside_an_lcov_file_needs_the_name_of_the_file() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("plain.wasm"), b"\0asm\x01\0\0\0").unwrap();
    let output = burdock(&["coverage", "--lcov", "-", "plain.wasm"], dir.path()).output().unwrap();
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "Error: the module has no lines of source, and its text would be written beside the lcov \
         file: name a file in place of `-`\n"
    );
    assert!(["-", "-.wat"].iter().all(|name| !dir.path().join(name).exists()));
}

#[test]
fn each_line_of_json_commands_has_one_answer() {
    let dir = tempfile::tempdir().unwrap();
    let commands = format!("info sources\nprint {}\ninfo sources\n", "(".repeat(200_000));
    fs::write(dir.path().join("commands"), commands).unwrap();
    let commands = File::open(dir.path().join("commands")).unwrap();
    let output = burdock(&["step", "--format", "json", "steps.wat"], dir.path())
        .stdin(commands)
        .stdout(Stdio::piped())
        .output()
        .unwrap();
    let answers = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<&str> = answers.lines().skip(1).collect();
    let names = r#"{"ok":true,"names":["steps.wat"]}"#;
    let too_long = r#"{"ok":false,"error":"a command has at most 65536 bytes"}"#;
    assert_eq!(answers, [names, too_long, names]);
}
