;; `env.clock_ms`, which some benchmarks import, from WASI's clock: for `--preload env=clock.wat`.
(module
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $clock_time_get (param $id i32) (param $precision i64) (param $to i32) (result i32)))
  (memory (export "memory") 1)
  (func $clock_ms (export "clock_ms") (result i32)
    (if (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 0)) (then unreachable))
    (i32.wrap_i64 (i64.div_u (i64.load (i32.const 0)) (i64.const 1_000_000)))))
