(module
  (global (import "host" "base") i32)
  (global $right (export "right") i32 (i32.const 1))
  (global $wrong (export "wrong") i32
    (i64.const 2))
  (func (export "f")))
