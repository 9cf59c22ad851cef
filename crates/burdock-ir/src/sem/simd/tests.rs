//! Edge cases of the vector meanings, one row each: op, operands, expected result.

use core::fmt::Debug;

use burdock_types::V128;

use super::*;
use crate::sem::{Binary, Load, Store, Ternary, Unary};

/// A vector from its lanes.
fn v<L: Operand<Value = V128>>(lanes: L) -> V128 {
    lanes.into_value()
}

fn name<O>() -> &'static str {
    core::any::type_name::<O>()
}

fn check1<O: Unary>(a: O::A, expected: O::Out)
where
    O::Out: PartialEq + Debug,
{
    assert_eq!(O::apply(a), Ok(expected), "{} {a:?}", name::<O>());
}

fn check2<O: Binary>(a: O::A, b: O::B, expected: O::Out)
where
    O::Out: PartialEq + Debug,
{
    assert_eq!(O::apply(a, b), Ok(expected), "{} {a:?} {b:?}", name::<O>());
}

fn check3<O: Ternary<A = V128, B = V128, C = V128, Out = V128>>(operands: [V128; 3], out: V128) {
    let [a, b, c] = operands;
    assert_eq!(O::apply(a, b, c), Ok(out), "{} {operands:?}", name::<O>());
}

const COUNT8: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

#[test]
fn lanes_come_back_in_order() {
    let vector = V128::from_le_bytes(COUNT8);
    assert_eq!(<[u8; 16]>::from_value(vector), COUNT8);
    assert_eq!(<[u16; 8]>::from_value(vector)[..2], [0x0100, 0x0302]);
    assert_eq!(<[u32; 4]>::from_value(vector)[3], 0x0f0e_0d0c);
    assert_eq!(<[u64; 2]>::from_value(vector)[1], 0x0f0e_0d0c_0b0a_0908);
    assert_eq!(v(<[i8; 16]>::from_value(vector)), vector);
    assert_eq!(v(<[i16; 8]>::from_value(vector)), vector);
    assert_eq!(v(<[i32; 4]>::from_value(vector)), vector);
    assert_eq!(v(<[i64; 2]>::from_value(vector)), vector);
    assert_eq!(v(<[f32; 4]>::from_value(vector)), vector);
    assert_eq!(v(<[f64; 2]>::from_value(vector)), vector);
}

#[test]
fn integer_unary() {
    check1::<I8x16Abs>(v([i8::MIN; 16]), v([i8::MIN; 16]));
    check1::<I16x8Abs>(
        v([-1i16, 1, 0, i16::MAX, -7, 7, -9, 9]),
        v([1i16, 1, 0, i16::MAX, 7, 7, 9, 9]),
    );
    check1::<I32x4Neg>(v([i32::MIN, -1, 0, 5]), v([i32::MIN, 1, 0, -5]));
    check1::<I64x2Neg>(v([i64::MIN, 3]), v([i64::MIN, -3]));
    check1::<I8x16Popcnt>(v([0xffu8; 16]), v([8u8; 16]));
    check1::<I8x16Popcnt>(v(COUNT8), v([0u8, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4]));
    check1::<I16x8ExtAddPairwiseI8x16S>(v([i8::MIN; 16]), v([-256i16; 8]));
    check1::<I16x8ExtAddPairwiseI8x16U>(v([0xffu8; 16]), v([510u16; 8]));
    check1::<I32x4ExtAddPairwiseI16x8S>(
        v([1i16, -3, 5, 7, i16::MIN, i16::MIN, 0, 0]),
        v([-2i32, 12, -65536, 0]),
    );
    check1::<I32x4ExtAddPairwiseI16x8U>(v([0xffffu16; 8]), v([131_070u32; 4]));
}

