//! Rewriting: a component in, the same component out in which some functions have an `async` type.
//!
//! Only types change. The type of a function is written once more as `async`, before its first use as such, and what
//! uses it is pointed there; so are the instance types around it. What no such change reaches is copied byte for byte:
//! modules, custom sections, and every section whose items stay as they are.

mod components;
mod place;
mod scope;
mod types;

use std::collections::{BTreeMap, BTreeSet};

use wasm_encoder::reencode::{Reencode, ReencodeComponent};
use wasmparser::{CanonicalFunction, ComponentExternalKind, ComponentInstance, KnownCustom, Payload};

use super::Unrecolourable;
use super::definition::{Content, ROOT};
use super::inside::{Inner, Inside};
use super::value::{Function, Value};
use components::{AS_IT_IS, Form};
use place::Place;
use scope::{Entry, Scope};

/// What changes in one component.
#[derive(Clone, Debug, Default)]
pub(super) struct Flips {
    /// The functions that become `async`.
    pub functions: BTreeSet<Function>,
    /// New names of the component's exports.
    pub renamed: BTreeMap<String, String>,
}

/// Rewrites the component. Without flips, the result is what it was.
pub(super) fn rewrite(inside: &Inside<'_>, flips: &Flips) -> Result<Vec<u8>, Unrecolourable> {
    let forms = components::forms(inside, &flips.functions);
    let mut rewriter = Rewriter {
        inside,
        flips,
        forms,
        current: Some(ROOT),
        lifted: 0,
        made: 0,
        scopes: Vec::new(),
        changed: false,
    };
    Ok(rewriter.component(ROOT, Some(ROOT))?)
}

type Result<T, E = wasm_encoder::reencode::Error<Unrecolourable>> = std::result::Result<T, E>;

impl From<wasm_encoder::reencode::Error<Unrecolourable>> for Unrecolourable {
    fn from(error: wasm_encoder::reencode::Error<Unrecolourable>) -> Unrecolourable {
        Unrecolourable(error.to_string())
    }
}

fn unsupported<T>(message: &str) -> Result<T> {
    Err(wasm_encoder::reencode::Error::UserError(Unrecolourable(message.into())))
}

struct Rewriter<'g, 'a> {
    inside: &'g Inside<'a>,
    flips: &'g Flips,
    /// The form in which each instance needs its definition.
    forms: Vec<Form>,
    /// The instance for which the definition is written; none if it is never instantiated.
    current: Option<usize>,
    /// How many lifts and instantiations of the definition are written.
    lifted: usize,
    made: usize,
    /// The component that is being written, those around it, and the types inside it: the innermost last.
    scopes: Vec<Scope<'a>>,
    /// Whether anything was written in another way than it was read.
    changed: bool,
}

impl<'g, 'a> Rewriter<'g, 'a> {
    fn inner(&self) -> Option<&'g Inner<'a>> {
        self.current.map(|current| &self.inside.instances[current])
    }

    /// What an index of the current instance stands for.
    fn value(&self, kind: ComponentExternalKind, index: u32) -> Value {
        self.inner().map_or_else(|| Value::opaque(kind.into()), |inner| inner.value(kind, index))
    }

    fn flipped(&self, value: &Value) -> bool {
        !value.ways(&self.flips.functions).is_empty()
    }

    /// Runs `write`, and says whether it changed anything.
    fn watch<T>(&mut self, write: impl FnOnce(&mut Self) -> Result<T>) -> Result<(T, bool)> {
        let before = std::mem::replace(&mut self.changed, false);
        let result = write(self)?;
        let changed = self.changed;
        self.changed |= before;
        Ok((result, changed))
    }

    /// Writes a definition as the instance `current` needs it.
    fn component(&mut self, definition: usize, current: Option<usize>) -> Result<Vec<u8>> {
        let inside = self.inside;
        let definition = &inside.definitions[definition];
        let outer = (self.current, self.lifted, self.made);
        (self.current, self.lifted, self.made) = (current, 0, 0);
        self.scopes.push(Scope::default());
        self.sections().raw(definition.header);
        for section in &definition.sections {
            let start = self.sections().finish();
            let ((), changed) = self.watch(|this| match &section.content {
                Content::Component(nested) => this.nested(*nested),
                // Modules, as core types and core instances, have index spaces of their own, which stay as they are.
                Content::Module(_) => Ok(()),
                Content::Payload(payload) => this.payload(payload),
            })?;
            if !changed {
                self.sections().take_back(start);
                self.sections().raw(section.raw);
            }
        }
        (self.current, self.lifted, self.made) = outer;
        match self.scopes.pop().map(|scope| scope.place) {
            Some(Place::Component(sections)) => Ok(sections.into_bytes()),
            _ => unreachable!("what was pushed is popped"),
        }
    }

