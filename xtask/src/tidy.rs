//! `cargo xtask tidy`: the conventions that neither the compiler nor clippy checks. It reads lines,
//! not syntax: what it forbids should not be written in a comment either.

use std::collections::BTreeSet;
use std::fs;

use crate::run::{output, program, root};
use crate::{Result, places};

/// The longest that a file may be, in lines.
const MAX_LINES: usize = 500;

/// The longest that a file of tests may be, which lists cases.
const MAX_TEST_LINES: usize = 800;

/// The longest that a function may be, in lines.
const MAX_FUNCTION: usize = 60;
/// The most columns of a comment; rustfmt sees to those of code.
const MAX_COLUMNS: usize = 100;

/// Files that are tables.
const TABLES: &[&str] = &["crates/burdock-ir/src/ops.rs", "crates/burdock-translate/src/visit.rs"];

/// Functions that are tables: matches whose arms stand side by side, each a line or a few.
const FLAT: &[(&str, &str)] = &[
    ("crates/burdock-core/src/dispatch/native/check/control.rs", "any_control"),
    ("crates/burdock-core/src/dispatch/native/check/layout.rs", "of_control"),
    ("crates/burdock-native/src/x86_64/vector.rs", "int_unary"),
    ("crates/burdock-parse/src/sections.rs", "payload"),
    ("crates/burdock-tools/src/profile/pprof.rs", "message"),
    ("crates/burdock-translate/src/scan.rs", "operator"),
    ("fuzz/src/nesting/model.rs", "handle"),
    ("fuzz/src/nesting/real.rs", "handle"),
    ("fuzz/src/program.rs", "expr"),
    ("fuzz/src/program/statements.rs", "branch"),
    ("fuzz/src/program/statements.rs", "looped"),
    ("fuzz/src/program/statements.rs", "statement"),
    ("fuzz/src/run.rs", "burdock_run"),
];

/// What must not be in a Rust file. Split, so that this file may hold it.
const FORBIDDEN: &[&str] =
    &[concat!("todo", "!("), concat!("unimplemented", "!("), concat!("#[", "ignore")];

/// Paths of somebody's machine.
const MACHINE_PATHS: &[&str] =
    &[concat!("/", "root/"), concat!("/", "work/"), concat!("/", "Users/")];

/// The example that README.md shows.
const HELLO: &str = "crates/burdock/examples/hello.rs";

/// What the root file of every crate has to say about unsafe code.
const UNSAFE: &[(&str, &str)] = &[
    ("crates/burdock-types/src/lib.rs", "#![forbid(unsafe_code)]"),
    ("crates/burdock-parse/src/lib.rs", "#![forbid(unsafe_code)]"),
    ("crates/burdock-ir/src/lib.rs", "#![forbid(unsafe_code)]"),
    ("crates/burdock-translate/src/lib.rs", "#![forbid(unsafe_code)]"),
    ("crates/burdock-native/src/lib.rs", "#![forbid(unsafe_code)]"),
    ("crates/burdock/src/lib.rs", "#![deny(unsafe_code)]"),
    ("crates/burdock-wasi/src/lib.rs", "#![forbid(unsafe_code)]"),
    ("crates/burdock-tools/src/lib.rs", "#![forbid(unsafe_code)]"),
    ("crates/burdock-wasmi/src/lib.rs", "#![deny(unsafe_code)]"),
    ("crates/burdock-wasmi-wasi/src/lib.rs", "#![forbid(unsafe_code)]"),
    ("crates/burdock-wast/src/lib.rs", "#![forbid(unsafe_code)]"),
    ("crates/burdock-cli/src/main.rs", "#![forbid(unsafe_code)]"),
    ("xtask/src/main.rs", "#![forbid(unsafe_code)]"),
];

/// The crates that have unsafe code.
const WITH_UNSAFE: &[&str] = &["crates/burdock-core/src/", "crates/burdock-c-api/src/"];

