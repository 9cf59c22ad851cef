(module
  (memory 1)
  (memory i64 1)
  (func (param i32 i64 v128) (result v128)
    (v128.store8_lane offset=3 15 (local.get 0) (local.get 2))
    (v128.store64_lane 1 1 (local.get 1) (local.get 2))
    (i16x8.replace_lane 5
      (v128.load32_lane offset=70000 3 (local.get 0)
        (v128.load16_lane 1 offset=5 7 (local.get 1) (local.get 2)))
      (i32x4.extract_lane 1 (local.get 2)))))
;; func 0
;;     0: enter frame=10 zero=s6+0
;;     2: v128.store8_lane [s0 + 3] = s2, lane=15
;;     5: v128.store64_lane memory1[s1 + 0] = s2, lane=1
;;     9: s7 = v128.load16_lane memory1[s1 + 5], s2, lane=7
;;    13: s6 = v128.load32_lane [s0 + 70000], s7, lane=3
;;    16: s8 = i32x4.extract_lane s2, lane=1
;;    18: s6 = i16x8.replace_lane s6, s8, lane=5
;;    20: v0 = v6
;;    22: return
