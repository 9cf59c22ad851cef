;; What throw_ten_calls does, with results in place of the exception.
(module
  (func $returns (param $n i32) (param $depth i32) (result i64)
    (if (result i64) (local.get $depth)
      (then (call $returns (local.get $n) (i32.sub (local.get $depth) (i32.const 1))))
      (else (i64.extend_i32_u (local.get $n)))))
  (func (export "run") (param $n i32) (result i64) (local $sum i64)
    (loop $more
      (local.set $sum (i64.add (call $returns (local.get $n) (i32.const 9)) (local.get $sum)))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