pub(crate) fn run(_: &[String]) -> Result {
    let listed =
        output(program("git").args(["ls-files", "--cached", "--others", "--exclude-standard"]))?;
    let invariants = fs::read_to_string(root().join("docs/INVARIANTS.md")).unwrap_or_default();
    let names = invariant_names(&invariants);
    let mut complaints = Vec::new();
    for path in listed.lines() {
        // Binary files, and those that git still lists but that are gone, are none of its business.
        let Ok(text) = fs::read_to_string(root().join(path)) else {
            continue;
        };
        complaints.extend(check(path, &text, &names));
    }
    for (path, _) in UNSAFE {
        if root().join(path).parent().is_some_and(|src| src.exists()) && !root().join(path).exists()
        {
            complaints.push(format!("{path}: not there"));
        }
    }
    complaints.extend(check_readme(
        &fs::read_to_string(root().join("README.md"))?,
        &fs::read_to_string(root().join(HELLO))?,
    ));
    let architecture = fs::read_to_string(root().join("ARCHITECTURE.md"))?;
    complaints.extend(places::check(&architecture, |path| {
        fs::read_to_string(root().join("crates").join(path)).ok()
    }));
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n").into()) }
}

/// The readme shows the example as it is.
fn check_readme(readme: &str, example: &str) -> Option<String> {
    let shown = readme.contains(&format!("```rust\n{example}```"));
    (!shown).then(|| format!("README.md: does not show {HELLO} as it is"))
}

/// The names that docs/INVARIANTS.md defines: in capitals, first word of a heading, of a row of a
/// table or of an item of a list.
fn invariant_names(text: &str) -> BTreeSet<&str> {
    let starts = |line: &'_ str| matches!(line.chars().next(), Some('#' | '|' | '-' | '*'));
    let lines = text.lines().filter(|line| starts(line));
    lines
        .filter_map(|line| {
            let word = |c: char| !c.is_ascii_alphanumeric();
            line.split(word).find(|word| !word.is_empty())
        })
        .filter(|word| word.len() > 1 && word.chars().all(|c| c.is_ascii_uppercase()))
        .collect()
}

/// What is wrong with one file.
fn check(path: &str, text: &str, invariants: &BTreeSet<&str>) -> Vec<String> {
    let mut complaints = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        for machine in MACHINE_PATHS.iter().filter(|machine| line.contains(**machine)) {
            complaints.push(format!("{path}:{number}: path of a machine: {machine}"));
        }
    }
    if !path.ends_with(".rs") {
        return complaints;
    }
    if !text.starts_with("//!") {
        complaints.push(format!("{path}:1: does not open with `//!`"));
    }
    let tests = path.contains("/tests/");
    let (lines, most) = (text.lines().count(), if tests { MAX_TEST_LINES } else { MAX_LINES });
    if lines > most && !TABLES.contains(&path) {
        complaints.push(format!("{path}: {lines} lines, more than {most}"));
    }
    if !tests {
        complaints.extend(check_functions(path, text));
    }
    complaints.extend(check_comments(path, text));
    for (number, line) in (1..).zip(text.lines()) {
        for forbidden in FORBIDDEN.iter().filter(|forbidden| line.contains(**forbidden)) {
            complaints.push(format!("{path}:{number}: {forbidden}"));
        }
    }
    if let Some((_, attribute)) = UNSAFE.iter().find(|(file, _)| *file == path)
        && !text.lines().any(|line| line == *attribute)
    {
        complaints.push(format!("{path}: does not say {attribute}"));
    }
    if WITH_UNSAFE.iter().any(|crate_dir| path.starts_with(crate_dir)) {
        complaints.extend(check_unsafe(path, text, invariants));
    }
    complaints
}

