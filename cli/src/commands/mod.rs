//! The commands: one file each, whose argument struct's doc comment is the help.

mod check;
mod choosing;
mod compiling;
mod completions;
mod diff;
mod doctor;
mod explain;
mod init;
mod inspect;
mod invoke;
mod link;
mod linking;
mod lock;
mod man;
mod run;
mod running;
mod sandboxing;
mod sbom;
mod serve;
mod size;
mod targets;
mod test;
pub(crate) mod units;
mod verify;

use std::path::Path;

use crate::exit::Exit;
use crate::{files, paint};
use units::duration;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    Link(link::Link),
    Check(check::Check),
    Init(init::Init),
    Lock(lock::LockAll),
    Verify(verify::Verify),
    Run(run::Run),
    Invoke(invoke::Invoke),
    Serve(serve::Serve),
    Test(test::Test),
    Inspect(inspect::Inspect),
    Targets(targets::Targets),
    Diff(diff::Diff),
    Sbom(sbom::Sbom),
    Size(size::SizeOf),
    Explain(explain::Explain),
    Doctor(doctor::Doctor),
    Completions(completions::Completions),
    Man(man::Man),
}

impl Command {
    pub(crate) fn run(self) -> Exit {
        match self {
            Command::Link(link) => link.run(),
            Command::Check(check) => check.run(),
            Command::Init(init) => init.run(),
            Command::Lock(lock) => lock.run(),
            Command::Verify(verify) => verify.run(),
            Command::Run(run) => run.run(),
            Command::Invoke(invoke) => invoke.run(),
            Command::Serve(serve) => serve.run(),
            Command::Test(test) => test.run(),
            Command::Inspect(inspect) => inspect.run(),
            Command::Targets(targets) => targets.run(),
            Command::Diff(diff) => diff.run(),
            Command::Sbom(sbom) => sbom.run(),
            Command::Size(size) => size.run(),
            Command::Explain(explain) => explain.run(),
            Command::Doctor(doctor) => doctor.run(),
            Command::Completions(completions) => completions.run(),
            Command::Man(man) => man.run(),
        }
    }
}

/// Reads the component that a command is for; says what is wrong if that cannot be done.
fn read_component(path: &Path) -> Result<Vec<u8>, Exit> {
    files::read_component(path).map_err(|error| {
        paint::error(error);
        Exit::Failed
    })
}

/// Reads the name of an optional feature for `--feature`.
pub(crate) fn feature(name: &str) -> Result<&'static str, String> {
    let known = wcompose::Target::optional_features().find(|known| *known == name);
    known.ok_or_else(|| wcompose::UnknownFeature(name.into()).to_string())
}
