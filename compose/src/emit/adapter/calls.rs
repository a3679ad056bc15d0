//! The core module that has an adapter's calls: each of its functions passes on what it is given, and gives back what
//! comes back. What differs between the two sides is how a call is made.
//!
//! All functions are lifted with the synchronous ABI. For those whose type is `async` that is allowed, and no call could
//! gain from another: the callee of each is synchronous and never waits.

use std::collections::BTreeMap;

use wasm_encoder::{
    BlockType, CodeSection, EntityType, ExportKind, ExportSection, Function, FunctionSection, ImportSection,
    IndirectNameMap, MemoryType, Module, NameMap, NameSection, TypeSection, ValType,
};
use wasmparser::component_types::{AliasableResourceId, ComponentFuncType, ComponentValType, ResourceId};

use super::abi::{Abi, MOST_ASYNC_PARAMS, MOST_PARAMS};
use super::memory::{ENTER, LEAVE, MEMORY, REALLOC};
use super::values::{Address, Body, Local};
use crate::adapt::{Crossing, NotEager};

/// The names under which it imports: what is called, what drops handles, and the memory.
pub(super) const PROVIDER: &str = "provider";
pub(super) const DROP: &str = "drop";
pub(super) const OWN: &str = "memory";

/// The state of a call that has returned, as an asynchronous lowering gives it (CanonicalABI, `Subtask.State`).
const RETURNED: i32 = 2;

/// A function to pass calls on.
pub(super) struct Call {
    pub crossing: Crossing,
    pub params: Vec<ComponentValType>,
    pub result: Option<ComponentValType>,
    /// Its name, for whoever reads a trap, and that of the function that traps if the call does not return at once.
    pub names: (String, NotEager),
}

/// How a result is passed on.
#[derive(Clone, Copy)]
enum Passed {
    Nothing,
    Value(ValType),
    Memory,
}

/// The name under which a call is exported.
pub(super) fn call(index: usize) -> String {
    format!("call-{index}")
}

/// The name of what is to be called after the call and the lifting of its result.
pub(super) fn after(index: usize) -> String {
    format!("after-{index}")
}

impl Call {
    pub(super) fn new(crossing: Crossing, ty: &ComponentFuncType, names: (String, NotEager)) -> Call {
        let params = ty.params.iter().map(|(_, ty)| *ty).collect();
        Call { crossing, params, result: ty.result, names }
    }

    /// Whether it needs memory and an allocator. Then [`after`] has to be called after it.
    pub(super) fn needs_memory(&self, abi: Abi<'_>) -> bool {
        let values = self.params.iter().chain(&self.result);
        let pointers = values.into_iter().any(|ty| abi.has_pointer(*ty));
        let by_memory = matches!(self.result(abi), Passed::Memory);
        let waits = self.crossing == Crossing::SyncOverAsync && self.result.is_some();
        pointers || by_memory || waits || self.stores(abi) || self.flat(abi).is_none()
    }

    /// Whether it is given borrowed handles, which have to be dropped before it returns.
    pub(super) fn drops(&self, abi: Abi<'_>) -> bool {
        self.params.iter().any(|ty| abi.has_borrow(*ty))
    }

    /// The core values of the parameters; `None` if they come in memory.
    fn flat(&self, abi: Abi<'_>) -> Option<Vec<ValType>> {
        abi.flat(&self.params, MOST_PARAMS)
    }

    /// Whether the parameters are passed on in memory.
    fn spills(&self, abi: Abi<'_>) -> bool {
        let most = match self.crossing {
            Crossing::AsyncOverSync => MOST_PARAMS,
            Crossing::SyncOverAsync => MOST_ASYNC_PARAMS,
        };
        abi.flat(&self.params, most).is_none()
    }

    /// Whether parameters that come as core values are stored: to be passed on so, or to find the handles in them.
    fn stores(&self, abi: Abi<'_>) -> bool {
        self.flat(abi).is_some() && (self.spills(abi) || self.drops(abi))
    }

    fn result(&self, abi: Abi<'_>) -> Passed {
        match self.result.map(|ty| abi.flat(&[ty], 1)) {
            None => Passed::Nothing,
            Some(Some(flat)) => flat.first().map_or(Passed::Nothing, |core| Passed::Value(*core)),
            Some(None) => Passed::Memory,
        }
    }

