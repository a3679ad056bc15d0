;; Grows many memories, of several instances, none of them much.
(component
  (core module $m
    (memory $a 1) (memory $b 1) (memory $c 1) (memory $d 1)
    (func (export "grow") (loop
      (drop (memory.grow $a (i32.const 16)))
      (drop (memory.grow $b (i32.const 16)))
      (drop (memory.grow $c (i32.const 16)))
      (drop (memory.grow $d (i32.const 16)))
      (br_if 0 (i32.lt_u (memory.size $a) (i32.const 400))))))
  (core instance $a (instantiate $m))
  (core instance $b (instantiate $m))
  (core instance $c (instantiate $m))
  (core module $all
    (import "a" "grow" (func $a))
    (import "b" "grow" (func $b))
    (import "c" "grow" (func $c))
    (func (export "go") (call $a) (call $b) (call $c)))
  (core instance $i (instantiate $all
    (with "a" (instance $a)) (with "b" (instance $b)) (with "c" (instance $c))))
  (func (export "go") (canon lift (core func $i "go"))))
