;; attach: TRAPS INTERRUPTS FUNCS
;; fuel: 1000
;; call: unreachable
;; call: divide
;; call: fail
;; call: forever
;; fuel: 1000
;; epoch:
;; call: unreachable
(module
  (import "env" "fail" (func $fail))
  (func $unreachable (export "unreachable") unreachable)
  (func $divide (export "divide") (drop (i32.div_u (i32.const 1) (i32.const 0))))
  (func $call_fail (export "fail") (call $fail))
  (func $forever (export "forever") (loop (br 0))))
