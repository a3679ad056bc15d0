//! A core module as a list of who may call whom, read from its code.

use std::collections::BTreeMap;

use wasmparser::{
    CompositeInnerType, ConstExpr, ElementItems, ElementKind, ExternalKind, FunctionBody,
    ImportSectionReader, KnownCustom, Name, NameSectionReader, Operator, Parser, Payload, SubType, TableInit,
    TypeRef, ValType,
};

use super::Unrecolourable;

/// What a module says about calls. Functions and tables have the indices of the module.
#[derive(Default)]
pub(super) struct Code<'a> {
    /// The imported functions, which come first in the index space: module, name.
    pub imported: Vec<(&'a str, &'a str)>,
    /// The imported tables, likewise.
    pub imported_tables: Vec<(&'a str, &'a str)>,
    pub exports: BTreeMap<&'a str, (ExternalKind, u32)>,
    pub start: Option<u32>,
    /// The type of each function, in a spelling that is equal for equal types; empty if it is not told from others.
    pub types: Vec<String>,
    /// What each defined function does, in order.
    pub bodies: Vec<Body>,
    /// What is put into tables when the module is instantiated: the table, the first slot if it is known, functions.
    pub elements: Vec<(u32, Option<u32>, Vec<Option<u32>>)>,
    /// Functions whose address is taken otherwise.
    pub referenced: Vec<u32>,
    /// Tables that do not only hold what `elements` say.
    pub open: Vec<u32>,
    /// What the name section calls functions.
    pub names: BTreeMap<u32, &'a str>,
}

/// What a function may call.
#[derive(Default)]
pub(super) struct Body {
    pub calls: Vec<u32>,
    /// Calls through tables: the table, the type, the slot if it is a constant.
    pub indirect: Vec<(u32, String, Option<u32>)>,
    /// Whether it calls references of any kind.
    pub by_reference: bool,
}

impl<'a> Code<'a> {
    /// Reads the valid module in `bytes`.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Code<'a>, Unrecolourable> {
        let mut code = Code::default();
        let mut types = Vec::new();
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::TypeSection(section) => {
                    for group in section {
                        types.extend(group?.into_types().map(|ty| spell(&ty)));
                    }
                }
                Payload::ImportSection(section) => code.imports(&types, section)?,
                Payload::FunctionSection(section) => {
                    for ty in section {
                        code.types.push(spelling(&types, ty?));
                    }
                }
                Payload::TableSection(section) => {
                    let first = code.imported_tables.len() as u32;
                    for (index, table) in (first..).zip(section) {
                        if let TableInit::Expr(init) = table?.init {
                            code.open.push(index);
                            code.reference(&init)?;
                        }
                    }
                }
                Payload::GlobalSection(section) => {
                    for global in section {
                        code.reference(&global?.init_expr)?;
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        code.exports.insert(export.name, (export.kind, export.index));
                    }
                }
                Payload::StartSection { func, .. } => code.start = Some(func),
                Payload::ElementSection(section) => {
                    section.into_iter().try_for_each(|element| code.element(element?))?;
                }
                Payload::CodeSectionEntry(body) => {
                    let body = code.body(&types, &body)?;
                    code.bodies.push(body);
                }
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(names) = section.as_known() {
                        code.names(names);
                    }
                }
                _ => {}
            }
        }
        Ok(code)
    }

    /// Names are decoration: what is malformed of them is as if it were not there.
    fn names(&mut self, names: NameSectionReader<'a>) {
        for name in names.into_iter().flatten() {
            if let Name::Function(functions) = name {
                self.names.extend(functions.into_iter().flatten().map(|naming| (naming.index, naming.name)));
            }
        }
    }

    fn imports(&mut self, types: &[String], section: ImportSectionReader<'a>) -> Result<(), Unrecolourable> {
        for import in section.into_imports() {
            let import = import?;
            match import.ty {
                TypeRef::Func(ty) | TypeRef::FuncExact(ty) => {
                    self.imported.push((import.module, import.name));
                    self.types.push(spelling(types, ty));
                }
                TypeRef::Table(_) => self.imported_tables.push((import.module, import.name)),
                _ => {}
            }
        }
        Ok(())
    }

    fn element(&mut self, element: wasmparser::Element<'a>) -> Result<(), Unrecolourable> {
        let mut functions = Vec::new();
        match element.items {
            ElementItems::Functions(items) => {
                for function in items {
                    functions.push(Some(function?));
                }
            }
            ElementItems::Expressions(_, items) => {
                for item in items {
                    functions.push(self.reference(&item?)?);
                }
            }
        }
        match element.kind {
            ElementKind::Active { table_index, offset_expr } => {
                let mut offset = offset_expr.get_operators_reader();
                let slot = match offset.read()? {
                    Operator::I32Const { value } => Some(value as u32),
                    _ => None,
                };
                self.elements.push((table_index.unwrap_or(0), slot, functions));
            }
            ElementKind::Passive | ElementKind::Declared => {
                self.referenced.extend(functions.into_iter().flatten());
            }
        }
        Ok(())
    }

    /// Remembers the function that a constant expression refers to.
    fn reference(&mut self, expression: &ConstExpr<'a>) -> Result<Option<u32>, Unrecolourable> {
        let mut function = None;
        for operator in expression.get_operators_reader() {
            if let Operator::RefFunc { function_index } = operator? {
                self.referenced.push(function_index);
                function = Some(function_index);
            }
        }
        Ok(function)
    }

    fn body(&mut self, types: &[String], body: &FunctionBody<'a>) -> Result<Body, Unrecolourable> {
        let mut found = Body::default();
        let mut constant = None;
        for operator in body.get_operators_reader()? {
            let operator = operator?;
            let slot = constant.take();
            match operator {
                Operator::I32Const { value } => constant = Some(value as u32),
                Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                    found.calls.push(function_index);
                }
                Operator::CallIndirect { type_index, table_index }
                | Operator::ReturnCallIndirect { type_index, table_index } => {
                    found.indirect.push((table_index, spelling(types, type_index), slot));
                }
                Operator::CallRef { .. } | Operator::ReturnCallRef { .. } => found.by_reference = true,
                Operator::RefFunc { function_index } => self.referenced.push(function_index),
                Operator::TableSet { table }
                | Operator::TableGrow { table }
                | Operator::TableFill { table }
                | Operator::TableInit { table, .. }
                | Operator::TableCopy { dst_table: table, .. } => self.open.push(table),
                _ => {}
            }
        }
        found.calls.sort_unstable();
        found.calls.dedup();
        found.indirect.sort();
        found.indirect.dedup();
        Ok(found)
    }
}

/// References have subtypes, and those to defined types have indices of their module: such types count as any.
fn spell(ty: &SubType) -> String {
    match &ty.composite_type.inner {
        CompositeInnerType::Func(ty)
            if !ty.params().iter().chain(ty.results()).any(ValType::is_reference_type) =>
        {
            format!("{:?} {:?}", ty.params(), ty.results())
        }
        _ => String::new(),
    }
}

fn spelling(types: &[String], index: u32) -> String {
    types.get(index as usize).cloned().unwrap_or_default()
}
