;; Never gives the host a turn.
(component
  (core module $m (func (export "go") (loop (br 0))))
  (core instance $i (instantiate $m))
  (func (export "go") (canon lift (core func $i "go"))))
