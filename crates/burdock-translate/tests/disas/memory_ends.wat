;; Accesses whose end fits in the instruction, and those for which it does not.
(module
  (memory 1)
  (func (param i32 i32) (result i32)
    (i32.store8 offset=4294967294 (local.get 0) (i32.const 1))
    (i32.store8 offset=4294967295 (local.get 0) (i32.const 1))
    (v128.store offset=4294967279 (local.get 0) (v128.const i64x2 0 0))
    (v128.store offset=4294967280 (local.get 0) (v128.const i64x2 0 0))
    (drop (i32.load offset=4294967200 (i32.const 91)))
    (drop (i32.load offset=4294967200 (i32.const 92)))
    (drop (i32.load offset=65531 (i32.add (local.get 0) (local.get 1))))
    (i32.load offset=65532 (i32.add (local.get 0) (local.get 1)))))
;; func 0
;;     0: enter frame=9 zero=s6+0
;;     2: i64.store8 [s0 + 4294967294] = 1
;;     4: s7 = 1
;;     6: i64.store8 memory0[s0 + 4294967295] = s7
;;     9: s7 = 0..
;;    13: v128.store [s0 + 4294967279] = s7
;;    15: s7 = 0..
;;    19: v128.store memory0[s0 + 4294967280] = s7
;;    22: r0 = i64.load32_u [4294967291]
;;    24: s6 = 92
;;    26: r0 = i64.load32_u [s6 + 4294967200]
;;    28: r0 = i64.load32_u [s0 + s1 + 65531]
;;    30: r0 = i32.add s0, s1
;;    32: r0 = i64.load32_u [r0 + 65532]
;;    34: return r0
