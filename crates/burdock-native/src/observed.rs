//! Sequences of code that hooks observe or that checks the epoch, which no program of the training
//! corpus has: they follow from those of other code.

use std::collections::BTreeSet;
use std::fmt::Write;

/// Sequences of which no program tells how often they are executed.
const OBSERVED: &str = "
    Enter.--- | Observe.---
    Observe.--- | Return.---
    Observe.--- | ReturnSlot.---
    Anchor.--- | Copy.---
";

/// The number of sequences, the first of the file, of whose instructions each has a handler that
/// checks the epoch before; accesses to memory have one that compares the address before.
const CHECKED: usize = 4_000;
/// The number of those among them that as a whole have such a handler if they may be a loop.
const CHECKED_LOOPS: usize = 1_000;

/// Returns the sequences of code that is observed or checks the epoch, which follow from these.
pub(crate) fn observed(sequences: &str) -> String {
    [OBSERVED, &checked(sequences), &watched(sequences)].concat()
}

/// Returns sequences of code that checks the epoch. The check comes behind the first instruction of
/// a function, and before that of a loop.
fn checked(sequences: &str) -> String {
    const CHECK: &str = "BrAtDeadline.---";
    let mut pairs = BTreeSet::new();
    let mut text = format!("Enter.--- | {CHECK}\n");
    let lines = sequences.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    for (number, line) in lines.take(CHECKED).enumerate() {
        let parts: Vec<&str> = line.split(" | ").collect();
        if let ["Enter.---", rest @ ..] = &parts[..] {
            let _ = writeln!(text, "Enter.--- | {CHECK} | {}", rest.join(" | "));
        } else if let Some(last) = parts.last()
            && number < CHECKED_LOOPS
            && (last.contains(".J") || *last == "Br.---")
        {
            let _ = writeln!(text, "{CHECK} | {line}");
        }
        pairs.extend(parts.into_iter().filter(|part| *part != "Enter.---"));
    }
    for part in pairs {
        let _ = writeln!(text, "{CHECK} | {part}");
        // A branch back to a loop that begins with a test makes check and test itself.
        if part.contains(".J") {
            let _ = writeln!(text, "{CHECK} | {part} | Br.---");
        }
    }
    text
}

/// Returns sequences of code that compares the addresses of accesses to memory.
fn watched(sequences: &str) -> String {
    let lines = sequences.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let parts = lines.take(CHECKED).flat_map(|line| line.split(" | "));
    let pairs: BTreeSet<String> = parts.filter_map(watched_access).collect();
    pairs.into_iter().collect()
}

/// Returns the sequence of an access to memory and the comparison before it, behind which no
/// operand is in a temporary.
fn watched_access(part: &str) -> Option<String> {
    let mut words = part.split(' ');
    let (meaning, kinds) = words.next()?.split_once('.')?;
    let is_load = meaning.contains("Load");
    let is_memory = ["I32", "I64", "F32", "F64", "V128"].iter().any(|ty| {
        let rest = meaning.strip_prefix(ty).unwrap_or_default();
        rest.starts_with("Load") || rest.starts_with("Store")
    });
    let registers: Vec<Option<&str>> =
        kinds.chars().map(|kind| if kind == 'R' { words.next() } else { None }).collect();
    let &[_, address, value] = &registers[..] else { return None };
    let in_temporary = |register: Option<&str>| {
        register.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_digit()))
    };
    let is_plain = !in_temporary(address) && !in_temporary(value);
    let is_indexed = is_load && !kinds.ends_with('-');
    if !is_memory || !is_plain || is_indexed {
        return None;
    }
    match (address, kinds.chars().nth(1)?) {
        (Some(register), _) => Some(format!("BrIfWatchedR.--- {register} | {part}\n")),
        (None, 'S') => Some(format!("BrIfWatched.--- | {part}\n")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_epoch_is_checked_behind_entries_and_before_the_rest() {
        let rows = [
            ("# head\n", "Enter.--- | BrAtDeadline.---"),
            (
                "Enter.--- | Copy.---",
                "Enter.--- | BrAtDeadline.---\nEnter.--- | BrAtDeadline.--- | Copy.---\n\
                 BrAtDeadline.--- | Copy.---",
            ),
            (
                "Copy.--- | I32Ne.JRI a",
                "Enter.--- | BrAtDeadline.---\nBrAtDeadline.--- | Copy.--- | I32Ne.JRI a\n\
                 BrAtDeadline.--- | Copy.---\nBrAtDeadline.--- | I32Ne.JRI a\n\
                 BrAtDeadline.--- | I32Ne.JRI a | Br.---",
            ),
        ];
        for (sequences, expected) in rows {
            assert_eq!(checked(sequences).trim_end(), expected, "{sequences}");
        }
    }

    #[test]
    fn addresses_are_compared_before_accesses_without_temporaries() {
        let rows = [
            ("F64Load.RR- 0 a", "BrIfWatchedR.--- a | F64Load.RR- 0 a"),
            ("I64Load8U.BS-", "BrIfWatched.--- | I64Load8U.BS-"),
            ("I64Store32.-RR a b", "BrIfWatchedR.--- a | I64Store32.-RR a b"),
            ("I64Store8.-SI | I32Add.RSS 0", "BrIfWatched.--- | I64Store8.-SI"),
            ("I64Load32U.RR- 0 1", ""),
            ("I64Load32U.RRR 0 a b", ""),
            ("I64Store32.-SR 0", ""),
            ("I64Store32.-IS", ""),
            ("I64Copy.SR a | ArrayGet.RRR 0 a b | StorePins2.---", ""),
        ];
        for (sequences, expected) in rows {
            assert_eq!(watched(sequences).trim_end(), expected, "{sequences}");
        }
    }
}
