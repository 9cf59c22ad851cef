//! `cargo xtask ops [--check]`: generates docs/OPS.md from the op table, or checks that the page is
//! up to date.

use std::fs;

use crate::Result;
use crate::run::{root, switch};

pub(crate) fn run(args: &[String]) -> Result {
    let path = root().join("docs/OPS.md");
    let expected = burdock_ir::ops_markdown();
    if !switch(args, "--check") {
        fs::create_dir_all(root().join("docs"))?;
        fs::write(&path, expected)?;
        return Ok(());
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    match difference(&found, &expected) {
        None => Ok(()),
        Some(what) => Err(format!("docs/OPS.md is stale, run `cargo xtask ops`: {what}").into()),
    }
}

/// Returns the first line in which the page differs from the generated one.
fn difference(found: &str, expected: &str) -> Option<String> {
    let mut lines = (1..).zip(found.lines().map(Some).chain(std::iter::repeat(None)));
    for expected in expected.lines() {
        let (number, found) = lines.next()?;
        if found != Some(expected) {
            return Some(format!("line {number} should be {expected:?}, is {found:?}"));
        }
    }
    match lines.next() {
        Some((number, Some(line))) => Some(format!("line {number} should not be there: {line:?}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn the_first_difference_is_named() {
        let rows = [
            ("a\nb\n", "a\nb\n", None),
            ("a\nx\n", "a\nb\n", Some("line 2 should be \"b\", is Some(\"x\")")),
            ("a\n", "a\nb\n", Some("line 2 should be \"b\", is None")),
            ("a\nb\nc\n", "a\nb\n", Some("line 3 should not be there: \"c\"")),
        ];
        for (found, expected, message) in rows {
            assert_eq!(difference(found, expected).as_deref(), message);
        }
    }
}
