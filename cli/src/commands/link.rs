//! `wcompose link`: links components into one.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use wcompose::{
    Diagnostic, ExportRequest, Input, Inputs, Linked, Output, Pattern, Plan, Request, Severity, Target, Wire,
};
use wcompose_wit::WorldRequest;
use wit_parser::Resolve;

use crate::exit::Exit;
use crate::files::{self, InputArgument};
use crate::paint;

/// Links components into one: connects every import to the export that satisfies it.
///
/// Each input is one instance, named after its file. The first that nobody consumes gives the exports; an import that
/// several inputs could serve goes to the nearest later one if they form a chain of middleware. What no input provides
/// is left for the host, if the target has it. Anything that does not fit is an error, and nothing is written.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  wcompose link app.wasm auth.wasm store.wasm -o out.wasm
  wcompose link app.wasm cache=redis.wasm --wire app:demo:kv/store=cache
  wcompose link app.wasm leaf.wasm --dry-run
  wcompose link app.wasm leaf.wasm --run -- --name world")]
pub(crate) struct Link {
    /// The components, in the order in which they search each other
    #[arg(required = true, value_name = "[NAME=]FILE", value_parser = InputArgument::parse)]
    inputs: Vec<InputArgument>,

    /// Where to write the composition, `-` for standard output
    #[arg(short, long, value_name = "OUT", default_value = "composed.wasm")]
    output: PathBuf,

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

    /// Leave out inputs that nobody takes anything from
    #[arg(long)]
    allow_unused: bool,

    /// The runtime that the composition is for: wasmtime-48 or none
    #[arg(long, value_name = "TARGET", default_value = "wasmtime-48", value_parser = target)]
    target: Target,

    /// Print the plan to standard output and write nothing
    #[arg(long)]
    dry_run: bool,

    /// Write the text format
    #[arg(long)]
    wat: bool,

    /// Run the composition after it is written
    #[arg(long, conflicts_with = "dry_run")]
    run: bool,

    /// With --run: the longest that compiling and running may take together
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = super::duration)]
    timeout: Duration,

    /// With --run: arguments for the component
    #[arg(last = true, value_name = "ARGUMENT", requires = "run")]
    arguments: Vec<String>,
}

fn target(name: &str) -> Result<Target, String> {
    Target::by_name(name).ok_or_else(|| "the targets are wasmtime-48 and none".into())
}

impl Link {
    pub(super) fn run(mut self) -> Exit {
        if self.output != Path::new("-")
            && files::is_one_of(&self.output, self.inputs.iter().map(|input| input.path.as_path()))
        {
            paint::error(format!("`{}` is an input; write to another file with -o", self.output.display()));
            return Exit::Usage;
        }
        let request = match self.request() {
            Ok(request) => request,
            Err(message) => {
                paint::error(message);
                return Exit::Usage;
            }
        };
        let bytes =
            match self.inputs.iter().map(|input| files::read(&input.path)).collect::<Result<Vec<_>, _>>() {
                Ok(bytes) => bytes,
                Err(error) => {
                    paint::error(error);
                    return Exit::Failed;
                }
            };
        let named = self.inputs.iter().zip(&bytes).map(|(input, bytes)| Input {
            name: input.name.clone(),
            file: input.file(),
            bytes,
        });
        let inputs = match Inputs::new(named.collect()) {
            Ok(inputs) => inputs,
            Err(error) => {
                paint::error(error);
                return Exit::Usage;
            }
        };
        match wcompose::link(&inputs, &request) {
            Linked::Unparsed(diagnostics) | Linked::Unresolved { diagnostics, .. } => failed(&diagnostics),
            Linked::Done { plan, output, diagnostics, .. } => {
                paint::diagnostics(&diagnostics);
                self.deliver(&plan, &output)
            }
        }
    }

    fn request(&mut self) -> Result<Request, String> {
        Ok(Request {
            wires: std::mem::take(&mut self.wires),
            roots: std::mem::take(&mut self.roots),
            exports: std::mem::take(&mut self.exports),
            world: self.world.as_deref().map(world).transpose()?,
            allow_imports: std::mem::take(&mut self.allow_imports),
            allow_unused: self.allow_unused,
            target: self.target.clone(),
        })
    }

    /// Does with the composition what was asked: prints its plan, writes it, runs it.
    fn deliver(self, plan: &Plan, output: &Output<'_>) -> Exit {
        if self.dry_run {
            // A reader that has seen enough and closed the pipe is no failure.
            let _ = write!(std::io::stdout().lock(), "{plan}");
            return Exit::Fine;
        }
        let written = if self.wat {
            match wasmprinter::print_bytes(output.to_vec()) {
                Ok(text) => files::write_bytes(&self.output, text.as_bytes()),
                Err(error) => {
                    paint::error(format!("cannot print the text of the composition: {error}"));
                    return Exit::Bug;
                }
            }
        } else {
            files::write(&self.output, output)
        };
        if let Err(error) = written {
            paint::error(error);
            return Exit::Failed;
        }
        if !self.run {
            return Exit::Fine;
        }
        let file = self.output.display().to_string();
        super::run::run_component(&output.to_vec(), &file, self.timeout, self.arguments, false)
    }
}

fn failed(diagnostics: &[Diagnostic]) -> Exit {
    paint::diagnostics(diagnostics);
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Bug) {
        Exit::Bug
    } else {
        Exit::Failed
    }
}

/// Reads `WIT[#WORLD]`.
fn world(text: &str) -> Result<WorldRequest, String> {
    let (path, name) = match text.rsplit_once('#') {
        Some((path, name)) => (path, Some(name)),
        None => (text, None),
    };
    let mut resolve = Resolve::default();
    let failed = |error| format!("cannot use `{text}` as a world: {error:#}");
    let (package, _) = resolve.push_path(path).map_err(failed)?;
    let world = resolve.select_world(&[package], name).map_err(failed)?;
    Ok(WorldRequest::new(&resolve, world))
}
