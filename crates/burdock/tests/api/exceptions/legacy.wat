;; module: legacy
(module
  (tag $e (param i32))
  (tag $pair (param i64 i32))
  (tag $v (param v128))
  (tag $none)
  (func $throw (param $x i32) (throw $e (local.get $x)))
  (func $pair (param $x i32) (throw $pair (i64.const 100) (local.get $x)))

  ;; call: catch 0
  ;; call: catch 1
  ;; call: catch 2
  ;; call: catch 3
  (func (export "catch") (param $which i32) (result i32)
    (i32.const 1000)
    try (result i32)
      (block $3 (block $2 (block $1 (block $0
        (br_table $0 $1 $2 $3 (local.get $which)))
        (call $throw (i32.const 5)))
        (call $pair (i32.const 6)))
        (throw $none))
      (i32.const 7)
    catch $e
      (i32.add (i32.const 10))
    catch $pair
      (i32.mul (i32.const 3))
      (i64.extend_i32_s)
      (i64.add)
      (i32.wrap_i64)
    catch_all
      (i32.const 99)
    end
    (i32.add))

  ;; A vector goes on to the end of the block.
  ;; call: vector
  (func (export "vector") (result v128)
    try (result v128)
      (throw $v (v128.const i64x2 1 2))
    catch $v
    end)

  ;; call: several
  (func (export "several") (result i32 i64 f32 i32)
    try (result i32 i64 f32 i32)
      (throw $e (i32.const 4))
    catch $e
      (i64.const 5) (f32.const 6) (i32.const 7)
    end)

  ;; Without a catch.
  ;; call: empty
  (func $empty (export "empty")
    try (call $throw (i32.const 1)) end)

  ;; call: rethrow
  (func (export "rethrow") (result i32)
    try (result i32)
      try (result i32)
        (call $throw (i32.const 5)) (i32.const 1)
      catch $e
        (drop)
        rethrow 0
      end
    catch $e
      (i32.add (i32.const 100))
    end)

  ;; The outer exception, from within another catch.
  ;; call: rethrow_outer
  (func (export "rethrow_outer") (result i32)
    try (result i32)
      try $a
        (call $throw (i32.const 5))
      catch_all
        try
          (call $pair (i32.const 6))
        catch $pair
          (drop) (drop)
          rethrow $a
        end
      end
      (i32.const 1)
    catch $e
      (i32.add (i32.const 100))
    catch $pair
      (drop) (drop) (i32.const -1)
    end)

  ;; call: delegate 0
  ;; call: delegate 1
  ;; call: delegate 2
  (func $delegate (export "delegate") (param $which i32) (result i32)
    try $outer (result i32)
      try $middle (result i32)
        try
          (if (i32.eqz (local.get $which)) (then (call $throw (i32.const 1))))
        delegate $middle
        try
          (if (i32.eq (local.get $which) (i32.const 1)) (then (call $throw (i32.const 2))))
        delegate $outer
        try (call $throw (i32.const 3)) delegate 2
        (i32.const 0)
      catch $e
        (i32.add (i32.const 10))
      end
    catch $e
      (i32.add (i32.const 100))
    end)

  ;; Within the catch of the block that it delegates to, it is not caught by that one.
  ;; call: delegate_from_catch
  (func (export "delegate_from_catch") (result i32)
    try $outer (result i32)
      try $inner (result i32)
        (call $throw (i32.const 1)) (i32.const 0)
      catch $e
        (drop)
        try (call $throw (i32.const 2)) delegate $inner
        (i32.const 5)
      end
    catch $e
      (i32.add (i32.const 100))
    end)

  ;; In a loop with locals in registers; branches out of a catch.
  ;; call: loop 10
  (func (export "loop") (param $n i32) (result i32)
    (local $i i32) (local $sum i32)
    loop $l
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (local.set $sum (i32.add (local.get $sum) (i32.mul (local.get $i) (local.get $i))))
      (local.set $sum (i32.add (local.get $sum) (i32.mul (local.get $i) (local.get $i))))
      try
        (if (i32.and (local.get $i) (i32.const 1)) (then (throw $e (local.get $i))))
      catch $e
        (local.set $sum (i32.add (local.get $sum)))
        (br_if $l (i32.lt_s (local.get $i) (local.get $n)))
        (return (i32.const -1))
      catch_all
        (unreachable)
      end
      (br_if $l (i32.lt_s (local.get $i) (local.get $n)))
    end
    (local.get $sum))

  ;; Code that cannot be reached.
  ;; call: unreached
  (func (export "unreached") (result i32)
    (return (i32.const 3))
    try (throw $none) catch $e (drop) catch_all end
    (i32.const 4))
  ;; call: uncaught
  (func $uncaught (export "uncaught")
    try (call $pair (i32.const 9)) catch $e (drop) end))
