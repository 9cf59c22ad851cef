;;! watched
;;! registers
;; Writes to the first memory compare their addresses: those of a span with its length, too. The
;; host is called behind the function's end. Other accesses are those of ordinary code.
(module
  (memory 1)
  (memory $other 1)
  (data $d "abcd")
  (func (param $at i32) (param $len i32)
    (i32.store offset=4 (local.get $at) (local.get $len))
    (i32.store $other (local.get $at) (i32.load (local.get $len)))
    (memory.fill (local.get $at) (i32.const 7) (local.get $len))
    (memory.fill $other (local.get $at) (i32.const 7) (local.get $len))
    (memory.copy (local.get $at) (i32.const 8) (local.get $len))
    (memory.copy $other 0 (local.get $at) (i32.const 8) (local.get $len))
    (memory.init $d (local.get $at) (i32.const 0) (i32.const 4)))
  ;; Arguments of a call are kept for a debugger: by the caller, where the callee may make a tail
  ;; call, and by a function that assigns its parameters.
  (func $call (param i32 v128 f64) (result i32)
    (drop (call $tail (i32.const 1) (local.get 1) (local.get 2)))
    (call $call (local.get 0) (local.get 1) (f64.const 2)))
  (func $tail (param i32 v128 f64) (result i32)
    (local.set 0 (i32.const 3))
    (return_call $call (local.get 0) (local.get 1) (local.get 2))))
;; func 0
;;     0: enter frame=9 zero=s6+0
;;     2: br_if_watched s0 + 4 @67
;;     5: i64.store32 [s0 + 4] = s1
;;     7: s7 = i64.load32_u [s1 + 0]
;;     9: i64.store32 memory1[s0 + 0] = s7
;;    12: s8 = s1
;;    14: s7 = 7
;;    16: s6 = s0
;;    18: br_if_span_watched s6..+s8 @77
;;    20: memory.fill 0 s6..
;;    22: s8 = s1
;;    24: s7 = 7
;;    26: s6 = s0
;;    28: memory.fill 1 s6..
;;    30: s8 = s1
;;    32: s7 = 8
;;    34: s6 = s0
;;    36: br_if_span_watched s6..+s8 @81
;;    38: memory.copy 0 0 s6..
;;    41: s8 = s1
;;    43: s7 = 8
;;    45: s6 = s0
;;    47: memory.copy 1 0 s6..
;;    50: s8 = 4
;;    52: s7 = 0
;;    54: s6 = s0
;;    56: br_if_span_watched s6..+s8 @85
;;    58: memory.init 0 data0 s6..
;;    61: return
;;    63: anchor 0
;;    65: br @2
;;    67: s7 = s1, s6 = s0
;;    69: br_unless_watched memory0 s6 + 4 @75
;;    73: observe 1
;;    75: br @5
;;    77: observe 2
;;    79: br @20
;;    81: observe 3
;;    83: br @38
;;    85: observe 4
;;    87: br @58
;; func 1
;;     0: enter frame=16 zero=s10+0
;;     2: s13 = s3
;;     4: v11 = v1
;;     6: s10 = 1
;;     8: s6 = s10
;;    10: v7 = v11
;;    12: s9 = s13
;;    14: call f2 args=s10
;;    17: s13 = 4611686018427387904
;;    20: v11 = v1
;;    22: s10 = s0
;;    24: call f1 args=s10
;;    27: return s10
;;    29: anchor 0
;;    31: br @2
;; func 2
;;     0: enter frame=14 zero=s6+8
;;     2: s6 = s0
;;     4: s6 = 3
;;     6: s10 = s3
;;     8: v8 = v1
;;    10: s7 = s6
;;    12: return_call f1 args=s7
;;    15: anchor 0
;;    17: br @4
