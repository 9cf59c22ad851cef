;; What throw_one_call does, with a result in place of the exception.
(module
  (func $returns (param $n i32) (result i64)
    (i64.extend_i32_u (local.get $n)))
  (func (export "run") (param $n i32) (result i64) (local $sum i64)
    (loop $more
      (local.set $sum (i64.add (call $returns (local.get $n)) (local.get $sum)))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
