//! `Program`: what is known of the module that is stepped through.

use super::{State, Statements};
use crate::condition::{Condition, ConditionError};
use crate::debug::Value;
use crate::dwarf::{Call, DebugInfo, Variable};
use crate::pattern::like;
use crate::{Code, Lines};
use std::ops::Range;
use std::sync::Arc;

/// The most frames that are looked into.
const MOST_FRAMES: usize = 1000;

/// The code, lines and debug information of a module.
///
/// # Example
///
/// ```
/// use burdock_tools::Code;
/// use burdock_tools::step::Program;
/// let code = Code::new(&wat::parse_str("(module (func $f\n  nop))")?)?;
/// let program = Program::new(code, None)?;
/// assert_eq!(program.text()[3].trim(), "nop");
/// assert_eq!(program.position(0, 0).func, "f");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Program {
    code: Code,
    lines: Option<Lines>,
    info: Option<Arc<DebugInfo>>,
    statements: Arc<Statements>,
    /// The module in the text format.
    text: Vec<String>,
    text_lines: Lines,
}

/// A position in the code and in its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The function's name, or that of the inlined function.
    pub func: String,
    /// The byte offset of the operator in the module.
    pub offset: u32,
    /// The path of the source file and the line in it, if known.
    pub line: Option<(String, u32)>,
}

/// A call as a debugger shows it: a frame of the guest, or an inlined call in one.
#[derive(Clone, Debug)]
pub struct CallFrame {
    /// The position.
    pub position: Position,
    /// `true` if the compiler has inlined the call.
    pub is_inlined: bool,
    /// The number of the guest's frame, from the innermost one.
    pub frame: usize,
    /// The debug information of the call, if there is any.
    pub call: Option<Call>,
}

impl Program {
    /// Creates a program of a module's code, with its lines of source if they are known.
    ///
    /// # Errors
    ///
    /// Returns an error if the module cannot be disassembled.
    pub fn new(code: Code, lines: Option<Lines>) -> burdock::Result<Self> {
        let (text, text_lines) = Lines::from_disassembly(&code, "")?;
        let text = text.lines().map(str::to_owned).collect();
        let lines = lines.filter(|lines| !lines.is_empty());
        let info = lines.as_ref().and_then(|_| DebugInfo::new(&code)).map(Arc::new);
        let statements = lines.as_ref().map(|lines| Statements::new(&code, lines, info.as_deref()));
        let statements = Arc::new(statements.unwrap_or_default());
        Ok(Self { code, lines, info, statements, text, text_lines })
    }

    /// Returns the module's code.
    pub fn code(&self) -> &Code {
        &self.code
    }

    /// Returns the lines of source, if any is known.
    pub fn lines(&self) -> Option<&Lines> {
        self.lines.as_ref()
    }

    /// Returns the debug information, if there is any.
    pub fn info(&self) -> Option<&DebugInfo> {
        self.info.as_deref()
    }

    /// Returns a condition for an operator of the module.
    pub(super) fn condition(&self, text: &str, offset: u32) -> Result<Condition, ConditionError> {
        Condition::new(text, &self.code, self.info.as_ref(), offset)
    }

    /// Returns where the statements of the source begin.
    pub fn statements(&self) -> &Arc<Statements> {
        &self.statements
    }

    /// Returns `true` if the source's statements are known, so that steps go by line.
    pub fn has_source(&self) -> bool {
        !self.statements.is_empty()
    }

    /// Returns the lines of the module in the text format.
    pub fn text(&self) -> &[String] {
        &self.text
    }

    /// Returns the number, from 0, of the line of [`text`](Self::text) with an operator.
    pub fn text_row(&self, offset: u32) -> usize {
        self.text_lines.at(offset).map_or(0, |(_, line)| line as usize - 1)
    }

    /// Returns the numbers, from 0, of the lines of [`text`](Self::text) that show a function's
    /// code.
    pub(super) fn text_rows(&self, body: Range<usize>) -> Option<Range<usize>> {
        let lines = self.text_lines.between(body)?;
        Some(*lines.start() as usize - 1..*lines.end() as usize)
    }

