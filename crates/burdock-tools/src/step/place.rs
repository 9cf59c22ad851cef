//! The places at which breakpoints are set, as a user writes them.

use super::command::number;
use super::{Position, Program};
use crate::condition::Condition;
use std::sync::Arc;

/// A place of a breakpoint, with the condition under which it stops there.
pub(super) struct Place {
    /// The description of the place: a line, an offset or functions.
    pub(super) at: String,
    /// The byte offsets of the operators.
    pub(super) offsets: Vec<u32>,
    /// The condition for each offset; empty if there is none.
    pub(super) conditions: Vec<Arc<Condition>>,
}

/// Splits the text of a breakpoint into the place and the condition behind ` if `.
fn split(text: &str) -> (&str, Option<&str>) {
    match (text.strip_prefix("if "), text.split_once(" if ")) {
        (Some(condition), _) => ("", Some(condition)),
        (None, Some((at, condition))) => (at.trim_end(), Some(condition)),
        (None, None) => text.strip_suffix(" if").map_or((text, None), |at| (at, Some(""))),
    }
}

impl Program {
    /// Checks what [`Stepper::break_at`](super::Stepper::break_at) takes, before there is a run.
    /// Places that depend on the position in the run are not checked.
    ///
    /// # Errors
    ///
    /// Fails with a message if there is no such place, or the condition has no meaning there.
    pub fn check_breakpoint(&self, text: &str) -> Result<(), String> {
        let (at, _) = split(text);
        match at.is_empty() || at.parse::<u32>().is_ok() {
            true => Ok(()),
            false => self.place(text, None).map(drop),
        }
    }

    /// Returns the place that a text means; see [`Stepper::break_at`](super::Stepper::break_at).
    pub(super) fn place(&self, text: &str, current: Option<&Position>) -> Result<Place, String> {
        let (at, condition) = split(text);
        let (at, offsets) = match at {
            "" => {
                let offset = current.ok_or("no code of the module is being executed")?.offset;
                (format!("*{offset:#x}"), vec![offset])
            }
            at => self.offsets(at, current)?,
        };
        let conditions = condition.iter().flat_map(|condition| {
            let at_one = |offset| self.condition(condition.trim(), offset).map(Arc::new);
            offsets.iter().copied().map(at_one)
        });
        let conditions: Result<Vec<_>, _> = conditions.collect();
        let conditions = conditions.map_err(|error| error.to_string())?;
        Ok(Place { at, offsets, conditions })
    }

    /// Returns the description and the offsets of a place without a condition.
    pub(super) fn offsets(
        &self,
        at: &str,
        current: Option<&Position>,
    ) -> Result<(String, Vec<u32>), String> {
        // A pattern may begin with a star, too.
        if let Some(offset) = at.strip_prefix('*').and_then(number) {
            return match u32::try_from(offset) {
                Ok(offset) if self.is_operator(offset) => {
                    Ok((format!("*{offset:#x}"), vec![offset]))
                }
                _ => Err(format!("no operator begins at {offset:#x}")),
            };
        }
        let (file, line) = match at.rsplit_once(':') {
            Some((file, line)) if !file.ends_with(':') => (Some(file), line),
            _ => (None, at),
        };
        if let Ok(line) = line.parse() {
            let own = || current?.line.as_ref().map(|(file, _)| file.as_str());
            let file = file.or_else(own).ok_or("the current file is not known")?;
            let (line, offsets) = self.statements().of_line(file, line)?;
            return Ok((format!("{file}:{line}"), offsets));
        }
        let offsets = self.entries(at);
        if offsets.is_empty() {
            return Err(match self.func_names(at).is_empty() {
                true => format!("there is no function `{at}`"),
                false => format!("`{at}` is a function of the host"),
            });
        }
        Ok((at.to_owned(), offsets))
    }
}
