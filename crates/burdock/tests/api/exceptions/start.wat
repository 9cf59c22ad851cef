;; module: caught
(module
  (tag $e (export "e") (param i32))
  (global $g (export "g") (mut i32) (i32.const 0))
  (start $start)
  (func $start
    (block $caught (result i32)
      (try_table (catch $e $caught) (throw $e (i32.const 5)))
      (unreachable))
    (global.set $g))
  ;; call: get
  (func (export "get") (result i32) (global.get $g)))

;; module: uncaught
(module
  (import "caught" "e" (tag $e (param i32)))
  (start $start)
  (func $inner (throw $e (i32.const 6)))
  (func $start (call $inner)))

;; module: host
(module
  (import "host" "throw" (func $throw (param i32)))
  (start $start)
  (func $start (call $throw (i32.const 7))))
