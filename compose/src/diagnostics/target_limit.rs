//! `target-limit`: the composition is larger than the target can load.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::{Code, Diagnostic, Severity, Subject, import_subject};
use crate::component::{Components, ImportId};
use crate::input::Input;
use crate::memories::Exceeding;
use crate::parse::Fault;
use crate::plan::{Plan, Source, Step, StepExport};
use crate::target::Target;

pub(crate) const CODE: Code = Code {
    name: "target-limit",
    text: "The composition would need more instances than the target runtime allows in one component. Counted are the instances that
are made, the interfaces that are imported, and each export of one instance that is given to another: a link of a chain
counts twice. A composition is divided over nested components where that helps, as it does with a chain, and with many providers
of one consumer; here it does not, because one instance is given too many interfaces, too many are imported, or too many are wanted at
once by instances that share a provider. The inputs themselves are limited too, in number and in how deep their types nest.

One instance may call only so many others with data in memory, such as strings and lists: the runtime makes one module of
all of that, which uses a memory of each. Put components between that call several of them and pass on what they say.

One component may not have two imports of one declared instance type that names a record or another type that is no resource:
the validator of the runtime panics where it is instantiated. Newer ones do not.

Newer releases of the runtime limit the modules and components of the whole composition; more than that is a warning.

If there are too many instances or inputs, link a part of the inputs first, and use the result as one input.",
};

/// More inputs than one component may hold.
pub(crate) fn inputs(count: usize, limit: usize) -> Diagnostic {
    let message = format!("{count} inputs are more than one component may hold: at most {limit}");
    Diagnostic::error(CODE, Subject::default(), message)
        .help("link a part of the inputs first, and use the result as one input")
}

/// An input whose types are too deep in each other.
pub(crate) fn nesting(input: &Input<'_>, fault: &Fault, target: &Target) -> Diagnostic {
    let subject =
        Subject { file: Some(input.file.clone()), instance: Some(input.name.to_string()), item: None };
    let (file, target) = (&input.file, target.judge());
    let message = format!("`{file}` is deeper than {target} bears: {}", fault.message);
    Diagnostic::error(CODE, subject, message).note(format!("at offset {:#x} of the file", fault.offset))
}

/// More instances than one component may hold, also if they are divided.
pub(crate) fn instances(instances: u32, plan: &Plan, target: &Target) -> Diagnostic {
    let (name, limit) = (target.judge(), target.max_instances());
    let message =
        format!("the composition needs {instances} instances in one component; {name} allows {limit}");
    let (made, imported) = (plan.steps.len(), plan.imports.len());
    // What gives functions other names counts as an adapter does.
    let between = plan.steps.iter().map(|step| step.instances() - 1).sum::<usize>();
    let between = if between == 0 { String::new() } else { format!("{between} adapters, ") };
    let given = plan.steps.iter().flat_map(given).collect::<BTreeSet<_>>().len();
    let mut diagnostic = Diagnostic::error(CODE, Subject::default(), message).note(format!(
        "counted are {made} instances, {between}{imported} imports and {given} exports that others are given"
    ));
    let largest = plan.steps.iter().max_by_key(|step| (step.arguments.len(), Reverse(&step.name)));
    if let Some(step) = largest {
        let (name, file, all) = (&step.name, &step.file, step.arguments.len());
        diagnostic = diagnostic.note(format!("most is given to `{name}` ({file}), which imports {all}"));
    }
    diagnostic.help("link a part of the inputs first, and use the result as one input")
}

/// More memories than the runtime can use for the calls of one instance.
pub(crate) fn memories(exceeding: &Exceeding, plan: &Plan, target: &Target) -> Diagnostic {
    let step = &plan.steps[exceeding.step];
    let subject =
        Subject { file: Some(step.file.clone()), instance: Some(step.name.to_string()), item: None };
    let (target, most, all) = (target.judge(), target.max_memories() - 1, exceeding.providers.len());
    let message = format!(
        "`{}` ({}) calls {all} instances with data in memory; {target} compiles no more than {most}",
        step.name, step.file
    );
    let named = exceeding.providers.iter().take(3).map(|provider| {
        let provider = &plan.steps[*provider];
        format!("`{}` ({})", provider.name, provider.file)
    });
    let named = named.collect::<Vec<_>>().join(", ");
    Diagnostic::error(CODE, subject, message)
        .note(
            "counted are those with a function that takes or gives a string, a list or other data in memory",
        )
        .note(format!("they are {named} and {} more", all.saturating_sub(3)))
        .help(format!(
            "put components between `{}` and these that call several of them and pass on what they say",
            step.name
        ))
}

/// Two imports of one instance that introduce the same type.
pub(crate) fn twins(components: &Components<'_>, [one, other]: [ImportId; 2], target: &Target) -> Diagnostic {
    let (component, target) = (components.get(other.instance), target.judge());
    let [first, second] = [one, other].map(|import| &components.import(import).name);
    let message = format!(
        "imports `{first}` and `{second}` of `{}` ({}) are of one instance type; {target} ends where such a component is instantiated",
        component.name, component.file
    );
    Diagnostic::error(CODE, import_subject(components, other), message)
        .note("the instance type names a type that is no resource, and both imports introduce it")
        .help("declare the instance type once for each of them")
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
            .note(format!("{} counts them for each component alone", target.judge()))
            .help("link without --no-dedup, or fewer inputs")
    })
}

/// The exports of others that a step is given.
fn given(step: &Step) -> impl Iterator<Item = &StepExport> {
    step.arguments.iter().filter_map(|argument| match &argument.source {
        Source::Export(export) => Some(export),
        _ => None,
    })
}
