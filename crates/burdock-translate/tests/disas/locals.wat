;; Assignments take their value from the instruction that computes it; an old value that is still
;; wanted is saved first.
(module
  (func (param i32 i32) (result i32)
    (local.set 0 (i32.add (local.get 0) (local.get 1)))
    (local.get 0)
    (local.set 0 (i32.add (local.get 0) (i32.const 1)))
    (i32.mul (local.get 0))))
;; func 0
;;     0: enter frame=9 zero=s6+0
;;     2: r0 = s0 = i32.add s0, s1
;;     4: s6 = s0
;;     6: r0 = s0 = i32.add r0, 1
;;     8: r0 = i32.mul r0, s6
;;    10: return r0
