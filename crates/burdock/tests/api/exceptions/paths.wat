;; module: paths
;; The same instruction throws exceptions that go different ways, each of them more than once.
(module
  (type $f (func (param i32) (result i32)))
  (tag $e (export "e") (param i32))
  (tag $wide (param i64 v128 f32))
  (tag $empty)
  (func $throw (export "throw") (type $f) (throw $e (local.get 0)))
  (func $deep (type $f)
    (if (result i32) (local.get 0)
      (then (i32.add (call $deep (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
      (else (throw $e (i32.const 1000)))))
  ;; Frames of another size.
  (func $large (type $f) (local i64 i64 i64 i64)
    (i32.add (i32.mul (local.get 0) (i32.const 3)) (call $throw (local.get 0))))
  (func $tail (type $f) (return_call $throw (i32.add (local.get 0) (i32.const 100))))

  (func $first (param $x i32) (result i32)
    (block $caught (result i32)
      (try_table (catch $e $caught) (drop (call $throw (local.get $x))))
      (unreachable)))
  (func $second (param $x i32) (result i32)
    (local $before i64)
    (i32.sub (i32.const 0)
      (block $caught (result i32)
        (try_table (catch $e $caught) (drop (call $large (local.get $x))))
        (unreachable))))
  (func $third (param $x i32) (result i32)
    (block $caught (result i32)
      (try_table (catch $e $caught) (drop (call $tail (local.get $x))))
      (unreachable)))
  ;; The call is made twice in one function, and caught at different places.
  (func $both (param $x i32) (result i32)
    (i32.sub
      (block $caught (result i32)
        (try_table (catch $e $caught) (drop (call $throw (local.get $x))))
        (unreachable))
      (i32.const 7))
    (block $all
      (try_table (catch_all $all) (drop (call $throw (local.get $x))))
      (unreachable))
    (i32.add (i32.const 1)))

  ;; call: mixed 9
  (func (export "mixed") (param $n i32) (result i32)
    (local $sum i32)
    (loop $more
      (local.set $sum (i32.add (local.get $sum) (call $first (local.get $n))))
      (local.set $sum (i32.add (local.get $sum) (call $second (i32.const 50))))
      (local.set $sum (i32.add (local.get $sum) (call $third (local.get $n))))
      (local.set $sum (i32.add (local.get $sum) (call $both (local.get $n))))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func $across (param $n i32) (result i32)
    (block $caught (result i32)
      (try_table (catch $e $caught) (return (call $deep (local.get $n))))
      (unreachable)))
  ;; More and fewer frames than before, with other frames around.
  ;; call: depths
  (func (export "depths") (result i32)
    (local $n i32)
    (loop $more
      (if (i32.ne (call $across (local.get $n)) (i32.const 1000)) (then (unreachable)))
      (if (i32.ne (call $across (local.get $n)) (i32.const 1000)) (then (unreachable)))
      (if (i32.ne (call $across (i32.const 3)) (i32.const 1000)) (then (unreachable)))
      (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1)))
        (i32.const 20))))
    (local.get $n))

  ;; A known way may not lead below the beginning of the stack.
  ;; call: throw 4
  ;; call: first 5
  ;; call: throw 4
  (func (export "first") (type $f) (call $first (local.get 0)))

  ;; Values of several types, thrown in the frame that catches them and in its callee.
  (func $throw_wide (param $x i64)
    (throw $wide (local.get $x) (v128.const i64x2 1 2) (f32.const 0.5)))
  ;; call: wide 3
  (func (export "wide") (param $n i32) (result i64 v128 f32)
    (local $a i64) (local $b v128) (local $c f32)
    (loop $more
      (i64.const 10)
      (block $caught (result i64 v128 f32)
        (try_table (catch $wide $caught)
          (i32.const 1) (i32.const 2)
          (throw $wide (i64.extend_i32_u (local.get $n)) (v128.const i64x2 3 4) (f32.const 1.5)))
        (unreachable))
      (local.set $c (f32.add (local.get $c)))
      (local.set $b (i64x2.add (local.get $b)))
      (local.set $a (i64.add (i64.add) (local.get $a)))
      (block $caught (result i64 v128 f32)
        (try_table (catch $wide $caught) (call $throw_wide (i64.const 100)))
        (unreachable))
      (local.set $c (f32.add (local.get $c)))
      (local.set $b (i64x2.add (local.get $b)))
      (local.set $a (i64.add (local.get $a)))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $a) (local.get $b) (local.get $c))

  ;; Without values, and where values are not wanted.
  ;; call: empty 5
  (func (export "empty") (param $n i32) (result i32)
    (local $sum i32)
    (loop $more
      (block $caught
        (try_table (catch $empty $caught) (throw $empty))
        (unreachable))
      (block $caught
        (try_table (catch_all $caught) (throw $e (i32.const 1)))
        (unreachable))
      (local.set $sum (i32.add (local.get $sum) (i32.const 2)))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
)

;; module: user
;; The same code is the code of two instances, whose tags differ.
(module
  (import "paths" "e" (tag $e (param i32)))
  (import "paths" "throw" (func $throw (param i32) (result i32)))
  (tag $own (param i32))
  ;; call: both 6
  (func (export "both") (param $n i32) (result i32)
    (local $sum i32)
    (loop $more
      (block $caught (result i32)
        (try_table (catch $own $caught) (catch $e $caught) (drop (call $throw (local.get $n))))
        (unreachable))
      (local.set $sum (i32.add (local.get $sum)))
      (block $caught (result i32)
        (try_table (catch $e $caught) (catch $own $caught) (throw $own (local.get $n)))
        (unreachable))
      (local.set $sum (i32.sub (local.get $sum)))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
)
