//! What the cases cover: every diagnostic has one, and `CASES.md` lists them all. `WCOMPOSE_BLESS=1` writes the list.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use wcompose_tests::{Case, Shown, case_files};

/// Codes without a case, and why.
const WITHOUT_CASE: [(&str, &str); 1] =
    [("invalid-output", "it would be a bug of emitting: what is known to cause it is mended")];

const HEAD: &str = "# Cases

What every case under [`cases/`](cases) calls, and what comes of it: the exit code, the codes of its diagnostics, and the
first line of the first one. Written from the cases by `WCOMPOSE_BLESS=1 cargo test -p wcompose-tests --test catalogue`.
";

/// How many characters of a command line are listed.
const LONGEST: usize = 200;

#[test]
fn every_code_has_text_docs_and_a_case() -> Result<()> {
    let docs = read("../docs/diagnostics.md")?;
    let mut shown = Vec::new();
    for (_, case) in cases()? {
        shown.extend(case.shown().into_iter().flat_map(|shown| shown.codes));
    }
    let mut faults = String::new();
    let codes = || wcompose::CODES.iter().chain(wcompose_cli::CODES);
    for code in codes() {
        let excused = WITHOUT_CASE.iter().any(|(name, _)| *name == code.name);
        if code.text.trim().is_empty() {
            writeln!(faults, "`{}` has no text where it is defined", code.name)?;
        }
        // That the text stands there too, `tidy.rs` checks.
        if !docs.contains(&format!("\n## {}\n", code.name)) {
            writeln!(faults, "`{}` has no section in docs/diagnostics.md", code.name)?;
        }
        if shown.iter().any(|name| name == code.name) == excused {
            let what = if excused { "has a case: take it out of WITHOUT_CASE" } else { "has no case" };
            writeln!(faults, "`{}` {what}", code.name)?;
        }
    }
    let known = |name: &String| codes().any(|code| code.name == name);
    for name in shown.iter().filter(|name| !known(name)) {
        writeln!(faults, "a case expects the code `{name}`, which does not exist")?;
    }
    ensure!(faults.is_empty(), "{faults}");
    Ok(())
}

#[test]
fn the_list_of_cases_is_fresh() -> Result<()> {
    let mut list = HEAD.to_owned();
    let (mut folder, mut commands) = (String::new(), 0);
    for (name, case) in cases()? {
        let (of, name) = name.split_once('/').context("a case lies in a folder")?;
        if of != folder {
            folder = of.into();
            write!(
                list,
                "\n## {of}\n\n| case | command | exit | codes | first line |\n| --- | --- | --- | --- | --- |\n"
            )?;
        }
        let all = case.shown();
        ensure!(all.len() == case.commands.len(), "{of}/{name} does not say how each command ends");
        commands += all.len();
        for (index, (command, shown)) in case.commands.iter().zip(&all).enumerate() {
            let title = if index == 0 { format!("[{name}](cases/{of}/{name}.case)") } else { String::new() };
            list += &row(&title, command, shown);
        }
    }
    write!(list, "\n{} cases, {commands} commands.\n", cases()?.len())?;
    if std::env::var_os("WCOMPOSE_BLESS").is_some() {
        std::fs::write(path("CASES.md"), &list)?;
    }
    ensure!(
        read("CASES.md")? == list,
        "tests/CASES.md is stale: WCOMPOSE_BLESS=1 cargo test -p wcompose-tests --test catalogue"
    );
    Ok(())
}

fn row(title: &str, command: &[String], shown: &Shown) -> String {
    let mut command = command.join(" ");
    if let Some((end, _)) = command.char_indices().nth(LONGEST) {
        command.truncate(end);
        command += " ...";
    }
    let cell = |text: &str| match text {
        "" => String::new(),
        // Messages quote names in backticks, so a cell of code needs two.
        text => format!("`` {} ``", text.replace('|', "\\|")),
    };
    let codes = shown.codes.join(", ");
    format!("| {title} | {} | {} | {codes} | {} |\n", cell(&command), shown.exit, cell(&shown.message))
}

fn cases() -> Result<Vec<(String, Case)>> {
    let parse = |(name, path): (String, _)| {
        let case = Case::parse(&std::fs::read_to_string(path)?).with_context(|| name.clone())?;
        Ok((name, case))
    };
    case_files()?.into_iter().map(parse).collect()
}

fn path(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> Result<String> {
    std::fs::read_to_string(path(name)).with_context(|| format!("cannot read {name}"))
}
