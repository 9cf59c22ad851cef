;; Constant addresses, sums as addresses, small constants as values.
(module
  (memory 1) (memory $other 1)
  (func (param i32 i32) (result i64)
    (i32.store offset=4 (i32.const 16) (i32.const -1))
    (f32.store (local.get 0) (f32.const 0))
    (f64.store (local.get 0) (f64.const 2.5))
    (i32.store8 (local.get 0) (i32.load offset=8 (i32.add (local.get 0) (local.get 1))))
    (i64.load32_u $other offset=3 (local.get 1))))
;; func 0
;;     0: enter frame=9 zero=s6+0
;;     2: i64.store32 [20] = -1
;;     4: i64.store32 [s0 + 0] = 0
;;     6: s7 = 4612811918334230528
;;     9: i64.store [s0 + 0] = s7
;;    11: r0 = i64.load32_u [s0 + s1 + 8]
;;    13: i64.store8 [s0 + 0] = r0
;;    15: s6 = i64.load32_u memory1[s1 + 3]
;;    18: return s6
