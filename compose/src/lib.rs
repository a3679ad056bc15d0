//! wcompose links WebAssembly components into one.
//!
//! Bytes to bytes: this crate opens no file, prints nothing, and runs nothing, so that a `build.rs` can use it. The
//! path of data is one direction, and each arrow is a function of one module:
//!
//! ```text
//! bytes -> parse -> Components -> resolve -> Resolution -> plan -> Plan -> share -> Sharing -> emit -> Output -> check
//!                                      (-> recolour -> parse -> resolve ->)
//! ```
//!
//! Beside it, `provenance` reads the inputs' digests, and adds what it recorded to the output.

mod adapt;
mod changes;
mod check;
mod component;
mod composition;
mod conformance;
mod diagnostics;
mod emit;
mod input;
mod memories;
mod parse;
mod parting;
mod plan;
mod policy;
mod provenance;
mod recolour;
mod request;
mod resolve;
mod resources;
mod rope;
mod scopes;
mod sections;
mod sets;
mod share;
mod size;
mod target;
mod twins;
mod types;
mod worlds;

pub use adapt::{AdaptedFunction, Adapter, Crossing, NotEager};
pub use changes::{Changes, Inside, InsideChange, ItemChange, Level, PartChange, changes};
pub use check::check;
pub use component::{Change, Component, Components, ExportId, Extern, Facing, ImportId, InstanceId};
pub use composition::{
    Annotation, Annotations, Argument as CompositionArgument, Composition, CompositionInstance,
    Connection as CompositionConnection, CoreCode, InstancePath, Producer, may_wait,
};
pub use conformance::conformance;
pub use diagnostics::{ALL as CODES, Code, Comparison, Diagnostic, Severity, Side, Subject, suggestion};
pub use emit::{Output, emit};
pub use input::{Bytes, DuplicateName, Input, Inputs, InstanceName, InvalidName};
pub use parse::{Fault, FileKind, nesting, parse};
pub use parting::Parting;
pub use plan::{Argument, Plan, PlannedExport, Source, Step, StepExport, TypeSource, plan};
pub use policy::{Policy, PolicyRule, PolicySubject};
pub use provenance::{
    Digest, Provenance, ProvenanceConnection, ProvenanceInput, ProvenanceTarget, Provider, Tool,
    UnreadableProvenance,
};
pub use recolour::{Unrecolourable, recolour};
pub use request::{
    Bodies, BridgeRequest, Consent, ExportRequest, Pattern, Rename, Request, Strip, SyntaxError, Wire,
};
pub use resolve::{
    Bridge, Connection, HostReason, ImportState, Matched, MergedImport, Misfit, Origin, Rejected, Resolution,
    ResolvedExport, ResolvedImport, Unsatisfied, Why, resolve,
};
pub use scopes::Scope;
pub use sections::framing;
pub use share::{Kind as DefinitionKind, SharedDefinition, Sharing, share};
pub use size::{Own, Size};
pub use target::{Target, UnknownFeature};
pub use types::{Declaration, Difference, Part};
pub use worlds::{UnknownWorld, WorldRequest, WorldType};

use check::check_in;
use parse::{Modules, Parsed};

/// How far a link came.
pub enum Linked<'a> {
    /// Some input is no valid component: there is nothing to resolve.
    Unparsed(Vec<Diagnostic>),
    /// Something does not fit: there is nothing to emit.
    Unresolved {
        /// The parsed inputs.
        components: Components<'a>,
        /// The state of every import.
        resolution: Resolution,
        /// What is wrong, at least one error.
        diagnostics: Vec<Diagnostic>,
    },
    /// The composition, validated.
    Done {
        /// The parsed inputs.
        components: Components<'a>,
        /// The state of every import.
        resolution: Resolution,
        /// How the composition was made.
        plan: Plan,
        /// What is stored once for several.
        sharing: Sharing<'a>,
        /// Its bytes.
        output: Output<'a>,
        /// Warnings.
        diagnostics: Vec<Diagnostic>,
    },
}

impl Linked<'_> {
    /// All problems that were found.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        match self {
            Linked::Unparsed(diagnostics)
            | Linked::Unresolved { diagnostics, .. }
            | Linked::Done { diagnostics, .. } => diagnostics,
        }
    }
}

/// Links `inputs` as `request` asks: the whole path of data.
///
/// Where connections fail only because a function is `async` on one side, the components are recoloured or given adapters,
/// and resolved again. What is recorded of the inputs' bytes is read meanwhile.
pub fn link<'a>(inputs: &Inputs<'a>, request: &Request) -> Linked<'a> {
    link_watched(inputs, request, &Nobody)
}

/// Whoever wants to know how far a link is. It is told on any thread, and should not take long.
pub trait Watcher: Sync {
    /// The calling thread goes on with the link, and another one was woken to make digests meanwhile. Not called where there is
    /// no other thread, or nothing to hash.
    fn hashing(&self) {}

