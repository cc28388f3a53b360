//! Protobuf: binary bodies to JSON text, by the schema of the writer.
//!
//! Members carry the field names of the `.proto` file. A field with presence (`optional`, messages, members of a `oneof`)
//! that is not set is absent. A field without presence cannot be told from its default value on the wire, so the default
//! is what it says: an agency that wants silence declares the field `optional`. Fields that the schema does not number
//! are skipped. Encoding: protobuf.dev, "Encoding"; the last value of a singular field counts, messages are merged.

mod message;
mod schema;
mod wire;

pub use schema::Schema;

use super::json_text::JsonText;
use super::time_text::{Holder, TimeStyle};
use super::{Bounds, SYNTAX};
use message::Decoding;
use wire::Reader;
use yidang_schemas::defect::Code;

/// Places in a path of message types at most.
const PATH_MAX: u64 = 64;

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
    let mut reader = Reader::new(body);
    let path = message_path(&mut reader)?;
    let message = schema.message_at(&path).ok_or(SYNTAX)?;
    let mut decoding = Decoding {
        schema,
        style,
        json: JsonText::new(bounds.message_bytes_max, body.len() * 4),
        depth_left: bounds.depth_max,
    };
    decoding.message(message, &[reader.rest()], Holder::NONE)?;
    Ok(decoding.json.finish())
}

/// Where the message type stands in its file: the number of its level-1 message, of the message in that, and so on; the
/// single byte 0 is short for the first message. Confluent's wire format, zigzag numbers.
fn message_path(reader: &mut Reader<'_>) -> Result<Vec<usize>, Code> {
    let count = zigzag(reader.varint()?);
    if count == 0 {
        return Ok(vec![0]);
    }
    let count = u64::try_from(count).ok().filter(|count| *count <= PATH_MAX);
    let count = count.ok_or(SYNTAX)?;
    let place = |_step| usize::try_from(zigzag(reader.varint()?)).map_err(|_negative| SYNTAX);
    (0..count).map(place).collect()
}

fn zigzag(bits: u64) -> i64 {
    (bits >> 1).cast_signed() ^ -(bits & 1).cast_signed()
}

#[cfg(test)]
mod tests;
