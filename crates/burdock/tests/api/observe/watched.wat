;; attach: MEMORY memory=18..20
;; attach: MEMORY_WRITES memory=40..41 memory=64..64
;; call: run 12 3
;; call: wide 4 18
;; call: far 8
;; call: trap 65536
;; attach: MEMORY TRAPS memory=0..1
;; call: trap 65536
;; call: run 12 1
;; attach: FUNCS func=nothing
;; call: run 12 1
;; attach: INSTRUCTIONS func=tick
;; call: run 12 1
(module
  (memory 1)
  (memory $far i64 1)
  (data $d "abcdefgh")
  (global $g (mut i32) (i32.const 0))
  (func $nothing)
  (func $tick (result i32)
    (global.set $g (i32.add (global.get $g) (i32.const 1)))
    (global.get $g))
  (func $run (export "run") (param $from i32) (param $times i32) (result i32)
    (local $sum i32) (local $f f64) (local $wide i64)
    (local.set $f (f64.const 1.5))
    (loop $l (result i32)
      ;; Values below the operands: a constant, a sum, a local and a float.
      (i32.const 7)
      (i32.add (local.get $from) (local.get $times))
      (local.get $times)
      (f64.add (local.get $f) (f64.const 0.25))
      (local.set $f)
      (i32.store8 offset=3 (i32.add (local.get $from) (local.get $times)) (local.get $sum))
      (i64.store offset=1 (local.get $from) (local.get $wide))
      (local.set $wide (i64.add (i64.load (local.get $from)) (i64.const 1)))
      (i32.store16 (i32.add (local.get $from) (i32.const 5)) (call $tick))
      (f64.store (i32.const 33) (local.get $f))
      (local.set $sum (i32.add (local.get $sum) (i32.add (i32.add))))
      (br_if $l (local.tee $times (i32.sub (local.get $times) (i32.const 1))))
      (local.get $sum)))
  (func (export "wide") (param i32 i32) (result i64)
    (v128.store (local.get 0) (i32x4.splat (local.get 1)))
    (v128.store32_lane 2 (local.get 1) (v128.load8_lane 1 (local.get 1) (v128.load offset=2 (i32.const 1))))
    (memory.fill (i32.const 10) (i32.const 9) (i32.const 8))
    (memory.fill (i32.const 10) (i32.const 9) (i32.const 9))
    (memory.fill (i32.const 19) (i32.const 9) (i32.const 0))
    (memory.copy (i32.const 60) (i32.const 16) (i32.const 4))
    (memory.init $d (i32.const 39) (i32.const 1) (i32.const 3))
    (i64.load (i32.const 16)))
  (func (export "far") (param i64) (result i64)
    (i64.store $far offset=6 (local.get 0) (i64.const 5))
    (i64.store8 offset=0xffffffff (i32.const 0) (i64.const 5))
    (i64.load $far offset=0xfffffffffffffff0 (i64.const 34)))
  (func $trap (export "trap") (param i32) (result i32)
    (local i32)
    (loop
      (local.set 1 (i32.add (local.get 1) (i32.const 40)))
      (i32.store8 (local.get 1) (i32.const 300))
      (br_if 0 (i32.lt_u (local.get 1) (i32.const 41))))
    (i32.load (i32.const 0))
    (i32.load (local.get 0))
    i32.add))
