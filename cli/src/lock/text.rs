//! How a lock is written: one line a fact, so that what changed is what a difference shows.

use std::fmt::Write;

use toml::Value;

use super::{Lock, Locked, LockedConnection, LockedExport, LockedHost, LockedInput, VERSION};

/// The whole file.
pub(super) fn text(lock: &Lock) -> String {
    let mut text = format!(
        "# Written by wcompose from the manifest beside it: what its compositions came to. Do not edit it;\n\
         # `wcompose lock` writes it anew.\nversion = {VERSION}\nwcompose = {}\n",
        quoted(&lock.wcompose)
    );
    for (name, locked) in &lock.compositions {
        composition(&mut text, name, locked);
    }
    text
}

fn composition(text: &mut String, name: &str, locked: &Locked) {
    let Locked { target, features, inputs, connections, host, exports } = locked;
    let features = Value::Array(features.iter().cloned().map(Value::String).collect());
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let name = if name.chars().all(plain) { name.to_owned() } else { quoted(name) };
    *text += &format!("\n[composition.{name}]\ntarget = {}\nfeatures = {features}\n", quoted(target));
    list(text, "inputs", inputs.iter().map(LockedInput::line));
    list(text, "connections", connections.iter().map(LockedConnection::line));
    list(text, "host", host.iter().map(LockedHost::line));
    list(text, "exports", exports.iter().map(LockedExport::line));
}

fn list(text: &mut String, key: &str, lines: impl Iterator<Item = String>) {
    let lines = lines.map(|line| format!("  {{ {line} }},\n")).collect::<String>();
    *text += &if lines.is_empty() { format!("{key} = []\n") } else { format!("{key} = [\n{lines}]\n") };
}

impl LockedInput {
    fn line(&self) -> String {
        let size = self.size.to_string();
        let line = fields(&[("name", &self.name), ("path", &self.path)]);
        format!("{line}, size = {size}, {}", fields(&[("sha256", &self.sha256.to_string())]))
    }
}

impl LockedConnection {
    fn line(&self) -> String {
        let LockedConnection { importer, import, provider, export, how, bridge, renames } = self;
        let mut line = fields(&[
            ("importer", importer),
            ("import", import),
            ("provider", provider),
            ("export", export),
            ("how", how),
        ]);
        if let Some(bridge) = bridge {
            line += &format!(", {}", fields(&[("bridge", bridge)]));
        }
        if !renames.is_empty() {
            let renames =
                renames.iter().map(|(needed, offered)| format!("{} = {}", quoted(needed), quoted(offered)));
            line += &format!(", renames = {{ {} }}", renames.collect::<Vec<_>>().join(", "));
        }
        line
    }
}

impl LockedHost {
    fn line(&self) -> String {
        fields(&[("importer", &self.importer), ("import", &self.import)])
    }
}

impl LockedExport {
    fn line(&self) -> String {
        fields(&[("name", &self.name), ("instance", &self.instance), ("export", &self.export)])
    }
}

fn fields(fields: &[(&str, &str)]) -> String {
    let mut line = String::new();
    for (key, value) in fields {
        let comma = if line.is_empty() { "" } else { ", " };
        write!(line, "{comma}{key} = {}", quoted(value)).expect("a string takes all that is written");
    }
    line
}

/// A string as TOML has it, on one line.
fn quoted(text: &str) -> String {
    let plain = |c: char| !c.is_control() && c != '"' && c != '\\';
    let escaped = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        _ if plain(c) => c.into(),
        _ => format!("\\u{:04x}", u32::from(c)),
    };
    format!("\"{}\"", text.chars().map(escaped).collect::<String>())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::parse;
    use super::*;

    /// Names come from files of strangers: whatever stands in them, the lock must be read as it was written.
    #[test]
    fn what_is_written_is_read() {
        for odd in ["plain", "a\"b\\c", "tab\tand\nline", "\u{1b}[31m\u{9b}", "]}#'", "grün", ""] {
            let locked = Locked {
                target: odd.into(),
                features: vec![odd.into()],
                inputs: vec![LockedInput {
                    name: odd.into(),
                    path: odd.into(),
                    size: 7,
                    sha256: crate::digest::Digest::of(odd.as_bytes()),
                }],
                connections: vec![LockedConnection {
                    importer: odd.into(),
                    import: odd.into(),
                    provider: odd.into(),
                    export: odd.into(),
                    how: "only".into(),
                    bridge: Some("recolour".into()),
                    renames: BTreeMap::from([(odd.into(), odd.into())]),
                }],
                host: vec![LockedHost { importer: "other".into(), import: odd.into() }],
                exports: vec![LockedExport { name: odd.into(), instance: odd.into(), export: odd.into() }],
            };
            let mut lock = Lock::empty();
            lock.compositions.insert("shop-1.2".into(), locked);
            assert_eq!(parse(&text(&lock)).unwrap().compositions, lock.compositions, "{odd:?}");
        }
    }
}
