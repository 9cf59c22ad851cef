//! Where handlers lie. What spans two cache lines takes the processor two steps to fetch: each run
//! of instructions, from where a jump leads to the next jump, is kept within one. Handlers of a
//! single run fill what that leaves over, so that little is lost by it.

use super::length::length;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The bytes of a cache line.
const LINE: usize = 64;

/// The handlers as one text.
pub(super) fn layout(handlers: &[String]) -> String {
    let mut layout = Layout::default();
    let (single, several): (Vec<_>, Vec<_>) =
        handlers.iter().map(|text| runs(text)).partition(|runs| runs.len() == 1);
    for run in single.into_iter().flatten() {
        layout.small.entry(run.length).or_default().push(run);
    }
    for run in several.into_iter().flatten() {
        if run.length > layout.left {
            layout.fill();
        }
        layout.push(run);
    }
    while !layout.small.is_empty() {
        layout.fill();
    }
    layout.text
}

/// Instructions up to a jump.
struct Run<'t> {
    text: &'t str,
    /// The bytes it takes at most, or those of a line if it takes more.
    length: usize,
}

/// The runs of a handler: it ends with a jump, as each of them.
fn runs(mut text: &str) -> Vec<Run<'_>> {
    let mut runs = Vec::new();
    while let Some(jump) = text.find("\njmp") {
        let end = text[jump + 1..].find('\n').map_or(text.len(), |end| jump + 1 + end + 1);
        let (run, rest) = text.split_at(end);
        runs.push(Run { text: run, length: length(run).min(LINE) });
        text = rest;
    }
    assert!(text.is_empty(), "a handler ends with a jump");
    runs
}

#[derive(Default)]
struct Layout<'t> {
    text: String,
    /// Bytes that are left of the line.
    left: usize,
    /// Handlers of one run that have no place yet, by their lengths.
    small: BTreeMap<usize, Vec<Run<'t>>>,
}

impl<'t> Layout<'t> {
    /// Writes the largest handlers that have a place in this line, and begins the next one.
    fn fill(&mut self) {
        while let Some(entry) = self.small.range_mut(..=self.left).next_back() {
            let length = *entry.0;
            let run = entry.1.pop().expect("lengths without runs are removed");
            if entry.1.is_empty() {
                self.small.remove(&length);
            }
            self.push(run);
        }
        self.text.push_str(".p2align 6,0xcc\n");
        self.left = LINE;
    }

    /// Writes a run for which there is a place.
    fn push(&mut self, run: Run<'t>) {
        // Should a length have been taken for too little, it begins the next line after all.
        let _ = write!(self.text, ".p2align 6,0xcc,{}\n{}", run.length - 1, run.text);
        self.left -= run.length;
    }
}
