(module
  (memory (data "inline"))
  (data "passive")
  (data (f32.const 8) "active")
  (data (i32.const 16) "after"))
