//! The page: what was measured, as tables, with what was aimed at.

use std::fmt::Write as _;

use crate::inside::{Counts, Inside};
use crate::measure::{Measured, Usage};
use crate::tools::{OURS, Tools};
use crate::work::Work;
use crate::{COMPILED, machine};

/// What is aimed at: at most so much of another contestant's figure.
struct Goal {
    work: &'static str,
    table: Table,
    /// Which contestant, of what, and compared with which.
    ours: &'static str,
    what: What,
    theirs: &'static str,
    most: f64,
    /// What is in the way, for where it is not reached.
    why: &'static str,
}

/// Which figures of a work.
#[derive(Clone, Copy, PartialEq)]
enum Table {
    Linking,
    Compiling,
}

#[derive(Clone, Copy)]
enum What {
    Wall,
    Cpu,
    Peak,
}

/// Provenance came after these goals were set.
const DIGESTS: &str = "Beside writing, all inputs are hashed for the provenance, which `--no-provenance` leaves out, and what a link \
     reads of types is validated whatever is asked (the last table).";
const SNAPSHOTS: &str = "wasmparser copies its lists of types at the end of each component.";
const MAPPED: &str = "Inputs are mapped: what of them is in memory counts.";
const SHARED: &str =
    "What is shared is all that there is to share; code that differs is compiled either way.";

const AROUND: &str = "Linking, and the sandbox around the compiler, take as long either way; and copies are compiled beside each other, by two \
     cores, where one of them has a module to itself at its end.";

const GOALS: &[Goal] = &[
    linked("the 45 MB chain", OURS, What::Wall, "`wac compose`", 0.4, DIGESTS),
    linked("the 45 MB chain", OURS, What::Peak, "`wac compose`", 0.6, MAPPED),
    linked("the 45 MB chain", "`wcompose link --no-check`", What::Wall, "`cp` of the output", 1.5, DIGESTS),
    linked("chain of 300", OURS, What::Cpu, "`wac compose`", 0.25, SNAPSHOTS),
    compiled("the 45 MB chain", ["Cranelift, shared", "Cranelift, `--no-dedup`"], SHARED),
    compiled("the 45 MB chain without JavaScript", ["Winch, shared", "Winch, `--no-dedup`"], SHARED),
    compiled("the 45 MB chain", SANDBOXED_CRANELIFT, AROUND),
    compiled("the 45 MB chain without JavaScript", SANDBOXED_WINCH, AROUND),
];

/// With the names of `Tools::compilers`, shared and not.
const SANDBOXED_CRANELIFT: [&str; 2] =
    ["`wcompose check --compile`: Cranelift, shared", "`wcompose check --compile`: Cranelift, `--no-dedup`"];
const SANDBOXED_WINCH: [&str; 2] =
    ["`wcompose check --compile`: Winch, shared", "`wcompose check --compile`: Winch, `--no-dedup`"];

const fn linked(
    work: &'static str,
    ours: &'static str,
    what: What,
    theirs: &'static str,
    most: f64,
    why: &'static str,
) -> Goal {
    Goal { work, table: Table::Linking, ours, what, theirs, most, why }
}

const fn compiled(work: &'static str, [ours, theirs]: [&'static str; 2], why: &'static str) -> Goal {
    Goal { work, table: Table::Compiling, ours, what: What::Wall, theirs, most: 0.55, why }
}

impl What {
    fn of(self, usage: &Usage) -> f64 {
        match self {
            What::Wall => usage.wall,
            What::Cpu => usage.cpu,
            What::Peak => usage.peak as f64,
        }
    }

    fn word(self) -> &'static str {
        match self {
            What::Wall => "wall",
            What::Cpu => "cpu",
            What::Peak => "peak",
        }
    }
}

