//! The child as a process: its descriptors, its group, its end. Knows nothing of what it is for.

use super::CHILD;
use super::order::{self, Event};
use crate::options::Stdio;
use crate::outcome::HostError;
use command_fds::{CommandFdExt, FdMapping};
use rustix::process::{Pid, Signal};
use serde::Serialize;
use std::fs::File;
use std::io::{self, BufReader, IsTerminal, PipeReader, PipeWriter, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio as Pipe};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;

/// Where the child finds its order, where it tells of events, and the file that it is given.
pub(super) const ORDERS: i32 = 3;
pub(super) const EVENTS: i32 = 4;
pub(super) const FILE: i32 = 5;

/// A child process.
pub(super) struct Process {
    child: Child,
    /// Whether it leads a process group.
    leads: bool,
    orders: Stop,
    heard: Receiver<Heard>,
    stdout: Option<JoinHandle<Vec<u8>>>,
    stderr: Option<JoinHandle<Vec<u8>>>,
}

/// What a child wrote.
pub(super) struct Captured {
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    /// Whether a stream passed its limit, and nobody has heard of it yet.
    pub(super) cut: bool,
}

/// What a parent hears of a child.
pub(super) enum Heard {
    Told(Event),
    /// A captured stream passed its limit.
    TooMuch,
    /// It has closed its pipe: it has ended, or will at once.
    Gone,
    /// The deadline has passed.
    Nothing,
}

/// Asks a child to come to its end early. Clones ask the same child.
#[derive(Clone, Debug)]
pub struct Stop(Arc<Mutex<Option<PipeWriter>>>);

impl Stop {
    /// Asks it. A task that does not listen goes on.
    pub fn stop(&self) {
        // The child sees the end of its orders.
        self.with(|orders| _ = orders.take());
    }

    fn with<T>(&self, act: impl FnOnce(&mut Option<PipeWriter>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Process {
    /// Starts `program` as a child, which has `file` at [`FILE`]. `most` bytes are kept of each captured stream.
    /// Standard input is inherited only if it `reads` it.
    pub(super) fn start(
        program: &Path,
        file: File,
        stdio: &Stdio,
        most: u64,
        reads: bool,
    ) -> Result<Self, HostError> {
        let failed = |error: io::Error| HostError::Unready {
            message: format!("cannot start the sandbox `{}`: {error}", program.display()),
        };
        let (orders, to_child) = io::pipe().map_err(failed)?;
        let (from_child, events) = io::pipe().map_err(failed)?;
        let mut command = Command::new(program);
        // The standard library would print where an allocation failed, which is no bug.
        command.arg(CHILD).env("RUST_BACKTRACE", "0");
        let mappings = vec![
            FdMapping { parent_fd: orders.into(), child_fd: ORDERS },
            FdMapping { parent_fd: events.into(), child_fd: EVENTS },
            FdMapping { parent_fd: file.into(), child_fd: FILE },
        ];
        command.fd_mappings(mappings).map_err(|error| failed(io::Error::other(error)))?;
        if let Stdio::Captured { stdin } = stdio {
            command.stdin(if stdin.is_empty() { Pipe::null() } else { Pipe::piped() });
            command.stdout(Pipe::piped()).stderr(Pipe::piped());
        }
        // A group that is not the terminal's own may not read from it.
        let leads = !(reads && matches!(stdio, Stdio::Inherit) && io::stdin().is_terminal());
        if !reads {
            command.stdin(Pipe::null());
        }
        if leads {
            command.process_group(0);
        }
        let mut child = command.spawn().map_err(failed)?;
        drop(command);

        let (sender, heard) = mpsc::channel();
        if let (Some(mut pipe), Stdio::Captured { stdin }) = (child.stdin.take(), stdio) {
            let stdin = stdin.clone();
            // The component need not read it all.
            thread::spawn(move || _ = pipe.write_all(&stdin));
        }
        let stdout = child.stdout.take().map(|pipe| capture(pipe, most, sender.clone()));
        let stderr = child.stderr.take().map(|pipe| capture(pipe, most, sender.clone()));
        thread::spawn(move || listen(from_child, &sender));
        let orders = Stop(Arc::new(Mutex::new(Some(to_child))));
        Ok(Self { child, leads, orders, heard, stdout, stderr })
    }

    /// Tells the child something. If it is gone, that will be heard.
    pub(super) fn tell(&self, message: &impl Serialize) {
        self.orders.with(|orders| _ = orders.as_mut().map(|orders| order::tell(orders, message)));
    }

    pub(super) fn stopper(&self) -> &Stop {
        &self.orders
    }

    /// Waits for the child to say something.
    pub(super) fn hear(&self, deadline: Option<Instant>) -> Heard {
        let heard = match deadline {
            None => self.heard.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(deadline) => self.heard.recv_timeout(deadline.saturating_duration_since(Instant::now())),
        };
        heard.unwrap_or_else(|error| match error {
            RecvTimeoutError::Timeout => Heard::Nothing,
            RecvTimeoutError::Disconnected => Heard::Gone,
        })
    }

    /// The most memory that it has had at once, in bytes, if it still lives and that is known here.
    pub(super) fn peak_memory(&self) -> Option<u64> {
        peak_memory(&self.child.id().to_string())
    }

    /// Ends it at once, and whatever it started.
    pub(super) fn kill(&mut self) {
        let group = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        match group {
            Some(group) if self.leads => _ = rustix::process::kill_process_group(group, Signal::KILL),
            Some(_) | None => _ = self.child.kill(),
        }
    }

    /// Waits for its end and says how it ended.
    pub(super) fn status(&mut self) -> String {
        self.child.wait().map_or_else(|error| error.to_string(), |status| status.to_string())
    }

    /// Waits for its end and gives what was captured, and whether that is less than was written.
    pub(super) fn end(mut self) -> Captured {
        self.orders.stop();
        _ = self.child.wait();
        let written = |thread: Option<JoinHandle<Vec<u8>>>| {
            thread.and_then(|thread| thread.join().ok()).unwrap_or_default()
        };
        let (stdout, stderr) = (written(self.stdout.take()), written(self.stderr.take()));
        // The child may have said how it ended before its last words were read.
        let cut = self.heard.try_iter().any(|heard| matches!(heard, Heard::TooMuch));
        Captured { stdout, stderr, cut }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            self.kill();
            _ = self.child.wait();
        }
    }
}

/// The most memory that a process has had at once, in bytes, where the system tells.
pub(super) fn peak_memory(process: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes = line.trim().strip_suffix(" kB")?.parse::<u64>().ok()?;
    Some(kibibytes << 10)
}

/// Passes on what the child tells, until it ends.
fn listen(from: PipeReader, to: &Sender<Heard>) {
    let mut from = BufReader::new(from);
    while let Ok(Some(event)) = order::hear(&mut from) {
        if to.send(Heard::Told(event)).is_err() {
            return;
        }
    }
    _ = to.send(Heard::Gone);
}

/// Keeps what a stream brings, up to `most` bytes.
fn capture(from: impl Read + Send + 'static, most: u64, to: Sender<Heard>) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut kept = Vec::new();
        // An error is an end.
        _ = from.take(most.saturating_add(1)).read_to_end(&mut kept);
        if kept.len() as u64 > most {
            kept.pop();
            _ = to.send(Heard::TooMuch);
        }
        kept
    })
}
