//! Every meeting of synchronous and async sides, executed: languages before languages, at once and blocking, alone and under
//! load, recoloured and over adapters. What is bridged prints what it prints where both sides have one effect, and what is
//! refused says why. `docs/bridged.md` says what came of each. `WCOMPOSE_BLESS=1` writes it; rows with a language that is not
//! built here stay as they are.
#![allow(clippy::unwrap_used, reason = "all of it is tests")]

#[path = "bridged/adapted.rs"]
mod adapted;
#[path = "bridged/refused.rs"]
mod refused;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use wcompose::{BridgeRequest, Consent, Request};
use wcompose_fixtures::{Language, Role};
use wcompose_run::{EngineChoice, FunctionPath, Options, Value, call};
use wcompose_tests::{Guest, is_built, link, link_and_tell, patient, printed};

/// Consent to all changes.
fn consent() -> Request {
    Request { recolour: Consent::All, ..Request::default() }
}

/// Most of the time is for compiling interpreters.
fn quick() -> Options {
    Options { engine: EngineChoice::WinchFirst, ..patient() }
}

/// A component that calls `demo:x/y`, what it is linked with before it, and what that prints over a provider with a tag.
struct Caller {
    name: &'static str,
    heads: &'static [&'static str],
    fixture: &'static str,
    prints: fn(&str) -> String,
}

const CALLERS: [Caller; 7] = [
    Caller { name: "Rust, a command, sync", heads: &[], fixture: "rust-sync-cmd", prints: command },
    Caller {
        name: "Rust, a library, sync",
        heads: &["rust-sync-svc-cmd"],
        fixture: "rust-sync-lib",
        prints: service,
    },
    Caller { name: "C, sync", heads: &["rust-sync-one-cmd"], fixture: "c-sync-user", prints: in_c },
    Caller {
        name: "JavaScript, sync",
        heads: &["rust-sync-one-cmd"],
        fixture: "js-sync-user",
        prints: in_js,
    },
    Caller {
        name: "Python, sync",
        heads: &["rust-sync-one-cmd"],
        fixture: "py-sync-user",
        prints: in_python,
    },
    Caller { name: "Rust, a command, async", heads: &[], fixture: "rust-async-main", prints: main },
    Caller {
        name: "Python, async",
        heads: &["rust-sync-one-cmd"],
        fixture: "py-async-user",
        prints: in_python,
    },
];

const PROVIDERS: [(&str, &str, &str); 6] = [
    ("Rust, sync", "rust-sync-provider", "rs"),
    ("Rust, async", "rust-async-provider", "rs"),
    ("JavaScript, sync", "js-sync-provider", "js"),
    ("JavaScript, async", "js-async-provider", "js"),
    ("Python, sync", "py-sync-provider", "py"),
    ("Python, async", "py-async-provider", "py"),
];

fn main(tag: &str) -> String {
    format!("{tag}(m)\n6\n6,2,lbl! Ok(42) Err(\"bad zz\")\n8 8\n4\nconcurrent {tag}(A) {tag}(B)\n")
}

fn command(tag: &str) -> String {
    format!("start\n{tag}(cmd)\n499500\n6,2,lbl! Ok(42) Err(\"bad zz\")\n8 8 4\n")
}

fn service(tag: &str) -> String {
    format!(
        "{tag}(svc) 10 (6,2,lbl!) Ok(42) Err(\"bad zz\") 7 7\n1,0,o!\n[tag:104:{tag}(a)][tag:105:{tag}(b)]\nplain3+<3>+{tag}(p)\n"
    )
}

fn in_c(tag: &str) -> String {
    format!("c:{tag}(one) 6 6 lbl! 42 bad zz 7 7\n")
}

fn in_js(tag: &str) -> String {
    format!("js:{tag}(one) 6 6,lbl! 42 bad zz 7 7\n")
}

