;; Throws ten calls below the function that catches.
(module
  (tag $number (param i64))
  (func $throws (param $n i32) (param $depth i32)
    (if (local.get $depth)
      (then (call $throws (local.get $n) (i32.sub (local.get $depth) (i32.const 1))))
      (else (throw $number (i64.extend_i32_u (local.get $n))))))
  (func (export "run") (param $n i32) (result i64) (local $sum i64)
    (loop $more
      (block $caught (result i64)
        (try_table (catch $number $caught) (call $throws (local.get $n) (i32.const 9)))
        (i64.const 0))
      (local.set $sum (i64.add (local.get $sum)))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
