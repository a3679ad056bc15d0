//! Linking guests through the library and running what comes out: what the executed tests share.
//! Does not call the program: that is `program`.

use std::io::Write;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use wcompose::{Diagnostic, ImportState, Input, Inputs, InstanceName, Linked, Request, Severity};
use wcompose_bench::Made;
use wcompose_fixtures::{Fixture, Language};
use wcompose_run::{Limits, Options, Outcome, Verdict};

/// One component to link.
#[derive(Clone, Debug)]
pub struct Guest {
    name: String,
    bytes: Vec<u8>,
}

impl Guest {
    /// A fixture, as an instance of its name.
    pub fn fixture(fixture: &str) -> Result<Guest> {
        Ok(Guest { name: fixture.into(), bytes: std::fs::read(wcompose_fixtures::fixture(fixture)?)? })
    }

    /// A component that is there already.
    pub fn component(name: &str, bytes: Vec<u8>) -> Guest {
        Guest { name: name.into(), bytes }
    }

    /// A component in the text format.
    pub fn text(name: &str, text: &str) -> Result<Guest> {
        Ok(Guest { name: name.into(), bytes: wat::parse_str(text).with_context(|| name.to_owned())? })
    }

    /// Components that were made up.
    pub fn made(made: Vec<Made>) -> Vec<Guest> {
        made.into_iter().map(|Made { name, bytes }| Guest { name, bytes }).collect()
    }

    /// The bytes of a component.
    pub fn bytes(name: &str, bytes: &[u8]) -> Guest {
        Guest { name: name.into(), bytes: bytes.to_vec() }
    }

    /// The name of its instance.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The bytes of the component.
    pub fn content(&self) -> &[u8] {
        &self.bytes
    }

    /// The same component as an instance of another name.
    pub fn named(self, name: &str) -> Guest {
        Guest { name: name.into(), ..self }
    }
}

/// Links the guests in their order. The error holds every diagnostic.
pub fn link(guests: &[Guest], request: &Request) -> Result<Vec<u8>> {
    link_and_tell(guests, request).map(|(composition, _)| composition)
}

/// Connections that are bridged: the instances that import, and the names of their imports.
pub type Bridged = Vec<(String, String)>;

/// Links the guests, and tells which connections are bridged.
pub fn link_and_tell(guests: &[Guest], request: &Request) -> Result<(Vec<u8>, Bridged)> {
    match wcompose::link(&inputs(guests)?, request) {
        Linked::Done { components, resolution, output, .. } => {
            let bridged = resolution.imports.iter().filter(|resolved| {
                matches!(&resolved.state, ImportState::Connected(connection) if connection.bridge.is_some())
            });
            let bridged = bridged.map(|resolved| {
                let importer = components.get(resolved.import.instance).name.to_string();
                (importer, components.import(resolved.import).name.to_string())
            });
            Ok((output.to_vec(), bridged.collect()))
        }
        Linked::Unparsed(diagnostics) | Linked::Unresolved { diagnostics, .. } => {
            bail!("the link failed\n{}", told(&diagnostics))
        }
    }
}

/// The first error of a link that fails.
pub fn refusal(guests: &[Guest], request: &Request) -> Result<Diagnostic> {
    let inputs = inputs(guests)?;
    let linked = wcompose::link(&inputs, request);
    let mut errors = linked.diagnostics().iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
    errors.next().cloned().context("it links")
}

fn inputs(guests: &[Guest]) -> Result<Inputs<'_>> {
    let inputs = guests.iter().map(|guest| {
        let name = InstanceName::new(guest.name.as_str()).map_err(|error| error.to_string());
        name.map(|name| Input { name, file: format!("{}.wasm", guest.name), bytes: &guest.bytes })
    });
    let inputs = inputs.collect::<Result<_, _>>().map_err(anyhow::Error::msg)?;
    Ok(Inputs::new(inputs)?)
}

/// Links fixtures as they stand, with nothing asked for.
pub fn link_fixtures(names: &[&str]) -> Result<Vec<u8>> {
    let guests = names.iter().map(|name| Guest::fixture(name)).collect::<Result<Vec<_>>>()?;
    link(&guests, &Request::default()).with_context(|| names.join(" "))
}

/// Options under which a program that works has all the time it may need on a slow machine.
pub fn patient() -> Options {
    let time = Some(Duration::from_secs(600));
    Options {
        program: "composed.wasm".into(),
        limits: Limits { compile_time: time, run_time: time, ..Limits::default() },
        ..Options::default()
    }
}

/// What a command writes to standard output. It must end by itself, with status 0.
pub fn printed(component: &[u8], options: &Options) -> Result<String> {
    let Outcome { verdict, stdout, stderr, .. } = wcompose_run::run(component, options)?;
    let (stdout, stderr) = (String::from_utf8(stdout)?, String::from_utf8_lossy(&stderr));
    ensure!(
        verdict == Verdict::Exited { status: 0 },
        "it ended with {verdict:?}\nstdout:\n{stdout}stderr:\n{stderr}"
    );
    Ok(stdout)
}

/// Whether all fixtures of a language are built on this machine, for languages whose components are not kept.
///
/// Otherwise says so, and what to run, on standard output; it is an error if `WCOMPOSE_REQUIRE` names the language.
pub fn is_built(language: Language) -> Result<bool> {
    let missing = |fixture: &&Fixture| wcompose_fixtures::fixture(fixture.name).is_err();
    if !wcompose_fixtures::all()
        .filter(|fixture| fixture.language() == language)
        .any(|fixture| missing(&fixture))
    {
        return Ok(true);
    }
    let message = format!("{language}: not built (cargo fixtures build --require {language})");
    let required = std::env::var("WCOMPOSE_REQUIRE").unwrap_or_default();
    ensure!(!required.split(',').any(|name| name.trim() == language.name()), "{message}");
    // Not `println!`, which test harnesses keep to themselves: what is left out must be seen.
    writeln!(std::io::stdout(), "skip {message}")?;
    Ok(false)
}

fn told(diagnostics: &[Diagnostic]) -> String {
    let told = diagnostics.iter().map(|diagnostic| {
        let lines = [&diagnostic.message].into_iter().chain(&diagnostic.notes).chain(&diagnostic.help);
        lines
            .map(|line| format!("  {line}\n"))
            .fold(format!("{}:\n", diagnostic.code.name), |text, line| text + &line)
    });
    told.collect()
}
