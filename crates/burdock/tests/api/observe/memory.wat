;; attach: MEMORY GROWTH GLOBALS
;; attach: MEMORY memory=16..18
;; call: run 12
;; call: out
(module
  (memory 1)
  (data $d "abcdef")
  (table 1 funcref)
  (global $g (mut i64) (i64.const 0))
  (func $run (export "run") (param i32)
    (i32.store offset=4 (local.get 0) (i32.const 0x01020304))
    (i64.store8 (local.get 0) (i64.const 0x1234))
    (global.set $g (i64.load32_u offset=3 (local.get 0)))
    (v128.store (i32.const 0) (v128.load (i32.const 1)))
    (v128.store16_lane 3 (i32.const 0) (v128.const i16x8 0 1 2 3 4 5 6 7))
    (memory.fill (i32.const 15) (i32.const 1) (i32.const 2))
    (memory.copy (i32.const 20) (i32.const 14) (i32.const 4))
    (memory.init $d (i32.const 1) (i32.const 2) (i32.const 3))
    (drop (memory.grow (i32.const 2)))
    (drop (memory.grow (i32.const 65536)))
    (drop (table.grow (ref.null func) (i32.const 3))))
  (func $out (export "out") (drop (i32.load (i32.const -1)))))
