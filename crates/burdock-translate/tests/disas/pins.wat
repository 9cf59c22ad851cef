;;! registers
(module
  (memory 1)
  ;; A loop has its locals in registers; what it assigned goes to the slots behind it.
  (func (param $p i32) (param $n i32) (result i32)
    (local $i i32) (local $sum i32)
    (loop $l
      (local.set $sum (i32.add (local.get $sum)
        (i32.load8_u (i32.add (local.get $p) (local.get $i)))))
      (br_if $l (i32.lt_u
        (local.tee $i (i32.add (local.get $i) (i32.const 1)))
        (local.get $n))))
    (local.get $sum))

  ;; The inner loop keeps what the outer one has; leaving both at once stores all.
  (func (param $n i32) (result i32)
    (local $i i32) (local $j i32) (local $x f64)
    (block $out
      (loop $a
        (local.set $j (i32.const 0))
        (loop $b
          (local.set $x (f64.add (local.get $x) (f64.mul (local.get $x) (f64.convert_i32_s (local.get $j)))))
          (br_if $out (f64.gt (local.get $x) (f64.const 1000)))
          (local.set $j (i32.add (local.get $j) (i32.const 1)))
          (br_if $b (i32.lt_s (local.get $j) (local.get $n))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $a (i32.lt_s (local.get $i) (local.get $n)))))
    (i32.trunc_sat_f64_s (local.get $x)))

  ;; Several temporaries, and an old value of a local that is assigned.
  (func (param $a i32) (param $b i32) (result i32)
    (i32.mul
      (i32.add (local.get $a) (local.get $b))
      (i32.sub
        (i32.shl (local.get $a) (i32.const 3))
        (i32.xor (local.get $b) (local.tee $b (i32.mul (local.get $a) (local.get $a)))))))

  ;; A call: what was assigned is stored, all is loaded anew.
  (func $call (param $n i32) (result i32)
    (local $i i32)
    (loop $l
      (local.set $i (i32.add (local.get $i) (i32.mul (local.get $i) (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.mul (local.get $i) (local.get $i))))
      (drop (call $call (local.get $i)))
      (br_if $l (local.get $n)))
    (local.get $i))

  ;; Two constants, and one that fits no instruction.
  (func (param $a i64) (result i64)
    (i64.add (i64.mul (local.get $a) (i64.const 0x123456789))
      (i64.extend_i32_u (i32.add (i32.const 1) (i32.const 2)))))

  ;; A choice between constants.
  (func (param $a i32) (result i32)
    (select (i32.const 7) (i32.const 9) (i32.lt_s (local.get $a) (i32.const 5))))
)
;; func 0
;;     0: enter frame=14 zero=s6+8
;;     2: pins = s6 s7 s0
;;     4: r0 = i64.load8_u [r5 + r3 + 0]
;;     6: r4 = i32.add r4, r0
;;     8: r3 = i32.add r3, 1
;;    10: br @4 if i64.lt_u r3, s1
;;    12: s6 s7 = pins
;;    14: return s7
;; func 1
;;     0: enter frame=14 zero=s6+8
;;     2: pins = s7 s0 s6
;;     4: f64r3 = f64.copy s8
;;     6: r3 = 0
;;     8: f64r0 = f64.convert_i32_s r3
;;    10: f64r0 = f64.mul f64r3, f64r0
;;    12: f64r3 = f64.add f64r3, f64r0
;;    14: f64r2 = f64.copy 1000.0
;;    17: br @25 unless f64.gt f64r3, f64r2
;;    19: s7 s0 s6 = pins
;;    21: s8 = f64.copy f64r3
;;    23: br @37
;;    25: r3 = i32.add r3, 1
;;    27: br @8 if i32.lt_s r3, r4
;;    29: r5 = i32.add r5, 1
;;    31: br @6 if i32.lt_s r5, r4
;;    33: s7 s0 s6 = pins
;;    35: s8 = f64.copy f64r3
;;    37: r0 = i32.trunc_sat_f64_s s8
;;    39: return r0
;; func 2
;;     0: enter frame=11 zero=s6+0
;;     2: r0 = i32.add s0, s1
;;     4: r1 = i32.shl s0, 3
;;     6: s8 = s1
;;     8: s1 = i32.mul s0, s0
;;    10: r2 = i64.xor s8, s1
;;    12: r1 = i32.sub r1, r2
;;    14: r0 = i32.mul r0, r1
;;    16: return r0
;; func 3
;;     0: enter frame=14 zero=s6+8
;;     2: r3 = i64.copy s6
;;     4: r0 = i32.mul r3, r3
;;     6: r3 = i32.add r3, r0
;;     8: r0 = i32.mul r3, r3
;;    10: r3 = i32.add r3, r0
;;    12: s7 = i64.copy r3
;;    14: s6 = i64.copy r3
;;    16: call f3 args=s7
;;    19: r3 = i64.copy s6
;;    21: br @4 if i32.ne s0, 0
;;    23: s6 = i64.copy r3
;;    25: return s6
;; func 4
;;     0: enter frame=9 zero=s6+0
;;     2: r2 = 4886718345
;;     5: r0 = i64.mul r2, s0
;;     7: r2 = 2
;;     9: r1 = i32.add r2, 1
;;    11: r0 = i64.add r0, r1
;;    13: return r0
;; func 5
;;     0: enter frame=10 zero=s6+0
;;     2: r0 = i32.lt_s s0, 5
;;     4: r2 = 9
;;     6: r1 = 7
;;     8: r0 = r0 ? r1 : r2
;;    10: return r0
