(module
  (import "wasi_snapshot_preview1" "fd_wirte" (func (param i32)))
  (import "env" "puts" (func (param i32) (result i32)))
  (import "env" "memory" (memory 1))
  (import "env" "fd_read" (func))
  (import "wasi_unstable" "fd_clos" (func))
  (import "wasi:cli/exit@0.2.0" "exit" (func)))