#[test]
fn integer_binary() {
    check2::<I8x16Add>(v([127i8; 16]), v([1i8; 16]), v([-128i8; 16]));
    check2::<I8x16AddSatS>(v([127i8; 16]), v([1i8; 16]), v([127i8; 16]));
    check2::<I8x16AddSatU>(v([200u8; 16]), v([100u8; 16]), v([255u8; 16]));
    check2::<I8x16SubSatS>(v([-128i8; 16]), v([1i8; 16]), v([-128i8; 16]));
    check2::<I8x16SubSatU>(v([3u8; 16]), v([5u8; 16]), v([0u8; 16]));
    check2::<I8x16AvgrU>(v([255u8; 16]), v([254u8; 16]), v([255u8; 16]));
    check2::<I16x8AvgrU>(v([0xffffu16; 8]), v([0xffffu16; 8]), v([0xffffu16; 8]));
    check2::<I16x8Mul>(v([0x1000i16; 8]), v([0x11i16; 8]), v([0x1000i16; 8]));
    check2::<I64x2Mul>(v([i64::MIN, -3]), v([-1i64, 7]), v([i64::MIN, -21]));
    check2::<I64x2Sub>(v([0i64, 1 << 32]), v([1i64, 1]), v([-1i64, 0xffff_ffff]));
    check2::<I8x16MinS>(v([-1i8; 16]), v([1i8; 16]), v([-1i8; 16]));
    check2::<I8x16MinU>(v([-1i8; 16]), v([1i8; 16]), v([1i8; 16]));
    check2::<I32x4MaxS>(v([-1i32; 4]), v([1i32; 4]), v([1i32; 4]));
    check2::<I32x4MaxU>(v([-1i32; 4]), v([1i32; 4]), v([-1i32; 4]));
    check2::<I16x8Q15MulrSatS>(v([i16::MIN; 8]), v([i16::MIN; 8]), v([i16::MAX; 8]));
    check2::<I16x8Q15MulrSatS>(v([0x4000i16; 8]), v([3i16; 8]), v([2i16; 8]));
    check2::<I16x8ExtMulLowI8x16S>(v([-128i8; 16]), v([-128i8; 16]), v([16384i16; 8]));
    check2::<I16x8ExtMulHighI8x16U>(v([255u8; 16]), v([255u8; 16]), v([65025u16; 8]));
    check2::<I64x2ExtMulHighI32x4S>(
        v([0i32, 0, -2, i32::MIN]),
        v([0i32, 0, 3, i32::MIN]),
        v([-6i64, 1 << 62]),
    );
    check2::<I64x2ExtMulLowI32x4U>(
        v([u32::MAX; 4]),
        v([u32::MAX; 4]),
        v([0xffff_fffe_0000_0001u64; 2]),
    );
    check2::<I32x4DotI16x8S>(v([i16::MIN; 8]), v([i16::MIN; 8]), v([i32::MIN; 4]));
    check2::<I32x4DotI16x8S>(
        v([1i16, 2, 3, 4, 5, 6, 7, 8]),
        v([10i16; 8]),
        v([30i32, 70, 110, 150]),
    );
}

#[test]
fn shifts_count_modulo_the_lane_width() {
    check2::<I8x16Shl>(v([0x81u8; 16]), 9, v([2u8; 16]));
    check2::<I8x16ShrS>(v([0x80u8; 16]), 7, v([0xffu8; 16]));
    check2::<I8x16ShrU>(v([0x80u8; 16]), -1, v([1u8; 16]));
    check2::<I16x8Shl>(v([1i16; 8]), 31, v([i16::MIN; 8]));
    check2::<I16x8ShrU>(v([0x8000u16; 8]), 16, v([0x8000u16; 8]));
    check2::<I32x4ShrS>(v([i32::MIN; 4]), 33, v([-0x4000_0000i32; 4]));
    check2::<I64x2Shl>(v([1i64; 2]), 127, v([i64::MIN; 2]));
    check2::<I64x2ShrU>(v([-1i64; 2]), 63, v([1i64; 2]));
    check2::<I64x2ShrS>(v([-2i64; 2]), 64, v([-2i64; 2]));
}

