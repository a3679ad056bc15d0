;; Calls functions of either type, each over the ABI of its type: only functions of async type can be called over the
;; asynchronous one. ENCODING is how it keeps text.
(component
  (import "demo:abi/plain@0.1.0" (instance $plain
    (export "echo" (func (param "text" string) (result string)))
    (export "echo-async" (func async (param "text" string) (result string)))))

  ;; Memory, and an allocator that never frees.
  (core module $libc
    (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 1024))
    (func (export "realloc") (param $old i32) (param $had i32) (param $align i32) (param $size i32) (result i32)
      (local $new i32)
      (local.set $new (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
      (global.set $top (i32.add (local.get $new) (local.get $size)))
      (memory.copy (local.get $new) (local.get $old)
        (select (local.get $had) (local.get $size) (i32.lt_u (local.get $had) (local.get $size))))
      (local.get $new)))
  (core instance $libc (instantiate $libc))

  (core func $call-sync
    (canon lower (func $plain "echo") (memory $libc "memory") (realloc (func $libc "realloc")) string-encoding=ENCODING))
  (core func $call-async
    (canon lower (func $plain "echo-async") async (memory $libc "memory") (realloc (func $libc "realloc")) string-encoding=ENCODING))

  (core module $code
    (import "libc" "memory" (memory 1))
    (import "" "call-sync" (func $call-sync (param i32 i32 i32)))
    (import "" "call-async" (func $call-async (param i32 i32 i32) (result i32)))
    (func (export "echo-sync") (param $text i32) (param $len i32) (result i32)
      (call $call-sync (local.get $text) (local.get $len) (i32.const 64))
      (i32.const 64))
    ;; The callee does not block, so the call has returned (2).
    (func (export "echo-async") (param $text i32) (param $len i32) (result i32)
      (if (i32.ne (call $call-async (local.get $text) (local.get $len) (i32.const 64)) (i32.const 2))
        (then unreachable))
      (i32.const 64)))
  (core instance $code (instantiate $code
    (with "libc" (instance $libc))
    (with "" (instance
      (export "call-sync" (func $call-sync))
      (export "call-async" (func $call-async))))))

  (func (export "echo-sync") (param "text" string) (result string)
    (canon lift (core func $code "echo-sync") (memory $libc "memory") (realloc (func $libc "realloc")) string-encoding=ENCODING))
  (func (export "echo-async") (param "text" string) (result string)
    (canon lift (core func $code "echo-async") (memory $libc "memory") (realloc (func $libc "realloc")) string-encoding=ENCODING)))
