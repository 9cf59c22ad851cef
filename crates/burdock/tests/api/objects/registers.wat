(module
  (type $struct (sub (struct
    (field $i8 (mut i8)) (field $i16 (mut i16)) (field $i32 (mut i32)) (field $i64 (mut i64))
    (field $f32 (mut f32)) (field $f64 (mut f64)) (field $ref (mut (ref null $struct))))))
  (type $sub (sub $struct (struct
    (field (mut i8)) (field (mut i16)) (field (mut i32)) (field (mut i64))
    (field (mut f32)) (field (mut f64)) (field (mut (ref null $struct))) (field $last i32))))
  (type $leaf (sub final $sub (struct
    (field (mut i8)) (field (mut i16)) (field (mut i32)) (field (mut i64))
    (field (mut f32)) (field (mut f64)) (field (mut (ref null $struct))) (field i32))))
  (type $i8s (array (mut i8)))
  (type $i16s (array (mut i16)))
  (type $i32s (array (mut i32)))
  (type $i64s (array (mut i64)))
  (type $f32s (array (mut f32)))
  (type $f64s (array (mut f64)))
  (type $refs (array (mut (ref null $i32s))))

  (type $large (struct
    (field i64) (field i64) (field i64) (field i64) (field i64) (field i64) (field i64)
    (field i64) (field i64) (field i64) (field i64) (field i64) (field i64) (field i64)
    (field i64) (field i64) (field i64) (field i64) (field i64) (field i64) (field i64)
    (field i64) (field i64) (field i64) (field i64) (field i64) (field i64) (field i64)
    (field i64) (field i64) (field i64) (field i64) (field i64) (field i64) (field i64)
    (field i64) (field i64) (field i64) (field i64)
    (field $last (mut (ref null $large)))))

  ;; In a loop, locals are in registers. Each turn reads and writes fields of all types.
  ;; call: fields 3
  ;; call: fields 300
  (func (export "fields") (param $n i32) (result i32 i32 i32 i32 i64 f32 f64 i32)
    (local $s (ref null $struct))
    (local.set $s (struct.new_default $struct))
    (struct.set $struct $ref (local.get $s) (local.get $s))
    (loop $more
      (struct.set $struct $i8 (local.get $s)
        (i32.add (struct.get_s $struct $i8 (local.get $s)) (local.get $n)))
      (struct.set $struct $i16 (local.get $s)
        (i32.sub (struct.get_u $struct $i16 (local.get $s)) (local.get $n)))
      (struct.set $struct $i32 (local.get $s)
        (i32.add (struct.get $struct $i32 (local.get $s)) (struct.get_u $struct $i8 (local.get $s))))
      (struct.set $struct $i64 (local.get $s)
        (i64.add (struct.get $struct $i64 (local.get $s))
          (i64.extend_i32_s (struct.get_s $struct $i16 (local.get $s)))))
      (struct.set $struct $f32 (local.get $s)
        (f32.add (struct.get $struct $f32 (local.get $s)) (f32.const 0.5)))
      (struct.set $struct $f64 (local.get $s)
        (f64.sub (struct.get $struct $f64 (local.get $s)) (f64.const 0.25)))
      (struct.set $struct $ref (local.get $s)
        (struct.get $struct $ref (struct.get $struct $ref (local.get $s))))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (struct.get_s $struct $i8 (local.get $s))
    (struct.get_s $struct $i16 (local.get $s))
    (struct.get_u $struct $i16 (local.get $s))
    (struct.get $struct $i32 (local.get $s))
    (struct.get $struct $i64 (local.get $s))
    (struct.get $struct $f32 (local.get $s))
    (struct.get $struct $f64 (local.get $s))
    (ref.eq (struct.get $struct $ref (local.get $s)) (local.get $s)))

  ;; Arrays that are filled and summed up in loops.
  ;; call: elements 5
  ;; call: elements 400
  (func (export "elements") (param $n i32) (result i32 i32 i32 i32 i32 i64 f32 f64)
    (local $i i32) (local $s8 i32) (local $u8 i32) (local $s16 i32) (local $u16 i32)
    (local $s32 i32) (local $s64 i64) (local $f32 f32) (local $f64 f64)
    (local $a (ref null $i8s)) (local $b (ref null $i16s)) (local $c (ref null $i32s))
    (local $d (ref null $i64s)) (local $e (ref null $f32s)) (local $f (ref null $f64s))
    (local.set $a (array.new_default $i8s (local.get $n)))
    (local.set $b (array.new_default $i16s (local.get $n)))
    (local.set $c (array.new_default $i32s (local.get $n)))
    (local.set $d (array.new_default $i64s (local.get $n)))
    (local.set $e (array.new_default $f32s (local.get $n)))
    (local.set $f (array.new_default $f64s (local.get $n)))
    (loop $fill
      (array.set $i8s (local.get $a) (local.get $i) (i32.mul (local.get $i) (i32.const 7)))
      (array.set $i16s (local.get $b) (local.get $i) (i32.mul (local.get $i) (i32.const 777)))
      (array.set $i32s (local.get $c) (local.get $i) (i32.mul (local.get $i) (i32.const 77777)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $fill (i32.lt_u (local.get $i) (array.len (local.get $a)))))
    (local.set $i (i32.const 0))
    (loop $fill
      (array.set $i64s (local.get $d) (local.get $i) (i64.extend_i32_u (local.get $i)))
      (array.set $f32s (local.get $e) (local.get $i) (f32.convert_i32_u (local.get $i)))
      (array.set $f64s (local.get $f) (local.get $i) (f64.convert_i32_u (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $fill (i32.ne (local.get $i) (local.get $n))))
    (array.set $i32s (local.get $c) (i32.const 1) (i32.const -1))
    (array.set $f64s (local.get $f) (i32.const 2) (f64.const 0))
    (array.set $f32s (local.get $e) (i32.const 2) (f32.const 1e10))
    (local.set $i (i32.const 0))
    (loop $sum
      (local.set $s8 (i32.add (local.get $s8) (array.get_s $i8s (local.get $a) (local.get $i))))
      (local.set $u8 (i32.add (local.get $u8) (array.get_u $i8s (local.get $a) (local.get $i))))
      (local.set $s16 (i32.add (local.get $s16) (array.get_s $i16s (local.get $b) (local.get $i))))
      (local.set $u16 (i32.add (local.get $u16) (array.get_u $i16s (local.get $b) (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $sum (i32.ne (local.get $i) (local.get $n))))
    (local.set $i (i32.const 0))
    (loop $sum
      (local.set $s32 (i32.add (local.get $s32) (array.get $i32s (local.get $c) (local.get $i))))
      (local.set $s64 (i64.add (local.get $s64) (array.get $i64s (local.get $d) (local.get $i))))
      (local.set $f32 (f32.add (local.get $f32) (array.get $f32s (local.get $e) (local.get $i))))
      (local.set $f64 (f64.add (local.get $f64) (array.get $f64s (local.get $f) (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $sum (i32.ne (local.get $i) (local.get $n))))
    (local.get $s8) (local.get $u8) (local.get $s16) (local.get $u16) (local.get $s32)
    (local.get $s64) (local.get $f32) (local.get $f64))

  ;; A null array, and an index behind the last element.
  ;; call: sum_of 4 4
  ;; call: sum_of 4 5
  ;; call: sum_of 0 1
  ;; call: sum_of -1 1
  (func (export "sum_of") (param $len i32) (param $n i32) (result i32)
    (local $a (ref null $i32s)) (local $sum i32)
    (if (i32.ge_s (local.get $len) (i32.const 0))
      (then (local.set $a (array.new $i32s (i32.const 3) (local.get $len)))))
    (loop $more
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (local.set $sum
        (i32.add (local.get $sum) (array.get $i32s (local.get $a) (local.get $n))))
      (br_if $more (local.get $n)))
    (local.get $sum))

  ;; Old arrays keep new objects that are written in a loop.
  ;; call: matrix 10
  ;; call: matrix 300
  (func (export "matrix") (param $n i32) (result i32)
    (local $m (ref null $refs)) (local $i i32) (local $sum i32)
    (local.set $m (array.new_default $refs (local.get $n)))
    (loop $fill
      (array.set $refs (local.get $m) (local.get $i)
        (array.new $i32s (local.get $i) (i32.add (local.get $i) (i32.const 1))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $fill (i32.ne (local.get $i) (local.get $n))))
    (loop $sum
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (local.set $sum (i32.add (local.get $sum)
        (array.get $i32s (array.get $refs (local.get $m) (local.get $i)) (local.get $i))))
      (br_if $sum (local.get $i)))
    (array.set $refs (local.get $m) (i32.const 0) (ref.null $i32s))
    (if (ref.is_null (array.get $refs (local.get $m) (i32.const 0)))
      (then (local.set $sum (i32.add (local.get $sum) (i32.const 1)))))
    (local.get $sum))

  ;; Makes a reference of each kind: null, two structures, an array, an `i31`.
  (func $make (param $n i32) (result anyref)
    (block $null
      (block $i31
        (block $array
          (block $leaf
            (block $sub
              (block $struct
                (br_table $struct $sub $leaf $array $i31 $null (local.get $n)))
              (return (struct.new_default $struct)))
            (return (struct.new_default $sub)))
          (return (struct.new_default $leaf)))
        (return (array.new_default $i32s (i32.const 2))))
      (return (ref.i31 (local.get $n))))
    (ref.null any))

  ;; A bit for each type that the reference is of.
  ;; call: is 0
  ;; call: is 1
  ;; call: is 2
  ;; call: is 3
  ;; call: is 4
  ;; call: is 5
  (func (export "is") (param $n i32) (result i32) (local $r anyref)
    (local.set $r (call $make (local.get $n)))
    (i32.or (ref.test (ref $struct) (local.get $r))
    (i32.or (i32.shl (ref.test (ref $sub) (local.get $r)) (i32.const 1))
    (i32.or (i32.shl (ref.test (ref $leaf) (local.get $r)) (i32.const 2))
    (i32.or (i32.shl (ref.test (ref $i32s) (local.get $r)) (i32.const 3))
    (i32.or (i32.shl (ref.test (ref i31) (local.get $r)) (i32.const 4))
    (i32.or (i32.shl (ref.test (ref null $struct) (local.get $r)) (i32.const 5))
    (i32.or (i32.shl (ref.test (ref null $leaf) (local.get $r)) (i32.const 6))
    (i32.or (i32.shl (ref.test (ref null i31) (local.get $r)) (i32.const 7))
      (i32.shl (ref.test (ref eq) (local.get $r)) (i32.const 8)))))))))))

  ;; Branches on casts in a loop, and a cast that traps.
  ;; call: walk 6
  (func (export "walk") (param $n i32) (result i32) (local $r anyref) (local $sum i32)
    (loop $more
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (local.set $r (call $make (local.get $n)))
      (block $done
        (block $is_sub (result (ref $sub))
          (block $is_not (result anyref)
            (drop (br_on_cast $is_sub anyref (ref $sub) (local.get $r)))
            (drop (br_on_cast_fail $is_not anyref (ref null $leaf) (local.get $r)))
            (local.set $sum (i32.add (local.get $sum) (i32.const 1)))
            (br $done))
          (drop)
          (local.set $sum (i32.add (local.get $sum) (i32.const 10)))
          (br $done))
        (drop)
        (local.set $sum (i32.add (local.get $sum) (i32.const 100))))
      (br_if $more (local.get $n)))
    (local.get $sum))
  ;; call: cast 1
  ;; call: cast 2
  ;; call: cast 0
  ;; call: cast 5
  ;; call: cast_null 5
  ;; call: cast_final 2
  ;; call: cast_final 1
  ;; call: cast_final 4
  (func (export "cast") (param $n i32) (result i32)
    (struct.get $sub $last (ref.cast (ref $sub) (call $make (local.get $n)))))
  (func (export "cast_null") (param $n i32) (result i32)
    (ref.is_null (ref.cast (ref null $sub) (call $make (local.get $n)))))
  (func (export "cast_final") (param $n i32) (result i32)
    (struct.get $sub $last (ref.cast (ref $leaf) (call $make (local.get $n)))))

  ;; Numbers of 31 bits, and null.
  ;; call: i31 5
  ;; call: i31 -5
  ;; call: i31 1073741824
  (func (export "i31") (param $n i32) (result i32 i32) (local $r (ref null i31))
    (local.set $r (ref.i31 (local.get $n)))
    (i31.get_s (local.get $r))
    (i31.get_u (local.get $r)))
  ;; call: i31_of_null
  (func (export "i31_of_null") (result i32) (local $r (ref null i31))
    (i31.get_u (local.get $r)))

  ;; A queue of which only the last object is alive, though the first leads to all others: neither
  ;; a register nor a slot keeps a reference that nothing needs.
  ;; call: queue 4000
  (func (export "queue") (param $n i32) (result i32) (local $last (ref null $struct))
    (local.set $last (struct.new_default $struct))
    (loop $more
      (struct.set $struct $ref (local.get $last) (struct.new_default $struct))
      (local.set $last (struct.get $struct $ref (local.get $last)))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (ref.is_null (struct.get $struct $ref (local.get $last))))
  ;; call: queue_of_calls 4000
  (func (export "queue_of_calls") (param $n i32) (result i32) (local $last (ref null $struct))
    (local.set $last (call $new))
    (loop $more
      (local.set $last (call $behind (local.get $last)))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (ref.is_null (struct.get $struct $ref (local.get $last))))
  (func $new (result (ref null $struct)) (struct.new_default $struct))
  (func $behind (param $last (ref null $struct)) (result (ref null $struct))
    (struct.set $struct $ref (local.get $last) (call $new))
    (struct.get $struct $ref (local.get $last)))

  ;; A structure that is too large for one instruction, and arrays about the longest for one.
  ;; call: large 3
  ;; call: large 40000
  (func (export "large") (param $n i32) (result i64) (local $l (ref null $large)) (local $sum i64)
    (loop $more
      (local.set $l (struct.new $large
      (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6)
      (i64.const 7) (i64.const 8) (i64.const 9) (i64.const 10) (i64.const 11) (i64.const 12)
      (i64.const 13) (i64.const 14) (i64.const 15) (i64.const 16) (i64.const 17) (i64.const 18)
      (i64.const 19) (i64.const 20) (i64.const 21) (i64.const 22) (i64.const 23) (i64.const 24)
      (i64.const 25) (i64.const 26) (i64.const 27) (i64.const 28) (i64.const 29) (i64.const 30)
      (i64.const 31) (i64.const 32) (i64.const 33) (i64.const 34) (i64.const 35) (i64.const 36)
      (i64.const 37) (i64.const 38) (i64.const 39)
      (local.get $l)))
      (local.set $sum (i64.add (local.get $sum)
        (i64.add (struct.get $large 38 (local.get $l)) (struct.get $large 0 (local.get $l)))))
      (struct.set $large $last (local.get $l) (ref.null $large))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  ;; call: lengths 250
  ;; call: lengths 900
  (func (export "lengths") (param $n i32) (result i32) (local $sum i32) (local $i i32)
    (loop $more
      (local.set $sum (i32.add (local.get $sum)
        (i32.add (array.len (array.new_default $i8s (local.get $n)))
          (array.len (array.new_default $f64s (local.get $n))))))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
        (i32.const 12))))
    (i32.add (local.get $sum)
      (array.get $i32s
        (array.new_fixed $i32s 3 (local.get $n) (i32.const -7) (local.get $i))
        (i32.const 2)))))
