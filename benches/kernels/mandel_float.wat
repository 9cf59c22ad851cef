;; 64-bit floats in locals: the Mandelbrot set on n by n points, iterations summed.
(module
  (func $iterate (param $cx f64) (param $cy f64) (result i32)
    (local $x f64) (local $y f64) (local $x2 f64) (local $y2 f64) (local $i i32)
    (block $out
      (loop $steps
        (local.set $x2 (f64.mul (local.get $x) (local.get $x)))
        (local.set $y2 (f64.mul (local.get $y) (local.get $y)))
        (br_if $out (f64.gt (f64.add (local.get $x2) (local.get $y2)) (f64.const 4)))
        (local.set $y
          (f64.add (f64.mul (f64.mul (f64.const 2) (local.get $x)) (local.get $y)) (local.get $cy)))
        (local.set $x (f64.add (f64.sub (local.get $x2) (local.get $y2)) (local.get $cx)))
        (br_if $steps
          (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100)))))
    (local.get $i))
  (func (export "run") (param $n i32) (result i64)
    (local $i i32) (local $j i32) (local $step f64) (local $sum i64)
    (local.set $step (f64.div (f64.const 3) (f64.convert_i32_u (local.get $n))))
    (loop $rows
      (local.set $j (i32.const 0))
      (loop $columns
        (local.set $sum
          (i64.add (local.get $sum)
            (i64.extend_i32_u
              (call $iterate
                (f64.sub (f64.mul (f64.convert_i32_u (local.get $j)) (local.get $step)) (f64.const 2))
                (f64.sub (f64.mul (f64.convert_i32_u (local.get $i)) (local.get $step))
                  (f64.const 1.5))))))
        (br_if $columns
          (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $n))))
      (br_if $rows
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $sum)))
