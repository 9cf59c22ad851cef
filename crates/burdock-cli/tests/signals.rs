//! Tests of interrupted tools: they leave complete files, and an exit status that names the signal.
#![cfg(unix)]

mod formats;

use formats::check_file;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A running tool whose guest has reported that it is ready.
struct Running {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
    // The guest's reads from standard input block for as long as this pipe is open.
    _stdin: std::process::ChildStdin,
    dir: tempfile::TempDir,
}

impl Running {
    fn start(args: &[&str], stderr: Stdio) -> Self {
        let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/modules/endless.wat");
        let dir = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_burdock"))
            .args(args)
            .arg(module)
            .current_dir(dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n", "{args:?}");
        let stdin = child.stdin.take().unwrap();
        Self { child, stdout, _stdin: stdin, dir }
    }

    /// Sends a signal, waits for the end, and returns the exit status, the text on standard error
    /// and the directory.
    fn end(mut self, signal: &str) -> (Option<i32>, String, tempfile::TempDir) {
        // Give the guest time to fill a pipe.
        std::thread::sleep(Duration::from_millis(200));
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
        let mut text = String::new();
        if let Some(mut stderr) = self.child.stderr.take() {
            stderr.read_to_string(&mut text).unwrap();
        }
        let status = self.child.wait().unwrap();
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        // The guest may have printed more lines in the meantime.
        assert!(rest.lines().all(|line| line == "ready"), "{rest}");
        (status.code(), text, self.dir)
    }
}

/// Command lines of tools that write a file; the last argument names the file.
const TOOLS: &[&[&str]] = &[
    &["trace", "--calls", "--limit", "50", "--format", "json", "-o", "trace.lines"],
    &["trace", "--host", "--format", "chrome", "-o", "trace.json"],
    &["trace", "-c", "--format", "json", "-o", "summary.lines"],
    &["profile", "-o", "firefox.json"],
    &["profile", "--sample", "1ms", "--format", "json", "-o", "sampled.json"],
    &["profile", "--opcodes", "-o", "opcodes.json"],
    &["profile", "--lines", "--format", "json", "-o", "lines.json"],
    &["profile", "-o", "flames.svg"],
    &["profile", "-o", "stacks.folded"],
    &["coverage", "--lcov", "coverage.info"],
    &["coverage", "--html", "coverage.html"],
    &["coverage", "--json", "coverage.json"],
    &["audit", "--learn", "-o", "policy.toml"],
    &["audit", "--learn", "-o", "policy.toml", "--report", "report.json"],
    &["step", "--limit", "100", "--record", "run.html"],
];

fn check(args: &[&str], what: &[&str], signal: &str, status: i32) {
    let all = [args, what].concat();
    let (code, stderr, dir) = Running::start(&all, Stdio::piped()).end(signal);
    assert_eq!(code, Some(status), "{all:?}: {stderr}");
    assert!(stderr.contains(&format!("interrupted by SIG{signal}")), "{all:?}: {stderr}");
    let name = args.last().unwrap();
    check_file(name, &std::fs::read_to_string(dir.path().join(name)).unwrap());
    let left = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().ends_with(".tmp")).collect();
    assert!(left.is_empty(), "{all:?}: {left:?}");
}

#[test]
fn a_guest_that_computes_leaves_whole_files() {
    for args in TOOLS {
        // Includes `step`, which records the run instruction by instruction and takes a while.
        check(args, &[], "INT", 130);
    }
}

#[test]
fn a_guest_that_waits_leaves_whole_files() {
    for args in TOOLS {
        check(args, &["--invoke", "reads"], "INT", 130);
        check(args, &["--invoke", "sleeps"], "TERM", 143);
    }
}

/// Leaves the guest's output unread, so that the guest blocks in the middle of a write.
#[test]
fn a_guest_whose_output_is_not_read_leaves_whole_files() {
    for args in TOOLS {
        check(args, &["--invoke", "floods"], "INT", 130);
    }
}

#[test]
fn what_goes_to_standard_error_is_whole() {
    for (args, last) in [
        (&["profile"][..], "fuel in all"),
        (&["coverage"], "instructions "),
        (&["trace", "--calls=step", "--limit", "3"], "!step(0)"),
        (&["audit", "--learn"], "when = { fd = [1] }"),
    ] {
        let (code, stderr, _) = Running::start(args, Stdio::piped()).end("INT");
        assert_eq!(code, Some(130), "{args:?}: {stderr}");
        let written = stderr.split("Error: ").next().unwrap();
        assert!(written.contains(last), "{args:?}: {stderr}");
    }
}

/// Checks that a call's line is written before the call returns.
#[test]
fn a_trace_is_live() {
    let args = ["trace", "--invoke", "reads"];
    let mut running = Running::start(&args, Stdio::piped());
    let mut stderr = running.child.stderr.take().unwrap();
    let mut seen = Vec::new();
    let expected = "wasi_snapshot_preview1.fd_read(fd=0, iovs=[0x40+16])";
    while !String::from_utf8_lossy(&seen).ends_with(expected) {
        let mut bytes = [0; 256];
        let count = stderr.read(&mut bytes).unwrap();
        assert_ne!(count, 0, "{}", String::from_utf8_lossy(&seen));
        seen.extend_from_slice(&bytes[..count]);
    }
    let (code, ..) = running.end("TERM");
    assert_eq!(code, Some(143));
}

#[test]
fn a_closed_pipe_ends_the_guest() {
    let mut running = Running::start(&["trace", "--calls"], Stdio::piped());
    drop(running.child.stderr.take());
    assert_eq!(running.child.wait().unwrap().code(), Some(141));
}

#[test]
fn a_file_is_replaced_when_the_new_one_is_whole() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("trace.json");
    std::fs::write(&path, "the old one").unwrap();
    let args = ["trace", "--calls", "--format", "json", "-o", path.to_str().unwrap()];
    let mut running = Running::start(&args, Stdio::null());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "the old one");
    running.child.kill().unwrap();
    running.child.wait().unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "the old one");
}

#[test]
fn without_a_tool_signals_do_what_they_always_do() {
    use std::os::unix::process::ExitStatusExt;
    let mut running = Running::start(&["run"], Stdio::null());
    let pid = running.child.id().to_string();
    // Not INT, which a shell has its background jobs ignore, tests among them.
    assert!(Command::new("kill").args(["-s", "TERM", &pid]).status().unwrap().success());
    assert_eq!(running.child.wait().unwrap().signal(), Some(15));
}

#[test]
fn a_signal_interrupts_a_long_step() {
    let dir = tempfile::tempdir().unwrap();
    let module = "(module (func (export \"_start\") (loop (br 0))))";
    std::fs::write(dir.path().join("loop.wat"), module).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_burdock"))
        .args(["step", "--format", "json", "--fuel", "20000000", "loop.wat"])
        .current_dir(dir.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    let beginning = answers.next().unwrap().unwrap();
    assert!(beginning.contains("\"stopped\":\"beginning\""), "{beginning}");
    let mut stdin = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, b"continue\n").unwrap();
    // The run is repeated instruction by instruction, which takes seconds.
    std::thread::sleep(Duration::from_millis(200));
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-s", "INT", &pid]).status().unwrap().success());
    assert_eq!(answers.next().unwrap().unwrap(), r#"{"ok":false,"error":"interrupted"}"#);
    child.wait().unwrap();
}
