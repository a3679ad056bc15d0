//! Components that mean harm: each gets its verdict, and leaves nothing behind, whoever ends first. That it is in time,
//! `docs/hostile.md` shows.
#![cfg(target_os = "linux")]

use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Arguments, Trial};
use wcompose_tests::hostile::{Hostile, Place, Run};

fn main() {
    let guests = Hostile::all().into_iter().map(|guest| {
        let command = guest.command.split(' ').next().unwrap_or_default();
        Trial::test(format!("{} by {command}", guest.name), move || Ok(ends_well(&guest)?))
    });
    let others = [
        Trial::test("output that nobody reads", || Ok(unread()?)),
        Trial::test("output whose reader goes away", || Ok(reader_gone()?)),
        Trial::test("interrupted while it runs", || Ok(interrupted("INT", 2)?)),
        Trial::test("terminated while it runs", || Ok(interrupted("TERM", 15)?)),
        Trial::test("killed while it compiles", || Ok(killed()?)),
    ];
    libtest_mimic::run(&Arguments::from_args(), guests.chain(others).collect()).exit();
}

fn ends_well(guest: &Hostile) -> Result<()> {
    let run = Run::of(guest, &Place::of(guest)?, program())?;
    let expected = guest.diagnostic();
    ensure!(run.told.contains(&expected), "expected {expected}told {}", run.told);
    ensure!(run.code == Some(4), "exit code {:?}", run.code);
    ensure!(run.left.is_empty(), "left {:?}", run.left);
    Ok(())
}

/// A component that cannot write on is ended like any other.
fn unread() -> Result<()> {
    let place = Place::of(&guest("flood")?)?;
    let (mut parent, stdout) = start(&place, "run FILE --timeout 1s")?;
    ensure!(parent.wait()?.code() == Some(4), "{}", read(parent.stderr.take()));
    drop(stdout);
    nothing_left(&place)
}

/// A component that looks whether it could write notices, and ends.
fn reader_gone() -> Result<()> {
    let place = Place::of(&guest("rust-spin")?)?;
    let (mut parent, mut stdout) = start(&place, "run FILE -- flood")?;
    stdout.read_exact(&mut [0; 100])?;
    drop(stdout);
    ensure!(parent.wait()?.code() == Some(1), "{}", read(parent.stderr.take()));
    nothing_left(&place)
}

/// What a terminal does at Ctrl-C, of which the component has nothing to say. A shell makes 130 of it.
fn interrupted(name: &str, signal: i32) -> Result<()> {
    let place = Place::of(&guest("rust-spin")?)?;
    let (parent, mut stdout) = start(&place, "run FILE -- spin")?;
    stdout.read_exact(&mut [0; "about to spin\n".len()])?;
    let status = end_by(name, parent)?;
    ensure!(status.signal() == Some(signal), "{status}");
    // The child has the other end as well.
    ensure!(read(Some(stdout)).is_empty());
    nothing_left(&place)
}

/// The compiler hears of nothing, and runs no code of ours.
fn killed() -> Result<()> {
    let place = Place::of(&guest("slow-function")?)?;
    let (parent, stdout) = start(&place, "invoke FILE go() --compile-timeout 10m")?;
    while place.living().len() < 2 {
        std::thread::yield_now();
    }
    let status = end_by("KILL", parent)?;
    ensure!(status.signal() == Some(9), "{status}");
    ensure!(read(Some(stdout)).is_empty());
    nothing_left(&place)
}

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_wcompose-subject"))
}

fn guest(name: &str) -> Result<Hostile> {
    Hostile::all().into_iter().find(|guest| guest.name == name).context("there is such a guest")
}

/// The program and its standard output.
fn start(place: &Place, command: &str) -> Result<(Child, impl Read + use<>)> {
    let mut parent = place.command(program(), command).spawn()?;
    let stdout = parent.stdout.take().context("it is piped")?;
    Ok((parent, stdout))
}

fn end_by(signal: &str, mut parent: Child) -> Result<ExitStatus> {
    let sent = Command::new("kill").args(["-s", signal, &parent.id().to_string()]).status()?;
    ensure!(sent.success());
    Ok(parent.wait()?)
}

/// All that can be read.
fn read(from: Option<impl Read>) -> String {
    let mut text = String::new();
    _ = from.map(|mut from| from.read_to_string(&mut text));
    text
}

fn nothing_left(place: &Place) -> Result<()> {
    let left = place.left();
    ensure!(left.is_empty(), "left {left:?}");
    Ok(())
}
