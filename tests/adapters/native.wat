;; Both sides of a number in one component, with the asynchronous ABI on either side: what a call costs that is built as
;; async.
(component
  (component $provider
    (core module $m
      (import "" "return" (func $return (param i32)))
      (func (export "next") (param i32) (result i32)
        (call $return (i32.add (local.get 0) (i32.const 1)))
        (i32.const 0))
      (func (export "callback") (param i32 i32 i32) (result i32) (unreachable)))
    (core func $return (canon task.return (result u32)))
    (core instance $i (instantiate $m (with "" (instance (export "return" (func $return))))))
    (func (export "next") async (param "n" u32) (result u32)
      (canon lift (core func $i "next") async (callback (func $i "callback")))))
  (component $importer
    (import "next" (func $next async (param "n" u32) (result u32)))
    (core module $libc (memory (export "memory") 1))
    (core instance $libc (instantiate $libc))
    (core func $next (canon lower (func $next) async (memory $libc "memory")))
    (core module $code
      (import "libc" "memory" (memory 1))
      (import "" "next" (func $next (param i32 i32) (result i32)))
      (func (export "count") (param $left i32) (result i32)
        (i32.store (i32.const 64) (i32.const 0))
        (block $done (loop $again
          (br_if $done (i32.eqz (local.get $left)))
          (if (i32.ne (call $next (i32.load (i32.const 64)) (i32.const 64)) (i32.const 2)) (then (unreachable)))
          (local.set $left (i32.sub (local.get $left) (i32.const 1)))
          (br $again)))
        (i32.load (i32.const 64))))
    (core instance $code (instantiate $code
      (with "libc" (instance $libc)) (with "" (instance (export "next" (func $next))))))
    (func (export "count") async (param "times" u32) (result u32) (canon lift (core func $code "count"))))
  (instance $p (instantiate $provider))
  (instance $i (instantiate $importer (with "next" (func $p "next"))))
  (export "count" (func $i "count")))
