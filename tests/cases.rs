//! Runs the cases under `tests/cases/`: one file a case. `WCOMPOSE_BLESS=1` writes what the program says into them.
//!
//! A case that links is also linked with its inputs in other orders, unless it says that their order matters, and must
//! give the same bytes each time.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use libtest_mimic::{Arguments, Failed, Trial};
use similar::TextDiff;
use wasmparser::{Validator, WasmFeatures};
use wcompose_tests::{
    Case, Ended, Input, Order, Program, case_files, from_wat, from_wit, input_places, timeless,
    without_digests,
};

fn main() -> Result<()> {
    let arguments = Arguments::from_args();
    let trials = case_files()?.into_iter().map(|(name, path)| {
        Trial::test(name, move || run(&path).map_err(|error| Failed::from(format!("{error:#}"))))
    });
    libtest_mimic::run(&arguments, trials.collect()).exit()
}

fn run(path: &Path) -> Result<()> {
    let text = std::fs::read_to_string(path)?;
    let case = Case::parse(&text)?;
    let (directory, cache) = (tempfile::tempdir()?, tempfile::tempdir()?);
    for input in &case.inputs {
        place(directory.path(), input)?;
    }
    let program = Program::new(env!("CARGO_BIN_EXE_wcompose-subject")).with_cache(cache.path());
    let mut shown = String::new();
    for arguments in &case.commands {
        let before = files(directory.path())?;
        let ended = program.call(directory.path(), arguments)?;
        ensure!(ended.code != Some(101), "the program says that it has a bug:\n{}", ended.stderr);
        let after = files(directory.path())?;
        let written = after.iter().filter(|(name, bytes)| before.get(*name) != Some(*bytes));
        let written = written.map(|(name, _)| name.as_str()).collect::<Vec<_>>();
        if case.commands.len() > 1 {
            shown += &format!("$ wcompose {}\n", arguments.join(" "));
        }
        shown += &show(&ended, &written, directory.path());
        for name in case.shown.iter().filter(|name| written.contains(&name.as_str())) {
            shown +=
                &format!("{name}:\n{}\n", without_digests(&String::from_utf8_lossy(&after[name])).trim_end());
        }
        // Several compositions cannot go to standard output.
        let of_one = !arguments.iter().any(|argument| argument == "--all");
        if ended.code == Some(0) && arguments[0] == "link" && of_one {
            again(&case, arguments, &program, directory.path())?;
            restore_locks(directory.path(), &after)?;
        }
    }
    if shown != case.expected {
        if std::env::var_os("WCOMPOSE_BLESS").is_some() {
            std::fs::write(path, case.with_output(&shown))?;
        } else {
            let diff = TextDiff::from_lines(case.expected.as_str(), shown.as_str());
            bail!("{}\n{}", case.why, diff.unified_diff().header("expected", "found"));
        }
    }
    Ok(())
}

/// The files of the directory and its folders, with their content.
fn files(directory: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![directory.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(directory)?.display().to_string();
                found.insert(name, std::fs::read(&path)?);
            }
        }
    }
    Ok(found)
}

/// Takes back what linking again did to locks: the next command must find those that the last one left.
fn restore_locks(directory: &Path, before: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    for (name, bytes) in files(directory)?.into_iter().filter(|(name, _)| name.ends_with(".lock")) {
        match before.get(&name) {
            None => std::fs::remove_file(directory.join(name))?,
            Some(left) if *left != bytes => std::fs::write(directory.join(name), left)?,
            Some(_) => {}
        }
    }
    Ok(())
}

fn place(directory: &Path, input: &Input) -> Result<()> {
    let (name, bytes) = match input {
        Input::Wit(name, text) => {
            (format!("{name}.wasm"), from_wit(text).with_context(|| format!("{name}.wit"))?)
        }
        Input::Wat(name, text) => {
            (format!("{name}.wasm"), from_wat(text).with_context(|| format!("{name}.wat"))?)
        }
        Input::Fixture(name) => (format!("{name}.wasm"), std::fs::read(wcompose_fixtures::fixture(name)?)?),
        Input::File(name, text) => (name.clone(), text.clone().into_bytes()),
    };
    let path = directory.join(name);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    Ok(std::fs::write(path, bytes)?)
}

/// The exit code, what was written, standard output and standard error, as the case shows them.
fn show(ended: &Ended, written: &[&str], directory: &Path) -> String {
    let mut text = format!("exit: {}\n", ended.code.map_or("signal".into(), |code| code.to_string()));
    if !written.is_empty() {
        text += &format!("wrote: {}\n", written.join(", "));
    }
    let mut part = |title: &str, content: &str| {
        if !content.is_empty() {
            text += &format!("{title}:\n{}\n", content.trim_end());
        }
    };
    let directory = directory.display().to_string();
    let clean = |content: &str| without_digests(&timeless(&content.replace(&directory, "DIRECTORY")));
    if ended.stdout.starts_with(b"\0asm") {
        part("stdout", "(a component)");
    } else {
        part("stdout", &clean(&String::from_utf8_lossy(&ended.stdout)));
    }
    part("stderr", &clean(&ended.stderr));
    text
}

