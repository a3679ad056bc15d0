//! What the program says of itself: help, version, completions, manual, and what `doctor` finds on this machine.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is tests")]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_wcompose-subject");

fn called(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn printed(arguments: &[&str]) -> String {
    let output = called(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The commands, as the help lists them.
fn commands() -> Vec<String> {
    let help = printed(&["--help"]);
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    // A description that goes on in a second line is indented further.
    let names = list.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let names = names.filter(|name| !name.is_empty() && *name != "help").map(str::to_owned);
    let names = names.collect::<Vec<_>>();
    assert!(names.len() > 8, "{help}");
    names
}

/// An example is read before an option is.
#[test]
fn the_help_of_each_command_ends_with_examples() {
    for command in commands() {
        let help = printed(&[&command, "--help"]);
        let examples = help.split("\nExamples:\n").nth(1).unwrap_or_else(|| panic!("{command}:\n{help}"));
        let call = format!("  wcompose {command}");
        assert!(examples.lines().any(|line| line.starts_with(&call)), "{command}:\n{help}");
    }
}

/// Whoever reports a bug says `--version`; whoever compares versions in a script wants one line.
#[test]
fn the_version_names_the_runtime_and_the_tools() {
    let own = format!("wcompose {}\n", env!("CARGO_PKG_VERSION"));
    let (runtime, version) = wcompose::Target::default().runtime();
    let all = format!("{own}{runtime} {version}\nwasm-tools {}\n", wcompose_cli::WASM_TOOLS);
    assert_eq!(printed(&["-V"]), own);
    assert_eq!(printed(&["--version"]), all);
}

#[test]
fn a_misspelled_command_or_option_is_answered_with_the_right_one() {
    for (arguments, near) in [(&["lnk"] as &[&str], "link"), (&["link", "a.wasm", "--wrie=x"], "--wire")] {
        let output = called(arguments);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(&format!("'{near}'")), "{message}");
    }
}

#[test]
fn the_completions_of_every_shell_know_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = printed(&["completions", shell]);
        for command in commands() {
            assert!(script.contains(&command), "{shell} does not complete {command}");
        }
    }
}

/// A script that a shell cannot read would fail in every session of its user.
#[test]
fn bash_completes_commands_and_options() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("wcompose.bash");
    std::fs::write(&script, printed(&["completions", "bash"])).unwrap();
    let completed = |words: &str, last: &str, before: &str| {
        let ask = format!(
            "source {} && COMP_WORDS=({words}) COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)) && _wcompose wcompose {last} {before} \
             && printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            script.display()
        );
        let output = Command::new("bash").args(["--norc", "-c", &ask]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{ask}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(Command::new("bash").arg("-n").arg(&script).status().unwrap().success());
    assert_eq!(completed("wcompose li", "li", "wcompose"), "link\n");
    assert_eq!(completed("wcompose link --allow-i", "--allow-i", "link"), "--allow-import\n");
}

#[test]
fn every_command_has_a_page_of_the_manual() {
    let folder = tempfile::tempdir().unwrap();
    printed(&["man", folder.path().to_str().unwrap()]);
    let read = |file: String| {
        std::fs::read_to_string(folder.path().join(&file)).unwrap_or_else(|_| panic!("no {file}"))
    };
    for command in commands() {
        let page = read(format!("wcompose-{command}.1"));
        for part in [".TH ", ".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION", ".SH EXAMPLES"] {
            assert!(page.contains(part), "{command} lacks {part}");
        }
        assert!(
            !page.contains("/home/") && !page.contains(env!("CARGO_MANIFEST_DIR")),
            "a path of this machine"
        );
    }
    let whole = read("wcompose.1".into());
    assert!(whole.contains(".SH \"EXIT CODES\"") && whole.contains("wcompose\\-link"), "{whole}");
    assert_eq!(printed(&["man"]), whole);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), commands().len() + 1);
}

#[test]
fn the_manual_needs_a_folder_that_exists() {
    let output = called(&["man", "/nowhere/at/all"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is no folder `/nowhere/at/all`"));
}

/// What `doctor` finds with the cache in `caches`, and its exit code.
fn doctor(caches: &Path, format: &str) -> (Option<i32>, Output) {
    let mut command = Command::new(PROGRAM);
    let output = command.args(["doctor", "--format", format]).env("XDG_CACHE_HOME", caches).output().unwrap();
    (output.status.code(), output)
}

#[test]
fn the_doctor_finds_this_machine_well() {
    let caches = tempfile::tempdir().unwrap();
    let (code, output) = doctor(caches.path(), "json");
    let found = serde_json::from_slice::<Value>(&output.stdout).unwrap();
    assert_eq!((code, &found["ok"]), (Some(0), &true.into()), "{found:#}");
    assert_eq!(found["problems"], Value::Array(Vec::new()));
    assert_eq!(found["limits"], serde_json::json!(["time", "linear-memory", "process-memory"]));
    assert!(found["compilers"].as_array().unwrap().contains(&"cranelift".into()), "{found:#}");
    let features = found["targets"][0]["features"].as_array().unwrap();
    assert!(features.contains(&"component-model-async".into()), "{features:?}");
    assert_eq!(found["cache"]["found"], Value::Null, "it is not made by looking");
    assert_eq!(std::fs::read_dir(caches.path()).unwrap().count(), 0, "and nothing is left there");
    let (code, output) = doctor(caches.path(), "human");
    assert_eq!((code, String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

/// A server may have no folder that it can write to, and its sandbox gets the component all the same.
#[test]
#[cfg(target_os = "linux")]
fn the_sandbox_needs_no_folder_for_temporary_files() {
    let caches = tempfile::tempdir().unwrap();
    let mut command = Command::new(PROGRAM);
    command.arg("doctor").env("XDG_CACHE_HOME", caches.path()).env("TMPDIR", "/nowhere/at/all");
    let output = command.output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

/// Machine code that others could have put there is not loaded, and whoever wonders why each run takes long asks here.
#[test]
fn the_doctor_says_what_is_wrong_with_the_cache() {
    let caches = tempfile::tempdir().unwrap();
    let folder = caches.path().join("wcompose");
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
    let (code, output) = doctor(caches.path(), "human");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("others may write there"), "{told}");
    assert!(told.contains(&format!("help: chmod go-w '{}'", folder.display())), "{told}");
}
