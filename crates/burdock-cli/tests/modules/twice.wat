;; Two functions of the same name.
(module
  (func $rarely (@name "helper")
    nop)
  (func $often (@name "helper")
    nop)
  (func $start (export "_start")
    (call $rarely) (call $often) (call $often)))
