//! What `link` and `check` have in common: inputs, options, and how their outcome is told.

use std::io::Write;
use std::path::{Path, PathBuf};

use wcompose::{
    Bodies, BridgeRequest, Consent, ExportRequest, Input, Inputs, Linked, Output, Pattern, Plan, Request,
    Severity, Strip, Target, Wire,
};
use wcompose_run::Outcome;

use crate::exit::Exit;
use crate::files::{self, Content, FileError, InputArgument};
use crate::format::Format;
use crate::paint;
use crate::report::{Ran, Report};
use crate::table;
use crate::verdict;
use crate::world;

#[derive(clap::Args)]
pub(super) struct Linking {
    /// The components, in the order in which they search each other
    #[arg(required = true, value_name = "[NAME=]FILE", value_parser = InputArgument::parse)]
    pub inputs: Vec<InputArgument>,

    /// Connect an import to an export, whatever the order says
    #[arg(long = "wire", value_name = "IMPORTER:IMPORT=PROVIDER[:EXPORT]")]
    wires: Vec<Wire>,

    /// Export what this instance exports (repeatable)
    #[arg(long = "root", value_name = "NAME")]
    roots: Vec<String>,

    /// Export one more thing
    #[arg(long = "export", value_name = "[NEW=]INSTANCE:EXPORT")]
    exports: Vec<ExportRequest>,

    /// Export only what this world does: a WIT file or folder, and the world's name where there are several
    #[arg(long, value_name = "WIT[#WORLD]")]
    world: Option<String>,

    /// Leave imports of this name to the host although the target does not have them (`*` matches anything)
    #[arg(long = "allow-import", value_name = "PATTERN", value_parser = |text: &str| Ok::<_, String>(Pattern::new(text)))]
    allow_imports: Vec<Pattern>,

    /// What to do where a function is async on one side of a connection only
    #[arg(long, value_enum, value_name = "HOW", default_value_t)]
    bridge: Bridge,

    /// Let exports of the composition become async where a synchronous component is connected to async functions
    #[arg(long, value_name = "INSTANCE", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    recolour: Vec<String>,

    /// Leave out inputs that nobody takes anything from
    #[arg(long)]
    allow_unused: bool,

    /// Store definitions that inputs have in common once for each of them
    #[arg(long)]
    no_dedup: bool,

    /// Leave out custom sections of the inputs: none, debug (DWARF and source maps) or all (names too)
    #[arg(long, value_name = "WHAT", default_value = "none", value_parser = strip)]
    strip: Strip,

    /// The runtime that the composition is for: wasmtime-48 or none
    #[arg(long, value_name = "TARGET", default_value = "wasmtime-48", value_parser = target)]
    target: Target,

    /// The runtime has this feature switched on (repeatable): what an error names
    #[arg(long = "feature", value_name = "NAME", value_parser = super::feature)]
    pub features: Vec<&'static str>,

    /// Leave the function bodies of the inputs unvalidated, and say so
    #[arg(long)]
    no_check: bool,

    /// Write what became of every import as JSON, `-` for standard output
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    /// How to tell the outcome; github by itself under GitHub Actions, else human
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,

    /// Show what became of every import
    #[arg(short, long, conflicts_with = "quiet")]
    pub verbose: bool,

    /// Say nothing but errors; a report has the warnings all the same
    #[arg(short, long)]
    pub quiet: bool,
}

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

fn strip(what: &str) -> Result<Strip, String> {
    match what {
        "none" => Ok(Strip::None),
        "debug" => Ok(Strip::Debug),
        "all" => Ok(Strip::All),
        _ => Err("it is none, debug or all".into()),
    }
}

/// What `--bridge` takes.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Bridge {
    /// Recolour the synchronous side: make its functions async
    #[default]
    Recolour,
    /// Put a component between the two sides that passes calls on
    Adapter,
    /// Nothing: the two sides do not fit
    None,
}

impl Bridge {
    fn request(self) -> BridgeRequest {
        match self {
            Bridge::Recolour => BridgeRequest::Recolour,
            Bridge::Adapter => BridgeRequest::Adapter,
            Bridge::None => BridgeRequest::None,
        }
    }
}

fn target(name: &str) -> Result<Target, String> {
    Target::by_name(name).ok_or_else(|| format!("the targets are {}", Target::NAMES.join(" and ")))
}

impl Linking {
    fn format(&self) -> Format {
        self.format.unwrap_or_else(Format::by_environment)
    }

