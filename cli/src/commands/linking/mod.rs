//! What `link` and `check` have in common: the way from options to a composition that is told and delivered. The options
//! are `options`, how the outcome is told `telling`, what `link` does with a composition `delivery`, what a link by a manifest
//! is held to `record`, what is for build systems `building`.

mod building;
mod delivery;
mod options;
mod record;
mod telling;

use std::path::Path;

use wcompose::{Input, Inputs, Linked, Output, Plan, Severity};
use wcompose_run::Outcome;

use super::choosing::Choosing;
use crate::exit::Exit;
use crate::files::{self, Content, FileError};
use crate::paint;
use crate::report::{Ran, Report};
use crate::settings::Settings;
use crate::table;
use crate::verdict;

pub(super) use building::{Building, Jobs};
pub(super) use delivery::Delivery;
pub(super) use options::LinkOptions;
pub(super) use record::Record;
pub(super) use telling::Telling;

/// What was done with a composition.
pub(super) struct Delivered {
    pub exit: Exit,
    /// What the sandbox made of it, if it got it.
    pub ran: Option<Ran>,
}

impl From<Exit> for Delivered {
    fn from(exit: Exit) -> Delivered {
        Delivered { exit, ran: None }
    }
}

impl Delivered {
    /// What the verdict of the sandbox on the composition in `bytes` comes to.
    pub(super) fn of(outcome: &Outcome, bytes: &[u8], file: &str) -> Delivered {
        let diagnostic = verdict::diagnostic(&outcome.verdict, bytes, file);
        let exit = if diagnostic.is_some() { Exit::RunFailed } else { Exit::Fine };
        Delivered { exit, ran: Some(Ran { compiler: outcome.compiler, diagnostic }) }
    }
}

/// A link that is to be made: of what, and how its outcome is told.
pub(super) struct Linking<'l> {
    pub settings: &'l Settings,
    /// What it is held to, if a manifest says what is linked.
    pub record: Option<&'l Record>,
    pub telling: &'l Telling,
}

/// What is linked by the command line: its inputs, or else a composition of a manifest. Where that cannot be known, it is
/// told why, and that is the error.
pub(super) fn settings(
    options: LinkOptions,
    choosing: &Choosing,
) -> Result<(Settings, Option<Record>), Exit> {
    if !options.has_inputs() {
        let (record, settings) = Record::of(choosing.chosen()?);
        return Ok((options.over(settings), Some(record)));
    }
    match choosing.given() {
        Some(option) => {
            Err(usage(format!("{option} is about a manifest, and inputs were named: give one of the two")))
        }
        None => Ok((options.over(Settings::default()), None)),
    }
}

impl Linking<'_> {
    /// Links, tells the outcome, and gives a composition to `deliver`, which writes `outputs`, each with its option. What
    /// is for standard output or the report waits for what `deliver` has to say if it `runs` the composition.
    pub(super) fn run(
        &self,
        outputs: &[(&Path, &str)],
        runs: bool,
        deliver: impl FnOnce(&Plan, &Output<'_>, &[Content]) -> Delivered,
    ) -> Exit {
        if let Err(message) = self.stdin_once().and_then(|()| self.outputs_apart(outputs)) {
            return usage(message);
        }
        let (bytes, unread) = self.read();
        if !unread.is_empty() {
            unread.into_iter().for_each(paint::error);
            return Exit::Failed;
        }
        if let Some(exit) = self.record.and_then(|record| record.hold_inputs(self.settings, &bytes).err()) {
            return exit;
        }
        let request = match self.settings.request() {
            Ok(request) => request,
            Err(message) => {
                // What is wrong with a world may take several lines to say.
                paint::error_of_lines(&message);
                return Exit::Failed;
            }
        };
        let inputs = self.settings.inputs.iter().zip(&bytes);
        let inputs =
            inputs.map(|(input, bytes)| Input { name: input.name.clone(), file: input.file(), bytes });
        let inputs = match Inputs::new(inputs.collect()) {
            Ok(inputs) => inputs,
            Err(error) => return usage(error),
        };
        let linked = wcompose::link(&inputs, &request);
        let mut report = Report::new(&linked, &request);
        self.telling.show(&linked, &report);
        let (plan, composition) = match &linked {
            Linked::Done { plan, output, .. } => (plan, output),
            Linked::Unparsed(diagnostics) | Linked::Unresolved { diagnostics, .. } => {
                _ = self.telling.publish(&report);
                let bug = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Bug);
                return if bug { Exit::Bug } else { Exit::Failed };
            }
        };
        if let Some(budget) = self.settings.budget.filter(|budget| composition.len() > *budget) {
            let (has, budget) = (table::size(composition.len()), table::size(budget));
            paint::error(format!("the composition has {has}; the budget is {budget}"));
            return Exit::Failed;
        }
        if !runs {
            return match self.telling.publish(&report) {
                Exit::Fine => deliver(plan, composition, &bytes).exit,
                exit => exit,
            };
        }
        let Delivered { exit, ran } = deliver(plan, composition, &bytes);
        if let Some(ran) = ran {
            report.add(&ran);
            if let Some(diagnostic) = &ran.diagnostic {
                self.telling.add(diagnostic);
            }
        }
        match self.telling.publish(&report) {
            Exit::Fine => exit,
            failed if exit == Exit::Fine => failed,
            _ => exit,
        }
    }

    /// Fails if two inputs are standard input: the second would be empty.
    fn stdin_once(&self) -> Result<(), String> {
        let inputs = self.settings.inputs.iter().filter(|input| input.path == Path::new("-"));
        match inputs.take(2).collect::<Vec<_>>()[..] {
            [one, other] => {
                let (one, other) = (&one.name, &other.name);
                Err(format!("`{one}` and `{other}` are both standard input, which can be read only once"))
            }
            _ => Ok(()),
        }
    }

    /// Fails if an output would take the place of an input, or of another output.
    fn outputs_apart(&self, outputs: &[(&Path, &str)]) -> Result<(), String> {
        let report = self.telling.report.as_deref().map(|path| (path, "--report"));
        let outputs = outputs.iter().copied().chain(report).collect::<Vec<_>>();
        for (path, option) in &outputs {
            let inputs = self.settings.inputs.iter().map(|input| input.path.as_path());
            let world = self.settings.world.as_ref().map(|world| world.path.as_path());
            if inputs.chain(world).any(|input| files::same_file(path, input)) {
                return Err(format!("`{}` is an input; write to another file with {option}", path.display()));
            }
        }
        let pairs = outputs.iter().enumerate();
        let mut pairs = pairs.flat_map(|(at, one)| outputs[at + 1..].iter().map(move |other| (one, other)));
        match pairs.find(|((one, _), (other, _))| files::same_file(one, other)) {
            Some(((one, first), (_, second))) => {
                Err(format!("{first} and {second} both write `{}`", one.display()))
            }
            None => Ok(()),
        }
    }

    /// Reads the inputs: their bytes, and what could not be read. The world is looked for too.
    fn read(&self) -> (Vec<Content>, Vec<FileError>) {
        let (mut bytes, mut unread) = (Vec::new(), Vec::new());
        for input in &self.settings.inputs {
            match files::open(&input.path) {
                Ok(read) => bytes.push(read),
                Err(error) => unread.push(error),
            }
        }
        unread.extend(self.settings.world.as_ref().and_then(|world| files::absent(&world.path)));
        (bytes, unread)
    }
}

/// A mistake on the command line that clap cannot see.
pub(super) fn usage(message: impl std::fmt::Display) -> Exit {
    paint::error(message);
    Exit::Usage
}
