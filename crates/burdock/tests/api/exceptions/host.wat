;; module: main
(module
  (import "host" "tag" (tag $host (param i32)))
  (import "host" "throw" (func $throw (param i32)))
  (import "host" "get" (func $get (param i32) (result i32)))
  (import "host" "fail" (func $fail))
  (import "host" "trap" (func $trap))
  (import "host" "stale" (func $stale))
  (import "host" "call" (func $call))
  (import "host" "take" (func $take (result i32)))
  (tag $own (param i32))
  (table funcref (elem $throw $get))
  (type $f (func (param i32)))
  (type $g (func (param i32) (result i32)))
  (global $inner (mut i32) (i32.const 0))

  ;; What the host calls: throws one exception or another, or catches its own.
  (func $inner (export "inner")
    (block $2 (block $1 (block $0
      (br_table $0 $1 $2 (global.get $inner)))
      (throw $own (i32.const 11)))
      (throw $host (i32.const 12)))
    (block $caught
      (try_table (catch_all $caught) (throw $own (i32.const 13)))
      (unreachable)))

  ;; call: catch
  (func (export "catch") (result i32)
    (block $caught (result i32)
      (try_table (catch $host $caught) (call $throw (i32.const 5)))
      (unreachable)))
  ;; call: result
  (func (export "result") (result i32)
    (block $caught (result i32)
      (try_table (catch $host $caught) (return (call $get (i32.const 6))))
      (unreachable))
    (i32.add (i32.const 100)))
  ;; call: indirect
  (func (export "indirect") (result i32)
    (block $caught (result i32)
      (try_table (catch $host $caught)
        (call_indirect (type $f) (i32.const 7) (i32.const 0)))
      (unreachable)))
  ;; call: deep 5
  (func $deep (param $n i32)
    (if (local.get $n)
      (then (call $deep (i32.sub (local.get $n) (i32.const 1))) (return)))
    (call $throw (i32.const 8)))
  (func (export "deep") (param $n i32) (result i32)
    (block $caught (result i32)
      (try_table (catch $host $caught) (call $deep (local.get $n)))
      (unreachable)))

  ;; Other errors are not caught.
  ;; call: errors 0
  ;; call: errors 1
  ;; call: errors 2
  (func $errors (export "errors") (param $which i32)
    (try_table (catch_all 0)
      (block $2 (block $1 (block $0
        (br_table $0 $1 $2 (local.get $which)))
        (call $fail))
        (call $trap))
      (call $stale)))

  ;; A host function that is tail-called is not within its caller any more.
  (func $tail (param $x i32)
    (try_table (catch_all 0) (return_call $throw (local.get $x))))
  (func $tail_result (param $x i32) (result i32)
    (block $caught
      (try_table (catch_all $caught)
        (return_call_indirect (type $g) (local.get $x) (i32.const 1))))
    (i32.const -1))
  ;; call: tail
  (func (export "tail") (result i32)
    (block $caught (result i32)
      (try_table (catch $host $caught) (call $tail (i32.const 9)))
      (i32.const -1)))
  ;; call: tail_result
  (func (export "tail_result") (result i32)
    (block $caught (result i32)
      (try_table (catch $host $caught) (return (call $tail_result (i32.const 10))))
      (unreachable))
    (i32.add (i32.const 1000)))

  ;; Through a host function, which passes it on.
  ;; call: through 0
  ;; call: through 1
  ;; call: through 2
  (func (export "through") (param $inner i32) (result i32)
    (global.set $inner (local.get $inner))
    (block $host (result i32)
      (i32.add (i32.const 100)
        (block $own (result i32)
          (try_table (catch $host $host) (catch $own $own) (call $call))
          (i32.const 1)))))
  ;; Taken by a host function.
  ;; call: take 0
  ;; call: take 1
  (func (export "take") (param $inner i32) (result i32)
    (global.set $inner (local.get $inner))
    (block $caught
      (return (try_table (result i32) (catch_all $caught) (call $take))))
    (i32.const -1))

  ;; call: uncaught
  (func $uncaught (export "uncaught") (call $deep (i32.const 2)))
  ;; call: uncaught_inner
  (func $uncaught_inner (export "uncaught_inner")
    (global.set $inner (i32.const 0))
    (block $caught (result i32)
      (try_table (catch $host $caught) (call $call))
      (return))
    (drop)))
