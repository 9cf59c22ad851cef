//! The parser of conditions, by precedence.

use super::{Node, Number, Operand, Operator, Problem};
use crate::Code;
use crate::dwarf::{Call, DebugInfo, WasmPlace};
use std::sync::Arc;

/// The deepest nesting of an expression.
const DEEPEST: usize = 64;

/// The binary operators, with how strongly they bind. Of those that begin alike, the longest comes
/// first.
const OPERATORS: &[(&str, u8, Joins)] = &[
    ("||", 1, Joins::Or),
    ("or ", 1, Joins::Or),
    ("&&", 2, Joins::And),
    ("and ", 2, Joins::And),
    ("==", 4, Joins::By(Operator::Equal)),
    ("!=", 4, Joins::By(Operator::NotEqual)),
    ("<=", 5, Joins::By(Operator::LessOrEqual)),
    (">=", 5, Joins::By(Operator::GreaterOrEqual)),
    ("<", 5, Joins::By(Operator::Less)),
    (">", 5, Joins::By(Operator::Greater)),
    ("&", 3, Joins::By(Operator::BitAnd)),
    ("+", 6, Joins::By(Operator::Add)),
    ("-", 6, Joins::By(Operator::Sub)),
    ("*", 7, Joins::By(Operator::Mul)),
    ("/", 7, Joins::By(Operator::Div)),
    ("%", 7, Joins::By(Operator::Rem)),
];

#[derive(Clone, Copy)]
enum Joins {
    And,
    Or,
    By(Operator),
}

/// The meaning of names at an operator of a module.
pub(super) struct Scope<'s> {
    code: &'s Code,
    info: Option<&'s Arc<DebugInfo>>,
    func: Option<u32>,
    call: Option<Call>,
}

impl<'s> Scope<'s> {
    pub(super) fn new(code: &'s Code, info: Option<&'s Arc<DebugInfo>>, offset: u32) -> Self {
        let contains =
            |func: &u32| code.body(*func).is_some_and(|body| body.contains(&(offset as usize)));
        let func = (0..code.num_funcs()).find(contains);
        let call = info.and_then(|info| info.calls_at(offset).into_iter().next());
        Self { code, info, func, call }
    }

    /// Returns what an expression without operators between numbers stands for.
    fn operand(&self, text: &str) -> Result<Operand, String> {
        if let Some(name) = text.strip_prefix('$') {
            return self.wasm(name, text);
        }
        let Some(info) = self.info else { return self.wasm(text, text) };
        let (is_address, inner) = match text.strip_prefix('&') {
            Some(inner) => (true, inner.trim_start()),
            None => (false, text),
        };
        match info.resolve(inner, self.call.as_ref()) {
            Ok(path) if is_address => Ok(Operand::Address(info.clone(), path)),
            Ok(path) => match info.form(&path) {
                Ok((form, size)) => Ok(Operand::Variable(info.clone(), path, form, size)),
                Err(ty) => Err(format!("`{text}` is of the type `{ty}`, which is no number")),
            },
            Err(error) => self.wasm(text, text).map_err(|_| error.to_string()),
        }
    }

    /// Returns a local of WebAssembly by its name or index, or a global by its index.
    fn wasm(&self, name: &str, text: &str) -> Result<Operand, String> {
        match WasmPlace::indexed(name) {
            Some(Ok(WasmPlace::Global(index))) => return Ok(Operand::Global(index)),
            Some(Ok(_)) => return Err("conditions have locals and globals, no operands".to_owned()),
            Some(Err(wrong)) => return Err(wrong),
            None => {}
        }
        let named = self.func.and_then(|func| self.code.local_named(func, name));
        let local = named.or_else(|| name.parse().ok()).map(Operand::Local);
        local.ok_or_else(|| format!("no variable `{text}` is in scope"))
    }
}

/// Parses an expression.
pub(super) fn parse(text: &str, scope: &Scope<'_>) -> Result<Node, Problem> {
    let mut parser = Parser { text, at: 0, depth: 0, scope };
    let root = parser.binary(1)?;
    match parser.rest() {
        "" => Ok(root),
        rest => {
            let next = rest.chars().next().unwrap_or_default();
            Err((parser.at, format!("`{next}` is not expected here")))
        }
    }
}

struct Parser<'p> {
    text: &'p str,
    /// The position in bytes.
    at: usize,
    depth: usize,
    scope: &'p Scope<'p>,
}

