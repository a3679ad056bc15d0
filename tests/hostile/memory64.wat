;; Wants more memory than there are addresses.
(component
  (core module $m
    (memory i64 1)
    (func (export "go") (drop (memory.grow (i64.const 0xffffffff)))))
  (core instance $i (instantiate $m))
  (func (export "go") (canon lift (core func $i "go"))))
