;; Declares tables of several GiB.
(component
  (core module $m
    (table 10000000 funcref) (table 10000000 funcref) (table 10000000 funcref) (table 10000000 funcref)
    (table 10000000 funcref) (table 10000000 funcref) (table 10000000 funcref) (table 10000000 funcref)
    (func (export "go")))
  (core instance $i1 (instantiate $m)) (core instance $i2 (instantiate $m))
  (core instance $i3 (instantiate $m)) (core instance $i4 (instantiate $m))
  (core instance $i5 (instantiate $m)) (core instance $i6 (instantiate $m))
  (core instance $i7 (instantiate $m)) (core instance $i8 (instantiate $m))
  (func (export "go") (canon lift (core func $i1 "go"))))
