(func (export "_start")
  (call $print (str "before\n"))
  (call $proc_exit (i32.const 0)))
