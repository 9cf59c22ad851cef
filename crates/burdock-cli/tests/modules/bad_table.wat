(module
  (func $f)
  (table funcref (elem $f))
  (table 2 funcref (i32.const 0)))
