;;! registers
;; An `i32` is zero-extended: ops of `i64` compute the same, but for constants, which they extend
;; with their sign.
(module
  (memory 1)
  (func (param i32 i32) (result i32)
    (i32.or (i32.and (local.get 0) (local.get 1)) (i32.xor (local.get 1) (local.get 0))))
  (func (param i32 i32) (result i32)
    (i32.or
      (i32.and (i32.const -8) (local.get 0))
      (i32.xor (local.get 1) (i32.const -1))))
  (func (param i32) (result i32)
    (i32.xor (i32.const -1) (i32.const 1)))
  (func (param i32 i32) (result i32)
    (i32.add
      (i32.gt_u (i32.const -10) (local.get 0))
      (i32.le_u (local.get 0) (local.get 1))))
  (func (param i32 i32)
    (block
      (br_if 0 (i32.eq (local.get 0) (i32.const -1)))
      (br_if 0 (i32.eqz (i32.and (local.get 0) (local.get 1))))
      (br_if 0 (i32.and (local.get 0) (i32.const 4)))
      (br_if 0 (i32.eqz (i32.eq (local.get 0) (local.get 1))))
      (i32.store16 (local.get 0) (i32.const -2))
      (i32.store (local.get 0) (i32.load16_u (local.get 1)))))
  (func (param i32) (result i64)
    (i64.extend_i32_u (i32.popcnt (local.get 0)))))
;; func 0
;;     0: enter frame=9 zero=s6+0
;;     2: r0 = i64.and s0, s1
;;     4: r1 = i64.xor s1, s0
;;     6: r0 = i64.or r0, r1
;;     8: return r0
;; func 1
;;     0: enter frame=9 zero=s6+0
;;     2: r0 = i32.and s0, -8
;;     4: r1 = i32.xor s1, -1
;;     6: r0 = i64.or r0, r1
;;     8: return r0
;; func 2
;;     0: enter frame=8 zero=s6+0
;;     2: r2 = 1
;;     4: r0 = i32.xor r2, -1
;;     6: return r0
;; func 3
;;     0: enter frame=9 zero=s6+0
;;     2: r0 = i32.lt_u s0, -10
;;     4: r1 = i64.le_u s0, s1
;;     6: r0 = i32.add r0, r1
;;     8: return r0
;; func 4
;;     0: enter frame=8 zero=s6+0
;;     2: br @16 if i32.eq s0, -1
;;     4: br @16 if i64.test_z s0, s1
;;     6: br @16 if i32.test_nz s0, 4
;;     8: br @16 if i64.ne s0, s1
;;    10: i64.store16 [s0 + 0] = -2
;;    12: r0 = i64.load16_u [s1 + 0]
;;    14: i64.store32 [s0 + 0] = r0
;;    16: return
;; func 5
;;     0: enter frame=7 zero=s6+0
;;     2: r0 = i64.popcnt s0
;;     4: return r0
