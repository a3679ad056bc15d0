//! The rules of the house that a program can check, each a test that says what to do about it. They read the text of
//! the tree; what the compiler and clippy can see is left to them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is tests")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The guests' sources: written in many languages, each by the habits of its own.
const GUESTS: &str = "fixtures/rust/";

/// Words that design and glossary rule out, because they say nothing or mean something else here.
const WORDS: [&str; 7] = ["plug", "socket", "node", "manager", "processor", "helper", "util"];

#[test]
fn every_file_says_what_it_owns() {
    let silent = sources().filter(|source| !source.path.starts_with(GUESTS) && source.header().is_empty());
    let faults = silent.map(|source| source.path);
    none(faults, "begin these files with `//!`: what the file owns, and what it does not");
}

#[test]
fn long_files_say_why() {
    let long =
        sources().filter(|source| source.text.lines().count() > 400 && !source.header().contains("400"));
    let faults = long.map(|source| source.path);
    none(faults, "split these files, or say in their `//!` why they pass 400 lines");
}

#[test]
fn forbidden_words_name_nothing() {
    let faults = of(&["compose/", "wit/"]).flat_map(|source| {
        let bad = identifiers(&source.text).filter(|name| words(name).any(|word| WORDS.contains(&&*word)));
        bad.map(|name| format!("{}: {name}", source.path)).collect::<BTreeSet<_>>()
    });
    none(faults, "name these by what they are: `docs/glossary.md` has one word for each concept");
}

#[test]
fn the_core_does_no_io() {
    const OUTSIDE: [&str; 6] = ["fs", "env", "process", "net", "thread", "time"];
    let faults = of(&["compose/src/", "wit/src/"]).flat_map(|source| {
        let code = code(&source.text);
        let bad = OUTSIDE.iter().filter(|module| code.contains(&format!("std::{module}")));
        bad.map(|module| format!("{}: std::{module}", source.path)).collect::<Vec<_>>()
    });
    none(faults, "the crates `wcompose` and `wcompose-wit` take bytes and give bytes: move this to `cli/`");
}

#[test]
fn only_the_runner_knows_the_runtime() {
    let faults = members().into_iter().filter(|member| member != "cli/run").flat_map(|member| {
        let runtime = |name: &String| ["wasmtime", "tokio", "hyper"].iter().any(|r| name.starts_with(r));
        let names = dependencies(&member).into_iter().filter(runtime);
        names.map(|name| format!("{member}/Cargo.toml: {name}")).collect::<Vec<_>>()
    });
    none(faults, "run components through `wcompose-run`, the only crate that names wasmtime and tokio");
}

/// Whoever looks for unsafe code reads what `docs/architecture.md` promises.
#[test]
fn unsafe_code_is_where_the_architecture_says() {
    let promised = read("docs/architecture.md");
    let promised = promised.lines().skip_while(|line| !line.starts_with("11. ")).take(3);
    let promised = promised.collect::<String>();
    let unpromised = sources().filter(|source| {
        code(&source.text).contains("unsafe {") && !promised.contains(&format!("`{}`", source.path))
    });
    none(
        unpromised.map(|source| source.path),
        "name these in invariant 11 of docs/architecture.md, or do without",
    );
}

/// Reports name the version of the runtime, and the crate that makes them does not know the runtime.
#[test]
fn the_target_is_the_runtime_that_we_build() {
    let workspace = read("Cargo.toml").parse::<toml::Table>().unwrap();
    let runtime = &workspace["workspace"]["dependencies"]["wasmtime"]["version"];
    let (name, version) = wcompose::Target::default().runtime();
    assert_eq!(
        runtime.as_str(),
        Some(format!("={version}").as_str()),
        "{name}: change `compose/src/target.rs` and `compose/targets` together with it"
    );
}

/// The version that the program prints is that of the crates that it is built of.
#[test]
fn the_tools_are_those_that_we_build() {
    let lock = read("Cargo.lock").parse::<toml::Table>().unwrap();
    let packages = lock["package"].as_array().unwrap();
    let parsers = packages.iter().filter(|package| package["name"].as_str() == Some("wasmparser"));
    let releases = parsers.map(|package| package["version"].as_str().unwrap()).collect::<Vec<_>>();
    // The crate 0.254.2 is of the release 1.254.2.
    let expected = wcompose_cli::WASM_TOOLS.replacen('1', "0", 1);
    assert_eq!(releases, [expected], "change `cli/src/versions.rs` together with it");
}

#[test]
fn libraries_list_their_names() {
    let roots = sources().filter(|source| source.path.ends_with("src/lib.rs"));
    let globs = roots.filter(|source| code(&source.text).contains("::*"));
    let faults = globs.filter(|source| !source.path.starts_with(GUESTS)).map(|source| source.path);
    none(faults, "list the public names by hand instead of `::*`");
}

#[test]
fn every_dependency_has_a_reason() {
    let listed = read("docs/dependencies.md");
    let used = members().iter().flat_map(|member| dependencies(member)).collect::<BTreeSet<_>>();
    let unexplained = used.iter().filter(|name| !listed.contains(&format!("| `{name}`")));
    none(unexplained, "give each of these a line in docs/dependencies.md: `NAME`, release, licence, why");
    let rows = listed.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    none(
        rows.filter(|name| !used.contains(*name)),
        "take these out of docs/dependencies.md: nothing uses them",
    );
}

