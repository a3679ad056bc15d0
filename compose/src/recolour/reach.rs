//! Which functions a core function may reach and on which way, as far as the code tells. It errs on the side of more: a call
//! through a table may go to whatever of its type the table holds.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use wasmparser::ExternalKind;

use super::Unrecolourable;
use super::code::Code;
use super::core::{Core, CoreExport, CoreFunction, CoreInstance};
use super::value::Function;
use super::way::{Call, Via, Way};

/// A function or table, by its core instance and its index there.
type Place = (usize, u32);

/// The code of one instance.
pub(super) struct Reach<'c, 'a> {
    core: &'c Core<'a>,
    /// The code of each core instance that is made from a module.
    code: Vec<Option<Code<'a>>>,
    tables: BTreeMap<Place, Table>,
    /// All functions whose address is taken.
    referenced: BTreeSet<Place>,
}

/// What a table holds.
#[derive(Default)]
struct Table {
    slots: BTreeMap<u32, BTreeSet<Place>>,
    /// Whether it may hold any function whose address is taken.
    open: bool,
}

/// Where a call may go.
enum Target<'c> {
    Code(Place),
    /// A function of another component, and whether the caller waits for it.
    Component(&'c Function, bool),
    Builtin,
    /// The inside of a module that is imported.
    Unknown,
}

