;; Comparisons, tests of bits and their opposites become part of the jump.
(module
  (func (param i32 i32) (result i32)
    (loop $top
      (br_if $top (i32.lt_s (local.get 0) (local.get 1)))
      (br_if $top (i32.eqz (i32.and (local.get 0) (i32.const 7))))
      (br_if $top (i32.eqz (i32.ge_u (local.get 0) (i32.const 100000))))
      (if (f64.lt (f64.convert_i32_s (local.get 0)) (f64.const 1.5))
        (then (local.set 0 (i32.const 5)))
        (else (local.set 1 (i32.const 6)))))
    (local.get 1)))
;; func 0
;;     0: enter frame=8 zero=s6+0
;;     2: br @2 if i32.lt_s s0, s1
;;     4: br @2 if i32.test_z s0, 7
;;     6: r0 = i32.lt_u s0, 100000
;;     8: br @2 if i32.ne r0, 0
;;    10: f64r0 = f64.convert_i32_s s0
;;    12: s7 = 4609434218613702656
;;    15: br @21 unless f64.lt f64r0, s7
;;    17: s0 = 5
;;    19: br @23
;;    21: s1 = 6
;;    23: return s1