/// What the page is, and what it was measured on.
pub(crate) fn head(tools: &Tools, runs: usize) -> String {
    let machine = machine::lines().iter().map(|line| format!("- {line}\n")).collect::<String>();
    format!(
        "# Benchmarks\n\nWritten by `cargo peers`, which installs the peers from crates.io and runs all of them in one go, alternating. Times are those\n\
         of whole processes: `wall` on the clock, `cpu` of all cores, `peak` the most memory; medians of {runs} runs after one that does\n\
         not count (compilers: {}). Figures of one table compare; those of two machines, or of two runs, do not.\n\n\
         - {}\n{machine}",
        runs.min(COMPILED),
        tools.versions()
    )
}

/// How long programs take to say their version.
pub(crate) fn start_up(measured: &[Measured]) -> String {
    format!("\n## Start\n\n{}", table(measured))
}

/// Why there are no figures.
pub(crate) fn skipped(work: &Work, error: &anyhow::Error) -> String {
    format!("\n## Not measured: {}\n\n{error:#}.\n", work.name)
}

/// Who links in which time.
pub(crate) fn linking(work: &Work, measured: &[Measured]) -> String {
    format!("\n## Linking: {}\n\n{}{}", work.name, table(measured), goals(work, Table::Linking, measured))
}

/// Which compiler takes how long.
pub(crate) fn compiling(work: &Work, measured: &[Measured]) -> String {
    let intro = "What `wasmtime compile` does, by the crate of the same release with its defaults (`cli/run/examples/wasmtime_compile.rs`); and\n\
                 `wcompose check --compile`, which links and then compiles in the sandbox, several modules at a time. Two of a kind compare, shared or not.";
    format!(
        "\n## Compiling: {}\n\n{intro}\n\n{}{}",
        work.name,
        table(measured),
        goals(work, Table::Compiling, measured)
    )
}

/// Each contestant, and how it compares with the first.
fn table(measured: &[Measured]) -> String {
    let mut text = String::from(
        "| | wall | cpu | peak | wall | cpu | peak |\n| --- | --- | --- | --- | --- | --- | --- |\n",
    );
    let first = measured.iter().find_map(|measured| measured.outcome.as_ref().ok());
    for Measured { name, outcome } in measured {
        match (outcome, first) {
            (Ok(used), Some(first)) => {
                let ratio = |what: What| format!("{:.2} x", what.of(used) / what.of(first));
                let (wall, cpu) = (used.wall * 1e3, used.cpu * 1e3);
                let peak = used.peak as f64 / f64::from(1 << 20);
                let [a, b, c] = [What::Wall, What::Cpu, What::Peak].map(ratio);
                _ = writeln!(
                    text,
                    "| {name} | {wall:.1} ms | {cpu:.1} ms | {peak:.1} MiB | {a} | {b} | {c} |"
                );
            }
            (Err(told), _) => {
                _ = writeln!(text, "| {name} | fails: {} | | | | | |", told.replace('|', "\\|"))
            }
            (Ok(_), None) => unreachable!("the first of those that did not fail is there if one did not"),
        }
    }
    text
}

/// What was aimed at in this work, and whether it was reached.
fn goals(work: &Work, table: Table, measured: &[Measured]) -> String {
    let of = |name: &str| measured.iter().find(|m| m.name == name).and_then(|m| m.outcome.as_ref().ok());
    let goals = GOALS.iter().filter(|goal| goal.work == work.name && goal.table == table);
    let told = goals.map(|Goal { ours, what, theirs, most, why, .. }| {
        let came = match (of(ours), of(theirs)) {
            (Some(our), Some(their)) => {
                let ratio = what.of(our) / what.of(their);
                let verdict =
                    if ratio <= *most { "reached.".to_owned() } else { format!("not reached. {why}") };
                format!("it is {ratio:.3} x: {verdict}")
            }
            _ => "there is no figure of one of them.".into(),
        };
        format!("\nGoal: {} of {ours} at most {most} x that of {theirs}; {came}\n", what.word())
    });
    told.collect()
}

