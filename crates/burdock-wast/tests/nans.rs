//! Tests of canonical NaNs: operators that produce them, and operators that keep the bits of their
//! operands, whatever these are.

use burdock_wast::{Options, Runner, config_with_all_features};

/// Vector operators with signaling and other NaNs as operands.
const SCRIPT: &str = r#"(module
    (func (export "neg") (result v128) (f32x4.neg (v128.const i32x4 0x7fa00001 0 0 0)))
    (func (export "neg64") (result v128) (f64x2.neg (v128.const i64x2 0x7ff4000000000001 0)))
    (func (export "abs") (result v128) (f64x2.abs (v128.const i64x2 0xfff4000000000001 0)))
    (func (export "abs32") (result v128) (f32x4.abs (v128.const i32x4 0xffa00001 0 0 0)))
    (func (export "pmin") (param v128) (result v128) (f32x4.pmin (local.get 0) (v128.const i32x4 0 0 0 0)))
    (func (export "pmax") (param v128) (result v128) (f64x2.pmax (local.get 0) (v128.const i64x2 0 0)))
    (func (export "pmin64") (param v128) (result v128) (f64x2.pmin (local.get 0) (v128.const i64x2 0 0)))
    (func (export "pmax32") (param v128) (result v128) (f32x4.pmax (local.get 0) (v128.const i32x4 0 0 0 0)))
    (func (export "copysign") (result f32)
        (f32.copysign (f32.const nan:0x200001) (f32.const -1)))
    (func (export "min") (param v128) (result v128) (f32x4.min (local.get 0) (local.get 0)))
    (func (export "add") (param f64) (result f64) (f64.add (local.get 0) (f64.const 1))))
(assert_return (invoke "neg") (v128.const i32x4 0xffa00001 0x80000000 0x80000000 0x80000000))
(assert_return (invoke "neg64") (v128.const i64x2 0xfff4000000000001 0x8000000000000000))
(assert_return (invoke "abs") (v128.const i64x2 0x7ff4000000000001 0))
(assert_return (invoke "abs32") (v128.const i32x4 0x7fa00001 0 0 0))
(assert_return (invoke "pmin" (v128.const i32x4 0x7fa00001 0 0 0)) (v128.const i32x4 0x7fa00001 0 0 0))
(assert_return (invoke "pmax32" (v128.const i32x4 0xffa00001 0 0 0)) (v128.const i32x4 0xffa00001 0 0 0))
(assert_return (invoke "pmax" (v128.const i64x2 0x7ff4000000000001 0)) (v128.const i64x2 0x7ff4000000000001 0))
(assert_return (invoke "pmin64" (v128.const i64x2 0x7ffc000000000001 0)) (v128.const i64x2 0x7ffc000000000001 0))
(assert_return (invoke "copysign") (f32.const -nan:0x200001))"#;

/// Operators that produce canonical NaNs, a choice that the specification leaves open.
const CANONICAL: &str = r#"
(assert_return (invoke "min" (v128.const i32x4 0xffc00001 0 0 0)) (v128.const i32x4 0x7fc00000 0 0 0))
(assert_return (invoke "add" (f64.const -nan:0x8000000000001)) (f64.const nan))"#;

#[test]
fn operators_on_bits_leave_them_alone() {
    for canonical in [false, true] {
        let mut config = config_with_all_features();
        config.cranelift_nan_canonicalization(canonical);
        let mut runner = Runner::new(Options { config, ..Options::default() });
        runner.run("nans.wast", &format!("{SCRIPT}{}", if canonical { CANONICAL } else { "" }));
        let report = runner.into_report();
        assert!(report.failures.is_empty(), "{:#?}", report.failures);
        assert_eq!(report.assertions, if canonical { 11 } else { 9 });
    }
}
