//! Fills the report from what a link came to.

use std::collections::BTreeSet;

use wcompose::{
    Bridge, Comparison, Component, Components, DefinitionKind, Diagnostic, ExportId, Facing, HostReason,
    ImportState, Linked, Matched, Request, Resolution, ResolvedImport, Sharing, Unsatisfied,
};

use super::{
    Bodies, Declaration, Dropped, Export, Import, Problem, Recoloured, Rejection, Rename, Report, Shared,
    SharedDefinition, State, Target,
};

impl Report {
    /// The report on `linked`, which is what came of `request`.
    pub(crate) fn new(linked: &Linked<'_>, request: &Request) -> Report {
        let resolved = match linked {
            Linked::Unparsed(_) => None,
            Linked::Unresolved { components, resolution, .. }
            | Linked::Done { components, resolution, .. } => Some((components, resolution)),
        };
        let mut report = Report {
            version: 1,
            ok: matches!(linked, Linked::Done { .. }),
            target: Target::new(&request.target),
            bodies: match request.bodies {
                wcompose::Bodies::Validated => Bodies::Validated,
                wcompose::Bodies::Unvalidated => Bodies::Unvalidated,
            },
            imports: Vec::new(),
            exports: Vec::new(),
            recoloured: Vec::new(),
            unused: Vec::new(),
            dropped: Vec::new(),
            shared: Shared::default(),
            diagnostics: linked.diagnostics().iter().map(Problem::new).collect(),
            engine: None,
        };
        if let Some((components, resolution)) = resolved {
            report.fill(components, resolution);
        }
        if let Linked::Done { sharing, .. } = linked {
            report.shared = shared(sharing);
        }
        report
    }

    fn fill(&mut self, components: &Components<'_>, resolution: &Resolution) {
        self.imports = resolution.imports.iter().map(|resolved| import(components, resolved)).collect();
        let exports = resolution.exports.iter().map(|export| {
            let (instance, name) = export_names(components, export.export);
            Export { name: export.name.to_string(), instance, export: name, for_types: export.for_types }
        });
        self.exports = exports.collect();
        let exported = resolution.exports.iter().map(|export| export.export).collect::<BTreeSet<_>>();
        let of_roots = resolution.roots.iter().flat_map(|root| components.get(*root).export_ids());
        let dropped = of_roots.filter(|id| !exported.contains(id)).map(|id| {
            let (instance, export) = export_names(components, id);
            Dropped { instance, export }
        });
        self.dropped = dropped.collect();
        self.recoloured = components.iter().flat_map(recoloured).collect();
        self.unused = resolution.unused.iter().map(|id| components.get(*id).name.to_string()).collect();
    }
}

impl Target {
    fn new(target: &wcompose::Target) -> Target {
        let (runtime, version) = target.runtime();
        Target { name: target.name(), runtime, version, features: target.switched_on().collect() }
    }
}

fn shared(sharing: &Sharing<'_>) -> Shared {
    let definitions = sharing.definitions.iter().map(|definition| SharedDefinition {
        kind: match definition.kind {
            DefinitionKind::Module => "module",
            DefinitionKind::Component => "component",
        },
        name: definition.name.clone(),
        copies: definition.copies,
        saved: definition.saved,
    });
    Shared { saved: sharing.saved(), definitions: definitions.collect() }
}

fn import(components: &Components<'_>, resolved: &ResolvedImport) -> Import {
    let component = components.get(resolved.import.instance);
    let rejected = resolved.rejected.iter().map(|rejected| {
        let (provider, export) = export_names(components, rejected.provider);
        Rejection { provider, export, difference: rejected.misfit.difference.sentence() }
    });
    Import {
        instance: component.name.to_string(),
        file: component.file.clone(),
        name: components.import(resolved.import).name.to_string(),
        state: state(components, &resolved.state),
        rejected: rejected.collect(),
    }
}

fn state(components: &Components<'_>, state: &ImportState) -> State {
    match state {
        ImportState::Connected(connection) => {
            let (provider, export) = export_names(components, connection.provider);
            let matched = match connection.matched {
                Matched::Wire => "wire",
                Matched::Only => "only",
                Matched::Chain => "chain",
                Matched::Earlier => "earlier",
            };
            let bridge = connection.bridge.map(|bridge| match bridge {
                Bridge::Recolour => "recolour",
                Bridge::Adapter => "adapter",
            });
            let renames = connection
                .renames
                .iter()
                .map(|rename| Rename { needed: rename.needed.clone(), offered: rename.offered.clone() });
            State::Connected { provider, export, matched, bridge, renames: renames.collect() }
        }
        ImportState::Host(reason) => State::Host {
            reason: match reason {
                HostReason::Target => "target",
                HostReason::Allowed => "allowed",
                HostReason::TypesOnly => "types-only",
            },
        },
        ImportState::Substituted => State::Substituted,
        ImportState::Unsatisfied(reason) => State::Unsatisfied {
            reason: match reason {
                Unsatisfied::NoProvider => "no-provider",
                Unsatisfied::Misfit => "misfit",
                Unsatisfied::Host(_) => "host",
                Unsatisfied::Ambiguous(_) => "ambiguous",
                Unsatisfied::Cycle(_) => "cycle",
            },
        },
    }
}

fn recoloured(component: &Component<'_>) -> impl Iterator<Item = Recoloured> {
    component.changes.iter().map(|change| Recoloured {
        instance: component.name.to_string(),
        side: match change.side {
            Facing::Import => "import",
            Facing::Export => "export",
        },
        function: change.function(),
        renamed: change.renamed.as_ref().map(ToString::to_string),
    })
}

fn export_names(components: &Components<'_>, id: ExportId) -> (String, String) {
    (components.get(id.instance).name.to_string(), components.export(id).name.to_string())
}

impl Problem {
    /// The data of a diagnostic.
    pub(crate) fn new(diagnostic: &Diagnostic) -> Problem {
        let Diagnostic { code, severity, subject, message, comparisons, notes, help, calls } =
            diagnostic.clone();
        let sentences = comparisons.iter().map(|comparison| comparison.sentence.clone());
        Problem {
            code: code.name,
            severity: severity.to_string(),
            file: subject.file,
            instance: subject.instance,
            item: subject.item,
            message,
            notes: sentences.chain(notes).collect(),
            comparisons: comparisons
                .into_iter()
                .map(declarations)
                .filter(|sides| !sides.is_empty())
                .collect(),
            help,
            calls,
        }
    }
}

fn declarations(comparison: Comparison) -> Vec<Declaration> {
    let sides = comparison.sides.into_iter().map(|side| Declaration {
        origin: side.origin,
        text: side.declaration.text,
        start: side.declaration.mark.start,
        end: side.declaration.mark.end,
        label: side.label,
    });
    sides.collect()
}
