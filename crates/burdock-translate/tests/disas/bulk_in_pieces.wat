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
;;     0: enter frame=11 zero=s3+8
;;     2: check_epoch
;;     3: check_fuel above 1 consume 1
;;     5: r3 = i64.copy s0
;;     7: f64r3 = f64.copy s3
;;     9: br_at_deadline @133
;;    11: check_fuel consume 8 or br @144
;;    14: f64r3 = f64.add f64r3, f64r3
;;    16: s6 = i64.copy r3
;;    18: s5 = 1
;;    20: s4 = 0
;;    22: s0 = i64.copy r3
;;    24: s3 = f64.copy f64r3
;;    26: consume_fuel 1 * memory.copy 0 0 s4..
;;    29: r3 = i64.copy s0
;;    31: f64r3 = f64.copy s3
;;    33: s0 = i64.copy r3
;;    35: s3 = f64.copy f64r3
;;    37: check_epoch
;;    38: piece of memory.copy 0 0 s4.. or br @37
;;    41: r3 = i64.copy s0
;;    43: f64r3 = f64.copy s3
;;    45: consume_fuel 4
;;    47: s6 = 128
;;    49: s5 = 1
;;    51: s4 = 0
;;    53: memory.fill 0 s4..
;;    55: consume_fuel 132
;;    57: s6 = 129
;;    59: s5 = 1
;;    61: s4 = 0
;;    63: s0 = i64.copy r3
;;    65: s3 = f64.copy f64r3
;;    67: consume_fuel 1 * memory.fill 0 0 s4..
;;    70: r3 = i64.copy s0
;;    72: f64r3 = f64.copy s3
;;    74: s0 = i64.copy r3
;;    76: s3 = f64.copy f64r3
;;    78: check_epoch
;;    79: piece of memory.fill 0 0 s4.. or br @78
;;    82: r3 = i64.copy s0
;;    84: f64r3 = f64.copy s3
;;    86: consume_fuel 3
;;    88: s5 = i64.copy r3
;;    90: s4 = 0
;;    92: s0 = i64.copy r3
;;    94: s3 = f64.copy f64r3
;;    96: consume_fuel 1 * table.grow 0 0 s5..
;;    99: r3 = i64.copy s0
;;   101: f64r3 = f64.copy s3
;;   103: s4 = table.grow 0 null s4..
;;   105: s0 = i64.copy r3
;;   107: s3 = f64.copy f64r3
;;   109: check_epoch
;;   110: piece of table.fill 0 0 s6.. or br @109
;;   113: r3 = i64.copy s0
;;   115: f64r3 = f64.copy s3
;;   117: consume_fuel 7
;;   119: s0 = i64.copy r3
;;   121: s4 = memory.grow 0 s0
;;   123: r3 = i32.sub r3, 1
;;   125: br @9 if i32.ne r3, 0
;;   127: s0 = i64.copy r3
;;   129: s3 = f64.copy f64r3
;;   131: return
;;   133: s0 = i64.copy r3
;;   135: s3 = f64.copy f64r3
;;   137: check_epoch
;;   138: r3 = i64.copy s0
;;   140: f64r3 = f64.copy s3
;;   142: br @11
;;   144: s0 = i64.copy r3
;;   146: s3 = f64.copy f64r3
;;   148: check_fuel above 0 consume 8
;;   150: r3 = i64.copy s0
;;   152: f64r3 = f64.copy s3
;;   154: br @14
