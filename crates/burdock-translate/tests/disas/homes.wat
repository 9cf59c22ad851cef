;;! registers
;; What is wanted at home is computed there; a local's value stays in the register that it came from.
(module
  (memory 1)
  (func $three (param i32 i32 i32) (result i32) (local.get 0))
  (func (param i32 i32) (result i32)
    (call $three
      (i32.load offset=4 (local.get 0))
      (i32.add (local.get 0) (local.get 1))
      (i32.mul (local.get 0) (local.get 1))))
  (func (param i32 i32) (result i32)
    (local.set 0
      (select (local.get 0) (i32.shl (local.get 0) (i32.const 1)) (i32.and (local.get 1) (i32.const 1))))
    (i32.add (i32.shr_u (local.get 0) (i32.const 3)) (local.get 0)))
  (func (param i32 i32) (result i32)
    (i32.add
      (i32.mul (local.get 0) (local.get 1))
      (i32.sub
        (i32.xor (local.get 0) (local.get 1))
        (if (result i32) (local.get 1) (then (i32.const 1)) (else (i32.const 2)))))))
;; func 0
;;     0: enter frame=7 zero=s6+0
;;     2: return s0
;; func 1
;;     0: enter frame=12 zero=s6+0
;;     2: s6 = i64.load32_u [s0 + 4]
;;     4: s7 = i32.add s0, s1
;;     6: s8 = i32.mul s0, s1
;;     8: call f0 args=s6
;;    11: return s6
;; func 2
;;     0: enter frame=10 zero=s6+0
;;     2: r0 = i32.shl s0, 1
;;     4: r1 = i32.and s1, 1
;;     6: r0 = r1 ? s0 : r0
;;     8: s0 = i64.copy r0
;;    10: r1 = i32.shr_u r0, 3
;;    12: r1 = i32.add r1, r0
;;    14: return r1
;; func 3
;;     0: enter frame=9 zero=s6+0
;;     2: s6 = i32.mul s0, s1
;;     4: s7 = i64.xor s0, s1
;;     6: br @12 if i32.eq s1, 0
;;     8: s8 = 1
;;    10: br @14
;;    12: s8 = 2
;;    14: r0 = i32.sub s7, s8
;;    16: r0 = i32.add r0, s6
;;    18: return r0
