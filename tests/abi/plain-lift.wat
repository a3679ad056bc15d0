;; Implements functions of either type that answer the text they are given. ENCODING is how it keeps text.
(component
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

  (core module $code
    (import "libc" "memory" (memory 1))
    (func (export "echo") (param $text i32) (param $len i32) (result i32)
      (i32.store (i32.const 64) (local.get $text))
      (i32.store (i32.const 68) (local.get $len))
      (i32.const 64)))
  (core instance $code (instantiate $code (with "libc" (instance $libc))))

  (func $echo (param "text" string) (result string)
    (canon lift (core func $code "echo") (memory $libc "memory") (realloc (func $libc "realloc")) string-encoding=ENCODING))
  (func $echo-async async (param "text" string) (result string)
    (canon lift (core func $code "echo") (memory $libc "memory") (realloc (func $libc "realloc"))
      string-encoding=ENCODING))
  (instance $plain (export "echo" (func $echo)) (export "echo-async" (func $echo-async)))
  (export "demo:abi/plain@0.1.0" (instance $plain)))
