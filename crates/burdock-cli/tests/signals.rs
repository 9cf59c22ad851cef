//! What tools leave behind when they are interrupted: whole files, and an exit status that says why.
#![cfg(unix)]

mod formats;

use formats::check_file;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A tool that is running a guest which has said that it is ready.
struct Running {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
    // The guest reads from it for as long as it is open.
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

    /// Sends a signal, and waits for the end: the exit status, and what came on standard error.
    fn end(mut self, signal: &str) -> (Option<i32>, String, tempfile::TempDir) {
        // Time to fill a pipe.
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
        // A guest that prints goes on with that.
        assert!(rest.lines().all(|line| line == "ready"), "{rest}");
        (status.code(), text, self.dir)
    }
}

/// Tools that write a file, which is named last.
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
        // A run that is looked at instruction by instruction is recorded: that takes a while.
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

/// Nobody reads what the guest prints, so that it waits in the middle of that.
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

/// The line is there before the guest gets what it waits for.
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
    assert!(Command::new("kill").args(["-s", "INT", &pid]).status().unwrap().success());
    assert_eq!(running.child.wait().unwrap().signal(), Some(2));
}
