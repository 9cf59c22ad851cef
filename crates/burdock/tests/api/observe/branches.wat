;; Branches on references.
;; attach: BRANCHES
;; call: null 0
;; call: null 1
;; call: cast 0
;; call: cast 1
;; call: cast 2
;; call: cast 3
;; call: func 0
;; call: func 1
(module
  (type $pair (sub (struct (field i32))))
  (type $triple (sub $pair (struct (field i32) (field i32))))
  (type $f (func))
  (type $g (sub (func (result i32))))
  (type $h (sub $g (func (result i32))))
  (elem declare func $f $h)
  (func $f (type $f))
  (func $h (type $h) (i32.const 1))
  (func $make (param $n i32) (result anyref)
    (block $c (block $b (block $a (br_table $a $b $c (local.get $n)))
      (return (ref.null any)))
      (return (ref.i31 (i32.const 5))))
    (if (result anyref) (i32.eq (local.get $n) (i32.const 2))
      (then (struct.new $pair (i32.const 1)))
      (else (struct.new $triple (i32.const 1) (i32.const 2)))))
  (func $null (export "null") (param $n i32) (local $x anyref)
    (local.set $x (call $make (local.get $n)))
    (block $on_null (drop (br_on_null $on_null (local.get $x))))
    (block $on_non_null (result (ref any))
      (br_on_non_null $on_non_null (local.get $x))
      (ref.i31 (i32.const 1)))
    (drop))
  (func $cast (export "cast") (param $n i32) (local $x anyref)
    (local.set $x (call $make (local.get $n)))
    (drop (block $a (result anyref) (br_on_cast $a anyref (ref null $triple) (local.get $x))))
    (drop (block $a (result anyref) (br_on_cast $a anyref (ref $pair) (local.get $x))))
    (drop (block $a (result anyref) (br_on_cast $a anyref i31ref (local.get $x))))
    (drop (block $a (result anyref) (br_on_cast_fail $a anyref (ref struct) (local.get $x))))
    (drop (block $a (result anyref) (br_on_cast_fail $a anyref (ref null eq) (local.get $x)))))
  (func $func (export "func") (param $n i32) (local $x funcref)
    (local.set $x (ref.func $f))
    (if (local.get $n) (then (local.set $x (ref.func $h))))
    (drop (block $a (result funcref) (br_on_cast $a funcref (ref $g) (local.get $x))))
    (drop (block $a (result funcref) (br_on_cast_fail $a funcref (ref null nofunc) (local.get $x))))
    (block $on_null (drop (br_on_null $on_null (local.get $x))))))
