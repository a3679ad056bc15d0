;; Waits for 146 years.
(component
  (import "wasi:clocks/monotonic-clock@0.3.0" (instance $clock
    (export "wait-for" (func async (param "how-long" u64)))))
  (core func $wait (canon lower (func $clock "wait-for")))
  (core module $m
    (import "" "wait" (func $wait (param i64)))
    (func (export "go") (call $wait (i64.const 0x3fffffffffffffff))))
  (core instance $i (instantiate $m (with "" (instance (export "wait" (func $wait))))))
  (func (export "go") async (canon lift (core func $i "go"))))
