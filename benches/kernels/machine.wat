;; Branch tables: n steps of a machine with five states whose input comes from a generator.
(module
  (func (export "run") (param $n i32) (result i64)
    (local $state i32) (local $x i32) (local $hits i32) (local $bit i32)
    (local.set $x (i32.const 12345))
    (loop $steps
      (local.set $x
        (i32.add (i32.mul (local.get $x) (i32.const 1664525)) (i32.const 1013904223)))
      (local.set $bit (i32.shr_u (local.get $x) (i32.const 31)))
      (block $next
        (block $four
          (block $three
            (block $two
              (block $one
                (block $zero
                  (br_table $zero $one $two $three $four (local.get $state)))
                ;; 0: waits for a one
                (local.set $state (local.get $bit))
                (br $next))
              ;; 1
              (local.set $state (select (i32.const 2) (i32.const 3) (local.get $bit)))
              (br $next))
            ;; 2
            (local.set $hits (i32.add (local.get $hits) (i32.const 1)))
            (local.set $state (i32.mul (local.get $bit) (i32.const 4)))
            (br $next))
          ;; 3
          (local.set $hits (i32.xor (local.get $hits) (local.get $x)))
          (local.set $state (i32.add (local.get $bit) (i32.const 1)))
          (br $next))
        ;; 4
        (local.set $hits (i32.rotl (local.get $hits) (i32.const 3)))
        (local.set $state (i32.const 0)))
      (br_if $steps (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i64.or
      (i64.shl (i64.extend_i32_u (local.get $hits)) (i64.const 32))
      (i64.extend_i32_u (local.get $state)))))
