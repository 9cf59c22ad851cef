;;! registers
;;! vectors
(module
  (memory 1)
  ;; A chain of vectors: each operand comes from the register in which the last result was left,
  ;; also after that result was sent to a local.
  (func (param $p i32) (param $x v128) (result v128)
    (local.set $x (i32x4.add (v128.load (local.get $p)) (local.get $x)))
    (local.set $x (i32x4.sub (local.get $x) (v128.load offset=16 (local.get $p))))
    (i8x16.shuffle 0 1 2 3 20 21 22 23 8 9 10 11 28 29 30 31
      (local.get $x) (i32x4.shl (local.get $x) (i32.const 3))))

  ;; Into memory, a bit mask, an extended half, a choice of bits.
  (func (param $p i32) (param $x v128) (result i32)
    (v128.store (local.get $p) (i16x8.extend_high_i8x16_s (i8x16.neg (local.get $x))))
    (i8x16.bitmask (v128.bitselect (local.get $x) (v128.not (local.get $x)) (local.get $x))))

  ;; Not where the code may be entered.
  (func (param $p i32) (param $x v128)
    (local.set $x (i8x16.neg (local.get $x)))
    (loop $l
      (local.set $x (i8x16.abs (local.get $x)))
      (br_if $l (v128.any_true (local.get $x))))))
;; func 0
;;     0: enter frame=11 zero=s6+0
;;     2: s6 = v128.load [s0 + 0]
;;     4: s1 = i32x4.add last s6, s1
;;     6: s8 = v128.load [s0 + 16]
;;     8: s1 = i32x4.sub s1, last s8
;;    10: s8 = i32x4.shl last s1, 3
;;    12: v6 = i8x16.shuffle v8 v1 506097523183718672..
;;    16: v0 = v6
;;    18: return
;; func 1
;;     0: enter frame=12 zero=s6+0
;;     2: s7 = i8x16.neg s1
;;     4: s7 = i16x8.extend_high_i8x16_s last s7
;;     6: v128.store [s0 + 0] = last s7
;;     8: s8 = v128.not s1
;;    10: s6 = v128.bitselect s1, last s8, s1
;;    12: s6 = i8x16.bitmask last s6
;;    14: return s6
;; func 2
;;     0: enter frame=8 zero=s6+0
;;     2: s1 = i8x16.neg s1
;;     4: s1 = i8x16.abs s1
;;     6: s6 = v128.any_true last s1
;;     8: br @4 if i32.ne s6, 0
;;    10: return
