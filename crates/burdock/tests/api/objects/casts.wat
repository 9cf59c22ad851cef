(module
  (type $a (sub (struct (field i32))))
  (type $b (sub $a (struct (field i32) (field i32))))
  (type $c (sub final $b (struct (field i32) (field i32) (field i32))))
  (type $other (struct (field i32)))
  (type $array (array i32))
  (type $f (sub (func)))
  (type $g (sub $f (func)))
  (elem declare func $of_f $of_g)
  (func $of_f (type $f))
  (func $of_g (type $g))

  (func $make (param $which i32) (result anyref)
    (block $5 (block $4 (block $3 (block $2 (block $1 (block $0
      (br_table $0 $1 $2 $3 $4 $5 (local.get $which)))
      (return (struct.new $a (i32.const 1))))
      (return (struct.new $b (i32.const 1) (i32.const 2))))
      (return (struct.new $c (i32.const 1) (i32.const 2) (i32.const 3))))
      (return (array.new_default $array (i32.const 3))))
      (return (ref.i31 (i32.const 5))))
    (ref.null none))

  ;; Of a, b, c, array, i31 and null: whether it is any, eq, i31, struct, array, a, b, c, other, null.
  ;; call: test 0
  ;; call: test 1
  ;; call: test 2
  ;; call: test 3
  ;; call: test 4
  ;; call: test 5
  (func (export "test") (param $which i32)
    (result i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (local $x anyref)
    (local.set $x (call $make (local.get $which)))
    (ref.test (ref any) (local.get $x))
    (ref.test (ref eq) (local.get $x))
    (ref.test (ref i31) (local.get $x))
    (ref.test (ref struct) (local.get $x))
    (ref.test (ref array) (local.get $x))
    (ref.test (ref $a) (local.get $x))
    (ref.test (ref $b) (local.get $x))
    (ref.test (ref $c) (local.get $x))
    (ref.test (ref $other) (local.get $x))
    (ref.test (ref null none) (local.get $x)))

  ;; call: cast 0
  ;; call: cast 2
  ;; call: cast 4
  ;; call: cast 5
  (func (export "cast") (param $which i32) (result i32)
    (struct.get $b 1 (ref.cast (ref $b) (call $make (local.get $which)))))

  ;; call: cast_null 3
  ;; call: cast_null 5
  (func (export "cast_null") (param $which i32) (result i32)
    (ref.is_null (ref.cast (ref null $array) (call $make (local.get $which)))))

  ;; call: branch 0
  ;; call: branch 1
  ;; call: branch 4
  ;; call: branch 5
  (func (export "branch") (param $which i32) (result i32)
    (block $b (result (ref $b))
      (block $not_i31 (result anyref)
        (br_on_cast_fail $not_i31 anyref (ref i31)
          (br_on_cast $b anyref (ref $b) (call $make (local.get $which))))
        i31.get_u
        (return (i32.add (i32.const 100))))
      (return (ref.is_null)))
    (struct.get $b 1))

  ;; call: funcs
  (func (export "funcs") (result i32 i32 i32 i32)
    (ref.test (ref $f) (ref.func $of_g))
    (ref.test (ref $g) (ref.func $of_g))
    (ref.test (ref $g) (ref.func $of_f))
    (ref.test (ref null $g) (ref.null nofunc)))

  ;; call: i31 -1
  ;; call: i31 1073741824
  ;; call: i31 -2147483648
  (func (export "i31") (param $x i32) (result i32 i32)
    (i31.get_s (ref.i31 (local.get $x)))
    (i31.get_u (ref.i31 (local.get $x))))

  ;; call: null_i31
  (func (export "null_i31") (result i32) (i31.get_s (ref.null i31)))

  ;; call: equal
  (func (export "equal") (result i32 i32 i32 i32) (local $x eqref)
    (local.set $x (struct.new $a (i32.const 1)))
    (ref.eq (local.get $x) (local.get $x))
    (ref.eq (local.get $x) (struct.new $a (i32.const 1)))
    (ref.eq (ref.i31 (i32.const 3)) (ref.i31 (i32.const 3)))
    (ref.eq (ref.null none) (local.get $x)))

  ;; An internal value comes back from outside as what it was.
  ;; call: convert 1
  ;; call: convert 4
  ;; call: convert 5
  (func (export "convert") (param $which i32) (result i32 i32 i32) (local $x externref)
    (local.set $x (extern.convert_any (call $make (local.get $which))))
    (ref.is_null (local.get $x))
    (ref.test (ref $b) (any.convert_extern (local.get $x)))
    (ref.test (ref i31) (any.convert_extern (local.get $x)))))