#[test]
fn comparisons() {
    check2::<I8x16Eq>(v(COUNT8), v(COUNT8), v([-1i8; 16]));
    check2::<I8x16LtS>(v([-1i8; 16]), v([0i8; 16]), v([-1i8; 16]));
    check2::<I8x16LtU>(v([-1i8; 16]), v([0i8; 16]), v([0i8; 16]));
    check2::<I16x8GeU>(v([0x8000u16; 8]), v([0x7fffu16; 8]), v([-1i16; 8]));
    check2::<I16x8GeS>(v([0x8000u16; 8]), v([0x7fffu16; 8]), v([0i16; 8]));
    check2::<I32x4Ne>(v([1i32, 2, 3, 4]), v([1i32, 0, 3, 0]), v([0i32, -1, 0, -1]));
    check2::<I64x2GtS>(v([i64::MIN, 1]), v([0i64, 0]), v([0i64, -1]));
    check2::<I64x2LeS>(v([i64::MIN, 1]), v([0i64, 0]), v([-1i64, 0]));
    check2::<F32x4Eq>(
        v([f32::NAN, 0.0, 1.0, 2.0]),
        v([f32::NAN, -0.0, 1.0, 3.0]),
        v([0i32, -1, -1, 0]),
    );
    check2::<F32x4Ne>(
        v([f32::NAN, 0.0, 1.0, 2.0]),
        v([f32::NAN, -0.0, 1.0, 3.0]),
        v([-1i32, 0, 0, -1]),
    );
    check2::<F64x2Lt>(v([f64::NEG_INFINITY, f64::NAN]), v([0.0f64, 0.0]), v([-1i64, 0]));
    check2::<F64x2Ge>(v([-0.0f64, f64::NAN]), v([0.0f64, 0.0]), v([-1i64, 0]));
}

#[test]
fn float_arithmetic() {
    check1::<F32x4Neg>(
        v([0x7fa0_0001u32, 0, 0x3f80_0000, 0xff80_0000]),
        v([0xffa0_0001u32, 0x8000_0000, 0xbf80_0000, 0x7f80_0000]),
    );
    check1::<F64x2Abs>(v([0xfff4_0000_0000_0001u64, 1 << 63]), v([0x7ff4_0000_0000_0001u64, 0]));
    check1::<F32x4Nearest>(v([0.5f32, 1.5, -0.5, 2.5]), v([0.0f32, 2.0, -0.0, 2.0]));
    check1::<F64x2Floor>(v([-0.5f64, 1e300]), v([-1.0f64, 1e300]));
    check1::<F64x2Ceil>(v([-0.5f64, 0.5]), v([-0.0f64, 1.0]));
    check1::<F32x4Trunc>(
        v([-1.9f32, 1.9, -0.9, f32::INFINITY]),
        v([-1.0f32, 1.0, -0.0, f32::INFINITY]),
    );
    check1::<F64x2Sqrt>(v([4.0f64, -0.0]), v([2.0f64, -0.0]));
    check2::<F32x4Div>(
        v([1.0f32, -1.0, 6.0, 0.0]),
        v([0.0f32, 0.0, 3.0, -5.0]),
        v([f32::INFINITY, f32::NEG_INFINITY, 2.0, -0.0]),
    );
    check2::<F64x2Sub>(v([1.0f64, 0.0]), v([0.5f64, 0.0]), v([0.5f64, 0.0]));
    check2::<F32x4Min>(
        v([0.0f32, -0.0, 1.0, 2.0]),
        v([-0.0f32, 0.0, 2.0, 1.0]),
        v([-0.0f32, -0.0, 1.0, 1.0]),
    );
    check2::<F64x2Max>(v([0.0f64, -1.0]), v([-0.0f64, -2.0]), v([0.0f64, -1.0]));
    check2::<F32x4PMin>(
        v([0.0f32, -0.0, 1.0, 2.0]),
        v([-0.0f32, 0.0, f32::NAN, 1.0]),
        v([0.0f32, -0.0, 1.0, 1.0]),
    );
    check2::<F64x2PMax>(v([-0.0f64, 1.0]), v([0.0f64, f64::NAN]), v([-0.0f64, 1.0]));
}

