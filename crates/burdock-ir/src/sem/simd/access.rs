//! Getting at single lanes: splat, extract, replace, swizzle and shuffle.

use burdock_types::V128;

use super::lanes::{ExtractLane, Operand, ReplaceLane, binary, concat, map, unary};

/// Returns, for each lane number in `lanes`, that byte of `a` followed by `b` (`i8x16.shuffle`).
/// Lane numbers count modulo 32.
#[inline(always)]
pub fn shuffle(a: V128, b: V128, lanes: [u8; 16]) -> V128 {
    let bytes: [u8; 32] = concat(a.to_le_bytes(), b.to_le_bytes());
    V128::from_le_bytes(map(lanes, |lane| bytes[usize::from(lane & 31)]))
}

/// Returns, for each lane number in `lanes`, that lane of `a`, or zero if there is none.
#[inline(always)]
pub(super) fn swizzle(a: [u8; 16], lanes: [u8; 16]) -> [u8; 16] {
    map(lanes, |lane| {
        let there = 0u8.wrapping_sub(u8::from(lane < 16));
        a[usize::from(lane & 15)] & there
    })
}

unary! {
    I8x16Splat "i8x16.splat" |a: i32| -> [i8; 16] { [a as i8; 16] }
    I16x8Splat "i16x8.splat" |a: i32| -> [i16; 8] { [a as i16; 8] }
    I32x4Splat "i32x4.splat" |a: i32| -> [i32; 4] { [a; 4] }
    I64x2Splat "i64x2.splat" |a: i64| -> [i64; 2] { [a; 2] }
    F32x4Splat "f32x4.splat" |a: f32| -> [f32; 4] { [a; 4] }
    F64x2Splat "f64x2.splat" |a: f64| -> [f64; 2] { [a; 2] }
}

binary! {
    I8x16Swizzle "i8x16.swizzle" |a: [u8; 16], b: [u8; 16]| -> [u8; 16] { swizzle(a, b) }
}

macro_rules! extract {
    ($($name:ident $text:literal [$lane:ty; $lanes:literal] -> $Out:ty)*) => {$(
        #[doc = concat!("`", $text, "`.")]
        #[derive(Clone, Copy, Debug)]
        pub struct $name;
        impl ExtractLane for $name {
            const LANES: u8 = $lanes;
            type Out = $Out;
            #[inline(always)]
            fn extract(v: V128, lane: u8) -> $Out {
                let lanes = <[$lane; $lanes]>::from_value(v);
                <$Out>::from(lanes[usize::from(lane % $lanes)])
            }
        }
    )*};
}

extract! {
    I8x16ExtractLaneS "i8x16.extract_lane_s" [i8; 16] -> i32
    I8x16ExtractLaneU "i8x16.extract_lane_u" [u8; 16] -> i32
    I16x8ExtractLaneS "i16x8.extract_lane_s" [i16; 8] -> i32
    I16x8ExtractLaneU "i16x8.extract_lane_u" [u16; 8] -> i32
    I32x4ExtractLane "i32x4.extract_lane" [i32; 4] -> i32
    I64x2ExtractLane "i64x2.extract_lane" [i64; 2] -> i64
    F32x4ExtractLane "f32x4.extract_lane" [f32; 4] -> f32
    F64x2ExtractLane "f64x2.extract_lane" [f64; 2] -> f64
}

macro_rules! replace {
    ($($name:ident $text:literal [$lane:ty; $lanes:literal] <- $B:ty)*) => {$(
        #[doc = concat!("`", $text, "`.")]
        #[derive(Clone, Copy, Debug)]
        pub struct $name;
        impl ReplaceLane for $name {
            const LANES: u8 = $lanes;
            type B = $B;
            #[inline(always)]
            fn replace(v: V128, lane: u8, value: $B) -> V128 {
                let mut lanes = <[$lane; $lanes]>::from_value(v);
                lanes[usize::from(lane % $lanes)] = value as $lane;
                lanes.into_value()
            }
        }
    )*};
}

replace! {
    I8x16ReplaceLane "i8x16.replace_lane" [i8; 16] <- i32
    I16x8ReplaceLane "i16x8.replace_lane" [i16; 8] <- i32
    I32x4ReplaceLane "i32x4.replace_lane" [i32; 4] <- i32
    I64x2ReplaceLane "i64x2.replace_lane" [i64; 2] <- i64
    F32x4ReplaceLane "f32x4.replace_lane" [f32; 4] <- f32
    F64x2ReplaceLane "f64x2.replace_lane" [f64; 2] <- f64
}