fn in_python(tag: &str) -> String {
    format!("py:{tag}(one) 6 6,lbl! 42 bad zz 7 7\n")
}

impl Caller {
    /// Links it over a provider, runs the two, and says how they were connected.
    fn over(&self, (_, provider, tag): (&str, &str, &str)) -> String {
        let names = self.heads.iter().chain([&self.fixture, &provider]).collect::<Vec<_>>();
        let guests = names.iter().map(|name| Guest::fixture(name).unwrap()).collect::<Vec<_>>();
        let (composition, bridged) = link_and_tell(&guests, &consent()).unwrap();
        assert_eq!(printed(&composition, &quick()).unwrap(), (self.prints)(tag), "{names:?}");
        let is_it = |(importer, import): &(String, String)| importer == self.fixture && import.contains("/y");
        if bridged.iter().any(is_it) { "recoloured".into() } else { "as it is".into() }
    }
}

/// What can be said of a pair without Python on a machine that has none.
fn is_here(fixtures: &[&str], python: bool) -> bool {
    python || !fixtures.iter().any(|name| name.starts_with("py-"))
}

/// Does `work` for each number on two threads: most of it is compiling.
fn in_two<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count {
                        return;
                    }
                    let made = work(index);
                    done.lock().unwrap().push((index, made));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, made)| made).collect()
}

/// Strings, lists, records, results, and a resource with constructor, method, static and borrow.
fn languages(kept: &str, python: bool) -> String {
    let columns = PROVIDERS.map(|(name, ..)| name);
    let cells = in_two(CALLERS.len() * PROVIDERS.len(), |index| {
        let (caller, column) = (&CALLERS[index / PROVIDERS.len()], index % PROVIDERS.len());
        let here = is_here(&[caller.fixture, PROVIDERS[column].1], python);
        if here { caller.over(PROVIDERS[column]) } else { cell(kept, caller.name, column) }
    });
    let rows = CALLERS.iter().zip(cells.chunks(PROVIDERS.len()));
    let rows = rows.map(|(caller, cells)| format!("| {} | {} |\n", caller.name, cells.join(" | ")));
    format!(
        "| caller \\ provider | {} |\n|{}\n{}",
        columns.join(" | "),
        " --- |".repeat(1 + columns.len()),
        rows.collect::<String>()
    )
}

/// What the page has in a row and column.
fn cell(kept: &str, row: &str, column: usize) -> String {
    let row = kept.lines().find(|line| line.starts_with(&format!("| {row} |")));
    let cell = row.and_then(|row| row.split('|').nth(column + 2));
    cell.map_or("not run".into(), |cell| cell.trim().to_owned())
}

/// What the stress app prints over steps: it makes 8 calls, then has 4 streams each way, of about 1,000 numbers, at once.
fn stressed(steps: &[&str]) -> String {
    let heads = ["rust-stress"].into_iter().chain(steps.iter().copied());
    let guests = heads.map(|name| Guest::fixture(name).unwrap()).collect::<Vec<_>>();
    printed(&link(&guests, &consent()).unwrap(), &quick()).unwrap()
}

/// The chain with one synchronous link in it, recoloured on both sides, beside the same with a link compiled as async.
fn stress(kept: &str, python: bool) -> String {
    let of = |language: Language, role: Role| {
        let mut fixtures = wcompose_fixtures::all();
        fixtures
            .find(|fixture| fixture.language() == language && fixture.role == role)
            .map(|fixture| fixture.name)
    };
    let rows = in_two(Language::ALL.len(), |index| {
        let language = Language::ALL[index];
        let middle = of(language, Role::Middle).unwrap();
        if !is_here(&[middle], python) {
            let cells = [0, 1].map(|column| cell(kept, language.name(), column));
            return format!("| {} | {} |\n", language.name(), cells.join(" | "));
        }
        let end = of(language, Role::Leaf).map_or(vec![middle, "rust-leaf"], |leaf| vec![leaf]);
        let (mut before, mut behind) = (Vec::new(), Vec::new());
        for relay in ["rust-sync-relay", "rust-async-relay"] {
            before.push(stressed(&[middle, relay, "rust-leaf"]));
            behind.push(stressed(&[&[relay], end.as_slice()].concat()));
        }
        for printed in [&before, &behind] {
            assert_eq!(printed[0], printed[1], "{}", language.name());
            assert_eq!(printed[0].matches("relay(").count(), 8, "{}", printed[0]);
        }
        format!("| {} | the same | the same |\n", language.name())
    });
    format!(
        "| language | async, calls the synchronous link | async, is called by it |\n| --- | --- | --- |\n{}",
        rows.concat()
    )
}

