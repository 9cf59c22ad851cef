//! Expressions that name a value: `total`, `shape.width`, `*list`, `node->next`, `table[3]`, `&x`.

use super::location::{Place, Unavailable, known};
use super::show::Show;
use super::types::Shape;
use super::{Call, DebugInfo, Die, FrameAccess, Variable};

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

/// A value on the way.
struct Value {
    /// The expression so far.
    text: String,
    ty: Option<Die>,
    place: std::result::Result<Place, Unavailable>,
}

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
            let value = self.value(inner.trim(), call, frame)?;
            let Ok(Place::Memory(address)) = value.place else {
                return Err(EvaluateError::NoPart(value.text, "address".to_owned()));
            };
            let ty = format!("{} *", self.type_name(value.ty));
            let value = format!("{address:#x}");
            let name = text.to_owned();
            let (address, is_parameter, die) = (None, false, None);
            return Ok(Variable { name, ty, value, address, is_parameter, die });
        }
        let value = self.value(text, call, frame)?;
        Ok(self.variable(text.to_owned(), value.ty, value.place, frame))
    }

    fn value(&self, text: &str, call: Option<&Call>, frame: &dyn FrameAccess) -> Result<Value> {
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
        let place = self.place(die, call, frame);
        let mut value = Value { text: name.to_owned(), ty: self.type_of(die), place };
        for operator in operators {
            value = match operator {
                Postfix::Field(field) => self.field(value, field, frame)?,
                Postfix::Arrow(field) => {
                    let target = self.target(value, frame)?;
                    self.field(target, field, frame)?
                }
                Postfix::Index(index) => self.element(value, index, frame)?,
            };
        }
        for _ in 0..stars {
            value = self.target(value, frame)?;
        }
        Ok(value)
    }

    /// Returns what a pointer leads to.
    fn target(&self, value: Value, frame: &dyn FrameAccess) -> Result<Value> {
        let Shape::Pointer { to, size, .. } = self.shape(value.ty) else {
            return Err(EvaluateError::NoPart(value.text, "target".to_owned()));
        };
        let address = value
            .place
            .and_then(|place| Show::new(self, frame).unsigned(&place, size))
            .map_err(|reason| EvaluateError::Unavailable(value.text.clone(), reason))?;
        Ok(Value { text: format!("*{}", value.text), ty: to, place: Ok(Place::Memory(address)) })
    }

    /// Returns a field of a value, or of what a reference leads to.
    fn field(&self, value: Value, name: &str, frame: &dyn FrameAccess) -> Result<Value> {
        let value = match self.shape(value.ty) {
            Shape::Pointer { is_reference: true, .. } => {
                Value { text: value.text.clone(), ..self.target(value, frame)? }
            }
            _ => value,
        };
        let Some(field) = self.find_member(value.ty, name, 0) else {
            return Err(EvaluateError::NoPart(value.text, name.to_owned()));
        };
        let place = value.place.map(|place| place.at(field.offset));
        let place = match field.bits {
            Some(bits) => place.and_then(|place| {
                let number = Show::new(self, frame).bits(field.ty, bits, &place)?;
                Ok(Place::Bytes(known(&number.to_le_bytes())))
            }),
            None => place,
        };
        Ok(Value { text: format!("{}.{name}", value.text), ty: field.ty, place })
    }

    /// Returns an element of an array, or of what a pointer leads to.
    fn element(&self, value: Value, index: u64, frame: &dyn FrameAccess) -> Result<Value> {
        let text = format!("{}[{index}]", value.text);
        let missing = || EvaluateError::NoPart(value.text.clone(), format!("[{index}]"));
        let (ty, place) = match self.shape(value.ty) {
            Shape::Array { element, counts } if counts.len() == 1 => {
                if index >= counts[0] {
                    return Err(missing());
                }
                (element, value.place)
            }
            Shape::Pointer { .. } => {
                let target = self.target(value, frame)?;
                (target.ty, target.place)
            }
            _ => return Err(missing()),
        };
        let offset = self.size(ty).unwrap_or(0).saturating_mul(index);
        Ok(Value { text, ty, place: place.map(|place| place.at(offset)) })
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
