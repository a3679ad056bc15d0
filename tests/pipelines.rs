//! The files with which others call wcompose: the action and the workflow of GitHub, the template of GitLab, the hooks of
//! pre-commit. They are checked against the schemas that their services publish, and their scripts are run.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is tests")]

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_wcompose-subject");

/// Each file and the schema that it must agree with.
const FILES: [(&str, &str); 3] = [
    ("action.yml", "github-actions.json"),
    (".github/workflows/ci.yml", "github-workflows.json"),
    ("docs/ci/gitlab.yml", "gitlab-ci.json"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn yaml(file: &str) -> Value {
    let text = std::fs::read_to_string(root().join(file)).unwrap();
    let documents = Yaml::load_from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    let [document] = documents.as_slice() else { panic!("{file} is not one document") };
    json(document)
}

/// The same data as JSON, which is what schemas speak of.
fn json(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => (*value).into(),
        Yaml::Value(Scalar::Integer(value)) => (*value).into(),
        Yaml::Value(Scalar::FloatingPoint(value)) => value.into_inner().into(),
        Yaml::Value(Scalar::String(text)) => text.as_ref().into(),
        Yaml::Sequence(items) => items.iter().map(json).collect(),
        Yaml::Mapping(entries) => {
            let key =
                |yaml: &Yaml<'_>| yaml.as_str().unwrap_or_else(|| panic!("{yaml:?} is no key")).to_owned();
            entries.iter().map(|(name, value)| (key(name), json(value))).collect()
        }
        other => panic!("JSON has no {other:?}"),
    }
}

fn faults(schema: &str, instance: &Value) -> Vec<String> {
    let text = std::fs::read_to_string(root().join("tests/schemas").join(schema)).unwrap();
    let validator = jsonschema::options().build(&serde_json::from_str(&text).unwrap()).unwrap();
    validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn files_of_services_are_valid_by_their_schemas() {
    for (file, schema) in FILES {
        assert_eq!(faults(schema, &yaml(file)), Vec::<String>::new(), "{file}");
    }
}

/// A schema that is not applied would accept everything.
#[test]
fn the_schemas_are_applied() {
    let spoilt = |file: &str, place: &str, value: Value| {
        let mut yaml = yaml(file);
        *yaml.pointer_mut(place).unwrap_or_else(|| panic!("{file} has no {place}")) = value;
        yaml
    };
    let number = || Value::from(1);
    let spoilt = [
        spoilt("action.yml", "/runs/using", "nothing".into()),
        spoilt(".github/workflows/ci.yml", "/jobs/all/steps", number()),
        spoilt("docs/ci/gitlab.yml", "/wcompose/script", number()),
    ];
    for ((file, schema), spoilt) in FILES.iter().zip(spoilt) {
        assert_ne!(faults(schema, &spoilt), Vec::<String>::new(), "{file}");
    }
}

/// An input that no step reads does nothing; one that nobody can read about is not used.
#[test]
fn inputs_of_the_action_are_used_and_documented() {
    let text = std::fs::read_to_string(root().join("action.yml")).unwrap();
    let guide = std::fs::read_to_string(root().join("docs/ci.md")).unwrap();
    for (name, input) in yaml("action.yml")["inputs"].as_object().unwrap() {
        assert!(text.contains(&format!("inputs.{name}")), "no step uses {name}");
        assert!(
            input["description"].as_str().is_some_and(|text| !text.is_empty()),
            "{name} is not described"
        );
        let default = input["default"].as_str().unwrap();
        assert!(
            !guide.is_empty() && guide.contains(&format!("| `{name}` | `{default}` |")),
            "docs/ci.md lacks {name}"
        );
    }
}

/// The script of a step of the action, by its id.
fn script(id: &str) -> String {
    let action = yaml("action.yml");
    let step = action["runs"]["steps"].as_array().unwrap().iter().find(|step| step["id"] == id);
    step.and_then(|step| step["run"].as_str()).unwrap_or_else(|| panic!("no step {id}")).to_owned()
}

/// How a step ended that was run as GitHub runs it, in a folder with some components.
struct Step {
    code: Option<i32>,
    stdout: String,
    /// What it gave to `$GITHUB_OUTPUT`.
    outputs: String,
    folder: tempfile::TempDir,
}

fn step(id: &str, environment: &[(&str, &str)]) -> Step {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("bin")).unwrap();
    symlink(PROGRAM, at("bin/wcompose")).unwrap();
    for (component, name) in [("rust-app", "app.wasm"), ("c-leaf", "a leaf.wasm")] {
        std::fs::copy(root().join(format!("fixtures/prebuilt/{component}.wasm")), at(name)).unwrap();
    }
    let path = format!("{}:{}", at("bin").display(), std::env::var("PATH").unwrap());
    let output = Command::new("bash")
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &script(id)])
        .current_dir(folder.path())
        .env("PATH", path)
        .env("RUNNER_TEMP", folder.path())
        .env("GITHUB_OUTPUT", at("outputs"))
        .env("GITHUB_PATH", at("path"))
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    Step {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr),
        outputs: std::fs::read_to_string(at("outputs")).unwrap_or_default(),
        folder,
    }
}