#[test]
fn the_table_says_what_came_of_each() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/bridged.md");
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let python = is_built(Language::Python).unwrap();
    let page = format!(
        "{INTRODUCTION}{}{NOT_THERE}{}{}{STRESS}{}{BY_HAND}{}{}{}",
        languages(&kept, python),
        adapted::INTRODUCTION,
        adapted::pairs(&kept, python),
        stress(&kept, python),
        calls_that_block() + &calls_that_do_not_block(),
        refused::INTRODUCTION,
        refused::refusals()
    );
    if std::env::var_os("WCOMPOSE_BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == page, "docs/bridged.md is stale, WCOMPOSE_BLESS=1 writes it anew:\n{page}");
}

const INTRODUCTION: &str = "# What was bridged and run

Made by `tests/bridged.rs`, which links and runs each of these and compares what they print; `WCOMPOSE_BLESS=1` writes this page. How bridging
works is said in [bridging.md](bridging.md).

## Languages

`demo:x/y` of `fixtures/wit/x.wit` and `x-async.wit`: strings, a list, a record, results, and a resource with constructor, method, static function
and borrow. Every async provider gives way before it answers: that in Rust to the runtime, waiting for a clock, those in JavaScript and Python to
the loop of their language. A cell says how the two were connected; each printed what it prints where both sides have one effect.

";

const NOT_THERE: &str = "
Not there: a caller in C that is async with resources, since no bindings for it are kept (below is one with streams), and an async caller in
JavaScript: componentize-qjs 0.4.5 takes no async imports, and 0.5.0, which does, needs a newer Rust to build than this project. Below is one that
was built with it.
";

const STRESS: &str = "
## Under load

The stress app makes 8 calls and then has 4 streams each way at once, of about 1,000 numbers each, through a link in each language and one in Rust
that passes strings, streams and futures on. That link is once `rust-sync-relay`, synchronous and recoloured, and once `rust-async-relay`, the same
source with `async`, which needs no bridge. The end of the chain gives way, so its callers wait. The table says what came of the first beside
the second.

";

const BY_HAND: &str = "
## Each ABI

Components written by hand, with strings in every case, and streams and futures where it says so. The first four callees wait for a timer; the
last two return at once, which shows in how the asynchronous ABI reports it. The last column is for strings alone; that streams, futures and
all other types cross an adapter in both directions is shown by `tests/adapters.rs`.

| caller | callee | payload | | with an adapter |
| --- | --- | --- | --- | --- |
";

/// The text of a component whose functions are `async`, with the same functions synchronous. Code and ABI stay.
fn synchronous(text: &str) -> String {
    text.replace(" async (param", " (param")
        .replace("(export \"wait-for\" (func (param", "(export \"wait-for\" (func async (param")
}

