;;! registers
;;! fuel
(module
  (tag $none)
  (tag $pair (param i32 i64))
  (func $call (param i32))

  ;; Both clauses lead to where their labels expect the values.
  (func (param $n i32) (result i64)
    (local $x i64)
    (block $all
      (block $pair (result i32 i64)
        (try_table (catch $pair $pair) (catch_all $all)
          (call $call (local.get $n)))
        (return (i64.const 1)))
      (local.set $x)
      (drop)
      (return (local.get $x)))
    (i64.const 0))

  ;; A try_table with parameter and result, thrown in directly; the values below stay.
  (func (param $n i32) (result i32)
    (i32.add
      (local.get $n)
      (block $none (result i32)
        (block $empty
          (br $none
            (i32.const 3) (i32.const 2)
            (try_table (param i32) (result i32) (catch $none $empty)
              (if (i32.eqz) (then (throw $none)))
              (i32.const 5))
            (drop)))
        (i32.const 7))))

  ;; Nested: the clauses of the inner one are met first. Nothing is thrown in the last.
  (func
    (block $a
      (try_table (catch_all $a)
        (block $b
          (try_table (catch $none $b)
            (call $call (i32.const 1)))
          (call $call (i32.const 2)))
        (call $call (i32.const 3))
        (try_table))))

  ;; In a loop with pinned locals: the clause that leads to the loop has to load them.
  (func (param $n i32) (result i32)
    (local $i i32)
    (loop $l
      (local.set $i (i32.add (local.get $i) (i32.mul (local.get $i) (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.mul (local.get $i) (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.mul (local.get $i) (local.get $i))))
      (try_table (catch_all $l)
        (call $call (local.get $i))
        (throw $none)))
    (local.get $i))

  ;; To the function's label.
  (func (param $n i32) (result i32 i64)
    (try_table (catch $pair 0)
      (call $call (local.get $n)))
    (throw $pair (i32.const 1) (i64.const 2)))
)
;; func 0
;;     0: enter frame=6 zero=s6+0
;;     2: check_fuel above 1 consume 1
;;     4: return
;; func 1
;;     0: enter frame=14 zero=s6+8
;;     2: check_fuel above 1 consume 4
;;     4: s7 = s0
;;     6: call f0 args=s7
;;     9: consume_fuel 1
;;    11: return 1
;;    13: consume_fuel 2
;;    15: s6 = s8
;;    17: return s6
;;    19: consume_fuel 1
;;    21: return 0
;; @4..@9 catch tag1 to s7.. @13
;; @4..@9 catch all to s7.. @19
;; func 2
;;     0: enter frame=9 zero=s6+0
;;     2: check_fuel above 1 consume 7
;;     4: s6 = s0
;;     6: s8 = 2
;;     8: br @14 if i32.ne s8, 0
;;    10: consume_fuel 1
;;    12: throw tag0 s8..
;;    14: consume_fuel 2
;;    16: s8 = 5
;;    18: s7 = 3
;;    20: br @26
;;    22: consume_fuel 1
;;    24: s7 = 7
;;    26: consume_fuel 1
;;    28: r0 = i32.add s6, s7
;;    30: return r0
;; @8..@18 catch tag0 to s7.. @22
;; func 3
;;     0: enter frame=12 zero=s6+0
;;     2: check_fuel above 1 consume 5
;;     4: s6 = 1
;;     6: call f0 args=s6
;;     9: consume_fuel 2
;;    11: s6 = 2
;;    13: call f0 args=s6
;;    16: consume_fuel 2
;;    18: s6 = 3
;;    20: call f0 args=s6
;;    23: consume_fuel 1
;;    25: return
;; @4..@23 catch all to s6.. @25
;; @4..@9 catch tag0 to s6.. @16
;; func 4
;;     0: enter frame=14 zero=s6+8
;;     2: check_fuel above 1 consume 1
;;     4: r3 = i64.copy s6
;;     6: check_fuel consume 21 or br @36
;;     9: r0 = i32.mul r3, r3
;;    11: r3 = i32.add r3, r0
;;    13: r0 = i32.mul r3, r3
;;    15: r3 = i32.add r3, r0
;;    17: r0 = i32.mul r3, r3
;;    19: r3 = i32.add r3, r0
;;    21: s7 = i64.copy r3
;;    23: s6 = i64.copy r3
;;    25: call f0 args=s7
;;    28: r3 = i64.copy s6
;;    30: consume_fuel 1
;;    32: s6 = i64.copy r3
;;    34: throw tag0 s7..
;;    36: s6 = i64.copy r3
;;    38: check_fuel above 0 consume 21
;;    40: r3 = i64.copy s6
;;    42: br @9
;;    44: r3 = i64.copy s6
;;    46: br @6
;; @21..@36 catch all to s7.. @44
;; func 5
;;     0: enter frame=12 zero=s6+0
;;     2: check_fuel above 1 consume 4
;;     4: s6 = s0
;;     6: call f0 args=s6
;;     9: consume_fuel 3
;;    11: s7 = 2
;;    13: s6 = 1
;;    15: throw tag1 s6..
;;    17: s0.. = s6.. len=2
;;    19: return
;; @4..@9 catch tag1 to s6.. @17
