;; Every clause of a `try_table`, as the frame in which it catches shows it.
;; attach: EXCEPTIONS FUNCS
;; call: run 0
;; call: run 1
;; call: run 2
;; call: run 3
;; call: run 4
;; call: deep 3
;; call: returns
;; call: loops 3
;; call: traps
(module
  (tag $one (param i32 i64))
  (tag $two (param f64))
  (tag $three)
  (func $throws (param $n i32)
    (block $three (block $two (block $one (br_table $one $two $three (local.get $n)))
      (throw $one (i32.const 5) (i64.const 6)))
      (throw $two (f64.const 1.5)))
    (throw $three))
  (func $run (export "run") (param $n i32) (result i32) (local $x exnref)
    (i32.const 10)
    (i32.const 20)
    (block $h0 (result i32 i64)
      (block $h1 (result f64 exnref)
        (block $h2
          (block $h3 (result exnref)
            (try_table (catch $one $h0) (catch_ref $two $h1) (catch_all_ref $h3)
              (try_table (catch $one $h0) (catch_all $h2)
                (br_if 0 (i32.ge_u (local.get $n) (i32.const 2)))
                (call $throws (local.get $n)))
              (call $throws (i32.sub (local.get $n) (i32.const 2))))
            (return (i32.const 0)))
          (local.set $x)
          (return (i32.const 3)))
        (return (i32.const 2)))
      (drop) (drop)
      (return (i32.const 1)))
    (drop) (drop) (i32.add))
  (func $deep (export "deep") (param $n i32) (result i32 i64)
    (if (i32.eqz (local.get $n)) (then (call $throws (i32.const 0))))
    (if (i32.eq (local.get $n) (i32.const 2))
      (then (return (block $h (result i32 i64)
        (try_table (catch $one $h) (return (call $deep (i32.sub (local.get $n) (i32.const 1)))))
        (unreachable)))))
    (call $deep (i32.sub (local.get $n) (i32.const 1))))
  (func $returns (export "returns") (result i32 i64)
    (try_table (catch $one 0) (call $throws (i32.const 0)))
    (unreachable))
  (func $loops (export "loops") (param $n i32) (result i32)
    (loop $again
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (if (i32.eqz (local.get $n)) (then (return (i32.const 7))))
      (try_table (catch $three $again) (throw $three)))
    (unreachable))
  (func $traps (export "traps")
    (block $h (try_table (catch_all $h) (unreachable)))))
