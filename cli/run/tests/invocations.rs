//! A user of `invoke` writes values and wants values back, whatever their types: streams and futures too, which WAVE
//! does not have. And wants to be told what a function is like when a call does not fit it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is tests")]

mod guests;

use wcompose_run::{CallExpression, CallProblem, CallResult, Limits, Options, Quantity, Verdict, invoke};

/// A component whose `echo` gives back what it is given: a handle, which is all that its core function sees.
fn echo(types: &str, ty: &str) -> Vec<u8> {
    guests::component(&format!(
        r#"(component
            {types}
            (core module $m (func (export "echo") (param i32) (result i32) (local.get 0)))
            (core instance $i (instantiate $m))
            (func (export "echo") (param "x" {ty}) (result {ty}) (canon lift (core func $i "echo"))))"#
    ))
}

fn calls(texts: &[&str]) -> Vec<CallExpression> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn results(component: &[u8], texts: &[&str]) -> Vec<CallResult> {
    match invoke(component, &calls(texts), &Options::default()).unwrap().results {
        Ok(Ok(results)) => results,
        other => panic!("{texts:?}: {other:?}"),
    }
}

fn result(component: &[u8], text: &str) -> String {
    results(component, &[text]).remove(0).wave.unwrap()
}

fn problem(component: &[u8], text: &str) -> CallProblem {
    match invoke(component, &calls(&[text]), &Options::default()).unwrap().results {
        Ok(Err(mut problems)) => problems.remove(0),
        other => panic!("{text}: {other:?}"),
    }
}

