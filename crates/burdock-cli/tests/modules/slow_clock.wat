;; As clock.wat, but it waits for 20 seconds before it looks: with `-S virtual-clock=0`, on which waiting
;; takes no time, what is measured seems to take long.
(module
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $clock_time_get (param $id i32) (param $precision i64) (param $to i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll_oneoff (param $in i32) (param $out i32) (param $n i32) (param $events i32) (result i32)))
  (memory (export "memory") 1)
  (func $clock_ms (export "clock_ms") (result i32)
    ;; A subscription at 64: to clock 1, relative, of so many nanoseconds.
    (i32.store (i32.const 80) (i32.const 1))
    (i64.store (i32.const 88) (i64.const 20_000_000_000))
    (if (call $poll_oneoff (i32.const 64) (i32.const 128) (i32.const 1) (i32.const 8)) (then unreachable))
    (if (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 0)) (then unreachable))
    (i32.wrap_i64 (i64.div_u (i64.load (i32.const 0)) (i64.const 1_000_000)))))
