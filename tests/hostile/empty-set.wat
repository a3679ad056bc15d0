;; Waits for one of no events.
(component
  (core func $set (canon waitable-set.new))
  (core module $m
    (import "" "set" (func $set (result i32)))
    (func (export "go") (result i32) (i32.or (i32.shl (call $set) (i32.const 4)) (i32.const 2)))
    (func (export "on") (param i32 i32 i32) (result i32) unreachable))
  (core instance $i (instantiate $m (with "" (instance (export "set" (func $set))))))
  (func (export "go") async (canon lift (core func $i "go") async (callback (func $i "on")))))
