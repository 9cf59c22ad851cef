;;! registers
(module
  (type $point (sub (struct (field $x (mut i32)) (field $y (mut i32)))))
  (type $far (sub $point (struct (field $x (mut i32)) (field $y (mut i32)) (field $z i32))))
  (type $array (array (mut i32)))

  ;; An access has trapped if its object is null.
  (func (param $a (ref null $array))
    (array.set $array (ref.as_non_null (local.get $a)) (i32.const 0) (i32.const 1))
    (array.set $array (ref.as_non_null (local.get $a)) (i32.const 1) (i32.const 2)))

  ;; A local that is assigned is not known any more, unless its value is.
  (func (param $p (ref null $point)) (param $q (ref null $point)) (result i32)
    (local $r (ref null $point))
    (drop (ref.as_non_null (local.get $p)))
    (local.set $r (local.get $p))
    (drop (ref.as_non_null (local.get $r)))
    (local.set $p (local.get $q))
    (struct.get $point $x (ref.as_non_null (local.get $p))))

  ;; Nothing is known behind a label.
  (func (param $p (ref null $point)) (param $n i32) (result i32)
    (if (local.get $n)
      (then (drop (struct.get $point $x (local.get $p)))))
    (struct.get $point $x (ref.as_non_null (local.get $p))))
  (func (param $p (ref null $point)) (result i32)
    (drop (ref.as_non_null (local.get $p)))
    (loop $l
      (drop (ref.as_non_null (local.get $p)))
      (br_if $l (struct.get $point $x (local.get $p))))
    (struct.get $point $x (ref.as_non_null (local.get $p))))

  ;; A cast is not repeated, and a type that null belongs to is no smaller one.
  (func (param $o anyref) (result i32)
    (i32.add
      (struct.get $far $x (ref.cast (ref $far) (local.get $o)))
      (struct.get $far $z (ref.cast (ref null $far) (local.get $o)))))
  (func (param $o anyref) (result i32)
    (i32.add
      (struct.get $far $x (ref.cast (ref null $far) (local.get $o)))
      (struct.get $far $z (ref.cast (ref $far) (local.get $o)))))
  (func (param $o anyref) (result anyref)
    (drop (ref.cast (ref null $far) (local.get $o)))
    (ref.cast (ref $far) (local.get $o)))
  (func (param $o anyref) (result i32)
    (i32.add
      (struct.get $far $x (ref.cast (ref $far) (local.get $o)))
      (struct.get $point $y (ref.cast (ref $point) (local.get $o)))))

  ;; The value behind a branch on null is none.
  (func (param $p (ref null $point)) (result i32)
    (block $null
      (return (struct.get $point $x
        (ref.as_non_null (local.tee $p (br_on_null $null (local.get $p)))))))
    (i32.const 0))

  ;; More locals than are remembered.
  (func (param (ref null $point) (ref null $point) (ref null $point) (ref null $point)
      (ref null $point) (ref null $point) (ref null $point) (ref null $point) (ref null $point))
    (drop (ref.as_non_null (local.get 0)))
    (drop (ref.as_non_null (local.get 1)))
    (drop (ref.as_non_null (local.get 2)))
    (drop (ref.as_non_null (local.get 3)))
    (drop (ref.as_non_null (local.get 4)))
    (drop (ref.as_non_null (local.get 5)))
    (drop (ref.as_non_null (local.get 6)))
    (drop (ref.as_non_null (local.get 7)))
    (drop (ref.as_non_null (local.get 8)))
    (drop (ref.as_non_null (local.get 0)))
    (drop (ref.as_non_null (local.get 1))))
)
;; func 0
;;     0: enter frame=6 zero=s3+0
;;     2: r0 = ref.as_non_null s0
;;     4: array.set32 r0[0] = 1
;;     6: array.set32 s0[1] = 2
;;     8: return
;; func 1
;;     0: enter frame=12 zero=s4+8
;;     2: r0 = ref.as_non_null s0
;;     4: s4 = s0, s0 = s1
;;     6: r0 = ref.as_non_null s0
;;     8: r0 = struct.get32 r0+8
;;    10: return r0
;; func 2
;;     0: enter frame=5 zero=s4+0
;;     2: br @6 if i32.eq s1, 0
;;     4: r0 = struct.get32 s0+8
;;     6: r0 = ref.as_non_null s0
;;     8: r0 = struct.get32 r0+8
;;    10: return r0
;; func 3
;;     0: enter frame=4 zero=s3+0
;;     2: r0 = ref.as_non_null s0
;;     4: r3 = i64.copy s0
;;     6: r0 = ref.as_non_null r3
;;     8: r0 = struct.get32 r3+8
;;    10: br @6 if i32.ne r0, 0
;;    12: r0 = ref.as_non_null s0
;;    14: r0 = struct.get32 r0+8
;;    16: return r0
;; func 4
;;     0: enter frame=5 zero=s3+0
;;     2: ref.cast_sub s0 t1
;;     5: r0 = struct.get32 s0+8
;;     7: r1 = struct.get32 s0+16
;;     9: r0 = i32.add r0, r1
;;    11: return r0
;; func 5
;;     0: enter frame=5 zero=s3+0
;;     2: ref.cast_sub s0 null t1
;;     5: r0 = struct.get32 s0+8
;;     7: r1 = struct.get32 s0+16
;;     9: r0 = i32.add r0, r1
;;    11: return r0
;; func 6
;;     0: enter frame=4 zero=s3+0
;;     2: ref.cast_sub s0 null t1
;;     5: ref.cast_sub s0 t1
;;     8: return s0
;; func 7
;;     0: enter frame=5 zero=s3+0
;;     2: ref.cast_sub s0 t1
;;     5: r0 = struct.get32 s0+8
;;     7: ref.cast_sub s0 t0
;;    10: r1 = struct.get32 s0+12
;;    12: r0 = i32.add r0, r1
;;    14: return r0
;; func 8
;;     0: enter frame=4 zero=s3+0
;;     2: br @8 if i64.eq s0, 0
;;     4: r0 = struct.get32 s0+8
;;     6: return r0
;;     8: return 0
;; func 9
;;     0: enter frame=12 zero=s11+0
;;     2: r0 = ref.as_non_null s0
;;     4: r0 = ref.as_non_null s1
;;     6: r0 = ref.as_non_null s2
;;     8: r0 = ref.as_non_null s3
;;    10: r0 = ref.as_non_null s4
;;    12: r0 = ref.as_non_null s5
;;    14: r0 = ref.as_non_null s6
;;    16: r0 = ref.as_non_null s7
;;    18: r0 = ref.as_non_null s8
;;    20: r0 = ref.as_non_null s0
;;    22: r0 = ref.as_non_null s1
;;    24: return
