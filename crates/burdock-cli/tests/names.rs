//! Tests with hostile names in a module: no name breaks a format that a tool writes, and no control
//! sequence in a name reaches the terminal.

mod formats;

use formats::check_file;
use std::path::Path;
use std::process::{Command, Output};

/// Names with characters that are special to terminals or to one of the formats.
const NAMES: &[&str] = &[
    "evil\n\u{1b}[31mred\u{1b}[0m\r\u{7}",
    "a;b c\"d<e>&\\",
    "x;y z",
    "has space 12",
    "12,13",
    "",
    " ",
    "\u{202e}reversed",
    "]]><script>alert(1)</script>",
    "%s%n\0",
    "\u{ffff}\u{feff}",
    "SF:/etc/passwd\nend_of_record",
    "ü€𝄞",
    "_ZN4core3fmt9Formatter3pad17h0123456789abcdefE",
    "_ZNSt6vectorIiSaIiEE9push_backERKi",
];

/// Returns a module whose functions have the names of `NAMES`. Each function calls the next one.
/// The last one calls a host function, whose module and field names also come from `NAMES`.
fn module() -> Vec<u8> {
    let escaped =
        |name: &str| -> String { name.bytes().map(|byte| format!("\\{byte:02x}")).collect() };
    let mut text = format!(
        "(module (@name \"{0}\") (import \"{0}\" \"{1}\" (func $host))\n",
        escaped(NAMES[0]),
        escaped(NAMES[7])
    );
    for (index, name) in NAMES.iter().enumerate() {
        let next = match index + 1 {
            next if next < NAMES.len() => format!("$f{next}"),
            _ => "$host".to_owned(),
        };
        text += &format!("(func $f{index} (@name \"{}\") (call {next}))\n", escaped(name));
    }
    text += "(func (export \"_start\") (call $f0)))";
    wat::parse_str(text).unwrap()
}

fn burdock(dir: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_burdock"));
    command.args(args).arg("module.wasm").current_dir(dir).output().unwrap()
}

#[test]
fn formats_are_valid_whatever_the_names_are() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("module.wasm"), module()).unwrap();
    // The import is missing: an error that names it. With the options, a trap or a default.
    let trap = ["-W", "unknown-imports-trap"];
    let default = ["-W", "unknown-imports-default"];
    let rows: &[&[&str]] = &[
        &["run"],
        &["inspect"],
        &["objdump"],
        &["trace", "--host", "--calls", "-o", "out.txt"],
        &["trace", "--host", "--calls", "--instr", "--format", "json", "-o", "out.lines"],
        &["trace", "--host", "--calls", "--format", "chrome", "-o", "out.json"],
        &["trace", "--calls", "-c", "-o", "out.txt"],
        &["profile", "-o", "out.txt"],
        &["profile", "-o", "out.folded"],
        &["profile", "-o", "out.svg"],
        &["profile", "-o", "out.json"],
        &["profile", "--format", "json", "-o", "out.json"],
        &["coverage", "--lcov", "out.info"],
        &["coverage", "--html", "out.html"],
        &["coverage", "--json", "out.json"],
        &["coverage", "-o", "out.txt"],
        &["audit", "--learn", "-o", "out.toml"],
        &["audit", "--learn", "-o", "out.toml", "--report", "out.json"],
        &["step", "--keys", "nnn", "-o", "out.txt"],
        &["step", "--record", "out.html"],
    ];
    for args in rows {
        let runs: &[&[&str]] = match args[0] {
            "inspect" | "objdump" => &[&[]],
            _ => &[&[], &trap, &default],
        };
        for options in runs {
            let output = burdock(dir.path(), &[args, *options].concat());
            for text in [&output.stdout, &output.stderr] {
                let text = String::from_utf8_lossy(text);
                let raw = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t'));
                assert_eq!(raw, None, "{args:?} {options:?}: {text}");
                assert!(!text.contains('\u{202e}'), "{args:?} {options:?}: {text}");
            }
            let name = *args.last().unwrap();
            if name.starts_with("out.") && !options.is_empty() {
                let written = std::fs::read_to_string(dir.path().join(name));
                check_file(name, &written.unwrap_or_else(|error| panic!("{args:?}: {error}")));
            }
        }
    }
}

#[test]
fn a_backtrace_has_one_line_for_each_function() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("module.wasm"), module()).unwrap();
    let output = burdock(dir.path(), &["run", "-W", "unknown-imports-trap"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    let frames = stderr.lines().filter(|line| line.contains(" - evil")).count();
    assert_eq!(frames, NAMES.len() + 1, "{stderr}");
    for shown in [
        r"evil\n\u{1b}[31mred\u{1b}[0m\r\u{7}!\u{202e}reversed",
        "std::vector<int, std::allocator<int> >::push_back(int const&)",
        r"unknown import: `evil\n\u{1b}[31mred\u{1b}[0m\r\u{7}::\u{202e}reversed`",
    ] {
        assert!(stderr.contains(shown), "{shown}\n{stderr}");
    }
}
