//! The wire format of schema registries: one byte 0, the id of the writer's schema, the body.
//!
//! Confluent's serialisers write it and the registries that speak their protocol count on it: byte 0 is the format, bytes
//! 1 to 4 the id, big-endian; Protobuf puts the place of its message type in the file before the body (see `protobuf`).
//! Here the writer's schema is looked up and the body written out as the JSON that the agency could have sent, which is
//! then read like any other: envelopes, rows and nested values work the same in every format.
//!
//! Leaves alone: where schemas come from. What the book does not know is a defect, never a question to anybody.

use yidang_schemas::contract::{Contract, Format};
use yidang_schemas::defect::Code;

use super::time_text::TimeStyle;
use super::{Bounds, avro, protobuf, writing_of};
use crate::message::RawMessage;
use crate::schema_book::{Known, SchemaId, SchemaView};

/// No header of the wire format.
pub const SCHEMA_ID: Code = Code("SCHEMA_ID");
/// The registry answered that it has no schema of this id.
pub const SCHEMA_UNKNOWN: Code = Code("SCHEMA_UNKNOWN");
/// The schema of this id is of another kind than the contract says, or cannot be used.
pub const SCHEMA_UNUSABLE: Code = Code("SCHEMA_UNUSABLE");

/// JSON text that one byte of a message may become at most, on average.
const GROWTH_MAX: usize = 8;
const FORMAT_BYTE: u8 = 0;
const HEADER_BYTES: usize = 5;

/// Id of the writer's schema and what follows it.
pub(super) fn split(value: &[u8]) -> Option<(SchemaId, &[u8])> {
    let (header, body) = value.split_first_chunk::<HEADER_BYTES>()?;
    let [FORMAT_BYTE, id @ ..] = header else {
        return None;
    };
    Some((SchemaId(u32::from_be_bytes(*id)), body))
}

/// The schema that has to be known before a message can be judged; nothing where its verdict needs none.
pub fn needs(contract: &Contract, bounds: Bounds, message: &RawMessage<'_>) -> Option<SchemaId> {
    let value = message.value?;
    if !writing_of(contract, message)?.format.is_registered()
        || value.len() > bounds.message_bytes_max
    {
        return None;
    }
    split(value).map(|(id, _)| id)
}

/// Writes a body out as JSON text.
///
/// # Errors
/// Why it cannot be read.
pub(super) fn text(
    (format, registry): (Format, &str),
    bounds: Bounds,
    schemas: SchemaView<'_>,
    style: &TimeStyle<'_>,
    value: &[u8],
) -> Result<String, Code> {
    let (id, body) = split(value).ok_or(SCHEMA_ID)?;
    let bounds = Bounds {
        message_bytes_max: bounds.message_bytes_max.saturating_mul(GROWTH_MAX),
        ..bounds
    };
    match (format, schemas.find(registry, id)) {
        (_, None | Some(Known::Unknown)) => Err(SCHEMA_UNKNOWN),
        (Format::Avro, Some(Known::Avro(schema))) => avro::text(schema, bounds, style, body),
        (Format::Protobuf, Some(Known::Protobuf(schema))) => {
            protobuf::text(schema, bounds, style, body)
        }
        _ => Err(SCHEMA_UNUSABLE),
    }
}
