;; Gives its result, and traps when it is to free it.
(component
  (core module $m
    (func (export "go") (result i32) (i32.const 7))
    (func (export "free") (param i32) unreachable))
  (core instance $i (instantiate $m))
  (func (export "go") (result u32) (canon lift (core func $i "go") (post-return (func $i "free")))))
