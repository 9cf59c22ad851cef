;; What was printed before a trap is there.
(func (export "_start")
  (call $print (str "before\n"))
  (unreachable))
