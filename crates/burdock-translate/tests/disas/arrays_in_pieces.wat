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
;;     2: check_epoch
;;     3: check_fuel above 1 consume 7
;;     5: s8 = s0
;;     7: s7 = 1
;;     9: s6 = s1
;;    11: s5 = 0
;;    13: s4 = s1
;;    15: consume_fuel 1 * array.copy 1 0 s4..
;;    18: check_epoch
;;    19: piece of array.copy 1 0 s4.. or br @18
;;    22: consume_fuel 5
;;    24: s7 = 128
;;    26: s6 = 1
;;    28: s5 = 0
;;    30: s4 = s1
;;    32: array.fill t1 s4..
;;    34: consume_fuel 131
;;    36: s5 = s0
;;    38: s4 = 0
;;    40: consume_fuel 1 * array.new_data 1 0 s4..
;;    43: allocate t1 for array.new_data 0 s4..
;;    46: check_epoch
;;    47: piece of array.init_data 1 0 s6.. or br @46
;;    50: s4 = s6
;;    52: consume_fuel 2
;;    54: s4 = s0
;;    56: consume_fuel 1 * array.new_default 1 0 s4..
;;    59: s4 = array.new_default t1 s4
;;    62: consume_fuel 3
;;    64: s4 = 1..
;;    68: s6 = s0
;;    70: consume_fuel 1 * array.new 0 0 s4..
;;    73: allocate t0 for array.new 0 s4..
;;    76: check_epoch
;;    77: piece of array.fill 0 0 s7.. or br @76
;;    80: s4 = s7
;;    82: return s4
