//! `target-limit`: the composition is larger than the target can load.

use super::{Code, Diagnostic, Severity, Subject};
use crate::target::Target;

pub(crate) const CODE: Code = Code {
    name: "target-limit",
    text: "The composition would need more instances than the target runtime allows in one component. Counted are the instances that
are made, the interfaces that are imported, and each export of one instance that is given to another: a link of a chain
counts twice. A composition is divided over nested components where that helps, as it does with a chain; here it does not, because
one instance is given too many interfaces, or too many are wanted at once. The inputs themselves are limited too.

Newer releases of the runtime limit the modules and components of the whole composition; more than that is a warning.

Link a part of the inputs first, and use the result as one input.",
};

/// More inputs than one component may hold.
pub(crate) fn inputs(count: usize, limit: usize) -> Diagnostic {
    let message = format!("{count} inputs are more than one component may hold: at most {limit}");
    Diagnostic::error(CODE, Subject::default(), message)
        .help("link a part of the inputs first, and use the result as one input")
}

/// More instances than one component may hold.
pub(crate) fn instances(instances: u32, target: &Target) -> Diagnostic {
    let (name, limit) = (target.name(), target.max_instances());
    let message =
        format!("the composition needs {instances} instances in one component; {name} allows {limit}");
    Diagnostic::error(CODE, Subject::default(), message)
        .note("a link of a chain counts twice: the instance, and its export that the next one is given")
        .help("link a part of the inputs first, and use the result as one input")
}

/// More modules and components than newer releases of the runtime load.
pub(crate) fn newer(definitions: u32, target: &Target) -> Option<Diagnostic> {
    let limit = target.max_definitions_of_newer();
    let message = format!(
        "the composition has {definitions} modules and components; newer releases of the runtime load {limit} at most"
    );
    (definitions > limit).then(|| {
        let warning = Diagnostic::error(CODE, Subject::default(), message);
        Diagnostic { severity: Severity::Warning, ..warning }
            .note(format!("{} counts them for each component alone", target.name()))
            .help("link without --no-dedup, or fewer inputs")
    })
}
