;; Calls itself without end.
(component
  (core module $m (func $go (export "go") (call $go)))
  (core instance $i (instantiate $m))
  (func (export "go") (canon lift (core func $i "go"))))
