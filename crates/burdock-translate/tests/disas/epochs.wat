;;! epochs
;;! registers
(module
  (memory 1)
  ;; Loops that begin with a test: a branch back makes check and test itself.
  (func (param $i i32) (param $n i32)
    (block $out
      (loop $top
        (br_if $out (i32.ge_u (local.get $i) (local.get $n)))
        (i32.store8 (local.get $i) (i32.const 1))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $top))))
  ;; Two, one in the other, whose test leads to the outer one.
  (func (param $n i32)
    (loop $outer
      (loop $inner
        (br_if $outer (i32.eqz (local.get $n)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $inner))))
  ;; A loop without a test, and without locals in registers.
  (func
    (loop $top
      (br $top))))
;; func 0
;;     0: enter frame=8 zero=s6+0
;;     2: br_at_deadline @26
;;     4: pins = s0 s1
;;     6: br_at_deadline @29
;;     8: br @14 if i64.lt_u r3, r4
;;    10: s0 = i64.copy r3
;;    12: br @24
;;    14: i64.store8 [r3 + 0] = 1
;;    16: r3 = i32.add r3, 1
;;    18: br_at_deadline @6
;;    20: br @14 if i64.lt_u r3, r4
;;    22: br @10
;;    24: return
;;    26: check_epoch
;;    27: br @4
;;    29: s0 = i64.copy r3
;;    31: check_epoch
;;    32: pins = s0 s1
;;    34: br @8
;; func 1
;;     0: enter frame=8 zero=s6+0
;;     2: br_at_deadline @22
;;     4: r3 = i64.copy s0
;;     6: br_at_deadline @25
;;     8: br_at_deadline @32
;;    10: br @14 if i32.ne r3, 0
;;    12: br @6
;;    14: r3 = i32.add r3, -1
;;    16: br_at_deadline @8
;;    18: br @14 if i32.ne r3, 0
;;    20: br @12
;;    22: check_epoch
;;    23: br @4
;;    25: s0 = i64.copy r3
;;    27: check_epoch
;;    28: r3 = i64.copy s0
;;    30: br @8
;;    32: s0 = i64.copy r3
;;    34: check_epoch
;;    35: r3 = i64.copy s0
;;    37: br @10
;; func 2
;;     0: enter frame=6 zero=s6+0
;;     2: br_at_deadline @8
;;     4: br_at_deadline @11
;;     6: br @4
;;     8: check_epoch
;;     9: br @4
;;    11: check_epoch
;;    12: br @6
