//! Expressions that name a value: `total`, `shape.width`, `*list`, `node->next`, `table[3]`, `&x`.

use super::location::Unavailable;
use super::path::Path;
use super::types::Shape;
use super::{Call, DebugInfo, FrameAccess, Variable};

/// The most operators of an expression.
const LONGEST: usize = 64;

/// The reason why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluateError {
    /// The expression does not follow the syntax.
    #[error("`{0}` is no variable; there are NAME, *X, &X, X.FIELD, X->FIELD and X[N]")]
    Syntax(String),
    /// There is no variable of this name in scope.
    #[error("no variable `{0}` is in scope")]
    Unknown(String),
    /// A value does not have this part.
    #[error("`{0}` has no `{1}`")]
    NoPart(String, String),
    /// A value that is needed on the way cannot be read.
    #[error("`{0}` is {1}")]
    Unavailable(String, Unavailable),
}

type Result<T> = std::result::Result<T, EvaluateError>;

/// An operator behind a value.
enum Postfix<'t> {
    Field(&'t str),
    Arrow(&'t str),
    Index(u64),
}

impl DebugInfo {
    /// Evaluates an expression in the scope of a call, or of no call.
    ///
    /// # Errors
    ///
    /// Fails if the expression cannot be parsed, names nothing, or needs a value that cannot be
    /// read. A result that cannot be read is no error: its value says why.
    pub fn evaluate(
        &self,
        text: &str,
        call: Option<&Call>,
        frame: &dyn FrameAccess,
    ) -> Result<Variable> {
        let text = text.trim();
        if let Some(inner) = text.strip_prefix('&') {
            let path = self.resolve(inner.trim(), call)?;
            let address = path.address(self, frame)?;
            let ty = format!("{} *", self.type_name(path.ty));
            let value = format!("{address:#x}");
            let name = text.to_owned();
            let (address, is_parameter, die) = (None, false, None);
            return Ok(Variable { name, ty, value, address, is_parameter, die });
        }
        let path = self.resolve(text, call)?;
        let place = path.place(self, frame)?;
        Ok(self.variable(text.to_owned(), path.ty, place, frame))
    }

    /// Returns the path that an expression describes in the scope of a call, or of no call.
    pub(crate) fn resolve(&self, text: &str, call: Option<&Call>) -> Result<Path> {
        let inner = text.trim_start_matches(['*', ' ']);
        let stars = text[..text.len() - inner.len()].matches('*').count();
        let (name, operators) = parse(inner)
            .filter(|(_, operators)| operators.len() <= LONGEST)
            .filter(|_| stars <= LONGEST)
            .ok_or_else(|| EvaluateError::Syntax(text.to_owned()))?;
        let local = call.and_then(|call| self.local_named(call, name));
        let die = local
            .or_else(|| self.global_named(call, name))
            .ok_or_else(|| EvaluateError::Unknown(name.to_owned()))?;
        let mut path = self.path(name, die, call);
        for operator in operators {
            path = match operator {
                Postfix::Field(field) => self.field(path, field)?,
                Postfix::Arrow(field) => self.field(self.target(path)?, field)?,
                Postfix::Index(index) => self.element(path, index)?,
            };
        }
        for _ in 0..stars {
            path = self.target(path)?;
        }
        Ok(path)
    }

    /// Returns the path to what a pointer leads to.
    fn target(&self, path: Path) -> Result<Path> {
        let Shape::Pointer { to, size, .. } = self.shape(path.ty) else {
            return Err(EvaluateError::NoPart(path.text, "target".to_owned()));
        };
        let text = format!("*{}", path.text);
        Ok(path.target(text, to, size))
    }

    /// Returns the path to a field of a value, or of what a reference leads to.
    fn field(&self, path: Path, name: &str) -> Result<Path> {
        let path = match self.shape(path.ty) {
            Shape::Pointer { is_reference: true, to, size } => {
                let text = path.text.clone();
                path.target(text, to, size)
            }
            _ => path,
        };
        let Some(field) = self.find_member(path.ty, name, 0) else {
            return Err(EvaluateError::NoPart(path.text, name.to_owned()));
        };
        let text = format!("{}.{name}", path.text);
        let path = path.part(text, field.ty, field.offset);
        Ok(match field.bits {
            Some(bits) => path.bits(bits),
            None => path,
        })
    }

    /// Returns the path to an element of an array, or of what a pointer leads to.
    fn element(&self, path: Path, index: u64) -> Result<Path> {
        let text = format!("{}[{index}]", path.text);
        let missing = || EvaluateError::NoPart(path.text.clone(), format!("[{index}]"));
        let path = match self.shape(path.ty) {
            Shape::Array { element, counts } if counts.len() == 1 => {
                if index >= counts[0] {
                    return Err(missing());
                }
                Path { ty: element, ..path }
            }
            Shape::Pointer { .. } => self.target(path)?,
            _ => return Err(missing()),
        };
        let (ty, offset) = (path.ty, self.size(path.ty).unwrap_or(0).saturating_mul(index));
        Ok(path.part(text, ty, offset))
    }
}

/// Returns the name at the beginning of an expression, and the operators behind it.
fn parse(text: &str) -> Option<(&str, Vec<Postfix<'_>>)> {
    let (name, mut rest) = word(text)?;
    let mut operators = Vec::new();
    while !rest.trim().is_empty() {
        rest = rest.trim_start();
        let (operator, behind) = if let Some(behind) = rest.strip_prefix("->") {
            let (field, behind) = word(behind)?;
            (Postfix::Arrow(field), behind)
        } else if let Some(behind) = rest.strip_prefix('.') {
            let (field, behind) = word(behind)?;
            (Postfix::Field(field), behind)
        } else {
            let (index, behind) = rest.strip_prefix('[')?.split_once(']')?;
            (Postfix::Index(index.trim().parse().ok()?), behind)
        };
        operators.push(operator);
        rest = behind;
    }
    Some((name, operators))
}

/// Returns a name and what is behind it. Names may have namespaces.
fn word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | ':');
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}
