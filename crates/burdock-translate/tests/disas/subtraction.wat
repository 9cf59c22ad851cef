;; Subtractions of constants, which are additions.
(module
  (func (param i32 i64) (result i64) (local $x i32) (local $y i64)
    (local.set $x (i32.sub (local.get 0) (i32.const 1)))
    (local.set $x (i32.sub (local.get $x) (i32.const -2147483648)))
    (local.set $x (i32.sub (i32.const 5) (local.get $x)))
    (local.set $x (i32.sub (local.get $x) (local.get 0)))
    (local.set $y (i64.sub (local.get 1) (i64.const -1)))
    ;; The negated constant is longer than the constant.
    (local.set $y (i64.sub (local.get $y) (i64.const -2147483648)))
    (i64.sub (local.get $y) (i64.const 2147483648))))
;; func 0
;;     0: enter frame=14 zero=s6+8
;;     2: r0 = s6 = i32.add s0, -1
;;     4: r0 = s6 = i32.add r0, -2147483648
;;     6: r0 = s6 = i32.sub 5, r0
;;     8: r0 = s6 = i32.sub r0, s0
;;    10: r0 = s7 = i64.add s1, 1
;;    12: s9 = 2147483648
;;    14: r0 = s7 = i64.add r0, s9
;;    16: r0 = i64.add r0, -2147483648
;;    18: return r0
