(module
  (import "math" "gcd" (func $gcd (param i32 i32) (result i32)))
  (func (export "run") (result i32) (call $gcd (i32.const 48) (i32.const 18))))
