//! `cargo peers`: measures wcompose beside what others use to link components, and writes `docs/benchmarks.md`. It owns the
//! order of things; what is linked is in `work`, with what in `tools`, how it is measured in `measure`, how it is told in
//! `page`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is a program for the terminal")]

mod inside;
mod machine;
mod measure;
mod page;
mod tools;
mod work;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use measure::Usage;
use tools::Tools;
use work::Work;

/// How often compilers are measured at most, which take seconds.
const COMPILED: usize = 5;

/// Installs the pinned peers below `target/peers`, builds wcompose, and measures both in one go, alternating.
#[derive(Debug, Parser)]
#[command(name = "cargo peers")]
struct Arguments {
    /// How often each command is measured; the first time more does not count
    #[arg(long, default_value_t = 9)]
    runs: usize,

    /// Measure this program instead of building wcompose
    #[arg(long)]
    program: Option<PathBuf>,

    /// Print the page instead of writing docs/benchmarks.md
    #[arg(long)]
    print: bool,

    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print how long the phases of each link take in this process, and run nothing else
    Phases,
    /// Run one command and print what it used. A process that holds little, since what the parent holds counts as the
    /// child's peak
    #[command(hide = true)]
    Measure {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match &arguments.action {
        Some(Action::Measure { command }) => Usage::of(command).and_then(|usage| usage.print()),
        Some(Action::Phases) => phases(),
        None => measure_all(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measure_all(arguments: &Arguments) -> Result<()> {
    let folder = repository().join("target/peers");
    let tools = Tools::install(&folder, arguments.program.as_deref())?;
    let mut sections = vec![page::start_up(&tools.start_up(arguments.runs)?)];
    let (mut insides, mut costs) = (Vec::new(), Vec::new());
    for work in Work::all() {
        let made = match work.make() {
            Ok(made) => made,
            Err(error) => {
                println!("skip {}: {error:#}", work.name);
                sections.push(page::skipped(&work, &error));
                continue;
            }
        };
        println!("{}", work.name);
        let place = work.write(&made, &folder.join("inputs"))?;
        insides.push((work, inside::look(&made)?));
        if work.linked_by_peers {
            let contestants = tools.contestants(&place);
            let measured = measure::alternating(&contestants, arguments.runs)?;
            let ours = measured.iter().find(|measured| measured.name == tools::OURS);
            costs.extend(ours.and_then(|ours| Some((work, made.len(), *ours.outcome.as_ref().ok()?))));
            sections.push(page::linking(&work, &measured));
        }
        if !work.compilers.is_empty() {
            let runs = arguments.runs.min(COMPILED);
            let measured = tools.compilers(&work, &place);
            sections.push(match measured.and_then(|compilers| measure::alternating(&compilers, runs)) {
                Ok(measured) => page::compiling(&work, &measured),
                Err(error) => page::skipped(&work, &error),
            });
        }
    }
    sections.push(page::growth(&costs));
    sections.push(page::sizes(&insides));
    sections.push(page::profile(&insides));
    let text = page::head(&tools, arguments.runs) + &sections.concat();
    if arguments.print {
        print!("{text}");
    } else {
        std::fs::write(repository().join("docs/benchmarks.md"), text)?;
    }
    Ok(())
}

fn phases() -> Result<()> {
    let insides = Work::all().into_iter().filter_map(|work| {
        let made = work.make().ok()?;
        Some(inside::look(&made).map(|inside| (work, inside)))
    });
    print!("{}", page::profile(&insides.collect::<Result<Vec<_>>>()?));
    Ok(())
}

fn repository() -> &'static Path {
    wcompose_fixtures::repository_dir()
}

/// A path as an argument.
fn word(path: impl Into<PathBuf>) -> String {
    path.into().display().to_string()
}
