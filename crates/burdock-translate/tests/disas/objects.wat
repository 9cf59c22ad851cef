;;! registers
(module
  (type $point (sub (struct (field $x (mut i32)) (field $y (mut f64)) (field $next (mut anyref)))))
  (type $final (sub final $point
    (struct (field (mut i32)) (field (mut f64)) (field (mut anyref)) (field (mut i8)))))
  (type $bytes (array (mut i8)))
  (type $floats (array (mut f64)))
  (type $refs (array (mut anyref)))

  ;; Fields are read and written as memory is; what is written stays where it is.
  (func (param $p (ref null $point)) (result i32)
    (struct.set $point $x (local.get $p)
      (i32.add (struct.get $point $x (local.get $p)) (i32.const 1)))
    (struct.set $point $x (local.get $p) (i32.const 7))
    (struct.set $point $x (local.get $p) (i32.const 70000))
    (struct.set $point $y (local.get $p) (f64.mul (struct.get $point $y (local.get $p)) (f64.const 2)))
    (struct.set $point $y (local.get $p) (f64.const 0))
    (struct.get $point $x (local.get $p)))

  ;; Null is no object that the collector has to know.
  (func (param $p (ref null $point))
    (struct.set $point $next (local.get $p) (struct.get $point $next (local.get $p)))
    (struct.set $point $next (local.get $p) (ref.null none)))

  ;; A loop over an array keeps it and the index in registers.
  (func (param $a (ref $bytes)) (result i32)
    (local $i i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (array.get_u $bytes (local.get $a) (local.get $i))))
      (array.set $bytes (local.get $a) (local.get $i) (local.get $sum))
      (array.set $bytes (local.get $a) (local.get $i) (i32.const 0))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (array.len (local.get $a)))))
    (local.get $sum))

  ;; Constant indices; only one operand is a constant.
  (func (param $a (ref $floats)) (param $r (ref null $refs))
    (array.set $floats (local.get $a) (i32.const 1) (array.get $floats (local.get $a) (i32.const 0)))
    (array.set $floats (local.get $a) (i32.const 1) (f64.const 0))
    (array.set $floats (local.get $a) (i32.const 40000) (f64.const 1.5))
    (array.set $refs (local.get $r) (i32.const 2) (local.get $r))
    (array.set $refs (local.get $r) (i32.const 2) (ref.null any)))

  ;; Null has no fields.
  (func (result i32)
    (struct.get $point $x (ref.null $point)))

  ;; Values of a new object are written from where they are.
  (func (param $n i32) (result (ref $final))
    (struct.new $final
      (i32.add (local.get $n) (i32.const 1)) (f64.const 3) (ref.null any) (local.get $n)))

  ;; Tests: of a type that may have subtypes, and of a final one; with a jump.
  (func (param $o anyref) (result i32)
    (i32.add
      (ref.test (ref $point) (local.get $o))
      (ref.test (ref null $final) (local.get $o))))
  (func (param $o anyref) (result i32)
    (if (result i32) (ref.test (ref $point) (local.get $o))
      (then (i32.const 1))
      (else (i32.const 2))))
  (func (param $o anyref) (result i32)
    (block $is (result (ref $final))
      (drop (br_on_cast $is anyref (ref $final) (local.get $o)))
      (return (i32.const 0)))
    (struct.get_s $final 3))
  (func (param $o anyref) (result i32)
    (block $is_not (result anyref)
      (return (struct.get $point $x
        (br_on_cast_fail $is_not anyref (ref null $point) (local.get $o)))))
    (drop)
    (i32.const 0))

  ;; A cast reads the reference where it is, which then stays there.
  (func (param $p (ref $point)) (result i32)
    (struct.get $point $x (ref.cast (ref $point) (struct.get $point $next (local.get $p)))))
  (func (param $p (ref $point)) (result i32)
    (struct.get_u $final 3 (ref.cast (ref $final) (local.get $p))))

  ;; Abstract types.
  (func (param $o anyref) (result i32)
    (i32.add
      (ref.test (ref eq) (local.get $o))
      (ref.test (ref i31) (local.get $o))))
  (func (param $o anyref) (result i32)
    (i31.get_s (ref.cast (ref i31) (local.get $o))))
  (func (param $n i32) (result i32)
    (i31.get_u (ref.i31 (local.get $n))))
  (func (param $o anyref) (result structref)
    (ref.cast (ref null struct) (local.get $o)))
  (func (param $o anyref) (result anyref)
    (br_on_cast 0 anyref (ref array) (local.get $o)))

  ;; An array of zeros.
  (func (param $n i32) (result arrayref)
    (array.new $bytes (i32.const 0) (local.get $n)))
  ;; One of another value is filled behind its allocation. The value is a constant, in a local, or
  ;; was computed.
  (func (param $n i32) (result arrayref)
    (array.new $bytes (i32.const 7) (local.get $n)))
  (func (param $o anyref) (result arrayref)
    (array.new $refs (local.get $o) (i32.const 3)))
  (func (param $x f64) (param $n i32) (result arrayref)
    (array.new $floats (f64.add (local.get $x) (f64.const 1))
      (i32.add (local.get $n) (i32.const 1))))
  (func (param $x f64) (param $n i32) (result arrayref)
    (array.new $floats
      (if (result f64) (local.get $n) (then (local.get $x)) (else (f64.const 1)))
      (local.get $n))))