impl<'c, 'a> Reach<'c, 'a> {
    pub(super) fn of(core: &'c Core<'a>) -> Result<Reach<'c, 'a>, Unrecolourable> {
        let read = |instance: &CoreInstance<'a>| match instance {
            CoreInstance::Made { module, .. } => {
                let bytes = core.modules.get(*module as usize).copied().flatten();
                bytes.map(Code::read).transpose()
            }
            CoreInstance::Bag(_) => Ok(None),
        };
        let code = core.instances.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let mut reach = Reach { core, code, tables: BTreeMap::new(), referenced: BTreeSet::new() };
        reach.fill_tables();
        Ok(reach)
    }

    /// The start functions of the modules.
    pub(super) fn starts(&self) -> Vec<Place> {
        let code = self.code.iter().enumerate();
        code.filter_map(|(instance, code)| Some((instance, code.as_ref()?.start?))).collect()
    }

    /// The shortest way to one of `wanted` for which code may wait that starts at a core function of the instance.
    pub(super) fn first(&self, function: u32, wanted: &BTreeSet<Function>) -> Option<Way> {
        self.search(self.target(function), wanted)
    }

    /// The same for code that starts at a function of a module.
    pub(super) fn first_from(&self, place: Place, wanted: &BTreeSet<Function>) -> Option<Way> {
        self.search(Target::Code(place), wanted)
    }

    fn search<'s>(&'s self, start: Target<'s>, wanted: &BTreeSet<Function>) -> Option<Way> {
        let mut seen = BTreeSet::new();
        // Each with the one that calls it.
        let mut visited = Vec::<(Place, Via, Option<usize>)>::new();
        let mut queue = VecDeque::from([(start, Via::Call, None)]);
        while let Some((target, via, caller)) = queue.pop_front() {
            let end = match target {
                Target::Component(function, true) if wanted.contains(function) => function.clone(),
                Target::Component(..) | Target::Builtin => continue,
                Target::Unknown => Function::Opaque,
                Target::Code(place) => {
                    if seen.insert(place) {
                        visited.push((place, via, caller));
                        let caller = Some(visited.len() - 1);
                        queue.extend(self.calls(place).into_iter().map(|(to, via)| (to, via, caller)));
                    }
                    continue;
                }
            };
            let (mut places, mut at) = (Vec::new(), caller);
            while let Some((place, via, caller)) = at.map(|at| visited[at]) {
                places.push((place, via));
                at = caller;
            }
            let (mut through, mut passed_on) = (Vec::new(), Via::Call);
            for (place, via) in places.into_iter().rev() {
                let via = via.or(passed_on);
                passed_on = Via::Call;
                match self.name(place) {
                    Some(function) => through.push(Call { function, via }),
                    // An import is what it is given: that is called in its place.
                    None => passed_on = via,
                }
            }
            return Some(Way { through, end, via: via.or(passed_on) });
        }
        None
    }

    /// What a function of a module is called; `None` if it is none of its own.
    fn name(&self, (instance, index): Place) -> Option<String> {
        let code = self.code[instance].as_ref()?;
        if (index as usize) < code.imported.len() {
            return None;
        }
        let is_it =
            |(_, (kind, of)): &(&&str, &(ExternalKind, u32))| *kind == ExternalKind::Func && *of == index;
        let name = code.names.get(&index).or_else(|| code.exports.iter().find(is_it).map(|(name, _)| name));
        Some(name.map_or_else(|| format!("function {index}"), |name| (*name).to_owned()))
    }

    /// Where a function of a module may go next.
    fn calls(&self, (instance, index): Place) -> Vec<(Target<'_>, Via)> {
        let Some(code) = &self.code[instance] else { return vec![(Target::Unknown, Via::Call)] };
        let Some(defined) = (index as usize).checked_sub(code.imported.len()) else {
            return vec![(self.imported(instance, index), Via::Call)];
        };
        let Some(body) = code.bodies.get(defined) else { return Vec::new() };
        let direct = body.calls.iter().map(|call| (Target::Code((instance, *call)), Via::Call));
        let mut next = direct.collect::<Vec<_>>();
        for (table, ty, slot) in &body.indirect {
            let held = match self.table(instance, *table).map(|place| self.tables.get(&place)) {
                Some(None) => Vec::new(),
                Some(Some(Table { slots, open: false })) => match slot {
                    Some(slot) => slots.get(slot).into_iter().flatten().copied().collect(),
                    None => slots.values().flatten().copied().collect(),
                },
                Some(Some(Table { open: true, .. })) | None => self.referenced.iter().copied().collect(),
            };
            let fits = |held: &String| held == ty || held.is_empty() || ty.is_empty();
            let held = held.into_iter().filter(|place| self.ty(*place).is_none_or(fits));
            next.extend(held.map(|place| (Target::Code(place), Via::Table)));
        }
        if body.by_reference {
            next.extend(self.referenced.iter().map(|place| (Target::Code(*place), Via::Reference)));
        }
        next
    }

    fn ty(&self, (instance, index): Place) -> Option<&String> {
        self.code[instance].as_ref()?.types.get(index as usize)
    }

    fn fill_tables(&mut self) {
        let (mut tables, mut referenced) = (BTreeMap::<Place, Table>::new(), BTreeSet::new());
        for (instance, code) in self.code.iter().enumerate() {
            let Some(code) = code else { continue };
            referenced.extend(code.referenced.iter().map(|function| (instance, *function)));
            for table in &code.open {
                if let Some(place) = self.table(instance, *table) {
                    tables.entry(place).or_default().open = true;
                }
            }
            for (table, first, functions) in &code.elements {
                let held = functions.iter().enumerate();
                let held = held.filter_map(|(slot, function)| Some((slot as u32, (instance, (*function)?))));
                let held = held.collect::<Vec<_>>();
                referenced.extend(held.iter().map(|(_, place)| *place));
                let Some(place) = self.table(instance, *table) else { continue };
                let table = tables.entry(place).or_default();
                match first {
                    Some(first) => held.into_iter().for_each(|(slot, place)| {
                        table.slots.entry(first.wrapping_add(slot)).or_default().insert(place);
                    }),
                    None => table.open = true,
                }
            }
        }
        (self.tables, self.referenced) = (tables, referenced);
    }

    /// Where a table is defined that a core instance knows by `index`.
    fn table(&self, instance: usize, index: u32) -> Option<Place> {
        let code = self.code[instance].as_ref()?;
        let Some((module, name)) = code.imported_tables.get(index as usize) else {
            return Some((instance, index));
        };
        let export = CoreExport { instance: self.argument(instance, module)?, name };
        self.exported_table(export)
    }

    fn exported_table(&self, CoreExport { instance, name }: CoreExport<'_>) -> Option<Place> {
        match self.core.instances.get(instance as usize)? {
            CoreInstance::Made { .. } => {
                let (kind, index) = self.code[instance as usize].as_ref()?.exports.get(name)?;
                (*kind == ExternalKind::Table).then(|| self.table(instance as usize, *index))?
            }
            CoreInstance::Bag(exports) => {
                let (_, _, index) = exports.iter().find(|(own, ..)| *own == name)?;
                self.exported_table(*self.core.tables.get(*index as usize)?)
            }
        }
    }

    fn argument(&self, instance: usize, module: &str) -> Option<u32> {
        match self.core.instances.get(instance)? {
            CoreInstance::Made { arguments, .. } => {
                arguments.iter().find(|(name, _)| *name == module).map(|(_, instance)| *instance)
            }
            CoreInstance::Bag(_) => None,
        }
    }

    /// Where a function leads that a module imports.
    fn imported(&self, instance: usize, index: u32) -> Target<'_> {
        let import = self.code[instance].as_ref().and_then(|code| code.imported.get(index as usize));
        let export = import
            .and_then(|(module, name)| Some(CoreExport { instance: self.argument(instance, module)?, name }));
        export.map_or(Target::Unknown, |export| self.exported(export))
    }

    fn exported(&self, CoreExport { instance, name }: CoreExport<'_>) -> Target<'_> {
        let at = instance as usize;
        match self.core.instances.get(at) {
            Some(CoreInstance::Made { .. }) => {
                let export = self.code[at].as_ref().and_then(|code| code.exports.get(name));
                export.map_or(Target::Unknown, |(_, index)| Target::Code((at, *index)))
            }
            Some(CoreInstance::Bag(exports)) => {
                let export = exports.iter().find(|(own, ..)| *own == name);
                export.map_or(Target::Unknown, |(_, _, index)| self.target(*index))
            }
            None => Target::Unknown,
        }
    }

    fn target(&self, function: u32) -> Target<'_> {
        match self.core.functions.get(function as usize) {
            Some(CoreFunction::Lowered { function, waits }) => Target::Component(function, *waits),
            Some(CoreFunction::Export(export)) => self.exported(*export),
            Some(CoreFunction::Builtin) => Target::Builtin,
            None => Target::Unknown,
        }
    }
}
