;; Calls `demo:abi/work` over the synchronous ABI: each call blocks until the callee has answered. `echo` and `sum` are
;; lifted that way too.
(component
  (type $numbers (stream u32))
  (type $total (future u64))
  (import "demo:abi/work@0.1.0" (instance $work
    (export "echo" (func async (param "text" string) (result string)))
    (export "sum" (func async (param "numbers" (stream u32)) (param "n" u32) (result (future u64))))))

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

  (core func $call-echo (canon lower (func $work "echo") (memory $libc "memory") (realloc (func $libc "realloc"))))
  (core func $call-sum (canon lower (func $work "sum")))
  (core func $stream-new (canon stream.new $numbers))
  (core func $stream-write (canon stream.write $numbers async (memory $libc "memory")))
  (core func $stream-drop (canon stream.drop-writable $numbers))
  (core func $future-read (canon future.read $total async (memory $libc "memory")))
  (core func $future-drop (canon future.drop-readable $total))
  (core func $set-new (canon waitable-set.new))
  (core func $set-wait (canon waitable-set.wait (memory $libc "memory")))
  (core func $set-drop (canon waitable-set.drop))
  (core func $join (canon waitable.join))

  (core module $code
    (import "libc" "memory" (memory 1))
    (import "" "call-echo" (func $call-echo (param i32 i32 i32)))
    (import "" "call-sum" (func $call-sum (param i32 i32) (result i32)))
    (import "" "stream-new" (func $stream-new (result i64)))
    (import "" "stream-write" (func $stream-write (param i32 i32 i32) (result i32)))
    (import "" "stream-drop" (func $stream-drop (param i32)))
    (import "" "future-read" (func $future-read (param i32 i32) (result i32)))
    (import "" "future-drop" (func $future-drop (param i32)))
    (import "" "set-new" (func $set-new (result i32)))
    (import "" "set-wait" (func $set-wait (param i32 i32) (result i32)))
    (import "" "set-drop" (func $set-drop (param i32)))
    (import "" "join" (func $join (param i32 i32)))

    ;; Blocks until something happens to the waitable, and answers what: a status like those of reads and writes.
    (func $wait (param $waitable i32) (result i32)
      (local $set i32)
      (local.set $set (call $set-new))
      (call $join (local.get $waitable) (local.get $set))
      (drop (call $set-wait (local.get $set) (i32.const 128)))
      (call $join (local.get $waitable) (i32.const 0))
      (call $set-drop (local.get $set))
      (i32.load (i32.const 132)))

    ;; The numbers below n, at 256.
    (func $fill (param $n i32)
      (loop $next
        (if (local.get $n) (then
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (i32.store offset=256 (i32.shl (local.get $n) (i32.const 2)) (local.get $n))
          (br $next)))))

    (func (export "echo") (param $text i32) (param $len i32) (result i32)
      (call $call-echo (local.get $text) (local.get $len) (i32.const 64))
      (i32.const 64))

    ;; Whoever is in a call cannot write: so the write begins before it.
    (func (export "sum") (param $n i32) (result i64)
      (local $ends i64) (local $writer i32) (local $total i32)
      (call $fill (local.get $n))
      (local.set $ends (call $stream-new))
      (local.set $writer (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
      (if (i32.ne (call $stream-write (local.get $writer) (i32.const 256) (local.get $n)) (i32.const -1))
        (then unreachable))
      (local.set $total (call $call-sum (i32.wrap_i64 (local.get $ends)) (local.get $n)))
      (drop (call $wait (local.get $writer)))
      (call $stream-drop (local.get $writer))
      (if (i32.eq (call $future-read (local.get $total) (i32.const 72)) (i32.const -1))
        (then (drop (call $wait (local.get $total)))))
      (call $future-drop (local.get $total))
      (i64.load (i32.const 72))))
  (core instance $code (instantiate $code
    (with "libc" (instance $libc))
    (with "" (instance
      (export "call-echo" (func $call-echo))
      (export "call-sum" (func $call-sum))
      (export "stream-new" (func $stream-new))
      (export "stream-write" (func $stream-write))
      (export "stream-drop" (func $stream-drop))
      (export "future-read" (func $future-read))
      (export "future-drop" (func $future-drop))
      (export "set-new" (func $set-new))
      (export "set-wait" (func $set-wait))
      (export "set-drop" (func $set-drop))
      (export "join" (func $join))))))

  (func (export "echo") async (param "text" string) (result string)
    (canon lift (core func $code "echo") (memory $libc "memory") (realloc (func $libc "realloc"))))
  (func (export "sum") async (param "n" u32) (result u64) (canon lift (core func $code "sum"))))
