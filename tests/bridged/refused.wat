;; A resource, and a start function. The test puts a call of `get` in the place of one of the comments inside.
(component
  (import "get" (func $get))
  (core func $get-core (canon lower (func $get)))
  (core module $m
    (import "" "get" (func $get))
    (func (export "new") (result i32)
      ;; a constructor
      (i32.const 0))
    (func (export "drop") (param i32)
      ;; a destructor
    )
    (func $start
      ;; a start function
    )
    (start $start)
    (func (export "other")))
  (core instance $i (instantiate $m (with "" (instance (export "get" (func $get-core))))))
  (type $r (resource (rep i32) (dtor (func $i "drop"))))
  (core func $new (canon resource.new $r))
  (core module $w
    (import "" "new" (func $new (result i32)))
    (import "" "make" (func $make (param i32) (result i32)))
    (func (export "new") (result i32) (call $make (call $new))))
  (core instance $wi (instantiate $w (with "" (instance
    (export "new" (func $i "new")) (export "make" (func $new))))))
  (export $re "r" (type $r))
  (func $ctor (result (own $re)) (canon lift (core func $wi "new")))
  (export "[constructor]r" (func $ctor))
  (func $other (canon lift (core func $i "other")))
  (export "other" (func $other)))
