(module
  (import "env" "f" (func $f (result i32)))
  (func (export "_start"))
  (func (export "call") (result i32) (call $f)))
