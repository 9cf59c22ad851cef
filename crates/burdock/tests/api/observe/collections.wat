;; Collections that the host asks for, and those that a guest needs.
;; attach: COLLECTIONS func=nothing
;; call: run 1 1000
;; gc:
;; call: run 0 1000
;; gc:
;; call: run 100 100000
(module
  (type $bytes (array (mut i8)))
  (global $kept (mut (ref null $bytes)) (ref.null $bytes))
  (func $run (export "run") (param $n i32) (param $len i32)
    (global.set $kept (ref.null $bytes))
    (loop $again
      (if (local.get $n) (then
        (global.set $kept (array.new_default $bytes (local.get $len)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $again))))))
