//! Values in scripts, and their comparison with expectations. Independent of the engine's own value
//! types; [`crate::machine`] converts between the two.

use std::fmt;

use wast::core::{
    AbstractHeapType, HeapType, NanPattern, V128Const, V128Pattern, WastArgCore, WastRetCore,
};

/// An argument or result of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
    V128([u8; 16]),
    Ref(Family, Referent),
}

/// The hierarchy of reference types that a reference belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Func,
    Extern,
    Any,
    Exn,
    Cont,
}

/// The referent of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Referent {
    Null,
    /// A host value of the script: `(ref.extern N)`.
    Host(u32),
    /// An integer of 31 bits.
    I31,
    /// A structure.
    Struct,
    /// An array.
    Array,
    /// A referent that the script cannot name.
    Opaque,
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::I32(x) => write!(f, "i32 {x}"),
            Self::I64(x) => write!(f, "i64 {x}"),
            Self::F32(x) => write!(f, "f32 {:?} {x:#010x}", f32::from_bits(x)),
            Self::F64(x) => write!(f, "f64 {:?} {x:#018x}", f64::from_bits(x)),
            Self::V128(x) => write!(f, "v128 {:#034x}", u128::from_le_bytes(x)),
            Self::Ref(family, Referent::Null) => write!(f, "null {family:?}"),
            Self::Ref(family, Referent::Host(x)) => write!(f, "{family:?} {x}"),
            Self::Ref(_, Referent::I31) => f.write_str("i31 reference"),
            Self::Ref(_, Referent::Struct) => f.write_str("struct reference"),
            Self::Ref(_, Referent::Array) => f.write_str("array reference"),
            Self::Ref(family, Referent::Opaque) => write!(f, "{family:?} reference"),
        }
    }
}

/// Returns values as a list in parentheses.
pub(crate) fn list<T: fmt::Display>(values: impl IntoIterator<Item = T>) -> String {
    let values: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
    format!("({})", values.join(", "))
}

/// Returns the value of an argument, or the reason why it has none.
pub(crate) fn argument(arg: &WastArgCore<'_>) -> Result<Value, String> {
    Ok(match arg {
        WastArgCore::I32(x) => Value::I32(*x),
        WastArgCore::I64(x) => Value::I64(*x),
        WastArgCore::F32(x) => Value::F32(x.bits),
        WastArgCore::F64(x) => Value::F64(x.bits),
        WastArgCore::V128(x) => Value::V128(x.to_le_bytes()),
        WastArgCore::RefNull(ty) => Value::Ref(family(ty)?, Referent::Null),
        WastArgCore::RefExtern(x) => Value::Ref(Family::Extern, Referent::Host(*x)),
        WastArgCore::RefHost(x) => Value::Ref(Family::Any, Referent::Host(*x)),
    })
}

/// Returns the hierarchy that a heap type belongs to.
fn family(ty: &HeapType<'_>) -> Result<Family, String> {
    use AbstractHeapType as H;
    match ty {
        HeapType::Abstract { shared: false, ty } => Ok(match ty {
            H::Func | H::NoFunc => Family::Func,
            H::Extern | H::NoExtern => Family::Extern,
            H::Exn | H::NoExn => Family::Exn,
            H::Cont | H::NoCont => Family::Cont,
            H::Any | H::Eq | H::Struct | H::Array | H::I31 | H::None => Family::Any,
        }),
        _ => Err(format!("null of heap type {ty:?}")),
    }
}

/// Returns `true` if a value matches a script's expectation.
pub(crate) fn matches(expected: &WastRetCore<'_>, value: Value) -> bool {
    match (expected, value) {
        (WastRetCore::Either(cases), _) => cases.iter().any(|case| matches(case, value)),
        (WastRetCore::I32(x), Value::I32(y)) => *x == y,
        (WastRetCore::I64(x), Value::I64(y)) => *x == y,
        (WastRetCore::F32(x), Value::F32(y)) => f32_matches(x, y),
        (WastRetCore::F64(x), Value::F64(y)) => f64_matches(x, y),
        (WastRetCore::V128(x), Value::V128(y)) => v128_matches(x, y),
        (WastRetCore::RefNull(ty), Value::Ref(of, Referent::Null)) => match ty {
            Some(ty) => family(ty).is_ok_and(|ty| ty == of),
            None => true,
        },
        (_, Value::Ref(_, Referent::Null)) => false,
        (WastRetCore::RefExtern(None), Value::Ref(Family::Extern, _)) => true,
        (WastRetCore::RefExtern(Some(x)), Value::Ref(Family::Extern, y)) => Referent::Host(*x) == y,
        (WastRetCore::RefHost(x), Value::Ref(Family::Any, y)) => Referent::Host(*x) == y,
        (WastRetCore::RefFunc(_), Value::Ref(Family::Func, _)) => true,
        (WastRetCore::RefAny, Value::Ref(Family::Any, _)) => true,
        (WastRetCore::RefEq, Value::Ref(Family::Any, of)) => {
            matches!(of, Referent::I31 | Referent::Struct | Referent::Array)
        }
        (WastRetCore::RefI31, Value::Ref(Family::Any, of)) => of == Referent::I31,
        (WastRetCore::RefStruct, Value::Ref(Family::Any, of)) => of == Referent::Struct,
        (WastRetCore::RefArray, Value::Ref(Family::Any, of)) => of == Referent::Array,
        _ => false,
    }
}

