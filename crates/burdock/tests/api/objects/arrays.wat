(module
  (type $bytes (array (mut i8)))
  (type $shorts (array (mut i16)))
  (type $longs (array (mut i64)))
  (type $vectors (array (mut v128)))
  (type $refs (array (mut (ref null $bytes))))
  (type $unary (func (param i32) (result i32)))
  (type $funcs (array (mut funcref)))
  (data $data "\01\02\ff\04\05\06\07\08\09")
  (elem $elem funcref (ref.func $inc) (ref.null func) (ref.func $dec))
  (elem $arrays (ref null $bytes) (array.new_fixed $bytes 2 (i32.const 40) (i32.const 2))
    (ref.null $bytes))
  (func $inc (type $unary) (i32.add (local.get 0) (i32.const 1)))
  (func $dec (type $unary) (i32.sub (local.get 0) (i32.const 1)))

  ;; call: bytes 10
  ;; call: bytes 3
  (func (export "bytes") (param $n i32) (result i32 i32 i32) (local $a (ref $bytes))
    (local.set $a (array.new $bytes (i32.const 200) (local.get $n)))
    (array.set $bytes (local.get $a) (i32.const 3) (i32.const -5))
    (array.get_s $bytes (local.get $a) (i32.const 3))
    (array.get_u $bytes (local.get $a) (i32.const 1))
    (array.len (local.get $a)))

  ;; call: fixed 0
  ;; call: fixed 2
  ;; call: fixed 3
  ;; call: fixed -1
  (func (export "fixed") (param $i i32) (result i64)
    (array.get $longs (array.new_fixed $longs 3 (i64.const 5) (i64.const 6) (i64.const 7))
      (local.get $i)))

  ;; call: vectors 1
  ;; call: vectors 4
  (func (export "vectors") (param $i i32) (result i64 i64) (local $a (ref $vectors))
    (local.set $a (array.new_default $vectors (i32.const 6)))
    (array.fill $vectors (local.get $a) (i32.const 1) (v128.const i64x2 8 9) (i32.const 3))
    (i64x2.extract_lane 0 (array.get $vectors (local.get $a) (local.get $i)))
    (i64x2.extract_lane 1 (array.get $vectors (local.get $a) (local.get $i))))

  ;; call: from_data 1 4
  ;; call: from_data 1 5
  (func (export "from_data") (param $from i32) (param $len i32) (result i32 i32)
    (local $a (ref $shorts))
    (local.set $a (array.new_data $shorts $data (local.get $from) (local.get $len)))
    (array.get_s $shorts (local.get $a) (i32.const 0))
    (array.get_u $shorts (local.get $a) (i32.const 3)))

  ;; call: from_elem 0 3
  ;; call: from_elem 1 3
  (func (export "from_elem") (param $from i32) (param $len i32) (result i32 i32)
    (local $a (ref $funcs))
    (local.set $a (array.new_elem $funcs $elem (local.get $from) (local.get $len)))
    (call_ref $unary (i32.const 10)
      (ref.cast (ref $unary) (array.get $funcs (local.get $a) (i32.const 2))))
    (ref.is_null (array.get $funcs (local.get $a) (i32.const 1))))

  ;; call: arrays_from_elem
  (func (export "arrays_from_elem") (result i32 i32) (local $a (ref $refs))
    (local.set $a (array.new_elem $refs $arrays (i32.const 0) (i32.const 2)))
    (array.get_u $bytes (array.get $refs (local.get $a) (i32.const 0)) (i32.const 0))
    (ref.is_null (array.get $refs (local.get $a) (i32.const 1))))

  ;; Ranges that overlap are copied as if through a buffer.
  ;; call: copy 0 1 3
  ;; call: copy 1 0 3
  ;; call: copy 2 0 3
  (func (export "copy") (param $to i32) (param $from i32) (param $len i32) (result i64)
    (local $a (ref $longs)) (local $i i32) (local $sum i64)
    (local.set $a (array.new_fixed $longs 4
      (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4)))
    (array.copy $longs $longs (local.get $a) (local.get $to) (local.get $a) (local.get $from)
      (local.get $len))
    (loop $more
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 10))
        (array.get $longs (local.get $a) (local.get $i))))
      (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 4))))
    (local.get $sum))

  ;; call: init_data 1 2 3
  ;; call: init_data 3 2 3
  ;; call: init_data 1 7 3
  (func (export "init_data") (param $to i32) (param $from i32) (param $len i32) (result i32 i32)
    (local $a (ref $bytes))
    (local.set $a (array.new_default $bytes (i32.const 5)))
    (array.init_data $bytes $data (local.get $a) (local.get $to) (local.get $from)
      (local.get $len))
    (array.get_u $bytes (local.get $a) (i32.const 0))
    (array.get_u $bytes (local.get $a) (local.get $to)))

  ;; call: init_elem 1 0 2
  ;; call: init_elem 2 0 2
  (func (export "init_elem") (param $to i32) (param $from i32) (param $len i32) (result i32)
    (local $a (ref $funcs))
    (local.set $a (array.new_default $funcs (i32.const 3)))
    (array.init_elem $funcs $elem (local.get $a) (local.get $to) (local.get $from)
      (local.get $len))
    (ref.is_null (array.get $funcs (local.get $a) (local.get $to))))

  ;; Arrays of a value that is zero or null.
  ;; call: zeros 5
  ;; call: zeros 0
  ;; call: zeros 100000
  (func (export "zeros") (param $n i32) (result i32 i64 i64 i32)
    (array.len (array.new $bytes (i32.const 0) (local.get $n)))
    (array.get $longs (array.new $longs (i64.const 0) (i32.const 3)) (i32.const 2))
    (i64x2.extract_lane 1 (array.get $vectors
      (array.new $vectors (v128.const i64x2 0 6) (local.get $n)) (i32.const 0)))
    (ref.is_null (array.get $refs
      (array.new $refs (ref.null $bytes) (i32.add (local.get $n) (i32.const 1))) (local.get $n))))

  ;; Arrays in arrays survive collections, large ones as well.
  ;; call: nested 300
  (func (export "nested") (param $n i32) (result i32) (local $a (ref $refs)) (local $sum i32)
    (local $i i32)
    (local.set $a (array.new_default $refs (local.get $n)))
    (loop $more
      (array.set $refs (local.get $a) (local.get $i)
        (array.new $bytes (local.get $i) (i32.add (i32.const 1) (i32.mul (local.get $i)
          (i32.const 100)))))
      (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
        (local.get $n))))
    (loop $back
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (local.set $sum (i32.add (local.get $sum) (array.get_u $bytes
        (array.get $refs (local.get $a) (local.get $i)) (i32.mul (local.get $i) (i32.const 100)))))
      (br_if $back (local.get $i)))
    (local.get $sum))

  ;; call: huge -1
  ;; call: huge 1000000000
  (func (export "huge") (param $n i32) (result i32)
    (array.len (array.new_default $longs (local.get $n))))

  ;; call: null_len
  (func (export "null_len") (result i32) (array.len (ref.null $bytes)))

  ;; call: null_fill
  (func (export "null_fill")
    (array.fill $bytes (ref.null $bytes) (i32.const 0) (i32.const 0) (i32.const 0)))

  ;; All elements have the value, in the current run and elsewhere, whatever is beside them.
  ;; call: filled_bytes 0 -1
  ;; call: filled_bytes 1 300
  ;; call: filled_bytes 13 -1
  ;; call: filled_bytes 257 7
  ;; call: filled_bytes 20000 3
  (func (export "filled_bytes") (param $n i32) (param $value i32) (result i32 i32)
    (local $a (ref $bytes)) (local $b (ref $bytes)) (local $i i32) (local $sum i32)
    (local.set $a (array.new $bytes (local.get $value) (local.get $n)))
    (local.set $b (array.new $bytes (i32.const 9) (i32.const 1)))
    (block $done
      (loop $more
        (br_if $done (i32.eq (local.get $i) (array.len (local.get $a))))
        (local.set $sum (i32.add (local.get $sum)
          (array.get_u $bytes (local.get $a) (local.get $i))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $more)))
    (local.get $sum)
    (array.get_u $bytes (local.get $b) (i32.const 0)))
  ;; call: filled_shorts 5 70000
  (func (export "filled_shorts") (param $n i32) (param $value i32) (result i32 i32)
    (local $a (ref $shorts))
    (local.set $a (array.new $shorts (i32.mul (local.get $value) (i32.const 3)) (local.get $n)))
    (array.get_s $shorts (local.get $a) (i32.const 0))
    (array.get_u $shorts (local.get $a) (i32.sub (local.get $n) (i32.const 1))))
  ;; call: filled_longs 3 -2
  ;; call: filled_longs 5000 -2
  (func (export "filled_longs") (param $n i32) (param $value i64) (result i64 i64)
    (local $a (ref $longs))
    (local.set $a (array.new $longs (local.get $value) (local.get $n)))
    (array.get $longs (local.get $a) (i32.const 0))
    (array.get $longs (local.get $a) (i32.sub (local.get $n) (i32.const 1))))
  ;; call: filled_refs 3
  ;; call: filled_refs 5000
  (func (export "filled_refs") (param $n i32) (result i32 i32)
    (local $a (ref $refs)) (local $i i32)
    (local.set $a (array.new $refs (array.new $bytes (i32.const 8) (i32.const 2)) (local.get $n)))
    ;; The references are all that holds the array while others are allocated.
    (loop $more
      (drop (array.new $bytes (local.get $i) (i32.const 2)))
      (br_if $more (i32.lt_u
        (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 30))))
    (array.get_u $bytes (array.get $refs (local.get $a) (i32.const 0)) (i32.const 1))
    (ref.eq (array.get $refs (local.get $a) (i32.const 0))
      (array.get $refs (local.get $a) (i32.sub (local.get $n) (i32.const 1)))))
  ;; call: filled_vectors 4
  (func (export "filled_vectors") (param $n i32) (result i64 i64)
    (local $a (ref $vectors))
    (local.set $a (array.new $vectors (v128.const i64x2 3 4) (local.get $n)))
    (array.set $vectors (local.get $a) (i32.const 1)
      (i64x2.add (array.get $vectors (local.get $a) (i32.const 0))
        (array.get $vectors (local.get $a) (i32.const 3))))
    (i64x2.extract_lane 0 (array.get $vectors (local.get $a) (i32.const 1)))
    (i64x2.extract_lane 1 (array.get $vectors (local.get $a) (i32.const 1))))

  ;; Copies within an array, in both directions, and beyond its end.
  ;; call: moved 0 2 6
  ;; call: moved 2 0 6
  ;; call: moved 3 3 5
  ;; call: moved 0 0 0
  ;; call: moved 8 8 0
  ;; call: moved 0 3 6
  ;; call: moved 3 0 6
  ;; call: moved -1 0 2
  (func (export "moved") (param $to i32) (param $from i32) (param $n i32) (result i64)
    (local $a (ref $longs))
    (local.set $a (array.new_fixed $longs 8 (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4)
      (i64.const 5) (i64.const 6) (i64.const 7) (i64.const 8)))
    (array.copy $longs $longs (local.get $a) (local.get $to) (local.get $a) (local.get $from)
      (local.get $n))
    (call $digits (local.get $a)))
  (func $digits (param $a (ref $longs)) (result i64) (local $i i32) (local $sum i64)
    (loop $more
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 10))
        (array.get $longs (local.get $a) (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $more (i32.lt_u (local.get $i) (array.len (local.get $a)))))
    (local.get $sum)))