/// Returns a complaint for each line of a comment that is too long. Rows of tables and examples are
/// not wrapped, nor are words.
fn check_comments(path: &str, text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut is_example = false;
    for (number, line) in (1..).zip(text.lines()) {
        let comment =
            line.trim_start().strip_prefix("//").map(|text| text.trim_start_matches(['/', '!']));
        let Some(comment) = comment.map(str::trim_start) else {
            is_example = false;
            continue;
        };
        is_example ^= comment.starts_with("```");
        let columns = line.chars().count();
        let wraps = !is_example && !comment.starts_with('|') && comment.contains(' ');
        if columns > MAX_COLUMNS && wraps {
            complaints.push(format!("{path}:{number}: {columns} columns, more than {MAX_COLUMNS}"));
        }
    }
    complaints
}

/// Returns a complaint for each function that is too long. A function ends, as rustfmt writes it,
/// at the brace below its first letter.
fn check_functions(path: &str, text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else { continue };
        let indent = &line[..line.len() - line.trim_start().len()];
        let end = format!("{indent}}}");
        let ends = |line: &&str| line.starts_with(&end) || line.trim_end().ends_with(';');
        let has_body = |line: &&str| line.trim_end().ends_with('{');
        // A declaration has no body; a short function has it on its first line.
        let first = lines[at..].iter().position(|line| has_body(line) || ends(line));
        let Some(first) = first.filter(|&first| has_body(&lines[at + first])) else { continue };
        let rest = lines[at + first..].iter().position(|line| line.starts_with(&end));
        let length = first + rest.unwrap_or(0) + 1;
        if length > MAX_FUNCTION && !FLAT.contains(&(path, name)) {
            let number = at + 1;
            complaints.push(format!(
                "{path}:{number}: `{name}` has {length} lines, more than {MAX_FUNCTION}"
            ));
        }
    }
    complaints
}

/// Returns the name of the function that begins on a line.
fn function_name(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("fn ")?;
    let words = ["pub", "pub(crate)", "pub(super)", "const", "async", "unsafe", "extern", "\"C\""];
    let begins = before.split_whitespace().all(|word| words.contains(&word));
    let end = after.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    (begins && end > 0).then(|| &after[..end])
}

