//! Code for values: from core values into memory, from memory to a core value, and the borrowed handles of a value dropped.

use wasm_encoder::{BlockType, Function, InstructionSink, MemArg, ValType};
use wasmparser::component_types::{AliasableResourceId, ComponentValType};

use super::abi::{Abi, Scalar, Shape, discriminant};

/// A function body while it is written.
pub(super) struct Body<'t> {
    abi: Abi<'t>,
    /// The core function that drops a handle, for each resource.
    drops: &'t dyn Fn(AliasableResourceId) -> u32,
    params: u32,
    locals: Vec<ValType>,
    code: Vec<u8>,
}

/// A local and its type.
pub(super) type Local = (u32, ValType);

/// A place in memory: the local that has an address, and how far behind it.
#[derive(Clone, Copy)]
pub(super) struct Address {
    pub local: u32,
    pub offset: u64,
}

impl Address {
    fn plus(self, offset: u64) -> Address {
        Address { offset: self.offset.saturating_add(offset), ..self }
    }
}

impl<'t> Body<'t> {
    pub(super) fn new(abi: Abi<'t>, drops: &'t dyn Fn(AliasableResourceId) -> u32, params: u32) -> Body<'t> {
        Body { abi, drops, params, locals: Vec::new(), code: Vec::new() }
    }

    pub(super) fn code(&mut self) -> InstructionSink<'_> {
        InstructionSink::new(&mut self.code)
    }

    /// A new local.
    pub(super) fn local(&mut self, ty: ValType) -> u32 {
        self.locals.push(ty);
        self.params + self.locals.len() as u32 - 1
    }

    pub(super) fn finish(mut self) -> Function {
        self.code().end();
        let mut function = Function::new_with_locals_types(self.locals);
        function.raw(self.code);
        function
    }

    /// Stores the fields of a record that are in `flat`.
    pub(super) fn store_record(&mut self, fields: &[ComponentValType], mut flat: &[Local], to: Address) {
        for (ty, offset) in self.abi.offsets(fields) {
            let (own, rest) = flat.split_at(self.count(ty));
            self.store(ty, own, to.plus(offset));
            flat = rest;
        }
    }

    /// Stores the value that is in `flat`. In the payload of a variant, a local may be of a wider type than the value.
    fn store(&mut self, ty: ComponentValType, flat: &[Local], to: Address) {
        match self.abi.shape(ty) {
            Shape::Scalar(scalar) => self.store_scalar(scalar, flat[0], to),
            Shape::List(_) => {
                self.store_scalar(Scalar::I32, flat[0], to);
                self.store_scalar(Scalar::I32, flat[1], to.plus(4));
            }
            Shape::Record(fields) => self.store_record(&fields, flat, to),
            Shape::Array(element, length) => {
                self.store_record(&vec![element; length as usize], flat, to);
            }
            Shape::Variant(cases) => {
                let case = discriminant(cases.len());
                self.store_scalar(case, flat[0], to);
                let payload = to.plus(self.abi.payload_offset(&cases));
                let payloads = cases.into_iter().enumerate().filter_map(|(case, ty)| Some((case, ty?)));
                for (number, ty) in payloads {
                    self.get(flat[0], ValType::I32);
                    self.code().i32_const(number as i32).i32_eq().if_(BlockType::Empty);
                    let own = &flat[1..=self.count(ty)];
                    self.store(ty, own, payload);
                    self.code().end();
                }
            }
        }
    }

    fn store_scalar(&mut self, scalar: Scalar, from: Local, to: Address) {
        self.code().local_get(to.local);
        self.get(from, scalar.core());
        let at = at(to);
        match scalar {
            Scalar::I8 { .. } => self.code().i32_store8(at),
            Scalar::I16 { .. } => self.code().i32_store16(at),
            Scalar::I32 | Scalar::Borrow(_) => self.code().i32_store(at),
            Scalar::I64 => self.code().i64_store(at),
            Scalar::F32 => self.code().f32_store(at),
            Scalar::F64 => self.code().f64_store(at),
        };
    }

    /// Pushes a local as a value of another type, which it holds the bits of.
    fn get(&mut self, (local, ty): Local, wanted: ValType) {
        let mut code = self.code();
        code.local_get(local);
        match (ty, wanted) {
            (ValType::I64, ValType::I32) => code.i32_wrap_i64(),
            (ValType::I32, ValType::F32) => code.f32_reinterpret_i32(),
            (ValType::I64, ValType::F32) => code.i32_wrap_i64().f32_reinterpret_i32(),
            (ValType::I64, ValType::F64) => code.f64_reinterpret_i64(),
            _ => &mut code,
        };
    }

    /// Pushes a value that is one core value.
    pub(super) fn load(&mut self, ty: ComponentValType, from: Address) {
        match self.abi.shape(ty) {
            Shape::Scalar(scalar) => self.load_scalar(scalar, from),
            Shape::Record(fields) => {
                for (ty, offset) in self.abi.offsets(&fields) {
                    self.load(ty, from.plus(offset));
                }
            }
            Shape::Variant(cases) => self.load_scalar(discriminant(cases.len()), from),
            Shape::Array(element, _) => self.load(element, from),
            Shape::List(_) => unreachable!("a list is two core values"),
        }
    }

    fn load_scalar(&mut self, scalar: Scalar, from: Address) {
        self.code().local_get(from.local);
        let at = at(from);
        match scalar {
            Scalar::I8 { signed: false } => self.code().i32_load8_u(at),
            Scalar::I8 { signed: true } => self.code().i32_load8_s(at),
            Scalar::I16 { signed: false } => self.code().i32_load16_u(at),
            Scalar::I16 { signed: true } => self.code().i32_load16_s(at),
            Scalar::I32 | Scalar::Borrow(_) => self.code().i32_load(at),
            Scalar::I64 => self.code().i64_load(at),
            Scalar::F32 => self.code().f32_load(at),
            Scalar::F64 => self.code().f64_load(at),
        };
    }

    /// Drops the borrowed handles in the fields of a record.
    pub(super) fn drop_record(&mut self, fields: &[ComponentValType], from: Address) {
        for (ty, offset) in self.abi.offsets(fields) {
            if self.abi.has_borrow(ty) {
                self.drop_borrows(ty, from.plus(offset));
            }
        }
    }

    /// Drops the borrowed handles in a value.
    fn drop_borrows(&mut self, ty: ComponentValType, from: Address) {
        match self.abi.shape(ty) {
            Shape::Scalar(Scalar::Borrow(resource)) => {
                self.load_scalar(Scalar::I32, from);
                let drop = (self.drops)(resource);
                self.code().call(drop);
            }
            Shape::Scalar(_) => {}
            Shape::Record(fields) => self.drop_record(&fields, from),
            Shape::Variant(cases) => {
                let payload = from.plus(self.abi.payload_offset(&cases));
                for (number, case) in cases.iter().enumerate() {
                    if let Some(ty) = case.filter(|ty| self.abi.has_borrow(*ty)) {
                        self.load_scalar(discriminant(cases.len()), from);
                        self.code().i32_const(number as i32).i32_eq().if_(BlockType::Empty);
                        self.drop_borrows(ty, payload);
                        self.code().end();
                    }
                }
            }
            Shape::List(fields) => {
                let [start, left] = [0, 4].map(|offset| {
                    let local = self.local(ValType::I32);
                    self.load_scalar(Scalar::I32, from.plus(offset));
                    self.code().local_set(local);
                    local
                });
                self.drop_each(&fields, start, left);
            }
            Shape::Array(element, length) => {
                let [start, left] = [ValType::I32; 2].map(|ty| self.local(ty));
                self.code().local_get(from.local).i32_const(from.offset as i32).i32_add().local_set(start);
                self.code().i32_const(length as i32).local_set(left);
                self.drop_each(&[element], start, left);
            }
        }
    }

    /// Drops the borrowed handles in each element: `left` of them from `element` on.
    fn drop_each(&mut self, fields: &[ComponentValType], element: u32, left: u32) {
        let size = self.abi.record(fields).size as i32;
        self.code().block(BlockType::Empty).loop_(BlockType::Empty);
        self.code().local_get(left).i32_eqz().br_if(1);
        self.drop_record(fields, Address { local: element, offset: 0 });
        let mut code = self.code();
        code.local_get(element).i32_const(size).i32_add().local_set(element);
        code.local_get(left).i32_const(1).i32_sub().local_set(left).br(0).end().end();
    }

    /// How many core values a value is that is one of few.
    fn count(&self, ty: ComponentValType) -> usize {
        self.abi.flat(&[ty], super::abi::MOST_PARAMS).map_or(0, |flat| flat.len())
    }
}

/// The alignment is a hint only.
fn at(address: Address) -> MemArg {
    MemArg { offset: address.offset, align: 0, memory_index: 0 }
}
