//! Runs every example, and compares what it prints with the comment at its head.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Returns the examples: the Rust files of the package's directory, by name.
fn examples() -> Vec<PathBuf> {
    let directory = fs::read_dir(env!("CARGO_MANIFEST_DIR")).unwrap();
    let mut files: Vec<PathBuf> = directory.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    files.sort();
    files
}

/// Returns the console session of a file's head comment: the command, and its output.
fn session(source: &str) -> (String, String) {
    let head = source.lines().map_while(|line| line.strip_prefix("//!"));
    let mut lines = head
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .skip_while(|line| *line != "```console")
        .skip(1)
        .take_while(|line| *line != "```");
    let command = lines.next().unwrap_or_default().to_owned();
    (command, lines.map(|line| format!("{line}\n")).collect())
}

#[test]
fn every_example_prints_what_its_head_says() {
    let programs = Path::new(env!("CARGO_BIN_EXE_limits")).parent().unwrap();
    let examples = examples();
    assert!(!examples.is_empty());
    for path in examples {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let (command, expected) = session(&fs::read_to_string(&path).unwrap());
        let run = format!("$ cargo run -p burdock-examples --bin {name}");
        assert!(command.starts_with(&run), "{name}: the head shows `{command}`");

        let program = programs.join(format!("{name}{}", env::consts::EXE_SUFFIX));
        let output = Command::new(program).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}: {stderr}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{name}");
    }
}

#[test]
fn the_readme_lists_every_example() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(readme).unwrap();
    for path in examples() {
        let file = path.file_name().unwrap().to_str().unwrap();
        assert!(readme.contains(&format!("[{file}]({file})")), "README.md does not list {file}");
    }
}
