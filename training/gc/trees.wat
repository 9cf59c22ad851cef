;; A balanced tree (an AA tree) with keys of 64 bits: insertions, lookups, walks, copies of paths.
(module
  (type $node
    (struct
      (field $key i64) (field $value (mut i32)) (field $level (mut i32))
      (field $left (mut (ref null $node))) (field $right (mut (ref null $node)))))
  (func $level (param $node (ref null $node)) (result i32)
    (if (result i32) (ref.is_null (local.get $node))
      (then (i32.const 0))
      (else (struct.get $node $level (local.get $node)))))
  (func $skew (param $node (ref $node)) (result (ref $node))
    (local $left (ref null $node))
    (local.set $left (struct.get $node $left (local.get $node)))
    (if (ref.is_null (local.get $left)) (then (return (local.get $node))))
    (if
      (i32.ne
        (struct.get $node $level (local.get $left)) (struct.get $node $level (local.get $node)))
      (then (return (local.get $node))))
    (struct.set $node $left (local.get $node) (struct.get $node $right (local.get $left)))
    (struct.set $node $right (local.get $left) (local.get $node))
    (ref.as_non_null (local.get $left)))
  (func $split (param $node (ref $node)) (result (ref $node))
    (local $right (ref null $node))
    (local.set $right (struct.get $node $right (local.get $node)))
    (if (ref.is_null (local.get $right)) (then (return (local.get $node))))
    (if
      (i32.ne
        (call $level (struct.get $node $right (local.get $right)))
        (struct.get $node $level (local.get $node)))
      (then (return (local.get $node))))
    (struct.set $node $right (local.get $node) (struct.get $node $left (local.get $right)))
    (struct.set $node $left (local.get $right) (local.get $node))
    (struct.set $node $level (local.get $right)
      (i32.add (struct.get $node $level (local.get $right)) (i32.const 1)))
    (ref.as_non_null (local.get $right)))
  (func $insert (param $tree (ref null $node)) (param $key i64) (param $value i32)
    (result (ref $node))
    (local $node (ref $node))
    (block $empty
      (local.set $node (br_on_null $empty (local.get $tree)))
      (if (i64.eq (local.get $key) (struct.get $node $key (local.get $node)))
        (then
          (struct.set $node $value (local.get $node) (local.get $value))
          (return (local.get $node))))
      (if (i64.lt_s (local.get $key) (struct.get $node $key (local.get $node)))
        (then
          (struct.set $node $left (local.get $node)
            (call $insert
              (struct.get $node $left (local.get $node)) (local.get $key) (local.get $value))))
        (else
          (struct.set $node $right (local.get $node)
            (call $insert
              (struct.get $node $right (local.get $node)) (local.get $key) (local.get $value)))))
      (return (call $split (call $skew (local.get $node)))))
    (struct.new $node
      (local.get $key) (local.get $value) (i32.const 1) (ref.null $node) (ref.null $node)))
  (func $find (param $tree (ref null $node)) (param $key i64) (result (ref null $node))
    (local $own i64)
    (loop $down
      (if (ref.is_null (local.get $tree)) (then (return (ref.null $node))))
      (local.set $own (struct.get $node $key (local.get $tree)))
      (if (i64.eq (local.get $own) (local.get $key)) (then (return (local.get $tree))))
      (local.set $tree
        (if (result (ref null $node)) (i64.lt_s (local.get $key) (local.get $own))
          (then (struct.get $node $left (local.get $tree)))
          (else (struct.get $node $right (local.get $tree)))))
      (br $down))
    (unreachable))
  ;; The tree with a new value for a key: new nodes on the way, all others shared.
  (func $with (param $tree (ref null $node)) (param $key i64) (param $value i32)
    (result (ref null $node))
    (local $own i64)
    (if (ref.is_null (local.get $tree)) (then (return (ref.null $node))))
    (local.set $own (struct.get $node $key (local.get $tree)))
    (struct.new $node
      (local.get $own)
      (select (local.get $value) (struct.get $node $value (local.get $tree))
        (i64.eq (local.get $own) (local.get $key)))
      (struct.get $node $level (local.get $tree))
      (if (result (ref null $node)) (i64.lt_s (local.get $key) (local.get $own))
        (then
          (call $with
            (struct.get $node $left (local.get $tree)) (local.get $key) (local.get $value)))
        (else (struct.get $node $left (local.get $tree))))
      (if (result (ref null $node)) (i64.gt_s (local.get $key) (local.get $own))
        (then
          (call $with
            (struct.get $node $right (local.get $tree)) (local.get $key) (local.get $value)))
        (else (struct.get $node $right (local.get $tree))))))
  (func $sum (param $tree (ref null $node)) (param $depth i32) (result i32)
    (local $node (ref $node))
    (block $empty
      (local.set $node (br_on_null $empty (local.get $tree)))
      (return
        (i32.add
          (i32.add
            (call $sum
              (struct.get $node $left (local.get $node))
              (i32.add (local.get $depth) (i32.const 1)))
            (i32.mul (local.get $depth) (struct.get $node $value (local.get $node))))
          (call $sum
            (struct.get $node $right (local.get $node))
            (i32.add (local.get $depth) (i32.const 1))))))
    (i32.const 0))
  (func (export "run") (result i32)
    (local $n i32) (local $key i64) (local $tree (ref null $node)) (local $found (ref null $node))
    (local $sum i32)
    (loop $more
      (local.set $key
        (i64.rem_u
          (i64.mul (i64.extend_i32_u (local.get $n)) (i64.const 0x9e3779b97f4a7c15))
          (i64.const 8191)))
      (local.set $tree (call $insert (local.get $tree) (local.get $key) (local.get $n)))
      (local.set $found (call $find (local.get $tree) (i64.xor (local.get $key) (i64.const 1))))
      (if (i32.eqz (ref.is_null (local.get $found)))
        (then
          (local.set $sum
            (i32.add (local.get $sum) (struct.get $node $value (local.get $found))))))
      (if (i32.eqz (i32.and (local.get $n) (i32.const 3)))
        (then
          (local.set $tree
            (call $with
              (local.get $tree) (local.get $key) (i32.mul (local.get $n) (i32.const 7))))))
      (if (i32.eqz (i32.and (local.get $n) (i32.const 4095)))
        (then
          (local.set $sum
            (i32.add (local.get $sum) (call $sum (local.get $tree) (i32.const 1))))))
      (br_if $more
        (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 60000))))
    (local.get $sum)))
