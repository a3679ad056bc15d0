//! What `link` and `check` have in common: the way from options to a composition that is told and delivered. The options
//! are `options`, what is done while a link goes on `early`, how the outcome is told `telling`, what `link` does with a composition
//! `delivery`, what a link by a manifest is held to `record`.

mod apart;
mod building;
mod delivery;
mod early;
mod options;
mod record;
mod telling;

use std::path::Path;
use std::time::{Duration, Instant};

use wcompose::{
    Diagnostic, Input, Inputs, Linked, Output, Plan, Request, Severity, Size, Subject, WorldRequest,
};
use wcompose_run::Outcome;

use super::choosing::{Choosing, ChoosingSome};
use crate::budget;
use crate::codes::{UNREADABLE, UNUSABLE_WORLD, UNWRITABLE};
use crate::exit::Exit;
use crate::files::{self, Content, Draft};
use crate::metadata::Times;
use crate::paint;
use crate::report::{Ran, Report};
use crate::settings::Settings;
use crate::verdict;
use crate::world::WorldName;

pub(super) use building::{Building, Jobs};
pub(super) use delivery::Delivery;
use early::Early;
pub(super) use options::LinkOptions;
use record::Held;
pub(super) use record::{Keeping, Locking, Record, drifted, no_lock, write};
pub(super) use telling::Telling;

/// What was done with a composition.
pub(super) struct Delivered {
    pub exit: Exit,
    /// What the sandbox made of it, if it got it.
    pub ran: Option<Ran>,
    /// What its tests came to where they failed.
    pub failed: Vec<Diagnostic>,
}

impl From<Exit> for Delivered {
    fn from(exit: Exit) -> Delivered {
        Delivered { exit, ran: None, failed: Vec::new() }
    }
}

impl Delivered {
    /// What the verdict of the sandbox on the composition in `bytes` comes to.
    pub(super) fn of(outcome: &Outcome, bytes: &[u8], file: &str) -> Delivered {
        let diagnostic = verdict::diagnostic(&outcome.verdict, bytes, file);
        let exit = if diagnostic.is_some() { Exit::RunFailed } else { Exit::Fine };
        let ran = Some(Ran { compiler: outcome.compiler, diagnostic });
        Delivered { ran, ..Delivered::from(exit) }
    }
}

/// A link that is to be made: of what, and how its outcome is told.
pub(super) struct Linking<'l> {
    pub settings: &'l Settings,
    /// What it is held to, if a manifest says what is linked.
    pub record: Option<&'l Record>,
    pub telling: &'l Telling,
    pub jobs: &'l Jobs,
}

/// What is meant to become of a composition, as far as it matters before there is one.
#[derive(Default)]
pub(super) struct Intent<'i> {
    /// What will be written, each with its option.
    pub outputs: &'i [(&'i Path, &'i str)],
    /// The one of them that is the composition itself, byte for byte.
    pub binary: Option<&'i Path>,
    /// Whether the process ends with this: then what was linked is left to that, and not freed piece by piece, and no threads
    /// are started that this does not need.
    pub last: bool,
}

/// A composition that was made.
pub(super) struct Made<'m> {
    pub plan: &'m Plan,
    pub output: &'m Output<'m>,
    /// The file that was begun for it.
    pub draft: Option<Draft>,
    /// What it was made of.
    pub inputs: &'m Inputs<'m>,
    /// The files of that.
    pub contents: &'m [Content],
    pub report: &'m Report,
    /// How long the phases before took; writing is to come.
    pub times: Times,
}

/// What is linked by the command line: its inputs, or else a composition of a manifest, whose lock is treated as
/// `keeping` says if no option says anything. Where that cannot be known, it is told why, and that is the error.
pub(super) fn settings(
    options: LinkOptions,
    choosing: &Choosing,
    locking: &Locking,
    keeping: Keeping,
) -> Result<(Settings, Option<Record>), Exit> {
    if options.has_inputs() {
        return match choosing.given().or(locking.given()) {
            Some(option) => Err(record::beside_inputs(option)),
            None => Ok((options.over(Settings::default()), None)),
        };
    }
    // A lock says what the manifest comes to, not what it would come to otherwise.
    let keeping = if options.decide() { Keeping::Left } else { keeping };
    let (record, settings) = Record::of(choosing.chosen()?, locking.keeping(keeping))?;
    Ok((options.over(settings), Some(record)))
}

/// Does `link` for each composition that is meant, and for what the command line says if that has inputs.
pub(super) fn each(
    options: &LinkOptions,
    choosing: &ChoosingSome,
    telling: &Telling,
    link: impl Fn(&Choosing) -> Exit,
) -> Exit {
    if choosing.all() && options.has_inputs() {
        return record::beside_inputs("--all");
    }
    let tell = |name: &str| {
        if !telling.quiet {
            paint::line(&format!("composition {name}"));
        }
    };
    choosing.each(tell, link)
}

