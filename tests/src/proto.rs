//! Reads JSON by the descriptors of Protocol Buffers, the form in which some schemas are published: which fields a message
//! has, and what they hold. A crate for that would have all of wasmtime built anew, for the features that it asks of others.
//!
//! The numbers are those of `descriptor.proto`, the names those of its "ProtoJSON format".

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The messages of a file of descriptors, by their full name: `.in_toto_attestation.v1.Statement`.
pub struct Messages(BTreeMap<String, Message>);

#[derive(Default)]
struct Message {
    fields: Vec<Field>,
    /// Whether it is an entry of a map.
    entry: bool,
}

#[derive(Default)]
struct Field {
    name: String,
    json_name: String,
    repeated: bool,
    ty: u64,
    type_name: String,
}

/// The types of fields that are told apart.
const STRING: u64 = 9;
const MESSAGE: u64 = 11;
const BYTES: u64 = 12;

/// The value of a field on the wire.
enum Wire<'b> {
    Number(u64),
    Bytes(&'b [u8]),
}

impl Messages {
    /// Reads a `FileDescriptorSet`.
    pub fn read(set: &[u8]) -> Result<Messages> {
        let mut messages = Messages(BTreeMap::new());
        for (_, file) in fields(set)? {
            let file = fields(file.bytes()?)?;
            let package = file.iter().find(|(number, _)| *number == 2).context("a file has a package")?;
            let package = format!(".{}", package.1.text()?);
            for (_, message) in file.iter().filter(|(number, _)| *number == 4) {
                messages.message(&package, message.bytes()?)?;
            }
        }
        Ok(messages)
    }

    fn message(&mut self, outer: &str, bytes: &[u8]) -> Result<()> {
        let parts = fields(bytes)?;
        let name = parts.iter().find(|(number, _)| *number == 1).context("a message has a name")?;
        let name = format!("{outer}.{}", name.1.text()?);
        let mut message = Message::default();
        for (number, part) in &parts {
            match number {
                2 => message.fields.push(field(part.bytes()?)?),
                3 => self.message(&name, part.bytes()?)?,
                7 => message.entry = fields(part.bytes()?)?.iter().any(|(number, _)| *number == 7),
                _ => {}
            }
        }
        self.0.insert(name, message);
        Ok(())
    }

    /// Fails if `value` is no message `name`: has a field that the message has not, or one of another type.
    pub fn check(&self, name: &str, value: &Value) -> Result<()> {
        if name == ".google.protobuf.Struct" {
            return value.is_object().then_some(()).context("a struct is an object");
        }
        let message = self.0.get(name).with_context(|| format!("no message {name}"))?;
        let object = value.as_object().with_context(|| format!("{name} is an object"))?;
        for (key, value) in object {
            let named = |field: &&Field| field.json_name == *key || field.name == *key;
            let field = message.fields.iter().find(named).with_context(|| format!("{name} has no {key}"))?;
            self.field(field, value).with_context(|| format!("{key} of {name}"))?;
        }
        Ok(())
    }

    fn field(&self, field: &Field, value: &Value) -> Result<()> {
        let entry = self.0.get(&field.type_name).filter(|message| message.entry);
        match (field.repeated, entry) {
            (true, Some(entry)) => {
                let object = value.as_object().context("a map is an object")?;
                let of = entry.fields.iter().find(|of| of.name == "value").context("an entry has a value")?;
                object.values().try_for_each(|value| self.one(of, value))
            }
            (true, None) => {
                let list = value.as_array().context("what is repeated is a list")?;
                list.iter().try_for_each(|value| self.one(field, value))
            }
            (false, _) => self.one(field, value),
        }
    }

    fn one(&self, field: &Field, value: &Value) -> Result<()> {
        match field.ty {
            STRING | BYTES => value.is_string().then_some(()).context("it is a string"),
            MESSAGE => self.check(&field.type_name, value),
            other => bail!("fields of type {other} are not known here"),
        }
    }
}

fn field(bytes: &[u8]) -> Result<Field> {
    let mut field = Field::default();
    for (number, part) in fields(bytes)? {
        match (number, part) {
            (1, part) => field.name = part.text()?,
            (4, Wire::Number(label)) => field.repeated = label == 3,
            (5, Wire::Number(ty)) => field.ty = ty,
            (6, part) => field.type_name = part.text()?,
            (10, part) => field.json_name = part.text()?,
            _ => {}
        }
    }
    if field.json_name.is_empty() {
        field.json_name = camel(&field.name);
    }
    Ok(field)
}

/// `build_type` as `buildType`.
fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |made, word| {
        let (initial, rest) = word.split_at(word.len().min(1));
        made + &initial.to_ascii_uppercase() + rest
    })
}

impl<'b> Wire<'b> {
    fn bytes(&self) -> Result<&'b [u8]> {
        match self {
            Wire::Bytes(bytes) => Ok(bytes),
            Wire::Number(_) => bail!("a number stands where bytes should"),
        }
    }

    fn text(&self) -> Result<String> {
        Ok(String::from_utf8(self.bytes()?.to_vec())?)
    }
}

/// The fields of a message, by number.
fn fields(mut bytes: &[u8]) -> Result<Vec<(u64, Wire<'_>)>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let tag = number(&mut bytes)?;
        let value = match tag & 7 {
            0 => Wire::Number(number(&mut bytes)?),
            2 => {
                let length = number(&mut bytes)? as usize;
                let (value, rest) = bytes.split_at_checked(length).context("a field is cut off")?;
                bytes = rest;
                Wire::Bytes(value)
            }
            other => bail!("wire type {other} is not known here"),
        };
        found.push((tag >> 3, value));
    }
    Ok(found)
}

fn number(bytes: &mut &[u8]) -> Result<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first().context("a number is cut off")?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    bail!("a number is too long")
}