    /// The core type of the function itself.
    fn lifted(&self, abi: Abi<'_>) -> (Vec<ValType>, Vec<ValType>) {
        let params = self.flat(abi).unwrap_or_else(|| vec![ValType::I32]);
        let results = match self.result(abi) {
            Passed::Nothing => Vec::new(),
            Passed::Value(core) => vec![core],
            Passed::Memory => vec![ValType::I32],
        };
        (params, results)
    }

    /// The core type of what it calls.
    fn lowered(&self, abi: Abi<'_>) -> (Vec<ValType>, Vec<ValType>) {
        let spilled = || vec![ValType::I32];
        let mut params = if self.spills(abi) { spilled() } else { self.lifted(abi).0 };
        if self.in_memory(abi) {
            params.push(ValType::I32);
        }
        let results = match (self.crossing, self.result(abi)) {
            (Crossing::SyncOverAsync, _) => vec![ValType::I32],
            (Crossing::AsyncOverSync, Passed::Value(core)) => vec![core],
            (Crossing::AsyncOverSync, _) => Vec::new(),
        };
        (params, results)
    }

    /// Whether the callee writes its result to memory.
    fn in_memory(&self, abi: Abi<'_>) -> bool {
        match self.crossing {
            Crossing::AsyncOverSync => matches!(self.result(abi), Passed::Memory),
            Crossing::SyncOverAsync => self.result.is_some(),
        }
    }
}

/// Makes the module. `resources`: those whose borrowed handles are dropped, in the order of the imports that do it.
pub(super) fn module(abi: Abi<'_>, calls: &[Call], resources: &[ResourceId], memory: bool) -> Module {
    let mut writer = Writer::new(abi, calls, resources, memory);
    for (index, call) in calls.iter().enumerate() {
        let callee = index as u32;
        let traps = match call.crossing {
            Crossing::AsyncOverSync => None,
            Crossing::SyncOverAsync => {
                let mut trap = Function::new([]);
                trap.instructions().unreachable().end();
                Some(writer.define(call.names.1.to_string(), (Vec::new(), Vec::new()), &trap))
            }
        };
        let body = writer.body(call, callee, traps);
        let (params, results) = call.lifted(abi);
        let function = writer.define(call.names.0.clone(), (params, results.clone()), &body);
        writer.exports.export(&self::call(index), ExportKind::Func, function);
        if call.needs_memory(abi) {
            let mut after = Function::new([]);
            after.instructions().call(writer.memory[LEAVE]).end();
            let function = writer.define(self::after(index), (results, Vec::new()), &after);
            writer.exports.export(&self::after(index), ExportKind::Func, function);
        }
    }
    writer.finish()
}

/// The section that gives functions their names, from the one of index `first` on, and the module its own.
pub(super) fn name_section(first: u32, functions: &[String]) -> NameSection {
    let mut names = NameSection::new();
    names.module(NotEager::MODULE);
    let mut map = NameMap::new();
    (first..).zip(functions).for_each(|(index, name)| map.append(index, name));
    names.functions(&map);
    names.locals(&IndirectNameMap::new());
    names
}

/// A core type.
type Core = (Vec<ValType>, Vec<ValType>);

struct Writer<'t> {
    abi: Abi<'t>,
    types: TypeSection,
    imports: ImportSection,
    functions: FunctionSection,
    exports: ExportSection,
    code: CodeSection,
    names: Vec<String>,
    /// How many functions are imported.
    imported: u32,
    /// The functions of the memory's module.
    memory: BTreeMap<&'static str, u32>,
    drops: BTreeMap<ResourceId, u32>,
}

