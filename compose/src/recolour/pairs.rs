//! Interfaces of WASI 0.2 that WASI 0.3 has again, equal but for name and effect.

use wcompose_wit::{ExternName, MatchKey};

/// The path of the interface, and its version in WASI 0.3.
const PAIRS: [(&str, &str); 1] = [("wasi:cli/run", "0.3.0")];

/// The name under which WASI 0.3 has an interface of WASI 0.2 in which every function is `async`.
pub(super) fn later(name: &ExternName) -> Option<ExternName> {
    let interface = name.interface()?;
    let MatchKey::Interface { track: Some(track), .. } = interface.key() else { return None };
    if track.to_string() != "0.2" {
        return None;
    }
    let (path, version) = PAIRS.iter().find(|(path, _)| *path == interface.path)?;
    Some(ExternName::new(format!("{path}@{version}")))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use wit_parser::{FunctionKind, Resolve, Type, TypeDefKind, TypeId, TypeOwner, UnresolvedPackageGroup};

    use super::*;

    macro_rules! wit {
        ($version:literal: $($package:literal)*) => {
            [$(include_str!(concat!("../../../fixtures/wit/wasi-", $version, "/", $package, ".wit"))),*]
        };
    }

    /// The table must hold each such pair of the real WIT, and no other: an export that is renamed without being equal would
    /// be found by nobody, or by somebody who needs something else.
    #[test]
    fn the_pairs_are_those_of_wasi() {
        let old = interfaces(&wit!("0.2.12": "io" "clocks" "random" "filesystem" "sockets" "cli" "http"));
        let new = interfaces(&wit!("0.3.2": "clocks" "random" "filesystem" "sockets" "cli" "http"));
        let same = |functions: &BTreeMap<String, (bool, String)>,
                    other: &BTreeMap<String, (bool, String)>| {
            let plain = |functions: &BTreeMap<String, (bool, String)>| {
                functions.iter().map(|(name, (_, ty))| (name.clone(), ty.clone())).collect::<BTreeSet<_>>()
            };
            plain(functions) == plain(other) && functions != other
        };
        let pairs = old.iter().filter(|(path, old)| new.get(*path).is_some_and(|new| same(old, new)));
        let pairs = pairs.map(|(path, _)| path.as_str()).collect::<Vec<_>>();
        assert_eq!(pairs, PAIRS.map(|(path, _)| path));
        for path in pairs {
            assert!(new[path].values().all(|(is_async, _)| *is_async), "{path}: every function is async");
        }
    }

    #[test]
    fn only_names_of_the_track_0_2_have_a_later_one() {
        let later = |name| later(&ExternName::new(name)).map(|name| name.to_string());
        assert_eq!(later("wasi:cli/run@0.2.12").as_deref(), Some("wasi:cli/run@0.3.0"));
        for name in ["wasi:cli/run@0.3.0", "wasi:cli/run", "wasi:cli/stdout@0.2.12", "run"] {
            assert_eq!(later(name), None);
        }
    }

    /// The functions of each interface: whether they are `async`, and their types with all names looked up.
    fn interfaces(packages: &[&str]) -> BTreeMap<String, BTreeMap<String, (bool, String)>> {
        let mut resolve = Resolve { all_features: true, ..Resolve::default() };
        for package in packages {
            resolve.push_group(UnresolvedPackageGroup::parse("wasi.wit", package).unwrap()).unwrap();
        }
        let interfaces = resolve.interfaces.iter().filter_map(|(_, interface)| {
            let package = &resolve.packages[interface.package?].name;
            let path = format!("{}:{}/{}", package.namespace, package.name, interface.name.as_ref()?);
            let functions = interface.functions.iter().map(|(name, function)| {
                let spell = |ty: &Type| spell(&resolve, ty);
                let params =
                    function.params.iter().map(|param| format!("{}: {}", param.name, spell(&param.ty)));
                let ty =
                    format!("{:?} -> {:?}", params.collect::<Vec<_>>(), function.result.as_ref().map(spell));
                let is_async = matches!(
                    function.kind,
                    FunctionKind::AsyncFreestanding
                        | FunctionKind::AsyncMethod(_)
                        | FunctionKind::AsyncStatic(_)
                );
                (name.clone(), (is_async, ty))
            });
            Some((path, functions.collect::<BTreeMap<_, _>>()))
        });
        interfaces.filter(|(_, functions)| !functions.is_empty()).collect()
    }

    fn spell(resolve: &Resolve, ty: &Type) -> String {
        match ty {
            Type::Id(id) => spell_defined(resolve, *id),
            primitive => format!("{primitive:?}"),
        }
    }

    fn spell_defined(resolve: &Resolve, id: TypeId) -> String {
        let of = |ty: &Type| spell(resolve, ty);
        let optional = |ty: &Option<Type>| ty.as_ref().map_or("_".into(), of);
        let ty = &resolve.types[id];
        match &ty.kind {
            TypeDefKind::Record(record) => {
                let fields = record.fields.iter().map(|field| format!("{}: {}", field.name, of(&field.ty)));
                format!("record {:?}", fields.collect::<Vec<_>>())
            }
            TypeDefKind::Variant(variant) => {
                let cases = variant.cases.iter().map(|case| format!("{}({})", case.name, optional(&case.ty)));
                format!("variant {:?}", cases.collect::<Vec<_>>())
            }
            TypeDefKind::Enum(ty) => {
                format!("enum {:?}", ty.cases.iter().map(|case| &case.name).collect::<Vec<_>>())
            }
            TypeDefKind::Flags(ty) => {
                format!("flags {:?}", ty.flags.iter().map(|flag| &flag.name).collect::<Vec<_>>())
            }
            TypeDefKind::Tuple(tuple) => {
                format!("tuple {:?}", tuple.types.iter().map(of).collect::<Vec<_>>())
            }
            TypeDefKind::Option(ty) => format!("option<{}>", of(ty)),
            TypeDefKind::List(ty) => format!("list<{}>", of(ty)),
            TypeDefKind::Result(result) => {
                format!("result<{}, {}>", optional(&result.ok), optional(&result.err))
            }
            TypeDefKind::Future(ty) => format!("future<{}>", optional(ty)),
            TypeDefKind::Stream(ty) => format!("stream<{}>", optional(ty)),
            TypeDefKind::Handle(handle) => {
                format!("{handle:?}").replace(|c: char| c.is_ascii_digit(), "")
                    + &match handle {
                        wit_parser::Handle::Own(id) | wit_parser::Handle::Borrow(id) => {
                            spell_defined(resolve, *id)
                        }
                    }
            }
            TypeDefKind::Type(ty) => of(ty),
            _ => match ty.owner {
                TypeOwner::Interface(owner) => {
                    let owner = &resolve.interfaces[owner];
                    let package = owner.package.map(|id| &resolve.packages[id].name.name);
                    format!("resource {package:?}/{:?}/{:?}", owner.name, ty.name)
                }
                _ => format!("{:?}", ty.name),
            },
        }
    }
}
