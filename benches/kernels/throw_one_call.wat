;; Throws in a function and catches in its caller.
(module
  (tag $number (param i64))
  (func $throws (param $n i32)
    (throw $number (i64.extend_i32_u (local.get $n))))
  (func (export "run") (param $n i32) (result i64) (local $sum i64)
    (loop $more
      (block $caught (result i64)
        (try_table (catch $number $caught) (call $throws (local.get $n)))
        (i64.const 0))
      (local.set $sum (i64.add (local.get $sum)))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
