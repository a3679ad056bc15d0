;; Ends, and never gives the result that it owes.
(component
  (core module $m
    (func (export "go") (result i32) (i32.const 0))
    (func (export "on") (param i32 i32 i32) (result i32) unreachable))
  (core instance $i (instantiate $m))
  (func (export "go") async (result u32) (canon lift (core func $i "go") async (callback (func $i "on")))))
