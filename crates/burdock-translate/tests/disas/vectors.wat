;;! canonical NaNs
(module
  (memory 1)
  (func (param i32 v128) (result v128)
    (f32x4.mul
      (f32x4.splat (f32.sqrt (f32x4.extract_lane 2 (local.get 1))))
      (v128.load offset=16 (local.get 0)))))
;; func 0
;;     0: enter frame=9 zero=s5+0
;;     2: s5 = f32x4.extract_lane s1, lane=2
;;     4: f32r0 = f32.sqrt s5
;;     6: s5 = f32.canonicalize_nan f32r0
;;     8: s5 = f32x4.splat s5
;;    10: s7 = v128.load [s0 + 16]
;;    12: s5 = f32x4.mul s5, s7
;;    14: s5 = f32x4.canonicalize_nan s5
;;    16: s0 = s5, s1 = s6
;;    18: return
