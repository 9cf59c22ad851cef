(module
  (type $node (struct (field $value i32) (field $next (mut (ref null $node)))))
  (type $packed (struct (field $a (mut i8)) (field $b (mut i16)) (field $c (mut i8))))
  (type $wide (sub (struct (field i64) (field f32) (field (mut v128)))))
  (type $wider (sub final $wide (struct (field i64) (field f32) (field (mut v128)) (field f64))))
  (type $unary (func (param i32) (result i32)))
  (type $closure (struct (field $code (ref $unary)) (field $bound i32)))
  (global $seven (ref $node) (struct.new $node (i32.const 7) (ref.null $node)))
  (elem declare func $twice)

  ;; A list, which collections leave alone as long as it is needed.
  ;; call: list 10
  ;; call: list 30000
  (func (export "list") (param $n i32) (result i32) (local $l (ref null $node)) (local $sum i32)
    (loop $more
      (local.set $l (struct.new $node (local.get $n) (local.get $l)))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (struct.get $node $value (local.get $l))))
      (local.set $l (struct.get $node $next (local.get $l)))
      (br_if $again (i32.eqz (ref.is_null (local.get $l)))))
    (local.get $sum))

  ;; More objects than the heap may hold, each of which is dropped at once.
  ;; call: drop 300000
  (func (export "drop") (param $n i32) (result i32) (local $l (ref null $node))
    (loop $more
      (local.set $l (struct.new $node (local.get $n) (ref.null $node)))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (struct.get $node $value (local.get $l)))

  ;; An old object that leads to a new one keeps it.
  ;; call: old_to_new 100000
  (func (export "old_to_new") (param $n i32) (result i32)
    (struct.set $node $next (global.get $seven) (struct.new $node (i32.const 35) (ref.null $node)))
    (loop $more
      (drop (struct.new $node (local.get $n) (ref.null $node)))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.add (struct.get $node $value (global.get $seven))
      (struct.get $node $value (struct.get $node $next (global.get $seven)))))

  ;; call: packed 127 32767
  ;; call: packed 128 32768
  ;; call: packed -1 65536
  (func (export "packed") (param $a i32) (param $b i32) (result i32 i32 i32 i32 i32)
    (local $p (ref $packed))
    (local.set $p (struct.new_default $packed))
    (struct.set $packed $a (local.get $p) (local.get $a))
    (struct.set $packed $b (local.get $p) (local.get $b))
    (struct.get_s $packed $a (local.get $p))
    (struct.get_u $packed $a (local.get $p))
    (struct.get_s $packed $b (local.get $p))
    (struct.get_u $packed $b (local.get $p))
    (struct.get_u $packed $c (local.get $p)))

  ;; A field of a subtype lies where the supertype has it.
  ;; call: wide
  (func (export "wide") (result i64 f32 i64 f64) (local $w (ref $wide))
    (local.set $w (struct.new $wider (i64.const 5) (f32.const 2.5) (v128.const i64x2 3 4)
      (f64.const 0.25)))
    (struct.set $wide 2 (local.get $w) (i64x2.add (struct.get $wide 2 (local.get $w))
      (v128.const i64x2 10 20)))
    (struct.get $wide 0 (local.get $w))
    (struct.get $wide 1 (local.get $w))
    (i64x2.extract_lane 1 (struct.get $wide 2 (local.get $w)))
    (struct.get $wider 3 (ref.cast (ref $wider) (local.get $w))))

  (func $twice (type $unary) (i32.mul (local.get 0) (i32.const 2)))

  ;; call: closure 4
  (func (export "closure") (param $x i32) (result i32) (local $c (ref $closure))
    (local.set $c (struct.new $closure (ref.func $twice) (local.get $x)))
    (call_ref $unary (struct.get $closure $bound (local.get $c))
      (struct.get $closure $code (local.get $c))))

  ;; call: get_null
  (func (export "get_null") (result i32) (struct.get $node $value (ref.null $node)))

  ;; call: set_null
  (func (export "set_null") (struct.set $node $next (ref.null $node) (ref.null $node)))

  ;; Values below an allocation on the stack outlive it.
  ;; call: operands 5
  (func (export "operands") (param $x i32) (result i32 i64 f64 i32)
    (local.get $x)
    (i64.extend_i32_s (i32.add (local.get $x) (i32.const 1)))
    (f64.convert_i32_s (i32.mul (local.get $x) (i32.const 3)))
    (struct.get $node $value (struct.new $node (i32.add (local.get $x) (i32.const 2))
      (struct.new $node (i32.const 1) (ref.null $node))))))
