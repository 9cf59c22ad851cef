;;! fuel
;;! epochs
;; Operators on arrays pay before they work, and are done in pieces between which the epoch is looked
;; at. An array is allocated at once, and its elements are written in pieces.
(module
  (type $a (array (mut v128)))
  (type $b (array (mut i8)))
  (data $d "")
  (func (param $n i32) (param $b (ref $b)) (result (ref $a))
    (array.copy $b $b (local.get $b) (i32.const 0) (local.get $b) (i32.const 1) (local.get $n))
    (array.fill $b (local.get $b) (i32.const 0) (i32.const 1) (i32.const 128))
    (drop (array.new_data $b $d (i32.const 0) (local.get $n)))
    (drop (array.new_default $b (local.get $n)))
    (array.new $a (v128.const i64x2 1 2) (local.get $n))))
;; func 0
;;     0: enter frame=12 zero=s4+0
;;     2: br_at_deadline @86
;;     4: check_fuel above 1 consume 7
;;     6: s8 = s0
;;     8: s7 = 1
;;    10: s6 = s1
;;    12: s5 = 0
;;    14: s4 = s1
;;    16: consume_fuel 1 * array.copy 1 0 s4..
;;    19: check_epoch
;;    20: piece of array.copy 1 0 s4.. or br @19
;;    23: consume_fuel 5
;;    25: s7 = 128
;;    27: s6 = 1
;;    29: s5 = 0
;;    31: s4 = s1
;;    33: array.fill t1 s4..
;;    35: consume_fuel 131
;;    37: s5 = s0
;;    39: s4 = 0
;;    41: consume_fuel 1 * array.new_data 1 0 s4..
;;    44: allocate t1 for array.new_data 0 s4..
;;    47: check_epoch
;;    48: piece of array.init_data 1 0 s6.. or br @47
;;    51: s4 = s6
;;    53: consume_fuel 2
;;    55: s4 = s0
;;    57: consume_fuel 1 * array.new_default 1 0 s4..
;;    60: s4 = array.new_default t1 s4
;;    64: consume_fuel 3
;;    66: s4 = 1..
;;    70: s6 = s0
;;    72: consume_fuel 1 * array.new 0 0 s4..
;;    75: allocate t0 for array.new 0 s4..
;;    78: check_epoch
;;    79: piece of array.fill 0 0 s7.. or br @78
;;    82: s4 = s7
;;    84: return s4
;;    86: check_epoch
;;    87: br @4