#[test]
fn conversions() {
    check1::<I16x8ExtendLowI8x16S>(v([-1i8; 16]), v([-1i16; 8]));
    check1::<I16x8ExtendHighI8x16U>(v([-1i8; 16]), v([255i16; 8]));
    check1::<I64x2ExtendHighI32x4S>(v([0i32, 0, -5, 6]), v([-5i64, 6]));
    check1::<I32x4ExtendLowI16x8U>(v([0xffffu16, 1, 2, 3, 0, 0, 0, 0]), v([65535u32, 1, 2, 3]));
    check2::<I8x16NarrowI16x8S>(
        v([300i16; 8]),
        v([-300i16; 8]),
        v([
            127i8, 127, 127, 127, 127, 127, 127, 127, -128, -128, -128, -128, -128, -128, -128,
            -128,
        ]),
    );
    check2::<I8x16NarrowI16x8U>(
        v([300i16; 8]),
        v([-300i16; 8]),
        v([255u8, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0]),
    );
    check2::<I16x8NarrowI32x4U>(
        v([65536i32, 65535, -1, 7]),
        v([i32::MIN; 4]),
        v([0xffffu16, 0xffff, 0, 7, 0, 0, 0, 0]),
    );
    check1::<I32x4TruncSatF32x4S>(
        v([f32::NAN, 1e10, -1e10, -1.9]),
        v([0i32, i32::MAX, i32::MIN, -1]),
    );
    check1::<I32x4TruncSatF32x4U>(
        v([f32::NAN, 1e10, -1.0, 3e9]),
        v([0u32, u32::MAX, 0, 3_000_000_000]),
    );
    check1::<I32x4TruncSatF64x2SZero>(v([-1e10f64, 2.9]), v([i32::MIN, 2, 0, 0]));
    check1::<I32x4TruncSatF64x2UZero>(v([1e10f64, 4_294_967_295.0]), v([u32::MAX, u32::MAX, 0, 0]));
    check1::<F32x4ConvertI32x4S>(
        v([i32::MIN, -1, 0, 16_777_217]),
        v([-2_147_483_648.0f32, -1.0, 0.0, 16_777_216.0]),
    );
    check1::<F32x4ConvertI32x4U>(
        v([u32::MAX, 1, 0, 0x8000_0080]),
        v([4_294_967_296.0f32, 1.0, 0.0, 2_147_483_648.0]),
    );
    check1::<F64x2ConvertLowI32x4U>(v([u32::MAX, 1, 9, 9]), v([4_294_967_295.0f64, 1.0]));
    check1::<F64x2ConvertLowI32x4S>(v([-1i32, 1, 9, 9]), v([-1.0f64, 1.0]));
    check1::<F32x4DemoteF64x2Zero>(v([1e300f64, 0.1]), v([f32::INFINITY, 0.1, 0.0, 0.0]));
    check1::<F64x2PromoteLowF32x4>(v([0.5f32, -0.0, 9.0, 9.0]), v([0.5f64, -0.0]));
}

#[test]
fn bits() {
    let (a, b) = (v([0b1100u32; 4]), v([0b1010u32; 4]));
    check1::<V128Not>(v([0u64, u64::MAX]), v([u64::MAX, 0]));
    check2::<V128And>(a, b, v([0b1000u32; 4]));
    check2::<V128AndNot>(a, b, v([0b0100u32; 4]));
    check2::<V128Or>(a, b, v([0b1110u32; 4]));
    check2::<V128Xor>(a, b, v([0b0110u32; 4]));
    check3::<V128Bitselect>([a, b, v([0b0110u32; 4])], v([0b1100u32; 4]));
    for (vector, any, all8, all64) in [
        (v([0u64, 0]), 0, 0, 0),
        (v([0u64, 1 << 63]), 1, 0, 0),
        (v([1u64, 1]), 1, 0, 1),
        (v([1u8; 16]), 1, 1, 1),
    ] {
        check1::<V128AnyTrue>(vector, any);
        check1::<I8x16AllTrue>(vector, all8);
        check1::<I64x2AllTrue>(vector, all64);
    }
    check1::<I8x16Bitmask>(
        v([0x80u8, 0x7f, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80]),
        0x8005,
    );
    check1::<I16x8Bitmask>(v([-1i16; 8]), 0xff);
    check1::<I32x4Bitmask>(v([0i32, -1, 0, -1]), 0b1010);
    check1::<I64x2Bitmask>(v([0i64, -1]), 0b10);
}

