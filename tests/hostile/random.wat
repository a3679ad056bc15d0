;; Asks the host for 2^60 random bytes.
(component
  (import "wasi:random/random@0.2.0" (instance $random
    (export "get-random-bytes" (func (param "len" u64) (result (list u8))))))
  (core module $libc
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16)))
  (core instance $libc (instantiate $libc))
  (core func $get (canon lower (func $random "get-random-bytes")
    (memory $libc "memory") (realloc (func $libc "realloc"))))
  (core module $m
    (import "" "get" (func $get (param i64 i32)))
    (func (export "go") (call $get (i64.const 0x1000000000000000) (i32.const 0))))
  (core instance $i (instantiate $m (with "" (instance (export "get" (func $get))))))
  (func (export "go") (canon lift (core func $i "go"))))
