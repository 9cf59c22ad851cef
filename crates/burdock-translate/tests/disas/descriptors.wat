;;! registers
;;! custom descriptors
(module
  (rec
    (type $shape (sub (descriptor $class) (struct (field $size (mut i32)))))
    (type $class (sub (describes $shape) (struct))))
  (type $f (sub (func)))

  ;; The descriptor is compared with null, and then written like a field.
  (func (param $c (ref null (exact $class))) (result (ref $shape))
    (struct.new_desc $shape (i32.const 7) (local.get $c)))

  ;; It is known not to be null.
  (func (param $c (ref null (exact $class)))
    (drop (struct.new_default_desc $shape (local.get $c)))
    (drop (struct.new_default_desc $shape (local.get $c))))

  ;; A value that was computed before is kept in its slot.
  (func (param $n i32) (result (ref $shape))
    (struct.new_desc $shape (i32.mul (local.get $n) (local.get $n)) (struct.new $class)))

  ;; It is read like a field.
  (func (param $s (ref $shape)) (result (ref $class))
    (ref.get_desc $shape (local.get $s)))

  ;; A cast leaves the reference where it is, and is not repeated.
  (func (param $a anyref) (param $c (ref $class)) (result i32)
    (struct.get $shape $size (ref.cast_desc_eq (ref $shape) (local.get $a) (local.get $c)))
    (struct.set $shape $size (ref.cast (ref $shape) (local.get $a)) (i32.const 1)))

  (func (param $a anyref) (param $c (ref $class)) (result (ref null $shape))
    (drop (block $not (result anyref)
      (return (br_on_cast_desc_eq_fail $not anyref (ref null $shape) (local.get $a) (local.get $c)))))
    (ref.null none))

  ;; Exact types are compared like final ones; those of functions are not.
  (func (param $a anyref) (result i32)
    (ref.test (ref (exact $shape)) (local.get $a)))
  (func (param $a funcref) (result (ref (exact $f)))
    (ref.cast (ref (exact $f)) (local.get $a))))
;; func 0
;;     0: enter frame=6 zero=s3+0
;;     2: desc.non_null s0
;;     4: r0 = struct.new t0
;;     7: struct.set32 r0+8 = 7
;;     9: struct.set32 r0+4 = s0
;;    11: return r0
;; func 1
;;     0: enter frame=5 zero=s3+0
;;     2: desc.non_null s0
;;     4: r0 = struct.new t0
;;     7: struct.set32 r0+4 = s0
;;     9: r0 = struct.new t0
;;    12: struct.set32 r0+4 = s0
;;    14: return
;; func 2
;;     0: enter frame=6 zero=s3+0
;;     2: r0 = i32.mul s0, s0
;;     4: s4 = struct.new t1
;;     7: desc.non_null s4
;;     9: r1 = struct.new t0
;;    12: struct.set32 r1+8 = r0
;;    14: struct.set32 r1+4 = s4
;;    16: return r1
;; func 3
;;     0: enter frame=4 zero=s3+0
;;     2: r0 = struct.get32 s0+4
;;     4: return r0
;; func 4
;;     0: enter frame=7 zero=s4+0
;;     2: ref.cast_desc s0 s1 0
;;     4: r0 = struct.get32 s0+8
;;     6: struct.set32 s0+8 = 1
;;     8: return r0
;; func 5
;;     0: enter frame=6 zero=s4+0
;;     2: s4 = s0
;;     4: s5 = ref.test_desc s4 s1 1
;;     6: br @10 if i32.eq s5, 0
;;     8: return s4
;;    10: return 0
;; func 6
;;     0: enter frame=4 zero=s3+0
;;     2: r0 = ref.test_exact s0 t0
;;     5: return r0
;; func 7
;;     0: enter frame=4 zero=s3+0
;;     2: ref.cast s0 3288334338
;;     4: return s0
