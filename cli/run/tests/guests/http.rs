//! HTTP handlers for the tests, as text.

use super::component;

/// `error-code` of `wasi:http/types`, the same in 0.2 and 0.3, and the types that it needs, inside of an instance type.
const ERROR_CODE: &str = r#"
    (type $dns' (record (field "rcode" (option string)) (field "info-code" (option u16))))
    (export "DNS-error-payload" (type $dns (eq $dns')))
    (type $tls' (record (field "alert-id" (option u8)) (field "alert-message" (option string))))
    (export "TLS-alert-received-payload" (type $tls (eq $tls')))
    (type $size' (record (field "field-name" (option string)) (field "field-size" (option u32))))
    (export "field-size-payload" (type $size (eq $size')))
    (type $code' (variant
        (case "DNS-timeout") (case "DNS-error" $dns) (case "destination-not-found")
        (case "destination-unavailable") (case "destination-IP-prohibited") (case "destination-IP-unroutable")
        (case "connection-refused") (case "connection-terminated") (case "connection-timeout")
        (case "connection-read-timeout") (case "connection-write-timeout") (case "connection-limit-reached")
        (case "TLS-protocol-error") (case "TLS-certificate-error") (case "TLS-alert-received" $tls)
        (case "HTTP-request-denied") (case "HTTP-request-length-required")
        (case "HTTP-request-body-size" (option u64)) (case "HTTP-request-method-invalid")
        (case "HTTP-request-URI-invalid") (case "HTTP-request-URI-too-long")
        (case "HTTP-request-header-section-size" (option u32)) (case "HTTP-request-header-size" (option $size))
        (case "HTTP-request-trailer-section-size" (option u32)) (case "HTTP-request-trailer-size" $size)
        (case "HTTP-response-incomplete") (case "HTTP-response-header-section-size" (option u32))
        (case "HTTP-response-header-size" $size) (case "HTTP-response-body-size" (option u64))
        (case "HTTP-response-trailer-section-size" (option u32)) (case "HTTP-response-trailer-size" $size)
        (case "HTTP-response-transfer-coding" (option string))
        (case "HTTP-response-content-coding" (option string)) (case "HTTP-response-timeout")
        (case "HTTP-upgrade-failed") (case "HTTP-protocol-error") (case "loop-detected")
        (case "configuration-error") (case "internal-error" (option string))))
    (export "error-code" (type $code (eq $code')))"#;

/// A 0.3 handler that runs `first`, answers, and only then streams `hello` as the body.
pub(crate) fn handler_0_3(first: &str) -> Vec<u8> {
    component(&format!(
        r#"(component
            (import "wasi:http/types@0.3.0" (instance $types
                {ERROR_CODE}
                (export "fields" (type $fields (sub resource)))
                (export "request" (type $request (sub resource)))
                (export "response" (type $response (sub resource)))
                (export "[constructor]fields" (func (result (own $fields))))
                (export "[static]response.new" (func
                    (param "headers" (own $fields))
                    (param "contents" (option (stream u8)))
                    (param "trailers" (future (result (option (own $fields)) (error $code))))
                    (result (tuple (own $response) (future (result (error $code)))))))))
            (alias export $types "fields" (type $fields))
            (alias export $types "request" (type $request))
            (alias export $types "response" (type $response))
            (alias export $types "error-code" (type $code))
            (type $bytes (stream u8))
            (type $trailers (future (result (option (own $fields)) (error $code))))

            (core module $libc (memory (export "memory") 1))
            (core instance $libc (instantiate $libc))
            (core func $return (canon task.return
                (result (result (own $response) (error $code))) (memory $libc "memory")))
            (core func $set (canon waitable-set.new))
            (core func $join (canon waitable.join))
            (core func $fields (canon lower (func $types "[constructor]fields")))
            (core func $response (canon lower (func $types "[static]response.new") (memory $libc "memory")))
            (core func $stream-new (canon stream.new $bytes))
            (core func $stream-write (canon stream.write $bytes async (memory $libc "memory")))
            (core func $stream-close (canon stream.drop-writable $bytes))
            (core func $future-new (canon future.new $trailers))
            (core func $future-write (canon future.write $trailers async (memory $libc "memory")))
            (core module $m
                (import "libc" "memory" (memory 1))
                (import "" "return" (func $return (param i32 i32 i32 i64 i32 i32 i32 i32)))
                (import "" "set" (func $new-set (result i32)))
                (import "" "join" (func $join (param i32 i32)))
                (import "" "fields" (func $fields (result i32)))
                (import "" "response" (func $response (param i32 i32 i32 i32 i32)))
                (import "" "stream-new" (func $stream-new (result i64)))
                (import "" "stream-write" (func $stream-write (param i32 i32 i32) (result i32)))
                (import "" "stream-close" (func $stream-close (param i32)))
                (import "" "future-new" (func $future-new (result i64)))
                (import "" "future-write" (func $future-write (param i32 i32) (result i32)))
                (data (i32.const 0) "hello")

                ;; Of the request under way, by waitable set; requests of one instance overlap.
                (func $trailers-of (param $set i32) (result i32)
                    (i32.add (i32.const 1024) (i32.shl (local.get $set) (i32.const 3))))
                (func $wait (param $set i32) (result i32)
                    (i32.or (i32.shl (local.get $set) (i32.const 4)) (i32.const 2)))

                (func (export "handle") (param $request i32) (result i32)
                    (local $set i32) (local $body i64) (local $trailers i64) (local $write i32)
                    {first}
                    (local.set $set (call $new-set))
                    (local.set $body (call $stream-new))
                    (local.set $trailers (call $future-new))
                    (call $response (call $fields)
                        (i32.const 1) (i32.wrap_i64 (local.get $body)) (i32.wrap_i64 (local.get $trailers))
                        (i32.const 64))
                    (call $return (i32.const 0) (i32.load (i32.const 64))
                        (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
                    (local.set $write (i32.wrap_i64 (i64.shr_u (local.get $body) (i64.const 32))))
                    (i32.store (call $trailers-of (local.get $write))
                        (i32.wrap_i64 (i64.shr_u (local.get $trailers) (i64.const 32))))
                    (i32.store offset=4 (call $trailers-of (local.get $write)) (local.get $set))
                    (drop (call $stream-write (local.get $write) (i32.const 0) (i32.const 5)))
                    (call $join (local.get $write) (local.get $set))
                    (call $wait (local.get $set)))

                (func (export "resume") (param $event i32) (param $waitable i32) (param i32) (result i32)
                    (local $trailers i32) (local $set i32)
                    ;; The trailers were taken: done.
                    (if (i32.ne (local.get $event) (i32.const 3)) (then (return (i32.const 0))))
                    ;; The body was taken: close it and give no trailers.
                    (local.set $trailers (i32.load (call $trailers-of (local.get $waitable))))
                    (local.set $set (i32.load offset=4 (call $trailers-of (local.get $waitable))))
                    (call $stream-close (local.get $waitable))
                    (if (i32.ne (call $future-write (local.get $trailers) (i32.const 128)) (i32.const -1))
                        (then (return (i32.const 0))))
                    (call $join (local.get $trailers) (local.get $set))
                    (call $wait (local.get $set))))
            (core instance $i (instantiate $m
                (with "libc" (instance $libc))
                (with "" (instance
                    (export "return" (func $return))
                    (export "set" (func $set))
                    (export "join" (func $join))
                    (export "fields" (func $fields))
                    (export "response" (func $response))
                    (export "stream-new" (func $stream-new))
                    (export "stream-write" (func $stream-write))
                    (export "stream-close" (func $stream-close))
                    (export "future-new" (func $future-new))
                    (export "future-write" (func $future-write))))))
            (func $handle async (param "request" (own $request)) (result (result (own $response) (error $code)))
                (canon lift (core func $i "handle") (memory $libc "memory")
                    async (callback (func $i "resume"))))
            (instance $handler (export "handle" (func $handle)))
            (export "wasi:http/handler@0.3.2" (instance $handler)))"#
    ))
}

/// A 0.2 handler that answers without a body.
pub(crate) fn handler_0_2() -> Vec<u8> {
    component(&format!(
        r#"(component
            (import "wasi:http/types@0.2.0" (instance $types
                {ERROR_CODE}
                (export "fields" (type $fields (sub resource)))
                (export "incoming-request" (type $request (sub resource)))
                (export "outgoing-response" (type $response (sub resource)))
                (export "response-outparam" (type $outparam (sub resource)))
                (export "[constructor]fields" (func (result (own $fields))))
                (export "[constructor]outgoing-response" (func
                    (param "headers" (own $fields)) (result (own $response))))
                (export "[static]response-outparam.set" (func
                    (param "param" (own $outparam))
                    (param "response" (result (own $response) (error $code)))))))
            (alias export $types "incoming-request" (type $request))
            (alias export $types "response-outparam" (type $outparam))
            (core module $libc (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
            (core instance $libc (instantiate $libc))
            (core func $fields (canon lower (func $types "[constructor]fields")))
            (core func $response (canon lower (func $types "[constructor]outgoing-response")))
            (core func $answer (canon lower (func $types "[static]response-outparam.set")
                (memory $libc "memory")))
            (core module $m
                (import "" "fields" (func $fields (result i32)))
                (import "" "response" (func $response (param i32) (result i32)))
                (import "" "answer" (func $answer (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
                (func (export "handle") (param $request i32) (param $outparam i32)
                    (call $answer (local.get $outparam)
                        (i32.const 0) (call $response (call $fields))
                        (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))))
            (core instance $i (instantiate $m (with "" (instance
                (export "fields" (func $fields))
                (export "response" (func $response))
                (export "answer" (func $answer))))))
            (func $handle (param "request" (own $request)) (param "response-out" (own $outparam))
                (canon lift (core func $i "handle")))
            (instance $handler (export "handle" (func $handle)))
            (export "wasi:http/incoming-handler@0.2.1" (instance $handler)))"#
    ))
}

/// A 0.3 handler whose response has the request's body and trailers, handed on as they are.
pub(crate) fn echo() -> Vec<u8> {
    component(&format!(
        r#"(component
            (import "wasi:http/types@0.3.0" (instance $types
                {ERROR_CODE}
                (export "fields" (type $fields (sub resource)))
                (export "request" (type $request (sub resource)))
                (export "response" (type $response (sub resource)))
                (export "[constructor]fields" (func (result (own $fields))))
                (export "[static]request.consume-body" (func
                    (param "this" (own $request))
                    (param "res" (future (result (error $code))))
                    (result (tuple
                        (stream u8) (future (result (option (own $fields)) (error $code)))))))
                (export "[static]response.new" (func
                    (param "headers" (own $fields))
                    (param "contents" (option (stream u8)))
                    (param "trailers" (future (result (option (own $fields)) (error $code))))
                    (result (tuple (own $response) (future (result (error $code)))))))))
            (alias export $types "request" (type $request))
            (alias export $types "response" (type $response))
            (alias export $types "error-code" (type $code))
            (type $taken (future (result (error $code))))

            (core module $libc (memory (export "memory") 1))
            (core instance $libc (instantiate $libc))
            (core func $return (canon task.return
                (result (result (own $response) (error $code))) (memory $libc "memory")))
            (core func $fields (canon lower (func $types "[constructor]fields")))
            (core func $consume (canon lower (func $types "[static]request.consume-body")
                (memory $libc "memory")))
            (core func $response (canon lower (func $types "[static]response.new") (memory $libc "memory")))
            (core func $future-new (canon future.new $taken))
            (core module $m
                (import "libc" "memory" (memory 1))
                (import "" "return" (func $return (param i32 i32 i32 i64 i32 i32 i32 i32)))
                (import "" "fields" (func $fields (result i32)))
                (import "" "consume" (func $consume (param i32 i32 i32)))
                (import "" "response" (func $response (param i32 i32 i32 i32 i32)))
                (import "" "future-new" (func $future-new (result i64)))
                (func (export "handle") (param $request i32) (result i32)
                    (call $consume (local.get $request) (i32.wrap_i64 (call $future-new)) (i32.const 32))
                    (call $response (call $fields)
                        (i32.const 1) (i32.load (i32.const 32)) (i32.load (i32.const 36)) (i32.const 64))
                    (call $return (i32.const 0) (i32.load (i32.const 64))
                        (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
                    (i32.const 0))
                (func (export "resume") (param i32 i32 i32) (result i32) unreachable))
            (core instance $i (instantiate $m
                (with "libc" (instance $libc))
                (with "" (instance
                    (export "return" (func $return))
                    (export "fields" (func $fields))
                    (export "consume" (func $consume))
                    (export "response" (func $response))
                    (export "future-new" (func $future-new))))))
            (func $handle async (param "request" (own $request)) (result (result (own $response) (error $code)))
                (canon lift (core func $i "handle") (memory $libc "memory")
                    async (callback (func $i "resume"))))
            (instance $handler (export "handle" (func $handle)))
            (export "wasi:http/handler@0.3.2" (instance $handler)))"#
    ))
}
