;; One of each, for `inspect`.
(module $everything
  (type $binary (func (param i32 i32) (result i32)))
  (import "env" "f" (func $f (type $binary)))
  (import "env" "g" (global $g i32))
  (import "env" "t" (table 1 2 funcref))
  (memory (export "memory") 1 2)
  (global $count (export "count") (mut i64) (i64.const 0))
  (table $table (export "table") 3 externref)
  (func $start (global.set $count (i64.const 1)))
  (func (export "add") (type $binary) (i32.add (local.get 0) (local.get 1)))
  (start $start)
  (elem (i32.const 0) func $f)
  (data (i32.const 0) "abc"))
