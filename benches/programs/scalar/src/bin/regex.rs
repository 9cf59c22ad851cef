//! regress, a backtracking engine of ECMAScript's regular expressions, searches text.

use common::{Checksum, Random, prose};
use regress::Regex;

/// Expressions with what needs backtracking: groups, repetition, assertions, back references.
const EXPRESSIONS: &[&str] = &[
    r"\b(?<first>[A-Za-z]+)\b,? (?<second>[a-z]+) \k<first>\b",
    r"(?<=\bthe )[a-z]+(?= of\b)",
    r"[A-Z][^.]*?\briver\b[^.]*?\bvillage\b[^.]*\.",
    r"\b([a-z])[a-z]*\1\b",
    r"(?:\w+ ){3}(?!the)\d{2,5}",
    r"(?:morning|evening|winter)(?:, | )(?:[a-z]+ )*?(?:and|of) [a-z]{4,8}",
    r"^[A-Z](?:\w+[, ]+)*\d+",
];

fn main() {
    let text = prose(&mut Random::new(4), 100_000);
    let mut sum = Checksum::default();
    for expression in EXPRESSIONS {
        let regex = Regex::with_flags(expression, "m").expect("the expression is valid");
        for found in regex.find_iter(&text) {
            sum.add(found.start().to_le_bytes());
            for group in found.groups().flatten() {
                sum.add(&text[group]);
            }
        }
    }
    sum.print();
}
