;; Waits for another thread, of which there is none.
(component
  (core module $m
    (memory 1 1 shared)
    (func (export "go")
      (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))
  (core instance $i (instantiate $m))
  (func (export "go") (canon lift (core func $i "go"))))
