;; module: refs
(module
  (type $f (func (param i32) (result i32)))
  (tag $e (param i32))
  (tag $pair (param i32 i64))
  (global $kept (mut exnref) (ref.null exn))
  (table $t 2 exnref)
  (elem declare func $throw)
  (func $throw (param $x i32) (result i32) (throw $e (local.get $x)))
  (func $pair (param $x i32) (throw $pair (local.get $x) (i64.const 1000)))

  ;; The reference follows the values.
  ;; call: catch_ref
  (func (export "catch_ref") (result i32)
    (local $x exnref)
    (block $caught (result i32 i64 exnref)
      (try_table (catch_ref $pair $caught) (call $pair (i32.const 5)))
      (unreachable))
    (local.set $x)
    (i32.wrap_i64)
    (i32.add)
    (i32.add (ref.is_null (local.get $x))))

  ;; Thrown again, with the same values and tag.
  ;; call: again
  (func (export "again") (result i32 i64)
    (block $outer (result i32 i64)
      (try_table (catch $pair $outer)
        (block $caught (result exnref)
          (try_table (catch_all_ref $caught) (call $pair (i32.const 6)))
          (unreachable))
        (throw_ref))
      (unreachable)))

  ;; Kept by a global and by a table, and thrown later, from another function.
  (func $keep (param $x i32)
    (block $caught (result exnref)
      (try_table (catch_all_ref $caught) (drop (call $throw (local.get $x))))
      (unreachable))
    (global.set $kept))
  (func $throw_kept (throw_ref (global.get $kept)))
  ;; call: kept
  (func (export "kept") (result i32)
    (call $keep (i32.const 7))
    (table.set $t (i32.const 1) (global.get $kept))
    (call $keep (i32.const 8))
    (block $second (result i32)
      (block $first (result i32)
        (try_table (catch $e $first) (call $throw_kept))
        (unreachable))
      (i32.mul (i32.const 100))
      (try_table (param i32) (catch $e $second)
        (drop)
        (throw_ref (table.get $t (i32.const 1))))
      (unreachable)))

  ;; In a loop with locals in registers; the reference of each round is another one.
  ;; call: loop 9
  (func (export "loop") (param $n i32) (result i32)
    (local $i i32) (local $sum i32) (local $last exnref)
    (block $done
      (loop $l
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (local.set $sum (i32.add (local.get $sum) (i32.mul (local.get $i) (local.get $i))))
        (local.set $sum (i32.add (local.get $sum) (i32.mul (local.get $i) (local.get $i))))
        (block $caught (result i32 exnref)
          (try_table (catch_ref $e $caught) (drop (call $throw (local.get $i))))
          (unreachable))
        (local.set $last)
        (local.set $sum (i32.add (local.get $sum)))
        (br_if $l (i32.lt_s (local.get $i) (local.get $n)))))
    (block $caught (result i32)
      (try_table (catch $e $caught) (throw_ref (local.get $last)))
      (unreachable))
    (i32.add (local.get $sum)))

  ;; To the function's label.
  ;; call: function
  (func $inner (result i32 exnref)
    (try_table (catch_ref $e 0) (drop (call $throw (i32.const 9))))
    (unreachable))
  (func (export "function") (result i32)
    (call $inner)
    (drop))

  ;; A function that is called by reference throws.
  ;; call: call_ref
  (func (export "call_ref") (result i32)
    (block $caught (result i32)
      (try_table (catch $e $caught)
        (return (call_ref $f (i32.const 10) (ref.func $throw))))
      (unreachable)))
  (func $tail (param $x i32) (result i32)
    (block $caught
      (try_table (catch_all $caught)
        (return_call_ref $f (local.get $x) (ref.func $throw))))
    (i32.const -1))
  ;; call: return_call_ref
  (func (export "return_call_ref") (result i32)
    (block $caught (result i32)
      (try_table (catch $e $caught) (return (call $tail (i32.const 11))))
      (unreachable)))

  ;; call: null
  (func $null (export "null")
    (block $caught
      (try_table (catch_all $caught) (throw_ref (ref.null exn)))))

  ;; As a result.
  ;; call: result
  (func (export "result") (result exnref)
    (block $caught (result exnref)
      (try_table (catch_all_ref $caught) (drop (call $throw (i32.const 12))))
      (unreachable)))

  ;; call: uncaught
  (func $uncaught (export "uncaught")
    (call $keep (i32.const 13))
    (call $throw_kept)))
