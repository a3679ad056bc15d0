;; Runs two commands one after the other, so that a pairing is compiled once for both of them.
;; Shows async functions behind names that only wires can match: called and implemented over the synchronous ABI.
(component
  (import "demo:heads/app@0.1.0" (instance $app (export "run" (func async (result (result))))))
  (import "demo:heads/stress@0.1.0" (instance $stress (export "run" (func async (result (result))))))

  (core func $app (canon lower (func $app "run")))
  (core func $stress (canon lower (func $stress "run")))
  (core module $code
    (import "app" "run" (func $app (result i32)))
    (import "stress" "run" (func $stress (result i32)))
    ;; 0 is ok, 1 is error.
    (func (export "run") (result i32) (i32.or (call $app) (call $stress))))
  (core instance $code (instantiate $code
    (with "app" (instance (export "run" (func $app))))
    (with "stress" (instance (export "run" (func $stress))))))

  (func $run async (result (result)) (canon lift (core func $code "run")))
  (instance $command (export "run" (func $run)))
  (export "wasi:cli/run@0.3.2" (instance $command)))
