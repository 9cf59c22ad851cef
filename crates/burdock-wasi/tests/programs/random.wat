;; The first numbers of SplitMix64 with the seed 42.
(func (export "_start")
  (call $check (str "random_get") (call $random_get (i32.const 0x10000) (i32.const 16)))
  (call $show (str "first") (i64.load (i32.const 0x10000)))
  (call $show (str "second") (i64.load (i32.const 0x10008)))
  (call $check (str "none") (call $random_get (i32.const 0x20000) (i32.const 0)))
  (call $check (str "a page") (call $random_get (i32.const 0x10000) (i32.const 0x10000)))
  (call $check (str "outside") (call $random_get (i32.const 0x10001) (i32.const 0x10000)))
  (call $check (str "all") (call $random_get (i32.const 0) (i32.const -1))))
