;;! depth
(module
  (tag $e (param i32))
  ;; A clause that leads to the function's label counts the frame no more.
  (func (param $n i32) (result i32)
    (try_table (catch $e 0)
      (throw $e (local.get $n)))
    (unreachable))
)
;; func 0
;;     0: enter frame=7 zero=s6+0
;;     2: enter_depth
;;     3: s6 = s0
;;     5: throw tag0 s6..
;;     7: leave_depth
;;     8: return s6
;; @3..@7 catch tag0 to s6.. @7
