;;! registers
(module
  (elem declare func 0)
  ;; A reference that may be null: a local, a computed value, a constant.
  (func (param $f funcref) (result (ref func))
    (ref.as_non_null (local.get $f)))
  (func (result (ref func))
    (ref.as_non_null (select (result funcref) (ref.null func) (ref.func 0) (i32.const 1))))
  (func
    (drop (ref.as_non_null (ref.null extern))))

  ;; The value of a local stays where it is; the branch needs no other instruction.
  (func (param $f funcref) (result i32)
    (block $null
      (drop (br_on_null $null (local.get $f)))
      (return (i32.const 1)))
    (i32.const 0))

  ;; Values below the reference go along on the way to the label.
  (func (param $f funcref) (result i32)
    (block $null (result i32)
      (i32.mul (i32.const 2)
        (block (result i32)
          (br_on_null $null (i32.const 7) (local.get $f))
          (drop)))))

  ;; The label gets the reference, or a return does.
  (func (param $f funcref) (result (ref func))
    (block $some (result (ref func))
      (br_on_non_null $some (local.get $f))
      (unreachable)))
  (func (param $f funcref) (result (ref func))
    (br_on_non_null 0 (local.get $f))
    (unreachable))

  ;; A loop that goes on while there is a reference tests at its end.
  (func (param $f funcref) (param $n i32)
    (block $null
      (loop $l
        (drop (br_on_null $null (local.get $f)))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br $l))))
)
;; func 0
;;     0: enter frame=4 zero=s3+0
;;     2: r0 = ref.as_non_null s0
;;     4: return r0
;; func 1
;;     0: enter frame=6 zero=s3+0
;;     2: s4 = ref.func f0
;;     4: s5 = 1
;;     6: s3 = 0
;;     8: r0 = s5 ? s3 : s4
;;    10: r0 = ref.as_non_null r0
;;    12: return r0
;; func 2
;;     0: enter frame=7 zero=s6+0
;;     2: s6 = 0
;;     4: r0 = ref.as_non_null s6
;;     6: return
;; func 3
;;     0: enter frame=4 zero=s3+0
;;     2: br @6 if i64.eq s0, 0
;;     4: return 1
;;     6: return 0
;; func 4
;;     0: enter frame=6 zero=s3+0
;;     2: s4 = 7
;;     4: br @10 if i64.ne s0, 0
;;     6: s3 = s4
;;     8: br @12
;;    10: s3 = i32.mul s4, 2
;;    12: return s3
;; func 5
;;     0: enter frame=4 zero=s3+0
;;     2: s3 = s0
;;     4: br @7 if i64.ne s3, 0
;;     6: unreachable
;;     7: return s3
;; func 6
;;     0: enter frame=4 zero=s3+0
;;     2: s3 = s0
;;     4: br @8 if i64.eq s3, 0
;;     6: return s3
;;     8: unreachable
;; func 7
;;     0: enter frame=6 zero=s4+0
;;     2: pins = s1 s0
;;     4: br @10 if i64.ne r4, 0
;;     6: s1 = i64.copy r3
;;     8: br @16
;;    10: r3 = i32.add r3, 1
;;    12: br @10 if i64.ne r4, 0
;;    14: br @6
;;    16: return
