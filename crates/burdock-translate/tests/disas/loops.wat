;;! registers
;; A loop that begins with a test is jumped to by making the test again.
(module
  (func (param i32) (result i32) (local i32)
    (block $out
      (loop $top
        (br_if $out (i32.ge_u (local.get 1) (local.get 0)))
        (local.set 1 (i32.add (local.get 1) (local.get 1)))
        (br $top)))
    (local.get 1))
  (func (param i32) (result i32) (local i32)
    (block $out
      (loop $top
        (br_if $out (i32.eqz (local.get 0)))
        (if (local.get 1) (then (local.set 0 (i32.const 1)) (br $top)))
        (loop $inner
          (block $within
            (br_if $within (local.get 1))
            (local.set 1 (i32.add (local.get 1) (local.get 1)))
            (br $inner))
          (br_if $top (local.get 0)))
        (br $top)))
    (local.get 1)))
;; func 0
;;     0: enter frame=14 zero=s6+8
;;     2: pins = s6 s0
;;     4: br @10 if i64.lt_u r3, r4
;;     6: s6 = i64.copy r3
;;     8: br @16
;;    10: r3 = i32.add r3, r3
;;    12: br @10 if i64.lt_u r3, r4
;;    14: br @6
;;    16: return s6
;; func 1
;;     0: enter frame=14 zero=s6+8
;;     2: pins = s6 s0
;;     4: br @10 if i32.ne r4, 0
;;     6: s6 s0 = pins
;;     8: br @34
;;    10: br @18 if i32.eq r3, 0
;;    12: r4 = 1
;;    14: br @10 if i32.ne r4, 0
;;    16: br @6
;;    18: br @24 if i32.ne r3, 0
;;    20: r3 = i32.add r3, r3
;;    22: br @18
;;    24: br @30 if i32.eq r4, 0
;;    26: br @10 if i32.ne r4, 0
;;    28: br @6
;;    30: br @10 if i32.ne r4, 0
;;    32: br @6
;;    34: return s6
