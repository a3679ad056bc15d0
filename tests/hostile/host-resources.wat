;; Makes resources of the host without end, and drops none.
(component
  (import "wasi:http/types@0.2.0" (instance $http
    (export "fields" (type $fields (sub resource)))
    (export "[constructor]fields" (func (result (own $fields))))))
  (core func $new (canon lower (func $http "[constructor]fields")))
  (core module $m
    (import "" "new" (func $new (result i32)))
    (func (export "go") (loop (drop (call $new)) (br 0))))
  (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
  (func (export "go") (canon lift (core func $i "go"))))
