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
;;     0: enter frame=3 zero=s3+0
;;     2: check_fuel above 1 consume 1
;;     4: return
;; func 1
;;     0: enter frame=11 zero=s3+8
;;     2: check_fuel above 1 consume 4
;;     4: s4 = s0
;;     6: call f0 args=s4
;;     8: consume_fuel 1
;;    10: return 1
;;    12: consume_fuel 2
;;    14: s3 = s5
;;    16: return s3
;;    18: consume_fuel 1
;;    20: return 0
;; @4..@8 catch tag1 to s4.. @12
;; @4..@8 catch all to s4.. @18
;; func 2
;;     0: enter frame=7 zero=s3+0
;;     2: check_fuel above 1 consume 7
;;     4: s3 = s0
;;     6: s5 = 2
;;     8: br @14 if i32.ne s5, 0
;;    10: consume_fuel 1
;;    12: throw tag0 s5..
;;    14: consume_fuel 2
;;    16: s5 = 5
;;    18: s4 = 3
;;    20: br @26
;;    22: consume_fuel 1
;;    24: s4 = 7
;;    26: consume_fuel 1
;;    28: r0 = i32.add s3, s4
;;    30: return r0
;; @8..@18 catch tag0 to s4.. @22
;; func 3
;;     0: enter frame=5 zero=s2+0
;;     2: check_fuel above 1 consume 5
;;     4: s2 = 1
;;     6: call f0 args=s2
;;     8: consume_fuel 2
;;    10: s2 = 2
;;    12: call f0 args=s2
;;    14: consume_fuel 2
;;    16: s2 = 3
;;    18: call f0 args=s2
;;    20: consume_fuel 1
;;    22: return
;; @4..@20 catch all to s2.. @22
;; @4..@8 catch tag0 to s2.. @14
;; func 4
;;     0: enter frame=11 zero=s3+8
;;     2: check_fuel above 1 consume 1
;;     4: r3 = i64.copy s3
;;     6: check_fuel consume 21 or br @35
;;     9: r0 = i32.mul r3, r3
;;    11: r3 = i32.add r3, r0
;;    13: r0 = i32.mul r3, r3
;;    15: r3 = i32.add r3, r0
;;    17: r0 = i32.mul r3, r3
;;    19: r3 = i32.add r3, r0
;;    21: s4 = i64.copy r3
;;    23: s3 = i64.copy r3
;;    25: call f0 args=s4
;;    27: r3 = i64.copy s3
;;    29: consume_fuel 1
;;    31: s3 = i64.copy r3
;;    33: throw tag0 s4..
;;    35: s3 = i64.copy r3
;;    37: check_fuel above 0 consume 21
;;    39: r3 = i64.copy s3
;;    41: br @9
;;    43: r3 = i64.copy s3
;;    45: br @6
;; @21..@35 catch all to s4.. @43
;; func 5
;;     0: enter frame=7 zero=s4+0
;;     2: check_fuel above 1 consume 4
;;     4: s4 = s0
;;     6: call f0 args=s4
;;     8: consume_fuel 3
;;    10: s5 = 2
;;    12: s4 = 1
;;    14: throw tag1 s4..
;;    16: s0.. = s4.. len=2
;;    18: return
;; @4..@8 catch tag1 to s4.. @16