;; func 0
;;     0: enter frame=6 zero=s3+0
;;     2: r0 = struct.get32 s0+8
;;     4: r0 = i32.add r0, 1
;;     6: struct.set32 s0+8 = r0
;;     8: struct.set32 s0+8 = 7
;;    10: s4 = 70000
;;    12: struct.set32 s0+8 = s4
;;    14: f64r0 = struct.get_f64 s0+16
;;    16: f64r0 = f64.mul f64r0, 2.0
;;    19: struct.set_f64 s0+16 = f64r0
;;    21: struct.set64 s0+16 = 0
;;    23: r0 = struct.get32 s0+8
;;    25: return r0
;; func 1
;;     0: enter frame=5 zero=s3+0
;;     2: r0 = struct.get32 s0+12
;;     4: struct.set_ref s0+12 = r0
;;     6: struct.set32 s0+12 = 0
;;     8: return
;; func 2
;;     0: enter frame=11 zero=s3+8
;;     2: pins = s3 s0 s4
;;     4: r0 = array.get8_u r4[r3]
;;     6: r5 = i32.add r5, r0
;;     8: array.set8 r4[r3] = r5
;;    10: array.set8 r4[r3] = 0
;;    12: r3 = i32.add r3, 1
;;    14: r0 = struct.get32 r4+4
;;    16: br @4 if i64.lt_u r3, r0
;;    18: s3 s0 s4 = pins
;;    20: return s4
;; func 3
;;     0: enter frame=8 zero=s4+0
;;     2: f64r0 = array.get_f64 s0[0]
;;     4: array.set_f64 s0[1] = f64r0
;;     6: array.set64 s0[1] = 0
;;     8: s6 = 4609434218613702656
;;    11: s5 = 40000
;;    13: array.set64 s0[s5] = s6
;;    15: array.set_ref s1[2] = s1
;;    17: array.set32 s1[2] = 0
;;    19: return
;; func 4
;;     0: enter frame=7 zero=s6+0
;;     2: s0 = 0..
;;     6: s2 = 0..
;;    10: s6 = 0
;;    12: r0 = struct.get32 s6+8
;;    14: return r0
;; func 5
;;     0: enter frame=8 zero=s3+0
;;     2: r0 = i32.add s0, 1
;;     4: r1 = struct.new t1
;;     7: struct.set32 r1+8 = r0
;;     9: s4 = 4613937818241073152
;;    12: struct.set64 r1+16 = s4
;;    14: struct.set32 r1+12 = 0
;;    16: struct.set8 r1+24 = s0
;;    18: return r1
;; func 6
;;     0: enter frame=5 zero=s3+0
;;     2: r0 = ref.test_sub s0 t0
;;     5: r1 = ref.test_exact s0 null t1
;;     8: r0 = i32.add r0, r1
;;    10: return r0
;; func 7
;;     0: enter frame=4 zero=s3+0
;;     2: br @9 unless ref.test_sub s0 t0
;;     5: s3 = 1
;;     7: br @11
;;     9: s3 = 2
;;    11: return s3
;; func 8
;;     0: enter frame=5 zero=s3+0
;;     2: s3 = s0
;;     4: br @9 if ref.test_exact s3 t1
;;     7: return 0
;;     9: r0 = struct.get8_s s3+24
;;    11: return r0
;; func 9
;;     0: enter frame=5 zero=s3+0
;;     2: s3 = s0
;;     4: br @11 unless ref.test_sub s3 null t0
;;     7: r0 = struct.get32 s3+8
;;     9: return r0
;;    11: return 0
;; func 10
;;     0: enter frame=4 zero=s3+0
;;     2: r0 = struct.get32 s0+12
;;     4: ref.cast_sub r0 t0
;;     7: r0 = struct.get32 r0+8
;;     9: return r0
;; func 11
;;     0: enter frame=4 zero=s3+0
;;     2: ref.cast_exact s0 t1
;;     5: r0 = struct.get8_u s0+24
;;     7: return r0
;; func 12
;;     0: enter frame=5 zero=s3+0
;;     2: r0 = ref.test_class s0 struct|array|i31
;;     5: r1 = i32.test_nz s0, 1
;;     7: r0 = i32.add r0, r1
;;     9: return r0
;; func 13
;;     0: enter frame=4 zero=s3+0
;;     2: ref.cast_class s0 i31
;;     5: r0 = i31.get_s s0
;;     7: return r0
;; func 14
;;     0: enter frame=7 zero=s6+0
;;     2: s1 = 0..
;;     6: s3 = 0
;;     8: r0 = ref.i31 s0
;;    10: r0 = i31.get_u r0
;;    12: return r0
;; func 15
;;     0: enter frame=4 zero=s3+0
;;     2: ref.cast_class s0 null|struct
;;     5: return s0
;; func 16
;;     0: enter frame=5 zero=s3+0
;;     2: s3 = s0
;;     4: br @9 unless ref.test_class s3 array
;;     7: return s3
;;     9: return s3
;; func 17
;;     0: enter frame=6 zero=s3+0
;;     2: s3 = array.new_default t2 s0
;;     6: return s3
;; func 18
;;     0: enter frame=6 zero=s3+0
;;     2: s5 = 7
;;     4: s3 = array.new_default t2 s0
;;     8: array.fill_new s3 = s5
;;    11: return s3
;; func 19
;;     0: enter frame=6 zero=s3+0
;;     2: s3 = array.new_default t4 3
;;     6: array.fill_new s3 = s0
;;     9: return s3
;; func 20
;;     0: enter frame=7 zero=s4+0
;;     2: f64r0 = f64.add s0, 1.0
;;     5: r0 = i32.add s1, 1
;;     7: s6 = f64.copy f64r0
;;     9: s5 = i64.copy r0
;;    11: s4 = array.new_default t3 s5
;;    15: array.fill_new s4 = s6
;;    18: return s4
;; func 21
;;     0: enter frame=7 zero=s4+0
;;     2: br @8 if i32.eq s1, 0
;;     4: s4 = s0
;;     6: br @11
;;     8: s4 = 4607182418800017408
;;    11: s6 = s4
;;    13: s4 = array.new_default t3 s1
;;    17: array.fill_new s4 = s6
;;    20: return s4
