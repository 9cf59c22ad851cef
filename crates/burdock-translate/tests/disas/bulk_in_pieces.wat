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
;;     0: enter frame=9 zero=s3+1
;;     2: check_epoch
;;     3: check_fuel above 1 consume 1
;;     5: r3 = i64.copy s0
;;     7: f64r3 = f64.copy s3
;;     9: br_before_deadline @20
;;    11: s0 = i64.copy r3
;;    13: s3 = f64.copy f64r3
;;    15: check_epoch
;;    16: r3 = i64.copy s0
;;    18: f64r3 = f64.copy s3
;;    20: check_fuel consume 8 or br @142
;;    23: f64r3 = f64.add f64r3, f64r3
;;    25: s6 = i64.copy r3
;;    27: s5 = 1
;;    29: s4 = 0
;;    31: s0 = i64.copy r3
;;    33: s3 = f64.copy f64r3
;;    35: consume_fuel 1 * memory.copy 0 0 s4..
;;    38: r3 = i64.copy s0
;;    40: f64r3 = f64.copy s3
;;    42: s0 = i64.copy r3
;;    44: s3 = f64.copy f64r3
;;    46: check_epoch
;;    47: piece of memory.copy 0 0 s4.. or br @46
;;    50: r3 = i64.copy s0
;;    52: f64r3 = f64.copy s3
;;    54: consume_fuel 4
;;    56: s6 = 128
;;    58: s5 = 1
;;    60: s4 = 0
;;    62: memory.fill 0 s4..
;;    64: consume_fuel 132
;;    66: s6 = 129
;;    68: s5 = 1
;;    70: s4 = 0
;;    72: s0 = i64.copy r3
;;    74: s3 = f64.copy f64r3
;;    76: consume_fuel 1 * memory.fill 0 0 s4..
;;    79: r3 = i64.copy s0
;;    81: f64r3 = f64.copy s3
;;    83: s0 = i64.copy r3
;;    85: s3 = f64.copy f64r3
;;    87: check_epoch
;;    88: piece of memory.fill 0 0 s4.. or br @87
;;    91: r3 = i64.copy s0
;;    93: f64r3 = f64.copy s3
;;    95: consume_fuel 3
;;    97: s5 = i64.copy r3
;;    99: s4 = 0
;;   101: s0 = i64.copy r3
;;   103: s3 = f64.copy f64r3
;;   105: consume_fuel 1 * table.grow 0 0 s5..
;;   108: r3 = i64.copy s0
;;   110: f64r3 = f64.copy s3
;;   112: s4 = table.grow 0 null s4..
;;   114: s0 = i64.copy r3
;;   116: s3 = f64.copy f64r3
;;   118: check_epoch
;;   119: piece of table.fill 0 0 s6.. or br @118
;;   122: r3 = i64.copy s0
;;   124: f64r3 = f64.copy s3
;;   126: consume_fuel 7
;;   128: s0 = i64.copy r3
;;   130: s4 = memory.grow 0 s0
;;   132: r3 = i32.sub r3, 1
;;   134: br @9 if i32.ne r3, 0
;;   136: s0 = i64.copy r3
;;   138: s3 = f64.copy f64r3
;;   140: return
;;   142: s0 = i64.copy r3
;;   144: s3 = f64.copy f64r3
;;   146: check_fuel above 0 consume 8
;;   148: r3 = i64.copy s0
;;   150: f64r3 = f64.copy s3
;;   152: br @23
