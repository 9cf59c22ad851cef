;; attach: INSTRUCTIONS BRANCHES LOOPS func=sum
;; call: sum 2
;; call: other
(module
  (func $sum (export "sum") (param i32) (result i32) (local $sum i32)
    (loop
      (local.set $sum (i32.add (local.get $sum) (local.get 0)))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (block (block (block (br_table 0 1 2 (i32.const 9)))))
    (if (local.get 0) (then nop) (else (drop (i64.const 7))))
    local.get $sum)
  (func (export "other") nop))