impl Linking<'_> {
    /// Links, tells the outcome, and gives a composition to `deliver`.
    pub(super) fn run(&self, intent: &Intent<'_>, deliver: impl FnOnce(Made<'_>) -> Delivered) -> Exit {
        match self.attempt(intent, deliver) {
            Ok(exit) | Err(exit) => exit,
        }
    }

    fn attempt(
        &self,
        intent: &Intent<'_>,
        deliver: impl FnOnce(Made<'_>) -> Delivered,
    ) -> Result<Exit, Exit> {
        self.stdin_once().and_then(|()| self.outputs_apart(intent.outputs)).map_err(usage)?;
        // Names that are not apart need not wait for what the files have in them.
        self.inputs(std::iter::repeat(&[][..]))?;
        let request = self.settings.without_world().map_err(|message| {
            paint::error(message);
            Exit::Failed
        })?;
        let nothing_linked = |diagnostics, exit| {
            let linked = Linked::Unparsed(diagnostics);
            let report = self.shown(&linked, &request);
            self.told(&report, exit)
        };
        // What cannot be written should not be found out after the lock was.
        let places = intent.outputs.iter().map(|(path, _)| (path, files::check_place(path)));
        let wrong =
            places.filter_map(|(path, place)| Some(unwritable(path, place.err()?))).collect::<Vec<_>>();
        if !wrong.is_empty() {
            return Err(nothing_linked(wrong, Exit::Failed));
        }
        let started = Instant::now();
        let contents = self.read().map_err(|unread| nothing_linked(unread, Exit::Failed))?;
        let read = started.elapsed();
        self.jobs.start(intent.last.then(|| contents.iter().map(|content| content.len()).sum()))?;
        let inputs = self.inputs(contents.iter().map(|content| &content[..]))?;
        let held = self.record.map(|record| record.hold(self.settings, &inputs)).transpose();
        let held = held.map_err(|drifted| nothing_linked(drifted, Exit::Drift))?;
        let world = self.world().map_err(|unusable| nothing_linked(vec![unusable], Exit::Failed))?;
        let request = Request { world, ..request };
        let started = Instant::now();
        let early = Early::new(intent.binary, &contents);
        let linked = wcompose::link_watched(&inputs, &request, &early);
        let draft = early.draft();
        let times = Times { read, link: started.elapsed(), write: Duration::ZERO };
        let mut report = self.shown(&linked, &request);
        let exit = match &linked {
            Linked::Done { plan, output, .. } => {
                let withheld = self.withheld(held, output, &inputs, &contents, &mut report);
                withheld.unwrap_or_else(|| {
                    let (inputs, contents) = (&inputs, &contents);
                    let made = Made { plan, output, draft, inputs, contents, report: &report, times };
                    let Delivered { exit, ran, failed } = deliver(made);
                    self.ran(ran, &mut report);
                    self.fail(&failed, &mut report);
                    exit
                })
            }
            Linked::Unparsed(diagnostics) | Linked::Unresolved { diagnostics, .. } => {
                let bug = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Bug);
                if bug { Exit::Bug } else { Exit::Failed }
            }
        };
        report.ok &= exit == Exit::Fine;
        let exit = self.told(&report, exit);
        if intent.last {
            std::mem::forget(linked);
        }
        Ok(exit)
    }

    /// Tells what became of a link, but for what waits until its composition is delivered.
    fn shown(&self, linked: &Linked<'_>, request: &Request) -> Report {
        let report = Report::new(linked, request);
        self.telling.show(linked, &report);
        report
    }

    /// Gives out the report of a link that ends with `exit`, and with another if that fails.
    fn told(&self, report: &Report, exit: Exit) -> Exit {
        match self.telling.publish(report) {
            failed if exit == Exit::Fine => failed,
            _ => exit,
        }
    }

    /// How a link ends whose composition was made and is not delivered, which is told; `None` if nothing keeps it from that. If so, the
    /// lock says what the link came to.
    fn withheld(
        &self,
        held: Option<Held<'_>>,
        output: &Output<'_>,
        inputs: &Inputs<'_>,
        contents: &[Content],
        report: &mut Report,
    ) -> Option<Exit> {
        let drift = held.as_ref().and_then(|held| held.drift(self.settings, inputs, report));
        let exceeded = self.over_budget(output);
        let exit = if drift.is_some() { Exit::Drift } else { Exit::Failed };
        if drift.is_none() && exceeded.is_none() {
            return held.and_then(|held| {
                // The lock must not say of an input what it was before.
                let unchanged = files::unchanged(contents).map_err(|error| {
                    paint::error(error);
                    Exit::Failed
                });
                unchanged.and_then(|()| held.settle(self.settings, inputs, report)).err()
            });
        }
        self.fail(drift.iter().chain(&exceeded), report);
        Some(exit)
    }

    /// Tells what is wrong with a composition that was made.
    fn fail<'d>(&self, why: impl IntoIterator<Item = &'d Diagnostic>, report: &mut Report) {
        for diagnostic in why {
            self.telling.add(diagnostic);
            report.fail(diagnostic);
        }
    }

    /// Tells what the sandbox made of the composition, if it got it.
    fn ran(&self, ran: Option<Ran>, report: &mut Report) {
        let Some(ran) = ran else { return };
        report.add(&ran);
        ran.diagnostic.iter().for_each(|diagnostic| self.telling.add(diagnostic));
    }

    /// What is wrong with a composition that is too large.
    fn over_budget(&self, output: &Output<'_>) -> Option<Diagnostic> {
        let budget = self.settings.budget.filter(|budget| output.len() > *budget)?;
        let size = Size::read(&output.to_vec()).expect("the composition was validated");
        // The manifest, or else what is in the composition: where it goes to may be no file.
        let manifest = self.record.map(|record| record.files()[0].display().to_string());
        let file = manifest.or_else(|| self.settings.inputs.first().map(|input| input.file()));
        Some(budget::exceeded("the composition", Subject { file, ..Subject::default() }, &size, budget))
    }

    /// The inputs, of which these are the bytes.
    fn inputs<'b>(&self, contents: impl Iterator<Item = &'b [u8]>) -> Result<Inputs<'b>, Exit> {
        let inputs = self.settings.inputs.iter().zip(contents);
        let inputs =
            inputs.map(|(input, bytes)| Input { name: input.name.clone(), file: input.file(), bytes });
        Inputs::new(inputs.collect()).map_err(usage)
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
        let record = self.record.map(Record::files).into_iter().flatten().collect::<Vec<_>>();
        let mut read = self.settings.watch().paths;
        // WIT that cannot be read is told where it is read.
        read.extend(self.settings.world.iter().filter_map(|world| world.files().ok()).flatten());
        for (path, option) in &outputs {
            if let Some(file) = record.iter().find(|file| files::same_file(path, file)) {
                let file = file.display();
                return Err(format!("`{file}` says what is linked; write to another file with {option}"));
            }
            if read.iter().any(|input| files::same_file(path, input)) {
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

    /// Reads the inputs. The world is looked for too. The error is what is wrong with them.
    fn read(&self) -> Result<Vec<Content>, Vec<Diagnostic>> {
        let (mut contents, mut unread) = (Vec::new(), Vec::new());
        for input in &self.settings.inputs {
            let subject = || Subject {
                file: Some(input.file()),
                instance: Some(input.name.to_string()),
                ..Subject::default()
            };
            match files::open(&input.path) {
                Ok(read) => contents.push(read),
                Err(error) => unread.push(Diagnostic::error(UNREADABLE, subject(), error.to_string())),
            }
        }
        let absent = self.settings.world.as_ref().and_then(WorldName::path).and_then(files::absent);
        unread.extend(absent.map(|error| Diagnostic::error(UNREADABLE, self.of_world(), error.to_string())));
        if unread.is_empty() { Ok(contents) } else { Err(unread) }
    }

    /// Reads the world that is asked for.
    fn world(&self) -> Result<Option<WorldRequest>, Diagnostic> {
        self.settings.world().map_err(|text| {
            // What is wrong with a world may take several lines to say.
            let mut lines = text.lines().map(str::trim);
            let message = lines.next().unwrap_or_default().to_owned();
            let diagnostic = Diagnostic::error(UNUSABLE_WORLD, self.of_world(), message);
            Diagnostic { notes: lines.map(str::to_owned).collect(), ..diagnostic }
        })
    }

    /// What a diagnostic of the world is about.
    fn of_world(&self) -> Subject {
        let path = self.settings.world.as_ref().and_then(WorldName::path);
        Subject { file: path.map(|path| path.display().to_string()), ..Subject::default() }
    }
}

/// What is wrong if the file at `path` cannot be written.
fn unwritable(path: &Path, error: impl std::fmt::Display) -> Diagnostic {
    let subject = Subject { file: Some(path.display().to_string()), ..Subject::default() };
    Diagnostic::error(UNWRITABLE, subject, error.to_string())
}

/// A mistake on the command line that clap cannot see.
pub(super) fn usage(message: impl std::fmt::Display) -> Exit {
    paint::error(message);
    Exit::Usage
}
