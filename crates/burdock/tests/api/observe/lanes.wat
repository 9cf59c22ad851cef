;; attach: MEMORY
;; call: run 8
(module
  (memory 1)
  (data (i32.const 0) "\00\01\02\03\04\05\06\07\08\09\0a\0b\0c\0d\0e\0f\10\11\12\13\14\15\16\17\18")
  (func $run (export "run") (param i32)
    (local v128)
    (local.set 1 (v128.load8_lane offset=1 3 (local.get 0) (local.get 1)))
    (local.set 1 (v128.load16_lane 2 (i32.const 3) (local.get 1)))
    (local.set 1 (v128.load32_lane 1 (local.get 0) (local.get 1)))
    (local.set 1 (v128.load64_lane 1 (local.get 0) (local.get 1)))
    (v128.store64_lane 1 (local.get 0) (local.get 1))
    (v128.store (i32.const 32) (v128.load32x2_s (local.get 0)))))
