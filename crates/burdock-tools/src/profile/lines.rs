//! A profile by line of source.

use super::{LineId, Profile};

/// A line of source in a profile.
///
/// See [`Profiler::attach_by_line`](super::Profiler::attach_by_line) for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineProfile {
    /// The path of the source file.
    pub file: String,
    /// The line's number, from 1.
    pub line: u32,
    /// The work of the line itself.
    pub own: u64,
    /// The work of the line and of the functions that it calls; recursive calls count once.
    pub total: u64,
}

impl Profile {
    /// Returns the lines of source with any work, those with the most work of their own first. The
    /// list is empty if the profile has no lines.
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

    /// Returns the frames of a stack whose innermost function is at `line`, the innermost first:
    /// names, and lines by number.
    pub(super) fn frames(
        &self,
        number: usize,
        line: Option<LineId>,
    ) -> Vec<(usize, Option<LineId>)> {
        let mut at = line;
        let frame = |place: usize| {
            let stack = &self.stacks[place];
            // If frames are left out, the line is not one of the next written frame.
            let from = stack.from.filter(|_| stack.cut.is_none());
            (stack.name, std::mem::replace(&mut at, from))
        };
        self.ancestors(number).map(frame).collect()
    }

    /// Returns the parts of a stack's own work: by line, and the part without a known line.
    pub(super) fn parts(&self, number: usize) -> Vec<(Option<LineId>, u64)> {
        let stack = &self.stacks[number];
        let known: u64 = stack.by_line.iter().map(|(_, weight)| weight).sum();
        let by_line = stack.by_line.iter().map(|(line, weight)| (Some(*line), *weight));
        by_line.chain([(None, stack.weight - known)]).filter(|(_, weight)| *weight > 0).collect()
    }
}
