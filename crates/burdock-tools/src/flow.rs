//! Control flow between the operators of a function: structured control resolved to positions.

use crate::Code;
use crate::code::operator_name;
use burdock::Result;
use wasmparser::Operator;

/// An operator with its possible successors.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) offset: u32,
    pub(crate) name: &'static str,
    /// `true` for `else`, `end` and the delimiters of legacy `try`, which are not executed
    /// themselves. Control that reaches an `else` or `catch` continues at its `end`.
    pub(crate) silent: bool,
    /// `true` if control can continue at the next operator.
    pub(crate) falls_through: bool,
    /// The position to which a branch or `if` jumps.
    pub(crate) target: Option<usize>,
}

/// A block whose `end` has not been reached.
struct Open {
    /// The position of the first operator of a loop's body; `None` for other blocks.
    head: Option<usize>,
    /// The positions of the operators that jump to the block's end.
    leaving: Vec<usize>,
    /// The position of an `if` whose `else` has not been reached.
    condition: Option<usize>,
}

impl Open {
    fn new(head: Option<usize>, condition: Option<usize>) -> Self {
        Self { head, leaving: Vec::new(), condition }
    }
}

impl Code {
    /// Returns the operators of a function with their possible successors.
    pub(crate) fn flow(&self, func: u32) -> Result<Vec<Step>> {
        let mut steps: Vec<Step> = Vec::new();
        let mut open = vec![Open::new(None, None)];
        self.visit(func, |offset, op| {
            let at = steps.len();
            let name = operator_name(op);
            let (mut silent, mut falls_through) = (false, true);
            let mut target = None;
            if let Some(depth) = depth_of_label(op) {
                falls_through = !matches!(op, Operator::Br { .. });
                let label = open.len().checked_sub(1 + depth as usize);
                if let Some(block) = label.map(|label| &mut open[label]) {
                    target = block.head;
                    if target.is_none() {
                        block.leaving.push(at);
                    }
                }
            }
            match op {
                Operator::Block { .. } | Operator::TryTable { .. } | Operator::Try { .. } => {
                    open.push(Open::new(None, None));
                }
                Operator::Loop { .. } => open.push(Open::new(Some(at + 1), None)),
                Operator::If { .. } => open.push(Open::new(None, Some(at))),
                Operator::Else | Operator::Catch { .. } | Operator::CatchAll => {
                    silent = true;
                    if let Some(block) = open.last_mut() {
                        block.leaving.push(at);
                        if let Some(condition) = block.condition.take() {
                            steps[condition].target = Some(at + 1);
                        }
                    }
                }
                Operator::End | Operator::Delegate { .. } => {
                    silent = true;
                    if let Some(block) = open.pop() {
                        for step in block.leaving.into_iter().chain(block.condition) {
                            steps[step].target = Some(at);
                        }
                    }
                }
                Operator::BrTable { .. }
                | Operator::Return
                | Operator::Unreachable
                | Operator::ReturnCall { .. }
                | Operator::ReturnCallIndirect { .. }
                | Operator::ReturnCallRef { .. }
                | Operator::Throw { .. }
                | Operator::ThrowRef
                | Operator::Rethrow { .. } => falls_through = false,
                _ => {}
            }
            steps.push(Step { offset, name, silent, falls_through, target });
        })?;
        Ok(steps)
    }
}

/// Returns the depth of the label of a branch, or `None` for other operators and for `br_table`.
fn depth_of_label(op: &Operator<'_>) -> Option<u32> {
    match *op {
        Operator::Br { relative_depth }
        | Operator::BrIf { relative_depth }
        | Operator::BrOnNull { relative_depth }
        | Operator::BrOnNonNull { relative_depth }
        | Operator::BrOnCast { relative_depth, .. }
        | Operator::BrOnCastFail { relative_depth, .. }
        | Operator::BrOnCastDescEq { relative_depth, .. }
        | Operator::BrOnCastDescEqFail { relative_depth, .. } => Some(relative_depth),
        _ => None,
    }
}

/// Returns the first operator that is executed when control reaches a position, or `None` if the
/// function returns.
pub(crate) fn executed(flow: &[Step], mut at: usize) -> Option<&Step> {
    loop {
        let step = flow.get(at)?;
        if !step.silent {
            return Some(step);
        }
        at = step.target.unwrap_or(at + 1);
    }
}
