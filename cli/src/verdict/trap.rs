//! Where a trap happened, in words: the instances of the composition, and the places in their core code.

use wcompose::{CoreCode, InstancePath, NotEager};
use wcompose_run::Frame;

/// Frames in a message; a debugger is the place for more.
const MOST_FRAMES: usize = 10;

/// Instances named for one frame.
const MOST_INSTANCES: usize = 5;

/// The frames of a trap with the instances that run them.
pub(super) struct Trace<'t> {
    frames: Vec<(&'t Frame, Vec<InstancePath>)>,
}

impl<'t> Trace<'t> {
    /// Finds the instances in the component's binary.
    pub(super) fn new(frames: &'t [Frame], component: &[u8]) -> Trace<'t> {
        // What the runtime has run can be read.
        let code = CoreCode::read(component).ok();
        let instances = |frame: &Frame| match (&code, frame.offset) {
            (Some(code), Some(offset)) => code.instances_at(offset, frame.index),
            _ => Vec::new(),
        };
        Trace { frames: frames.iter().map(|frame| (frame, instances(frame))).collect() }
    }

    /// The instance in which it happened, if only one can be it, and it is not the component itself.
    pub(super) fn instance(&self) -> Option<String> {
        match self.place()? {
            [path] if path != &InstancePath::default() => Some(path.to_string()),
            _ => None,
        }
    }

    /// What happened, in words, if an adapter of a connection trapped because a call did not return at once.
    pub(super) fn not_eager(&self) -> Option<&str> {
        self.own().next().and_then(|(frame, _)| not_eager(frame))
    }

    /// ` in X`, ` in X or Y`, ` in a call from X`; nothing if it is not known or says nothing.
    pub(super) fn place_in_words(&self) -> String {
        let inside = self.frames.first().is_some_and(|(frame, _)| !frame.trampoline);
        let preposition = if inside { "in" } else { "in a call from" };
        let names = self.place().map(names).unwrap_or_default();
        if names.is_empty() { names } else { format!(" {preposition} {names}") }
    }

    /// A line for each frame: the instance, and the place in its code.
    pub(super) fn lines(&self) -> Vec<String> {
        // That a call did not return at once is told already.
        let told = |(frame, _): &&(&Frame, _)| not_eager(frame).is_none();
        let frames = self.own().filter(told);
        let mut lines =
            frames.clone().take(MOST_FRAMES).map(|(frame, paths)| line(frame, paths)).collect::<Vec<_>>();
        let more = frames.count().saturating_sub(MOST_FRAMES);
        if more > 0 {
            lines.push(format!("and {more} more"));
        }
        lines
    }

    /// The frames of the component itself, without those of the runtime between instances.
    fn own(&self) -> impl Iterator<Item = &(&'t Frame, Vec<InstancePath>)> + Clone {
        self.frames.iter().filter(|(frame, _)| !frame.trampoline)
    }

    fn place(&self) -> Option<&[InstancePath]> {
        self.own().next().map(|(_, paths)| paths.as_slice())
    }
}

fn not_eager(frame: &Frame) -> Option<&str> {
    NotEager::words(frame.module.as_deref(), frame.function.as_deref())
}

fn line(frame: &Frame, paths: &[InstancePath]) -> String {
    let names = names(paths);
    let instance = if names.is_empty() { names } else { format!("in {names}: ") };
    let function = frame
        .function
        .as_ref()
        .map_or_else(|| format!("function {}", frame.index), |name| format!("`{name}`"));
    let module = frame.module.as_ref().map_or_else(String::new, |name| format!(" of `{name}`"));
    let offset = frame.offset.map_or_else(String::new, |offset| format!(" at {offset:#x}"));
    format!("{instance}{function}{module}{offset}")
}

/// `` `left` or `right` ``. The component itself has no name beside others.
fn names(paths: &[InstancePath]) -> String {
    if let [path] = paths
        && path == &InstancePath::default()
    {
        return String::new();
    }
    let name = |path: &InstancePath| match path.0[..] {
        [] => "the component itself".to_owned(),
        _ => format!("`{path}`"),
    };
    let mut names = paths.iter().take(MOST_INSTANCES).map(name).collect::<Vec<_>>();
    let more = paths.len().saturating_sub(MOST_INSTANCES);
    if more > 0 {
        names.push(format!("{more} others"));
    }
    names.join(" or ")
}
