;;! fuel
;;! registers
(module
  (memory 1)
  (func (param $n i32) (param $x f64) (result f64)
    (local $i i32)
    (loop $top
      (if (i32.and (local.get $i) (i32.const 1))
        (then (local.set $x (f64.mul (local.get $x) (local.get $x))))
        (else (local.set $x (f64.add (local.get $x) (local.get $x)))))
      (memory.fill (local.get $i) (local.get $i) (local.get $n))
      (br_if $top
        (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 1)))
          (local.get $n))))
    (local.get $x)))
;; func 0
;;     0: enter frame=8 zero=s4+1
;;     2: check_fuel above 1 consume 1
;;     4: r3 = i64.copy s4
;;     6: r4 = i64.copy s0
;;     8: f64r3 = f64.copy s1
;;    10: check_fuel consume 4 or br @62
;;    13: br @21 if i32.test_z r3, 1
;;    15: consume_fuel 4
;;    17: f64r3 = f64.mul f64r3, f64r3
;;    19: br @25
;;    21: consume_fuel 4
;;    23: f64r3 = f64.add f64r3, f64r3
;;    25: consume_fuel 4
;;    27: s7 = i64.copy r4
;;    29: s6 = i64.copy r3
;;    31: s5 = i64.copy r3
;;    33: s4 = i64.copy r3
;;    35: s1 = f64.copy f64r3
;;    37: consume_fuel 1 * memory.fill 0 0 s5..
;;    40: r3 = i64.copy s4
;;    42: r4 = i64.copy s0
;;    44: f64r3 = f64.copy s1
;;    46: memory.fill 0 s5..
;;    48: consume_fuel 7
;;    50: r3 = i32.add r3, 1
;;    52: br @10 if i32.lt_u r3, r4
;;    54: s4 = i64.copy r3
;;    56: s1 = f64.copy f64r3
;;    58: consume_fuel 1
;;    60: return s1
;;    62: s4 = i64.copy r3
;;    64: s1 = f64.copy f64r3
;;    66: check_fuel above 0 consume 4
;;    68: r3 = i64.copy s4
;;    70: r4 = i64.copy s0
;;    72: f64r3 = f64.copy s1
;;    74: br @13
