;; Declares all the memory that there can be.
(component
  (core module $m (memory 65536) (func (export "go")))
  (core instance $i (instantiate $m))
  (func (export "go") (canon lift (core func $i "go"))))
