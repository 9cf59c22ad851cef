;; custom descriptors
(module
  (rec
    (type $shape (sub (descriptor $class) (struct (field $size i32))))
    (type $class (sub (describes $shape) (struct (field $factor i32)))))
  (rec
    (type $circle (sub $shape (descriptor $circle_class) (struct (field i32) (field $r f64))))
    (type $circle_class (sub $class (describes $circle) (struct (field i32) (field $name i64)))))
  (rec
    (type $chain (descriptor $link) (struct (field $next (ref null $chain))))
    (type $link (describes $chain) (descriptor $end) (struct))
    (type $end (describes $link) (struct (field $value i32))))
  ;; 62 references and 64 bytes more, so that some lie behind the first 256 bytes.
  (rec
    (type $large (descriptor $about) (struct
      (field anyref) (field anyref) (field anyref) (field anyref) (field anyref) (field anyref)
      (field anyref) (field anyref) (field anyref) (field anyref) (field anyref) (field anyref)
      (field v128) (field v128) (field v128) (field v128) (field v128) (field v128) (field v128)
      (field v128) (field v128) (field v128) (field v128) (field v128) (field v128) (field v128)
      (field $last (ref null $about))))
    (type $about (describes $large) (struct (field $number i32))))
  (type $plain (sub (struct (field i32))))
  (type $less (sub $plain (struct (field i32))))
  (type $bytes (array (mut i8)))
  (type $f (sub (func (result i32))))
  (type $g (sub $f (func (result i32))))
  (elem declare func $one $two)
  (func $one (type $f) (i32.const 1))
  (func $two (type $g) (i32.const 2))

  (global $class (ref (exact $class)) (struct.new $class (i32.const 3)))
  (global $made (ref (exact $shape)) (struct.new_desc $shape (i32.const 5) (global.get $class)))
  (global $zero (ref (exact $shape)) (struct.new_default_desc $shape (global.get $class)))
  (table $shapes 4 (ref null $shape))
  (elem (table $shapes) (i32.const 0) (ref null (exact $shape))
    (struct.new_desc $shape (i32.const 11) (struct.new $class (i32.const 13))))

  ;; Constant expressions.
  ;; call: constants
  (func (export "constants") (result i32 i32 i32 i32)
    (i32.mul (struct.get $shape $size (global.get $made))
      (struct.get $class $factor (ref.get_desc $shape (global.get $made))))
    (struct.get $shape $size (global.get $zero))
    (ref.eq (global.get $class) (ref.get_desc $shape (global.get $zero)))
    (struct.get $class $factor (ref.get_desc $shape (table.get $shapes (i32.const 0)))))

  (func $shape (param $size i32) (param $factor i32) (result (ref (exact $shape)))
    (struct.new_desc $shape (local.get $size) (struct.new $class (local.get $factor))))
  (func $circle (param $size i32) (param $factor i32) (result (ref (exact $circle)))
    (struct.new_desc $circle (local.get $size) (f64.const 1.5)
      (struct.new $circle_class (local.get $factor) (i64.const 77))))

  ;; A list, the objects of which alone hold their descriptors.
  ;; call: list 10
  ;; call: list 20000
  (func (export "list") (param $n i32) (result i32) (local $l (ref null $chain)) (local $sum i32)
    (loop $more
      (local.set $l (struct.new_desc $chain (local.get $l)
        (struct.new_desc $link (struct.new $end (local.get $n)))))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (loop $again
      (local.set $sum (i32.add (local.get $sum)
        (struct.get $end $value (ref.get_desc $link (ref.get_desc $chain (local.get $l))))))
      (local.set $l (struct.get $chain $next (local.get $l)))
      (br_if $again (i32.eqz (ref.is_null (local.get $l)))))
    (local.get $sum))

  ;; A large object with references behind those of small ones.
  ;; call: large 7
  ;; call: large 3000
  (func (export "large") (param $n i32) (result i32 i32) (local $l (ref null $large))
    (local.set $l (struct.new_default_desc $large (struct.new $about (local.get $n))))
    (loop $more
      (drop (struct.new_default_desc $large (struct.new $about (i32.const -1))))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (struct.get $about $number (ref.get_desc $large (local.get $l)))
    (ref.is_null (struct.get $large $last (local.get $l))))

  ;; The descriptor of an old object is an object like any other.
  ;; call: churn 100
  ;; call: churn 100000
  (func (export "churn") (param $n i32) (result i32)
    (table.set $shapes (i32.const 1) (call $circle (i32.const 1) (local.get $n)))
    (loop $more
      (table.set $shapes (i32.const 2) (call $shape (local.get $n) (local.get $n)))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.add
      (struct.get $class $factor (ref.get_desc $shape (table.get $shapes (i32.const 1))))
      (struct.get $class $factor (ref.get_desc $shape (table.get $shapes (i32.const 2))))))

  (func $any (param $kind i32) (result anyref)
    (block $a (block $b (block $c (block $d (block $e (block $f
      (br_table $a $b $c $d $e $f (local.get $kind)))
      (return (ref.i31 (i32.const 1))))
      (return (array.new_default $bytes (i32.const 8))))
      (return (struct.new $less (i32.const 1))))
      (return (call $circle (i32.const 1) (i32.const 1))))
      (return (global.get $made)))
    (ref.null any))

  ;; Casts by the descriptor of another object, by the right one, and of what has none.
  ;; call: by_descriptor 0
  ;; call: by_descriptor 1
  ;; call: by_descriptor 2
  ;; call: by_descriptor 3
  ;; call: by_descriptor 4
  ;; call: by_descriptor 5
  (func (export "by_descriptor") (param $kind i32) (result i32 i32 i32) (local $any anyref)
    (local.set $any (call $any (local.get $kind)))
    (block $is (result anyref)
      (drop (br_on_cast_desc_eq $is anyref (ref $shape) (local.get $any) (global.get $class)))
      (block $not (result anyref)
        (drop (br_on_cast_desc_eq_fail $not anyref (ref null (exact $shape))
          (local.get $any) (global.get $class)))
        (return (i32.const 0) (i32.const 0) (i32.const 1)))
      (drop)
      (return (i32.const 0) (i32.const 0) (i32.const 2)))
    (drop)
    (struct.get $shape $size (ref.cast_desc_eq (ref $shape) (local.get $any) (global.get $class)))
    (struct.get $shape $size
      (ref.cast_desc_eq (ref null (exact $shape)) (local.get $any) (global.get $class)))
    (i32.const 3))

  ;; call: cast 0
  ;; call: cast 1
  ;; call: cast 2
  ;; call: cast 4
  (func (export "cast") (param $kind i32) (result i32)
    (ref.is_null (ref.cast_desc_eq (ref null $shape) (call $any (local.get $kind))
      (global.get $class))))
  ;; call: cast_non_null 0
  ;; call: cast_non_null 1
  (func (export "cast_non_null") (param $kind i32) (result i32)
    (struct.get $shape $size (ref.cast_desc_eq (ref (exact $shape)) (call $any (local.get $kind))
      (global.get $class))))

  ;; A vector on the stack, and values in registers, survive a cast.
  ;; call: around 1 20
  (func (export "around") (param $kind i32) (param $x i32) (result i32)
    (i32.add (i32.mul (local.get $x) (i32.const 3))
      (i32x4.extract_lane 2 (i32x4.add (i32x4.splat (local.get $x))
        (i32x4.splat (struct.get $shape $size
          (ref.cast_desc_eq (ref $shape) (call $any (local.get $kind)) (global.get $class))))))))

  ;; Casts to exact types: subtypes do not belong to them.
  ;; call: exact 0
  ;; call: exact 1
  ;; call: exact 2
  ;; call: exact 3
  ;; call: exact 4
  (func (export "exact") (param $kind i32) (result i32 i32 i32 i32) (local $any anyref)
    (local.set $any (call $any (local.get $kind)))
    (ref.test (ref (exact $shape)) (local.get $any))
    (ref.test (ref null (exact $circle)) (local.get $any))
    (ref.test (ref (exact $plain)) (local.get $any))
    (ref.test (ref (exact $bytes)) (local.get $any)))
  ;; call: exact_cast 1
  ;; call: exact_cast 2
  (func (export "exact_cast") (param $kind i32) (result i32)
    (struct.get $shape $size (ref.cast (ref (exact $shape)) (call $any (local.get $kind)))))
  ;; call: exact_func
  (func (export "exact_func") (result i32 i32 i32 i32) (local $f (ref null $f))
    (local.set $f (ref.func $two))
    (block $no (result funcref)
      (return
        (ref.test (ref (exact $f)) (local.get $f))
        (ref.test (ref $f) (local.get $f))
        (ref.test (ref (exact $g)) (local.get $f))
        (call_ref $g (br_on_cast_fail $no funcref (ref (exact $g)) (local.get $f)))))
    (drop)
    (i32.const -1) (i32.const -1) (i32.const -1) (i32.const -1))

  ;; Null descriptors.
  ;; call: no_descriptor
  (func (export "no_descriptor") (local $class (ref null (exact $class)))
    (drop (struct.new_desc $shape (i32.const 1) (local.get $class))))
  ;; call: no_descriptor_default
  (func (export "no_descriptor_default") (drop (struct.new_default_desc $shape (ref.null none))))
  ;; call: no_descriptor_cast
  (func (export "no_descriptor_cast") (local $class (ref null $class))
    (drop (ref.cast_desc_eq (ref null $shape) (ref.null any) (local.get $class))))
  ;; call: no_descriptor_branch 1
  (func (export "no_descriptor_branch") (param $kind i32) (local $class (ref null $class))
    (drop (block $l (result anyref)
      (br_on_cast_desc_eq $l anyref (ref $shape) (call $any (local.get $kind)) (local.get $class)))))
  ;; call: descriptor_of_null
  (func (export "descriptor_of_null") (local $shape (ref null $shape))
    (drop (ref.get_desc $shape (local.get $shape)))))
