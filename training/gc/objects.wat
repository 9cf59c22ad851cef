;; Objects with tables of methods, as compilers of classes make them: shapes are measured by virtual
;; calls and sorted into classes by casts; particles collide; closures are made and applied.
(module
  (rec
    (type $object (sub (struct (field $methods (ref $methods)))))
    (type $area (func (param (ref $object)) (result f64)))
    (type $scale (func (param (ref $object) f64) (result (ref $object))))
    (type $methods (sub (struct (field $area (ref $area)) (field $scale (ref $scale)))))
    (type $circle (sub final $object (struct (field (ref $methods)) (field $radius f64))))
    (type $box (sub $object (struct (field (ref $methods)) (field $width f64) (field $height f64))))
    (type $square
      (sub final $box (struct (field (ref $methods)) (field f64) (field f64) (field $id i32)))))
  (type $objects (array (mut (ref null $object))))
  (rec
    (type $function (sub (struct (field $code (ref $apply)))))
    (type $apply (func (param (ref $function) i32) (result i32))))
  (type $adder (sub final $function (struct (field (ref $apply)) (field $by i32))))
  (type $pair
    (sub final $function
      (struct (field (ref $apply)) (field $first (ref $function)) (field $second (ref $function)))))
  (elem declare func $circle_area $circle_scale $box_area $box_scale $square_scale $add $both)
  (global $circles (ref $methods)
    (struct.new $methods (ref.func $circle_area) (ref.func $circle_scale)))
  (global $boxes (ref $methods) (struct.new $methods (ref.func $box_area) (ref.func $box_scale)))
  (global $squares (ref $methods)
    (struct.new $methods (ref.func $box_area) (ref.func $square_scale)))
  (func $circle_area (type $area)
    (local $own (ref $circle))
    (local.set $own (ref.cast (ref $circle) (local.get 0)))
    (f64.mul (f64.const 3.141592653589793)
      (f64.mul
        (struct.get $circle $radius (local.get $own))
        (struct.get $circle $radius (local.get $own)))))
  (func $circle_scale (type $scale)
    (struct.new $circle (global.get $circles)
      (f64.mul (local.get 1) (struct.get $circle $radius (ref.cast (ref $circle) (local.get 0))))))
  (func $box_area (type $area)
    (local $own (ref $box))
    (local.set $own (ref.cast (ref $box) (local.get 0)))
    (f64.mul (struct.get $box $width (local.get $own)) (struct.get $box $height (local.get $own))))
  (func $box_scale (type $scale)
    (local $own (ref $box))
    (local.set $own (ref.cast (ref $box) (local.get 0)))
    (struct.new $box (global.get $boxes)
      (f64.mul (local.get 1) (struct.get $box $width (local.get $own)))
      (f64.mul (local.get 1) (struct.get $box $height (local.get $own)))))
  (func $square_scale (type $scale)
    (local $own (ref $square)) (local $side f64)
    (local.set $own (ref.cast (ref $square) (local.get 0)))
    (local.set $side (f64.mul (local.get 1) (struct.get $box $width (local.get $own))))
    (struct.new $square (global.get $squares) (local.get $side) (local.get $side)
      (i32.add (struct.get $square $id (local.get $own)) (i32.const 1))))
  (func $shape (param $n i32) (result (ref $object))
    (local $size f64)
    (local.set $size
      (f64.add (f64.const 1) (f64.convert_i32_u (i32.and (local.get $n) (i32.const 15)))))
    (block $square
      (block $box
        (block $circle
          (br_table $circle $box $square $box (i32.and (local.get $n) (i32.const 3))))
        (return (struct.new $circle (global.get $circles) (local.get $size))))
      (return
        (struct.new $box (global.get $boxes)
          (local.get $size) (f64.add (local.get $size) (f64.const 2)))))
    (struct.new $square (global.get $squares) (local.get $size) (local.get $size) (local.get $n)))
  (func $measure (param $shapes (ref $objects)) (result f64)
    (local $at i32) (local $sum f64) (local $shape (ref null $object))
    (loop $more
      (local.set $shape (array.get $objects (local.get $shapes) (local.get $at)))
      (local.set $sum
        (f64.add (local.get $sum)
          (call_ref $area
            (ref.as_non_null (local.get $shape))
            (struct.get $methods $area
              (struct.get $object $methods (local.get $shape))))))
      (br_if $more
        (i32.lt_u
          (local.tee $at (i32.add (local.get $at) (i32.const 1)))
          (array.len (local.get $shapes)))))
    (local.get $sum))
  (func $scale_all (param $shapes (ref $objects)) (param $by f64)
    (local $at i32) (local $shape (ref null $object))
    (loop $more
      (local.set $shape (array.get $objects (local.get $shapes) (local.get $at)))
      (array.set $objects (local.get $shapes) (local.get $at)
        (call_ref $scale
          (ref.as_non_null (local.get $shape))
          (local.get $by)
          (struct.get $methods $scale (struct.get $object $methods (local.get $shape)))))
      (br_if $more
        (i32.lt_u
          (local.tee $at (i32.add (local.get $at) (i32.const 1)))
          (array.len (local.get $shapes))))))
  (func $classes (param $shapes (ref $objects)) (result i32)
    (local $at i32) (local $shape (ref null $object)) (local $sum i32) (local $radius f64)
    (loop $more
      (local.set $shape (array.get $objects (local.get $shapes) (local.get $at)))
      (block $done
        (block $box (result (ref $box))
          (block $circle (result (ref $circle))
            (drop
              (br_on_cast $box (ref null $object) (ref $box)
                (br_on_cast $circle (ref null $object) (ref $circle) (local.get $shape))))
            (br $done))
          (local.set $radius (struct.get $circle $radius))
          (local.set $sum
            (i32.add (local.get $sum) (i32.trunc_sat_f64_s (local.get $radius))))
          (br $done))
        (if (ref.test (ref $square))
          (then
            (local.set $sum
              (i32.xor (local.get $sum)
                (struct.get $square $id (ref.cast (ref $square) (local.get $shape))))))
          (else (local.set $sum (i32.add (local.get $sum) (i32.const 3))))))
      (br_if $more
        (i32.lt_u
          (local.tee $at (i32.add (local.get $at) (i32.const 1)))
          (array.len (local.get $shapes)))))
    (local.get $sum))
  (func $add (type $apply)
    (i32.add (local.get 1) (struct.get $adder $by (ref.cast (ref $adder) (local.get 0)))))
  (func $both (type $apply)
    (local $own (ref $pair)) (local $second (ref $function))
    (local.set $own (ref.cast (ref $pair) (local.get 0)))
    (local.set $second (struct.get $pair $second (local.get $own)))
    (return_call_ref $apply
      (local.get $second)
      (call_ref $apply
        (struct.get $pair $first (local.get $own)) (local.get 1)
        (struct.get $function $code (struct.get $pair $first (local.get $own))))
      (struct.get $function $code (local.get $second))))
  (func $compose (param $depth i32) (param $n i32) (result (ref $function))
    (if (i32.eqz (local.get $depth))
      (then (return (struct.new $adder (ref.func $add) (local.get $n)))))
    (struct.new $pair (ref.func $both)
      (call $compose
        (i32.sub (local.get $depth) (i32.const 1)) (i32.shl (local.get $n) (i32.const 1)))
      (call $compose (i32.sub (local.get $depth) (i32.const 1))
        (i32.add (i32.shl (local.get $n) (i32.const 1)) (i32.const 1)))))
  (func (export "run") (result i32)
    (local $shapes (ref $objects)) (local $at i32) (local $round i32) (local $sum i32)
    (local $function (ref $function))
    (local.set $shapes (array.new_default $objects (i32.const 1000)))
    (loop $make
      (array.set $objects (local.get $shapes) (local.get $at) (call $shape (local.get $at)))
      (br_if $make
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 1000))))
    (loop $rounds
      (call $scale_all (local.get $shapes) (f64.const 1.5))
      (local.set $sum
        (i32.add (local.get $sum) (i32.trunc_sat_f64_s (call $measure (local.get $shapes)))))
      (call $scale_all (local.get $shapes) (f64.const 0.6666666666666666))
      (local.set $sum (i32.xor (local.get $sum) (call $classes (local.get $shapes))))
      (local.set $function (call $compose (i32.const 8) (local.get $round)))
      (local.set $sum
        (call_ref $apply (local.get $function) (local.get $sum)
          (struct.get $function $code (local.get $function))))
      (br_if $rounds
        (i32.lt_u (local.tee $round (i32.add (local.get $round) (i32.const 1))) (i32.const 1000))))
    (local.get $sum)))
