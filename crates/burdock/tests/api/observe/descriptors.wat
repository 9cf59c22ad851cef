;; Branches on descriptors, and allocations with them: custom descriptors.
;; attach: BRANCHES ALLOCATIONS
;; call: cast 0
;; call: cast 1
;; call: cast 2
;; call: null
(module
  (rec
    (type $shape (sub (descriptor $class) (struct (field i32))))
    (type $class (sub (describes $shape) (struct))))
  (global $class (ref (exact $class)) (struct.new $class))
  (global $other (ref (exact $class)) (struct.new $class))
  (func $make (param $n i32) (result anyref)
    (block $b (block $a (br_table $a $b (local.get $n)))
      (return (ref.null any)))
    (if (result anyref) (i32.eq (local.get $n) (i32.const 1))
      (then (struct.new_desc $shape (i32.const 1) (global.get $class)))
      (else (struct.new_default_desc $shape (global.get $other)))))
  (func $cast (export "cast") (param $n i32) (local $x anyref)
    (local.set $x (call $make (local.get $n)))
    (drop (block $a (result anyref)
      (br_on_cast_desc_eq $a anyref (ref null $shape) (local.get $x) (global.get $class))))
    (drop (block $a (result anyref)
      (br_on_cast_desc_eq $a anyref (ref (exact $shape)) (local.get $x) (global.get $class))))
    (drop (block $a (result anyref)
      (br_on_cast_desc_eq_fail $a anyref (ref $shape) (local.get $x) (global.get $class))))
    (drop (block $a (result anyref)
      (br_on_cast $a anyref (ref (exact $shape)) (local.get $x)))))
  (func $null (export "null")
    (drop (block $a (result anyref)
      (br_on_cast_desc_eq $a anyref (ref null $shape) (ref.null any) (ref.null none))))))
