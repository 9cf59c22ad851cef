//! Scalar loads and stores (spec section 4.6.11): from bytes to a value and back. Fields and
//! elements of objects have the same.

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

macro_rules! object_accesses {
    ($($name:ident = $like:ident;)*) => {$(
        #[doc = concat!("The meaning of `", stringify!($name), "`, that of `", stringify!($like), "`.")]
        pub type $name = $like;
    )*};
}

object_accesses! {
    StructGet8S = I32Load8S;
    StructGet8U = I32Load8U;
    StructGet16S = I32Load16S;
    StructGet16U = I32Load16U;
    StructGet32 = I32Load;
    StructGet64 = I64Load;
    StructGetF32 = F32Load;
    StructGetF64 = F64Load;
    StructSet8 = I32Store8;
    StructSet16 = I32Store16;
    StructSet32 = I32Store;
    StructSet64 = I64Store;
    StructSetF32 = F32Store;
    StructSetF64 = F64Store;
    ArrayGet8S = I32Load8S;
    ArrayGet8U = I32Load8U;
    ArrayGet16S = I32Load16S;
    ArrayGet16U = I32Load16U;
    ArrayGet32 = I32Load;
    ArrayGet64 = I64Load;
    ArrayGetF32 = F32Load;
    ArrayGetF64 = F64Load;
    ArraySet8 = I32Store8;
    ArraySet16 = I32Store16;
    ArraySet32 = I32Store;
    ArraySet64 = I64Store;
    ArraySetRef = StructSetRef;
    ArraySetF32 = F32Store;
    ArraySetF64 = F64Store;
}

/// The meaning of `StructSetRef`.
#[derive(Copy, Clone, Debug)]
pub struct StructSetRef;

impl super::Store for StructSetRef {
    type Bytes = [u8; 4];
    type A = i32;
    const IS_REFERENCE: bool = true;
    #[inline(always)]
    fn store(value: i32) -> [u8; 4] {
        value.to_le_bytes()
    }
}
