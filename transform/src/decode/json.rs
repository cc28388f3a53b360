//! JSON records: objects and arrays of objects; envelopes around them are opened in `envelope`.
//!
//! Values are taken as raw text, so numbers keep every digit, and members that the contract does not name cost one
//! scan and no allocation.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::column::Presence;
use super::envelope::EnvelopeReader;
use super::{DEPTH, Decoded, ELEMENTS, EMPTY, Operation, Record, SYNTAX};
use yidang_schemas::contract::{Contract, Envelope, Rows};
use yidang_schemas::defect::Code;
use yidang_schemas::field::Field;

/// Field names of a contract for look-up.
pub(super) struct FieldNames {
    names: Vec<String>,
    by_name: HashMap<String, usize>,
    /// The array whose elements are read, with the fields of an element.
    array: Option<Box<Array>>,
}

struct Array {
    field: usize,
    members: FieldNames,
    elements_max: usize,
}

impl FieldNames {
    pub(super) fn new(contract: &Contract) -> Self {
        let array = contract.array.map(|field| {
            let prefix = contract
                .fields
                .get(field)
                .map(|field| format!("{}[].", field.name));
            let members = Self::of(contract, &prefix.unwrap_or_default(), true);
            let elements_max = contract.elements_max();
            Box::new(Array {
                field,
                members,
                elements_max,
            })
        });
        Self {
            array,
            ..Self::of(contract, "", false)
        }
    }

    /// Names behind `prefix` of the fields of the record, or of its elements; places of the others have none.
    fn of(contract: &Contract, prefix: &str, in_element: bool) -> Self {
        let name = |field: &Field| {
            let own = field.in_element == in_element;
            let name = own.then(|| field.name.strip_prefix(prefix)).flatten();
            name.unwrap_or_default().to_owned()
        };
        let names: Vec<String> = contract.fields.iter().map(name).collect();
        let named = names.iter().cloned().enumerate();
        let by_name = named
            .filter(|(_, name)| !name.is_empty())
            .map(|(place, name)| (name, place))
            .collect();
        Self {
            names,
            by_name,
            array: None,
        }
    }

    /// Looks where the name is expected first: producers send their fields in one order.
    pub(super) fn find(&self, name: &str, expected: usize) -> Option<usize> {
        match self.names.get(expected) {
            Some(candidate) if candidate == name && !name.is_empty() => Some(expected),
            _ => self.by_name.get(name).copied(),
        }
    }
}

/// What is known of a message before its body is read.
#[derive(Clone, Copy)]
pub(super) struct Body {
    pub place: usize,
    pub operation: Operation,
    pub depth_max: usize,
}

pub(super) fn decode(
    contract: &Contract,
    fields: &FieldNames,
    envelope: &EnvelopeReader<'_>,
    text: &str,
    body: Body,
    decoded: &mut Decoded,
) {
    let result = match (contract.rows, contract.envelope) {
        _ if is_too_deep(text, body.depth_max) => Err(DEPTH),
        (Rows::One, Envelope::None) => one(fields, text, 0, body, decoded),
        (Rows::Many, Envelope::None) => many(fields, text, body, decoded),
        _ => envelope.decode(fields, text, body, decoded),
    };
    if let Err(code) = result {
        decoded.fail(body.place, 0, code);
    }
}

fn one(
    fields: &FieldNames,
    text: &str,
    row: u32,
    body: Body,
    decoded: &mut Decoded,
) -> Result<(), Code> {
    read_object(fields, text, decoded)?;
    decoded.finish(Record {
        message: body.place,
        row,
        operation: body.operation,
        problem: None,
    });
    Ok(())
}

fn many(fields: &FieldNames, text: &str, body: Body, decoded: &mut Decoded) -> Result<(), Code> {
    let rows: Vec<&RawValue> = serde_json::from_str(text).map_err(|_syntax| SYNTAX)?;
    if rows.is_empty() {
        return Err(EMPTY);
    }
    for (row, value) in rows.iter().enumerate() {
        let row = u32::try_from(row).expect("a message is bounded");
        if let Err(code) = one(fields, value.get(), row, body, decoded) {
            decoded.fail(body.place, row, code);
        }
    }
    Ok(())
}

