;; Crossings between guest and host: `run` calls the host n times, `add_one` is called by it.
(module
  (import "bench" "add" (func $add (param i32 i32) (result i32)))
  (func (export "run") (param $n i32) (result i64)
    (local $sum i32)
    (loop $calls
      (local.set $sum (call $add (local.get $sum) (local.get $n)))
      (br_if $calls (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i64.extend_i32_u (local.get $sum)))
  (func (export "add_one") (param i32) (result i32)
    (i32.add (local.get 0) (i32.const 1))))
