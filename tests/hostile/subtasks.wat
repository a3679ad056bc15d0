;; Calls another component without end, which never returns.
(component
  (component $never
    (core func $set (canon waitable-set.new))
    (core module $m
      (import "" "set" (func $set (result i32)))
      (func (export "f") (result i32) (i32.or (i32.shl (call $set) (i32.const 4)) (i32.const 2)))
      (func (export "on") (param i32 i32 i32) (result i32) unreachable))
    (core instance $i (instantiate $m (with "" (instance (export "set" (func $set))))))
    (func (export "f") async (canon lift (core func $i "f") async (callback (func $i "on")))))
  (instance $never (instantiate $never))
  (component $calls
    (import "f" (func $f async))
    (core func $f (canon lower (func $f) async))
    (core module $m
      (import "" "f" (func $f (result i32)))
      (func (export "go") (loop (drop (call $f)) (br 0))))
    (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
    (func (export "go") (canon lift (core func $i "go"))))
  (instance $calls (instantiate $calls (with "f" (func $never "f"))))
  (export "go" (func $calls "go")))
