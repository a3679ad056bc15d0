//! Values in the Canonical ABI: how they are laid out in memory, and which core values they flatten to. No code is made
//! here.
//!
//! Source: Component Model, CanonicalABI, "Alignment", "Element Size", "Flattening".

use wasm_encoder::ValType;
use wasmparser::PrimitiveValType;
use wasmparser::component_types::{AliasableResourceId, ComponentDefinedType, ComponentValType};
use wasmparser::types::TypesRef;

/// The most core values that parameters are passed as; more are passed in memory.
pub(super) const MOST_PARAMS: usize = 16;

/// The same where a call is lowered with the asynchronous ABI.
pub(super) const MOST_ASYNC_PARAMS: usize = 4;

/// What the ABI distinguishes of a type of values.
pub(super) enum Shape {
    /// One core value.
    Scalar(Scalar),
    /// A pointer and a length. Each element is a record of these fields; none for a string.
    List(Vec<ComponentValType>),
    /// Fields one after the other.
    Record(Vec<ComponentValType>),
    /// A number that says which of the cases it is, and the payload of that case.
    Variant(Vec<Option<ComponentValType>>),
    /// So many elements, one after the other.
    Array(ComponentValType, u32),
}

/// A value that is one core value.
#[derive(Clone, Copy)]
pub(super) enum Scalar {
    I8 { signed: bool },
    I16 { signed: bool },
    I32,
    I64,
    F32,
    F64,
    Borrow(AliasableResourceId),
}

impl Scalar {
    pub(super) fn core(self) -> ValType {
        match self {
            Scalar::I64 => ValType::I64,
            Scalar::F32 => ValType::F32,
            Scalar::F64 => ValType::F64,
            Scalar::I8 { .. } | Scalar::I16 { .. } | Scalar::I32 | Scalar::Borrow(_) => ValType::I32,
        }
    }

    /// An unsigned number of that many bytes.
    fn of_bytes(bytes: u64) -> Scalar {
        match bytes {
            1 => Scalar::I8 { signed: false },
            2 => Scalar::I16 { signed: false },
            _ => Scalar::I32,
        }
    }

    fn size(self) -> u64 {
        match self {
            Scalar::I8 { .. } => 1,
            Scalar::I16 { .. } => 2,
            Scalar::I32 | Scalar::F32 | Scalar::Borrow(_) => 4,
            Scalar::I64 | Scalar::F64 => 8,
        }
    }
}

/// Size and alignment in bytes. A size beyond all memory stays there.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    pub size: u64,
    pub align: u64,
}

/// The number of a variant's case.
pub(super) fn discriminant(cases: usize) -> Scalar {
    Scalar::of_bytes(match cases {
        0..=0x100 => 1,
        0x101..=0x1_0000 => 2,
        _ => 4,
    })
}

/// Reads types of values.
#[derive(Clone, Copy)]
pub(super) struct Abi<'t>(pub TypesRef<'t>);

