;; Implements `demo:abi/work` over the asynchronous ABI with callbacks: a function never blocks, it returns what it waits
;; for and is called back. What a call must remember is a block of memory, whose address is in the task's context slot.
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

  (core func $wait-for (canon lower (func $clock "wait-for") async))
  (core func $subtask-drop (canon subtask.drop))
  (core func $stream-read (canon stream.read $numbers async (memory $libc "memory")))
  (core func $stream-drop (canon stream.drop-readable $numbers))
  (core func $future-new (canon future.new $total))
  (core func $future-write (canon future.write $total async (memory $libc "memory")))
  (core func $future-drop (canon future.drop-writable $total))
  (core func $set-new (canon waitable-set.new))
  (core func $set-drop (canon waitable-set.drop))
  (core func $join (canon waitable.join))
  (core func $return-echo (canon task.return (result string) (memory $libc "memory")))
  (core func $return-sum (canon task.return (result $total)))
  (core func $context-get (canon context.get i32 0))
  (core func $context-set (canon context.set i32 0))

  (core module $code
    (import "libc" "memory" (memory 1))
    (import "libc" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
    (import "" "wait-for" (func $wait-for (param i64) (result i32)))
    (import "" "subtask-drop" (func $subtask-drop (param i32)))
    (import "" "stream-read" (func $stream-read (param i32 i32 i32) (result i32)))
    (import "" "stream-drop" (func $stream-drop (param i32)))
    (import "" "future-new" (func $future-new (result i64)))
    (import "" "future-write" (func $future-write (param i32 i32) (result i32)))
    (import "" "future-drop" (func $future-drop (param i32)))
    (import "" "set-new" (func $set-new (result i32)))
    (import "" "set-drop" (func $set-drop (param i32)))
    (import "" "join" (func $join (param i32 i32)))
    (import "" "return-echo" (func $return-echo (param i32 i32)))
    (import "" "return-sum" (func $return-sum (param i32)))
    (import "" "context-get" (func $context-get (result i32)))
    (import "" "context-set" (func $context-set (param i32)))

    (data (i32.const 0) ", lifted callback")
    (global $mark-len i32 (i32.const 17))

    ;; The text and who it was that answered, as a pointer and a length.
    (func $answer (param $text i32) (param $len i32) (result i32 i32)
      (local $new i32) (local $end i32)
      (local.set $end (i32.add (local.get $len) (global.get $mark-len)))
      (local.set $new (call $realloc (i32.const 0) (i32.const 0) (i32.const 1) (local.get $end)))
      (memory.copy (local.get $new) (local.get $text) (local.get $len))
      (memory.copy (i32.add (local.get $new) (local.get $len)) (i32.const 0) (global.get $mark-len))
      (local.get $new)
      (local.get $end))

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

    ;; What a callback answers: 0 is the end, 2 with a set is to be called when something happens in it.
    (func $wait-in (param $set i32) (result i32)
      (i32.or (i32.shl (local.get $set) (i32.const 4)) (i32.const 2)))

    ;; A call: text at 0, its length at 4, set at 8.
    (func (export "echo") (param $text i32) (param $len i32) (result i32)
      (local $call i32) (local $status i32)
      (local.set $status (call $wait-for (i64.const 2_000_000)))
      ;; The clock has not struck yet: it is a subtask that has started.
      (if (i32.ne (i32.and (local.get $status) (i32.const 0xf)) (i32.const 1)) (then unreachable))
      (local.set $call (call $realloc (i32.const 0) (i32.const 0) (i32.const 8) (i32.const 16)))
      (i32.store offset=0 (local.get $call) (local.get $text))
      (i32.store offset=4 (local.get $call) (local.get $len))
      (i32.store offset=8 (local.get $call) (call $set-new))
      (call $context-set (local.get $call))
      (call $join (i32.shr_u (local.get $status) (i32.const 4)) (i32.load offset=8 (local.get $call)))
      (call $wait-in (i32.load offset=8 (local.get $call))))

    (func (export "echo-callback") (param $event i32) (param $subtask i32) (param $state i32) (result i32)
      (local $call i32)
      (local.set $call (call $context-get))
      (call $join (local.get $subtask) (i32.const 0))
      (call $subtask-drop (local.get $subtask))
      (call $set-drop (i32.load offset=8 (local.get $call)))
      (call $return-echo (call $answer (i32.load (local.get $call)) (i32.load offset=4 (local.get $call))))
      (i32.const 0))

    ;; A call: sum at 0, stream at 8, how many numbers are to come at 12, set at 16, the future's end at 20.
    (func (export "sum") (param $numbers i32) (param $left i32) (result i32)
      (local $call i32) (local $ends i64)
      (local.set $call (call $realloc (i32.const 0) (i32.const 0) (i32.const 8) (i32.const 24)))
      (local.set $ends (call $future-new))
      (i64.store offset=0 (local.get $call) (i64.const 0))
      (i32.store offset=8 (local.get $call) (local.get $numbers))
      (i32.store offset=12 (local.get $call) (local.get $left))
      (i32.store offset=16 (local.get $call) (call $set-new))
      (i32.store offset=20 (local.get $call) (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
      (call $context-set (local.get $call))
      ;; Answers first: the rest happens while the caller goes on.
      (call $return-sum (i32.wrap_i64 (local.get $ends)))
      (call $go-on (local.get $call)))

    ;; Reads until all numbers are there, then writes their sum.
    (func $go-on (param $call i32) (result i32)
      (local $status i32)
      (if (i32.load offset=12 (local.get $call)) (then
        (local.set $status (call $stream-read (i32.load offset=8 (local.get $call)) (i32.const 256) (i32.const 16)))
        (if (i32.eq (local.get $status) (i32.const -1)) (then
          (call $join (i32.load offset=8 (local.get $call)) (i32.load offset=16 (local.get $call)))
          (return (call $wait-in (i32.load offset=16 (local.get $call))))))
        (call $took (local.get $call) (local.get $status))
        (return (call $go-on (local.get $call)))))
      (call $stream-drop (i32.load offset=8 (local.get $call)))
      (if (i32.eq (call $future-write (i32.load offset=20 (local.get $call)) (local.get $call)) (i32.const -1)) (then
        (call $join (i32.load offset=20 (local.get $call)) (i32.load offset=16 (local.get $call)))
        (return (call $wait-in (i32.load offset=16 (local.get $call))))))
      (call $end (local.get $call)))

    (func $took (param $call i32) (param $status i32)
      (local $count i32)
      (local.set $count (i32.shr_u (local.get $status) (i32.const 4)))
      (i64.store (local.get $call) (i64.add (i64.load (local.get $call)) (call $sum-of (local.get $count))))
      (i32.store offset=12 (local.get $call) (i32.sub (i32.load offset=12 (local.get $call)) (local.get $count))))

    (func $end (param $call i32) (result i32)
      (call $future-drop (i32.load offset=20 (local.get $call)))
      (call $set-drop (i32.load offset=16 (local.get $call)))
      (i32.const 0))

    ;; 2 is the end of a read of the stream, 5 that of the write of the future.
    (func (export "sum-callback") (param $event i32) (param $end i32) (param $status i32) (result i32)
      (call $join (local.get $end) (i32.const 0))
      (if (i32.eq (local.get $event) (i32.const 5)) (then (return (call $end (call $context-get)))))
      (call $took (call $context-get) (local.get $status))
      (call $go-on (call $context-get))))
  (core instance $code (instantiate $code
    (with "libc" (instance $libc))
    (with "" (instance
      (export "wait-for" (func $wait-for))
      (export "subtask-drop" (func $subtask-drop))
      (export "stream-read" (func $stream-read))
      (export "stream-drop" (func $stream-drop))
      (export "future-new" (func $future-new))
      (export "future-write" (func $future-write))
      (export "future-drop" (func $future-drop))
      (export "set-new" (func $set-new))
      (export "set-drop" (func $set-drop))
      (export "join" (func $join))
      (export "return-echo" (func $return-echo))
      (export "return-sum" (func $return-sum))
      (export "context-get" (func $context-get))
      (export "context-set" (func $context-set))))))

  (func $echo async (param "text" string) (result string)
    (canon lift (core func $code "echo") (memory $libc "memory") (realloc (func $libc "realloc")) async (callback (func $code "echo-callback"))))
  (func $sum async (param "numbers" $numbers) (param "n" u32) (result $total)
    (canon lift (core func $code "sum") async (callback (func $code "sum-callback"))))
  (instance $work (export "echo" (func $echo)) (export "sum" (func $sum)))
  (export "demo:abi/work@0.1.0" (instance $work)))
