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
;;     2: consume_fuel 1
;;     4: r3 = i64.copy s4
;;     6: r4 = i64.copy s0
;;     8: f64r3 = f64.copy s1
;;    10: consume_fuel 4 or br @50
;;    13: br @22 if i32.test_z r3, 1
;;    15: consume_fuel 4 or br @64
;;    18: f64r3 = f64.mul f64r3, f64r3
;;    20: br @27
;;    22: consume_fuel 4 or br @78
;;    25: f64r3 = f64.add f64r3, f64r3
;;    27: consume_fuel 11 or br @92
;;    30: s7 = i64.copy r4
;;    32: s6 = i64.copy r3
;;    34: s5 = i64.copy r3
;;    36: memory.fill 0 s5..
;;    38: r3 = i32.add r3, 1
;;    40: br @10 if i32.lt_u r3, r4
;;    42: s4 = i64.copy r3
;;    44: s1 = f64.copy f64r3
;;    46: consume_fuel 1
;;    48: return s1
;;    50: s4 = i64.copy r3
;;    52: s1 = f64.copy f64r3
;;    54: consume_fuel 4
;;    56: r3 = i64.copy s4
;;    58: r4 = i64.copy s0
;;    60: f64r3 = f64.copy s1
;;    62: br @13
;;    64: s4 = i64.copy r3
;;    66: s1 = f64.copy f64r3
;;    68: consume_fuel 4
;;    70: r3 = i64.copy s4
;;    72: r4 = i64.copy s0
;;    74: f64r3 = f64.copy s1
;;    76: br @18
;;    78: s4 = i64.copy r3
;;    80: s1 = f64.copy f64r3
;;    82: consume_fuel 4
;;    84: r3 = i64.copy s4
;;    86: r4 = i64.copy s0
;;    88: f64r3 = f64.copy s1
;;    90: br @25
;;    92: s4 = i64.copy r3
;;    94: s1 = f64.copy f64r3
;;    96: consume_fuel 11
;;    98: r3 = i64.copy s4
;;   100: r4 = i64.copy s0
;;   102: f64r3 = f64.copy s1
;;   104: br @30
