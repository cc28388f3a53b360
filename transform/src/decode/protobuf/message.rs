//! Messages of a known type, field by field, to JSON text.

use std::collections::HashMap;

use super::super::json_text::JsonText;
use super::super::time_text::{self, Holder, TimeStyle};
use super::super::{DEPTH, ENCODING, SYNTAX};
use super::schema::{Field, Label, Meaning, Message, MessageIndex, Scalar, Schema};
use super::wire::{Reader, WireValue};
use super::zigzag;
use yidang_schemas::defect::Code;

pub(super) struct Decoding<'a> {
    pub schema: &'a Schema,
    pub style: &'a TimeStyle<'a>,
    pub json: JsonText,
    pub depth_left: usize,
}

/// What one message says of its fields, each in the order of the wire.
type Found<'a> = Vec<Vec<WireValue<'a>>>;

impl<'a> Decoding<'a> {
    /// Writes one message that came in so many parts, which are merged.
    pub(super) fn message(
        &mut self,
        index: MessageIndex,
        parts: &[&[u8]],
        holder: Holder<'_>,
    ) -> Result<(), Code> {
        self.depth_left = self.depth_left.checked_sub(1).ok_or(DEPTH)?;
        let schema = self.schema;
        let message = schema.message(index);
        let found = collect(message, parts)?;
        match message.meaning {
            Meaning::Plain => self.members(message, &found, holder)?,
            Meaning::Timestamp => {
                let [seconds, nanoseconds] = [1, 2].map(|number| integer(message, &found, number));
                let instant = i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
                time_text::instant(&mut self.json, self.style, holder, instant)?;
            }
            Meaning::Date => {
                let [year, month, day] = [1, 2, 3].map(|number| integer(message, &found, number));
                self.json
                    .display(format_args!("\"{year:04}-{month:02}-{day:02}\""))?;
            }
            Meaning::Wrapper => {
                let (inner, values) = message.fields.iter().zip(&found).next().ok_or(SYNTAX)?;
                self.singular(inner, values, holder)?;
            }
        }
        self.depth_left += 1;
        Ok(())
    }

    fn members(
        &mut self,
        message: &'a Message,
        found: &Found<'_>,
        outer: Holder<'_>,
    ) -> Result<(), Code> {
        self.json.raw("{")?;
        let mut is_first = true;
        for (field, values) in message.fields.iter().zip(found) {
            if field.label == Label::Present && values.is_empty() {
                continue;
            }
            self.json.member(&field.name, is_first)?;
            is_first = false;
            let holder = self.style.member(outer, &field.name);
            match field.label {
                Label::Repeated => self.repeated(field, values, holder)?,
                Label::Map => self.map(field, values, holder)?,
                Label::Present | Label::Implicit => self.singular(field, values, holder)?,
            }
        }
        self.json.raw("}")
    }

