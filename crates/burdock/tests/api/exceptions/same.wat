;; module: same
(module
  (tag $none)
  (tag $i32 (param i32))
  (tag $all (param i32 i64 f32 f64 v128))

  ;; call: catch 1
  ;; call: catch 0
  (func (export "catch") (param $throws i32) (result i32)
    (block $caught (result i32)
      (try_table (catch $i32 $caught)
        (if (local.get $throws) (then (throw $i32 (i32.const 42)))))
      (i32.const -1)))

  ;; call: values
  (func (export "values") (result i32 i64 f32 f64 v128)
    (block $caught (result i32 i64 f32 f64 v128)
      (try_table (catch $all $caught)
        (throw $all (i32.const 1) (i64.const 2) (f32.const 3.5) (f64.const 4.25)
          (v128.const i64x2 5 6)))
      (unreachable)))

  ;; The first clause that fits is taken; the others and outer ones are not.
  ;; call: order 0
  ;; call: order 1
  ;; call: order 2
  (func (export "order") (param $which i32) (result i32)
    (block $outer
      (try_table (catch_all $outer)
        (block $rest
          (block $none
            (block $value (result i32)
              (try_table (catch $none $none) (catch $i32 $value) (catch_all $rest)
                (block $c (block $b (block $a
                  (br_table $a $b $c (local.get $which)))
                  (throw $none))
                  (throw $i32 (i32.const 10)))
                (throw $all (i32.const 1) (i64.const 2) (f32.const 3.5) (f64.const 4.25)
                  (v128.const i64x2 5 6)))
              (unreachable))
            (return))
          (return (i32.const 20)))
        (return (i32.const 30))))
    (i32.const 40))

  ;; What a clause does not catch goes on to the one around it.
  ;; call: outer
  (func (export "outer") (result i32)
    (block $outer (result i32)
      (try_table (catch $i32 $outer)
        (block $inner
          (try_table (catch $none $inner)
            (throw $i32 (i32.const 7))))
        (return (i32.const 1)))
      (unreachable)))

  ;; What is thrown behind a try_table, or by what its clause leads to, is not caught by it.
  ;; call: behind 0
  ;; call: behind 1
  (func (export "behind") (param $first i32) (result i32)
    (block $outer (result i32)
      (try_table (catch $i32 $outer)
        (block $inner
          (try_table (catch_all $inner)
            (br_if $inner (i32.eqz (local.get $first)))
            (throw $none)))
        (throw $i32 (i32.add (i32.const 5) (local.get $first))))
      (unreachable)))

  ;; Values below the label stay; locals have what was assigned before.
  ;; call: below 3
  (func (export "below") (param $x i32) (result i32)
    (local $y i32)
    (i32.add
      (i32.mul (local.get $x) (i32.const 1000))
      (i32.add
        (block $caught (result i32)
          (i32.const 99)
          (i32.const 98)
          (try_table (catch $i32 $caught)
            (local.set $y (i32.const 10))
            (local.set $x (i32.const 11))
            (i32.const 97)
            (throw $i32 (i32.add (local.get $x) (local.get $y))))
          (unreachable))
        (i32.mul (local.get $y) (i32.const 100)))))

  ;; Blocks with parameters and results.
  ;; call: through 0
  ;; call: through 1
  (func (export "through") (param $throws i32) (result i32)
    (local.get $throws)
    (block $caught (param i32) (result i32)
      (try_table (param i32) (result i32) (catch $i32 $caught)
        (if (param) (result i32) (i32.eqz)
          (then (i32.const 1))
          (else (throw $i32 (i32.const 2))))
        (i32.add (i32.const 100)))
      (i32.add (i32.const 1000))))

  ;; To the function's label, and from a loop.
  ;; call: function 4
  (func (export "function") (param $x i32) (result i32)
    (loop $l
      (try_table (catch $i32 1)
        (if (i32.gt_s (local.get $x) (i32.const 10)) (then (throw $i32 (local.get $x)))))
      (local.set $x (i32.add (local.get $x) (local.get $x)))
      (br $l))
    (unreachable))

  ;; A loop whose label catches, with locals that are worth a register.
  ;; call: loop 20
  (func (export "loop") (param $n i32) (result i32)
    (local $i i32) (local $sum i32) (local $f f64)
    (loop $l (result i32)
      (if (i32.lt_s (local.get $i) (local.get $n))
        (then
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (local.set $f (f64.add (local.get $f) (f64.convert_i32_s (local.get $i))))
          (local.set $sum (i32.add (local.get $sum) (i32.mul (local.get $i) (local.get $i))))
          (try_table (catch_all $l)
            (if (i32.and (local.get $i) (i32.const 1)) (then (throw $none))))
          (local.set $sum (i32.add (local.get $sum) (i32.const 1000)))
          (br $l)))
      (i32.add (local.get $sum) (i32.trunc_f64_s (local.get $f)))))

  ;; A loop within: its locals are in other registers than those around.
  ;; call: nested 5
  (func (export "nested") (param $n i32) (result i32)
    (local $i i32) (local $j i32) (local $sum i32)
    (block $done
      (loop $a
        (br_if $done (i32.ge_s (local.get $i) (local.get $n)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (local.set $j (i32.const 0))
        (block $caught (result i32)
          (loop $b
            (local.set $j (i32.add (local.get $j) (i32.const 1)))
            (local.set $sum (i32.add (local.get $sum) (i32.mul (local.get $j) (local.get $j))))
            (try_table (catch $i32 $caught)
              (if (i32.eq (local.get $j) (local.get $i))
                (then (throw $i32 (local.get $j)))))
            (br_if $b (i32.lt_s (local.get $j) (local.get $n))))
          (unreachable))
        (local.set $sum (i32.add (local.get $sum)))
        (br $a)))
    (local.get $sum))

  ;; A comparison before the beginning, or the end, is not part of what follows there.
  ;; call: edges 1
  ;; call: edges 0
  (func (export "edges") (param $x i32) (result i32)
    (block $caught
      (i32.eq (local.get $x) (i32.const 1))
      (try_table (param i32) (catch_all $caught)
        (if (then (throw $none))))
      (try_table (result i32) (catch_all $caught) (i32.ne (local.get $x) (i32.const 1)))
      (if (then (return (i32.const 3)))))
    (i32.const 4))

  ;; Traps are not caught.
  ;; call: trap
  (func $trap (export "trap")
    (block $caught
      (try_table (catch_all $caught) (unreachable))))

  ;; call: uncaught
  (func $uncaught (export "uncaught")
    (try_table (catch $none 0)
      (throw $all (i32.const 1) (i64.const 2) (f32.const 3.5) (f64.const 4.25)
        (v128.const i64x2 5 6)))))
