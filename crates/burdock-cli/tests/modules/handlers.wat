;; Calls the handlers of a table, one after the other; the last is none.
(module
  (type $handler (func (param i32)))
  (table funcref (elem $on_open $on_close $system))
  (func $on_open (type $handler))
  (func $on_close (type $handler))
  (func $system (type $handler) unreachable)
  (func $dispatch (param $n i32)
    (call_indirect (type $handler) (local.get $n) (local.get $n)))
  (func (export "_start")
    (call $dispatch (i32.const 0))
    (call $dispatch (i32.const 1))
    (call $dispatch (i32.const 2))))
