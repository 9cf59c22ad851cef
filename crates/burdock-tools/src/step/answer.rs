//! `Answer`: the answers to commands, as text and as JSON.

use super::program::{CallFrame, Position};
use super::{Breakpoint, Reason, Stepper, WatchedPlace, Watchpoint};
use crate::dwarf::Variable;
use serde_json::{Value, json};
use std::ops::Range;

/// The answer to a command.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The position after a motion.
    Stopped {
        /// The reason of the stop.
        reason: Reason,
        /// The number of the instruction, and how many there are.
        step: (u64, u64),
        /// The innermost call.
        call: Option<CallFrame>,
        /// The source line, if its text is known.
        source: Option<String>,
        /// The expressions that are shown at each stop.
        display: Vec<Variable>,
    },
    /// The selected call, with its number.
    Frame(usize, CallFrame),
    /// Calls, with the number of the first one.
    Frames(Vec<CallFrame>),
    /// Variables.
    Variables(Vec<Variable>),
    /// The locals, operands and globals of WebAssembly.
    Registers {
        /// The locals.
        locals: Vec<Variable>,
        /// The operands, the lowest first.
        operands: Vec<Variable>,
        /// The globals.
        globals: Vec<Variable>,
    },
    /// A breakpoint that was set, with the line that it was set at.
    Breakpoint(Breakpoint),
    /// A watchpoint that was set.
    Watchpoint(Watchpoint),
    /// All breakpoints and watchpoints.
    Points(Vec<Breakpoint>, Vec<Watchpoint>),
    /// Lines of text with their numbers, and the current one.
    Lines {
        /// The file, or the function.
        of: String,
        /// The number of the first line.
        first: u32,
        /// The number of the current line.
        current: Option<u32>,
        /// The lines.
        lines: Vec<String>,
    },
    /// The effect of an instruction.
    Explanation(Explanation),
    /// Bytes of memory at an address.
    Memory(u64, Vec<u8>),
    /// Names, of functions or files.
    Names(Vec<String>),
    /// Text: what the guest has printed, or help.
    Text(String),
    /// Nothing to show.
    Done,
    /// The session is over.
    Quit,
}

/// An instruction in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The instruction.
    pub instruction: String,
    /// Its effect, in words.
    pub sentence: String,
    /// The operands before it, the lowest first.
    pub before: Vec<String>,
    /// The operands behind it, or `None` if it leaves the function or the run.
    pub after: Option<Vec<String>>,
}

impl Explanation {
    /// Returns the operands before and after as a line of text.
    pub fn operands(&self) -> String {
        let list = |values: &[String]| match values.is_empty() {
            true => "empty".to_owned(),
            false => values.join(" "),
        };
        match &self.after {
            Some(after) => format!("stack: {} -> {}", list(&self.before), list(after)),
            None => format!("stack: {} -> (the function is left)", list(&self.before)),
        }
    }
}

