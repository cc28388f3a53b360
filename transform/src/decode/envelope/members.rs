//! Reading members out of JSON objects without building them: those of an envelope, and the key of an old image.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use yidang_schemas::contract::Contract;

use super::{EnvelopeReader, Opened};
use crate::decode::Decoded;
use crate::decode::json::{FieldNames, MemberName};

/// Reads an envelope's own members and steps over all others.
pub(super) struct EnvelopeSeed<'r>(pub &'r EnvelopeReader<'r>);

impl<'de> DeserializeSeed<'de> for EnvelopeSeed<'_> {
    type Value = Opened<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for EnvelopeSeed<'_> {
    type Value = Opened<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an envelope")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let EnvelopeReader { names, members, .. } = self.0;
        let mut opened = Opened {
            operation: None,
            before: None,
            after: None,
            payload: None,
            members: vec![None; members.len()],
        };
        while let Some(MemberName(name)) = map.next_key::<MemberName<'de>>()? {
            let name = name.as_ref();
            if name == names.operation {
                let MemberText(mark) = map.next_value::<MemberText<'de>>()?;
                once(opened.operation.is_none())?;
                opened.operation = mark;
                continue;
            }
            let value: &'de RawValue = map.next_value()?;
            let slot = match name {
                _ if name == names.before => Some(&mut opened.before),
                _ if name == names.after => Some(&mut opened.after),
                "payload" => Some(&mut opened.payload),
                _ => None,
            };
            if let Some(slot) = slot {
                once(slot.is_none())?;
                *slot = Some(value);
            }
            for ((outer, inner), member) in members.iter().zip(&mut opened.members) {
                if *outer == name {
                    once(member.is_none())?;
                    *member = match inner {
                        None => Some(value),
                        Some(inner) => member_of(value, inner),
                    };
                }
            }
        }
        Ok(opened)
    }
}

/// Of a member that is named twice nobody could say which one counts.
fn once<E: serde::de::Error>(is_first: bool) -> Result<(), E> {
    match is_first {
        true => Ok(()),
        false => Err(E::custom("a member is named twice")),
    }
}

/// A text or null.
#[derive(serde::Deserialize)]
#[serde(transparent)]
struct MemberText<'a>(#[serde(borrow)] Option<Cow<'a, str>>);

/// One member of an object; nothing where the value is none or has it not.
fn member_of<'a>(value: &'a RawValue, name: &str) -> Option<&'a RawValue> {
    let mut reader = serde_json::Deserializer::from_str(value.get());
    MemberSeed(name).deserialize(&mut reader).ok().flatten()
}

struct MemberSeed<'n>(&'n str);

impl<'de> DeserializeSeed<'de> for MemberSeed<'_> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for MemberSeed<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(MemberName(name)) = map.next_key::<MemberName<'de>>()? {
            if name == self.0 {
                found = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

/// Compares the key of an old image with that of the row being read, column by column and without copying.
pub(super) struct RenamedSeed<'r> {
    pub fields: &'r FieldNames,
    pub contract: &'r Contract,
    pub decoded: &'r Decoded,
}

impl<'de> DeserializeSeed<'de> for RenamedSeed<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RenamedSeed<'_> {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let row = self.decoded.records.len();
        let (mut renamed, mut expected) = (false, 0);
        while let Some(MemberName(name)) = map.next_key::<MemberName<'de>>()? {
            let place = self.fields.find(&name, expected);
            expected = place.map_or(expected, |place| place + 1);
            let key = place.filter(|place| self.contract.record_key.contains(place));
            let Some(column) = key.and_then(|place| self.decoded.columns.get(place)) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let old: &RawValue = map.next_value()?;
            // Where either image is silent, nothing is known to have changed.
            let is_stated = column.len() > row;
            if let Some(old) = scalar_text(old.get()).filter(|_| is_stated) {
                let new = column.value(row);
                renamed |= new.is_none_or(|new| new.trim() != old.trim());
            }
        }
        Ok(renamed)
    }
}

/// The text of a JSON text, number or truth value; nothing where it says nothing.
fn scalar_text(raw: &str) -> Option<Cow<'_, str>> {
    let text = match raw.as_bytes().first() {
        None | Some(b'n' | b'{' | b'[') => return None,
        Some(b'"') => serde_json::from_str::<MemberName<'_>>(raw).ok()?.0,
        Some(_) => Cow::Borrowed(raw),
    };
    (!text.trim().is_empty()).then_some(text)
}
