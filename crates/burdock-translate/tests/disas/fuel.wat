;;! fuel
;;! epochs
(module
  (func (param i32)
    (loop $top
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if $top (local.get 0)))
    (nop)))
;; func 0
;;     0: enter frame=5 zero=s3+0
;;     2: check_epoch
;;     3: check_fuel above 1 consume 1
;;     5: check_epoch
;;     6: check_fuel above 0 consume 6
;;     8: r0 = s0 = i32.sub s0, 1
;;    10: br @5 if i32.ne r0, 0
;;    12: return
