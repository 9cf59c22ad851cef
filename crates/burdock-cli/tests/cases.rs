//! Runs the sessions under `tests/cases` with the built program, and compares its output.
//!
//! A session is text. A line `$ burdock ARGS...` is a command (words as in a shell, with `'...'`).
//! The lines `0| ...` after it are its standard input. The rest is the expected output: standard
//! output as it is, standard error as `2| ...`, and `exit N` unless the status is 0. A line `...`
//! stands for any lines. Commands run in order, in a directory with a copy of `tests/modules` and
//! of `tests/debugger`. `BLESS=1 cargo test -p burdock-cli` writes the actual output to the
//! sessions, except for commands whose expected output contains `...`.
//!
//! Sessions are written on Unix. On Windows some texts and statuses are expected to be others
//! (`windows_line`), and commands that need a Unix are left out.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

#[test]
fn sessions_go_as_written() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut sessions: Vec<_> =
        fs::read_dir(root.join("cases")).unwrap().map(|entry| entry.unwrap().path()).collect();
    sessions.sort();
    assert!(sessions.len() > 5, "only {} sessions found", sessions.len());
    let failures: Vec<String> = sessions.iter().flat_map(|path| check(path, &root)).collect();
    assert!(failures.is_empty(), "{} commands failed\n{}", failures.len(), failures.join("\n"));
}

/// Runs one session; returns what went otherwise than it says.
fn check(path: &Path, root: &Path) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["modules", "debugger"] {
        for module in fs::read_dir(root.join(folder)).unwrap() {
            let module = module.unwrap();
            fs::copy(module.path(), dir.path().join(module.file_name())).unwrap();
        }
    }
    let text = fs::read_to_string(path).unwrap();
    let mut written = String::new();
    let mut failures = Vec::new();
    for step in Step::parse(&text) {
        if cfg!(windows) && step.needs_unix() {
            println!("left out: {}", step.command);
            continue;
        }
        let printed = step.run(dir.path());
        if !matches(&step.expected, &printed) {
            let name = path.file_name().unwrap().to_string_lossy();
            let expected = step.expected.join("\n");
            failures.push(format!(
                "--- {name}: $ {}\n{expected}\n--- came out as\n{}",
                step.command,
                printed.join("\n")
            ));
        }
        let keep = step.expected.contains(&"...");
        let outcome = if keep { step.expected.join("\n") } else { printed.join("\n") };
        written.push_str(step.before);
        writeln!(written, "$ {}", step.command).unwrap();
        step.stdin.iter().for_each(|line| writeln!(written, "0| {line}").unwrap());
        written.push_str(&outcome);
        written.push_str(if outcome.is_empty() { "" } else { "\n" });
    }
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, written).unwrap();
        failures.clear();
    }
    failures
}

/// One command of a session.
struct Step<'t> {
    /// Comment lines before it.
    before: &'t str,
    command: &'t str,
    stdin: Vec<&'t str>,
    expected: Vec<&'t str>,
}

impl<'t> Step<'t> {
    fn parse(text: &'t str) -> Vec<Self> {
        let mut steps: Vec<Self> = Vec::new();
        let mut before = &text[..0];
        for line in text.lines() {
            let last = steps.last_mut();
            if let Some(command) = line.strip_prefix("$ ") {
                steps.push(Self { before, command, stdin: Vec::new(), expected: Vec::new() });
                before = &text[..0];
            } else if line.starts_with("# ") {
                let start = line.as_ptr() as usize - text.as_ptr() as usize;
                before = &text[start..start + line.len() + 1];
            } else if let (Some(step), Some(stdin)) = (last, line.strip_prefix("0| ")) {
                step.stdin.push(stdin);
            } else if let Some(step) = steps.last_mut() {
                step.expected.push(line);
            }
        }
        steps
    }

    /// Returns `true` if the command names a device, or prints the whole environment, in which wine
    /// has variables of its own.
    fn needs_unix(&self) -> bool {
        self.command.contains("/dev/") || self.command.contains("inherit-env")
    }

    fn run(&self, dir: &Path) -> Vec<String> {
        let words = words(self.command);
        assert_eq!(words[0], "burdock", "the only command there is");
        let mut child = Command::new(env!("CARGO_BIN_EXE_burdock"))
            .args(&words[1..])
            .current_dir(dir)
            .env_clear()
            .env("FROM_HOST", "of the host")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin: String = self.stdin.iter().map(|line| format!("{line}\n")).collect();
        // A program that does not read its input may be gone already.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        show(&child.wait_with_output().unwrap())
    }
}

/// What a command did, as sessions write it.
fn show(output: &Output) -> Vec<String> {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    let mut lines: Vec<String> = stdout.lines().map(str::to_owned).collect();
    lines.extend(stderr.lines().map(|line| format!("2| {line}").trim_end().to_owned()));
    match output.status.code() {
        Some(0) => {}
        Some(code) => lines.push(format!("exit {code}")),
        None => lines.push(format!("{}", output.status)),
    }
    lines
}

/// Whether lines are as expected.
fn matches(expected: &[&str], printed: &[String]) -> bool {
    if cfg!(windows) {
        let expected: Vec<String> = expected.iter().map(|line| windows_line(line)).collect();
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        let printed: Vec<String> = printed.iter().map(|line| line.replace(r".\", "./")).collect();
        let printed: Vec<String> = printed.iter().map(|line| windows_line(line)).collect();
        return lines_match(&expected, &printed);
    }
    lines_match(expected, printed)
}

/// Returns a line as it is compared on Windows: a trap ends the program with 3, a guest's status of
/// 3 or more is 1, as in Wasmtime, and the system has other texts for files that it does not find.
fn windows_line(line: &str) -> String {
    if let Some(status) = line.strip_prefix("exit ").and_then(|status| status.parse::<i32>().ok()) {
        return match status {
            134 => "exit 3".to_owned(),
            1..=3 | 77 => line.to_owned(),
            _ => "exit 1".to_owned(),
        };
    }
    match line.strip_suffix("(os error 2)").or(line.strip_suffix("(os error 3)")) {
        Some(text) => {
            let cause = text.find(|c: char| c.is_alphabetic()).unwrap_or(0);
            format!("{}not found", &text[..cause])
        }
        None => line.replace(r#""exit_status":134"#, r#""exit_status":3"#),
    }
}

/// Whether lines are as expected, where `...` stands for any of them.
fn lines_match(expected: &[&str], printed: &[String]) -> bool {
    match expected.split_first() {
        None => printed.is_empty(),
        Some((&"...", rest)) => (0..=printed.len()).any(|skip| lines_match(rest, &printed[skip..])),
        Some((first, rest)) => {
            printed.first().is_some_and(|line| line == first) && lines_match(rest, &printed[1..])
        }
    }
}

/// The words of a command line; `'...'` quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}
