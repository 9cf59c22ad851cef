(module
  (func $f)
  (elem funcref (ref.func $f))
  (elem funcref (ref.func $f) (item i32.const 0)))
