//! The core module that has an adapter's memory. It allocates upwards, and frees all of it when no call is in progress:
//! what a call is given and gives back is of no use after it.

use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ExportKind, ExportSection, Function, FunctionSection, GlobalSection,
    GlobalType, InstructionSink, MemorySection, MemoryType, Module, TypeSection, ValType,
};

use super::calls::name_section;

/// The names of its exports.
pub(super) const MEMORY: &str = "memory";
pub(super) const REALLOC: &str = "realloc";
pub(super) const ENTER: &str = "enter";
pub(super) const LEAVE: &str = "leave";

/// Where allocations begin: no pointer is 0.
const START: i32 = 16;

/// The globals: where the next allocation begins, and how many calls are in progress.
const NEXT: u32 = 0;
const CALLS: u32 = 1;

/// Makes the module.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32; 4], [ValType::I32]);
    types.ty().function([], []);
    let mut functions = FunctionSection::new();
    functions.function(0).function(1).function(1);
    let mut memories = MemorySection::new();
    let (memory64, shared) = (false, false);
    memories.memory(MemoryType { minimum: 1, maximum: None, memory64, shared, page_size_log2: None });
    let mut globals = GlobalSection::new();
    for start in [START, 0] {
        let ty = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
        globals.global(ty, &ConstExpr::i32_const(start));
    }
    let mut exports = ExportSection::new();
    exports.export(MEMORY, ExportKind::Memory, 0);
    for (index, name) in [REALLOC, ENTER, LEAVE].into_iter().enumerate() {
        exports.export(name, ExportKind::Func, index as u32);
    }
    let mut code = CodeSection::new();
    code.function(&realloc()).function(&enter()).function(&leave());
    module.section(&types).section(&functions).section(&memories).section(&globals);
    module.section(&exports).section(&code);
    let names = [REALLOC, ENTER, LEAVE].map(str::to_owned);
    module.section(&name_section(0, &names));
    module
}

/// `realloc(old, had, align, size)`. What shrinks stays where it is. Traps if there is no more memory.
fn realloc() -> Function {
    let (old, had, align, size, new, end) = (0, 1, 2, 3, 4, 5);
    function([ValType::I32; 2], |code| {
        code.local_get(old).i32_const(0).i32_ne().local_get(size).local_get(had).i32_le_u().i32_and();
        code.if_(BlockType::Empty).local_get(old).return_().end();
        // Upwards to the alignment, a power of two.
        code.global_get(NEXT).local_get(align).i32_add().i32_const(1).i32_sub();
        code.i32_const(0).local_get(align).i32_sub().i32_and().local_tee(new);
        code.local_get(size).i32_add().local_tee(end);
        code.global_get(NEXT).i32_lt_u().if_(BlockType::Empty).unreachable().end();
        // As many pages as hold the end, if there are fewer.
        code.local_get(end).i32_const(16).i32_shr_u().i32_const(1).i32_add();
        code.memory_size(0).i32_sub().local_tee(align).i32_const(0).i32_gt_s().if_(BlockType::Empty);
        code.local_get(align).memory_grow(0).i32_const(-1).i32_eq();
        code.if_(BlockType::Empty).unreachable().end().end();
        code.local_get(end).global_set(NEXT);
        code.local_get(new).local_get(old).local_get(had).memory_copy(0, 0);
        code.local_get(new);
    })
}

/// A call begins. What it is given was allocated just before.
fn enter() -> Function {
    function([], |code| {
        code.global_get(CALLS).i32_const(1).i32_add().global_set(CALLS);
    })
}

/// A call is over, and what it gave was read. Another may still be in progress: a synchronous function may be called
/// while one waits.
fn leave() -> Function {
    function([], |code| {
        code.global_get(CALLS).i32_const(1).i32_sub().global_set(CALLS);
        code.global_get(CALLS).i32_eqz().if_(BlockType::Empty);
        code.i32_const(START).global_set(NEXT).end();
    })
}

fn function<const N: usize>(locals: [ValType; N], body: impl FnOnce(&mut InstructionSink<'_>)) -> Function {
    let mut function = Function::new_with_locals_types(locals);
    body(&mut function.instructions());
    function.instructions().end();
    function
}