/// Reads one object into the columns; the record is not finished yet.
pub(super) fn read_object(
    fields: &FieldNames,
    text: &str,
    decoded: &mut Decoded,
) -> Result<(), Code> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let mut elements = None;
    let seed = ObjectSeed {
        fields,
        row: decoded.records.len(),
        decoded,
        elements: &mut elements,
    };
    let read = seed.deserialize(&mut reader);
    read.and_then(|()| reader.end())
        .map_err(|_unreadable| SYNTAX)?;
    match (&fields.array, elements) {
        (Some(array), Some(elements)) => read_elements(array, elements, decoded),
        _ => Ok(()),
    }
}

/// The elements of the record's array. One object stands for an array of it.
fn read_elements(array: &Array, text: &str, decoded: &mut Decoded) -> Result<(), Code> {
    let elements: Vec<&str> = match text.as_bytes().first() {
        Some(b'[') => {
            let listed: Vec<&RawValue> = serde_json::from_str(text).map_err(|_syntax| SYNTAX)?;
            listed.into_iter().map(RawValue::get).collect()
        }
        _ => vec![text],
    };
    if elements.len() > array.elements_max {
        return Err(ELEMENTS);
    }
    for element in elements {
        let mut reader = serde_json::Deserializer::from_str(element);
        let seed = ObjectSeed {
            fields: &array.members,
            row: decoded.elements,
            decoded,
            elements: &mut None,
        };
        seed.deserialize(&mut reader)
            .map_err(|_unreadable| SYNTAX)?;
        decoded.finish_element();
    }
    Ok(())
}

struct ObjectSeed<'a, 'de> {
    fields: &'a FieldNames,
    /// Row of the columns that the object fills.
    row: usize,
    decoded: &'a mut Decoded,
    /// The text of the array whose elements are read, once it was met.
    elements: &'a mut Option<&'de str>,
}

impl<'de> DeserializeSeed<'de> for ObjectSeed<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ObjectSeed<'_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let row = self.row;
        let array = self.fields.array.as_ref().map(|array| array.field);
        let mut expected = 0;
        while let Some(name) = members.next_key::<MemberName<'de>>()? {
            let value: &'de RawValue = members.next_value()?;
            let Some(place) = self.fields.find(&name.0, expected) else {
                self.decoded.unknown_fields += 1;
                continue;
            };
            expected = place + 1;
            let column = self
                .decoded
                .columns
                .get_mut(place)
                .expect("one column per field");
            if column.len() > row {
                return Err(serde::de::Error::custom("a member is named twice"));
            }
            push_raw(column, value.get()).map_err(serde::de::Error::custom)?;
            if array == Some(place) && column.presence(row) == Presence::Nested {
                *self.elements = Some(value.get());
            }
        }
        Ok(())
    }
}

/// A member name, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
#[serde(transparent)]
pub(super) struct MemberName<'a>(#[serde(borrow)] pub Cow<'a, str>);

/// Adds a JSON value to a column.
pub(super) fn push_raw(column: &mut super::TextColumn, raw: &str) -> Result<(), serde_json::Error> {
    match raw.as_bytes().first() {
        Some(b'"') => match raw.get(1..raw.len() - 1) {
            Some(inner) if !inner.contains('\\') => column.push(Presence::Text, inner),
            _ => column.push(Presence::Text, &serde_json::from_str::<String>(raw)?),
        },
        Some(b'n') => column.push(Presence::Null, ""),
        Some(b't' | b'f') => column.push(Presence::Boolean, raw),
        Some(b'{' | b'[') => column.push(Presence::Nested, ""),
        _ => column.push(Presence::Number, raw),
    }
    Ok(())
}

/// Whether objects and arrays are nested deeper than `depth_max`. Only a text with that many openings is walked.
fn is_too_deep(text: &str, depth_max: usize) -> bool {
    let openings = text
        .bytes()
        .filter(|byte| matches!(byte, b'{' | b'['))
        .count();
    openings > depth_max && depth(text) > depth_max
}

/// Greatest nesting depth of a JSON text.
fn depth(text: &str) -> usize {
    let (mut depth, mut greatest) = (0_usize, 0);
    let (mut in_text, mut escaped) = (false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => {
                depth += 1;
                greatest = greatest.max(depth);
            }
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    greatest
}
