//! Float functions with Wasm's rules for NaN and signed zeros (spec section 4.3.3), shared by the
//! scalar and the vector meanings. Not here: conversions between types.
//!
//! They have no branches and, but for the square root, call nothing, so that LLVM vectorises them
//! over lanes. A NaN that comes in goes out quiet.

#[cfg(feature = "std")]
extern crate std;

macro_rules! float_functions {
    (
        $float:ident, $bits:ident, quiet bit $quiet:literal, integers from $integers:literal,
        $sqrtf:ident: $name_quiet:ident $min:ident $max:ident $pmin:ident $pmax:ident
        $nearest:ident $trunc:ident $ceil:ident $floor:ident $sqrt:ident
    ) => {
        /// Returns a NaN with its quiet bit set, and any other value unchanged.
        #[inline(always)]
        fn $name_quiet(x: $float) -> $float {
            let quiet = if x.is_nan() { $quiet } else { 0 };
            $float::from_bits(x.to_bits() | quiet)
        }

        /// Returns the smaller value; NaN if either is NaN; -0 is smaller than +0.
        #[inline(always)]
        pub(crate) fn $min(a: $float, b: $float) -> $float {
            let smaller = if a < b { a } else { b };
            let ordered =
                if a == b { $float::from_bits(a.to_bits() | b.to_bits()) } else { smaller };
            if a.is_nan() | b.is_nan() { $name_quiet(a + b) } else { ordered }
        }

        /// Returns the larger value; NaN if either is NaN; +0 is larger than -0.
        #[inline(always)]
        pub(crate) fn $max(a: $float, b: $float) -> $float {
            let larger = if a > b { a } else { b };
            let ordered =
                if a == b { $float::from_bits(a.to_bits() & b.to_bits()) } else { larger };
            if a.is_nan() | b.is_nan() { $name_quiet(a + b) } else { ordered }
        }

        /// Returns `b < a ? b : a`, whatever that means for NaNs and zeros.
        #[inline(always)]
        pub(crate) fn $pmin(a: $float, b: $float) -> $float {
            if b < a { b } else { a }
        }

        /// Returns `a < b ? b : a`, whatever that means for NaNs and zeros.
        #[inline(always)]
        pub(crate) fn $pmax(a: $float, b: $float) -> $float {
            if a < b { b } else { a }
        }

        /// Returns the nearest integer, the even one of two.
        #[inline(always)]
        pub(crate) fn $nearest(x: $float) -> $float {
            // From 2^(bits of mantissa) on, every value is an integer; adding that to a smaller
            // one rounds away its fraction in the default rounding mode.
            let rounded = ((x.abs() + $integers) - $integers).copysign(x);
            if x.abs() < $integers { rounded } else { $name_quiet(x) }
        }

        /// Returns the integer part, rounding toward zero.
        #[inline(always)]
        pub(crate) fn $trunc(x: $float) -> $float {
            let nearest = $nearest(x.abs());
            let too_far = if nearest > x.abs() { 1.0 } else { 0.0 };
            let truncated = (nearest - too_far).copysign(x);
            if x.abs() < $integers { truncated } else { $name_quiet(x) }
        }

        /// Returns the smallest integer that is not below.
        #[inline(always)]
        pub(crate) fn $ceil(x: $float) -> $float {
            let nearest = $nearest(x);
            let too_low = if nearest < x { 1.0 } else { 0.0 };
            let ceiling = (nearest + too_low).copysign(x);
            if x.abs() < $integers { ceiling } else { $name_quiet(x) }
        }

        /// Returns the largest integer that is not above.
        #[inline(always)]
        pub(crate) fn $floor(x: $float) -> $float {
            let nearest = $nearest(x);
            let too_high = if nearest > x { 1.0 } else { 0.0 };
            let floor = (nearest - too_high).copysign(x);
            if x.abs() < $integers { floor } else { $name_quiet(x) }
        }

        /// Returns the correctly rounded square root.
        #[inline(always)]
        #[cfg(feature = "std")]
        pub(crate) fn $sqrt(x: $float) -> $float {
            x.sqrt()
        }

        /// Returns the correctly rounded square root.
        #[inline(always)]
        #[cfg(not(feature = "std"))]
        pub(crate) fn $sqrt(x: $float) -> $float {
            libm::$sqrtf(x)
        }
    };
}

float_functions!(
    f32, u32, quiet bit 0x0040_0000, integers from 8_388_608.0,
    sqrtf: f32_quiet f32_min f32_max f32_pmin f32_pmax
    f32_nearest f32_trunc f32_ceil f32_floor f32_sqrt
);
float_functions!(
    f64, u64, quiet bit 0x0008_0000_0000_0000, integers from 4_503_599_627_370_496.0,
    sqrt: f64_quiet f64_min f64_max f64_pmin f64_pmax
    f64_nearest f64_trunc f64_ceil f64_floor f64_sqrt
);

#[cfg(test)]
mod tests {
    use super::*;

    const SNAN32: f32 = f32::from_bits(0x7fa0_0001);
    const SNAN64: f64 = f64::from_bits(0xfff4_0000_0000_0001);

    /// Compares bits, any quiet NaN being as good as any other.
    fn same(got: u64, expected: f64) -> bool {
        let got = f64::from_bits(got);
        let quiet = got.to_bits() & 0x0008_0000_0000_0000 != 0;
        if expected.is_nan() { got.is_nan() && quiet } else { got.to_bits() == expected.to_bits() }
    }

