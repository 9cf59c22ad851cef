;; The youngest value is in the register; an older one is sent home without an instruction.
(module
  (func (param f64 f64 f64 f64) (result f64)
    (f64.sub
      (f64.mul (local.get 0) (local.get 1))
      (f64.mul (local.get 2) (local.get 3))))
  (func (param i32) (result i32)
    (local i32)
    (local.set 1 (i32.add (local.get 0) (i32.const 3)))
    (i32.mul (local.get 1) (local.get 1))))
;; func 0
;;     0: enter frame=9 zero=s6+0
;;     2: s6 = f64.mul s0, s1
;;     4: f64r0 = f64.mul s2, s3
;;     6: f64r0 = f64.sub s6, f64r0
;;     8: return f64r0
;; func 1
;;     0: enter frame=14 zero=s6+8
;;     2: r0 = s6 = i32.add s0, 3
;;     4: r0 = i32.mul r0, r0
;;     6: return r0
