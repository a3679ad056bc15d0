;; Implements `demo:abi/work` over the synchronous ABI: functions of async type that block where they stand, and can do
;; nothing once they have returned. `echo` waits for a clock of the host, `sum` for the stream that it is given.
(component
  (import "wasi:clocks/monotonic-clock@0.3.0" (instance $clock
    (export "wait-for" (func async (param "how-long" u64)))))
  (type $numbers (stream u32))
  (type $total (future u64))

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

  (core func $wait-for (canon lower (func $clock "wait-for")))
  (core func $stream-read (canon stream.read $numbers async (memory $libc "memory")))
  (core func $stream-drop (canon stream.drop-readable $numbers))
  (core func $future-new (canon future.new $total))
  (core func $future-write (canon future.write $total async (memory $libc "memory")))
  (core func $set-new (canon waitable-set.new))
  (core func $set-wait (canon waitable-set.wait (memory $libc "memory")))
  (core func $set-drop (canon waitable-set.drop))
  (core func $join (canon waitable.join))

  (core module $code
    (import "libc" "memory" (memory 1))
    (import "libc" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
    (import "" "wait-for" (func $wait-for (param i64)))
    (import "" "stream-read" (func $stream-read (param i32 i32 i32) (result i32)))
    (import "" "stream-drop" (func $stream-drop (param i32)))
    (import "" "future-new" (func $future-new (result i64)))
    (import "" "future-write" (func $future-write (param i32 i32) (result i32)))
    (import "" "set-new" (func $set-new (result i32)))
    (import "" "set-wait" (func $set-wait (param i32 i32) (result i32)))
    (import "" "set-drop" (func $set-drop (param i32)))
    (import "" "join" (func $join (param i32 i32)))

    (data (i32.const 0) ", lifted sync")
    (global $mark-len i32 (i32.const 13))

    ;; The text and who it was that answered, as a pointer and a length.
    (func $answer (param $text i32) (param $len i32) (result i32 i32)
      (local $new i32) (local $end i32)
      (local.set $end (i32.add (local.get $len) (global.get $mark-len)))
      (local.set $new (call $realloc (i32.const 0) (i32.const 0) (i32.const 1) (local.get $end)))
      (memory.copy (local.get $new) (local.get $text) (local.get $len))
      (memory.copy (i32.add (local.get $new) (local.get $len)) (i32.const 0) (global.get $mark-len))
      (local.get $new)
      (local.get $end))

    ;; Blocks until something happens to the waitable, and answers what: a status like those of reads and writes.
    (func $wait (param $waitable i32) (result i32)
      (local $set i32)
      (local.set $set (call $set-new))
      (call $join (local.get $waitable) (local.get $set))
      (drop (call $set-wait (local.get $set) (i32.const 128)))
      (call $join (local.get $waitable) (i32.const 0))
      (call $set-drop (local.get $set))
      (i32.load (i32.const 132)))

    ;; Adds up what a read brought: `count` numbers at 256.
    (func $sum-of (param $count i32) (result i64)
      (local $at i32) (local $sum i64)
      (local.set $at (i32.const 256))
      (loop $next
        (if (local.get $count) (then
          (local.set $sum (i64.add (local.get $sum) (i64.load32_u (local.get $at))))
          (local.set $at (i32.add (local.get $at) (i32.const 4)))
          (local.set $count (i32.sub (local.get $count) (i32.const 1)))
          (br $next))))
      (local.get $sum))

    (func (export "echo") (param $text i32) (param $len i32) (result i32)
      (local $new i32) (local $end i32)
      (call $wait-for (i64.const 2_000_000))
      (call $answer (local.get $text) (local.get $len))
      (local.set $end)
      (local.set $new)
      (i32.store (i32.const 64) (local.get $new))
      (i32.store (i32.const 68) (local.get $end))
      (i32.const 64))

    (func (export "sum") (param $numbers i32) (param $left i32) (result i32)
      (local $status i32) (local $sum i64) (local $ends i64)
      (loop $more
        (local.set $status (call $stream-read (local.get $numbers) (i32.const 256) (i32.const 16)))
        (if (i32.eq (local.get $status) (i32.const -1))
          (then (local.set $status (call $wait (local.get $numbers)))))
        (local.set $sum (i64.add (local.get $sum) (call $sum-of (i32.shr_u (local.get $status) (i32.const 4)))))
        (local.set $left (i32.sub (local.get $left) (i32.shr_u (local.get $status) (i32.const 4))))
        (br_if $more (local.get $left)))
      (call $stream-drop (local.get $numbers))
      ;; The write ends when the caller reads. Nobody is left here then to drop its end.
      (i64.store (i32.const 72) (local.get $sum))
      (local.set $ends (call $future-new))
      (drop (call $future-write (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))) (i32.const 72)))
      (i32.wrap_i64 (local.get $ends))))
  (core instance $code (instantiate $code
    (with "libc" (instance $libc))
    (with "" (instance
      (export "wait-for" (func $wait-for))
      (export "stream-read" (func $stream-read))
      (export "stream-drop" (func $stream-drop))
      (export "future-new" (func $future-new))
      (export "future-write" (func $future-write))
      (export "set-new" (func $set-new))
      (export "set-wait" (func $set-wait))
      (export "set-drop" (func $set-drop))
      (export "join" (func $join))))))

  (func $echo async (param "text" string) (result string)
    (canon lift (core func $code "echo") (memory $libc "memory") (realloc (func $libc "realloc"))))
  (func $sum async (param "numbers" $numbers) (param "n" u32) (result $total)
    (canon lift (core func $code "sum")))
  (instance $work (export "echo" (func $echo)) (export "sum" (func $sum)))
  (export "demo:abi/work@0.1.0" (instance $work)))
