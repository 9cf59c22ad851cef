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
;;     0: enter frame=14 zero=s6+8
;;     2: check_fuel above 1 consume 1
;;     4: pins = s6 s0
;;     6: f64r3 = f64.copy s1
;;     8: check_fuel consume 4 or br @58
;;    11: br @19 if i32.test_z r3, 1
;;    13: consume_fuel 4
;;    15: f64r3 = f64.mul f64r3, f64r3
;;    17: br @23
;;    19: consume_fuel 4
;;    21: f64r3 = f64.add f64r3, f64r3
;;    23: consume_fuel 4
;;    25: s9 = i64.copy r4
;;    27: s8 = i64.copy r3
;;    29: s7 = i64.copy r3
;;    31: s6 = i64.copy r3
;;    33: s1 = f64.copy f64r3
;;    35: consume_fuel 1 * memory.fill 0 0 s7..
;;    38: pins = s6 s0
;;    40: f64r3 = f64.copy s1
;;    42: memory.fill 0 s7..
;;    44: consume_fuel 7
;;    46: r3 = i32.add r3, 1
;;    48: br @8 if i64.lt_u r3, r4
;;    50: s6 = i64.copy r3
;;    52: s1 = f64.copy f64r3
;;    54: consume_fuel 1
;;    56: return s1
;;    58: s6 = i64.copy r3
;;    60: s1 = f64.copy f64r3
;;    62: check_fuel above 0 consume 4
;;    64: pins = s6 s0
;;    66: f64r3 = f64.copy s1
;;    68: br @11
