;; Loads and stores: copies 64 KiB n times, eight bytes at a time, back and forth, adding one.
(module
  (memory 2)
  (func $copy (param $from i32) (param $to i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $from) (i32.const 65536)))
    (loop $words
      (i64.store (local.get $to) (i64.add (i64.load (local.get $from)) (i64.const 1)))
      (local.set $to (i32.add (local.get $to) (i32.const 8)))
      (br_if $words
        (i32.lt_u (local.tee $from (i32.add (local.get $from) (i32.const 8))) (local.get $end)))))
  (func (export "run") (param $n i32) (result i64)
    (memory.fill (i32.const 0) (i32.const 0) (i32.const 131072))
    (loop $copies
      (call $copy (i32.const 0) (i32.const 65536))
      (call $copy (i32.const 65536) (i32.const 0))
      (br_if $copies (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i64.add (i64.load (i32.const 0)) (i64.load (i32.const 131064)))))
