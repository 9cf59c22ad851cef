;; Byte loads and unpredictable branches: counts words and vowels in 64 KiB of letters, n times.
(module
  (memory 1)
  ;; Letters and spaces from a linear congruential generator.
  (func $fill
    (local $at i32) (local $x i32)
    (loop $bytes
      (local.set $x
        (i32.add (i32.mul (local.get $x) (i32.const 1664525)) (i32.const 1013904223)))
      (i32.store8 (local.get $at)
        (select (i32.const 32)
          (i32.add (i32.const 97)
            (i32.rem_u (i32.shr_u (local.get $x) (i32.const 16)) (i32.const 26)))
          (i32.lt_u (i32.shr_u (local.get $x) (i32.const 29)) (i32.const 1))))
      (br_if $bytes
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 65536)))))
  (func (export "run") (param $n i32) (result i64)
    (local $at i32) (local $c i32) (local $inside i32) (local $words i32) (local $vowels i32)
    (call $fill)
    (loop $passes
      (local.set $at (i32.const 0))
      (local.set $inside (i32.const 0))
      (loop $bytes
        (local.set $c (i32.load8_u (local.get $at)))
        (if (i32.eq (local.get $c) (i32.const 32))
          (then (local.set $inside (i32.const 0)))
          (else
            (if (i32.eqz (local.get $inside))
              (then
                (local.set $inside (i32.const 1))
                (local.set $words (i32.add (local.get $words) (i32.const 1)))))
            (if
              (i32.or
                (i32.or (i32.eq (local.get $c) (i32.const 97)) (i32.eq (local.get $c) (i32.const 101)))
                (i32.or (i32.eq (local.get $c) (i32.const 105)) (i32.eq (local.get $c) (i32.const 111))))
              (then (local.set $vowels (i32.add (local.get $vowels) (i32.const 1)))))))
        (br_if $bytes
          (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 65536))))
      (br_if $passes (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i64.or
      (i64.shl (i64.extend_i32_u (local.get $words)) (i64.const 32))
      (i64.extend_i32_u (local.get $vowels)))))
