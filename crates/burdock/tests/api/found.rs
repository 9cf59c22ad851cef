//! What fuzzing found: programs whose result was wrong once, each with the right one.

use burdock::Trap;

use crate::common::{self, instance};

/// Name, text of a module that exports `f`, the result of `f`.
const FOUND: &[(&str, &str, i64)] = &[
    (
        "a vector was taken from its register behind a copy, which had come in between",
        "(module (func (export \"f\") (result i64) (local v128)
            (local.set 0 (i64x2.splat (i64.const 100)))
            (local.get 0)
            (i64x2.add (v128.const i64x2 -4 -4) (v128.const i64x2 -4 -4))
            (local.tee 0)
            (i64x2.extract_lane 0 (i64x2.add))))",
        92,
    ),
    (
        "a vector is stored at a constant address, which counted twice",
        "(module (memory 1)
        (func (export \"f\") (result i64)
            (v128.store offset=16 (i32.const 235) (v128.const i64x2 42 7))
            (i64.load (i32.const 251))))",
        42,
    ),
    (
        "what `eqz` had made of an `and` was an `and` again when sent to its slot",
        "(module (global $g (mut i32) (i32.const 7))
        (func (export \"f\") (result i64) (local i32)
            (i32.eqz (i32.and (global.get $g) (global.get $g)))
            (local.set 0 (i32.const 5))
            global.get $g global.get $g global.get $g
            i32.add i32.add i32.add i64.extend_i32_u))",
        21,
    ),
    (
        "a value that a conditional return had read in its register was sent to its slot",
        "(module (global $g (mut i64) (i64.const 9)) (memory 1)
        (func $g (param i32 i32) (result i64)
            (i64.extend_i32_s (local.get 0))
            (i32.store (i32.const 0) (local.get 1))
            (br_if 0 (local.get 1))
            (i64.xor (global.get $g)))
        (func (export \"f\") (result i64)
            (i64.add (i64.mul (i64.const 100) (call $g (i32.const 7) (i32.const 1)))
                (call $g (i32.const 7) (i32.const 0)))))",
        714,
    ),
    (
        "values in float registers went home only where a conditional return was taken",
        "(module
        (func $g (param f64 f64 i32) (result i32 f64)
            (i32.const 1)
            (f64.add (local.get 0) (local.get 1)) (f64.mul (local.get 0) (local.get 1))
            (br_if 0 (i32.const 9) (f64.const 9) (local.get 2)) drop drop
            f64.add)
        (func (export \"f\") (result i64) (local i64)
            (call $g (f64.const 2) (f64.const 3) (i32.const 0))
            i64.trunc_f64_s local.set 0 drop local.get 0))",
        11,
    ),
    (
        "of two constants, the one that went to a register came second",
        "(module
        (func (export \"f\") (result i64)
            (i64.extend_i32_u (i32.add (i32.const 40) (i32.const 2)))))",
        42,
    ),
    (
        "an outer loop's pinned local is assigned in an inner loop that uses too many to count",
        "(module
        (func (export \"f\") (result i64)
            (local $x i64) (local $n i64) (local $m i64)
            (local $u0 i64) (local $u1 i64) (local $u2 i64) (local $u3 i64) (local $u4 i64) (local $u5 i64) (local $u6 i64) (local $u7 i64) (local $u8 i64) (local $u9 i64) (local $u10 i64) (local $u11 i64) (local $u12 i64) (local $u13 i64) (local $u14 i64) (local $u15 i64) (local $u16 i64) (local $u17 i64) (local $u18 i64) (local $u19 i64)
            (loop $outer
                (local.set $x (i64.add (local.get $x) (local.get $n)))
                (local.set $x (i64.sub (local.get $x) (local.get $n)))
                (local.set $m (i64.const 0))
                (loop $inner
                    (local.set $u0 (i64.add (local.get $u0) (i64.const 1)))
                    (local.set $u1 (i64.add (local.get $u1) (i64.const 2)))
                    (local.set $u2 (i64.add (local.get $u2) (i64.const 3)))
                    (local.set $u3 (i64.add (local.get $u3) (i64.const 4)))
                    (local.set $u4 (i64.add (local.get $u4) (i64.const 5)))
                    (local.set $u5 (i64.add (local.get $u5) (i64.const 6)))
                    (local.set $u6 (i64.add (local.get $u6) (i64.const 7)))
                    (local.set $u7 (i64.add (local.get $u7) (i64.const 8)))
                    (local.set $u8 (i64.add (local.get $u8) (i64.const 9)))
                    (local.set $u9 (i64.add (local.get $u9) (i64.const 10)))
                    (local.set $u10 (i64.add (local.get $u10) (i64.const 11)))
                    (local.set $u11 (i64.add (local.get $u11) (i64.const 12)))
                    (local.set $u12 (i64.add (local.get $u12) (i64.const 13)))
                    (local.set $u13 (i64.add (local.get $u13) (i64.const 14)))
                    (local.set $u14 (i64.add (local.get $u14) (i64.const 15)))
                    (local.set $u15 (i64.add (local.get $u15) (i64.const 16)))
                    (local.set $u16 (i64.add (local.get $u16) (i64.const 17)))
                    (local.set $u17 (i64.add (local.get $u17) (i64.const 18)))
                    (local.set $u18 (i64.add (local.get $u18) (i64.const 19)))
                    (local.set $u19 (i64.add (local.get $u19) (i64.const 20)))
                    (local.set $x (i64.add (local.get $x) (i64.const 1)))
                    (br_if $inner (i64.lt_u
                        (local.tee $m (i64.add (local.get $m) (i64.const 1))) (i64.const 6))))
                (br_if $outer (i64.lt_u
                    (local.tee $n (i64.add (local.get $n) (i64.const 1))) (i64.const 7))))
            (local.get $x)))",
        42,
    ),
];

