;; module: a
(module
  (tag $e (export "e") (param i32))
  (memory (export "memory") 1)
  (data (i32.const 0) "\0a")
  (global $g i32 (i32.const 100))
  (func (export "throw") (param $x i32) (throw $e (local.get $x)))
  (func (export "sum") (result i32) (i32.add (global.get $g) (i32.load8_u (i32.const 0)))))

;; module: same
(module
  ;; A tag of the same type, but another one.
  (tag $e (export "e") (param i32))
  (func (export "throw") (param $x i32) (throw $e (local.get $x))))

;; module: b
(module
  (import "a" "e" (tag $e (param i32)))
  (import "a" "throw" (func $throw (param i32)))
  (import "a" "sum" (func $sum (result i32)))
  (import "same" "e" (tag $other (param i32)))
  (import "same" "throw" (func $throw_other (param i32)))
  (tag $own (param i32))
  (memory 1)
  (data (i32.const 0) "\14")
  (global $g i32 (i32.const 200))
  (table funcref (elem $throw $throw_other $self))
  (type $f (func (param i32)))
  (func $self (param $x i32) (throw $own (local.get $x)))

  ;; Behind the landing the catching instance's memory and globals are the current ones.
  ;; call: catch 0
  ;; call: catch 1
  ;; call: catch 2
  ;; call: catch 3
  (func $catch (export "catch") (param $which i32) (result i32)
    (i32.add
      (i32.add (global.get $g) (i32.load8_u (i32.const 0)))
      (block $own (result i32)
        (i32.add (i32.const 10000)
          (block $other (result i32)
            (i32.add (i32.const 1000)
              (block $e (result i32)
                (try_table (catch $e $e) (catch $other $other) (catch $own $own)
                  (call_indirect (type $f) (i32.const 7) (local.get $which)))
                (i32.const 0))))))))

  ;; call: current
  (func (export "current") (result i32)
    (block $e (result i32)
      (try_table (catch $e $e) (call $throw (i32.const 1)))
      (unreachable))
    (drop)
    (i32.add
      (i32.mul (i32.const 1000) (call $sum))
      (i32.add (global.get $g) (i32.load8_u (i32.const 0)))))

  (func (export "pass") (param $which i32)
    (call_indirect (type $f) (i32.const 3) (local.get $which))))

;; module: c
(module
  (import "a" "e" (tag $e (param i32)))
  (import "same" "e" (tag $other (param i32)))
  (import "b" "pass" (func $pass (param i32)))
  (global $g (mut i32) (i32.const 1))
  (func $between (param $which i32)
    (block $caught (result i32)
      (try_table (catch $other $caught) (call $pass (local.get $which)))
      (unreachable))
    (drop))
  ;; Through three instances, and back into the first.
  ;; call: through 0
  ;; call: through 1
  ;; call: through 2
  (func $through (export "through") (param $which i32) (result i32)
    (block $e (result i32)
      (try_table (catch $e $e) (call $between (local.get $which)))
      (i32.const 50))
    (global.set $g (i32.add (global.get $g) (i32.const 1)))
    (i32.add (i32.mul (global.get $g) (i32.const 100))))
  (func (export "tail") (param $which i32)
    (block $caught (try_table (catch_all 1) (return_call $pass (local.get $which))))
    (unreachable))
  ;; A tail call into another instance is not within its caller either.
  (func $tail (param $which i32)
    (try_table (catch_all 0) (return_call $pass (local.get $which))))
  ;; call: tail_call 0
  (func (export "tail_call") (param $which i32) (result i32)
    (block $e (result i32)
      (try_table (catch $e $e) (call $tail (local.get $which)))
      (i32.const 50))))
