;; Calls by reference.
(module
  (type $handler (func (result i32)))
  (elem declare func $on_close $system)
  (func $on_close (type $handler) (i32.const 1))
  (func $system (type $handler) (i32.const 2))
  (func $pick (param $n i32) (result (ref null $handler))
    (if (i32.eqz (local.get $n)) (then (return (ref.func $on_close))))
    (if (i32.eq (local.get $n) (i32.const 1)) (then (return (ref.func $system))))
    (ref.null $handler))
  (func (export "run") (param $n i32) (result i32)
    (call_ref $handler (call $pick (local.get $n))))
  (func (export "tail") (param $n i32) (result i32)
    (return_call_ref $handler (call $pick (local.get $n)))))