impl<'p> Parser<'p> {
    /// Skips spaces and returns what is left.
    fn rest(&mut self) -> &'p str {
        let rest = self.text[self.at..].trim_start();
        self.at = self.text.len() - rest.len();
        rest
    }

    fn takes(&mut self, word: &str) -> bool {
        let takes = self.rest().starts_with(word);
        self.at += if takes { word.len() } else { 0 };
        takes
    }

    /// Parses operators that bind at least this strongly, and what they join.
    fn binary(&mut self, least: u8) -> Result<Node, Problem> {
        let mut left = self.unary()?;
        loop {
            let rest = self.rest();
            let at = self.at;
            let known = OPERATORS.iter().find(|(word, ..)| rest.starts_with(word));
            let Some((word, binds, joins)) = known.filter(|(_, binds, _)| *binds >= least) else {
                return Ok(left);
            };
            self.at += word.len();
            let right = self.binary(binds + 1)?;
            left = match joins {
                Joins::And => Node::And(Box::new(left), Box::new(right)),
                Joins::Or => Node::Or(Box::new(left), Box::new(right)),
                Joins::By(operator) => Node::Binary(at, *operator, Box::new([left, right])),
            };
        }
    }

    fn unary(&mut self) -> Result<Node, Problem> {
        self.rest();
        let at = self.at;
        if self.depth == DEEPEST {
            return Err((at, "the expression is nested too deeply".to_owned()));
        }
        self.depth += 1;
        let node = if self.takes("not ") || (!self.rest().starts_with("!=") && self.takes("!")) {
            Node::Not(Box::new(self.unary()?))
        } else if self.takes("-") {
            Node::Negative(at, Box::new(self.unary()?))
        } else if self.takes("(") {
            let inner = self.binary(1)?;
            if !self.takes(")") {
                return Err((self.at, "expected `)`".to_owned()));
            }
            inner
        } else {
            self.primary()?
        };
        self.depth -= 1;
        Ok(node)
    }

    /// Parses a number, a character or an operand.
    fn primary(&mut self) -> Result<Node, Problem> {
        let rest = self.rest();
        let at = self.at;
        match rest.chars().next() {
            Some('0'..='9') => {
                let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
                let len = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                self.at += len;
                let number = number(&rest[..len]);
                number
                    .map(Node::Number)
                    .ok_or_else(|| (at, format!("`{}` is no number", &rest[..len])))
            }
            Some('\'') => {
                let mut chars = rest.chars();
                if let (_, Some(c), Some('\'')) = (chars.next(), chars.next(), chars.next()) {
                    self.at += rest.len() - chars.as_str().len();
                    return Ok(Node::Number(Number::Whole(u32::from(c).into())));
                }
                Err((at, "expected a character between `'`".to_owned()))
            }
            Some(c) if c.is_alphabetic() || "_$*&".contains(c) => {
                let len = operand_len(rest);
                self.at += len;
                let operand = self.scope.operand(rest[..len].trim_end());
                Ok(Node::Operand(at, operand.map_err(|problem| (at, problem))?))
            }
            Some(c) => Err((at, format!("expected a value instead of `{c}`"))),
            None => Err((at, "expected a value at the end".to_owned())),
        }
    }
}

/// Returns the length of an operand: `*x`, `&x`, `a.b->c[3]`.
fn operand_len(text: &str) -> usize {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    let mut at = text.len() - text.trim_start_matches(['*', '&', ' ']).len();
    loop {
        let rest = &text[at..];
        at += rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let rest = &text[at..];
        at += match rest {
            _ if rest.starts_with("->") || rest.starts_with("::") => 2,
            _ if rest.starts_with('.') => 1,
            _ if rest.starts_with('[') => match rest.find(']') {
                Some(end) => end + 1,
                None => return text.len(),
            },
            _ => return at,
        };
    }
}

/// Parses a number: decimal, `0x...`, or with a point.
fn number(text: &str) -> Option<Number> {
    if let Some(digits) = text.strip_prefix("0x") {
        return u64::from_str_radix(digits, 16).ok().map(|number| Number::Whole(number.into()));
    }
    match text.parse::<u64>() {
        Ok(number) => Some(Number::Whole(number.into())),
        Err(_) if text.contains('.') => text.parse().ok().map(Number::Float),
        Err(_) => None,
    }
}
