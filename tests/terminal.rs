//! No control character reaches the terminal, and no newline of a name begins a line, wherever the name comes from:
//! files, what is in them, and the command line. Every format, every control character but NUL, which arguments cannot
//! have.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "all of it is tests")]

use std::path::Path;

use wcompose_tests::{Program, from_wat};

/// Follows a newline in each name; no line of an output may begin with it.
const COMMAND: &str = "::error::of a name";

/// Every control character that a file name may have, then what GitHub would take for a command.
fn hostile() -> String {
    let controls = (1..=0x9f).filter_map(char::from_u32).filter(|c| c.is_control());
    controls.collect::<String>() + "\n" + COMMAND
}

/// The name as a string of the text format.
fn quoted(name: &str) -> String {
    name.bytes().map(|byte| format!("\\{byte:02x}")).collect()
}

/// The inputs, all with the name in them, in a file of that name.
fn inputs(folder: &Path, name: &str) {
    let text = quoted(name);
    let wat = |file: &str, text: String| std::fs::write(folder.join(file), from_wat(&text).unwrap()).unwrap();
    let import = format!(r#"(component (import "url=<https://example.com/{text}>" (func)))"#);
    wat("import.wasm", import.clone());
    wat(&format!("{name}.wasm"), import);
    wat(
        "twice.wasm",
        format!(r#"(component (core module (func) (export "{text}" (func 0)) (export "{text}" (func 0))))"#),
    );
    wat(
        "needs.wasm",
        format!(
            r#"(component (core module $m (import "{text}" "{text}" (func))) (core instance (instantiate $m)))"#
        ),
    );
    wat(
        "named.wasm",
        format!(
            r#"(component (component $c) (instance (instantiate $c)) (@custom "{text}" "x") (@custom "component-name" "\01\{:02x}\05\01\00\{:02x}{text}"))"#,
            name.len() + 4,
            name.len()
        ),
    );
    std::fs::write(folder.join("world.wit"), format!("package a:b; world {name} {{}}")).unwrap();
    std::fs::write(folder.join(format!("{name}.txt")), name).unwrap();
    let string = name.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect::<String>();
    let suite = format!(
        "[[case]]\nname = \"{string}\"\nrun = []\nstdout = \"{string}\"\n[[case]]\nname = \"b\"\ninvoke = 'f()'\n"
    );
    std::fs::write(folder.join("suite.toml"), &suite).unwrap();
    std::fs::write(folder.join("faulty.toml"), suite.clone() + &suite).unwrap();
}

/// Command lines that name the name in every place that takes one; those of `check` are tried in every format.
fn calls(name: &str) -> Vec<Vec<String>> {
    let calls: &[&[&str]] = &[
        &["check", "import.wasm"],
        &["check", "import.wasm", "-v", "--allow-import", "url=*"],
        &["check", "twice.wasm"],
        &["check", "needs.wasm"],
        &["check", "named.wasm"],
        &["check", "NAME.wasm"],
        &["check", "NAME=import.wasm"],
        &["check", "a=NAME.wasm"],
        &["check", "a=NAME.wasm", "b=NAME.txt"],
        &["check", "a=NAME.wasm", "a=NAME.wasm"],
        &["check", "a=NAME.txt"],
        &["check", "a=NAME.none"],
        &["check", "import.wasm", "--wire", "NAME"],
        &["check", "import.wasm", "--wire", "NAME:a=import"],
        &["check", "import.wasm", "--wire", "import:NAME=import"],
        &["check", "import.wasm", "--wire", "import:a=NAME"],
        &["check", "import.wasm", "--root", "NAME"],
        &["check", "import.wasm", "--export", "NAME"],
        &["check", "import.wasm", "--export", "NAME=import:a"],
        &["check", "import.wasm", "--export", "import:NAME"],
        &["check", "import.wasm", "--allow-import", "NAME"],
        &["check", "import.wasm", "--world", "NAME"],
        &["check", "import.wasm", "--world", "NAME.txt"],
        &["check", "import.wasm", "--world", "world.wit"],
        &["check", "import.wasm", "--world", "world.wit#NAME"],
        &["check", "import.wasm", "--target", "NAME"],
        &["check", "import.wasm", "--feature", "NAME"],
        &["check", "import.wasm", "--report", "NAME/NAME"],
        &["check", "import.wasm", "--NAME"],
        &["check", "import.wasm", "-NAME"],
        &["check", "import.wasm", "--format", "NAME"],
        &["link", "a=NAME.wasm", "--allow-import", "*", "--dry-run"],
        &["link", "import.wasm", "--allow-import", "*", "--wat", "-o", "-"],
        &["link", "import.wasm", "--allow-import", "*", "-o", "NAME/NAME"],
        &["link", "import.wasm", "--timeout", "NAME"],
        &["NAME"],
        &["explain", "NAME"],
        &["inspect", "import.wasm"],
        &["inspect", "import.wasm", "--json"],
        &["inspect", "named.wasm"],
        &["inspect", "named.wasm", "--json"],
        &["inspect", "NAME.txt"],
        &["inspect", "NAME.none"],
        &["run", "NAME.txt"],
        &["run", "NAME.wasm"],
        &["run", "twice.wasm"],
        &["test", "NAME.txt"],
        &["test", "faulty.toml"],
        &["test", "suite.toml", "NAME.wasm"],
        &["test", "suite.toml", "import.wasm", "--format", "json"],
        &["test", "suite.toml", "import.wasm", "--format", "junit"],
        &["test", "suite.toml", "--filter", "NAME", "--list"],
        &["test", "suite.toml", "--filter", "NAME NAME"],
    ];
    let mut made = Vec::new();
    for call in calls {
        let call = call.iter().map(|argument| argument.replace("NAME", name)).collect::<Vec<_>>();
        if call[0] == "check" && call[2..].iter().all(|argument| argument != "--format") {
            for format in ["human", "json", "github", "sarif", "junit"] {
                made.push([call.as_slice(), &["--format".into(), format.into()]].concat());
            }
        } else {
            made.push(call);
        }
    }
    made
}

#[test]
fn no_control_character_reaches_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let name = hostile();
    inputs(folder.path(), &name);
    let program = Program::new(env!("CARGO_BIN_EXE_wcompose-subject"));
    let calls = calls(&name);
    for call in &calls {
        let ended = program.call(folder.path(), call).unwrap();
        let shown = call.join(" ").escape_debug().to_string();
        assert_ne!(ended.code, Some(101), "{shown}\n{}", ended.stderr);
        let text = String::from_utf8(ended.stdout).unwrap() + &ended.stderr;
        let raw = text.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(raw, None, "{shown}\n{}", text.escape_debug());
        assert!(!text.lines().any(|line| line.starts_with(COMMAND)), "{shown}\n{text}");
    }
    assert!(calls.len() > 150, "{}", calls.len());
}
