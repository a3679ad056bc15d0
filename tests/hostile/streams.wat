;; Makes streams without end, and drops none.
(component
  (type $t (stream u8))
  (core func $new (canon stream.new $t))
  (core module $m
    (import "" "new" (func $new (result i64)))
    (func (export "go") (loop (drop (call $new)) (br 0))))
  (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
  (func (export "go") (canon lift (core func $i "go"))))