    /// Returns `true` if an operator begins at an offset.
    pub(super) fn is_operator(&self, offset: u32) -> bool {
        let contains = |func: &u32| {
            self.code.body(*func).is_some_and(|body| body.contains(&(offset as usize)))
        };
        let func = (0..self.code.num_funcs()).find(contains);
        let operators = func.and_then(|func| self.code.operators(func).ok());
        operators.is_some_and(|operators| operators.iter().any(|op| op.offset == offset))
    }

    /// Returns the position of an operator of a function.
    pub fn position(&self, func: u32, offset: u32) -> Position {
        let line = self.lines.as_ref().and_then(|lines| lines.at(offset));
        let line = line.map(|(file, line)| (file.to_owned(), line));
        Position { func: self.code.func_name(func), offset, line }
    }

    /// Returns the calls of a state, the innermost first: at most `most` of them, and at most 1000.
    pub fn calls(&self, state: &State, most: usize) -> Vec<CallFrame> {
        let most = most.min(MOST_FRAMES);
        let mut frames = Vec::new();
        for (frame, place) in state.stack.iter().enumerate() {
            if frames.len() >= most {
                break;
            }
            let mut position = self.position(place.func, place.offset);
            let calls = self.info.as_ref().map(|info| info.calls_at(place.offset));
            let calls = calls.filter(|calls| !calls.is_empty());
            let Some(calls) = calls else {
                frames.push(CallFrame { position, is_inlined: false, frame, call: None });
                continue;
            };
            for call in calls {
                let is_inlined = call.is_inlined;
                let mut own = position.clone();
                if is_inlined {
                    own.func.clone_from(&call.name);
                    position.line.clone_from(&call.call_site);
                }
                let (position, call) = (own, Some(call));
                frames.push(CallFrame { position, is_inlined, frame, call });
            }
        }
        frames.truncate(most);
        frames
    }

    /// Returns the variables in the scope of a call: those of the debug information, or else the
    /// locals of WebAssembly.
    pub fn variables(&self, state: &State, call: &CallFrame) -> Vec<Variable> {
        if let (Some(info), Some(scope)) = (&self.info, &call.call) {
            let variables = info.variables(scope, &state.frame(call.frame));
            if !variables.is_empty() || self.has_types(scope) {
                return variables;
            }
        }
        self.locals(state, call.frame)
    }

    /// Returns `true` if the debug information has variables of a call's function.
    fn has_types(&self, scope: &Call) -> bool {
        self.info.as_ref().is_some_and(|info| info.has_frame_base(scope))
    }

    /// Returns the locals of a frame.
    pub(super) fn locals(&self, state: &State, frame: usize) -> Vec<Variable> {
        let (Some(place), Some(values)) = (state.stack.get(frame), state.frames.get(frame)) else {
            return Vec::new();
        };
        let local = |(index, value): (usize, &Value)| {
            let name = self.code.local_name(place.func, index as u32);
            let name = name.map_or_else(|| format!("local {index}"), |name| format!("${name}"));
            // What references lead to is known of the innermost frame.
            let text = state.locals.get(index).filter(|_| frame == 0).cloned();
            Variable::of_wasm(name, value, text)
        };
        values.locals.iter().enumerate().map(local).collect()
    }

    /// Returns the offsets at which the functions begin whose names match a pattern, behind what
    /// prepares their frames.
    pub fn entries(&self, pattern: &str) -> Vec<u32> {
        let funcs = (self.code.num_imported_funcs()..self.code.num_funcs())
            .filter(|func| self.code.is_func_like(*func, pattern));
        let entry = |func| self.statements.body_of(func).or_else(|| self.code.first_operator(func));
        funcs.filter_map(entry).collect()
    }

    /// Returns the names of functions that match a pattern.
    pub fn func_names(&self, pattern: &str) -> Vec<String> {
        let names = (0..self.code.num_funcs()).map(|func| self.code.func_name(func));
        names.filter(|name| like(pattern, name)).collect()
    }
}