#[test]
fn single_lanes() {
    check1::<I8x16Splat>(0x1ff, v([0xffu8; 16]));
    check1::<I64x2Splat>(-2, v([-2i64; 2]));
    check1::<F32x4Splat>(1.5, v([1.5f32; 4]));
    let bytes = v([0x80u8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xff]);
    assert_eq!(I8x16ExtractLaneS::extract(bytes, 0), -128);
    assert_eq!(I8x16ExtractLaneU::extract(bytes, 15), 255);
    assert_eq!(I16x8ExtractLaneS::extract(bytes, 7), -242);
    assert_eq!(I16x8ExtractLaneU::extract(bytes, 7), 0xff0e);
    assert_eq!(I32x4ExtractLane::extract(bytes, 1), 0x0706_0504);
    assert_eq!(I64x2ExtractLane::extract(v([1i64, -9]), 1), -9);
    assert_eq!(F64x2ExtractLane::extract(v([1.0f64, -9.0]), 1), -9.0);
    assert_eq!(I8x16ReplaceLane::replace(v([0u8; 16]), 15, 0x17f), v([0u64, 0x7f << 56]));
    assert_eq!(F32x4ReplaceLane::replace(v([0.0f32; 4]), 2, 4.0), v([0.0f32, 0.0, 4.0, 0.0]));
    assert_eq!(I64x2ReplaceLane::replace(v([1i64, 2]), 0, 3), v([3i64, 2]));
}