/// What one component costs where there are more and more of them.
pub(crate) fn growth(costs: &[(Work, usize, Usage)]) -> String {
    let mut text = String::from(
        "\n## What one component costs\n\n`wcompose link`, divided by the components that are linked. A cost that is linear stays the same.\n\n\
         | | components | cpu of each | wall of each | peak of each |\n| --- | --- | --- | --- | --- |\n",
    );
    for (work, components, used) in costs {
        let of_each = |all: f64| all / *components as f64;
        let (cpu, wall) = (of_each(used.cpu) * 1e6, of_each(used.wall) * 1e6);
        let peak = of_each(used.peak as f64) / f64::from(1 << 10);
        _ = writeln!(text, "| {} | {components} | {cpu:.0} us | {wall:.0} us | {peak:.0} KiB |", work.name);
    }
    text
}

/// What goes in and what comes out.
pub(crate) fn sizes(insides: &[(Work, Inside)]) -> String {
    let mut text = String::from(
        "\n## Bytes in and out\n\nDefinitions are modules and components in all: newer runtimes (wasmtime 50) load 1,000. Instances are the most in one\n\
         component: wasmtime 48 allows 1,000.\n\n\
         | | bytes in | out | out, `--no-dedup` | definitions | `--no-dedup` | instances |\n| --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for (work, Inside { given, shared, copies, .. }) in insides {
        let Counts { bytes, definitions, instances } = shared;
        let (all, copied) = (copies.bytes, copies.definitions);
        _ = writeln!(
            text,
            "| {} | {given} | {bytes} | {all} | {definitions} | {copied} | {instances} |",
            work.name
        );
    }
    text
}

/// Where the time of a link goes.
pub(crate) fn profile(insides: &[(Work, Inside)]) -> String {
    let mut text = String::from(
        "\n## Where the time goes\n\nThe phases of a link, each by itself in one process, the best of five, in milliseconds and in percent of all of them. What `parse` takes with\n\
         function bodies left out is a part of it and stands beside it: `check` reads none. In a link, function bodies are validated and digests made\n\
         on other threads while the phases behind `parse` go on, and `check` need not read modules again; reading files is not\n\
         among them.\n\n",
    );
    let Some((_, first)) = insides.first() else { return text };
    let names = first.phases.iter().map(|(name, _)| format!("| {name} ")).collect::<String>();
    _ = writeln!(text, "| {names}|\n| --- {}|", "| --- ".repeat(first.phases.len()));
    for (work, inside) in insides {
        let all = inside.phases[1..].iter().map(|(_, took)| took).sum::<f64>();
        let times = inside
            .phases
            .iter()
            .map(|(_, took)| format!("| {:.2} ({:.0} %) ", took * 1e3, 100.0 * took / all));
        let times = times.collect::<String>();
        _ = writeln!(text, "| {} {times}|", work.name);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(wall: f64) -> Usage {
        Usage { wall, cpu: 1.0, peak: 1 }
    }

    /// A goal that is held to nothing would be taken for reached.
    #[test]
    fn goals_are_those_of_works_and_are_told_of_without_figures_too() {
        let works = Work::all();
        for goal in GOALS {
            let work = works.iter().find(|work| work.name == goal.work).unwrap();
            let names = [goal.ours, goal.theirs];
            let told = |walls: [Option<f64>; 2]| {
                let measured = names.iter().zip(walls).map(|(name, wall)| Measured {
                    name: (*name).to_owned(),
                    outcome: wall.map(used).ok_or_else(|| "it failed".into()),
                });
                let told = goals(work, goal.table, &measured.collect::<Vec<_>>());
                let aim = format!("Goal: {} of {} at most", goal.what.word(), goal.ours);
                let line = told.lines().find(|line| line.starts_with(&aim));
                line.unwrap().split_once("; ").unwrap().1.to_owned()
            };
            assert!(told([Some(1.0), None]).contains("no figure"));
            if matches!(goal.what, What::Wall) {
                assert!(told([Some(goal.most), Some(1.0)]).ends_with(": reached."));
                assert!(told([Some(goal.most * 1.01), Some(1.0)]).contains(": not reached. "));
            }
        }
    }
}
