;; 64-bit floats with square roots: n steps of three bodies in a plane that attract each other.
;; A body is x, y, vx, vy at 32 times its number.
(module
  (memory 1)
  (data (i32.const 0)
    ;; (1, 0, 0, 0.5), (-1, 0, 0, -0.5), (0, 1.5, 0.25, 0)
    "\00\00\00\00\00\00\f0\3f" "\00\00\00\00\00\00\00\00" "\00\00\00\00\00\00\00\00" "\00\00\00\00\00\00\e0\3f"
    "\00\00\00\00\00\00\f0\bf" "\00\00\00\00\00\00\00\00" "\00\00\00\00\00\00\00\00" "\00\00\00\00\00\00\e0\bf"
    "\00\00\00\00\00\00\00\00" "\00\00\00\00\00\00\f8\3f" "\00\00\00\00\00\00\d0\3f" "\00\00\00\00\00\00\00\00")
  (func $attract (param $a i32) (param $b i32)
    (local $dx f64) (local $dy f64) (local $d2 f64) (local $pull f64)
    (local.set $dx (f64.sub (f64.load (local.get $a)) (f64.load (local.get $b))))
    (local.set $dy (f64.sub (f64.load offset=8 (local.get $a)) (f64.load offset=8 (local.get $b))))
    (local.set $d2
      (f64.add
        (f64.add (f64.mul (local.get $dx) (local.get $dx)) (f64.mul (local.get $dy) (local.get $dy)))
        (f64.const 0.01)))
    (local.set $pull
      (f64.div (f64.const 0.001) (f64.mul (local.get $d2) (f64.sqrt (local.get $d2)))))
    (f64.store offset=16 (local.get $a)
      (f64.sub (f64.load offset=16 (local.get $a)) (f64.mul (local.get $dx) (local.get $pull))))
    (f64.store offset=24 (local.get $a)
      (f64.sub (f64.load offset=24 (local.get $a)) (f64.mul (local.get $dy) (local.get $pull))))
    (f64.store offset=16 (local.get $b)
      (f64.add (f64.load offset=16 (local.get $b)) (f64.mul (local.get $dx) (local.get $pull))))
    (f64.store offset=24 (local.get $b)
      (f64.add (f64.load offset=24 (local.get $b)) (f64.mul (local.get $dy) (local.get $pull)))))
  (func $move (param $a i32)
    (f64.store (local.get $a)
      (f64.add (f64.load (local.get $a))
        (f64.mul (f64.load offset=16 (local.get $a)) (f64.const 0.001))))
    (f64.store offset=8 (local.get $a)
      (f64.add (f64.load offset=8 (local.get $a))
        (f64.mul (f64.load offset=24 (local.get $a)) (f64.const 0.001)))))
  (func $reset
    (memory.copy (i32.const 0) (i32.const 1024) (i32.const 96)))
  (func $start
    (memory.copy (i32.const 1024) (i32.const 0) (i32.const 96)))
  (start $start)
  (func (export "run") (param $n i32) (result i64)
    (call $reset)
    (loop $steps
      (call $attract (i32.const 0) (i32.const 32))
      (call $attract (i32.const 0) (i32.const 64))
      (call $attract (i32.const 32) (i32.const 64))
      (call $move (i32.const 0))
      (call $move (i32.const 32))
      (call $move (i32.const 64))
      (br_if $steps (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i64.xor
      (i64.reinterpret_f64 (f64.load (i32.const 0)))
      (i64.reinterpret_f64 (f64.load (i32.const 72))))))
