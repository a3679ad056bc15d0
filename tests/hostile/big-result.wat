;; Gives a list as long as its memory, which is as large as it may be.
(component
  (core module $m
    (memory (export "memory") 4000)
    (func (export "go") (result i32)
      (i32.store (i32.const 4) (i32.const 262143992))
      (i32.const 0)))
  (core instance $i (instantiate $m))
  (func (export "go") (result (list u8)) (canon lift (core func $i "go") (memory $i "memory"))))
