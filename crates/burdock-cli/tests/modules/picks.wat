;; Calls a handler of a table: the first, or the second if it is asked for that.
(module
  (table funcref (elem $open $close))
  (func $open (param i32))
  (func $close (param i32))
  (func $dispatch (param $n i32)
    (call_indirect (param i32) (local.get $n) (local.get $n)))
  (func (export "_start") (call $dispatch (i32.const 0)))
  (func (export "second") (call $dispatch (i32.const 1))))
