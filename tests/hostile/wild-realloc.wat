;; Says that room for its argument is where no memory is.
(component
  (core module $m
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const -8))
    (func (export "go") (param i32 i32)))
  (core instance $i (instantiate $m))
  (func (export "go") (param "text" string)
    (canon lift (core func $i "go") (memory $i "memory") (realloc (func $i "realloc")))))
