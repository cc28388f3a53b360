//! Avro: binary bodies to JSON text, by the schema of the writer.
//!
//! The writer's schema alone decides what is there: a field that it lacks is absent, and defaults of a reader's schema
//! play no part. Logical types are written as a person would send them: dates and times as text, decimals with all their
//! digits. Encoding: Avro specification 1.12, "Binary Encoding" and "Logical Types".

mod reader;
mod schema;

pub use schema::Schema;

use super::json_text::JsonText;
use super::time_text::{self, Holder, TimeStyle};
use super::{Bounds, DEPTH, ENCODING, SYNTAX};
use reader::Reader;
use schema::{Type, TypeIndex, Unit};
use yidang_schemas::defect::Code;

/// Writes one body out as JSON text.
///
/// # Errors
/// Why the body is none of this schema.
pub(super) fn text(
    schema: &Schema,
    bounds: Bounds,
    style: &TimeStyle<'_>,
    body: &[u8],
) -> Result<String, Code> {
    let mut decoding = Decoding {
        schema,
        style,
        reader: Reader::new(body),
        json: JsonText::new(bounds.message_bytes_max, body.len() * 4),
        depth_left: bounds.depth_max,
    };
    decoding.value(schema.root(), Holder::NONE)?;
    // Bytes behind the value: the schema is not the one it was written by.
    match decoding.reader.is_at_end() {
        true => Ok(decoding.json.finish()),
        false => Err(SYNTAX),
    }
}

struct Decoding<'a> {
    schema: &'a Schema,
    style: &'a TimeStyle<'a>,
    reader: Reader<'a>,
    json: JsonText,
    depth_left: usize,
}

impl<'a> Decoding<'a> {
    /// Writes one value.
    fn value(&mut self, index: TypeIndex, holder: Holder<'_>) -> Result<(), Code> {
        let schema = self.schema;
        match schema.type_at(index) {
            Type::Null => self.json.raw("null"),
            Type::Boolean => self.boolean(),
            Type::Int => {
                let number = self.reader.int()?;
                self.json.display(number)
            }
            Type::Long => {
                let number = self.reader.long()?;
                self.json.display(number)
            }
            Type::Float => {
                let number = f32::from_le_bytes(self.reader.array()?);
                self.json.float(number, number.is_finite())
            }
            Type::Double => {
                let number = f64::from_le_bytes(self.reader.array()?);
                self.json.float(number, number.is_finite())
            }
            Type::Bytes | Type::String => {
                let bytes = self.reader.bytes()?;
                self.quoted(bytes)
            }
            Type::Fixed { bytes } => {
                let bytes = self.reader.take(*bytes)?;
                self.quoted(bytes)
            }
            Type::Enum { symbols } => self.symbol(symbols),
            Type::Array { items } => self.nested(|this| this.array(*items, holder)),
            Type::Map { values } => self.nested(|this| this.map(*values, holder)),
            Type::Union { branches } => self.branch(branches, holder),
            Type::Record { fields } => self.nested(|this| this.record(fields, holder)),
            logical => self.logical(logical, holder),
        }
    }

    fn logical(&mut self, kind: &Type, holder: Holder<'_>) -> Result<(), Code> {
        match kind {
            Type::Date => time_text::day(&mut self.json, self.reader.int()?),
            Type::TimeOfDay { unit } => {
                let count = match unit {
                    Unit::Millisecond => i64::from(self.reader.int()?),
                    _ => self.reader.long()?,
                };
                time_text::time_of_day(&mut self.json, unit.nanoseconds(count))
            }
            Type::Instant { unit } => {
                let nanoseconds = unit.nanoseconds(self.reader.long()?);
                time_text::instant(&mut self.json, self.style, holder, nanoseconds)
            }
            Type::LocalTime { unit } => {
                let nanoseconds = unit.nanoseconds(self.reader.long()?);
                time_text::local(&mut self.json, nanoseconds)
            }
            Type::Decimal { bytes, scale } => {
                let unscaled = match bytes {
                    Some(bytes) => self.reader.take(*bytes)?,
                    None => self.reader.bytes()?,
                };
                self.decimal(unscaled, *scale)
            }
            Type::FixedUuid => {
                let bits = u128::from_be_bytes(self.reader.array()?);
                let digits = format!("{bits:032x}");
                let parts = [0..8, 8..12, 12..16, 16..20, 20..32];
                let parts = parts.map(|range| digits.get(range).unwrap_or_default());
                self.json.quoted(&parts.join("-"))
            }
            _ => Err(SYNTAX),
        }
    }

