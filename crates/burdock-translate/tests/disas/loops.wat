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
;;     0: enter frame=6 zero=s3+1
;;     2: r3 = i64.copy s3
;;     4: r4 = i64.copy s0
;;     6: br @12 if i32.lt_u r3, r4
;;     8: s3 = i64.copy r3
;;    10: br @18
;;    12: r3 = i32.add r3, r3
;;    14: br @12 if i32.lt_u r3, r4
;;    16: br @8
;;    18: return s3
;; func 1
;;     0: enter frame=6 zero=s3+1
;;     2: r3 = i64.copy s3
;;     4: r4 = i64.copy s0
;;     6: br @14 if i32.ne r4, 0
;;     8: s3 = i64.copy r3
;;    10: s0 = i64.copy r4
;;    12: br @38
;;    14: br @22 if i32.eq r3, 0
;;    16: r4 = i32.copy 1
;;    18: br @14 if i32.ne r4, 0
;;    20: br @8
;;    22: br @28 if i32.ne r3, 0
;;    24: r3 = i32.add r3, r3
;;    26: br @22
;;    28: br @34 if i32.eq r4, 0
;;    30: br @14 if i32.ne r4, 0
;;    32: br @8
;;    34: br @14 if i32.ne r4, 0
;;    36: br @8
;;    38: return s3
