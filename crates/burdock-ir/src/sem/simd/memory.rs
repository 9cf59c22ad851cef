//! Vectors in memory: what the bytes at an address stand for. Not here: addresses and bounds.

use burdock_types::V128;

use super::lanes::{LoadLane, Operand, StoreLane, map};
use crate::sem::{Load, Store};

/// Splits eight bytes into pieces of equal size.
#[inline(always)]
fn split<const WIDTH: usize, const N: usize>(bytes: [u8; 8]) -> [[u8; WIDTH]; N] {
    const { assert!(WIDTH * N == 8) };
    core::array::from_fn(|i| core::array::from_fn(|j| bytes[WIDTH * i + j]))
}

macro_rules! loads {
    ($($name:ident $text:literal |$bytes:ident: $width:literal| -> $Out:ty { $value:expr })*) => {$(
        #[doc = concat!("`", $text, "`.")]
        #[derive(Clone, Copy, Debug)]
        pub struct $name;
        impl Load for $name {
            type Bytes = [u8; $width];
            type Out = V128;
            #[inline(always)]
            fn load($bytes: [u8; $width]) -> V128 {
                let lanes: $Out = $value;
                lanes.into_value()
            }
        }
    )*};
}

loads! {
    V128Load "v128.load" |bytes: 16| -> V128 { V128::from_le_bytes(bytes) }
    V128Load8x8S "v128.load8x8_s" |bytes: 8| -> [i16; 8] { map(bytes, |x| i16::from(x as i8)) }
    V128Load8x8U "v128.load8x8_u" |bytes: 8| -> [u16; 8] { map(bytes, u16::from) }
    V128Load16x4S "v128.load16x4_s" |bytes: 8| -> [i32; 4] { map(split(bytes), |x| i32::from(i16::from_le_bytes(x))) }
    V128Load16x4U "v128.load16x4_u" |bytes: 8| -> [u32; 4] { map(split(bytes), |x| u32::from(u16::from_le_bytes(x))) }
    V128Load32x2S "v128.load32x2_s" |bytes: 8| -> [i64; 2] { map(split(bytes), |x| i64::from(i32::from_le_bytes(x))) }
    V128Load32x2U "v128.load32x2_u" |bytes: 8| -> [u64; 2] { map(split(bytes), |x| u64::from(u32::from_le_bytes(x))) }
    V128Load8Splat "v128.load8_splat" |bytes: 1| -> [u8; 16] { [u8::from_le_bytes(bytes); 16] }
    V128Load16Splat "v128.load16_splat" |bytes: 2| -> [u16; 8] { [u16::from_le_bytes(bytes); 8] }
    V128Load32Splat "v128.load32_splat" |bytes: 4| -> [u32; 4] { [u32::from_le_bytes(bytes); 4] }
    V128Load64Splat "v128.load64_splat" |bytes: 8| -> [u64; 2] { [u64::from_le_bytes(bytes); 2] }
    V128Load32Zero "v128.load32_zero" |bytes: 4| -> [u32; 4] { [u32::from_le_bytes(bytes), 0, 0, 0] }
    V128Load64Zero "v128.load64_zero" |bytes: 8| -> [u64; 2] { [u64::from_le_bytes(bytes), 0] }
}

/// `v128.store`.
#[derive(Clone, Copy, Debug)]
pub struct V128Store;
impl Store for V128Store {
    type Bytes = [u8; 16];
    type A = V128;
    #[inline(always)]
    fn store(value: V128) -> [u8; 16] {
        value.to_le_bytes()
    }
}

macro_rules! lanes {
    ($($load:ident $store:ident $bits:literal [$lane:ident; $lanes:literal])*) => {$(
        #[doc = concat!("`v128.load", $bits, "_lane`.")]
        #[derive(Clone, Copy, Debug)]
        pub struct $load;
        impl LoadLane for $load {
            const LANES: u8 = $lanes;
            type Bytes = [u8; $bits / 8];
            #[inline(always)]
            fn load(bytes: Self::Bytes, v: V128, lane: u8) -> V128 {
                let mut lanes = <[$lane; $lanes]>::from_value(v);
                lanes[usize::from(lane % $lanes)] = $lane::from_le_bytes(bytes);
                lanes.into_value()
            }
        }
        #[doc = concat!("`v128.store", $bits, "_lane`.")]
        #[derive(Clone, Copy, Debug)]
        pub struct $store;
        impl StoreLane for $store {
            const LANES: u8 = $lanes;
            type Bytes = [u8; $bits / 8];
            #[inline(always)]
            fn store(v: V128, lane: u8) -> Self::Bytes {
                <[$lane; $lanes]>::from_value(v)[usize::from(lane % $lanes)].to_le_bytes()
            }
        }
    )*};
}

lanes! {
    V128Load8Lane V128Store8Lane 8 [u8; 16]
    V128Load16Lane V128Store16Lane 16 [u16; 8]
    V128Load32Lane V128Store32Lane 32 [u32; 4]
    V128Load64Lane V128Store64Lane 64 [u64; 2]
}
