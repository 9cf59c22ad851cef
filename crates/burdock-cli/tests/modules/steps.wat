;; Something of everything that the tools show: calls, a loop, memory, a host call.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\04\00\00\00")
  (global $count (mut i32) (i32.const 0))

  (func $digit (param $n i32) (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.add (i32.rem_u (local.get $n) (i32.const 10)) (i32.const 48)))

  ;; Writes the decimal digits of n, at most three, before the line's end.
  (func $print (param $n i32) (local $at i32)
    (i32.store8 (i32.const 19) (i32.const 10))
    (local.set $at (i32.const 18))
    (loop $next
      (i32.store8 (local.get $at) (call $digit (local.get $n)))
      (local.set $n (i32.div_u (local.get $n) (i32.const 10)))
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (br_if $next (i32.ge_u (local.get $at) (i32.const 16))))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32))))

  (func $unused (export "unused") (result i32) (i32.const 0))

  (func $fac (export "fac") (param $n i32) (result i32)
    (if (result i32) (i32.lt_u (local.get $n) (i32.const 2))
      (then (i32.const 1))
      (else (i32.mul (local.get $n) (call $fac (i32.sub (local.get $n) (i32.const 1)))))))

  (func $start (export "_start")
    (call $print (call $fac (i32.const 5)))))