    /// The composition is made. It is still checked meanwhile, bodies of functions are validated, and digests made. If the link
    /// succeeds, its output begins with these bytes. If this is called more than once, the last call counts.
    fn made(&self, _output: &Output<'_>) {}

    /// The bytes of this part of an input, which is to be hashed: what is recorded of the input is the digest of what this gives.
    /// Who can read them in another way than through memory may do that, into `buffer`. Each part of an input is asked for once at
    /// most, and not at all if the digests were made before.
    fn read<'b>(&self, part: &'b [u8], _buffer: &'b mut Vec<u8>) -> &'b [u8] {
        part
    }
}

/// Wants to know nothing.
struct Nobody;

impl Watcher for Nobody {}

/// Links as [`link`] does, and tells `watcher`.
pub fn link_watched<'a>(inputs: &Inputs<'a>, request: &Request, watcher: &impl Watcher) -> Linked<'a> {
    let read = || (!request.omit_provenance).then(|| provenance::read(inputs, watcher));
    let hashing = !request.omit_provenance && !inputs.are_hashed() && rayon::current_num_threads() > 1;
    let made = || {
        if hashing {
            watcher.hashing();
        }
        let made = |parsed| made(parsed, inputs, request, watcher);
        parse::parse_for(inputs, &request.target, request.bodies, made)
    };
    let (made, read) = rayon::join(made, read);
    let Made { components, resolution, plan, sharing, mut output, mut diagnostics } = match made {
        Ok(Ok(made)) => made,
        Ok(Err(linked)) => return *linked,
        Err(diagnostics) => return Linked::Unparsed(diagnostics),
    };
    if let Some(read) = read {
        let (provenance, warnings) = provenance::record(&components, &resolution, read, &request.target);
        output = output.with_provenance(&provenance);
        diagnostics.extend(warnings);
    }
    Linked::Done { components, resolution, plan, sharing, output, diagnostics }
}

/// A composition that says nothing of what it was made of yet.
struct Made<'a> {
    components: Components<'a>,
    resolution: Resolution,
    plan: Plan,
    sharing: Sharing<'a>,
    output: Output<'a>,
    diagnostics: Vec<Diagnostic>,
}

/// From the parsed inputs to the composition, which is checked; fails with how far that came.
fn made<'a>(
    parsed: Parsed<'a>,
    inputs: &Inputs<'a>,
    request: &Request,
    watcher: &impl Watcher,
) -> Result<Made<'a>, Box<Linked<'a>>> {
    let Parsed { components, modules } = parsed;
    let (resolution, diagnostics) = resolve(&components, request);
    let resolved = Resolved { components, modules, resolution, diagnostics };
    let apart = failed(&resolved.diagnostics) && resolved.resolution.has_effect_misfit();
    let resolved = match request.bridge {
        BridgeRequest::Recolour if apart => recolour::bridge(inputs, resolved, request),
        BridgeRequest::Adapter if apart => adapt::bridge(resolved, request),
        _ => resolved,
    };
    let Resolved { components, modules, resolution, mut diagnostics } = resolved;
    diagnostics.extend(policy::violations(&components, &resolution, &request.policies));
    if failed(&diagnostics) {
        return Err(Box::new(Linked::Unresolved { components, resolution, diagnostics }));
    }
    let plan = plan(&components, &resolution);
    let exceeding = memories::exceeding(&components, &plan, request.target.max_memories());
    if !exceeding.is_empty() {
        let told = |step| diagnostics::target_limit::memories(step, &plan, &request.target);
        diagnostics.extend(exceeding.iter().map(told));
        return Err(Box::new(Linked::Unresolved { components, resolution, diagnostics }));
    }
    let twins = twins::twins(&components, &plan);
    if !twins.is_empty() {
        let told =
            |twins: &[ImportId; 2]| diagnostics::target_limit::twins(&components, *twins, &request.target);
        diagnostics.extend(twins.iter().map(told));
        return Err(Box::new(Linked::Unresolved { components, resolution, diagnostics }));
    }
    let limit = request.target.max_instances();
    let emitted = emitted(&components, plan, request);
    let (plan, sharing, output) = match emitted {
        (plan, _, output) if output.instances() > limit => {
            self::emitted(&components, plan.divided(&components, limit), request)
        }
        emitted => emitted,
    };
    if output.instances() > limit {
        diagnostics.push(diagnostics::target_limit::instances(output.instances(), &plan, &request.target));
        return Err(Box::new(Linked::Unresolved { components, resolution, diagnostics }));
    }
    let ((), checked) = rayon::join(|| watcher.made(&output), || check_in(modules, &output));
    match checked {
        Ok(definitions) => diagnostics.extend(diagnostics::target_limit::newer(definitions, &request.target)),
        Err(fault) => {
            diagnostics.push(diagnostics::invalid_output::new(&fault));
            return Err(Box::new(Linked::Unresolved { components, resolution, diagnostics }));
        }
    }
    if let Some(asked) = &request.world {
        let misfits = conformance::misfits(&output.to_vec(), asked.world(), (&components, &resolution));
        diagnostics.extend(misfits);
        if failed(&diagnostics) {
            return Err(Box::new(Linked::Unresolved { components, resolution, diagnostics }));
        }
    }
    Ok(Made { components, resolution, plan, sharing, output, diagnostics })
}

fn emitted<'a>(
    components: &Components<'a>,
    plan: Plan,
    request: &Request,
) -> (Plan, Sharing<'a>, Output<'a>) {
    let sharing = share(components, &plan, request);
    let output = emit(components, &plan, &sharing);
    (plan, sharing, output)
}

/// Components, what became of their imports, and all problems so far.
struct Resolved<'a> {
    components: Components<'a>,
    /// As in [`Parsed`].
    modules: Modules,
    resolution: Resolution,
    diagnostics: Vec<Diagnostic>,
}

fn failed(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity != Severity::Warning)
}
