;; Never gets as far as to be called.
(component
  (core module $m
    (func $spin (loop (br 0)))
    (start $spin)
    (func (export "go")))
  (core instance $i (instantiate $m))
  (func (export "go") (canon lift (core func $i "go"))))
