//! Runs the examples in the documentation: every block marked `console` in the files of [`PAGES`]. A line that begins
//! with `$` is a command, the lines below it are what it prints. `WCOMPOSE_BLESS=1` writes what the program prints. What
//! the pages say of exit codes is compared with the program, too.
//!
//! A block marked `toml` with a name after it is a file that the commands find under that name.
//!
//! A page's commands run one after the other in one empty folder that has the files of `fixtures` that they and such files name, and `target`, in it.
//! Of a manifest in `fixtures`, it has what that names.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use similar::TextDiff;
use wcompose_cli::Exit;
use wcompose_tests::{Program, timeless, words};

/// Pages with examples.
const PAGES: [&str; 2] = ["README.md", "docs/guide.md"];

/// What `wcompose` is called in examples.
const PROGRAMS: [&str; 2] = ["$ wcompose ", "$ cargo run -q -- "];

#[test]
fn examples_print_what_the_pages_say() -> Result<()> {
    for page in PAGES {
        let path = root().join(page);
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {page}"))?;
        let made = run(&text).with_context(|| page)?;
        // A page shows times as they once were.
        if timeless(&made) == timeless(&text) {
            continue;
        }
        if std::env::var_os("WCOMPOSE_BLESS").is_some() {
            std::fs::write(&path, &made)?;
        } else {
            let diff = TextDiff::from_lines(text.as_str(), made.as_str());
            bail!(
                "WCOMPOSE_BLESS=1 writes this anew:\n{}",
                diff.unified_diff().header(page, "what it prints")
            );
        }
    }
    Ok(())
}

/// The rows of the comparison that link to a case quote, in two backticks at their end, a line that the case prints.
#[test]
fn the_comparison_quotes_its_cases() -> Result<()> {
    let page = std::fs::read_to_string(root().join("docs/comparison.md"))?;
    for row in page.lines().filter(|line| line.starts_with("| [")) {
        let (_, link) = row.split_once("](../").context("a row begins with a link to its case")?;
        let (file, _) = link.split_once(')').context("the link ends")?;
        let case = std::fs::read_to_string(root().join(file)).with_context(|| file.to_owned())?;
        let quoted = row.rsplit("`` ").nth(1).context("a row quotes what its case prints")?;
        if !case.lines().any(|line| line.trim() == quoted.trim_end_matches(" ``").trim()) {
            bail!("docs/comparison.md quotes what {file} does not print: {quoted}");
        }
    }
    Ok(())
}

/// The numbers are a contract: pages and help say of each what the program says of it.
#[test]
fn exit_codes_are_documented() -> Result<()> {
    let rows = Exit::ALL.map(|exit| format!("| {} | {} |\n", exit.code(), exit.meaning())).concat();
    let table = format!("| code | means |\n| --- | --- |\n{rows}\n");
    for page in PAGES {
        let text = std::fs::read_to_string(root().join(page))?;
        ensure!(text.contains(&table), "{page} should have this table:\n{table}");
    }
    let program = Program::new(env!("CARGO_BIN_EXE_wcompose-subject"));
    let help = String::from_utf8(program.call(root(), &["--help".into()])?.stdout)?;
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    for exit in Exit::ALL {
        let row = words(&format!("{} {}", exit.code(), exit.meaning()));
        ensure!(words(&help).windows(row.len()).any(|part| part == row), "the help lacks {row:?}:\n{help}");
    }
    Ok(())
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// The page with what its commands print now.
fn run(page: &str) -> Result<String> {
    let (folder, cache) = (tempfile::tempdir()?, tempfile::tempdir()?);
    std::fs::create_dir(folder.path().join("target"))?;
    let program = Program::new(env!("CARGO_BIN_EXE_wcompose-subject")).with_cache(cache.path());
    let (mut made, mut in_example, mut code) = (String::new(), false, Some(0));
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("```toml ") {
            let text = file(lines.clone());
            text.split('"').try_for_each(|quoted| place(folder.path(), quoted))?;
            std::fs::write(folder.path().join(name), text)?;
        }
        if line.starts_with("```") {
            in_example = line == "```console";
        } else if in_example && !line.starts_with('$') {
            // What a command printed when the page was written.
            continue;
        }
        made += &format!("{line}\n");
        if !in_example || line.starts_with("```") {
            continue;
        }
        let mut command = line.to_owned();
        while command.ends_with('\\') {
            let next = lines.next().context("a command ends with a backslash")?;
            made += &format!("{next}\n");
            command.pop();
            command += next;
        }
        if command == "$ echo $?" {
            made += &format!("{}\n", code.context("a signal ended the program")?);
            continue;
        }
        let Some(arguments) = PROGRAMS.iter().find_map(|program| command.strip_prefix(program)) else {
            bail!("an example calls wcompose, not: {command}");
        };
        let printed;
        (printed, code) = call(&program, folder.path(), arguments)?;
        made += &printed;
    }
    Ok(made)
}

/// The lines of a file up to the end of its block.
fn file<'p>(lines: impl Iterator<Item = &'p str>) -> String {
    lines.take_while(|line| !line.starts_with("```")).map(|line| format!("{line}\n")).collect()
}

/// Copies a file of `fixtures` to its place in the folder, and what it names if it is a manifest. One that is not there shows
/// what the program says of it.
fn place(folder: &Path, file: &str) -> Result<()> {
    if !file.starts_with("fixtures/") || !root().join(file).is_file() {
        return Ok(());
    }
    let copy = folder.join(file);
    std::fs::create_dir_all(copy.parent().unwrap_or(folder))?;
    std::fs::copy(root().join(file), copy).with_context(|| file.to_owned())?;
    if Path::new(file).extension().is_some_and(|extension| extension == "toml") {
        let text = std::fs::read_to_string(root().join(file))?;
        text.split('"').try_for_each(|quoted| place(folder, &format!("fixtures/{quoted}")))?;
    }
    Ok(())
}

/// What a command prints, standard output first, and its exit code.
fn call(program: &Program, folder: &Path, command: &str) -> Result<(String, Option<i32>)> {
    let arguments = words(command);
    for file in arguments.iter().filter_map(|argument| argument.rsplit('=').next()) {
        place(folder, file)?;
    }
    let ended = program.call(folder, &arguments)?;
    let mut printed = String::from_utf8(ended.stdout)?;
    if !printed.is_empty() && !printed.ends_with('\n') {
        printed.push('\n');
    }
    Ok((printed + &ended.stderr, ended.code))
}
