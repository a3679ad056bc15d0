;; Starts timers of the host without end, each a task of its own.
(component
  (import "wasi:clocks/monotonic-clock@0.3.0" (instance $clock
    (export "wait-for" (func async (param "how-long" u64)))))
  (core func $wait (canon lower (func $clock "wait-for") async))
  (core module $m
    (import "" "wait" (func $wait (param i64) (result i32)))
    (func (export "go") (loop (drop (call $wait (i64.const 0xffffffffffffff))) (br 0))))
  (core instance $i (instantiate $m (with "" (instance (export "wait" (func $wait))))))
  (func (export "go") (canon lift (core func $i "go"))))