impl Abi<'_> {
    pub(super) fn shape(self, ty: ComponentValType) -> Shape {
        use ComponentDefinedType as Type;
        let id = match ty {
            ComponentValType::Primitive(ty) => return primitive(ty),
            ComponentValType::Type(id) => id,
        };
        match &self.0[id] {
            Type::Primitive(ty) => primitive(*ty),
            Type::Record(record) => Shape::Record(record.fields.values().copied().collect()),
            Type::Tuple(tuple) => Shape::Record(tuple.types.to_vec()),
            Type::Variant(variant) => Shape::Variant(variant.cases.values().map(|case| case.ty).collect()),
            Type::Enum(names) => Shape::Variant(vec![None; names.len()]),
            Type::Option { ty, .. } => Shape::Variant(vec![None, Some(*ty)]),
            Type::Result { ok, err, .. } => Shape::Variant(vec![*ok, *err]),
            Type::Flags(names) => Shape::Scalar(Scalar::of_bytes(names.len().div_ceil(8) as u64)),
            Type::List { element, .. } => Shape::List(vec![*element]),
            Type::Map { key, value, .. } => Shape::List(vec![*key, *value]),
            Type::FixedLengthList { element, length, .. } => Shape::Array(*element, *length),
            Type::Borrow(id) => Shape::Scalar(Scalar::Borrow(*id)),
            Type::Own(_) | Type::Future { .. } | Type::Stream { .. } => Shape::Scalar(Scalar::I32),
        }
    }

    pub(super) fn layout(self, ty: ComponentValType) -> Layout {
        match self.shape(ty) {
            Shape::Scalar(scalar) => Layout { size: scalar.size(), align: scalar.size() },
            Shape::List(_) => Layout { size: 8, align: 4 },
            Shape::Record(fields) => self.record(&fields),
            Shape::Variant(cases) => {
                let payload = self.payload(&cases);
                let start = self.payload_offset(&cases);
                let align = payload.align.max(discriminant(cases.len()).size());
                Layout { size: aligned(start.saturating_add(payload.size), align), align }
            }
            Shape::Array(element, length) => {
                let Layout { size, align } = self.layout(element);
                Layout { size: size.saturating_mul(length.into()), align }
            }
        }
    }

    /// The layout of a record of these fields.
    pub(super) fn record(self, fields: &[ComponentValType]) -> Layout {
        let all = Layout { size: 0, align: 1 };
        let all = fields.iter().map(|ty| self.layout(*ty)).fold(all, |all, field| Layout {
            size: aligned(all.size, field.align).saturating_add(field.size),
            align: all.align.max(field.align),
        });
        Layout { size: aligned(all.size, all.align), ..all }
    }

    /// Where each field of a record stands.
    pub(super) fn offsets(self, fields: &[ComponentValType]) -> Vec<(ComponentValType, u64)> {
        let mut end = 0_u64;
        let place = |ty: &ComponentValType| {
            let field = self.layout(*ty);
            let start = aligned(end, field.align);
            end = start.saturating_add(field.size);
            (*ty, start)
        };
        fields.iter().map(place).collect()
    }

    /// Where the payload of a variant stands.
    pub(super) fn payload_offset(self, cases: &[Option<ComponentValType>]) -> u64 {
        aligned(discriminant(cases.len()).size(), self.payload(cases).align)
    }

    fn payload(self, cases: &[Option<ComponentValType>]) -> Layout {
        let none = Layout { size: 0, align: 1 };
        cases
            .iter()
            .flatten()
            .map(|ty| self.layout(*ty))
            .fold(none, |all, one| Layout { size: all.size.max(one.size), align: all.align.max(one.align) })
    }

    /// The core values of a row of values; `None` if they are more than `most`.
    pub(super) fn flat(self, values: &[ComponentValType], most: usize) -> Option<Vec<ValType>> {
        let mut flat = Vec::new();
        values.iter().all(|ty| self.flatten(*ty, &mut flat, most)).then_some(flat)
    }

    /// Adds the core values of one value, unless that makes more than `most`.
    fn flatten(self, ty: ComponentValType, flat: &mut Vec<ValType>, most: usize) -> bool {
        match self.shape(ty) {
            Shape::Scalar(scalar) => flat.push(scalar.core()),
            Shape::List(_) => flat.extend([ValType::I32; 2]),
            Shape::Record(fields) => return fields.iter().all(|ty| self.flatten(*ty, flat, most)),
            Shape::Array(element, length) => {
                return (0..length).all(|_| self.flatten(element, flat, most));
            }
            Shape::Variant(cases) => {
                flat.push(ValType::I32);
                let start = flat.len();
                for case in cases.into_iter().flatten() {
                    let Some(payload) = self.flat(&[case], most) else { return false };
                    for (place, ty) in payload.into_iter().enumerate() {
                        match flat.get_mut(start + place) {
                            Some(joined) => *joined = join(*joined, ty),
                            None => flat.push(ty),
                        }
                    }
                }
            }
        }
        flat.len() <= most
    }

    /// Whether a value has a string or a list in it, so that it needs memory.
    pub(super) fn has_pointer(self, ty: ComponentValType) -> bool {
        match self.shape(ty) {
            Shape::Scalar(_) => false,
            Shape::List(_) => true,
            Shape::Record(fields) => fields.into_iter().any(|ty| self.has_pointer(ty)),
            Shape::Variant(cases) => cases.into_iter().flatten().any(|ty| self.has_pointer(ty)),
            Shape::Array(element, _) => self.has_pointer(element),
        }
    }

    /// Whether a value has a borrowed handle in it.
    pub(super) fn has_borrow(self, ty: ComponentValType) -> bool {
        match self.shape(ty) {
            Shape::Scalar(scalar) => matches!(scalar, Scalar::Borrow(_)),
            Shape::List(fields) | Shape::Record(fields) => fields.into_iter().any(|ty| self.has_borrow(ty)),
            Shape::Variant(cases) => cases.into_iter().flatten().any(|ty| self.has_borrow(ty)),
            Shape::Array(element, _) => self.has_borrow(element),
        }
    }
}

fn primitive(ty: PrimitiveValType) -> Shape {
    use PrimitiveValType as Type;
    Shape::Scalar(match ty {
        Type::Bool | Type::U8 => Scalar::I8 { signed: false },
        Type::S8 => Scalar::I8 { signed: true },
        Type::U16 => Scalar::I16 { signed: false },
        Type::S16 => Scalar::I16 { signed: true },
        Type::U32 | Type::S32 | Type::Char | Type::ErrorContext => Scalar::I32,
        Type::U64 | Type::S64 => Scalar::I64,
        Type::F32 => Scalar::F32,
        Type::F64 => Scalar::F64,
        Type::String => return Shape::List(Vec::new()),
    })
}

/// The core value that can hold either.
fn join(a: ValType, b: ValType) -> ValType {
    match (a, b) {
        _ if a == b => a,
        (ValType::I32, ValType::F32) | (ValType::F32, ValType::I32) => ValType::I32,
        _ => ValType::I64,
    }
}

fn aligned(offset: u64, align: u64) -> u64 {
    offset.saturating_add(align - 1) / align * align
}
