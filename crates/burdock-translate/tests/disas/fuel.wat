;;! fuel
;;! epochs
(module
  (func (param i32)
    (loop $top
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if $top (local.get 0)))
    (nop)))
;; func 0
;;     0: enter frame=8 zero=s6+0
;;     2: br_at_deadline @16
;;     4: check_fuel above 1 consume 1
;;     6: br_at_deadline @19
;;     8: check_fuel above 0 consume 6
;;    10: r0 = s0 = i32.add s0, -1
;;    12: br @6 if i32.ne r0, 0
;;    14: return
;;    16: check_epoch
;;    17: br @4
;;    19: check_epoch
;;    20: br @8
