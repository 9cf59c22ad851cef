;; A loop without calls: what calls.wat and host.wat take beside their calls.
(module
  (func (export "run") (param $n i32) (result i64)
    (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (local.get $n)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i64.extend_i32_u (local.get $sum))))
