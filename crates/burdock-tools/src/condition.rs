//! `Condition`: an expression over the values of a guest, which is evaluated where the guest
//! passes.

mod number;
mod parse;

use crate::Code;
use crate::dwarf::{DebugInfo, FrameAccess, Path};
use number::{Number, Operator};
use std::fmt;
use std::sync::Arc;

/// A condition of a breakpoint: an expression that is true or false of a frame.
///
/// It consists of numbers, variables and parts of them as
/// [`DebugInfo::evaluate`] has them, `$NAME` and `$INDEX` for locals of WebAssembly,
/// `$global[INDEX]` for its globals, parentheses, and the operators of C: `! - * & + - / % == != <
/// <= > >= && ||`, with `and`, `or` and `not` as other names. Numbers have no width, so nothing
/// overflows or wraps around. A number is true if it is not 0.
///
/// Names are looked up when the condition is made, so evaluating it only reads values.
///
/// # Example
///
/// ```
/// use burdock_tools::condition::Condition;
/// use burdock_tools::dwarf::FrameAccess;
/// use burdock_tools::{Code, debug::Value};
/// struct Frame(u32);
/// impl FrameAccess for Frame {
///     fn local(&self, _: u32) -> Option<Value> {
///         Some(Value::I32(self.0))
///     }
///     fn operand(&self, _: u32) -> Option<Value> {
///         None
///     }
///     fn global(&self, _: u32) -> Option<Value> {
///         None
///     }
///     fn memory(&self, _: u64, _: usize) -> Option<Vec<u8>> {
///         None
///     }
/// }
/// let code = Code::new(&wat::parse_str("(module (func $f (param $n i32) nop))")?)?;
/// let offset = code.first_operator(0).unwrap();
/// let condition = Condition::new("$n % 2 == 0 && $n > 10", &code, None, offset)?;
/// assert!(condition.holds(&Frame(12))?);
/// assert!(!condition.holds(&Frame(13))?);
/// let error = Condition::new("$n == $m", &code, None, offset).unwrap_err();
/// assert_eq!(error.to_string(), "column 7 of `$n == $m`: no variable `$m` is in scope");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Condition {
    text: String,
    root: Node,
}

/// The reason why a condition cannot be made or evaluated, and where in its text that is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column} of `{text}`: {problem}")]
pub struct ConditionError {
    /// The condition.
    pub text: String,
    /// The number of the character in it, counted from 1.
    pub column: usize,
    /// The problem.
    pub problem: String,
}

/// A problem at a byte of the text.
type Problem = (usize, String);

/// A part of an expression that has a value.
enum Node {
    Number(Number),
    Operand(usize, Operand),
    Not(Box<Node>),
    Negative(usize, Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Binary(usize, Operator, Box<[Node; 2]>),
}

/// A value of the guest.
enum Operand {
    Local(u32),
    Global(u32),
    /// A value of this size that is described by debug information.
    Variable(Arc<DebugInfo>, Path, Form, u64),
    /// The address of one.
    Address(Arc<DebugInfo>, Path),
}

/// The meaning of the bits of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Signed,
    Unsigned,
    Float,
}

impl Condition {
    /// Parses a condition for the operator at a byte offset of a module. Names mean the variables
    /// that are in scope there, or else locals of WebAssembly.
    ///
    /// # Errors
    ///
    /// Fails if the text is no expression, or names what is not in scope or has no number.
    pub fn new(
        text: &str,
        code: &Code,
        info: Option<&Arc<DebugInfo>>,
        offset: u32,
    ) -> Result<Self, ConditionError> {
        let scope = parse::Scope::new(code, info, offset);
        let root = parse::parse(text, &scope).map_err(|problem| error(text, problem))?;
        Ok(Self { text: text.to_owned(), root })
    }

    /// Returns the condition's text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns `true` if the condition is true of a frame.
    ///
    /// # Errors
    ///
    /// Fails if a value that is needed cannot be read, divided or converted. What an `&&` or `||`
    /// does not need is not read.
    pub fn holds(&self, frame: &dyn FrameAccess) -> Result<bool, ConditionError> {
        let holds = self.root.value(frame).map(Number::is_true);
        holds.map_err(|problem| error(&self.text, problem))
    }
}

impl Node {
    fn value(&self, frame: &dyn FrameAccess) -> Result<Number, Problem> {
        let truth = |node: &Self| node.value(frame).map(Number::is_true);
        Ok(match self {
            Self::Number(number) => *number,
            Self::Operand(at, operand) => operand.value(frame).map_err(|problem| (*at, problem))?,
            Self::Not(of) => Number::of(!truth(of)?),
            Self::Negative(at, of) => {
                let of = of.value(frame)?;
                Operator::Sub.apply(Number::Whole(0), of).map_err(|problem| (*at, problem))?
            }
            Self::And(a, b) => Number::of(truth(a)? && truth(b)?),
            Self::Or(a, b) => Number::of(truth(a)? || truth(b)?),
            Self::Binary(at, operator, of) => {
                let [a, b] = &**of;
                let [a, b] = [a.value(frame)?, b.value(frame)?];
                operator.apply(a, b).map_err(|problem| (*at, problem))?
            }
        })
    }
}

impl Operand {
    fn value(&self, frame: &dyn FrameAccess) -> Result<Number, String> {
        match self {
            Self::Local(index) => {
                let missing = || format!("there is no local {index}");
                Number::of_wasm(frame.local(*index).ok_or_else(missing)?)
            }
            Self::Global(index) => {
                let missing = || format!("there is no global {index}");
                Number::of_wasm(frame.global(*index).ok_or_else(missing)?)
            }
            Self::Variable(info, path, form, size) => {
                let bits = path.number(info, frame, *size).map_err(|error| error.to_string())?;
                Ok(Number::of_bits(*form, *size, bits))
            }
            Self::Address(info, path) => {
                let address = path.address(info, frame).map_err(|error| error.to_string())?;
                Ok(Number::Whole(address.into()))
            }
        }
    }
}

/// Returns an error at a byte of a text.
fn error(text: &str, (at, problem): Problem) -> ConditionError {
    let column = text.get(..at).map_or(0, |before| before.chars().count()) + 1;
    ConditionError { text: text.to_owned(), column, problem }
}

/// Conditions are equal if their texts are.
impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Condition {}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Condition").field(&self.text).finish()
    }
}
