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
;;     0: enter frame=10 zero=s6+0
;;     2: s6 = f32x4.extract_lane s1, lane=2
;;     4: f32r0 = f32.sqrt s6
;;     6: s6 = f32.canonicalize_nan f32r0
;;     8: s6 = f32x4.splat s6
;;    10: s8 = v128.load [s0 + 16]
;;    12: s6 = f32x4.mul s6, s8
;;    14: s6 = f32x4.canonicalize_nan s6
;;    16: v0 = v6
;;    18: return
;; func 1
;;     0: enter frame=9 zero=s6+0
;;     2: s6 = i16x8.shl s1, 19
;;     4: s6 = i64x2.shr_u s6, s0
;;     6: v0 = v6
;;     8: return
;; func 2
;;     0: enter frame=14 zero=s6+8
;;     2: s6 = 3..
;;     6: v8 = i8x16.shuffle v1 v6 506097522914230528..
;;    10: s6 = v128.load8_lane [s0 + 0], s8, lane=3
;;    13: v10 = v8
;;    15: v8 = global0
;;    17: s10 = i32x4.add s10, s8
;;    19: v0 = v10
;;    21: return
