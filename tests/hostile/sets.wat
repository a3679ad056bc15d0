;; Makes sets of waitables without end, and drops none.
(component
  (core func $new (canon waitable-set.new))
  (core module $m
    (import "" "new" (func $new (result i32)))
    (func (export "go") (loop (drop (call $new)) (br 0))))
  (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
  (func (export "go") (canon lift (core func $i "go"))))