impl Answer {
    /// Returns the answer as a JSON object.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Stopped { reason, step: (step, len), call, source, display } => {
                let mut value =
                    json!({ "stopped": reason_name(reason), "text": reason.to_string() });
                match reason {
                    Reason::Breakpoint(number) => value["number"] = json!(number),
                    Reason::Finished(Some(returned)) => value["returned"] = json!(returned),
                    Reason::Watchpoint { number, what, old, new } => {
                        value["number"] = json!(number);
                        value["watched"] = json!({ "name": what, "old": old, "new": new });
                    }
                    _ => {}
                }
                value["step"] = json!(step);
                value["steps"] = json!(len);
                value["at"] = call.as_ref().map_or(Value::Null, |call| position(&call.position));
                if let Some(source) = source {
                    value["source"] = json!(source);
                }
                if !display.is_empty() {
                    value["display"] = variables(display);
                }
                value
            }
            Self::Frame(number, call) => json!({ "frame": frame(*number, call) }),
            Self::Frames(calls) => {
                let frames = calls.iter().enumerate().map(|(number, call)| frame(number, call));
                json!({ "frames": frames.collect::<Vec<_>>() })
            }
            Self::Variables(list) => json!({ "variables": variables(list) }),
            Self::Registers { locals, operands, globals } => json!({
                "locals": variables(locals),
                "operands": variables(operands),
                "globals": variables(globals),
            }),
            Self::Breakpoint(point) => json!({ "breakpoint": breakpoint(point) }),
            Self::Watchpoint(point) => json!({ "watchpoint": watchpoint(point) }),
            Self::Points(breakpoints, watchpoints) => json!({
                "breakpoints": breakpoints.iter().map(breakpoint).collect::<Vec<_>>(),
                "watchpoints": watchpoints.iter().map(watchpoint).collect::<Vec<_>>(),
            }),
            Self::Lines { of, first, current, lines } => {
                json!({ "of": of, "first": first, "current": current, "lines": lines })
            }
            Self::Explanation(explained) => json!({
                "instruction": explained.instruction,
                "does": explained.sentence,
                "before": explained.before,
                "after": explained.after,
            }),
            Self::Memory(address, bytes) => {
                let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                json!({ "address": address, "bytes": hex })
            }
            Self::Names(names) => json!({ "names": names }),
            Self::Text(text) => json!({ "text": text }),
            Self::Done | Self::Quit => json!({}),
        }
    }

    /// Returns the answer as lines of text.
    pub fn to_text(&self) -> String {
        match self {
            Self::Stopped { reason, .. } => reason.to_string(),
            Self::Frame(number, call) => frame_text(*number, call),
            Self::Frames(calls) => {
                let lines = calls.iter().enumerate();
                lines.map(|(number, call)| frame_text(number, call) + "\n").collect()
            }
            Self::Variables(list) if list.is_empty() => "no variables".to_owned(),
            Self::Variables(list) => variables_text("", list),
            Self::Registers { locals, operands, globals } => {
                variables_text("", locals)
                    + &variables_text("operand ", operands)
                    + &variables_text("global ", globals)
            }
            Self::Breakpoint(point) => breakpoint_text(point),
            Self::Watchpoint(point) => watchpoint_text(point),
            Self::Points(breakpoints, watchpoints) => {
                let points = breakpoints.iter().map(breakpoint_text);
                let lines: Vec<String> =
                    points.chain(watchpoints.iter().map(watchpoint_text)).collect();
                if lines.is_empty() { "no breakpoints".to_owned() } else { lines.join("\n") }
            }
            Self::Lines { first, current, lines, .. } => (*first..)
                .zip(lines)
                .map(|(number, line)| {
                    let mark = if *current == Some(number) { '>' } else { ' ' };
                    format!("{mark}{number:>5} {line}\n")
                })
                .collect(),
            Self::Explanation(explained) => {
                let Explanation { instruction, sentence, .. } = explained;
                format!("{instruction}: {sentence}\n{}", explained.operands())
            }
            Self::Memory(address, bytes) => memory_text(*address, bytes),
            Self::Names(names) => names.join("\n"),
            Self::Text(text) => text.clone(),
            Self::Done | Self::Quit => String::new(),
        }
    }
}

impl Stepper {
    /// Returns the current position as the answer to a motion.
    pub fn stopped(&mut self) -> Answer {
        let call = self.calls().first().cloned();
        let line = call.as_ref().and_then(|call| call.position.line.clone());
        let source = line.and_then(|(file, line)| {
            let lines = self.sources.lines(&file).ok()?;
            lines.get((line as usize).checked_sub(1)?).cloned()
        });
        Answer::Stopped {
            reason: self.reason().clone(),
            step: (self.state().step, self.session.len()),
            call,
            source,
            display: self.displayed(),
        }
    }
}

fn reason_name(reason: &Reason) -> &'static str {
    match reason {
        Reason::Beginning => "beginning",
        Reason::Step => "step",
        Reason::Finished(_) => "finished",
        Reason::Breakpoint(_) => "breakpoint",
        Reason::Watchpoint { .. } => "watchpoint",
        Reason::End(_) => "end",
    }
}

