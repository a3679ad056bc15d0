;; Calls `demo:abi/work` over the asynchronous ABI: a call that cannot end at once becomes a subtask. `echo` and `sum` are
;; lifted with callbacks. One call of them at a time: what they remember is in globals.
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

  (core func $call-echo (canon lower (func $work "echo") async (memory $libc "memory") (realloc (func $libc "realloc"))))
  (core func $call-sum (canon lower (func $work "sum") async (memory $libc "memory")))
  (core func $subtask-drop (canon subtask.drop))
  (core func $stream-new (canon stream.new $numbers))
  (core func $stream-write (canon stream.write $numbers async (memory $libc "memory")))
  (core func $stream-drop (canon stream.drop-writable $numbers))
  (core func $future-read (canon future.read $total async (memory $libc "memory")))
  (core func $future-drop (canon future.drop-readable $total))
  (core func $set-new (canon waitable-set.new))
  (core func $set-drop (canon waitable-set.drop))
  (core func $join (canon waitable.join))
  (core func $return-echo (canon task.return (result string) (memory $libc "memory")))
  (core func $return-sum (canon task.return (result u64)))

  (core module $code
    (import "libc" "memory" (memory 1))
    (import "" "call-echo" (func $call-echo (param i32 i32 i32) (result i32)))
    (import "" "call-sum" (func $call-sum (param i32 i32 i32) (result i32)))
    (import "" "subtask-drop" (func $subtask-drop (param i32)))
    (import "" "stream-new" (func $stream-new (result i64)))
    (import "" "stream-write" (func $stream-write (param i32 i32 i32) (result i32)))
    (import "" "stream-drop" (func $stream-drop (param i32)))
    (import "" "future-read" (func $future-read (param i32 i32) (result i32)))
    (import "" "future-drop" (func $future-drop (param i32)))
    (import "" "set-new" (func $set-new (result i32)))
    (import "" "set-drop" (func $set-drop (param i32)))
    (import "" "join" (func $join (param i32 i32)))
    (import "" "return-echo" (func $return-echo (param i32 i32)))
    (import "" "return-sum" (func $return-sum (param i64)))

    (global $set (mut i32) (i32.const 0))
    (global $writer (mut i32) (i32.const 0))
    (global $called (mut i32) (i32.const 0))
    (global $written (mut i32) (i32.const 0))

    ;; Asks to be called when something happens to what was joined.
    (func $wait (result i32) (i32.or (i32.shl (global.get $set) (i32.const 4)) (i32.const 2)))
    (func $join-set (param $waitable i32) (call $join (local.get $waitable) (global.get $set)))
    ;; The numbers below n, at 256.
    (func $fill (param $n i32)
      (loop $next
        (if (local.get $n) (then
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (i32.store offset=256 (i32.shl (local.get $n) (i32.const 2)) (local.get $n))
          (br $next)))))

    (func (export "echo") (param $text i32) (param $len i32) (result i32)
      (local $status i32)
      (global.set $set (call $set-new))
      (local.set $status (call $call-echo (local.get $text) (local.get $len) (i32.const 64)))
      ;; The callee waits for a clock: it has started (1), and cannot have returned (2).
      (if (i32.ne (i32.and (local.get $status) (i32.const 0xf)) (i32.const 1)) (then unreachable))
      (call $join-set (i32.shr_u (local.get $status) (i32.const 4)))
      (call $wait))

    (func (export "echo-callback") (param $event i32) (param $subtask i32) (param $state i32) (result i32)
      (if (i32.ne (local.get $state) (i32.const 2)) (then (return (call $wait))))
      (call $join (local.get $subtask) (i32.const 0))
      (call $subtask-drop (local.get $subtask))
      (call $set-drop (global.get $set))
      (call $return-echo (i32.load (i32.const 64)) (i32.load (i32.const 68)))
      (i32.const 0))

    ;; Calls first and writes then: a callee that reads before it answers has to wait.
    (func (export "sum") (param $n i32) (result i32)
      (local $ends i64) (local $status i32)
      (global.set $set (call $set-new))
      (global.set $called (i32.const 0))
      (global.set $written (i32.const 0))
      (call $fill (local.get $n))
      (local.set $ends (call $stream-new))
      (global.set $writer (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
      (local.set $status (call $call-sum (i32.wrap_i64 (local.get $ends)) (local.get $n) (i32.const 80)))
      (if (i32.eq (i32.and (local.get $status) (i32.const 0xf)) (i32.const 2))
        (then (global.set $called (i32.const 1)))
        (else (call $join-set (i32.shr_u (local.get $status) (i32.const 4)))))
      (if (i32.eq (call $stream-write (global.get $writer) (i32.const 256) (local.get $n)) (i32.const -1))
        (then (call $join-set (global.get $writer)))
        (else (global.set $written (i32.const 1))))
      (call $go-on))

    ;; Once the call has returned and the numbers are written, reads the future that the call gave.
    (func $go-on (result i32)
      (if (i32.eqz (i32.and (global.get $called) (global.get $written))) (then (return (call $wait))))
      (call $stream-drop (global.get $writer))
      (if (i32.eq (call $future-read (i32.load (i32.const 80)) (i32.const 72)) (i32.const -1)) (then
        (call $join-set (i32.load (i32.const 80)))
        (return (call $wait))))
      (call $end))

    (func $end (result i32)
      (call $future-drop (i32.load (i32.const 80)))
      (call $set-drop (global.get $set))
      (call $return-sum (i64.load (i32.const 72)))
      (i32.const 0))

    ;; 1 is news of the subtask, 3 the end of the write of the stream, 4 that of the read of the future.
    (func (export "sum-callback") (param $event i32) (param $waitable i32) (param $state i32) (result i32)
      (if (i32.eq (local.get $event) (i32.const 1)) (then
        (if (i32.ne (local.get $state) (i32.const 2)) (then (return (call $wait))))
        (call $join (local.get $waitable) (i32.const 0))
        (call $subtask-drop (local.get $waitable))
        (global.set $called (i32.const 1))
        (return (call $go-on))))
      (call $join (local.get $waitable) (i32.const 0))
      (if (i32.eq (local.get $event) (i32.const 4)) (then (return (call $end))))
      (global.set $written (i32.const 1))
      (call $go-on)))
  (core instance $code (instantiate $code
    (with "libc" (instance $libc))
    (with "" (instance
      (export "call-echo" (func $call-echo))
      (export "call-sum" (func $call-sum))
      (export "subtask-drop" (func $subtask-drop))
      (export "stream-new" (func $stream-new))
      (export "stream-write" (func $stream-write))
      (export "stream-drop" (func $stream-drop))
      (export "future-read" (func $future-read))
      (export "future-drop" (func $future-drop))
      (export "set-new" (func $set-new))
      (export "set-drop" (func $set-drop))
      (export "join" (func $join))
      (export "return-echo" (func $return-echo))
      (export "return-sum" (func $return-sum))))))

  (func (export "echo") async (param "text" string) (result string)
    (canon lift (core func $code "echo") (memory $libc "memory") (realloc (func $libc "realloc")) async (callback (func $code "echo-callback"))))
  (func (export "sum") async (param "n" u32) (result u64) (canon lift (core func $code "sum") async (callback (func $code "sum-callback")))))
