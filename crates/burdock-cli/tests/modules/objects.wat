;; Structures, arrays, casts and exceptions.
(module
  (type $name (array (mut i8)))
  (type $shape (sub (struct (field $label (ref $name)))))
  (type $circle (sub $shape (struct (field $label (ref $name)) (field $radius f64))))
  (type $box (sub $shape (struct (field $label (ref $name)) (field $width (mut i16))
    (field $height i64) (field $inside (mut (ref null $box))))))
  (type $shapes (array (mut (ref null $shape))))
  (data $text "circlebox")
  (tag $odd (param (ref null $shape) i32))
  (global $kept (mut (ref null $shapes)) (ref.null $shapes))

  (func $label (param $at i32) (param $len i32) (result (ref $name))
    (array.new_data $name $text (local.get $at) (local.get $len)))
  (func $circle (param $radius f64) (result (ref $shape))
    (struct.new $circle (call $label (i32.const 0) (i32.const 6)) (local.get $radius)))
  (func $box (param $width i32) (param $inside (ref null $box)) (result (ref $box))
    (struct.new $box (call $label (i32.const 6) (i32.const 3)) (local.get $width)
      (i64.const -2) (local.get $inside)))

  ;; The area of a shape, or 0 for none; throws for other shapes.
  (func $area (param $shape (ref null $shape)) (result f64) (local $round (ref null $circle))
    (block $none
      (local.set $round (block $circle (result (ref $circle))
        (throw $odd
          (br_on_cast $circle (ref $shape) (ref $circle)
            (br_on_null $none (local.get $shape)))
          (i32.const 7))))
      (return (f64.mul (f64.const 3) (struct.get $circle $radius (local.get $round)))))
    (f64.const 0))
  (func $safe_area (param $shape (ref null $shape)) (result f64)
    (block $odd (result (ref null $shape) i32)
      (return (try_table (result f64) (catch $odd $odd) (call $area (local.get $shape)))))
    (drop) (drop)
    (f64.const -1))

  (func (export "areas") (result f64)
    (f64.add (call $safe_area (call $circle (f64.const 2)))
      (f64.add (call $safe_area (call $box (i32.const 3) (call $box (i32.const 4) (ref.null $box))))
        (call $safe_area (ref.null $shape)))))
  (func (export "uncaught") (result f64)
    (call $area (call $box (i32.const 3) (ref.null $box))))
  (func (export "keep") (param $n i32) (result i32) (local $i i32)
    (global.set $kept (array.new_default $shapes (local.get $n)))
    (loop $more
      (drop (call $circle (f64.const 1)))
      (array.set $shapes (global.get $kept) (local.get $i)
        (call $box (local.get $i) (ref.null $box)))
      (br_if $more (i32.lt_u
        (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (array.len (global.get $kept)))
  (func (export "large") (param $len i32) (param $n i32) (result i32) (local $kept (ref null $name))
    (loop $more
      (local.set $kept (array.new_default $name (local.get $len)))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (array.len (local.get $kept))))
