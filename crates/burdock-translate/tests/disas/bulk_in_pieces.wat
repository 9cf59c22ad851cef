;;! fuel
;;! epochs
;;! registers
;; Bulk operators pay before they work, and are done in pieces between which the epoch is looked at.
;; Few bytes are paid for behind, and done at once.
(module
  (memory 1)
  (table 1 funcref)
  (func (param $n i32) (local $x f64)
    (loop $again
      (local.set $x (f64.add (local.get $x) (local.get $x)))
      (memory.copy (i32.const 0) (i32.const 1) (local.get $n))
      (memory.fill (i32.const 0) (i32.const 1) (i32.const 128))
      (memory.fill (i32.const 0) (i32.const 1) (i32.const 129))
      (drop (table.grow (ref.null func) (local.get $n)))
      (drop (memory.grow (local.get $n)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
;; func 0
;;     0: enter frame=14 zero=s6+8
;;     2: br_at_deadline @150
;;     4: check_fuel above 1 consume 1
;;     6: r3 = i64.copy s0
;;     8: f64r3 = f64.copy s6
;;    10: br_at_deadline @153
;;    12: check_fuel consume 8 or br @164
;;    15: f64r3 = f64.add f64r3, f64r3
;;    17: s9 = i64.copy r3
;;    19: s8 = 1
;;    21: s7 = 0
;;    23: s0 = i64.copy r3
;;    25: s6 = f64.copy f64r3
;;    27: consume_fuel 1 * memory.copy 0 0 s7..
;;    30: r3 = i64.copy s0
;;    32: f64r3 = f64.copy s6
;;    34: s0 = i64.copy r3
;;    36: s6 = f64.copy f64r3
;;    38: check_epoch
;;    39: piece of memory.copy 0 0 s7.. or br @38
;;    42: r3 = i64.copy s0
;;    44: f64r3 = f64.copy s6
;;    46: consume_fuel 4
;;    48: s9 = 128
;;    50: s8 = 1
;;    52: s7 = 0
;;    54: memory.fill 0 s7..
;;    56: consume_fuel 132
;;    58: s9 = 129
;;    60: s8 = 1
;;    62: s7 = 0
;;    64: s0 = i64.copy r3
;;    66: s6 = f64.copy f64r3
;;    68: consume_fuel 1 * memory.fill 0 0 s7..
;;    71: r3 = i64.copy s0
;;    73: f64r3 = f64.copy s6
;;    75: s0 = i64.copy r3
;;    77: s6 = f64.copy f64r3
;;    79: check_epoch
;;    80: piece of memory.fill 0 0 s7.. or br @79
;;    83: r3 = i64.copy s0
;;    85: f64r3 = f64.copy s6
;;    87: consume_fuel 3
;;    89: s8 = i64.copy r3
;;    91: s7 = 0
;;    93: s0 = i64.copy r3
;;    95: s6 = f64.copy f64r3
;;    97: consume_fuel 1 * table.grow 0 0 s8..
;;   100: r3 = i64.copy s0
;;   102: f64r3 = f64.copy s6
;;   104: s0 = i64.copy r3
;;   106: s6 = f64.copy f64r3
;;   108: s7 = table.grow 0 null s7..
;;   110: r3 = i64.copy s0
;;   112: f64r3 = f64.copy s6
;;   114: s0 = i64.copy r3
;;   116: s6 = f64.copy f64r3
;;   118: check_epoch
;;   119: piece of table.fill 0 0 s9.. or br @118
;;   122: r3 = i64.copy s0
;;   124: f64r3 = f64.copy s6
;;   126: consume_fuel 7
;;   128: s0 = i64.copy r3
;;   130: s0 = i64.copy r3
;;   132: s6 = f64.copy f64r3
;;   134: s7 = memory.grow 0 s0
;;   136: r3 = i64.copy s0
;;   138: f64r3 = f64.copy s6
;;   140: r3 = i32.add r3, -1
;;   142: br @10 if i32.ne r3, 0
;;   144: s0 = i64.copy r3
;;   146: s6 = f64.copy f64r3
;;   148: return
;;   150: check_epoch
;;   151: br @4
;;   153: s0 = i64.copy r3
;;   155: s6 = f64.copy f64r3
;;   157: check_epoch
;;   158: r3 = i64.copy s0
;;   160: f64r3 = f64.copy s6
;;   162: br @12
;;   164: s0 = i64.copy r3
;;   166: s6 = f64.copy f64r3
;;   168: check_fuel above 0 consume 8
;;   170: r3 = i64.copy s0
;;   172: f64r3 = f64.copy s6
;;   174: br @15
