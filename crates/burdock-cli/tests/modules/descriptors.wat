(module $shapes
  (rec
    (type $shape (sub (descriptor $class) (struct (field $size i32))))
    (type $class (sub (describes $shape) (struct (field $factor i32)))))
  (type $log (func (param i32)))
  (import "host" "log" (func $log (exact (type $log))))
  (global $class (ref (exact $class)) (struct.new $class (i32.const 4)))
  (global $shape (mut (ref null $shape)) (struct.new_desc $shape (i32.const 5) (global.get $class)))
  (func (export "scaled") (result i32)
    (i32.mul
      (struct.get $shape $size (global.get $shape))
      (struct.get $class $factor (ref.get_desc $shape (global.get $shape)))))
  (func (export "cast") (param $other i32) (result i32)
    (if (local.get $other)
      (then (global.set $shape
        (struct.new_default_desc $shape (struct.new $class (i32.const 6))))))
    (struct.get $shape $size
      (ref.cast_desc_eq (ref (exact $shape)) (global.get $shape) (global.get $class)))))
