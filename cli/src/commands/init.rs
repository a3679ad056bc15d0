//! `wcompose init`: writes a manifest for components.

use std::path::{Path, PathBuf};

use wcompose::{Components, ImportState, Input, Inputs, Linked, Request, ResolvedImport, Unsatisfied, Wire};

use super::linking::usage;
use crate::exit::Exit;
use crate::files::{self, InputFile};
use crate::manifest::{NAME, is_name};
use crate::paint;

/// Writes a manifest, wcompose.toml, in this folder: a composition of the components that are named.
///
/// They are linked to see what must be decided. Where several could serve an import, a wire to the first is written, and
/// the others beside it as comments.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  wcompose init app.wasm cache=redis.wasm store.wasm
  wcompose init app.wasm store.wasm --name shop
  wcompose init --force")]
pub(crate) struct Init {
    /// The components, in the order in which they search each other; without any, a manifest to fill in
    #[arg(value_name = "[NAME=]FILE", value_parser = InputFile::parse)]
    inputs: Vec<InputFile>,

    /// The name of the composition [default: that of the folder, or `composed` where that is a component]
    #[arg(long, value_name = "NAME", value_parser = name)]
    name: Option<String>,

    /// Write in the place of a manifest that is there
    #[arg(long)]
    force: bool,
}

fn name(text: &str) -> Result<String, &'static str> {
    let form = "it begins with a letter or a digit, and has only those, `-`, `_` and `.`";
    if is_name(text) { Ok(text.to_owned()) } else { Err(form) }
}

impl Init {
    pub(super) fn run(self) -> Exit {
        let path = Path::new(NAME);
        if path.exists() && !self.force {
            let help = "--force to write in its place".to_owned();
            paint::error_helped(format!("there is a `{NAME}` already"), &[], &[help]);
            return Exit::Failed;
        }
        if let Some(stdin) = self.inputs.iter().find(|input| input.path == Path::new("-")) {
            return usage(format!("`{}` is standard input, and a manifest names files", stdin.name));
        }
        if let Some(name) = &self.name
            && let Some(input) = self.written_over(name)
        {
            let file = input.file();
            return usage(format!(
                "composition `{name}` would be written to its component `{file}`; give it another --name"
            ));
        }
        let wires = match self.wires() {
            Ok(wires) => wires,
            Err(exit) => return exit,
        };
        match files::write_bytes(path, self.text(&wires).as_bytes()) {
            Ok(()) => {
                paint::good("wrote", NAME);
                Exit::Fine
            }
            Err(error) => {
                paint::error(error);
                Exit::Failed
            }
        }
    }

    /// What must be decided: for each import that several could serve, the wires to them. Says so if that is not all that
    /// keeps the components from being linked.
    fn wires(&self) -> Result<Vec<Vec<Wire>>, Exit> {
        let mut contents = Vec::new();
        for input in &self.inputs {
            contents.push(files::open(&input.path).map_err(|error| {
                paint::error(error);
                Exit::Failed
            })?);
        }
        let inputs = self.inputs.iter().zip(&contents);
        let inputs =
            inputs.map(|(input, bytes)| Input { name: input.name.clone(), file: input.file(), bytes });
        let inputs = Inputs::new(inputs.collect()).map_err(usage)?;
        if self.inputs.is_empty() {
            return Ok(Vec::new());
        }
        let first = wcompose::link(&inputs, &Request::default());
        let open = match &first {
            Linked::Done { .. } => return Ok(Vec::new()),
            Linked::Unparsed(_) => Vec::new(),
            Linked::Unresolved { components, resolution, .. } => {
                let imports = resolution.imports.iter();
                imports.filter_map(|import| ambiguous(components, import)).collect::<Vec<_>>()
            }
        };
        let decided = Request {
            wires: open.iter().filter_map(|wires| wires.first().cloned()).collect(),
            ..Request::default()
        };
        if !matches!(wcompose::link(&inputs, &decided), Linked::Done { .. }) {
            paint::warning("the components do not link as they are; `wcompose check` says why");
        }
        Ok(open)
    }

    fn text(&self, wires: &[Vec<Wire>]) -> String {
        let name = self.name.clone().unwrap_or_else(|| self.folder_name());
        let mut text = format!(
            "# What `wcompose link` links. All keys are in docs/manifest.md of wcompose, and in its schema docs/manifest.schema.json.\n\n\
             [composition.{}]\n# In the order in which they search each other.\ncomponents = [\n",
            key(&name)
        );
        if self.inputs.is_empty() {
            text += "  # \"app.wasm\",\n  # { name = \"cache\", path = \"redis.wasm\" },\n  # { glob = \"plugins/*.wasm\" },\n";
        }
        self.inputs.iter().for_each(|input| text += &component(input));
        text += "]\n";
        if !wires.is_empty() {
            text += "# Several could serve these imports; the first of them was taken.\nwires = [\n";
            for choices in wires {
                for (place, wire) in choices.iter().enumerate() {
                    let comment = if place == 0 { "" } else { "# " };
                    text += &format!("  {comment}{},\n", quoted(&wire.to_string()));
                }
            }
            text += "]\n";
        }
        text + REST
    }

    /// The input that a composition of this name would be written to.
    fn written_over(&self, name: &str) -> Option<&InputFile> {
        let output = PathBuf::from(format!("{name}.wasm"));
        self.inputs.iter().find(|input| files::same_file(&input.path, &output))
    }

    /// The name of this folder as far as it can name a composition, and would not make an output of an input.
    fn folder_name(&self) -> String {
        let here = std::env::current_dir().unwrap_or_default();
        let name = here.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if is_name(&name) && self.written_over(&name).is_none() { name } else { "composed".into() }
    }
}

/// What a manifest may say beside, as comments.
const REST: &str = "\
# Export only what this world does.
# world = \"wit#shop\"
# What is left to the host although the target does not have it, and what of the host may not be reached.
# allow-imports = [\"demo:host/*\"]
# deny = [\"wasi:sockets/*\"]
# The suites that `wcompose link --test` runs, and the most bytes that the composition may have.
# suites = [\"suite.toml\"]
# budget = \"40MB\"

[profile.release]
strip = \"debug\"
";

/// The wires of an import that several could serve.
fn ambiguous(components: &Components<'_>, resolved: &ResolvedImport) -> Option<Vec<Wire>> {
    let ImportState::Unsatisfied(Unsatisfied::Ambiguous(choices)) = &resolved.state else { return None };
    let wire = |provider: &str| Wire {
        importer: components.get(resolved.import.instance).name.to_string(),
        import: components.import(resolved.import).name.to_string(),
        provider: provider.to_owned(),
        export: None,
        function: None,
    };
    Some(choices.iter().map(|choice| wire(components.get(choice.instance).name.as_str())).collect())
}

fn component(input: &InputFile) -> String {
    let path = quoted(&input.file());
    let own = InputFile::parse(&input.file()).is_ok_and(|own| own.name == input.name);
    if own {
        format!("  {path},\n")
    } else {
        format!("  {{ name = {}, path = {path} }},\n", quoted(input.name.as_str()))
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn key(name: &str) -> String {
    if name.contains('.') { quoted(name) } else { name.to_owned() }
}