/// Every unsafe block and impl must have `// SAFETY: [NAME]` on its line or in the comment above,
/// NAME being one that docs/INVARIANTS.md defines.
fn check_unsafe(path: &str, text: &str, invariants: &BTreeSet<&str>) -> Vec<String> {
    let mut complaints = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        if !code.contains("unsafe {") && !code.contains("unsafe impl") {
            continue;
        }
        // A statement may have begun a few lines above, its comment stands above that.
        let above = lines[..at].iter().rev().take(12).take_while(|line| !line.trim().is_empty());
        let comment = std::iter::once(line).chain(above).find(|line| line.contains("// SAFETY:"));
        let name = comment
            .and_then(|line| line.split_once("// SAFETY: ["))
            .and_then(|(_, rest)| rest.split_once(']'));
        let number = at + 1;
        match name {
            None => complaints.push(format!("{path}:{number}: unsafe without `// SAFETY: [NAME]`")),
            Some((names, _)) => {
                let names = names.split(',').map(str::trim);
                for name in names.filter(|name| !invariants.contains(name)) {
                    complaints.push(format!(
                        "{path}:{number}: [{name}] is not defined in docs/INVARIANTS.md"
                    ));
                }
            }
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVARIANTS: &str = "# Invariants\n## CODE\ntext SLOT\n| TYPE | x |\n- **MEM**: y\n";

    fn complain(path: &str, text: &str) -> Vec<String> {
        check(path, text, &invariant_names(INVARIANTS))
    }

    #[test]
    fn names_come_from_headings_rows_and_items() {
        let names: Vec<&str> = invariant_names(INVARIANTS).into_iter().collect();
        assert_eq!(names, ["CODE", "MEM", "TYPE"]);
    }

    #[test]
    fn the_readme_must_show_the_example() {
        for (readme, ok) in [("x\n```rust\nA\nB\n```\n", true), ("```rust\nA\nC\n```\n", false)] {
            assert_eq!(check_readme(readme, "A\nB\n").is_none(), ok, "{readme}");
        }
    }

    #[test]
    fn each_rule_is_enforced() {
        let core = "crates/burdock-core/src/x.rs";
        let long = format!("//! x\n{}", "\n".repeat(500));
        let long_test = format!("//! x\n{}", "\n".repeat(800));
        let long_function = format!("//! x\nfn f() {{\n{}}}\n", "    g();\n".repeat(59));
        let functions = format!("//! x\nfn f();\nfn g() {{}}\n{}", "// x\n".repeat(70));
        let machine = format!("see {}home", MACHINE_PATHS[0]);
        let todo = format!("//! x\n{})", FORBIDDEN[0]);
        let ignored = format!("//! x\n{}]", FORBIDDEN[2]);
        let rows: &[(&str, &str, &[&str])] = &[
            ("a.rs", "//! x\n", &[]),
            ("a.rs", "fn main() {}\n", &["a.rs:1: does not open with `//!`"]),
            ("a.rs", &long, &["a.rs: 501 lines, more than 500"]),
            ("crates/x/tests/a.rs", &long, &[]),
            ("crates/x/tests/a.rs", &long_test, &["crates/x/tests/a.rs: 801 lines, more than 800"]),
            ("a.rs", &long_function, &["a.rs:2: `f` has 61 lines, more than 60"]),
            ("crates/x/tests/a.rs", &long_function, &[]),
            ("a.rs", &functions, &[]),
            ("crates/burdock-ir/src/ops.rs", &long, &[]),
            ("a.rs", &todo, &[concat!("a.rs:2: todo", "!(")]),
            ("a.rs", &ignored, &[concat!("a.rs:2: #[", "ignore")]),
            ("README.md", &machine, &[concat!("README.md:1: path of a machine: /", "root/")]),
            (
                "crates/burdock-wast/src/lib.rs",
                "//! x\n",
                &["crates/burdock-wast/src/lib.rs: does not say #![forbid(unsafe_code)]"],
            ),
            ("crates/burdock-wast/src/lib.rs", "//! x\n#![forbid(unsafe_code)]\n", &[]),
            (core, "//! x\n// SAFETY: [CODE] so\nunsafe { f() }\n", &[]),
            (core, "//! x\n// SAFETY: [CODE, MEM] so\nunsafe { f() }\n", &[]),
            (core, "//! x\n// SAFETY: [CODE] so\nlet a =\n    unsafe { f() };\n", &[]),
            (core, "//! x\nunsafe { f() } // SAFETY: [CODE] so\n", &[]),
            (
                core,
                "//! x\nunsafe { f() }\n",
                &["crates/burdock-core/src/x.rs:2: unsafe without `// SAFETY: [NAME]`"],
            ),
            (
                core,
                "//! x\n// SAFETY: so\nunsafe impl X for Y {}\n",
                &["crates/burdock-core/src/x.rs:3: unsafe without `// SAFETY: [NAME]`"],
            ),
            (
                "crates/burdock-c-api/src/x.rs",
                "//! x\nunsafe { f() }\n",
                &["crates/burdock-c-api/src/x.rs:2: unsafe without `// SAFETY: [NAME]`"],
            ),
            (
                core,
                "//! x\n// SAFETY: [NEW] so\nunsafe { f() }\n",
                &["crates/burdock-core/src/x.rs:3: [NEW] is not defined in docs/INVARIANTS.md"],
            ),
        ];
        for (path, text, complaints) in rows {
            assert_eq!(complain(path, text), *complaints, "{text}");
        }
    }
    #[test]
    fn comments_are_wrapped() {
        let word = "x".repeat(98);
        for (text, complaints) in [
            (format!("    // y {}\n", &word[..91]), &[] as &[&str]),
            (format!("    // y {}\n", &word[..92]), &["a.rs:1: 101 columns, more than 100"]),
            (format!("/// {word}\n/// | y {word} |\n/// ```\n/// y {word}\n/// ```\n"), &[]),
        ] {
            assert_eq!(check_comments("a.rs", &text), complaints, "{text}");
        }
    }
}