/// Importers and exporters written by hand, whose calls really block: strings behind a timer, streams and futures.
fn calls_that_block() -> String {
    let mut rows = String::new();
    const LOWER_SYNC: &str = include_str!("abi/lower-sync.wat");
    const LOWER_ASYNC: &str = include_str!("abi/lower-async.wat");
    const LIFT_SYNC: &str = include_str!("abi/lift-sync.wat");
    const LIFT_CALLBACK: &str = include_str!("abi/lift-callback.wat");
    for (importer, caller, exporter, callee, mark) in [
        ("async", LOWER_SYNC.to_owned(), "sync", synchronous(LIFT_SYNC), "sync"),
        ("async (async ABI)", LOWER_ASYNC.to_owned(), "sync", synchronous(LIFT_SYNC), "sync"),
        ("sync", synchronous(LOWER_SYNC), "async", LIFT_CALLBACK.to_owned(), "callback"),
        ("sync", synchronous(LOWER_SYNC), "async (sync ABI)", LIFT_SYNC.to_owned(), "sync"),
    ] {
        let guests = [Guest::text("caller", &caller).unwrap(), Guest::text("callee", &callee).unwrap()];
        assert!(link(&guests, &Request { bridge: BridgeRequest::None, ..consent() }).is_err());
        let composition = link(&guests, &consent()).unwrap();
        let one = |function: &str, argument: Value| {
            let path = FunctionPath::of_component(function);
            let called = call(&composition, &path, &[argument], &patient()).unwrap();
            called.results.expect(function).remove(0)
        };
        for text in ["", "world", "Größe Ωμέγα 東京 🦀"] {
            let expected = Value::String(format!("{text}, lifted {mark}"));
            assert_eq!(one("echo", Value::String(text.into())), expected, "{importer} over {exporter}");
        }
        for n in [1u32, 10, 16] {
            let sum = (0..u64::from(n)).sum();
            assert_eq!(one("sum", Value::U32(n)), Value::U64(sum), "{importer} over {exporter}");
        }
        let adapted = over_an_adapter(&guests, "echo", &format!("world, lifted {mark}"));
        rows += &format!("| {importer} | {exporter} | strings, stream, future | recoloured | {adapted} |\n");
    }
    rows
}

/// The same where the callee has its answer at once, which shows in how the asynchronous ABI reports it.
fn calls_that_do_not_block() -> String {
    let mut rows = String::new();
    let text = |text: &str| text.replace("ENCODING", "utf8");
    let (caller, callee) =
        (text(include_str!("abi/plain-lower.wat")), text(include_str!("abi/plain-lift.wat")));
    let changed = |text: &str, from: &str, to: &str| {
        assert!(text.contains(from), "`{from}` is there to be changed");
        text.replace(from, to)
    };
    for (meeting, function, callee) in [
        ("sync over async", "echo-sync", changed(&callee, "(func $echo (", "(func $echo async (")),
        (
            "async over sync",
            "echo-async",
            changed(&callee, "(func $echo-async async (", "(func $echo-async ("),
        ),
    ] {
        let guests = [Guest::text("caller", &caller).unwrap(), Guest::text("callee", &callee).unwrap()];
        let composition = link(&guests, &consent()).unwrap();
        let path = FunctionPath::of_component(function);
        let argument = Value::String("Größe 🦀".into());
        let called = call(&composition, &path, std::slice::from_ref(&argument), &patient()).unwrap();
        assert_eq!(called.results.expect(meeting), [argument], "{meeting}");
        let (importer, exporter) = meeting.split_once(" over ").unwrap();
        let adapted = over_an_adapter(&guests, function, "world");
        rows += &format!("| {importer} | {exporter}, at once | strings | recoloured | {adapted} |\n");
    }
    rows
}

/// What comes of a call with `world` if the two are linked with an adapter.
fn over_an_adapter(guests: &[Guest], function: &str, expected: &str) -> String {
    let composition = link(guests, &adapted::adapters()).unwrap();
    let path = FunctionPath::of_component(function);
    let called = call(&composition, &path, &[Value::String("world".into())], &patient()).unwrap();
    match called.results {
        Ok(results) => {
            assert_eq!(results, [Value::String(expected.into())]);
            "adapted".into()
        }
        Err(verdict) => adapted::told(&verdict),
    }
}
