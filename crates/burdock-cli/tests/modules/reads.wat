;; Opens `hello.wat` in the first directory, asks for its size, and reads its beginning.
(module
  (import "wasi_snapshot_preview1" "path_open" (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_filestat_get" (func $fd_filestat_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\00\01\00\00\0e\00\00\00hello.wat")
  (global $fd (mut i32) (i32.const 0))
  ;; The rights to read, to seek, and to ask for attributes.
  (func (export "_start")
    (drop (call $path_open (i32.const 3) (i32.const 0) (i32.const 8) (i32.const 9)
      (i32.const 0) (i64.const 0x200006) (i64.const 0) (i32.const 0) (i32.const 32)))
    (global.set $fd (i32.load (i32.const 32)))
    (drop (call $fd_filestat_get (global.get $fd) (i32.const 128)))
    (drop (call $fd_read (global.get $fd) (i32.const 0) (i32.const 1) (i32.const 36)))
    (drop (call $fd_close (global.get $fd)))
    (drop (call $fd_close (global.get $fd)))))
