//! What can follow each operator of a function: structured control resolved to positions.

use crate::Code;
use crate::code::operator_name;
use burdock::Result;
use wasmparser::Operator;

/// An operator, and where control goes from it.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) offset: u32,
    pub(crate) name: &'static str,
    /// An `else` or `end`: not executed by itself. An `else` that is reached leads to its `end`.
    pub(crate) silent: bool,
    /// Whether the next operator can follow.
    pub(crate) falls_through: bool,
    /// Of a branch or `if`, the position to which it jumps.
    pub(crate) target: Option<usize>,
}

/// A block that is open.
struct Open {
    /// Of a loop, where it begins again.
    head: Option<usize>,
    /// Steps that lead to the block's end.
    leaving: Vec<usize>,
    /// Of an `if` without its `else` yet.
    condition: Option<usize>,
}

impl Open {
    fn new(head: Option<usize>, condition: Option<usize>) -> Self {
        Self { head, leaving: Vec::new(), condition }
    }
}

impl Code {
    /// The operators of a function, with what can follow each.
    pub(crate) fn flow(&self, func: u32) -> Result<Vec<Step>> {
        let mut steps: Vec<Step> = Vec::new();
        let mut open = vec![Open::new(None, None)];
        self.visit(func, |offset, op| {
            let at = steps.len();
            let name = operator_name(op);
            let (mut silent, mut falls_through) = (false, true);
            let mut target = None;
            match op {
                Operator::Block { .. } => open.push(Open::new(None, None)),
                Operator::Loop { .. } => open.push(Open::new(Some(at + 1), None)),
                Operator::If { .. } => open.push(Open::new(None, Some(at))),
                Operator::Else => {
                    silent = true;
                    if let Some(block) = open.last_mut() {
                        block.leaving.push(at);
                        if let Some(condition) = block.condition.take() {
                            steps[condition].target = Some(at + 1);
                        }
                    }
                }
                Operator::End => {
                    silent = true;
                    if let Some(block) = open.pop() {
                        for step in block.leaving.into_iter().chain(block.condition) {
                            steps[step].target = Some(at);
                        }
                    }
                }
                Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => {
                    falls_through = matches!(op, Operator::BrIf { .. });
                    let label = open.len().checked_sub(1 + *relative_depth as usize);
                    if let Some(block) = label.map(|label| &mut open[label]) {
                        target = block.head;
                        if target.is_none() {
                            block.leaving.push(at);
                        }
                    }
                }
                Operator::BrTable { .. }
                | Operator::Return
                | Operator::Unreachable
                | Operator::ReturnCall { .. }
                | Operator::ReturnCallIndirect { .. } => falls_through = false,
                _ => {}
            }
            steps.push(Step { offset, name, silent, falls_through, target });
        })?;
        Ok(steps)
    }
}

/// The operator that is executed when control comes to a position; `None` if the function ends.
pub(crate) fn executed(flow: &[Step], mut at: usize) -> Option<&Step> {
    loop {
        let step = flow.get(at)?;
        if !step.silent {
            return Some(step);
        }
        at = step.target.unwrap_or(at + 1);
    }
}
