(module
  (func $f)
  (table funcref (elem $f))
  (elem (offset (i64.const 0)) $f))
