;; Gives the host a turn, and then another, for ever.
(component
  (core module $m
    (func (export "go") (result i32) (i32.const 1))
    (func (export "on") (param i32 i32 i32) (result i32) (i32.const 1)))
  (core instance $i (instantiate $m))
  (func (export "go") async (canon lift (core func $i "go") async (callback (func $i "on")))))
