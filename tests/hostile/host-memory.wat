;; Fills resources of the host with text, each of them as far as that goes.
(component
  (import "wasi:http/types@0.2.0" (instance $http
    (export "fields" (type $fields (sub resource)))
    (type $error (variant (case "invalid-syntax") (case "forbidden") (case "immutable")))
    (export "header-error" (type $header-error (eq $error)))
    (export "[constructor]fields" (func (result (own $fields))))
    (export "[method]fields.append" (func (param "self" (borrow $fields)) (param "name" string)
      (param "value" (list u8)) (result (result (error $header-error)))))))
  (core module $libc (memory (export "memory") 16) (data (i32.const 1048575) "n"))
  (core instance $libc (instantiate $libc))
  (core func $new (canon lower (func $http "[constructor]fields")))
  (core func $append (canon lower (func $http "[method]fields.append") (memory $libc "memory")))
  (core module $m
    (import "libc" "memory" (memory 1))
    (import "" "new" (func $new (result i32)))
    (import "" "append" (func $append (param i32 i32 i32 i32 i32 i32)))
    (func (export "go")
      (memory.fill (i32.const 16) (i32.const 97) (i32.const 1000000))
      (loop $more
        (call $append (call $new) (i32.const 1048575) (i32.const 1)
          (i32.const 16) (i32.const 20000) (i32.const 0))
        (br $more))))
  (core instance $i (instantiate $m (with "libc" (instance $libc))
    (with "" (instance (export "new" (func $new)) (export "append" (func $append))))))
  (func (export "go") (canon lift (core func $i "go"))))
