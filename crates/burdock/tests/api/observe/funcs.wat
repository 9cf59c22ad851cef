;; attach: FUNCS
;; call: fac 3
;; call: trap 2
;; call: tail 1
;; call: early 1
;; call: early 0
;; call: table 0
;; call: table 1
;; call: two
;; call: tail_null
(module
  (func $fac (export "fac") (param i32) (result i64)
    (if (result i64) (i32.eqz (local.get 0))
      (then (i64.const 1))
      (else
        (i64.mul (i64.extend_i32_u (local.get 0))
          (call $fac (i32.sub (local.get 0) (i32.const 1)))))))
  (func $trap (export "trap") (param i32)
    (if (i32.eqz (local.get 0)) (then unreachable))
    (call $trap (i32.sub (local.get 0) (i32.const 1))))
  (func $tail (export "tail") (param i32) (result i64) (return_call $fac (local.get 0)))
  (func $early (export "early") (param i32) (result i32)
    i32.const 5
    (br_if 0 (i32.const 6) (local.get 0))
    drop
    (return (i32.const 7)))
  (func $table (export "table") (param i32) (result f64)
    (block (result f64)
      (br_table 0 1 (f64.const 0.5) (local.get 0)))
    drop
    (f64.const 2))
  (func $two (export "two") (result i32 v128)
    i32.const 1
    v128.const i64x2 2 3)
  (table 1 funcref)
  (func $tail_null (export "tail_null") (return_call_indirect (i32.const 0))))
