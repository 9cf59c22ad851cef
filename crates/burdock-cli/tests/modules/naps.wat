;; Waits for an hour, and does not look at what the wait returns.
(module
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  ;; A subscription to the monotonic clock: 3600 seconds.
  (data (i32.const 16) "\01\00\00\00\00\00\00\00\00\a0\b8\30\46\03")
  (func $nap (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128))))
  (func (export "_start") (call $nap))
  (func (export "exits") (call $nap) (call $exit (i32.const 0))))
