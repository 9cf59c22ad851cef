;; attach: HOST_CALLS import=env.add
;; attach: HOST_CALLS FUNCS import=env.*l*
;; call: run
;; call: fail
(module
  (import "env" "add" (func $add (param i32 i64) (result i64)))
  (import "env" "fail" (func $fail))
  (import "env" "call" (func $call (param i32)))
  (table funcref (elem $add))
  (func $called (export "called") (param i32)
    (drop (call $add (local.get 0) (i64.const 1))))
  (func $run (export "run") (result i64)
    (call $call (i32.const 4))
    (call_indirect (param i32 i64) (result i64) (i32.const 1) (i64.const 2) (i32.const 0)))
  (func $fail_ (export "fail") (call $fail)))
