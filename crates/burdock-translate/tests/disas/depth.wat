;; Frames that are counted: at the entry, before each return and tail call.
;;! depth
(module
  (import "" "host" (func $host))
  (memory 1)
  (func $returns (param i32) (result i32)
    (br_if 0 (i32.const 1) (local.get 0))
    drop
    (call $returns (i32.const 2)))
  (func $tail (return_call $tail))
  (func $tail_host (return_call $host)))
;; func 0
;;     0: enter frame=12 zero=s6+0
;;     2: enter_depth
;;     3: br @8 if i32.eq s0, 0
;;     5: leave_depth
;;     6: return 1
;;     8: s6 = 2
;;    10: call f0 args=s6
;;    13: leave_depth
;;    14: return s6
;; func 1
;;     0: enter frame=12 zero=s6+0
;;     2: enter_depth
;;     3: leave_depth
;;     4: return_call f1 args=s6
;; func 2
;;     0: enter frame=12 zero=s6+0
;;     2: enter_depth
;;     3: leave_depth
;;     4: return_call_imported f0 args=s6
;;     7: return