/// Links again to standard output. The composition must validate from its first to its last byte, unless it was asked
/// for without, and no order of the inputs may change it, unless the case says that order matters.
fn again(case: &Case, arguments: &[String], program: &Program, directory: &Path) -> Result<()> {
    let places = input_places(arguments);
    let given = places.iter().map(|place| arguments[*place].clone()).collect::<Vec<_>>();
    let first = to_stdout(arguments, &given, program, directory)?;
    if first.code != Some(0) {
        bail!("cannot link to standard output:\n{}", first.stderr);
    }
    validate(arguments, &first.stdout).context("the composition does not validate")?;
    alone(case, arguments, &given, program, directory, &first.stdout)?;
    if case.order != Order::Free {
        return Ok(());
    }
    for order in orders(&given) {
        let other = to_stdout(arguments, &order, program, directory)?;
        if other.stdout != first.stdout || other.code != first.code {
            bail!("{}\nthe order {order:?} gives other bytes than {given:?}\n{}", case.why, other.stderr);
        }
    }
    Ok(())
}

/// Links once more with every definition stored for each input. Sharing must change no connection: the instances, what
/// each is given, and the world are the same.
fn alone(
    case: &Case,
    arguments: &[String],
    given: &[String],
    program: &Program,
    directory: &Path,
    shared: &[u8],
) -> Result<()> {
    let option = "--no-dedup".to_owned();
    if arguments.contains(&option) {
        return Ok(());
    }
    let arguments = [arguments, &[option]].concat();
    let alone = to_stdout(&arguments, given, program, directory)?;
    ensure!(alone.code == Some(0), "it does not link with --no-dedup:\n{}", alone.stderr);
    validate(&arguments, &alone.stdout).context("the composition does not validate with --no-dedup")?;
    let inspected = |name: &str, bytes: &[u8]| {
        std::fs::write(directory.join(name), bytes)?;
        program.call(directory, &["inspect".into(), name.into()])
    };
    let (shared, alone) = (inspected(".shared.wasm", shared)?, inspected(".alone.wasm", &alone.stdout)?);
    let named = |ended: &Ended| String::from_utf8_lossy(&ended.stdout).replace(".shared.wasm", ".alone.wasm");
    ensure!(named(&shared) == named(&alone), "{}\nit is another composition with --no-dedup", case.why);
    Ok(())
}

/// Validates a composition from its first to its last byte, unless that was not asked for.
fn validate(arguments: &[String], composition: &[u8]) -> Result<()> {
    if !arguments.iter().any(|argument| argument == "--no-check") {
        Validator::new_with_features(WasmFeatures::all()).validate_all(composition)?;
    }
    Ok(())
}

/// Links as `arguments` say, but the inputs in `order`, and neither to a file nor to be run.
fn to_stdout(arguments: &[String], order: &[String], program: &Program, directory: &Path) -> Result<Ended> {
    let mut arguments = arguments.to_vec();
    input_places(&arguments)
        .into_iter()
        .zip(order)
        .for_each(|(place, file)| arguments[place].clone_from(file));
    if let Some(end) = arguments.iter().position(|argument| argument == "--") {
        let after = arguments.split_off(end);
        arguments.extend(after.contains(&"--no-dedup".into()).then(|| "--no-dedup".into()));
    }
    let with_value = ["-o", "--output", "--test", "--depfile", "--metadata-file"];
    while let Some(option) = arguments.iter().position(|argument| with_value.contains(&argument.as_str())) {
        // `--test` may stand without a suite: then the manifest names them.
        let end = arguments.len().min(option + 2);
        arguments.drain(option..end);
    }
    arguments.retain(|argument| !matches!(argument.as_str(), "--dry-run" | "--run" | "--wat"));
    arguments.extend(["-o".into(), "-".into()]);
    program.call(directory, &arguments)
}

fn orders(given: &[String]) -> Vec<Vec<String>> {
    if given.len() > 4 {
        let rotations = (1..given.len()).map(|by| [&given[by..], &given[..by]].concat());
        return rotations.chain([given.iter().rev().cloned().collect()]).collect();
    }
    let mut orders = vec![Vec::new()];
    for _ in given {
        orders = orders
            .iter()
            .flat_map(|order: &Vec<String>| {
                let rest = given.iter().filter(|file| !order.contains(file));
                rest.map(|file| [order.as_slice(), std::slice::from_ref(file)].concat())
            })
            .collect();
    }
    orders
}
