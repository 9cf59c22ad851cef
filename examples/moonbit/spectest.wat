;; What programs of MoonBit print through: `print_char` takes units of UTF-16, and a line goes to
;; standard output as UTF-8.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  ;; At 0 the address and length of the line for `fd_write`, at 8 what it has written, at 16 the
  ;; line itself.
  (memory (export "memory") 1)
  (data (i32.const 0) "\10")
  (global $length (mut i32) (i32.const 0))
  ;; The first half of a character that takes two units, less 0xD800.
  (global $high (mut i32) (i32.const 0))

  (func $byte (param $byte i32)
    (i32.store8 offset=16 (global.get $length) (local.get $byte))
    (global.set $length (i32.add (global.get $length) (i32.const 1))))

  (func $flush
    (i32.store offset=4 (i32.const 0) (global.get $length))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (global.set $length (i32.const 0)))

  ;; Writes a byte that continues a character: six bits of it, from a place on.
  (func $continue (param $char i32) (param $place i32)
    (call $byte (i32.or (i32.const 0x80)
      (i32.and (i32.const 0x3F) (i32.shr_u (local.get $char) (local.get $place))))))

  (func $print (param $char i32)
    (if (i32.lt_u (local.get $char) (i32.const 0x80))
      (then (call $byte (local.get $char)))
      (else (if (i32.lt_u (local.get $char) (i32.const 0x800))
        (then
          (call $byte (i32.or (i32.const 0xC0) (i32.shr_u (local.get $char) (i32.const 6)))))
        (else
          (if (i32.lt_u (local.get $char) (i32.const 0x10000))
            (then
              (call $byte (i32.or (i32.const 0xE0) (i32.shr_u (local.get $char) (i32.const 12)))))
            (else
              (call $byte (i32.or (i32.const 0xF0) (i32.shr_u (local.get $char) (i32.const 18))))
              (call $continue (local.get $char) (i32.const 12))))
          (call $continue (local.get $char) (i32.const 6))))
        (call $continue (local.get $char) (i32.const 0))))
    (if (i32.or (i32.eq (local.get $char) (i32.const 10))
                (i32.gt_u (global.get $length) (i32.const 4096)))
      (then (call $flush))))

  (func (export "print_char") (param $unit i32)
    (local $kind i32)
    (local.set $kind (i32.and (local.get $unit) (i32.const 0xFC00)))
    (if (i32.eq (local.get $kind) (i32.const 0xD800))
      (then (global.set $high (i32.and (local.get $unit) (i32.const 0x3FF))) (return)))
    (if (i32.eq (local.get $kind) (i32.const 0xDC00))
      (then (local.set $unit (i32.add (i32.const 0x10000)
        (i32.or (i32.shl (global.get $high) (i32.const 10))
                (i32.and (local.get $unit) (i32.const 0x3FF)))))))
    (call $print (local.get $unit))))