#[test]
fn permutations() {
    let letters = v(*b"abcdefghijklmnop");
    let capitals = v(*b"ABCDEFGHIJKLMNOP");
    let lanes = [0, 16, 1, 17, 15, 31, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22];
    assert_eq!(shuffle(letters, capitals, lanes), v(*b"aAbBpPcCdDeEfFgG"));
    let picks = v([15u8, 0, 16, 255, 128, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    check2::<I8x16Swizzle>(letters, picks, v(*b"pa\0\0\0bbbaaaaaaaa"));
    check2::<I8x16RelaxedSwizzle>(letters, picks, v(*b"pa\0\0\0bbbaaaaaaaa"));
}

#[test]
fn memory() {
    let eight = [0x80, 1, 0xff, 3, 4, 5, 6, 0xfe];
    assert_eq!(V128Load::load(COUNT8), v(COUNT8));
    assert_eq!(V128Store::store(v(COUNT8)), COUNT8);
    assert_eq!(V128Load8x8S::load(eight), v([-128i16, 1, -1, 3, 4, 5, 6, -2]));
    assert_eq!(V128Load8x8U::load(eight), v([128i16, 1, 255, 3, 4, 5, 6, 254]));
    assert_eq!(V128Load16x4S::load(eight), v([0x180i32, 0x3ff, 0x504, -0x1fa]));
    assert_eq!(V128Load16x4U::load(eight), v([0x180i32, 0x3ff, 0x504, 0xfe06]));
    assert_eq!(V128Load32x2S::load(eight), v([0x03ff_0180i64, -0x01f9_fafc]));
    assert_eq!(V128Load32x2U::load(eight), v([0x03ff_0180i64, 0xfe06_0504]));
    assert_eq!(V128Load8Splat::load([7]), v([7u8; 16]));
    assert_eq!(V128Load16Splat::load([1, 2]), v([0x201u16; 8]));
    assert_eq!(V128Load32Splat::load([1, 2, 3, 4]), v([0x0403_0201u32; 4]));
    assert_eq!(V128Load64Splat::load([9, 0, 0, 0, 0, 0, 0, 0]), v([9u64; 2]));
    assert_eq!(V128Load32Zero::load([1, 2, 3, 4]), v([0x0403_0201u32, 0, 0, 0]));
    assert_eq!(V128Load64Zero::load(eight), v([u64::from_le_bytes(eight), 0]));
    assert_eq!(V128Load8Lane::load([0xaa], v([0u8; 16]), 8), v([0u64, 0xaa]));
    assert_eq!(V128Load16Lane::load([1, 2], v([0u16; 8]), 3), v([0x201u64 << 48, 0]));
    assert_eq!(V128Load32Lane::load([1, 0, 0, 0], v([0u32; 4]), 1), v([0u32, 1, 0, 0]));
    assert_eq!(V128Load64Lane::load(eight, v([5u64, 5]), 1), v([5, u64::from_le_bytes(eight)]));
    assert_eq!(V128Store8Lane::store(v(COUNT8), 9), [9]);
    assert_eq!(V128Store16Lane::store(v(COUNT8), 7), [14, 15]);
    assert_eq!(V128Store32Lane::store(v(COUNT8), 1), [4, 5, 6, 7]);
    assert_eq!(V128Store64Lane::store(v(COUNT8), 1), [8, 9, 10, 11, 12, 13, 14, 15]);
}

#[test]
fn relaxed_ops_are_those_of_the_deterministic_profile() {
    check1::<I32x4RelaxedTruncF32x4S>(
        v([f32::NAN, 1e10, -1e10, -1.9]),
        v([0i32, i32::MAX, i32::MIN, -1]),
    );
    check1::<I32x4RelaxedTruncF64x2UZero>(v([-1.0f64, 1e10]), v([0u32, u32::MAX, 0, 0]));
    // The exact product is 1 + 2^-11 + 2^-24; rounded before the subtraction, the last bit is lost.
    let x = 1.0f32 + f32::EPSILON * 2048.0;
    let product = x * x;
    check3::<F32x4RelaxedMadd>([v([x; 4]), v([x; 4]), v([-product; 4])], v([0.0f32; 4]));
    check3::<F32x4RelaxedNmadd>([v([x; 4]), v([x; 4]), v([product; 4])], v([0.0f32; 4]));
    check3::<F64x2RelaxedMadd>([v([2.0f64; 2]), v([3.0f64; 2]), v([1.0f64; 2])], v([7.0f64; 2]));
    check3::<F64x2RelaxedNmadd>([v([2.0f64; 2]), v([3.0f64; 2]), v([1.0f64; 2])], v([-5.0f64; 2]));
    let mask = v([0x8000_0001u32, 0xffff_ffff, 0, 1]);
    let picked = v([0x8000_0001u32, 0xffff_ffff, 0, 1]);
    check3::<I32x4RelaxedLaneselect>([v([-1i32; 4]), v([0i32; 4]), mask], picked);
    check3::<I8x16RelaxedLaneselect>([v([-1i32; 4]), v([0i32; 4]), mask], picked);
    check2::<F32x4RelaxedMin>(v([0.0f32; 4]), v([-0.0f32; 4]), v([-0.0f32; 4]));
    check2::<F64x2RelaxedMax>(v([-0.0f64; 2]), v([0.0f64; 2]), v([0.0f64; 2]));
    check2::<I16x8RelaxedQ15mulrS>(v([i16::MIN; 8]), v([i16::MIN; 8]), v([i16::MAX; 8]));
    check2::<I16x8RelaxedDotI8x16I7x16S>(v([i8::MIN; 16]), v([i8::MIN; 16]), v([i16::MAX; 8]));
    check2::<I16x8RelaxedDotI8x16I7x16S>(v([2i8; 16]), v([-3i8; 16]), v([-12i16; 8]));
    check3::<I32x4RelaxedDotI8x16I7x16AddS>(
        [v([2i8; 16]), v([3i8; 16]), v([1i32, 2, 3, i32::MAX])],
        v([25i32, 26, 27, i32::MIN + 23]),
    );
}
