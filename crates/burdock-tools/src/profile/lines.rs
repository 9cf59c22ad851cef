//! A profile by line of source.

use super::{LineId, Profile};

/// A line of source in a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineProfile {
    /// Its file.
    pub file: String,
    /// Its number; the first is 1.
    pub line: u32,
    /// What was spent in it itself.
    pub own: u64,
    /// What was spent in it and in what was called from there; recursion counts once.
    pub total: u64,
}

impl Profile {
    /// The lines of source in which something was spent, those with the most of their own first;
    /// none if the profile does not know of lines.
    pub fn lines(&self) -> Vec<LineProfile> {
        let line = |(file, line): &(String, u32)| LineProfile {
            file: file.clone(),
            line: *line,
            own: 0,
            total: 0,
        };
        let mut lines: Vec<LineProfile> = self.lines.iter().map(line).collect();
        let with_children = self.with_children();
        self.visit(|number, above| {
            let stack = &self.stacks[number];
            for (line, weight) in &stack.by_line {
                lines[*line as usize].own += weight;
                if stack.from != Some(*line) && !above.lines.contains_key(line) {
                    lines[*line as usize].total += weight;
                }
            }
            if let Some(from) = stack.from
                && !above.lines.contains_key(&from)
            {
                lines[from as usize].total += with_children[number];
            }
        });
        lines.retain(|line| line.total > 0);
        lines.sort_by(|a, b| {
            let place = |line: &LineProfile| (line.file.clone(), line.line);
            b.own.cmp(&a.own).then(b.total.cmp(&a.total)).then_with(|| place(a).cmp(&place(b)))
        });
        lines
    }

    /// The frames of a stack whose innermost function is in a line, the innermost first: names, and
    /// lines by number.
    pub(super) fn frames(
        &self,
        number: usize,
        line: Option<LineId>,
    ) -> Vec<(usize, Option<LineId>)> {
        let mut at = line;
        let frame = |place: usize| {
            let stack = &self.stacks[place];
            // Where places are left out, the line is none of the one that is written next.
            let from = stack.from.filter(|_| stack.cut.is_none());
            (stack.name, std::mem::replace(&mut at, from))
        };
        self.ancestors(number).map(frame).collect()
    }

    /// The parts of a stack's own weight: by line, and what is of no known line.
    pub(super) fn parts(&self, number: usize) -> Vec<(Option<LineId>, u64)> {
        let stack = &self.stacks[number];
        let known: u64 = stack.by_line.iter().map(|(_, weight)| weight).sum();
        let by_line = stack.by_line.iter().map(|(line, weight)| (Some(*line), *weight));
        by_line.chain([(None, stack.weight - known)]).filter(|(_, weight)| *weight > 0).collect()
    }
}
