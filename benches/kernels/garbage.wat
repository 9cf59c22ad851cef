;; Allocates structures of 32 bytes and drops them, while a list of 1 MiB lives.
(module
  (type $cell (struct (field (mut i64)) (field i64) (field i64)))
  (type $node (struct (field i64) (field i64) (field (ref null $node))))
  (global $live (mut (ref null $node)) (ref.null $node))
  (func $start (local $n i32)
    (local.set $n (i32.const 32768))
    (loop $more
      (global.set $live (struct.new $node (i64.const 1) (i64.const 2) (global.get $live)))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (start $start)
  (func (export "run") (param $n i32) (result i64) (local $sum i64) (local $cell (ref null $cell))
    (loop $more
      (local.set $cell
        (struct.new $cell (i64.extend_i32_u (local.get $n)) (local.get $sum) (i64.const 3)))
      (local.set $sum (i64.add (local.get $sum) (struct.get $cell 0 (local.get $cell))))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
