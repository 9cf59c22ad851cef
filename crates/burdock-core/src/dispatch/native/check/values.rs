//! Operands: those that something is special about, and any.

use super::instr::Instr;
use burdock_ir::reciprocal;
use burdock_types::ValType;

/// Pseudo-random numbers (splitmix64).
pub(super) struct Rng(pub(super) u64);

impl Rng {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ x >> 31
    }

    /// Returns a random number below `n`.
    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    /// Returns a random value of the type as it lies in a slot; of a vector, one half.
    pub(super) fn value(&mut self, ty: ValType) -> u64 {
        let edge = self.below(3) != 0;
        let x = self.next();
        let x = x >> [0, 0, 8, 32, 48, 56][self.below(6) as usize];
        match ty {
            ValType::I32 if edge => self.one_of(INTS) as u32 as u64,
            ValType::I32 => u64::from(x as u32),
            ValType::I64 | ValType::Ref(_) if edge => self.one_of(INTS) as u64,
            ValType::F32 if edge => self.one_of(FLOATS).0.into(),
            ValType::F32 if self.below(2) == 0 => {
                u64::from((x as i64 as f32 / self.one_of(&[1.0, 2.0, 3.0])).to_bits())
            }
            ValType::F32 => u64::from(x as u32),
            ValType::F64 if edge => self.one_of(FLOATS).1,
            ValType::F64 if self.below(2) == 0 => {
                (x as i64 as f64 / self.one_of(&[1.0, 2.0, 3.0])).to_bits()
            }
            ValType::V128 if edge => self.vector_half(),
            _ => x,
        }
    }

    fn vector_half(&mut self) -> u64 {
        let ints = |rng: &mut Self| rng.one_of(INTS) as u64;
        match self.below(6) {
            0 => self.one_of(FLOATS).1,
            1 => u64::from(self.one_of(FLOATS).0) | u64::from(self.one_of(FLOATS).0) << 32,
            2 => u64::from_le_bytes(
                [(); 8].map(|()| self.one_of(&[0, 1, 127, 128, 255, 254, 3, 15, 16, 17])),
            ),
            3 => (0..4).fold(0, |lanes, _| lanes << 16 | ints(self) & 0xffff),
            4 => ints(self) << 32 | ints(self) & 0xffff_ffff,
            _ => ints(self),
        }
    }
}

impl Instr {
    /// Chooses the constant by which the instruction divides, if it does, with its reciprocal.
    pub(super) fn any_divisor(&mut self, rng: &mut Rng) {
        let layout = self.op.layout();
        let (Some(by), Some(place)) = (layout.b, layout.reciprocal) else { return };
        let chosen = core::iter::repeat_with(|| rng.value(ValType::I32))
            .find_map(|divisor| Some((divisor, reciprocal(self.op.meaning(), divisor as i32)?)));
        let (divisor, reciprocal) = chosen.expect("random numbers never end");
        self.set(by, divisor);
        self.set(place, reciprocal);
    }
}

const INTS: &[i64] = &[
    0,
    1,
    2,
    3,
    7,
    8,
    15,
    16,
    31,
    32,
    33,
    63,
    64,
    65,
    127,
    128,
    129,
    255,
    256,
    0x7fff,
    0x8000,
    0xffff,
    0x1_0000,
    -1,
    -2,
    -3,
    -31,
    -32,
    -33,
    -63,
    -64,
    -65,
    -128,
    -129,
    -0x8000,
    -0x8001,
    i32::MAX as i64 - 1,
    i32::MAX as i64,
    i32::MAX as i64 + 1,
    i32::MIN as i64 - 1,
    i32::MIN as i64,
    i32::MIN as i64 + 1,
    u32::MAX as i64,
    u32::MAX as i64 + 1,
    i64::MAX - 1,
    i64::MAX,
    i64::MIN,
    i64::MIN + 1,
    (1 << 53) + 1,
    (1 << 24) + 1,
    // As unsigned numbers, just above halfway between two of each format.
    i64::MIN + (1 << 10) + 1,
    i64::MIN + (1 << 39) + 1,
];

const fn f(value: f64) -> (u32, u64) {
    ((value as f32).to_bits(), value.to_bits())
}

/// Returns the number and its neighbors in each format.
const fn around(value: f64) -> [(u32, u64); 3] {
    let (narrow, wide) = f(value);
    [(narrow - 1, wide - 1), (narrow, wide), (narrow + 1, wide + 1)]
}

const FLOATS: &[(u32, u64)] = {
    const LIMITS: [[(u32, u64); 3]; 12] = [
        around(2_147_483_648.0),
        around(-2_147_483_648.0),
        around(-2_147_483_649.0),
        around(4_294_967_296.0),
        around(9_223_372_036_854_775_808.0),
        around(-9_223_372_036_854_775_808.0),
        around(18_446_744_073_709_551_616.0),
        around(-1.0),
        around(1.0),
        around(0.5),
        around(-0.5),
        around(8_388_608.0),
    ];
    const REST: [(u32, u64); 26] = [
        f(0.0),
        f(-0.0),
        f(1.5),
        f(-1.5),
        f(2.5),
        f(-2.5),
        f(3.0),
        f(-7.25),
        f(2_147_483_647.0),
        f(4_294_967_295.0),
        f(4_294_967_295.5),
        f(-2_147_483_648.5),
        f(4_503_599_627_370_496.5),
        f(f64::INFINITY),
        f(f64::NEG_INFINITY),
        // NaNs: canonical, negative, with a payload, signalling.
        (0x7fc0_0000, 0x7ff8_0000_0000_0000),
        (0xffc0_0000, 0xfff8_0000_0000_0000),
        (0x7fc1_2345, 0x7ff8_1234_5678_9abc),
        (0xffff_ffff, u64::MAX),
        (0x7f80_0001, 0x7ff0_0000_0000_0001),
        // Denormals, the least and the greatest numbers.
        (1, 1),
        (0x8000_0001, 0x8000_0000_0000_0001),
        (0x007f_ffff, 0x000f_ffff_ffff_ffff),
        (0x0080_0000, 0x0010_0000_0000_0000),
        (f32::MAX.to_bits(), f64::MAX.to_bits()),
        (f32::MIN.to_bits(), f64::MIN.to_bits()),
    ];
    const ALL: [(u32, u64); 62] = {
        let mut all = [(0, 0); 62];
        let mut n = 0;
        while n < 36 {
            all[n] = LIMITS[n / 3][n % 3];
            n += 1;
        }
        while n < 62 {
            all[n] = REST[n - 36];
            n += 1;
        }
        all
    };
    &ALL
};