fn f32_matches(expected: &NanPattern<wast::token::F32>, got: u32) -> bool {
    match expected {
        NanPattern::CanonicalNan => got & 0x7fff_ffff == 0x7fc0_0000,
        NanPattern::ArithmeticNan => got & 0x7fc0_0000 == 0x7fc0_0000,
        NanPattern::Value(x) => x.bits == got,
    }
}

fn f64_matches(expected: &NanPattern<wast::token::F64>, got: u64) -> bool {
    match expected {
        NanPattern::CanonicalNan => got & 0x7fff_ffff_ffff_ffff == 0x7ff8_0000_0000_0000,
        NanPattern::ArithmeticNan => got & 0x7ff8_0000_0000_0000 == 0x7ff8_0000_0000_0000,
        NanPattern::Value(x) => x.bits == got,
    }
}

fn v128_matches(expected: &V128Pattern, got: [u8; 16]) -> bool {
    let (narrow, _) = got.as_chunks::<4>();
    let (wide, _) = got.as_chunks::<8>();
    let bytes = match expected {
        V128Pattern::F32x4(lanes) => {
            let mut lanes = lanes.iter().zip(narrow);
            return lanes.all(|(lane, got)| f32_matches(lane, u32::from_le_bytes(*got)));
        }
        V128Pattern::F64x2(lanes) => {
            let mut lanes = lanes.iter().zip(wide);
            return lanes.all(|(lane, got)| f64_matches(lane, u64::from_le_bytes(*got)));
        }
        V128Pattern::I8x16(lanes) => V128Const::I8x16(*lanes).to_le_bytes(),
        V128Pattern::I16x8(lanes) => V128Const::I16x8(*lanes).to_le_bytes(),
        V128Pattern::I32x4(lanes) => V128Const::I32x4(*lanes).to_le_bytes(),
        V128Pattern::I64x2(lanes) => V128Const::I64x2(*lanes).to_le_bytes(),
    };
    bytes == got
}

/// Returns an expectation as text.
pub(crate) fn describe(expected: &WastRetCore<'_>) -> String {
    let nan32 = |lane: &NanPattern<wast::token::F32>| match lane {
        NanPattern::CanonicalNan => "nan:canonical".to_owned(),
        NanPattern::ArithmeticNan => "nan:arithmetic".to_owned(),
        NanPattern::Value(x) => format!("{:?} {:#010x}", f32::from_bits(x.bits), x.bits),
    };
    let nan64 = |lane: &NanPattern<wast::token::F64>| match lane {
        NanPattern::CanonicalNan => "nan:canonical".to_owned(),
        NanPattern::ArithmeticNan => "nan:arithmetic".to_owned(),
        NanPattern::Value(x) => format!("{:?} {:#018x}", f64::from_bits(x.bits), x.bits),
    };
    let bytes = |bytes: [u8; 16]| format!("v128 {:#034x}", u128::from_le_bytes(bytes));
    match expected {
        WastRetCore::I32(x) => Value::I32(*x).to_string(),
        WastRetCore::I64(x) => Value::I64(*x).to_string(),
        WastRetCore::F32(x) => format!("f32 {}", nan32(x)),
        WastRetCore::F64(x) => format!("f64 {}", nan64(x)),
        WastRetCore::V128(V128Pattern::F32x4(x)) => {
            format!("v128 f32x4 {}", list(x.map(|x| nan32(&x))))
        }
        WastRetCore::V128(V128Pattern::F64x2(x)) => {
            format!("v128 f64x2 {}", list(x.map(|x| nan64(&x))))
        }
        WastRetCore::V128(V128Pattern::I8x16(x)) => bytes(V128Const::I8x16(*x).to_le_bytes()),
        WastRetCore::V128(V128Pattern::I16x8(x)) => bytes(V128Const::I16x8(*x).to_le_bytes()),
        WastRetCore::V128(V128Pattern::I32x4(x)) => bytes(V128Const::I32x4(*x).to_le_bytes()),
        WastRetCore::V128(V128Pattern::I64x2(x)) => bytes(V128Const::I64x2(*x).to_le_bytes()),
        WastRetCore::RefNull(None) => "null".to_owned(),
        WastRetCore::RefNull(Some(ty)) => match family(ty) {
            Ok(family) => Value::Ref(family, Referent::Null).to_string(),
            Err(other) => other,
        },
        WastRetCore::RefExtern(Some(x)) => format!("Extern {x}"),
        WastRetCore::RefI31 => Value::Ref(Family::Any, Referent::I31).to_string(),
        WastRetCore::RefStruct => Value::Ref(Family::Any, Referent::Struct).to_string(),
        WastRetCore::RefArray => Value::Ref(Family::Any, Referent::Array).to_string(),
        WastRetCore::RefEq => "eq reference".to_owned(),
        WastRetCore::RefHost(x) => format!("Any {x}"),
        WastRetCore::Either(cases) => format!("either {}", list(cases.iter().map(describe))),
        other => format!("{other:?}"),
    }
}
