;; The legacy exceptions.
;; attach: EXCEPTIONS FUNCS
;; call: run 0
;; call: run 1
(module
  (tag $one (param i32))
  (tag $two)
  (func $run (export "run") (param $n i32) (result i32)
    try (result i32)
      try (result i32)
        local.get $n
        if
          throw $two
        end
        i32.const 5
        throw $one
      catch $one
        drop
        rethrow 0
      end
    catch $one
    catch_all
      i32.const 9
    end))