/// The exit code is a contract, so it must reach the workflow; and a name with a space is one word.
#[test]
fn the_action_passes_words_and_exit_codes_on() {
    let linked =
        step("run", &[("ARGS", "link app.wasm 'leaf=a leaf.wasm' -o \"the output.wasm\""), ("MANIFEST", "")]);
    assert_eq!(linked.code, Some(0), "{}", linked.stdout);
    assert_eq!(linked.outputs, "exit-code=0\n");
    assert!(linked.folder.path().join("the output.wasm").is_file());
    let wrong = step("run", &[("ARGS", "link app.wasm"), ("MANIFEST", "")]);
    assert_eq!((wrong.code, wrong.outputs.as_str()), (Some(1), "exit-code=1\n"), "{}", wrong.stdout);
    let executed = step("run", &[("ARGS", "link $(touch made) `touch made` ; touch made"), ("MANIFEST", "")]);
    assert_ne!(executed.code, Some(0));
    assert!(!executed.folder.path().join("made").exists(), "what the input says is not executed");
}

/// Where a manifest is somewhere else, or has several compositions, both steps that link are about the one that is meant.
#[test]
fn the_action_names_manifest_and_composition() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("the manifest.toml");
    let of = |name: &str, file: &str| format!("[composition.{name}]\ncomponents = [\"{file}\"]\n");
    std::fs::copy(root().join("fixtures/prebuilt/c-leaf.wasm"), folder.path().join("leaf.wasm")).unwrap();
    std::fs::write(&manifest, of("one", "leaf.wasm") + &of("other", "gone.wasm")).unwrap();
    let environment = |composition| [("MANIFEST", manifest.to_str().unwrap()), ("COMPOSITION", composition)];
    let with_args = |args, composition| [&[("ARGS", args)], &environment(composition)[..]].concat();

    let linked = step("run", &with_args("link --dry-run", "one"));
    assert_eq!(linked.outputs, "exit-code=0\n", "{}", linked.stdout);
    let which = step("run", &with_args("link --dry-run", ""));
    assert_eq!(which.outputs, "exit-code=2\n", "{}", which.stdout);
    let checked = step("sarif", &environment("one"));
    assert_eq!(checked.code, Some(0), "{}", checked.stdout);
    let sarif = std::fs::read_to_string(checked.folder.path().join("wcompose.sarif")).unwrap();
    assert!(sarif.contains("\"2.1.0\""), "{sarif}");
    let unknown = step("sarif", &environment(""));
    assert_eq!(unknown.code, Some(1), "nothing can be uploaded: {}", unknown.stdout);
}

#[test]
fn the_action_finds_a_program_that_is_installed() {
    let put = step("install", &[("PROGRAM", "bin/wcompose"), ("ROOT", "")]);
    assert_eq!(put.code, Some(0), "{}", put.stdout);
    let path = std::fs::read_to_string(put.folder.path().join("path")).unwrap();
    assert_eq!(path.trim(), put.folder.path().join("bin").to_str().unwrap());
    assert!(put.stdout.starts_with("wcompose "), "{}", put.stdout);
}

/// What the cache is keyed by must change when the program does, and only then.
#[test]
fn the_action_keys_its_cache_by_content() {
    let sources = tempfile::tempdir().unwrap();
    for file in ["Cargo.toml", "Cargo.lock", "cli/a.rs", "compose/a.rs", "wit/a.rs", "docs/a.md"] {
        let place = sources.path().join(file);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, file).unwrap();
    }
    let digest = || {
        let found = step("source", &[("SOURCE", sources.path().to_str().unwrap())]);
        assert_eq!(found.code, Some(0), "{}", found.stdout);
        found.outputs.lines().find(|line| line.starts_with("digest=")).unwrap().to_owned()
    };
    let first = digest();
    assert!(first.len() > 60, "{first}");
    std::fs::write(sources.path().join("docs/a.md"), "changed").unwrap();
    assert_eq!(digest(), first);
    std::fs::write(sources.path().join("cli/a.rs"), "changed").unwrap();
    assert_ne!(digest(), first);
}

/// There is no schema of these; their fields are those of <https://pre-commit.com/#new-hooks>.
#[test]
fn hooks_of_pre_commit_call_commands_that_exist() {
    const FIELDS: [&str; 7] = ["id", "name", "description", "entry", "language", "files", "pass_filenames"];
    let hooks = yaml(".pre-commit-hooks.yaml");
    for hook in hooks.as_array().unwrap() {
        let fields = hook.as_object().unwrap();
        let unknown = fields.keys().filter(|field| !FIELDS.contains(&field.as_str())).collect::<Vec<_>>();
        assert!(unknown.is_empty(), "{unknown:?}");
        assert_eq!((&hook["language"], &hook["pass_filenames"]), (&"system".into(), &false.into()));
        let words = hook["entry"].as_str().unwrap().split(' ').collect::<Vec<_>>();
        let help = Command::new(PROGRAM).args(&words[1..]).arg("--help").output().unwrap();
        assert_eq!((words[0], help.status.code()), ("wcompose", Some(0)), "{words:?}");
    }
}

/// What runs for others must be what a developer runs.
#[test]
fn our_workflow_runs_our_script() {
    let steps = yaml(".github/workflows/ci.yml")["jobs"]["all"]["steps"].clone();
    assert!(steps.as_array().unwrap().iter().any(|step| step["run"] == ".ci/run"), "{steps}");
    let script: PathBuf = root().join(".ci/run");
    assert!(script.metadata().unwrap().permissions().mode() & 0o111 != 0);
}
