;; attach: FUNCS func=run
;; attach: CALLS HOST_CALLS
;; call: run
;; call: fail
(module
  (import "env" "fail" (func $fail))
  (import "env" "call" (func $call (param i32)))
  (func (export "called") (param i32))
  (func (export "run") (call $call (i32.const 4)))
  (func (export "fail") (call $fail)))
