//! Scalar loads and stores (spec section 4.6.11): from bytes to a value and back.

use super::rows::{load, store};

load! {
    I32Load: 4 => i32, |bytes| i32::from_le_bytes(bytes);
    I64Load: 8 => i64, |bytes| i64::from_le_bytes(bytes);
    F32Load: 4 => f32, |bytes| f32::from_le_bytes(bytes);
    F64Load: 8 => f64, |bytes| f64::from_le_bytes(bytes);
    I32Load8S: 1 => i32, |bytes| i32::from(i8::from_le_bytes(bytes));
    I32Load8U: 1 => i32, |bytes| i32::from(u8::from_le_bytes(bytes));
    I32Load16S: 2 => i32, |bytes| i32::from(i16::from_le_bytes(bytes));
    I32Load16U: 2 => i32, |bytes| i32::from(u16::from_le_bytes(bytes));
    I64Load8S: 1 => i64, |bytes| i64::from(i8::from_le_bytes(bytes));
    I64Load8U: 1 => i64, |bytes| i64::from(u8::from_le_bytes(bytes));
    I64Load16S: 2 => i64, |bytes| i64::from(i16::from_le_bytes(bytes));
    I64Load16U: 2 => i64, |bytes| i64::from(u16::from_le_bytes(bytes));
    I64Load32S: 4 => i64, |bytes| i64::from(i32::from_le_bytes(bytes));
    I64Load32U: 4 => i64, |bytes| i64::from(u32::from_le_bytes(bytes));
}

store! {
    I32Store: i32 => 4, |value| value.to_le_bytes();
    I64Store: i64 => 8, |value| value.to_le_bytes();
    F32Store: f32 => 4, |value| value.to_le_bytes();
    F64Store: f64 => 8, |value| value.to_le_bytes();
    I32Store8: i32 => 1, |value| (value as u8).to_le_bytes();
    I32Store16: i32 => 2, |value| (value as u16).to_le_bytes();
    I64Store8: i64 => 1, |value| (value as u8).to_le_bytes();
    I64Store16: i64 => 2, |value| (value as u16).to_le_bytes();
    I64Store32: i64 => 4, |value| (value as u32).to_le_bytes();
}
