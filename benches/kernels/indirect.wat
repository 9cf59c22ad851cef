;; Indirect calls: n of them, the callee chosen by the running value.
(module
  (type $step (func (param i32) (result i32)))
  (table 4 4 funcref)
  (elem (i32.const 0) $add $mul $xor $rot)
  (func $add (type $step) (i32.add (local.get 0) (i32.const 0x9e3779b9)))
  (func $mul (type $step) (i32.mul (local.get 0) (i32.const 0x85ebca6b)))
  (func $xor (type $step) (i32.xor (local.get 0) (i32.shr_u (local.get 0) (i32.const 15))))
  (func $rot (type $step) (i32.rotl (local.get 0) (i32.const 7)))
  (func (export "run") (param $n i32) (result i64)
    (local $x i32) (local $i i32)
    (loop $calls
      (local.set $x
        (call_indirect (type $step) (local.get $x)
          (i32.and (i32.add (local.get $i) (i32.shr_u (local.get $x) (i32.const 29)))
            (i32.const 3))))
      (br_if $calls
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (i64.extend_i32_u (local.get $x))))
