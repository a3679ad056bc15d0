;; Waits for a call of another component that never returns.
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
    (core func $set (canon waitable-set.new))
    (core func $join (canon waitable.join))
    (core module $m
      (import "" "f" (func $f (result i32)))
      (import "" "set" (func $set (result i32)))
      (import "" "join" (func $join (param i32 i32)))
      (func (export "go") (result i32)
        (local $set i32)
        (local.set $set (call $set))
        (call $join (i32.shr_u (call $f) (i32.const 4)) (local.get $set))
        (i32.or (i32.shl (local.get $set) (i32.const 4)) (i32.const 2)))
      (func (export "on") (param i32 i32 i32) (result i32) unreachable))
    (core instance $i (instantiate $m (with "" (instance
      (export "f" (func $f)) (export "set" (func $set)) (export "join" (func $join))))))
    (func (export "go") async (canon lift (core func $i "go") async (callback (func $i "on")))))
  (instance $calls (instantiate $calls (with "f" (func $never "f"))))
  (export "go" (func $calls "go")))
