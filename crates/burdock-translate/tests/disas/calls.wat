;; Arguments are brought to the callee's first slots. Behind a tail call of what may be a host function, its
;; results are returned.
(module
  (import "m" "f" (func $imported (param i32)))
  (table 1 funcref)
  (type $binary (func (param i32 i32) (result i32)))
  (func $add (type $binary) (i32.add (local.get 0) (local.get 1)))
  (func (param i32 i32) (result i32)
    (call $imported (local.get 0))
    (call $add
      (call $add (local.get 0) (i32.const 1))
      (call_indirect (type $binary) (local.get 1) (i32.const 2) (local.get 0))))
  (func (param i32) (result i32)
    (return_call $add (local.get 0) (i32.const 9)))
  (func (param i32) (result i32)
    (return_call_indirect (type $binary) (local.get 0) (i32.const 9) (i32.const 0))))
;; func 0
;;     0: enter frame=8 zero=s6+0
;;     2: r0 = i32.add s0, s1
;;     4: return r0
;; func 1
;;     0: enter frame=13 zero=s6+0
;;     2: s6 = s0
;;     4: call_imported f0 args=s6
;;     6: s7 = 1
;;     8: s6 = s0
;;    10: call f0 args=s6
;;    13: s8 = 2
;;    15: s7 = s1
;;    17: call_indirect table0[s0] type0 args=s7
;;    20: call f0 args=s6
;;    23: return s6
;; func 2
;;     0: enter frame=12 zero=s6+0
;;     2: s7 = 9
;;     4: s6 = s0
;;     6: return_call f0 args=s6
;; func 3
;;     0: enter frame=12 zero=s6+0
;;     2: s8 = 0
;;     4: s7 = 9
;;     6: s6 = s0
;;     8: return_call_indirect table0[s8] type0 args=s6
;;    12: s0.. = s6.. len=1
;;    14: return
