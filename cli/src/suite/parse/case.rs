//! From the keys of a case to the case: it does one thing, and expects what fits that.

use std::ops::Range;

use toml::Spanned;
use wcompose_run::http;

use super::super::settings::Settings;
use super::super::{Act, Answer, Case, Ending, Expected, Returns, Status, Text};
use super::raw::{Ends, RawCase, RawRequest, RawResponse, Traps, ok};
use crate::fault::{Fault, fault};

/// The case, or what is wrong with it.
pub(super) fn case(raw: RawCase, defaults: &Settings) -> Result<Case, Fault> {
    let RawCase { name, invoke, returns, run, status, request, response, traps, ends, .. } = raw;
    let beside = Beside {
        acts: present([key("invoke", &invoke), key("run", &run), key("request", &request)]),
        expectations: present([key("returns", &returns), key("status", &status), key("response", &response)]),
        bad: bad(traps, ends)?,
    };
    let act = match (invoke, run, request) {
        (Some(call), None, None) => Act::Invoke {
            call: call.into_inner(),
            expected: beside.or("returns", || {
                returns.map_or(Returns::Anything, |value| Returns::Value(value.into_inner()))
            })?,
        },
        (None, Some(arguments), None) => Act::Run {
            arguments: arguments.into_inner(),
            expected: beside.or("status", || Status(status.map_or(0, Spanned::into_inner)))?,
        },
        (None, None, Some(asked)) => Act::Ask {
            request: checked(asked)?,
            expected: beside.or("response", || answer(response.map(Spanned::into_inner)))?,
        },
        (None, None, None) => {
            let message = format!("case `{}` does nothing", name.get_ref());
            return Err(fault(name.span(), message).help("give it an `invoke`, a `run` or a `request`"));
        }
        _ => return Err(beside.several()),
    };
    let mut settings = defaults.clone();
    settings.timeout = raw.timeout.or(settings.timeout);
    settings.env.extend(raw.env);
    Ok(Case {
        name: name.into_inner(),
        act,
        stdin: raw.stdin,
        stdout: texts(raw.stdout, raw.stdout_contains),
        stderr: texts(raw.stderr, raw.stderr_contains),
        settings,
    })
}

/// A key that a case has, and where its value stands.
struct Key {
    name: &'static str,
    span: Range<usize>,
}

fn key<T>(name: &'static str, value: &Option<Spanned<T>>) -> Option<Key> {
    value.as_ref().map(|value| Key { name, span: value.span() })
}

fn present(keys: [Option<Key>; 3]) -> Vec<Key> {
    keys.into_iter().flatten().collect()
}

/// What stands in a case beside each other.
struct Beside {
    /// What it does: there should be one.
    acts: Vec<Key>,
    /// What should come of it if it ends well.
    expectations: Vec<Key>,
    bad: Option<Bad>,
}

/// A bad ending that is expected.
struct Bad {
    key: Key,
    ending: Ending,
}

impl Beside {
    /// What is expected: the bad ending if there is one, else `well`, which stands under `name`. No other expectation may
    /// stand there.
    fn or<T>(self, name: &str, well: impl FnOnce() -> T) -> Result<Expected<T>, Fault> {
        let act = self.acts.first().map_or("", |act| act.name);
        if let Some(other) = self.expectations.iter().find(|key| key.name != name) {
            let message = format!("`{}` says nothing of `{act}`", other.name);
            let help = format!("what `{act}` should give stands in `{name}`");
            return Err(fault(other.span.clone(), message).help(help));
        }
        match (self.bad, self.expectations.first()) {
            (Some(bad), Some(expectation)) => Err(both(&bad.key, expectation)),
            (Some(bad), None) => Ok(Expected::Badly(bad.ending)),
            (None, _) => Ok(Expected::Well(well())),
        }
    }

    /// There are several acts.
    fn several(&self) -> Fault {
        let [first, second, ..] = &self.acts[..] else { return fault(0..0, "a case does one thing") };
        fault(second.span.clone(), format!("`{}` stands beside `{}`", second.name, first.name))
            .help("a case does one thing: make two of it")
    }
}

fn both(one: &Key, other: &Key) -> Fault {
    let message = format!("`{}` and `{}` cannot both be", one.name, other.name);
    fault(one.span.clone(), message).help("take one of them out")
}

fn bad(traps: Option<Spanned<Traps>>, ends: Option<Spanned<Ends>>) -> Result<Option<Bad>, Fault> {
    if let (Some(traps), Some(ends)) = (key("traps", &traps), key("ends", &ends)) {
        return Err(both(&ends, &traps));
    }
    let trapped = key("traps", &traps).zip(traps.map(|traps| Ending::Trapped(traps.into_inner().0)));
    let ended = key("ends", &ends).zip(ends.map(|ends| match ends.get_ref() {
        Ends::Deadlocked => Ending::Deadlocked,
        Ends::TimedOut => Ending::TimedOut,
        Ends::Exceeded => Ending::Exceeded,
        Ends::Refused => Ending::Refused,
    }));
    Ok(trapped.or(ended).map(|(key, ending)| Bad { key, ending }))
}

fn checked(raw: Spanned<RawRequest>) -> Result<http::Request, Fault> {
    let span = raw.span();
    let RawRequest { method, path, headers, body } = raw.into_inner();
    let headers = headers.into_iter().collect();
    let request = http::Request { method, path, headers, body: body.into_bytes() };
    match request.check() {
        Ok(()) => Ok(request),
        Err(message) => Err(fault(span, format!("this is no HTTP request: {message}"))),
    }
}

fn answer(raw: Option<RawResponse>) -> Answer {
    let Some(RawResponse { status, headers, body, body_contains }) = raw else {
        return Answer { status: ok(), headers: Vec::new(), body: Vec::new() };
    };
    Answer { status, headers: headers.into_iter().collect(), body: texts(body, body_contains) }
}

fn texts(whole: Option<String>, parts: Vec<String>) -> Vec<Text> {
    whole.map(Text::Is).into_iter().chain(parts.into_iter().map(Text::Contains)).collect()
}
