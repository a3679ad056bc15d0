;; Takes a hundred of what it is asked to take, says what it sees, and means no harm.
(component
  (import "wasi:cli/environment@0.2.0" (instance $environment
    (export "get-environment" (func (result (list (tuple string string)))))))
  (core module $libc
    (memory (export "memory") 16)
    (global $free (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32)
      (global.get $free)
      (global.set $free
        (i32.and (i32.add (global.get $free) (i32.add (local.get $size) (i32.const 7))) (i32.const -8)))))
  (core instance $libc (instantiate $libc))
  (core func $environment (canon lower (func $environment "get-environment")
    (memory $libc "memory") (realloc (func $libc "realloc"))))
  (component)
  (core func $set (canon waitable-set.new))
  (core module $m
    (import "libc" "memory" (memory 1))
    (import "" "environment" (func $environment (param i32)))
    (import "" "set" (func $set (result i32)))
    (func (export "nothing"))
    (func (export "pages") (drop (memory.grow (i32.const 100))))
    (func (export "handles") (local $n i32)
      (loop
        (drop (call $set))
        (br_if 0 (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 100)))))
    (func (export "bytes") (result i32) (i32.store (i32.const 4) (i32.const 100)) (i32.const 0))
    (func (export "environment") (result i32) (call $environment (i32.const 16)) (i32.const 16))
    (func (export "seconds") (loop (br 0))))
  (core instance $i (instantiate $m (with "libc" (instance $libc)) (with "" (instance
    (export "environment" (func $environment)) (export "set" (func $set))))))
  (func (export "nothing") (canon lift (core func $i "nothing")))
  (func (export "pages") (canon lift (core func $i "pages")))
  (func (export "handles") (canon lift (core func $i "handles")))
  (func (export "bytes") (result (list u8)) (canon lift (core func $i "bytes") (memory $libc "memory")))
  (func (export "environment") (result (list (tuple string string)))
    (canon lift (core func $i "environment") (memory $libc "memory")))
  (func (export "seconds") (canon lift (core func $i "seconds"))))