    #[test]
    fn rounding() {
        let rows = [
            // x, nearest, trunc, ceil, floor
            (0.0, 0.0, 0.0, 0.0, 0.0),
            (-0.0, -0.0, -0.0, -0.0, -0.0),
            (0.25, 0.0, 0.0, 1.0, 0.0),
            (-0.25, -0.0, -0.0, -0.0, -1.0),
            (0.5, 0.0, 0.0, 1.0, 0.0),
            (-0.5, -0.0, -0.0, -0.0, -1.0),
            (0.75, 1.0, 0.0, 1.0, 0.0),
            (-0.75, -1.0, -0.0, -0.0, -1.0),
            (1.0, 1.0, 1.0, 1.0, 1.0),
            (1.5, 2.0, 1.0, 2.0, 1.0),
            (-1.5, -2.0, -1.0, -1.0, -2.0),
            (2.5, 2.0, 2.0, 3.0, 2.0),
            (-2.5, -2.0, -2.0, -2.0, -3.0),
            (4_194_303.5, 4_194_304.0, 4_194_303.0, 4_194_304.0, 4_194_303.0),
            (8_388_607.0, 8_388_607.0, 8_388_607.0, 8_388_607.0, 8_388_607.0),
            (-8_388_609.0, -8_388_609.0, -8_388_609.0, -8_388_609.0, -8_388_609.0),
            (1e30f32 as f64, 1e30f32 as f64, 1e30f32 as f64, 1e30f32 as f64, 1e30f32 as f64),
            (f64::INFINITY, f64::INFINITY, f64::INFINITY, f64::INFINITY, f64::INFINITY),
            (f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN),
        ];
        for (x, nearest, trunc, ceil, floor) in rows {
            let wide = [f64_nearest(x), f64_trunc(x), f64_ceil(x), f64_floor(x)];
            let x32 = x as f32;
            let narrow = [f32_nearest(x32), f32_trunc(x32), f32_ceil(x32), f32_floor(x32)];
            for (i, expected) in [nearest, trunc, ceil, floor].into_iter().enumerate() {
                assert!(same(wide[i].to_bits(), expected), "f64 {x}: {} != {expected}", wide[i]);
                let widened = narrow[i] as f64;
                assert!(same(widened.to_bits(), expected), "f32 {x}: {widened} != {expected}");
            }
        }
        assert_eq!(f64_nearest(4_503_599_627_370_495.5), 4_503_599_627_370_496.0);
        assert_eq!(f64_floor(4_503_599_627_370_495.5), 4_503_599_627_370_495.0);
        assert_eq!(f64_trunc(0.499_999_999_999_999_94), 0.0);
        assert_eq!(f64_nearest(0.499_999_999_999_999_94), 0.0);
    }

    #[test]
    fn signalling_nans_come_out_quiet() {
        for f in [f32_nearest, f32_trunc, f32_ceil, f32_floor] {
            assert_eq!(f(SNAN32).to_bits(), 0x7fe0_0001);
        }
        for f in [f64_nearest, f64_trunc, f64_ceil, f64_floor] {
            assert_eq!(f(SNAN64).to_bits(), 0xfffc_0000_0000_0001);
        }
        for f in [f32_min, f32_max] {
            assert_eq!(f(SNAN32, 1.0).to_bits() & 0x7fc0_0000, 0x7fc0_0000);
            assert_eq!(f(1.0, SNAN32).to_bits() & 0x7fc0_0000, 0x7fc0_0000);
        }
    }

    #[test]
    fn smaller_and_larger() {
        let rows = [
            // a, b, min, max, pmin, pmax
            (1.0, 2.0, 1.0, 2.0, 1.0, 2.0),
            (2.0, 1.0, 1.0, 2.0, 1.0, 2.0),
            (-1.0, -1.0, -1.0, -1.0, -1.0, -1.0),
            (0.0, -0.0, -0.0, 0.0, 0.0, 0.0),
            (-0.0, 0.0, -0.0, 0.0, -0.0, -0.0),
            (
                f64::INFINITY,
                f64::NEG_INFINITY,
                f64::NEG_INFINITY,
                f64::INFINITY,
                f64::NEG_INFINITY,
                f64::INFINITY,
            ),
            (f64::NAN, 1.0, f64::NAN, f64::NAN, f64::NAN, f64::NAN),
            (1.0, f64::NAN, f64::NAN, f64::NAN, 1.0, 1.0),
        ];
        for (a, b, min, max, pmin, pmax) in rows {
            let wide = [f64_min(a, b), f64_max(a, b), f64_pmin(a, b), f64_pmax(a, b)];
            let (x, y) = (a as f32, b as f32);
            let narrow = [f32_min(x, y), f32_max(x, y), f32_pmin(x, y), f32_pmax(x, y)];
            for (i, expected) in [min, max, pmin, pmax].into_iter().enumerate() {
                assert!(same(wide[i].to_bits(), expected), "f64 {a} {b}: {}", wide[i]);
                assert!(same((narrow[i] as f64).to_bits(), expected), "f32 {a} {b}: {}", narrow[i]);
            }
        }
    }

    #[test]
    fn roots() {
        assert_eq!(f32_sqrt(2.0).to_bits(), 0x3fb5_04f3);
        assert_eq!(f64_sqrt(2.0).to_bits(), 0x3ff6_a09e_667f_3bcd);
        assert_eq!(f64_sqrt(-0.0).to_bits(), (-0.0f64).to_bits());
        assert!(f64_sqrt(-1.0).is_nan() && f32_sqrt(-1.0).is_nan());
    }
}
