;; Prints `ready`, and then computes, reads, prints or sleeps without an end.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\08\00\00\00\06\00\00\00ready\n")
  (func $ready
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))))
  (func $step (param i32) (result i32)
    (i32.add (local.get 0) (i32.const 1)))
  (func (export "_start") (local i32)
    (call $ready)
    (loop
      (local.set 0 (call $step (local.get 0)))
      (br 0)))
  (func (export "reads")
    (call $ready)
    (i32.store (i32.const 32) (i32.const 64))
    (i32.store (i32.const 36) (i32.const 16))
    (loop
      (drop (call $fd_read (i32.const 0) (i32.const 32) (i32.const 1) (i32.const 40)))
      (br 0)))
  (func (export "floods")
    (call $ready)
    (loop
      (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
      (br 0)))
  ;; A subscription to one hour on clock 0.
  (func (export "sleeps")
    (call $ready)
    (i64.store (i32.const 152) (i64.const 3600000000000))
    (loop
      (drop (call $poll_oneoff (i32.const 128) (i32.const 256) (i32.const 1) (i32.const 40)))
      (br 0))))
