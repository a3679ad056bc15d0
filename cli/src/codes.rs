//! The codes of what the library does not know, and the texts that explain them: verdicts of the sandbox, what was recorded of a
//! composition, how large it may be, and the files that a link reads and writes.

use wcompose::Code;

/// Every code that is not the library's, by name.
pub const CODES: &[Code] = &[
    DEADLOCKED,
    DRIFTED,
    EXCEEDED,
    FAILED,
    OVER_BUDGET,
    REFUSED,
    TESTS_FAILED,
    TIMED_OUT,
    TRAPPED,
    UNREADABLE,
    UNUSABLE_WORLD,
    UNWRITABLE,
];

pub(crate) const DEADLOCKED: Code = Code {
    name: "deadlocked",
    text: "Every task of a component waits, and nothing outside of it can wake any of them: no timer runs, no input is read, and no
work of the host is under way. A host that waits only for the component, as it does for the end of a stream that the
component writes to standard output, does not count. While it has a socket open, a peer may answer, and nothing is
a deadlock.

The notes tell which exports were called and have not ended, what each task last called of the host, and the connections
of the composition over which one instance may wait for another: those whose functions are `async` or carry streams or
futures. Which of them it is, the runtime does not say.

Look for a stream or future whose other end is kept and never used, for a task that waits on a set with nothing in it, and
for two instances that each wait for the other.",
};

pub(crate) const DRIFTED: Code = Code {
    name: "drifted",
    text: "Something is not what was recorded of it, and the program ends with 3. An input has another digest than the manifest gives
for it. Or a link that is held to the lock (`--locked`, `--frozen`, `wcompose lock --check`) came to other inputs, connections,
imports of the host or exports than the lock says, or there is no lock, or it says nothing of the composition, or more than the
manifest has. Or `wcompose verify` found other bytes in a composition than its manifest and lock come to. The notes say what
differs, and nothing was written.

If the change is meant, `wcompose lock` takes the composition as it is now; the digest in a manifest is changed by hand.
Otherwise find out who changed the file.",
};

pub(crate) const EXCEEDED: Code = Code {
    name: "exceeded",
    text: "A component took more of something than it may have: memory, handles, bytes written to a captured stream, instances. It was
ended. The message says which option sets the limit.

Raise the limit if the component is to have so much. Otherwise look for a loop that allocates, or that opens what it does
not drop.",
};

pub(crate) const FAILED: Code = Code {
    name: "failed",
    text: "A command ran to its end and says that it failed: its `run` returned an error, or it gave another status than 0 to
`wasi:cli/exit`. What it wrote to standard error may say why.",
};

pub(crate) const OVER_BUDGET: Code = Code {
    name: "over-budget",
    text: "A component has more bytes than `--budget`, or the manifest's `budget`, allows it. A link does not write it. The note names its
largest parts.

`wcompose size` shows where the bytes of a component are. `--strip debug` leaves debug information of the inputs out, `--strip all`
names as well. Otherwise build the inputs smaller, or give the composition a larger budget.",
};

pub(crate) const REFUSED: Code = Code {
    name: "refused",
    text: "The runtime cannot run the component, and no code of it ran: it does not compile or needs an import that the runtime does
not provide, or it does not export what was to be called.

`wcompose check` says what the target runtime provides, `wcompose inspect` what the component exports.",
};

pub(crate) const TESTS_FAILED: Code = Code {
    name: "tests-failed",
    text: "A composition was made and written, and cases of a suite failed on it: `link --test`. The notes name them.

`wcompose test SUITE COMPOSITION` runs them again, and tells them in JSON or as JUnit with `--format`.",
};

pub(crate) const TIMED_OUT: Code = Code {
    name: "timed-out",
    text: "A component was still being compiled, or still running, when the time limit passed. It was ended. A component that waits for
a timer, for input or for a peer is no deadlock and ends so too.

Give it longer with the option that the message names, if it needs that.",
};

pub(crate) const TRAPPED: Code = Code {
    name: "trapped",
    text: "A component did what WebAssembly or the Component Model forbid, and was ended. The first note is the kind of the trap, a name
that stays. The others are the places in core code that led to it, innermost first, each with the instance of the
composition that runs it. Where one definition serves several instances, all of them are named.

`unreachable` is how most languages abort: a panic, a failed assertion, an exception that nobody catches. Standard error
may hold its message.

`cannot-block-sync-task`: a function whose type is not `async` was called and had to wait before it had returned, for an
`async` import or for a stream or future. A caller of such a function relies on its not waiting. Make the function `async`
in WIT on both sides, or do not wait in it.

`cannot-enter-component`: an instance was called while it was itself calling out in a way that does not allow that.
`no-async-result`: an `async` function ended without giving its result.",
};

pub(crate) const UNREADABLE: Code = Code {
    name: "unreadable",
    text: "An input is not there or cannot be read, or there is no such file or folder as that of the world. Nothing was linked. The
message says why, and names a file beside it that was likely meant, if there is one.

A link reads regular files, and standard input as `-`.",
};

pub(crate) const UNUSABLE_WORLD: Code = Code {
    name: "unusable-world",
    text: "What `--world`, or the manifest's `world`, names is no world that a composition can be held to: the WIT is wrong or
cannot be read, it has no world of that name, or several and none is named, or WASI has no such world. Nothing was linked.

A world is named as `WIT#WORLD`, where WIT is a file or a folder, or by its name in WASI: `wasi:http/service@0.3.0`.",
};

pub(crate) const UNWRITABLE: Code = Code {
    name: "unwritable",
    text: "A file that a link writes cannot be written: its folder is not there, the disk is full or takes no files from here, or an
input changed while it was linked. What was there before is still there. The message says which file and why.",
};
