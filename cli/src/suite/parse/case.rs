//! From the keys of a case to the case: it does one thing, and expects what fits that.

use std::ops::Range;

use toml::Spanned;
use wcompose_run::http;

use super::super::settings::Settings;
use super::super::{Act, Answer, Case, Ending, Expected, Returns, Status, Text};
use super::raw::{Ends, RawCase, RawRequest, RawResponse, Traps, ok};
use super::{Fault, fault};

/// The case, or what is wrong with it.
pub(super) fn case(raw: RawCase, defaults: &Settings) -> Result<Case, Fault> {
    let RawCase { name, invoke, returns, run, status, request, response, traps, ends, .. } = raw;
    let keys = [
        (span(&invoke), "invoke"),
        (span(&run), "run"),
        (span(&request), "request"),
        (span(&returns), "returns"),
        (span(&status), "status"),
        (span(&response), "response"),
    ];
    let mut ending = Beside { keys, ending: ending(traps, ends)? };
    let act = match (invoke, run, request) {
        (Some(call), None, None) => Act::Invoke {
            call: call.into_inner(),
            expected: ending.or("returns", || {
                returns.map_or(Returns::Anything, |value| Returns::Value(value.into_inner()))
            })?,
        },
        (None, Some(arguments), None) => Act::Run {
            arguments: arguments.into_inner(),
            expected: ending.or("status", || Status(status.map_or(0, Spanned::into_inner)))?,
        },
        (None, None, Some(asked)) => Act::Ask {
            request: checked(asked)?,
            expected: ending.or("response", || answer(response.map(Spanned::into_inner)))?,
        },
        (None, None, None) => {
            let message = format!("case `{}` does nothing", name.get_ref());
            return Err(fault(name.span(), message).help("give it an `invoke`, a `run` or a `request`"));
        }
        _ => return Err(ending.several()),
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

fn span<T>(value: &Option<Spanned<T>>) -> Option<Range<usize>> {
    value.as_ref().map(Spanned::span)
}

/// What stands in a case beside what it does.
struct Beside {
    /// Where the keys stand of which a case has one, then those that go with one of them each.
    keys: [(Option<Range<usize>>, &'static str); 6],
    ending: Option<(Range<usize>, &'static str, Ending)>,
}

impl Beside {
    /// What is expected: the bad ending if there is one, else `well`, which stands under `key`. No other key may stand
    /// there.
    fn or<T>(&mut self, key: &str, well: impl FnOnce() -> T) -> Result<Expected<T>, Fault> {
        let (acts, expectations) = self.keys.split_at(3);
        let present = |keys: &[(Option<Range<usize>>, &'static str)]| {
            keys.iter().filter_map(|(span, name)| Some((span.clone()?, *name))).collect::<Vec<_>>()
        };
        let act = present(acts).first().map_or("", |(_, name)| *name);
        for (span, name) in present(expectations) {
            if name != key {
                let message = format!("`{name}` says nothing of `{act}`");
                return Err(fault(span, message).help(format!("what `{act}` should give stands in `{key}`")));
            }
            if let Some((ending, bad, _)) = &self.ending {
                let message = format!("`{bad}` and `{name}` cannot both be");
                return Err(fault(ending.clone(), message).help("take one of them out"));
            }
        }
        Ok(match self.ending.take() {
            Some((_, _, ending)) => Expected::Badly(ending),
            None => Expected::Well(well()),
        })
    }

    fn several(&self) -> Fault {
        let mut acts = self.keys[..3].iter().filter_map(|(span, name)| Some((span.clone()?, *name)));
        let first = acts.next().map_or("", |(_, name)| name);
        let (span, second) = acts.next().unwrap_or_default();
        fault(span, format!("`{second}` stands beside `{first}`"))
            .help("a case does one thing: make two of it")
    }
}

fn ending(
    traps: Option<Spanned<Traps>>,
    ends: Option<Spanned<Ends>>,
) -> Result<Option<(Range<usize>, &'static str, Ending)>, Fault> {
    Ok(match (traps, ends) {
        (Some(_), Some(ends)) => {
            return Err(fault(ends.span(), "`traps` and `ends` cannot both be").help("take one of them out"));
        }
        (Some(traps), None) => Some((traps.span(), "traps", Ending::Trapped(traps.into_inner().0))),
        (None, Some(ends)) => {
            let ending = match ends.get_ref() {
                Ends::Deadlocked => Ending::Deadlocked,
                Ends::TimedOut => Ending::TimedOut,
                Ends::Exceeded => Ending::Exceeded,
                Ends::Refused => Ending::Refused,
            };
            Some((ends.span(), "ends", ending))
        }
        (None, None) => None,
    })
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