    fn singular(
        &mut self,
        field: &'a Field,
        values: &[WireValue<'_>],
        holder: Holder<'_>,
    ) -> Result<(), Code> {
        match (&field.scalar, values.last()) {
            (Scalar::Message(index), _) => {
                let parts = values.iter().map(|value| bytes(*value));
                let parts: Vec<&[u8]> = parts.collect::<Result<_, _>>()?;
                self.message(*index, &parts, holder)
            }
            (scalar, Some(value)) => self.scalar(scalar, *value),
            (scalar, None) => self.scalar(scalar, default_of(scalar)),
        }
    }

    fn repeated(
        &mut self,
        field: &'a Field,
        values: &[WireValue<'_>],
        holder: Holder<'_>,
    ) -> Result<(), Code> {
        self.json.raw("[")?;
        let mut is_first = true;
        for value in values {
            match (&field.scalar, value) {
                (Scalar::Message(index), value) => {
                    self.json.next(is_first)?;
                    self.message(*index, &[bytes(*value)?], holder)?;
                    is_first = false;
                }
                (scalar, WireValue::Bytes(packed)) if is_packable(scalar) => {
                    let mut reader = Reader::new(packed);
                    while !reader.is_at_end() {
                        self.json.next(is_first)?;
                        self.scalar(scalar, unpacked(scalar, &mut reader)?)?;
                        is_first = false;
                    }
                }
                (scalar, value) => {
                    self.json.next(is_first)?;
                    self.scalar(scalar, *value)?;
                    is_first = false;
                }
            }
        }
        self.json.raw("]")
    }

    /// Entries are messages of a key and a value; of two with one key the last one counts.
    fn map(
        &mut self,
        field: &'a Field,
        values: &[WireValue<'_>],
        outer: Holder<'_>,
    ) -> Result<(), Code> {
        let Scalar::Message(entry) = field.scalar else {
            return Err(SYNTAX);
        };
        let schema = self.schema;
        let entry = schema.message(entry);
        let (Some(key), Some(value)) = (entry.fields.first(), entry.fields.get(1)) else {
            return Err(SYNTAX);
        };
        let mut entries: Vec<(String, Found<'_>)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for part in values {
            let found = collect(entry, &[bytes(*part)?])?;
            let name = self.key_text(key, &found)?;
            match places.get(&name).and_then(|place| entries.get_mut(*place)) {
                Some(earlier) => earlier.1 = found,
                None => {
                    places.insert(name.clone(), entries.len());
                    entries.push((name, found));
                }
            }
        }
        self.json.raw("{")?;
        for (place, (name, found)) in entries.iter().enumerate() {
            self.json.member(name, place == 0)?;
            let holder = self.style.member(outer, name);
            self.singular(value, found.get(1).map_or(&[], Vec::as_slice), holder)?;
        }
        self.json.raw("}")
    }

    /// A key of a map as text: texts as they are, numbers and booleans as they are written.
    fn key_text(&self, key: &'a Field, found: &Found<'_>) -> Result<String, Code> {
        let value = found.first().and_then(|values| values.last()).copied();
        let value = value.unwrap_or_else(|| default_of(&key.scalar));
        if let (Scalar::Text, WireValue::Bytes(bytes)) = (&key.scalar, value) {
            return std::str::from_utf8(bytes)
                .map(str::to_owned)
                .map_err(|_other| ENCODING);
        }
        let mut writing = Decoding {
            schema: self.schema,
            style: self.style,
            json: JsonText::new(64, 0),
            depth_left: 0,
        };
        writing.scalar(&key.scalar, value)?;
        Ok(writing.json.finish())
    }

    fn scalar(&mut self, scalar: &Scalar, value: WireValue<'_>) -> Result<(), Code> {
        let json = &mut self.json;
        match (scalar, value) {
            (Scalar::Double, WireValue::Fixed64(bits)) => {
                let number = f64::from_bits(bits);
                json.float(number, number.is_finite())
            }
            (Scalar::Float, WireValue::Fixed32(bits)) => {
                let number = f32::from_bits(bits);
                json.float(number, number.is_finite())
            }
            (Scalar::Signed, WireValue::Varint(bits)) => json.display(bits.cast_signed()),
            (Scalar::Unsigned, WireValue::Varint(bits)) => json.display(bits),
            (Scalar::Zigzag, WireValue::Varint(bits)) => json.display(zigzag(bits)),
            (Scalar::Fixed32, WireValue::Fixed32(bits)) => json.display(bits),
            (Scalar::Fixed64, WireValue::Fixed64(bits)) => json.display(bits),
            (Scalar::SignedFixed32, WireValue::Fixed32(bits)) => json.display(bits.cast_signed()),
            (Scalar::SignedFixed64, WireValue::Fixed64(bits)) => json.display(bits.cast_signed()),
            (Scalar::Bool, WireValue::Varint(bits)) => json.display(bits != 0),
            (Scalar::Text | Scalar::Bytes, WireValue::Bytes(bytes)) => {
                json.quoted(std::str::from_utf8(bytes).map_err(|_other| ENCODING)?)
            }
            (Scalar::Enum(names), WireValue::Varint(bits)) => {
                match names
                    .iter()
                    .find(|(number, _)| i64::from(*number) == bits.cast_signed())
                {
                    Some((_, name)) => json.quoted(name),
                    None => json.display(bits.cast_signed()),
                }
            }
            // The wire type is not the field's: written by another schema.
            _ => Err(SYNTAX),
        }
    }
}

/// Sorts the fields on the wire by their place in the message.
fn collect<'w>(message: &Message, parts: &[&'w [u8]]) -> Result<Found<'w>, Code> {
    let mut found: Found<'w> = vec![Vec::new(); message.fields.len()];
    for part in parts {
        let mut reader = Reader::new(part);
        while let Some((number, value)) = reader.field()? {
            let Some(place) = message.place_of(number) else {
                continue;
            };
            forget_siblings(message, place, &mut found);
            if let Some(values) = found.get_mut(place) {
                values.push(value);
            }
        }
    }
    Ok(found)
}

/// A member of a `oneof` takes the place of those before it.
fn forget_siblings(message: &Message, place: usize, found: &mut Found<'_>) {
    let Some(oneof) = message
        .fields
        .get(place)
        .and_then(|field| field.oneof.as_ref())
    else {
        return;
    };
    for (other, (field, values)) in message.fields.iter().zip(found).enumerate() {
        if other != place && field.oneof.as_ref() == Some(oneof) {
            values.clear();
        }
    }
}

fn bytes(value: WireValue<'_>) -> Result<&[u8], Code> {
    match value {
        WireValue::Bytes(bytes) => Ok(bytes),
        _ => Err(SYNTAX),
    }
}

/// The whole number in the field of this number, 0 where it is not set.
fn integer(message: &Message, found: &Found<'_>, number: u32) -> i64 {
    let values = message.place_of(number).and_then(|place| found.get(place));
    match values.and_then(|values| values.last()) {
        Some(WireValue::Varint(bits)) => bits.cast_signed(),
        _ => 0,
    }
}

fn default_of(scalar: &Scalar) -> WireValue<'static> {
    match scalar {
        Scalar::Double | Scalar::Fixed64 | Scalar::SignedFixed64 => WireValue::Fixed64(0),
        Scalar::Float | Scalar::Fixed32 | Scalar::SignedFixed32 => WireValue::Fixed32(0),
        Scalar::Text | Scalar::Bytes | Scalar::Message(_) => WireValue::Bytes(&[]),
        _ => WireValue::Varint(0),
    }
}

fn is_packable(scalar: &Scalar) -> bool {
    !matches!(scalar, Scalar::Text | Scalar::Bytes | Scalar::Message(_))
}

fn unpacked(scalar: &Scalar, reader: &mut Reader<'_>) -> Result<WireValue<'static>, Code> {
    match default_of(scalar) {
        WireValue::Fixed64(_) => reader.fixed64().map(WireValue::Fixed64),
        WireValue::Fixed32(_) => reader.fixed32().map(WireValue::Fixed32),
        _ => reader.varint().map(WireValue::Varint),
    }
}