    /// Who wants standard output, beside what the caller puts there; two at once cannot have it.
    pub(super) fn stdout_claims(&self) -> Vec<&'static str> {
        let report = self.report.as_deref() == Some(Path::new("-"));
        let format = self.format().takes_stdout().then_some("--format");
        format.into_iter().chain(report.then_some("--report -")).collect()
    }

    /// Links, tells the outcome, and gives a composition to `deliver`, which writes it to `output` if there is one. What
    /// is for standard output or the report waits for what `deliver` has to say if it `runs` the composition.
    pub(super) fn run(
        &self,
        output: Option<&Path>,
        runs: bool,
        deliver: impl FnOnce(&Plan, &Output<'_>, &[Content]) -> Delivered,
    ) -> Exit {
        if let Err(message) = self.outputs_apart(output) {
            return usage(message);
        }
        let (bytes, unread) = self.read();
        if !unread.is_empty() {
            unread.into_iter().for_each(paint::error);
            return Exit::Failed;
        }
        let request = match self.request() {
            Ok(request) => request,
            Err(message) => {
                // What is wrong with a world may take several lines to say.
                paint::error_of_lines(&message);
                return Exit::Failed;
            }
        };
        let inputs = self.inputs.iter().zip(&bytes);
        let inputs =
            inputs.map(|(input, bytes)| Input { name: input.name.clone(), file: input.file(), bytes });
        let inputs = match Inputs::new(inputs.collect()) {
            Ok(inputs) => inputs,
            Err(error) => return usage(error),
        };
        let linked = wcompose::link(&inputs, &request);
        let mut report = Report::new(&linked, &request);
        self.show(&linked, &report);
        let (plan, composition) = match &linked {
            Linked::Done { plan, output, .. } => (plan, output),
            Linked::Unparsed(diagnostics) | Linked::Unresolved { diagnostics, .. } => {
                _ = self.publish(&report);
                let bug = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Bug);
                return if bug { Exit::Bug } else { Exit::Failed };
            }
        };
        if !runs {
            return match self.publish(&report) {
                Exit::Fine => deliver(plan, composition, &bytes).exit,
                exit => exit,
            };
        }
        let Delivered { exit, ran } = deliver(plan, composition, &bytes);
        if let Some(ran) = ran {
            report.add(&ran);
            if let Some(diagnostic) = &ran.diagnostic {
                self.format().add(diagnostic);
            }
        }
        match self.publish(&report) {
            Exit::Fine => exit,
            failed if exit == Exit::Fine => failed,
            _ => exit,
        }
    }

    /// Fails if an output would take the place of an input, or of another output.
    fn outputs_apart(&self, output: Option<&Path>) -> Result<(), String> {
        let outputs = [(output, "-o"), (self.report.as_deref(), "--report")];
        for (path, option) in outputs {
            let inputs = self.inputs.iter().map(|input| input.path.as_path());
            let world = self.world.as_deref().map(world::path);
            if let Some(path) = path
                && inputs.chain(world).any(|input| files::same_file(path, input))
            {
                return Err(format!("`{}` is an input; write to another file with {option}", path.display()));
            }
        }
        match outputs {
            [(Some(output), _), (Some(report), _)] if files::same_file(output, report) => {
                Err(format!("-o and --report both write `{}`", report.display()))
            }
            _ => Ok(()),
        }
    }

    /// Reads the inputs: their bytes, and what could not be read. The world is looked for too.
    fn read(&self) -> (Vec<Content>, Vec<FileError>) {
        let (mut bytes, mut unread) = (Vec::new(), Vec::new());
        for input in &self.inputs {
            match files::open(&input.path) {
                Ok(read) => bytes.push(read),
                Err(error) => unread.push(error),
            }
        }
        let world = self.world.as_deref().map(world::path);
        unread.extend(world.and_then(files::absent));
        (bytes, unread)
    }

    /// Tells what is for standard error.
    fn show(&self, linked: &Linked<'_>, report: &Report) {
        self.format().show(linked, report, self.quiet);
        if self.verbose {
            table::imports(report).iter().for_each(|line| paint::line(line));
            table::shared(report).iter().for_each(|line| paint::line(line));
        }
    }

    /// Gives out what is for standard output, and the report.
    fn publish(&self, report: &Report) -> Exit {
        let text = self.format().text(report);
        // A reader that has seen enough and closed the pipe is no failure.
        let _ = std::io::stdout().lock().write_all(text.as_bytes());
        let Some(path) = &self.report else { return Exit::Fine };
        match files::write_bytes(path, report.to_json().as_bytes()) {
            Ok(()) => Exit::Fine,
            Err(error) => {
                paint::error(error);
                Exit::Failed
            }
        }
    }

    fn consent(&self) -> Consent {
        match self.recolour.as_slice() {
            [] => Consent::None,
            names if names.iter().any(String::is_empty) => Consent::All,
            names => Consent::Of(names.to_vec()),
        }
    }

    fn request(&self) -> Result<Request, String> {
        Ok(Request {
            wires: self.wires.clone(),
            roots: self.roots.clone(),
            exports: self.exports.clone(),
            world: self.world.as_deref().map(world::read).transpose()?,
            allow_imports: self.allow_imports.clone(),
            bridge: self.bridge.request(),
            recolour: self.consent(),
            allow_unused: self.allow_unused,
            keep_copies: self.no_dedup,
            strip: self.strip,
            target: self.features.iter().try_fold(self.target.clone(), |target, name| {
                target.with_feature(name).map_err(|error| error.to_string())
            })?,
            bodies: if self.no_check { Bodies::Unvalidated } else { Bodies::Validated },
        })
    }
}

/// A mistake on the command line that clap cannot see.
pub(super) fn usage(message: impl std::fmt::Display) -> Exit {
    paint::error(message);
    Exit::Usage
}
