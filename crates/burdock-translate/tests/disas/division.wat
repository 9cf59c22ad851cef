;; Divisions by constants, which hold the constant's reciprocal where there is one and then cannot
;; trap.
(module
  (func (param i32 i64) (result i64) (local $x i32) (local $y i64)
    (local.set $x (i32.div_u (local.get 0) (i32.const 10)))
    (local.set $x (i32.rem_s (i32.add (local.get $x) (local.get 0)) (i32.const 1000)))
    ;; A signed division by 2 has no reciprocal, an unsigned one has.
    (local.set $x (i32.div_s (local.get $x) (i32.const 2)))
    (local.set $x (i32.div_u (local.get $x) (i32.const 2)))
    ;; Neither have zero and negative numbers.
    (local.set $x (i32.rem_u (local.get $x) (i32.const 0)))
    (local.set $x (i32.rem_u (local.get $x) (i32.const -7)))
    (local.set $y (i64.div_s (local.get 1) (i64.const 7)))
    (local.set $y (i64.rem_u (i64.const 100) (i64.const 7)))
    ;; A long constant is no part of the instruction.
    (i64.div_u (local.get $y) (i64.const 10000000000))))
;; func 0
;;     0: enter frame=14 zero=s6+8
;;     2: r0 = s6 = i32.div_u s0, 10
;;     5: r0 = i32.add r0, s0
;;     7: r0 = s6 = i32.rem_s r0, 1000
;;    10: s9 = 2
;;    12: r0 = s6 = i32.div_s r0, s9
;;    14: r0 = s6 = i32.div_u r0, 2
;;    17: s9 = 0
;;    19: r0 = s6 = i32.rem_u r0, s9
;;    21: s9 = 4294967289
;;    23: r0 = s6 = i32.rem_u r0, s9
;;    25: r0 = s7 = i64.div_s s1, 7
;;    28: s8 = 100
;;    30: r0 = s7 = i64.rem_u s8, 7
;;    33: s9 = 10000000000
;;    36: r0 = i64.div_u r0, s9
;;    38: return r0
