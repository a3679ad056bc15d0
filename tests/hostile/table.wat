;; Grows a table without end.
(component
  (core module $m
    (table 1 funcref)
    (func (export "go")
      (loop (drop (table.grow (ref.null func) (i32.const 100000))) (br 0))))
  (core instance $i (instantiate $m))
  (func (export "go") (canon lift (core func $i "go"))))