impl<'t> Writer<'t> {
    fn new(abi: Abi<'t>, calls: &[Call], resources: &[ResourceId], memory: bool) -> Writer<'t> {
        let mut writer = Writer {
            abi,
            types: TypeSection::new(),
            imports: ImportSection::new(),
            functions: FunctionSection::new(),
            exports: ExportSection::new(),
            code: CodeSection::new(),
            names: Vec::new(),
            imported: 0,
            memory: BTreeMap::new(),
            drops: BTreeMap::new(),
        };
        for (index, call) in calls.iter().enumerate() {
            writer.import(PROVIDER, &self::call(index), call.lowered(abi));
        }
        for (index, resource) in resources.iter().enumerate() {
            let drop = writer.import(DROP, &index.to_string(), (vec![ValType::I32], Vec::new()));
            writer.drops.insert(*resource, drop);
        }
        if memory {
            let realloc = (vec![ValType::I32; 4], vec![ValType::I32]);
            for (name, ty) in [(REALLOC, realloc), (ENTER, Core::default()), (LEAVE, Core::default())] {
                let index = writer.import(OWN, name, ty);
                writer.memory.insert(name, index);
            }
            let (memory64, shared) = (false, false);
            let ty = MemoryType { minimum: 1, maximum: None, memory64, shared, page_size_log2: None };
            writer.imports.import(OWN, MEMORY, EntityType::Memory(ty));
        }
        writer
    }

    fn ty(&mut self, (params, results): Core) -> u32 {
        self.types.ty().function(params, results);
        self.types.len() - 1
    }

    fn import(&mut self, module: &str, name: &str, ty: Core) -> u32 {
        let ty = self.ty(ty);
        self.imports.import(module, name, EntityType::Function(ty));
        self.imported += 1;
        self.imported - 1
    }

    fn define(&mut self, name: String, ty: Core, function: &Function) -> u32 {
        let ty = self.ty(ty);
        self.functions.function(ty);
        self.code.function(function);
        self.names.push(name);
        self.imported + self.names.len() as u32 - 1
    }

    /// The code of a call. `traps`: what to call if it has not returned at once.
    fn body(&self, call: &Call, callee: u32, traps: Option<u32>) -> Function {
        let drops = |resource: AliasableResourceId| self.drops[&resource.resource()];
        let (params, _) = call.lifted(self.abi);
        let mut body = Body::new(self.abi, &drops, params.len() as u32);
        if call.needs_memory(self.abi) {
            body.code().call(self.memory[ENTER]);
        }
        let given = (0..).zip(params).collect::<Vec<Local>>();
        let stored = match call.stores(self.abi) {
            true => {
                let area = self.allocate(&mut body, &call.params);
                body.store_record(&call.params, &given, area);
                area
            }
            // If they do not come in memory, nothing is looked for there.
            false => Address { local: 0, offset: 0 },
        };
        let result = call.result.filter(|_| call.in_memory(self.abi));
        let result = result.map(|ty| (ty, self.allocate(&mut body, &[ty])));
        let spilled = [(stored.local, ValType::I32)];
        for (local, _) in if call.spills(self.abi) { &spilled[..] } else { &given } {
            body.code().local_get(*local);
        }
        if let Some((_, area)) = result {
            body.code().local_get(area.local);
        }
        body.code().call(callee);
        if let Some(traps) = traps {
            body.code().i32_const(RETURNED).i32_ne().if_(BlockType::Empty).call(traps).end();
        }
        if call.drops(self.abi) {
            body.drop_record(&call.params, stored);
        }
        match (result, call.result(self.abi)) {
            (Some((ty, area)), Passed::Value(_)) => body.load(ty, area),
            (Some((_, area)), Passed::Memory) => {
                body.code().local_get(area.local);
            }
            // It is on the stack, if there is one.
            _ => {}
        }
        body.finish()
    }

    /// Allocates memory for a record of these fields.
    fn allocate(&self, body: &mut Body<'_>, fields: &[ComponentValType]) -> Address {
        let layout = self.abi.record(fields);
        let size = u32::try_from(layout.size).unwrap_or(u32::MAX);
        let local = body.local(ValType::I32);
        let mut code = body.code();
        code.i32_const(0).i32_const(0).i32_const(layout.align as i32).i32_const(size as i32);
        code.call(self.memory[REALLOC]).local_set(local);
        Address { local, offset: 0 }
    }

    fn finish(self) -> Module {
        let mut module = Module::new();
        module.section(&self.types).section(&self.imports).section(&self.functions);
        module.section(&self.exports).section(&self.code);
        module.section(&name_section(self.imported, &self.names));
        module
    }
}
