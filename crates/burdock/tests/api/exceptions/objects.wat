;; module: objects
(module
  (type $cell (struct (field $x (mut i32))))
  (type $list (struct (field $head (ref $cell)) (field $tail (ref null $list))))
  (type $bytes (array i8))
  (import "host" "call" (func $call_inner))
  (tag $cell (param (ref $cell)))
  (tag $mixed (param i32 (ref null $list) v128 f32 anyref i64 exnref funcref))
  (tag $none)
  (global $kept (mut exnref) (ref.null exn))
  (table $t 4 exnref)
  (elem declare func $new)

  (func $new (param $x i32) (result (ref $cell)) (struct.new $cell (local.get $x)))
  ;; Overwrites what is left of objects that are free.
  (func $churn (local $n i32)
    (local.set $n (i32.const 20))
    (loop $more
      (drop (struct.new $cell (i32.const -1)))
      (drop (array.new $bytes (i32.const -1) (i32.const 100)))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func $throw (param $x i32) (throw $cell (call $new (local.get $x))))

  ;; The values of an exception that is no object.
  ;; call: values 3
  (func (export "values") (param $x i32) (result i32)
    (block $caught (result (ref $cell))
      (try_table (catch $cell $caught) (call $throw (local.get $x)))
      (unreachable))
    (call $churn)
    (struct.get $cell $x))

  ;; Only the exception leads to the object.
  (func $catch (param $x i32) (result exnref)
    (block $caught (result (ref $cell) exnref)
      (try_table (catch_ref $cell $caught) (call $throw (local.get $x)))
      (unreachable))
    (return))
  (func $value (param $thrown exnref) (result i32)
    (block $caught (result (ref $cell))
      (try_table (catch $cell $caught) (throw_ref (local.get $thrown)))
      (unreachable))
    (struct.get $cell $x))
  ;; call: in_slot 4
  (func (export "in_slot") (param $x i32) (result i32) (local $thrown exnref)
    (local.set $thrown (call $catch (local.get $x)))
    (call $churn)
    (call $value (local.get $thrown)))
  ;; call: in_global 5
  (func (export "in_global") (param $x i32) (result i32)
    (global.set $kept (call $catch (local.get $x)))
    (call $churn)
    (call $value (global.get $kept)))
  ;; call: in_table 6
  (func (export "in_table") (param $x i32) (result i32)
    (table.set $t (i32.const 2) (call $catch (local.get $x)))
    (call $churn)
    (call $value (table.get $t (i32.const 2))))

  ;; Values of all kinds, in an object and out of it.
  (func $mix (param $x i32) (param $inner exnref)
    (throw $mixed
      (local.get $x)
      (struct.new $list (call $new (i32.const 10))
        (struct.new $list (call $new (i32.const 20)) (ref.null $list)))
      (v128.const i64x2 1 0x7fffffffffffffff)
      (f32.const 1.5)
      (ref.i31 (i32.const 77))
      (i64.const -9)
      (local.get $inner)
      (ref.func $new)))
  ;; call: mixed 1
  ;; call: mixed -1
  (func (export "mixed") (param $x i32) (result i32 i32 i64 i64 f32 i32 i64 i32 i32)
    (local $list (ref null $list)) (local $v v128) (local $f f32) (local $any anyref)
    (local $i i64) (local $inner exnref) (local $func funcref) (local $int i32)
    (block $again
      (result i32 (ref null $list) v128 f32 anyref i64 exnref funcref)
      (block $caught (result i32 (ref null $list) v128 f32 anyref i64 exnref funcref exnref)
        (try_table (catch_ref $mixed $caught)
          (call $mix (local.get $x) (call $catch (i32.const 30))))
        (unreachable))
      (global.set $kept)
      (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop)
      (call $churn)
      (try_table (catch $mixed $again) (throw_ref (global.get $kept)))
      (unreachable))
    (local.set $func) (local.set $inner) (local.set $i) (local.set $any) (local.set $f)
    (local.set $v) (local.set $list) (local.set $int)
    (call $churn)
    (local.get $int)
    (struct.get $cell $x (struct.get $list $head (struct.get $list $tail (local.get $list))))
    (i64x2.extract_lane 0 (local.get $v))
    (i64x2.extract_lane 1 (local.get $v))
    (local.get $f)
    (i31.get_s (ref.cast (ref i31) (local.get $any)))
    (local.get $i)
    (call $value (local.get $inner))
    (ref.is_null (local.get $func)))

  ;; The host passes the exception on; only the store has it in between.
  (func (export "inner") (call $throw (i32.const 8)))
  ;; call: through_host
  (func (export "through_host") (result i32) (local $thrown exnref)
    (block $caught (result (ref $cell) exnref)
      (try_table (catch_ref $cell $caught) (call $call_inner))
      (unreachable))
    (local.set $thrown)
    (drop)
    (call $churn)
    (call $value (local.get $thrown)))

  ;; An exception without values, and one that refers to another, a hundred deep.
  (tag $outer (param exnref))
  (func $wrap (param $inner exnref) (result exnref)
    (block $caught (result exnref)
      (try_table (catch_all_ref $caught) (throw $outer (local.get $inner)))
      (unreachable)))
  ;; call: nested 100
  (func (export "nested") (param $n i32) (result i32)
    (local $i i32) (local $thrown exnref) (local $depth i32)
    (block $caught (result exnref)
      (try_table (catch_all_ref $caught) (throw $none))
      (unreachable))
    (local.set $thrown)
    (local.set $i (local.get $n))
    (loop $more
      (local.set $thrown (call $wrap (local.get $thrown)))
      (br_if $more (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
    (call $churn)
    (loop $deeper
      (block $last
        (block $caught (result exnref)
          (try_table (catch $outer $caught) (catch $none $last) (throw_ref (local.get $thrown)))
          (unreachable))
        (local.set $thrown)
        (local.set $depth (i32.add (local.get $depth) (i32.const 1)))
        (br $deeper)))
    (local.get $depth)))