/// The payload of a stream is known only at run time, so each kind of type is one that could go wrong by its size, its
/// alignment or its pointers.
#[test]
fn streams_and_futures_of_every_kind_of_type() {
    let payloads = [
        ("bool", "true"),
        ("s8", "-1"),
        ("u16", "65535"),
        ("u32", "7"),
        ("s64", "-9223372036854775808"),
        ("f32", "0.5"),
        ("f64", "nan"),
        ("(tuple u8 char)", "(1, 'ü')"),
        ("string", r#""a\nb""#),
        ("(list u8)", "[1, 2]"),
        ("(list (list string))", r#"[["a"], []]"#),
        ("(tuple u8 u64 u8)", "(1, 2, 3)"),
        ("(option u64)", "some(1)"),
        ("(option (option u8))", "some(none)"),
        ("(result u8 (error string))", r#"err("no")"#),
        ("(result)", "ok"),
        ("$record", r#"{name: "n", at: 18446744073709551615, tag: 'x'}"#),
        ("$variant", "wide(5)"),
        ("$variant", "none-at-all"),
        ("$enum", "blue"),
        ("$flags", "{read, exec}"),
        ("$stream", "[1, 2, 3]"),
        ("$future", r#""later""#),
        ("$streams", r#"[{name: "", at: 0, tag: ' '}]"#),
    ];
    let types = r#"
        (type $r (record (field "name" string) (field "at" u64) (field "tag" char)))
        (export $record "record" (type $r))
        (type $v (variant (case "none-at-all") (case "wide" u64) (case "text" string)))
        (export $variant "variant" (type $v))
        (type $e (enum "red" "blue"))
        (export $enum "enum" (type $e))
        (type $f (flags "read" "write" "exec"))
        (export $flags "flags" (type $f))
        (type $stream (stream u32))
        (type $future (future string))
        (type $records (future $record))
        (type $streams (stream $records))"#;
    for (payload, value) in payloads {
        let stream = echo(types, &format!("(stream {payload})"));
        assert_eq!(result(&stream, "echo([])"), "[]", "{payload}");
        let many = format!("[{}]", [value; 3].join(", "));
        assert_eq!(result(&stream, &format!("echo({many})")), many, "{payload}");
        let future = echo(types, &format!("(future {payload})"));
        assert_eq!(result(&future, &format!("echo({value})")), value, "{payload}");
    }
}

/// More than one read takes.
#[test]
fn long_streams_arrive_whole() {
    let list = |count: u32| format!("[{}]", (0..count).map(|n| n.to_string()).collect::<Vec<_>>().join(", "));
    let component = echo("", "(stream u64)");
    assert_eq!(result(&component, &format!("echo({})", list(50_000))), list(50_000));
}

#[test]
fn several_calls_run_on_one_instance_and_keep_their_order() {
    let component = guests::component(
        r#"(component
            (core module $m
                (global $count (mut i32) (i32.const 0))
                (func (export "next") (result i32)
                    (global.set $count (i32.add (global.get $count) (i32.const 1)))
                    (global.get $count)))
            (core instance $i (instantiate $m))
            (func (export "next") (result u32) (canon lift (core func $i "next"))))"#,
    );
    let mut waves: Vec<_> =
        results(&component, &["next()", "next()", "next()"]).into_iter().filter_map(|r| r.wave).collect();
    waves.sort();
    assert_eq!(waves, ["1", "2", "3"]);
    let component = echo("", "(stream u8)");
    let waves = results(&component, &["echo([1])", "echo([2, 2])", "echo([])"]);
    assert_eq!(waves.iter().filter_map(|r| r.wave.as_deref()).collect::<Vec<_>>(), ["[1]", "[2, 2]", "[]"]);
}

/// A function may ignore a stream, and even leak its end. It has done its work all the same.
#[test]
fn an_argument_need_not_be_read() {
    let component = |body: &str| {
        guests::component(&format!(
            r#"(component
                (type $s (stream u8))
                (core func $drop (canon stream.drop-readable $s))
                (core module $m
                    (import "" "drop" (func $drop (param i32)))
                    (func (export "f") (param i32) (result i32) {body} (i32.const 3)))
                (core instance $i (instantiate $m (with "" (instance (export "drop" (func $drop))))))
                (func (export "f") (param "s" $s) (result u32) (canon lift (core func $i "f"))))"#
        ))
    };
    assert_eq!(result(&component("(call $drop (local.get 0))"), "f([1, 2])"), "3");
    assert_eq!(result(&component(""), "f([1, 2])"), "3");
}

/// A stream whose writer is kept and never written ends in a verdict, not in silence.
#[test]
fn a_result_that_never_ends_is_a_deadlock() {
    let component = guests::component(
        r#"(component
            (type $s (stream u8))
            (core func $new (canon stream.new $s))
            (core module $m
                (import "" "new" (func $new (result i64)))
                (func (export "f") (result i32) (i32.wrap_i64 (call $new))))
            (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
            (func (export "f") (result $s) (canon lift (core func $i "f"))))"#,
    );
    let ended = invoke(&component, &calls(&["f()"]), &Options::default()).unwrap().results;
    assert!(matches!(ended, Err(Verdict::Deadlocked { .. })), "{ended:?}");
}

#[test]
fn json_says_the_same() {
    let types = r#"
        (type $v (variant (case "off") (case "text" string)))
        (export $variant "variant" (type $v))
        (type $f (flags "read" "write"))
        (export $flags "flags" (type $f))"#;
    let ty = "(stream (tuple $variant $flags (option u8) (option (option u8)) (result u8) f32 f64 char))";
    let component = echo(types, ty);
    let text = r#"echo([(off, {write}, none, some(none), ok(1), 0.1, inf, 'c'),
                        (text("t"), {}, some(3), none, err, 1, -inf, '"')])"#;
    let json = results(&component, &[text]).remove(0).json.unwrap();
    let expected = serde_json::json!([
        ["off", ["write"], null, {"some": null}, {"ok": 1}, 0.1, "inf", "c"],
        [{"text": "t"}, [], 3, null, {"err": null}, 1.0, "-inf", "\""],
    ]);
    assert_eq!(json, expected);
}

#[test]
fn what_does_not_fit_says_what_would() {
    let component = guests::component(
        r#"(component
            (core module $m
                (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 8))
                (func (export "f") (param i32 i32 i32)))
            (core instance $i (instantiate $m))
            (func $f (param "n" u8) (param "names" (list string))
                (canon lift (core func $i "f") (memory $i "memory") (realloc (func $i "realloc"))))
            (instance $interface (export "insert" (func $f)))
            (export "demo:a/store@1.2.0" (instance $interface))
            (export "demo:b/store@1.0.0" (instance $interface)))"#,
    );
    let signature = "it exports `demo:a/store@1.2.0#insert: func(n: u8, names: list<string>)`";
    let message = |text: &str| problem(&component, text).message;
    let unknown = problem(&component, "demo:a/store#insrt()");
    assert_eq!(unknown.message, "exports no function `demo:a/store#insrt`");
    assert_eq!(unknown.notes[0], "a similar name is `demo:a/store@1.2.0#insert`");
    assert_eq!(unknown.notes[1], signature);
    assert_eq!(message("insert(1)"), "exports 2 functions that `insert` may mean");
    assert_eq!(message("store#insert(1)"), "exports 2 functions that `store#insert` may mean");
    let wrong = problem(&component, "demo:a/store#insert(1)");
    assert_eq!(wrong.function.as_deref(), Some("demo:a/store@1.2.0#insert"));
    assert_eq!(wrong.message, "takes 2 arguments, not 1");
    assert_eq!(wrong.notes, [signature.replace("it exports", "its type is")]);
    assert_eq!(
        message("demo:a/store#insert(256, [])"),
        "takes no `256` as `n: u8`, at column 21 of `demo:a/store#insert(256, [])`: it is not a value of that type"
    );
    assert_eq!(
        message(r#"demo:a/store#insert(1, ["ü", 5])"#),
        "takes no `5` as `names: list<string>`, at column 30 of `demo:a/store#insert(1, [\"ü\", 5])`: it is of another type"
    );
}

/// The runtime bounds what comes at once, and a stream comes piece by piece: without a bound on all of it, the caller's memory is
/// the component's to fill.
#[test]
fn what_a_call_streams_is_bounded_as_a_whole() {
    let component = echo("(type $stream (stream u8))", "$stream");
    let call = calls(&[&format!("echo([{}])", ["1"; 70_000].join(", "))]);
    let within = |hostcall_fuel| {
        let limits = Limits { hostcall_fuel, ..Limits::default() };
        invoke(&component, &call, &Options { limits, ..Options::default() }).unwrap().results
    };
    assert!(matches!(within(4 << 20), Ok(Ok(_))));
    // Each piece alone fits.
    let limit = 9 << 18;
    let exceeded = Verdict::Exceeded { quantity: Quantity::HostcallFuel, limit };
    assert_eq!(within(limit).unwrap_err(), exceeded);
}

#[test]
fn a_trap_among_several_calls_tells_which_had_not_ended() {
    let component = guests::component(
        r#"(component
            (core module $m
                (func (export "good") (result i32) (i32.const 7))
                (func (export "bad") (param i32) unreachable))
            (core instance $i (instantiate $m))
            (func (export "good") (result u32) (canon lift (core func $i "good")))
            (func (export "bad") (param "x" u32) (canon lift (core func $i "bad"))))"#,
    );
    let unended =
        |texts: &[&str]| match invoke(&component, &calls(texts), &Options::default()).unwrap().results {
            Err(Verdict::Trapped { calls, .. }) => calls,
            other => panic!("{texts:?}: {other:?}"),
        };
    assert_eq!(unended(&["good()", "bad(1)"]), ["bad(1)"]);
    assert_eq!(unended(&["bad(1)"]), [""; 0]);
}

#[test]
fn resources_are_refused() {
    let component = guests::component(
        r#"(component
            (type $r' (resource (rep i32)))
            (export $r "thing" (type $r'))
            (core func $new (canon resource.new $r'))
            (core module $m
                (import "" "new" (func $new (param i32) (result i32)))
                (func (export "make") (result i32) (call $new (i32.const 0)))
                (func (export "use") (param i32)))
            (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
            (func (export "[constructor]thing") (result (own $r)) (canon lift (core func $i "make")))
            (func (export "[method]thing.use") (param "self" (borrow $r)) (canon lift (core func $i "use"))))"#,
    );
    let why = "a resource exists only inside the component, it cannot be written";
    assert_eq!(
        problem(&component, "[method]thing.use(1)").message,
        format!("takes a parameter `self: borrow<resource>` that cannot be given: {why}")
    );
    assert_eq!(
        problem(&component, "[constructor]thing()").message,
        format!("gives a result `own<resource>` that cannot be shown: {why}")
    );
}