#[test]
fn diagnostics_are_documented() {
    let mut text = String::from(
        "# Diagnostics\n\nEvery code that wcompose prints in brackets after `error` or `warning`, and what to do about it. Written from the texts in\n\
         `compose/src/diagnostics/` and `cli/src/codes.rs` by `WCOMPOSE_BLESS=1 cargo test -p wcompose-tests --test tidy`.\n",
    );
    for code in wcompose::CODES.iter().chain(wcompose_cli::CODES) {
        text += &format!("\n## {}\n{}\n", code.name, code.text);
    }
    if std::env::var_os("WCOMPOSE_BLESS").is_some() {
        fs::write(root().join("docs/diagnostics.md"), &text).unwrap();
    }
    assert!(
        read("docs/diagnostics.md") == text,
        "write docs/diagnostics.md anew: WCOMPOSE_BLESS=1 cargo test -p wcompose-tests --test tidy"
    );
}

/// Fails if there are `faults`: lists them below what is to be done.
fn none(faults: impl Iterator<Item = impl std::fmt::Display>, advice: &str) {
    let faults = faults.map(|fault| format!("\n  {fault}")).collect::<String>();
    assert!(faults.is_empty(), "{advice}{faults}");
}

/// A Rust file, by its path from the root of the tree.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The `//!` lines at its top.
    fn header(&self) -> String {
        self.text.lines().take_while(|line| line.starts_with("//!")).collect()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("cannot read {path}: {error}"))
}

fn sources() -> impl Iterator<Item = Source> {
    let mut paths = Vec::new();
    collect(root(), &mut paths);
    paths.sort();
    assert!(!paths.is_empty(), "no sources below {}", root().display());
    paths.into_iter().map(|path| {
        let text = fs::read_to_string(&path).unwrap();
        let path = path.strip_prefix(root()).unwrap().display().to_string().replace('\\', "/");
        Source { path, text }
    })
}

fn of(places: &[&str]) -> impl Iterator<Item = Source> {
    sources().filter(|source| places.iter().any(|place| source.path.starts_with(place)))
}

fn collect(directory: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
            collect(&path, paths);
        } else if name.ends_with(".rs") {
            paths.push(path);
        }
    }
}

fn members() -> Vec<String> {
    let workspace = read("Cargo.toml").parse::<toml::Table>().unwrap();
    let members = workspace["workspace"]["members"].as_array().unwrap();
    members.iter().map(|member| member.as_str().unwrap().to_owned()).collect()
}

/// What a member depends on beside other members.
fn dependencies(member: &str) -> Vec<String> {
    let manifest = read(&format!("{member}/Cargo.toml")).parse::<toml::Table>().unwrap();
    let tables = ["dependencies", "dev-dependencies", "build-dependencies"];
    let names = tables.iter().filter_map(|table| manifest.get(*table)?.as_table()).flat_map(|t| t.keys());
    names.filter(|name| !name.starts_with("wcompose")).cloned().collect()
}

/// The names in Rust code.
fn identifiers(text: &str) -> impl Iterator<Item = String> {
    let code = code(text);
    let names = code.split(|c: char| c != '_' && !c.is_alphanumeric()).map(str::to_owned);
    names.filter(|name| !name.is_empty()).collect::<Vec<_>>().into_iter()
}

/// The words of a name in snake or camel case, in lower case and without the s of a plural.
fn words(name: &str) -> impl Iterator<Item = String> {
    let mut spaced = String::new();
    for c in name.chars() {
        if c.is_uppercase() {
            spaced.push('_');
        }
        spaced.extend(c.to_lowercase());
    }
    let words = spaced.split('_').map(|word| word.strip_suffix('s').unwrap_or(word).to_owned());
    words.collect::<Vec<_>>().into_iter()
}

/// Rust code without its comments and without what its strings say.
fn code(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("'\"'") {
            3
        } else if let Some(hashes) = raw_string(rest) {
            let close = format!("\"{}", "#".repeat(hashes));
            let open = hashes + 2;
            rest[open..].find(&close).map_or(rest.len(), |end| open + end + close.len())
        } else if c == '"' {
            string(rest)
        } else {
            code.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        code.push(' ');
        rest = &rest[skipped..];
    }
    code
}

/// The number of hashes with which a raw string begins here.
fn raw_string(text: &str) -> Option<usize> {
    let after = text.strip_prefix('r')?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..].starts_with('"').then_some(hashes)
}

/// The length of the string literal that begins here.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[test]
fn comments_and_strings_are_no_code() {
    let text = r##"let a = "node \" util"; // socket
        let r = r#"helper " plug"#; let c = '"'; let snakes = SnakeNodes;"##;
    let found = identifiers(text).flat_map(|name| words(&name).collect::<Vec<_>>());
    let found = found.filter(|word| WORDS.contains(&word.as_str())).collect::<Vec<_>>();
    assert_eq!(found, ["node"]);
}
