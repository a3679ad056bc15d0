;; Makes streams and futures of one payload, and reads them, for a host that knows the payload only at run time.
;; The host sees lists: `new` sends one, `open` and `next` receive one, piece by piece. `unread` counts what is being sent.
(component
  TYPES
  (type $channel (KIND PAYLOAD))

  (core module $libc
    (memory (export "memory") 1)
    (global $end (mut i32) (i32.const 16))
    ;; Takes the next free bytes; nothing is given back.
    (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
      (local $at i32) (local $missing i32)
      (local.set $at
        (i32.and
          (i32.add (global.get $end) (i32.sub (local.get $align) (i32.const 1)))
          (i32.sub (i32.const 0) (local.get $align))))
      (global.set $end (i32.add (local.get $at) (local.get $size)))
      (if (i32.lt_u (global.get $end) (local.get $at)) (then unreachable))
      (local.set $missing
        (i32.sub
          (i32.add (i32.shr_u (i32.sub (global.get $end) (i32.const 1)) (i32.const 16)) (i32.const 1))
          (memory.size)))
      (if (i32.gt_s (local.get $missing) (i32.const 0))
        (then (if (i32.lt_s (memory.grow (local.get $missing)) (i32.const 0)) (then unreachable))))
      (memory.copy (local.get $at) (local.get $old) (local.get $old-size))
      (local.get $at)))
  (core instance $libc (instantiate $libc))

  (core module $pipe
    (import "libc" "memory" (memory 1))
    (import "libc" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
    (import "" "new" (func $new (result i64)))
    (import "" "drop-readable" (func $drop-readable (param i32)))
    (import "" "drop-writable" (func $drop-writable (param i32)))
    (import "" "set-new" (func $set-new (result i32)))
    (import "" "set-drop" (func $set-drop (param i32)))
    (import "" "join" (func $join (param i32 i32)))
    (import "" "context-get" (func $context-get (result i32)))
    (import "" "context-set" (func $context-set (param i32)))
    (import "" "made" (func $made (param i32)))
    (import "" "piece" (func $piece (param i32 i32 i32)))
    DECODE
    (global $unread (mut i32) (i32.const 0))
    (func (export "unread") (result i32) (global.get $unread))

    ;; State of a task: handle, items, their count, the waitable set.
    (func $state (param $handle i32) (param $items i32) (param $count i32) (result i32)
      (local $state i32)
      (local.set $state (call $realloc (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 16)))
      (i32.store (local.get $state) (local.get $handle))
      (i32.store offset=4 (local.get $state) (local.get $items))
      (i32.store offset=8 (local.get $state) (local.get $count))
      (local.get $state))
    (func $wait (param $state i32) (result i32)
      (call $context-set (local.get $state))
      (i32.store offset=12 (local.get $state) (call $set-new))
      (call $join (i32.load (local.get $state)) (i32.load offset=12 (local.get $state)))
      (i32.or (i32.const 2) (i32.shl (i32.load offset=12 (local.get $state)) (i32.const 4))))
    (func $waited (result i32)
      (local $state i32)
      (local.set $state (call $context-get))
      (call $join (i32.load (local.get $state)) (i32.const 0))
      (call $set-drop (i32.load offset=12 (local.get $state)))
      (local.get $state))

    (func (export "new") (param $items i32) (param $count i32) (result i32)
      (local $ends i64)
      (local.set $ends (call $new))
      (global.set $unread (i32.add (global.get $unread) (i32.const 1)))
      (call $made (i32.wrap_i64 (local.get $ends)))
      (call $send
        (call $state
          (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32)))
          (local.get $items)
          (local.get $count))))
    (func (export "new-resume") (param $event i32) (param $handle i32) (param $code i32) (result i32)
      (local $state i32)
      (local.set $state (call $waited))
      (call $sent (local.get $state) (local.get $code))
      (call $send (local.get $state)))
    (func $send (param $state i32) (result i32)
      (local $code i32)
      (loop $more
        (if (i32.load offset=8 (local.get $state))
          (then
            (local.set $code
              (call $write
                (i32.load (local.get $state))
                (i32.load offset=4 (local.get $state))
                (i32.load offset=8 (local.get $state))))
            (if (i32.eq (local.get $code) (i32.const -1)) (then (return (call $wait (local.get $state)))))
            (call $sent (local.get $state) (local.get $code))
            (br $more))))
      (global.set $unread (i32.sub (global.get $unread) (i32.const 1)))
      (call $drop-writable (i32.load (local.get $state)))
      (i32.const 0))
    (func $sent (param $state i32) (param $code i32)
      (local $count i32)
      (local.set $count (call $count (local.get $code)))
      (i32.store offset=4 (local.get $state)
        (i32.add (i32.load offset=4 (local.get $state)) (i32.mul (local.get $count) (i32.const SIZE))))
      (i32.store offset=8 (local.get $state)
        (select
          (i32.const 0)
          (i32.sub (i32.load offset=8 (local.get $state)) (local.get $count))
          (call $ended (local.get $code)))))

    (func (export "open") (param $handle i32) (result i32)
      (call $state
        (local.get $handle)
        (call $realloc (i32.const 0) (i32.const 0) (i32.const ALIGN) (i32.const ROOM))
        (i32.const PIECE)))
    (func (export "next") (param $state i32) (result i32)
      (local $code i32)
      (local.set $code
        (call $read
          (i32.load (local.get $state))
          (i32.load offset=4 (local.get $state))
          (i32.load offset=8 (local.get $state))))
      (if (i32.eq (local.get $code) (i32.const -1)) (then (return (call $wait (local.get $state)))))
      (call $received (local.get $state) (local.get $code))
      (i32.const 0))
    (func (export "next-resume") (param $event i32) (param $handle i32) (param $code i32) (result i32)
      (call $received (call $waited) (local.get $code))
      (i32.const 0))
    (func $received (param $state i32) (param $code i32)
      (if (call $ended (local.get $code)) (then (call $drop-readable (i32.load (local.get $state)))))
      (call $piece
        (i32.load offset=4 (local.get $state))
        (call $count (local.get $code))
        (call $ended (local.get $code)))))

  (core func $new (canon KIND.new $channel))
  (core func $read (canon KIND.read $channel async (memory $libc "memory") (realloc (func $libc "realloc"))))
  (core func $write (canon KIND.write $channel async (memory $libc "memory")))
  (core func $drop-readable (canon KIND.drop-readable $channel))
  (core func $drop-writable (canon KIND.drop-writable $channel))
  (core func $set-new (canon waitable-set.new))
  (core func $set-drop (canon waitable-set.drop))
  (core func $join (canon waitable.join))
  (core func $context-get (canon context.get i32 0))
  (core func $context-set (canon context.set i32 0))
  (core func $made (canon task.return (result $channel)))
  (core func $piece (canon task.return (result (tuple (list PAYLOAD) bool)) (memory $libc "memory")))
  (core instance $pipe (instantiate $pipe
    (with "libc" (instance $libc))
    (with "" (instance
      (export "new" (func $new))
      (export "read" (func $read))
      (export "write" (func $write))
      (export "drop-readable" (func $drop-readable))
      (export "drop-writable" (func $drop-writable))
      (export "set-new" (func $set-new))
      (export "set-drop" (func $set-drop))
      (export "join" (func $join))
      (export "context-get" (func $context-get))
      (export "context-set" (func $context-set))
      (export "made" (func $made))
      (export "piece" (func $piece))))))

  (func (export "new") async (param "items" (list PAYLOAD)) (result $channel)
    (canon lift (core func $pipe "new") async (callback (func $pipe "new-resume"))
      (memory $libc "memory") (realloc (func $libc "realloc"))))
  (func (export "open") (param "channel" $channel) (result u32) (canon lift (core func $pipe "open")))
  (func (export "next") async (param "state" u32) (result (tuple (list PAYLOAD) bool))
    (canon lift (core func $pipe "next") async (callback (func $pipe "next-resume")) (memory $libc "memory")))
  (func (export "unread") (result u32) (canon lift (core func $pipe "unread"))))
