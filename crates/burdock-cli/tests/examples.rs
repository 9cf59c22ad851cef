//! Runs the commands on README.md, docs/TOOLS.md and the pages of programs under `examples/`, with
//! the built program. The pages have to show the actual output: standard output, then standard
//! error.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn burdock(args: &[&str], stdin: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_burdock"))
        .args(args)
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that does not read its input may be gone already.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace("\r\n", "\n")
}

/// The commands `$ burdock ...` of the page's blocks `console`, each with what is shown below it.
fn sessions(page: &str) -> Vec<(&str, String)> {
    let mut sessions: Vec<(&str, String)> = Vec::new();
    for block in page.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        let mut ours = false;
        for line in block.lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                ours = command.starts_with("burdock ");
                sessions.extend(ours.then(|| (command, String::new())));
            } else if let (true, Some((_, shown))) = (ours, sessions.last_mut()) {
                shown.push_str(line);
                shown.push('\n');
            }
        }
    }
    sessions
}

#[test]
fn pages_show_what_comes_out() {
    let pages = [
        ("README.md", 6),
        ("docs/TOOLS.md", 12),
        ("examples/kotlin/README.md", 1),
        ("examples/moonbit/README.md", 1),
    ];
    for (name, least) in pages {
        let page = std::fs::read_to_string(root().join(name)).unwrap();
        let sessions = sessions(&page);
        assert!(sessions.len() >= least, "{name}: found {} commands", sessions.len());
        for (command, shown) in sessions {
            let args: Vec<&str> = command.split(' ').skip(1).collect();
            let output = burdock(&args, "");
            let printed = text(&output.stdout) + &text(&output.stderr);
            assert_eq!(printed, shown, "{name}: $ {command}");
        }
    }
}

/// Checks that the command that README.md gives for the picture draws the same picture again.
#[test]
fn the_picture_is_what_its_command_draws() {
    let page = std::fs::read_to_string(root().join("README.md")).unwrap();
    let command =
        page.lines().find(|line| line.starts_with("$ burdock profile -o docs/flames.svg"));
    let dir = tempfile::tempdir().unwrap();
    let drawn = dir.path().join("flames.svg");
    let args: Vec<&str> = command.unwrap().split(' ').skip(2).collect();
    let args: Vec<&str> = args
        .into_iter()
        .map(|arg| if arg == "docs/flames.svg" { drawn.to_str().unwrap() } else { arg })
        .collect();
    assert!(burdock(&args, "").status.success());
    let picture = std::fs::read_to_string(root().join("docs/flames.svg")).unwrap();
    assert!(picture == std::fs::read_to_string(drawn).unwrap(), "{}", command.unwrap());
}

#[test]
fn the_lisp_reads_standard_input() {
    let rows = [
        ("(+ 1 2 3)", "6\n", ""),
        ("(define (f n) (if (< n 2) n (+ (f (- n 1)) (f (- n 2))))) (f 10)", "f\n55\n", ""),
        ("'(a \"b\" (1 . 2))", "(a \"b\" (1 . 2))\n", ""),
        ("(define (loop n) (if (> n 0) (loop (- n 1)) 'done)) (loop 20000)", "loop\ndone\n", ""),
        ("(let ((x 2) (y 3)) (cond ((= x y) 'same) (else (list x y))))", "(2 3)\n", ""),
        ("nowhere", "", "lisp: not defined: nowhere\n"),
    ];
    for (program, stdout, stderr) in rows {
        let output = burdock(&["examples/lisp/lisp.wasm"], program);
        assert_eq!(text(&output.stdout), stdout, "{program}");
        assert_eq!(text(&output.stderr), stderr, "{program}");
        assert_eq!(output.status.code(), Some(i32::from(!stderr.is_empty())), "{program}");
    }
}

#[test]
fn the_lisp_reaches_no_directory_that_it_is_not_given() {
    let output = burdock(&["examples/lisp/lisp.wasm", "examples/lisp/queens.lisp"], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).starts_with("lisp: examples/lisp/queens.lisp: "));
}
