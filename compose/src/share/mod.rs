//! Sharing: what the inputs define more than once is defined once, in the outermost component, and reached from there
//! through outer aliases. Only definitions are shared: every instance keeps its own state. It changes no connection.

mod census;
mod definition;
mod equal;
mod names;
mod rewrite;
mod sections;

use crate::component::Components;
use crate::plan::Plan;
use crate::request::Request;
use crate::rope::Rope;
use census::Census;
use definition::Reader;
use names::Called;
use rewrite::Rewriter;

pub use definition::Kind;

/// How the components of a plan are stored.
#[derive(Debug)]
pub struct Sharing<'a> {
    /// What is defined once for all who have it, in the order in which it has to be written.
    pub definitions: Vec<SharedDefinition<'a>>,
    /// The component of each step of the plan.
    pub(crate) components: Vec<StepComponent<'a>>,
}

/// A definition that is stored in the outermost component. Its index there is its place among those of its kind.
#[derive(Debug)]
pub struct SharedDefinition<'a> {
    /// Whether it is a module or a component.
    pub kind: Kind,
    /// What a name section of the inputs calls it.
    pub name: Option<String>,
    /// How many times the inputs have it. 1 if it is there only because another shared definition needs it.
    pub copies: usize,
    /// How many bytes the copies have that are not stored.
    pub saved: usize,
    pub(crate) bytes: Rope<'a>,
}

/// The component of a step.
#[derive(Debug)]
pub(crate) enum StepComponent<'a> {
    /// It is stored for this step alone.
    Own(Rope<'a>),
    /// It is a shared definition: the component of that index.
    Shared(u32),
}

impl Sharing<'_> {
    /// How many bytes need not be stored.
    pub fn saved(&self) -> usize {
        self.definitions.iter().map(|definition| definition.saved).sum()
    }
}

/// Finds what the components of the plan define more than once, and rewrites those that have it; if `request` keeps
/// copies, nothing.
pub fn share<'a>(components: &Components<'a>, plan: &Plan, request: &Request) -> Sharing<'a> {
    let bytes = plan.steps.iter().map(|step| components.get(step.instance).bytes);
    if request.keep_copies {
        let components = bytes.map(|bytes| StepComponent::Own(Rope::of(bytes))).collect();
        return Sharing { definitions: Vec::new(), components };
    }
    let mut reader = Reader::default();
    let steps = bytes.map(|bytes| reader.component(bytes));
    let steps = steps.collect::<Result<Vec<_>, _>>().expect("inputs were validated when they were parsed");
    let mut census = Census::default();
    for (step, definition) in plan.steps.iter().zip(&steps) {
        census.count(definition, Called::Step(step.name.as_str()));
    }
    let chosen = census.choose(plan.steps.len());
    let rewriter = Rewriter::new(&chosen);
    let definitions = chosen.iter().map(|counted| SharedDefinition {
        kind: counted.definition.kind,
        name: names::name(counted.definition, counted.called),
        copies: counted.copies,
        saved: counted.saved,
        bytes: rewriter.definition(counted.definition),
    });
    let components = steps.iter().map(|definition| match rewriter.index(definition) {
        Some(index) => StepComponent::Shared(index),
        None => StepComponent::Own(rewriter.definition(definition)),
    });
    Sharing { definitions: definitions.collect(), components: components.collect() }
}
