;; Loops over memory with 64-bit floats: the product of two n by n matrices, its elements summed.
(module
  (memory 4)
  ;; a at 0, b at 8 n n, a[i][j] = i + j / 2, b[i][j] = i - j.
  (func $fill (param $n i32)
    (local $i i32) (local $j i32) (local $a i32) (local $b i32)
    (local.set $b (i32.mul (i32.const 8) (i32.mul (local.get $n) (local.get $n))))
    (loop $rows
      (local.set $j (i32.const 0))
      (loop $columns
        (f64.store (local.get $a)
          (f64.add (f64.convert_i32_s (local.get $i))
            (f64.mul (f64.convert_i32_s (local.get $j)) (f64.const 0.5))))
        (f64.store (local.get $b)
          (f64.convert_i32_s (i32.sub (local.get $i) (local.get $j))))
        (local.set $a (i32.add (local.get $a) (i32.const 8)))
        (local.set $b (i32.add (local.get $b) (i32.const 8)))
        (br_if $columns
          (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $n))))
      (br_if $rows
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)))))
  (func (export "run") (param $n i32) (result i64)
    (local $i i32) (local $j i32) (local $k i32) (local $a i32) (local $b i32) (local $row i32)
    (local $sum f64) (local $total f64)
    (call $fill (local.get $n))
    (local.set $row (i32.mul (i32.const 8) (local.get $n)))
    (loop $rows
      (local.set $j (i32.const 0))
      (loop $columns
        (local.set $a (i32.mul (local.get $i) (local.get $row)))
        (local.set $b
          (i32.add (i32.mul (local.get $row) (local.get $n))
            (i32.mul (local.get $j) (i32.const 8))))
        (local.set $sum (f64.const 0))
        (local.set $k (i32.const 0))
        (loop $products
          (local.set $sum
            (f64.add (local.get $sum)
              (f64.mul (f64.load (local.get $a)) (f64.load (local.get $b)))))
          (local.set $a (i32.add (local.get $a) (i32.const 8)))
          (local.set $b (i32.add (local.get $b) (local.get $row)))
          (br_if $products
            (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (local.get $n))))
        (local.set $total (f64.add (local.get $total) (local.get $sum)))
        (br_if $columns
          (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $n))))
      (br_if $rows
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (i64.reinterpret_f64 (local.get $total))))
