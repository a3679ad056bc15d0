//! Size and alignment of a type in linear memory, as the canonical ABI has them. The pipes step over items by it.

use wasmtime::component::Type;

/// Bytes that a value takes in linear memory, and what its address is a multiple of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) size: u32,
    pub(super) align: u32,
}

impl Layout {
    /// The layout of a value of type `ty`.
    pub(super) fn of(ty: &Type) -> Layout {
        match ty {
            Type::Bool | Type::S8 | Type::U8 => Layout::scalar(1),
            Type::S16 | Type::U16 => Layout::scalar(2),
            Type::S32 | Type::U32 | Type::Float32 | Type::Char => Layout::scalar(4),
            Type::S64 | Type::U64 | Type::Float64 => Layout::scalar(8),
            Type::String | Type::List(_) | Type::Map(_) => Layout { size: 8, align: 4 },
            Type::Own(_) | Type::Borrow(_) | Type::Future(_) | Type::Stream(_) | Type::ErrorContext => {
                Layout::scalar(4)
            }
            Type::Record(record) => Layout::fields(record.fields().map(|field| Layout::of(&field.ty))),
            Type::Tuple(tuple) => Layout::fields(tuple.types().map(|ty| Layout::of(&ty))),
            Type::Variant(variant) => Layout::cases(variant.cases().map(|case| case.ty)),
            Type::Enum(names) => Layout::cases(names.names().map(|_| None)),
            Type::Option(option) => Layout::cases([None, Some(option.ty())].into_iter()),
            Type::Result(result) => Layout::cases([result.ok(), result.err()].into_iter()),
            Type::Flags(flags) => Layout::flags(flags.names().len()),
            Type::FixedLengthList(list) => {
                let item = Layout::of(&list.ty());
                Layout { size: item.size.saturating_mul(list.len()), align: item.align }
            }
        }
    }

    fn scalar(size: u32) -> Layout {
        Layout { size, align: size }
    }

    fn fields(fields: impl Iterator<Item = Layout>) -> Layout {
        let joined = fields.fold(Layout { size: 0, align: 1 }, |whole, field| Layout {
            size: whole.size.next_multiple_of(field.align).saturating_add(field.size),
            align: whole.align.max(field.align),
        });
        Layout { size: joined.size.next_multiple_of(joined.align), ..joined }
    }

    fn cases(cases: impl Iterator<Item = Option<Type>>) -> Layout {
        let cases: Vec<_> = cases.map(|ty| ty.map_or(Layout::scalar(0), |ty| Layout::of(&ty))).collect();
        let discriminant = Layout::scalar(match cases.len() {
            0..=0x100 => 1,
            0x101..=0x1_0000 => 2,
            _ => 4,
        });
        let payload = Layout {
            size: cases.iter().map(|case| case.size).max().unwrap_or(0),
            align: cases.iter().map(|case| case.align).max().unwrap_or(1).max(1),
        };
        Layout::fields([discriminant, payload].into_iter())
    }

    fn flags(count: usize) -> Layout {
        match count {
            0..=8 => Layout::scalar(1),
            9..=16 => Layout::scalar(2),
            _ => Layout { size: 4 * count.div_ceil(32) as u32, align: 4 },
        }
    }
}