fn position(position: &Position) -> Value {
    let mut value = json!({ "function": position.func, "offset": position.offset });
    if let Some((file, line)) = &position.line {
        value["file"] = json!(file);
        value["line"] = json!(line);
    }
    value
}

fn frame(number: usize, call: &CallFrame) -> Value {
    let mut value = json!({ "number": number });
    value["at"] = position(&call.position);
    if call.is_inlined {
        value["inlined"] = json!(true);
    }
    value
}

fn variables(list: &[Variable]) -> Value {
    let variable = |variable: &Variable| {
        let mut value = json!({
            "name": variable.name,
            "type": variable.ty,
            "value": variable.value,
        });
        if let Some(addresses) = &variable.address {
            value["address"] = json!(addresses.start);
            value["size"] = json!(addresses.end - addresses.start);
        }
        value
    };
    list.iter().map(variable).collect()
}

fn breakpoint(point: &Breakpoint) -> Value {
    let Breakpoint { number, at, offsets, is_temporary, .. } = point;
    let mut value = json!({ "number": number, "at": at, "offsets": offsets });
    if *is_temporary {
        value["temporary"] = json!(true);
    }
    if let Some(condition) = point.condition() {
        value["condition"] = json!(condition);
    }
    value
}

fn watchpoint(point: &Watchpoint) -> Value {
    let Watchpoint { number, place, variable } = point;
    let name = &variable.name;
    match place {
        WatchedPlace::Memory(Range { start, end }) => {
            json!({ "number": number, "name": name, "address": start, "size": end - start })
        }
        WatchedPlace::Local { func, index } => {
            json!({ "number": number, "name": name, "function": func, "local": index })
        }
    }
}

fn frame_text(number: usize, call: &CallFrame) -> String {
    let Position { func, offset, line } = &call.position;
    let inlined = if call.is_inlined { " (inlined)" } else { "" };
    match line {
        Some((file, line)) => format!("#{number} {func}{inlined} at {file}:{line}"),
        None => format!("#{number} {func}{inlined} at {offset:#x}"),
    }
}

fn variables_text(prefix: &str, list: &[Variable]) -> String {
    list.iter().map(|variable| format!("{prefix}{}\n", variable_text(variable))).collect()
}

/// Returns a variable with its type and value in one line.
pub fn variable_text(variable: &Variable) -> String {
    let Variable { name, ty, value, .. } = variable;
    if ty.is_empty() { format!("{name} = {value}") } else { format!("{name}: {ty} = {value}") }
}

fn breakpoint_text(point: &Breakpoint) -> String {
    let Breakpoint { number, at, offsets, is_temporary, .. } = point;
    let kind = if *is_temporary { "temporary breakpoint" } else { "breakpoint" };
    let places = match offsets.len() {
        1 => format!("{:#x}", offsets[0]),
        places => format!("{places} places"),
    };
    let condition = point.condition().map(|condition| format!(" if {condition}"));
    format!("{kind} {number}: {at}{} ({places})", condition.unwrap_or_default())
}

fn watchpoint_text(point: &Watchpoint) -> String {
    let Watchpoint { number, place, variable } = point;
    let name = &variable.name;
    match place {
        WatchedPlace::Memory(Range { start, end }) => {
            format!("watchpoint {number}: {name} ({start:#x}+{})", end - start)
        }
        WatchedPlace::Local { index, .. } => format!("watchpoint {number}: {name} (local {index})"),
    }
}

fn memory_text(address: u64, bytes: &[u8]) -> String {
    let mut text = String::new();
    for (row, bytes) in (0..).zip(bytes.chunks(16)) {
        let hex: String = bytes.iter().map(|byte| format!(" {byte:02x}")).collect();
        text += &format!("{:06x} {hex}\n", address + 16 * row);
    }
    text
}
