//! Guesses at what was meant: nearest names, and options on the wrong side of the file.

use crate::cli::RunArgs;
use clap::Args;
use std::ffi::OsString;

/// The candidate that `name` is most likely a mistyped form of, if one is near enough.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    // A third of the name may be wrong: more, and the guess is worse than none.
    let limit = (name.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many characters have to be inserted, removed, replaced or swapped with their neighbour (optimal
/// string alignment), in space linear in the length of `b`.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut row = vec![i + 1];
        for j in 0..b.len() {
            let replaced = last[j] + usize::from(a[i] != b[j]);
            let mut best = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

/// The first of the guest's arguments that looks like an option of `burdock run`. After `--` they are
/// meant for the guest.
pub(crate) fn misplaced_option(guest_args: &[OsString]) -> Option<String> {
    let command = RunArgs::augment_args(clap::Command::new("run"));
    let options: Vec<String> = command
        .get_arguments()
        .filter(|arg| !arg.is_hide_set() && arg.get_id() != "quiet")
        .filter_map(|arg| arg.get_long().map(|long| format!("--{long}")))
        .collect();
    guest_args
        .iter()
        .map(|arg| arg.to_string_lossy())
        .take_while(|arg| arg != "--")
        .filter_map(|arg| arg.split('=').next().map(str::to_owned))
        .find(|arg| options.contains(arg))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, expected) in [
            ("", "", 0),
            ("a", "", 1),
            ("kitten", "sitting", 3),
            ("gdc", "gcd", 1),
            ("fd_wirte", "fd_write", 1),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
            assert_eq!(distance(b, a), expected, "{b} {a}");
        }
    }

    #[test]
    fn only_near_names_are_guessed() {
        assert_eq!(nearest("fd_wirte", ["fd_read", "fd_write"]), Some("fd_write"));
        assert_eq!(nearest("proc_exit", ["fd_read", "fd_write"]), None);
    }

    #[test]
    fn options_after_the_file() {
        for (args, expected) in [
            (&["--dir", "."][..], Some("--dir")),
            (&["x", "--fuel=5"][..], Some("--fuel")),
            (&["--", "--dir"][..], None),
            (&["--verbose", "-q"][..], None),
            (&[][..], None),
        ] {
            let args: Vec<OsString> = args.iter().map(OsString::from).collect();
            assert_eq!(misplaced_option(&args).as_deref(), expected, "{args:?}");
        }
    }
}
