//! Numbers of conditions, and what operators make of them.

use super::Form;
use crate::debug::Value;
use std::cmp::Ordering;

/// A number: a whole one, which no value of a guest exceeds, or a float.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Whole(i128),
    Float(f64),
}

/// An operator between two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    BitAnd,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Number {
    /// Returns 1 or 0.
    pub(super) fn of(truth: bool) -> Self {
        Self::Whole(truth.into())
    }

    pub(super) fn is_true(self) -> bool {
        match self {
            Self::Whole(number) => number != 0,
            Self::Float(number) => number != 0.0,
        }
    }

    /// Returns the number that the lowest bytes of a value are.
    pub(super) fn of_bits(form: Form, size: u64, bits: u64) -> Self {
        let unused = 64 - 8 * size.clamp(1, 8);
        match (form, size) {
            (Form::Float, 4) => Self::Float(f32::from_bits(bits as u32).into()),
            (Form::Float, _) => Self::Float(f64::from_bits(bits)),
            (Form::Signed, _) => Self::Whole((((bits << unused) as i64) >> unused).into()),
            (Form::Unsigned, _) => Self::Whole((bits << unused >> unused).into()),
        }
    }

    /// Returns the number that a value of WebAssembly is; integers have a sign.
    pub(super) fn of_wasm(value: Value) -> Result<Self, String> {
        match value {
            Value::I32(bits) => Ok(Self::Whole((bits as i32).into())),
            Value::I64(bits) => Ok(Self::Whole((bits as i64).into())),
            Value::F32(bits) => Ok(Self::Float(f32::from_bits(bits).into())),
            Value::F64(bits) => Ok(Self::Float(f64::from_bits(bits))),
            Value::V128(_) => Err("a vector is no number".to_owned()),
            // A reference can be compared with 0.
            Value::Ref(present) => Ok(Self::of(present)),
        }
    }

    fn float(self) -> f64 {
        match self {
            Self::Whole(number) => number as f64,
            Self::Float(number) => number,
        }
    }

    fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => Some(a.cmp(&b)),
            _ => self.float().partial_cmp(&other.float()),
        }
    }
}

impl Operator {
    /// Computes the result for two numbers: a float if one of them is.
    pub(super) fn apply(self, a: Number, b: Number) -> Result<Number, String> {
        let order = a.compare(b);
        let truth = match self {
            Self::Equal => order == Some(Ordering::Equal),
            Self::NotEqual => order != Some(Ordering::Equal),
            Self::Less => order == Some(Ordering::Less),
            Self::LessOrEqual => order.is_some_and(Ordering::is_le),
            Self::Greater => order == Some(Ordering::Greater),
            Self::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
            _ => return self.compute(a, b),
        };
        Ok(Number::of(truth))
    }

    fn compute(self, a: Number, b: Number) -> Result<Number, String> {
        if let (Number::Whole(a), Number::Whole(b)) = (a, b) {
            let result = match self {
                Self::Add => a.checked_add(b),
                Self::Sub => a.checked_sub(b),
                Self::Mul => a.checked_mul(b),
                Self::Div | Self::Rem if b == 0 => return Err("a division by zero".to_owned()),
                Self::Div => a.checked_div(b),
                Self::Rem => a.checked_rem(b),
                _ => Some(a & b),
            };
            return result.map(Number::Whole).ok_or_else(|| "the number is too large".to_owned());
        }
        let (a, b) = (a.float(), b.float());
        Ok(Number::Float(match self {
            Self::Add => a + b,
            Self::Sub => a - b,
            Self::Mul => a * b,
            Self::Div => a / b,
            Self::Rem => a % b,
            _ => return Err("`&` needs whole numbers".to_owned()),
        }))
    }
}
