;; Calls within the guest, to hold an observed call against: as host.wat, with a function of its own.
(module
  (func $add (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "run") (param $n i32) (result i64)
    (local $sum i32)
    (loop $calls
      (local.set $sum (call $add (local.get $sum) (local.get $n)))
      (br_if $calls (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i64.extend_i32_u (local.get $sum))))
