;; Branches that take values along; where they lie already in place, nothing is moved.
(module
  (func (param i32) (result i32 i64)
    (block $out (result i32 i64)
      (i32.const 1)
      (i64.const 2)
      (br_if $out (local.get 0))
      (drop) (drop)
      (local.get 0)
      (i64.const 0x123456789)))
  (func (param i32) (result i32)
    (block $a (result i32)
      (block $b (result i32)
        (i32.const 10)
        (br_table $a $b 2 (local.get 0)))
      (i32.add (i32.const 1)))))
;; func 0
;;     0: enter frame=9 zero=s6+0
;;     2: s7 = 2
;;     4: s6 = 1
;;     6: br @13 if i32.ne s0, 0
;;     8: s7 = 4886718345
;;    11: s6 = s0
;;    13: s0.. = s6.. len=2
;;    15: return
;; func 1
;;     0: enter frame=8 zero=s6+0
;;     2: s6 = 10
;;     4: br_table s0 [2] @16 @14 @12
;;    12: return s6
;;    14: s6 = i32.add s6, 1
;;    16: return s6
