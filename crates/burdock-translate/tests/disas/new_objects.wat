;;! registers
;; A new structure that a local is assigned to is allocated there, unless its fields, or what lies
;; on the stack, have the local's old value.
(module
  (type $cell (struct (field (mut i32)) (field (ref null $cell))))
  (func (param $n i32) (result (ref $cell)) (local $a (ref null $cell)) (local $b (ref null $cell))
    (local.set $a (struct.new $cell (local.get $n) (ref.null $cell)))
    (local.set $b (struct.new $cell (i32.const 7) (local.get $a)))
    ;; The old value is in a field.
    (local.set $b (struct.new $cell (i32.const 8) (local.get $b)))
    ;; It is on the stack.
    (local.get $a)
    (local.set $a (struct.new_default $cell))
    (struct.new $cell (local.get $n) (local.tee $b (struct.new_default $cell)))
    (drop)
    (ref.as_non_null))
  (func (param $n i32) (result i32) (local $a (ref null $cell)) (local $sum i32)
    (loop $more
      (local.set $a (struct.new $cell (local.get $n) (ref.null $cell)))
      (local.set $sum (i32.add (local.get $sum) (struct.get $cell 0 (local.get $a))))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
;; func 0
;;     0: enter frame=11 zero=s3+8
;;     2: r0 = s3 = struct.new t0
;;     5: struct.set32 r0+8 = s0
;;     7: struct.set32 r0+12 = 0
;;     9: r0 = s4 = struct.new t0
;;    12: struct.set32 r0+8 = 7
;;    14: struct.set32 r0+12 = s3
;;    16: r1 = struct.new t0
;;    19: struct.set32 r1+8 = 8
;;    21: struct.set32 r1+12 = s4
;;    23: s4 = i64.copy r1
;;    25: r0 = struct.new t0
;;    28: s5 = s3
;;    30: s3 = i64.copy r0
;;    32: r0 = s4 = struct.new t0
;;    35: r1 = struct.new t0
;;    38: struct.set32 r1+8 = s0
;;    40: struct.set32 r1+12 = s4
;;    42: r1 = ref.as_non_null s5
;;    44: return r1
;; func 1
;;     0: enter frame=14 zero=s6+8
;;     2: s1 = 0..
;;     6: s3 = 0
;;     8: pins = s0 s6 s7
;;    10: r4 = struct.new t0, keeps pin 1 in s6
;;    13: struct.set32 r4+8 = r3
;;    15: struct.set32 r4+12 = 0
;;    17: r0 = struct.get32 r4+8
;;    19: r5 = i32.add r5, r0
;;    21: r3 = i32.add r3, -1
;;    23: br @10 if i32.ne r3, 0
;;    25: s0 s6 s7 = pins
;;    27: return s7
