;; Has calls without end that each wait on a stack of their own.
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
  (component $waits
    (import "f" (func $f async))
    (core func $f (canon lower (func $f)))
    (core module $m
      (import "" "f" (func $f))
      (func (export "g") (call $f)))
    (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
    (func (export "g") async (canon lift (core func $i "g") async)))
  (instance $waits (instantiate $waits (with "f" (func $never "f"))))
  (component $calls
    (import "g" (func $g async))
    (core func $g (canon lower (func $g) async))
    (core module $m
      (import "" "g" (func $g (result i32)))
      (func (export "go") (loop (drop (call $g)) (br 0))))
    (core instance $i (instantiate $m (with "" (instance (export "g" (func $g))))))
    (func (export "go") (canon lift (core func $i "go"))))
  (instance $calls (instantiate $calls (with "g" (func $waits "g"))))
  (export "go" (func $calls "go")))
