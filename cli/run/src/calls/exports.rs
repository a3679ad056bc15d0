//! The functions that a component exports, and which of them a call means.

use super::expression::CallExpression;
use super::problem::CallProblem;
use super::spell::signature;
use crate::function::FunctionPath;
use wasmtime::Engine;
use wasmtime::component::Component;
use wasmtime::component::types::{ComponentFunc, ComponentItem};

/// An exported function.
pub(super) struct Export {
    pub(super) path: FunctionPath,
    pub(super) ty: ComponentFunc,
}

impl Export {
    /// Its whole name and its type, as WIT spells it.
    pub(super) fn signature(&self) -> String {
        signature(&self.path.to_string(), &self.ty)
    }
}

/// All functions that `component` exports, by itself or in an interface.
pub(super) fn exports(engine: &Engine, component: &Component) -> Vec<Export> {
    let mut found = Vec::new();
    for (name, item) in component.component_type().exports(engine) {
        match item.ty {
            ComponentItem::ComponentFunc(ty) => {
                found.push(Export { path: FunctionPath::of_component(name), ty });
            }
            ComponentItem::ComponentInstance(interface) => {
                for (function, item) in interface.exports(engine) {
                    if let ComponentItem::ComponentFunc(ty) = item.ty {
                        found.push(Export { path: FunctionPath::of_interface(name, function), ty });
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// How many exports an error lists.
const LISTED: usize = 20;

/// The one of `exports` that `call` means: the one of that name, else the only one that the name shortens.
pub(super) fn find<'e>(exports: &'e [Export], call: &CallExpression) -> Result<&'e Export, CallProblem> {
    let fits = |exact: bool| {
        let named = exports.iter().filter(|export| export.path.function == call.function());
        let fitting = named.filter(|export| names(call.interface(), export.path.interface.as_deref(), exact));
        fitting.collect::<Vec<_>>()
    };
    let mut found = fits(true);
    if found.is_empty() {
        found = fits(false);
    }
    let written = match call.interface() {
        Some(interface) => format!("{interface}#{}", call.function()),
        None => call.function().to_owned(),
    };
    match &found[..] {
        [export] => Ok(export),
        [] => Err(CallProblem {
            function: None,
            message: format!("exports no function `{written}`"),
            notes: nearest(exports, &written).into_iter().chain(listed(exports)).collect(),
        }),
        several => Err(CallProblem {
            function: None,
            message: format!("exports {} functions that `{written}` may mean", several.len()),
            notes: several.iter().map(|export| format!("it exports `{}`", export.signature())).collect(),
        }),
    }
}

/// Whether `written` names the interface `exported`, or, if not `exact`, shortens it: without its version, without its
/// package, or left out.
fn names(written: Option<&str>, exported: Option<&str>, exact: bool) -> bool {
    match (written, exported) {
        (written, exported) if exact => written == exported,
        (None, _) => true,
        (Some(_), None) => false,
        (Some(written), Some(exported)) => {
            let path = exported.split_once('@').map_or(exported, |(path, _)| path);
            let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
            written == path || written == name
        }
    }
}

fn nearest(exports: &[Export], written: &str) -> Option<String> {
    let function = |name: &str| name.rsplit_once('#').map_or(name, |(_, function)| function).to_owned();
    let near = |export: &Export| {
        let whole = strsim::normalized_damerau_levenshtein(&export.path.to_string(), written);
        let last = strsim::normalized_damerau_levenshtein(&export.path.function, &function(written));
        (whole.max(last), whole)
    };
    let order = |a: &&Export, b: &&Export| {
        let ((a, whole_a), (b, whole_b)) = (near(a), near(b));
        a.total_cmp(&b).then(whole_a.total_cmp(&whole_b))
    };
    let best = exports.iter().max_by(order)?;
    (near(best).0 >= 0.6).then(|| format!("a similar name is `{}`", best.path))
}

fn listed(exports: &[Export]) -> Vec<String> {
    if exports.is_empty() {
        return vec!["it exports no function at all".to_owned()];
    }
    let mut notes: Vec<_> =
        exports.iter().take(LISTED).map(|export| format!("it exports `{}`", export.signature())).collect();
    if let Some(more @ 1..) = exports.len().checked_sub(LISTED) {
        notes.push(format!("and {more} more"));
    }
    notes
}
