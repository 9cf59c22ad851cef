;; 64-bit integers in locals: the Mandelbrot set on n by n points in fixed point with 28 bits of
;; fraction, iterations summed.
(module
  (func $iterate (param $cx i64) (param $cy i64) (result i32)
    (local $x i64) (local $y i64) (local $x2 i64) (local $y2 i64) (local $i i32)
    (block $out
      (loop $steps
        (local.set $x2 (i64.shr_s (i64.mul (local.get $x) (local.get $x)) (i64.const 28)))
        (local.set $y2 (i64.shr_s (i64.mul (local.get $y) (local.get $y)) (i64.const 28)))
        (br_if $out
          (i64.gt_s (i64.add (local.get $x2) (local.get $y2)) (i64.const 0x40000000)))
        (local.set $y
          (i64.add (i64.shr_s (i64.mul (local.get $x) (local.get $y)) (i64.const 27)) (local.get $cy)))
        (local.set $x (i64.add (i64.sub (local.get $x2) (local.get $y2)) (local.get $cx)))
        (br_if $steps
          (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100)))))
    (local.get $i))
  (func (export "run") (param $n i32) (result i64)
    (local $i i32) (local $j i32) (local $step i64) (local $sum i64)
    (local.set $step (i64.div_s (i64.const 0x30000000) (i64.extend_i32_u (local.get $n))))
    (loop $rows
      (local.set $j (i32.const 0))
      (loop $columns
        (local.set $sum
          (i64.add (local.get $sum)
            (i64.extend_i32_u
              (call $iterate
                (i64.sub (i64.mul (i64.extend_i32_u (local.get $j)) (local.get $step))
                  (i64.const 0x20000000))
                (i64.sub (i64.mul (i64.extend_i32_u (local.get $i)) (local.get $step))
                  (i64.const 0x18000000))))))
        (br_if $columns
          (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $n))))
      (br_if $rows
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $sum)))
