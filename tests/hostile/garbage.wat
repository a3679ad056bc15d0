;; Makes a list of arrays without end, which a collector cannot free.
(component
  (core module $m
    (type $bytes (array (mut i8)))
    (type $list (struct (field (ref null $list)) (field (ref $bytes))))
    (global $all (mut (ref null $list)) (ref.null $list))
    (func (export "go")
      (loop
        (global.set $all
          (struct.new $list (global.get $all) (array.new_default $bytes (i32.const 65536))))
        (br 0))))
  (core instance $i (instantiate $m))
  (func (export "go") (canon lift (core func $i "go"))))
