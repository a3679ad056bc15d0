;; What `wcompose doctor` runs: a function that answers, one that never ends, and one that takes all memory it can get.
(component
  (core module $probe
    (memory 1)
    (func (export "answer") (result i32) (i32.const 42))
    (func (export "spin") (loop $forever (br $forever)))
    (func (export "grow") (drop (memory.grow (i32.const 16384)))))
  (core instance $probe (instantiate $probe))
  (func (export "answer") (result u32) (canon lift (core func $probe "answer")))
  (func (export "spin") (canon lift (core func $probe "spin")))
  (func (export "grow") (canon lift (core func $probe "grow"))))
