//! Operators by family: each guest repeats some of one family in a loop, on locals.

use crate::guest::Guest;
use criterion::{Criterion, Throughput};

/// The number of iterations of a sample.
const ITERATIONS: u32 = 1000;

/// A family: its name, and operators that are repeated. The locals are `$n` (iterations), `$a` and
/// `$b` (i32), `$x` and `$y` (i64), `$f` (f32), `$d` (f64), `$v` (v128).
const FAMILIES: &[(&str, &str)] = &[
    ("nothing", ""),
    (
        "i32_arithmetic",
        "(local.set $a (i32.add (i32.mul (local.get $a) (i32.const 3)) (local.get $b)))
         (local.set $b (i32.xor (i32.sub (local.get $b) (local.get $a)) (local.get $n)))",
    ),
    (
        "i64_arithmetic",
        "(local.set $x (i64.add (i64.mul (local.get $x) (i64.const 3)) (local.get $y)))
         (local.set $y (i64.xor (i64.sub (local.get $y) (local.get $x)) (i64.const 77)))",
    ),
    (
        "shifts",
        "(local.set $a (i32.rotl (i32.shl (local.get $a) (i32.const 1)) (local.get $n)))
         (local.set $x (i64.rotr (i64.shr_u (local.get $y) (i64.const 3)) (local.get $x)))",
    ),
    (
        "division",
        "(local.set $a (i32.div_u (local.get $b) (local.get $n)))
         (local.set $b (i32.add (i32.rem_u (local.get $n) (i32.const 7)) (local.get $a)))",
    ),
    (
        "bit_counts",
        "(local.set $a (i32.clz (i32.ctz (i32.popcnt (local.get $n)))))
         (local.set $x (i64.clz (i64.ctz (i64.popcnt (local.get $y)))))",
    ),
    (
        "comparisons",
        "(local.set $a (i32.lt_s (local.get $b) (local.get $n)))
         (local.set $b (i32.eqz (i64.gt_u (local.get $x) (local.get $y))))",
    ),
    (
        "select",
        "(local.set $a (select (local.get $b) (local.get $n) (local.get $a)))
         (local.set $b (select (local.get $n) (local.get $a) (local.get $b)))",
    ),
    (
        "f32",
        "(local.set $f (f32.sqrt (f32.add (f32.mul (local.get $f) (f32.const 0.5)) (f32.const 1))))
         (local.set $f (f32.max (f32.abs (local.get $f)) (f32.const 0.1)))",
    ),
    (
        "f64",
        "(local.set $d (f64.sqrt (f64.add (f64.mul (local.get $d) (f64.const 0.5)) (f64.const 1))))
         (local.set $d (f64.max (f64.abs (local.get $d)) (f64.const 0.1)))",
    ),
    (
        "conversions",
        "(local.set $d (f64.convert_i32_s (local.get $n)))
         (local.set $a (i32.trunc_sat_f64_s (local.get $d)))
         (local.set $x (i64.extend_i32_u (local.get $a)))
         (local.set $b (i32.wrap_i64 (local.get $x)))",
    ),
    (
        "loads",
        "(local.set $a (i32.load offset=8 (local.get $b)))
         (local.set $a (i32.load8_u offset=16 (local.get $a)))
         (local.set $x (i64.load offset=24 (local.get $a)))
         (local.set $d (f64.load offset=32 (local.get $a)))",
    ),
    (
        "stores",
        "(i32.store offset=8 (i32.const 64) (local.get $n))
         (i32.store8 offset=16 (i32.const 64) (local.get $n))
         (i64.store offset=24 (i32.const 64) (local.get $x))
         (f64.store offset=32 (i32.const 64) (local.get $d))",
    ),
    (
        "globals",
        "(global.set $g (i64.add (global.get $g) (local.get $x)))
         (local.set $x (global.get $g))",
    ),
    (
        "branches",
        "(block (br_if 0 (i32.and (local.get $n) (i32.const 1)))
            (local.set $a (i32.add (local.get $a) (i32.const 1))))
         (if (i32.and (local.get $n) (i32.const 2))
            (then (local.set $b (i32.const 1))) (else (local.set $b (i32.const 2))))",
    ),
    (
        "br_table",
        "(block $two (block $one (block $zero
            (br_table $zero $one $two (i32.and (local.get $n) (i32.const 3))))
            (local.set $a (i32.const 1)) (br $two))
            (local.set $a (i32.const 2)))",
    ),
    (
        "simd_integers",
        "(local.set $v (i32x4.add (i32x4.mul (local.get $v) (local.get $v)) (local.get $v)))
         (local.set $v (i8x16.add_sat_u (local.get $v) (i8x16.splat (local.get $n))))",
    ),
    (
        "simd_floats",
        "(local.set $v (f32x4.mul (f32x4.add (local.get $v) (local.get $v)) (local.get $v)))
         (local.set $v (f64x2.max (f64x2.abs (local.get $v)) (f64x2.splat (local.get $d))))",
    ),
    (
        "simd_lanes",
        "(local.set $v (i32x4.replace_lane 1 (local.get $v) (local.get $n)))
         (local.set $v (i8x16.swizzle (local.get $v) (i8x16.shuffle
            3 2 1 0 7 6 5 4 11 10 9 8 15 14 13 12 (local.get $v) (local.get $v))))
         (local.set $a (i8x16.bitmask (local.get $v)))",
    ),
];

pub(crate) fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ops");
    group.throughput(Throughput::Elements(ITERATIONS.into()));
    for (name, operators) in FAMILIES {
        let mut guest = Guest::new(&module(operators));
        group.bench_function(*name, |bencher| bencher.iter(|| guest.run(ITERATIONS)));
    }
    group.finish();
}

/// Returns a module whose `run` repeats these operators.
fn module(operators: &str) -> String {
    format!(
        r#"(module
            (memory 1)
            (global $g (mut i64) (i64.const 1))
            (func (export "run") (param $n i32) (result i32)
                (local $a i32) (local $b i32) (local $x i64) (local $y i64)
                (local $f f32) (local $d f64) (local $v v128)
                (loop $again
                    {operators}
                    (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                (local.get $a)))"#
    )
}
