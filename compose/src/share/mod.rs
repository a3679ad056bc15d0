//! Sharing: what the inputs define more than once is defined once, in the outermost component, and reached from there
//! through outer aliases. Only definitions are shared: every instance keeps its own state. It changes no connection.

mod census;
mod definition;
mod equal;
pub(crate) mod names;
mod rewrite;

use std::collections::BTreeMap;

use wasm_encoder::Component;

use crate::component::Components;
use crate::input::{Bytes, Inputs};
use crate::plan::Plan;
use crate::request::{Request, Strip};
use crate::rope::Rope;
use crate::target::Target;
use census::{Census, Counted};
use definition::{Definition, Reader};
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

/// The definitions of all inputs.
#[derive(Debug)]
pub(crate) struct Definitions(Vec<Definition>);

impl Definitions {
    /// Reads all inputs, which need not be valid. Fails if one of them cannot be read, or reaches outside itself.
    pub(crate) fn read(inputs: &Inputs<'_>) -> Option<Definitions> {
        let mut reader = Reader::default();
        let read = inputs.iter().map(|input| reader.input(input.bytes).ok().filter(|d| d.closed));
        read.collect::<Option<_>>().map(Definitions)
    }

    /// Takes all inputs for something that has nothing in it to share.
    pub(crate) fn unread(inputs: &Inputs<'_>) -> Definitions {
        let mut reader = Reader::default();
        Definitions(inputs.iter().map(|input| reader.unread(input.bytes)).collect())
    }

    /// The modules of all inputs, those that are equal together.
    pub(crate) fn modules<'a>(&self, inputs: &Inputs<'a>) -> Vec<Vec<&'a [u8]>> {
        let mut groups = BTreeMap::<_, Vec<_>>::new();
        for (definition, input) in self.0.iter().zip(inputs.iter()) {
            definition.modules(&mut |module| {
                groups.entry(module.class).or_default().push(&input.bytes[module.range.clone()]);
            });
        }
        groups.into_values().collect()
    }

    /// The inputs as they are validated, each with a type of its own. There are `more` components beside what they share.
    pub(crate) fn nested<'a>(&self, inputs: &Inputs<'a>, more: usize) -> Nested<'a> {
        let bytes = inputs.iter().map(|input| Bytes::Input(input.bytes)).collect::<Vec<_>>();
        let mut census = Census::default();
        self.0.iter().for_each(|input| census.inside(input));
        let several =
            |counted: &Counted<'_>| counted.copies > 1 && counted.definition.kind == Kind::Component;
        let chosen = census.choose(self.0.len() + more, several);
        let rewriter = Rewriter::new(&bytes, &chosen, Strip::None);
        let shared = chosen.iter().map(|counted| counted.definition);
        let mut outermost = Rope::from(Component::HEADER.to_vec());
        for definition in shared.clone() {
            outermost.extend(definition.kind.section(rewriter.definition(definition, 0)));
        }
        let shared = shared.filter(|definition| definition.kind == Kind::Component).count();
        let mut depth = 0;
        let inputs = self.0.iter().map(|input| {
            let roomy = input.components < Target::MAX_DEFINITIONS / 2;
            let nested = NestedInput { rope: rewriter.definition(input, depth), roomy };
            depth += u32::from(roomy);
            nested
        });
        Nested { outermost, shared, inputs: inputs.collect() }
    }
}

/// Inputs that are nested in each other, with what they share in the outermost component.
pub(crate) struct Nested<'a> {
    /// The outermost component without the inputs. The components that they share come first in it.
    pub outermost: Rope<'a>,
    /// How many these are.
    pub shared: usize,
    /// Each stands in the nearest one before that is roomy, or else in the outermost component.
    pub inputs: Vec<NestedInput<'a>>,
}

/// An input that is nested.
pub(crate) struct NestedInput<'a> {
    pub rope: Rope<'a>,
    /// Whether others may stand in it: it has few components of its own, so the validator allows more.
    pub roomy: bool,
}

/// Finds what the components of the plan define more than once, unless `request` keeps copies, and rewrites those that
/// have it, or something that is to be stripped.
pub fn share<'a>(components: &Components<'a>, plan: &Plan, request: &Request) -> Sharing<'a> {
    let bytes = components.iter().map(|component| component.bytes.clone()).collect::<Vec<_>>();
    let steps = plan.steps.iter().map(|step| (step, &components.definitions.0[step.instance.0]));
    let mut census = Census::default();
    for (step, definition) in steps.clone() {
        census.count(definition, Called::Step(step.name.clone()));
    }
    let chosen = match request.keep_copies {
        true => Vec::new(),
        false => census.choose(plan.steps.len() + plan.adapters(), |counted| counted.copies > 1),
    };
    let rewriter = Rewriter::new(&bytes, &chosen, request.strip);
    let depths = plan.depths();
    let stored = steps.enumerate().map(|(place, (_, definition))| match rewriter.index(definition) {
        Some(index) => StepComponent::Shared(index),
        None => StepComponent::Own(rewriter.definition(definition, depths[place])),
    });
    Sharing { components: stored.collect(), definitions: shared(&chosen, &rewriter) }
}

fn shared<'a>(chosen: &[Counted<'_>], rewriter: &Rewriter<'_, 'a>) -> Vec<SharedDefinition<'a>> {
    let shared = chosen.iter().map(|counted| SharedDefinition {
        kind: counted.definition.kind,
        name: rewriter.name(counted),
        copies: counted.copies,
        saved: counted.saved,
        bytes: rewriter.definition(counted.definition, 0),
    });
    shared.collect()
}
