;; Gives a list of 4 GiB that is not there.
(component
  (core module $m
    (memory (export "memory") 1)
    (func (export "go") (result i32)
      (i32.store (i32.const 4) (i32.const -1))
      (i32.const 0)))
  (core instance $i (instantiate $m))
  (func (export "go") (result (list u8)) (canon lift (core func $i "go") (memory $i "memory"))))