/// Name, text of a module that exports `f`, the trap of `f`.
const TRAPS: &[(&str, &str, Trap)] = &[
    (
        "a call through a 64-bit table took the low half of the index",
        "(module (table i64 1 funcref) (elem (i64.const 0) func $g)
            (func $g (result i64) (i64.const 7))
            (func (export \"f\") (result i64)
                (call_indirect (result i64) (i64.const 0x100000000))))",
        Trap::TableOutOfBounds,
    ),
    (
        "with the index computed",
        "(module (table i64 1 funcref) (elem (i64.const 0) func $g)
            (func $g (result i64) (i64.const 7))
            (func (export \"f\") (result i64) (local i64)
                (call_indirect (result i64)
                    (i64.sub (local.get 0) (i64.const 0x100000000)))))",
        Trap::TableOutOfBounds,
    ),
    (
        "and with a tail call",
        "(module (table i64 1 funcref) (elem (i64.const 0) func $g)
            (func $g (result i64) (i64.const 7))
            (func (export \"f\") (result i64)
                (return_call_indirect (result i64) (i64.const 0x100000000))))",
        Trap::TableOutOfBounds,
    ),
];

#[test]
fn traps_that_were_missed_are_raised() {
    for config in common::configs() {
        for (name, wat, expected) in TRAPS {
            let (mut store, instance) = instance(&config, wat);
            let f = instance.get_typed_func::<(), i64>(&mut store, "f").unwrap();
            let error = f.call(&mut store, ()).unwrap_err();
            assert_eq!(error.downcast_ref(), Some(expected), "{name}");
        }
    }
}

#[test]
fn what_was_found_stays_mended() {
    for config in common::configs() {
        for (name, wat, expected) in FOUND {
            let (mut store, instance) = instance(&config, wat);
            let f = instance.get_typed_func::<(), i64>(&mut store, "f").unwrap();
            assert_eq!(f.call(&mut store, ()).unwrap(), *expected, "{name}");
        }
    }
}