    fn payload(&mut self, payload: &Payload<'a>) -> Result<()> {
        match payload {
            Payload::ComponentTypeSection(section) => {
                section.clone().into_iter().try_for_each(|ty| self.define(ty?))
            }
            Payload::ComponentImportSection(section) => {
                section.clone().into_iter().try_for_each(|import| self.import(&import?))
            }
            Payload::ComponentAliasSection(section) => {
                section.clone().into_iter().try_for_each(|alias| self.alias(alias?))
            }
            Payload::ComponentCanonicalSection(section) => {
                section.clone().into_iter().try_for_each(|function| self.canonical(function?))
            }
            Payload::ComponentInstanceSection(section) => {
                section.clone().into_iter().try_for_each(|instance| self.instance(instance?))
            }
            Payload::ComponentExportSection(section) => {
                section.clone().into_iter().try_for_each(|export| self.export(&export?))
            }
            Payload::CustomSection(section) => {
                if let KnownCustom::ComponentName(names) = section.as_known()
                    // Names are decoration: a malformed section stays as it is.
                    && let Ok(names) = self.custom_component_name_section(names)
                {
                    self.sections().section(&names);
                } else {
                    self.changed = false;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn import(&mut self, import: &wasmparser::ComponentImport<'a>) -> Result<()> {
        let value = self.inner().and_then(|inner| inner.imports.get(import.name.name)).cloned();
        let ty = self.type_ref(import.ty, &value.unwrap_or(Value::Other))?;
        self.sections().imports().import(import.name, ty);
        self.introduce(import.ty.kind(), Entry::Other);
        Ok(())
    }

    fn export(&mut self, export: &wasmparser::ComponentExport<'a>) -> Result<()> {
        let value = self.value(export.kind, export.index);
        let ty = export.ty.map(|ty| self.type_ref(ty, &value)).transpose()?;
        let index = self.component_external_index(export.kind, export.index);
        let mut name = wasm_encoder::ComponentExternName::from(export.name);
        if self.current == Some(ROOT)
            && let Some(new) = self.flips.renamed.get(export.name.name)
        {
            self.changed = true;
            name.name = new.into();
        }
        self.sections().exports().export(name, export.kind.into(), index, ty);
        self.introduce(export.kind, Entry::Same(export.index));
        Ok(())
    }

    fn canonical(&mut self, mut function: CanonicalFunction) -> Result<()> {
        // wasm-encoder 0.254 leaves the type of these four as it is.
        if let CanonicalFunction::StreamCancelRead { ty, .. }
        | CanonicalFunction::StreamCancelWrite { ty, .. }
        | CanonicalFunction::FutureCancelRead { ty, .. }
        | CanonicalFunction::FutureCancelWrite { ty, .. } = &mut function
        {
            *ty = self.component_type_index(*ty);
        }
        let lift = match &function {
            CanonicalFunction::Lift { core_func_index, type_index, options } => {
                let lift = self.current.map(|inner| Function::Lift { inner, index: self.lifted });
                self.lifted += 1;
                lift.filter(|lift| self.flips.functions.contains(lift))
                    .map(|_| (*core_func_index, *type_index, options.clone()))
            }
            _ => None,
        };
        let Some((core, ty, options)) = lift else {
            return self.with_place(|this, place| {
                this.parse_component_canonical(place.sections().canonical(), function)
            });
        };
        let ty = self.async_function(ty)?;
        let options =
            options.iter().map(|option| self.canonical_option(*option)).collect::<Result<Vec<_>>>()?;
        self.sections().canonical().lift(core, ty, options);
        Ok(())
    }

    fn instance(&mut self, instance: ComponentInstance<'a>) -> Result<()> {
        let ComponentInstance::Instantiate { component_index, args } = &instance else {
            return self.with_place(|this, place| {
                this.parse_component_instance(place.sections().instances(), instance)
            });
        };
        let made = self.inner().and_then(|inner| inner.made.get(self.made)).copied().flatten();
        self.made += 1;
        let arguments = args.iter().map(|argument| (argument.name, argument.kind, argument.index));
        let arguments = arguments.collect::<Vec<_>>();
        let flips = arguments.iter().any(|(_, kind, index)| self.flipped(&self.value(*kind, *index)));
        if made.is_none() && flips {
            return unsupported("a function that changes is given to a component whose inside is not known");
        }
        let component = self.version_of(*component_index, made);
        let arguments = arguments
            .into_iter()
            .map(|(name, kind, index)| (name, kind.into(), self.component_external_index(kind, index)));
        let arguments = arguments.collect::<Vec<(_, wasm_encoder::ComponentExportKind, _)>>();
        self.sections().instances().instantiate(component, arguments);
        Ok(())
    }

    /// Writes a nested component: once for each form in which its instances need it.
    fn nested(&mut self, definition: usize) -> Result<()> {
        let versions = self.versions(definition).into_iter().map(|(form, instance)| (form, Some(instance)));
        let mut versions = versions.collect::<Vec<_>>();
        if versions.is_empty() {
            versions.push((AS_IT_IS, None));
        }
        let mut indices = BTreeMap::new();
        for (place, (form, instance)) in versions.into_iter().enumerate() {
            let bytes = self.component(definition, instance)?;
            // A second version moves all components after it.
            self.changed |= place > 0;
            self.sections().section(&NestedBytes(&bytes));
            indices.insert(form, self.scope().new_component());
        }
        self.scope().components.push(indices);
        Ok(())
    }

    /// Adds what an import, alias or export introduces to the index spaces that may shift.
    fn introduce(&mut self, kind: ComponentExternalKind, entry: Entry<'a>) {
        let scope = self.scope();
        match kind {
            ComponentExternalKind::Type => drop(scope.new_type(entry)),
            ComponentExternalKind::Component => {
                let index = scope.new_component();
                scope.components.push(BTreeMap::from([(AS_IT_IS, index)]));
            }
            _ => {}
        }
    }
}

/// A nested component whose bytes are written already.
struct NestedBytes<'b>(&'b [u8]);

impl wasm_encoder::Encode for NestedBytes<'_> {
    fn encode(&self, sink: &mut Vec<u8>) {
        self.0.encode(sink);
    }
}

impl wasm_encoder::ComponentSection for NestedBytes<'_> {
    fn id(&self) -> u8 {
        wasm_encoder::ComponentSectionId::Component.into()
    }
}

impl Reencode for Rewriter<'_, '_> {
    type Error = Unrecolourable;
}
