//! Runs every language in front of every other: a middle of one, then a leaf of the other, under two heads. One head
//! makes each call once, the other makes 8 calls and then 4 streams each way at once. Each composition has what its inputs
//! define more than once in one place, and then in each of them. Prints the matrix at the end.
//!
//! Exists because the canonical ABI is one, but each toolchain uses its own corner of it.
#![expect(clippy::print_stdout, reason = "the matrix is for people to read")]

use std::sync::Mutex;

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Arguments, Failed, Trial};
use wcompose::Request;
use wcompose_fixtures::{Fixture, Language, Role};
use wcompose_run::Options;
use wcompose_tests::{Guest, is_built, link, patient, printed};

/// Latin-1, the rest of the basic plane, what UTF-16 needs two units for, and a character of two scalars.
const NAME: &str = "Größe ÿ Ωμέγα 東京 🦀 e\u{301}";

/// Every pair that was run, and whether it did what it should.
static PAIRS: Mutex<Vec<(Pair, bool)>> = Mutex::new(Vec::new());

fn main() -> Result<()> {
    let arguments = Arguments::from_args();
    let python = is_built(Language::Python);
    let languages = Language::ALL.into_iter().filter(|language| match language {
        Language::Python => matches!(python, Ok(true)),
        _ => true,
    });
    let languages = languages.collect::<Vec<_>>();
    let pairs = languages
        .iter()
        .flat_map(|middle| languages.iter().map(|leaf| Pair { middle: *middle, leaf: *leaf }));
    let mut trials = pairs
        .map(|pair| {
            Trial::test(format!("{}-{}", pair.middle, pair.leaf), move || {
                let result = pair.run();
                PAIRS.lock().expect("nothing panics while it holds the lock").push((pair, result.is_ok()));
                result.map_err(|error| Failed::from(format!("{error:#}")))
            })
        })
        .collect::<Vec<_>>();
    if let Err(error) = python {
        trials.push(Trial::test("python-is-required", move || Err(Failed::from(format!("{error:#}")))));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !arguments.list {
        print!("{}", matrix(&languages, &PAIRS.lock().expect("nothing panics while it holds the lock")));
    }
    conclusion.exit()
}

/// A middle of one language before a leaf of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pair {
    middle: Language,
    leaf: Language,
}

impl Pair {
    fn run(self) -> Result<()> {
        let heads = [
            Guest::text("heads", include_str!("pairings/heads.wat"))?,
            Guest::fixture("rust-app")?.named("app"),
            Guest::fixture("rust-stress")?.named("stress"),
        ];
        let steps = self.steps()?;
        let guests = steps.iter().enumerate().map(|(place, step)| {
            // Two instances of one file need two names.
            Ok(Guest::fixture(step.name)?.named(&format!("{}-{place}", step.name)))
        });
        let guests = heads.into_iter().map(Ok).chain(guests).collect::<Result<Vec<_>>>()?;
        let wire = |head: &str| format!("heads:demo:heads/{head}={head}:wasi:cli/run").parse();
        let wires = vec![wire("app")?, wire("stress")?];
        let linked =
            |keep_copies| link(&guests, &Request { wires: wires.clone(), keep_copies, ..Request::default() });
        let (shared, copies) = (linked(false)?, linked(true)?);
        ensure!(shared.len() < copies.len(), "the heads alone have modules in common");
        let expected = expected(&steps);
        for (what, composition) in [("shared", shared), ("with every copy", copies)] {
            let found = printed(&composition, &Options { args: vec![NAME.into()], ..patient() })?;
            ensure!(found == expected, "{what}, expected:\n{expected}found:\n{found}");
        }
        Ok(())
    }

    /// The middle, then the leaf; where the other language has none, its middle before a leaf in Rust.
    fn steps(self) -> Result<Vec<&'static Fixture>> {
        let of = |language: Language, role: Role| {
            wcompose_fixtures::all().find(|fixture| fixture.language() == language && fixture.role == role)
        };
        let middle =
            |language| of(language, Role::Middle).with_context(|| format!("no middle in {language}"));
        let mut steps = vec![middle(self.middle)?];
        match of(self.leaf, Role::Leaf) {
            Some(leaf) => steps.push(leaf),
            None => {
                steps.push(middle(self.leaf)?);
                steps.push(of(Language::Rust, Role::Leaf).context("no leaf in Rust")?);
            }
        }
        Ok(steps)
    }
}

/// What the two heads print over these steps.
fn expected(steps: &[&Fixture]) -> String {
    let greeting = |name: &str| {
        let opened = steps.iter().map(|step| format!("{}(", step.language().tag())).collect::<String>();
        format!("{opened}{name}{}", ")".repeat(steps.len()))
    };
    let raised = 100 * (steps.len() as u64 - 1);
    let sum = |n: u64| n * (n - 1) / 2;
    let limits = 1000..1004;

    let app = format!(
        "greet: {}\nnumbers: {:?}\ntotal: 10\n",
        greeting(NAME),
        (0..5).map(|n| n + raised).collect::<Vec<_>>(),
    );
    let stress = format!(
        "{:?}\n{:?}\n{:?}\n",
        (0..8).map(|i| greeting(&format!("w{i}"))).collect::<Vec<_>>(),
        limits.clone().map(|n| sum(n) + n * raised).collect::<Vec<_>>(),
        limits.map(sum).collect::<Vec<_>>(),
    );
    app + &stress
}

/// One row for each middle, one column for each leaf, and the counts.
fn matrix(languages: &[Language], pairs: &[(Pair, bool)]) -> String {
    let column = |language: &Language| language.tag().len().max(4);
    let mut text = format!("{:14}", "middle \\ leaf");
    for leaf in languages {
        text += &format!("  {:>1$}", leaf.tag(), column(leaf));
    }
    for middle in languages {
        text += &format!("\n{:14}", middle.tag());
        for leaf in languages {
            let found = pairs.iter().find(|(pair, _)| *pair == Pair { middle: *middle, leaf: *leaf });
            let cell = found.map_or("-", |(_, passed)| if *passed { "ok" } else { "FAIL" });
            text += &format!("  {cell:>0$}", column(leaf));
        }
    }
    let count = |with_python: bool| {
        let python = |pair: &Pair| [pair.middle, pair.leaf].contains(&Language::Python);
        let counted = pairs.iter().filter(|(pair, _)| python(pair) == with_python);
        let (passed, all) = counted.fold((0, 0), |(passed, all), (_, ok)| (passed + u32::from(*ok), all + 1));
        format!("{passed} of {all}")
    };
    text + &format!(
        "\n{} pairs without Python passed, {} with, each under 2 heads\n",
        count(false),
        count(true)
    )
}
