;; module: calls
(module
  (type $f (func (param i32) (result i32)))
  (tag $e (param i32))
  (tag $other)
  (table funcref (elem $throw $deep))

  (func $throw (param $x i32) (result i32)
    (throw $e (local.get $x)))
  (func $deep (param $n i32) (result i32)
    (if (local.get $n)
      (then (drop (call $deep (i32.sub (local.get $n) (i32.const 1)))) (return (i32.const 1))))
    (throw $e (i32.const 77)))

  ;; call: call
  (func (export "call") (result i32)
    (block $caught (result i32)
      (try_table (catch $e $caught) (return (call $throw (i32.const 5))))
      (unreachable)))

  ;; call: indirect 0 6
  ;; call: indirect 1 6
  ;; call: indirect 2 6
  (func $indirect (export "indirect") (param $which i32) (param $x i32) (result i32)
    (block $caught (result i32)
      (try_table (catch $e $caught)
        (return (call_indirect (type $f) (local.get $x) (local.get $which))))
      (unreachable)))

  ;; Frames between have other handlers, or none.
  (func $between (param $n i32) (result i32)
    (block $caught
      (try_table (catch $other $caught)
        (return (call $deep (local.get $n)))))
    (i32.const -1))
  ;; call: across 0
  ;; call: across 10
  (func (export "across") (param $n i32) (result i32)
    (block $caught (result i32)
      (try_table (catch $e $caught) (return (call $between (local.get $n))))
      (unreachable)))

  ;; Thrown and caught often: no frame is left behind.
  ;; call: often 2000
  (func (export "often") (param $n i32) (result i32)
    (local $sum i32)
    (loop $l
      (block $caught (result i32)
        (try_table (catch $e $caught)
          (drop (call $deep (i32.const 20))))
        (unreachable))
      (local.set $sum (i32.add (local.get $sum)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  ;; A function that is tail-called is not within its caller any more.
  (func $tail (param $x i32) (result i32)
    (block $caught (result i32)
      (try_table (catch $e $caught) (return_call $throw (local.get $x)))
      (unreachable)))
  (func $tail_indirect (param $x i32) (result i32)
    (block $caught
      (try_table (catch_all $caught)
        (return_call_indirect (type $f) (local.get $x) (i32.const 0))))
    (i32.const -1))
  ;; call: tail
  ;; call: tail_indirect
  (func (export "tail") (result i32)
    (block $caught (result i32)
      (try_table (catch $e $caught) (return (call $tail (i32.const 8))))
      (unreachable))
    (i32.add (i32.const 100)))
  (func (export "tail_indirect") (result i32)
    (block $caught (result i32)
      (try_table (catch $e $caught) (return (call $tail_indirect (i32.const 9))))
      (unreachable))
    (i32.add (i32.const 100)))

  ;; Values of the frame that catches, in the middle of an expression.
  ;; call: middle 3
  (func (export "middle") (param $x i32) (result i32)
    (i32.sub
      (i32.mul (local.get $x) (i32.const 100))
      (i32.mul
        (i32.add (local.get $x) (i32.const 4))
        (block $caught (result i32)
          (try_table (result i32) (catch $e $caught)
            (i32.add (local.tee $x (i32.const 50)) (call $throw (i32.const 6))))))))

  ;; A handler throws again.
  ;; call: again
  (func $again (export "again") (result i32)
    (block $outer (result i32)
      (try_table (catch $e $outer)
        (block $inner (result i32)
          (try_table (catch $e $inner) (drop (call $throw (i32.const 1))))
          (unreachable))
        (drop (call $throw (i32.add (i32.const 1)))))
      (unreachable)))

  ;; Uncaught, with the frames at the throw.
  ;; call: uncaught 3
  (func $uncaught (export "uncaught") (param $n i32) (result i32)
    (block $caught
      (try_table (catch $other $caught)
        (return (call $between (local.get $n)))))
    (i32.const -1)))
