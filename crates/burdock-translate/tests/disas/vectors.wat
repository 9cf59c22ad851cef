;;! canonical NaNs
(module
  (memory 1)
  (func (param i32 v128) (result v128)
    (f32x4.mul
      (f32x4.splat (f32.sqrt (f32x4.extract_lane 2 (local.get 1))))
      (v128.load offset=16 (local.get 0))))

  ;; Shifts by a constant; by a value.
  (func (param i32 v128) (result v128)
    (i64x2.shr_u (i16x8.shl (local.get 1) (i32.const 19)) (local.get 0)))

  ;; What an instruction computes goes to the local at once; a local's old value is copied whole.
  (global $g (mut v128) (v128.const i64x2 1 2))
  (func (param i32 v128) (result v128) (local v128 v128)
    (local.set 2 (v128.const i64x2 3 4))
    (local.set 3 (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
      (local.get 1) (local.get 2)))
    (local.set 2 (v128.load8_lane 3 (local.get 0) (local.get 3)))
    (i32x4.add (local.get 3) (local.tee 3 (global.get $g)))))
;; func 0
;;     0: enter frame=9 zero=s5+0
;;     2: s5 = f32x4.extract_lane s1, lane=2
;;     4: f32r0 = f32.sqrt s5
;;     6: s5 = f32.canonicalize_nan f32r0
;;     8: s5 = f32x4.splat s5
;;    10: s7 = v128.load [s0 + 16]
;;    12: s5 = f32x4.mul s5, s7
;;    14: s5 = f32x4.canonicalize_nan s5
;;    16: v0 = v5
;;    18: return
;; func 1
;;     0: enter frame=8 zero=s5+0
;;     2: s5 = i16x8.shl s1, 19
;;     4: s5 = i64x2.shr_u s5, s0
;;     6: v0 = v5
;;     8: return
;; func 2
;;     0: enter frame=13 zero=s5+8
;;     2: s5 = 3..
;;     6: v7 = i8x16.shuffle v1 v5 506097522914230528..
;;    10: s5 = v128.load8_lane [s0 + 0], s7, lane=3
;;    13: v9 = v7
;;    15: v7 = global0
;;    17: s9 = i32x4.add s9, s7
;;    19: v0 = v9
;;    21: return
