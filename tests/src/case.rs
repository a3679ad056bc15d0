//! The format of a case: one text file that says why it exists, gives the inputs and the command, and holds the output.
//!
//! Described for writers of cases in `tests/README.md`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::words::words;

/// A parsed case.
#[derive(Clone, Debug)]
pub struct Case {
    /// Why the case exists.
    pub why: String,
    /// Whether the inputs may be given in any order.
    pub order: Order,
    /// Text files whose content is shown when a command writes them.
    pub shown: Vec<String>,
    /// The inputs, in the order of the file.
    pub inputs: Vec<Input>,
    /// The arguments of each command, without the program, in the order in which they run.
    pub commands: Vec<Vec<String>>,
    /// The expected output.
    pub expected: String,
    /// Everything before the expected output, to write the case anew.
    head: String,
}

/// Whether the order of the inputs has a meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// It has none: every order must give the same bytes.
    Free,
    /// It has one, for the reason that the case gives.
    Matters(String),
}

/// A file that the command finds.
#[derive(Clone, Debug)]
pub enum Input {
    /// A component of a WIT world, named `NAME.wasm`.
    Wit(String, String),
    /// An assembled component, named `NAME.wasm`.
    Wat(String, String),
    /// A component of the fixtures, named `NAME.wasm`.
    Fixture(String),
    /// A file as it is.
    File(String, String),
}

const OUTPUT: &str = "--- output\n";

/// The options of `link` whose value is the next argument.
const WITH_VALUE: [&str; 23] = [
    "-o",
    "--output",
    "--bridge",
    "--wire",
    "--root",
    "--export",
    "--world",
    "--allow-import",
    "--feature",
    "--strip",
    "--target",
    "--timeout",
    "--report",
    "--depfile",
    "--metadata-file",
    "--jobs",
    "-j",
    "--test",
    "--budget",
    "--manifest",
    "-p",
    "--composition",
    "--profile",
];

impl Case {
    /// Parses the text of a case.
    pub fn parse(text: &str) -> Result<Case> {
        let (head, expected) = text.split_once(OUTPUT).unwrap_or((text, ""));
        let mut sections = head.split("\n--- ");
        let mut case = Case {
            why: String::new(),
            order: Order::Free,
            shown: Vec::new(),
            inputs: Vec::new(),
            commands: Vec::new(),
            expected: expected.into(),
            head: head.into(),
        };
        for line in sections.next().unwrap_or_default().lines() {
            match line.split_once(": ") {
                Some(("why", why)) => case.why = why.into(),
                Some(("shows", name)) => case.shown.push(name.into()),
                Some(("order", reason)) => case.order = Order::Matters(reason.into()),
                _ if case.order == Order::Free && !case.why.is_empty() => {
                    case.why += &format!(" {}", line.trim())
                }
                _ => {}
            }
        }
        ensure!(!case.why.is_empty(), "a case begins with `why: `");
        for section in sections {
            let (title, body) = section.split_once('\n').unwrap_or((section, ""));
            case.section(title.trim(), body)?;
        }
        ensure!(!case.commands.is_empty(), "a case has a section `--- command`");
        Ok(case)
    }

    fn section(&mut self, title: &str, body: &str) -> Result<()> {
        if title == "command" {
            for line in body.trim().replace("\\\n", " ").lines() {
                let mut words = words(line);
                ensure!(words.first().is_some_and(|word| word == "wcompose"), "a command is `wcompose ...`");
                self.commands.push(words.split_off(1));
            }
        } else if let Some(name) = title.strip_prefix("fixture ") {
            self.inputs.push(Input::Fixture(name.into()));
        } else if let Some(name) = title.strip_prefix("file ") {
            self.inputs.push(Input::File(name.into(), body.into()));
        } else if let Some(name) = title.strip_suffix(".wit") {
            self.inputs.push(Input::Wit(name.into(), body.into()));
        } else if let Some(name) = title.strip_suffix(".wat") {
            self.inputs.push(Input::Wat(name.into(), body.into()));
        } else {
            bail!(
                "`--- {title}` is no section: NAME.wit, NAME.wat, fixture NAME, file NAME, command, output"
            );
        }
        Ok(())
    }

    /// The text of the case with `output` as what is expected.
    pub fn with_output(&self, output: &str) -> String {
        format!("{}\n{OUTPUT}{output}", self.head.trim_end())
    }
}

/// The cases of this tree: names, such as `inputs/text`, and files; by name.
pub fn case_files() -> Result<Vec<(String, PathBuf)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let (mut files, mut folders) = (Vec::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in
            std::fs::read_dir(&folder).with_context(|| format!("no cases at {}", folder.display()))?
        {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "case") {
                let name = path.strip_prefix(&root)?.with_extension("").display().to_string();
                files.push((name, path));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The places of the inputs among the arguments of `link`.
pub fn input_places(arguments: &[String]) -> Vec<usize> {
    let mut places = Vec::new();
    let mut value = false;
    for (place, argument) in arguments.iter().enumerate().skip(1) {
        match argument.as_str() {
            "--" => break,
            _ if value => value = false,
            option if WITH_VALUE.contains(&option) => value = true,
            option if option.starts_with('-') && option != "-" => {}
            _ => places.push(place),
        }
    }
    places
}