    fn nested(&mut self, write: impl FnOnce(&mut Self) -> Result<(), Code>) -> Result<(), Code> {
        self.depth_left = self.depth_left.checked_sub(1).ok_or(DEPTH)?;
        write(self)?;
        self.depth_left += 1;
        Ok(())
    }

    fn boolean(&mut self) -> Result<(), Code> {
        match self.reader.array()? {
            [0] => self.json.raw("false"),
            [1] => self.json.raw("true"),
            _ => Err(SYNTAX),
        }
    }

    fn quoted(&mut self, bytes: &[u8]) -> Result<(), Code> {
        let text = std::str::from_utf8(bytes).map_err(|_other| ENCODING)?;
        self.json.quoted(text)
    }

    fn symbol(&mut self, symbols: &[String]) -> Result<(), Code> {
        let place = usize::try_from(self.reader.int()?).map_err(|_negative| SYNTAX)?;
        self.json.quoted(symbols.get(place).ok_or(SYNTAX)?)
    }

    /// Unions of unions do not exist, so this ends.
    fn branch(&mut self, branches: &[TypeIndex], holder: Holder<'_>) -> Result<(), Code> {
        let place = usize::try_from(self.reader.long()?).map_err(|_negative| SYNTAX)?;
        self.value(*branches.get(place).ok_or(SYNTAX)?, holder)
    }

    fn record(&mut self, fields: &'a [schema::Field], holder: Holder<'_>) -> Result<(), Code> {
        self.json.raw("{")?;
        for (place, field) in fields.iter().enumerate() {
            self.json.member(&field.name, place == 0)?;
            self.value(field.value, self.style.member(holder, &field.name))?;
        }
        self.json.raw("}")
    }

    fn array(&mut self, items: TypeIndex, holder: Holder<'_>) -> Result<(), Code> {
        self.json.raw("[")?;
        let mut is_first = true;
        while let Some(count) = self.reader.block()? {
            for _item in 0..count {
                self.json.next(is_first)?;
                is_first = false;
                self.value(items, holder)?;
            }
        }
        self.json.raw("]")
    }

    fn map(&mut self, values: TypeIndex, holder: Holder<'_>) -> Result<(), Code> {
        self.json.raw("{")?;
        let mut is_first = true;
        while let Some(count) = self.reader.block()? {
            for _entry in 0..count {
                let name = std::str::from_utf8(self.reader.bytes()?).map_err(|_other| ENCODING)?;
                self.json.member(name, is_first)?;
                is_first = false;
                self.value(values, self.style.member(holder, name))?;
            }
        }
        self.json.raw("}")
    }

    /// Unscaled two's complement, big-endian, of at most 16 bytes beside those that only repeat the sign: 38 digits.
    fn decimal(&mut self, bytes: &[u8], scale: u32) -> Result<(), Code> {
        let sign: u8 = if bytes.first().is_some_and(|first| *first >= 0x80) {
            0xFF
        } else {
            0
        };
        let mut wide = [sign; 16];
        let spare = bytes.len().saturating_sub(wide.len());
        let (repeated, kept) = bytes.split_at(spare);
        if repeated.iter().any(|byte| *byte != sign) {
            return Err(super::SIZE);
        }
        for (place, byte) in wide.iter_mut().rev().zip(kept.iter().rev()) {
            *place = *byte;
        }
        if spare > 0 && (wide.first().copied().unwrap_or(0) >= 0x80) != (sign == 0xFF) {
            return Err(super::SIZE);
        }
        let unscaled = i128::from_be_bytes(wide);
        let minus = if unscaled < 0 { "-" } else { "" };
        let power = 10_u128.checked_pow(scale).ok_or(SYNTAX)?;
        let (whole, rest) = (
            unscaled.unsigned_abs() / power,
            unscaled.unsigned_abs() % power,
        );
        match usize::try_from(scale) {
            Ok(0) | Err(_) => self.json.display(format_args!("{minus}{whole}")),
            Ok(digits) => self
                .json
                .display(format_args!("{minus}{whole}.{rest:0digits$}")),
        }
    }
}

#[cfg(test)]
mod tests;
