//! Messages of fixed width: lines in which each field has its own bytes.
//!
//! Lines and fields are cut out of the bytes and decoded one by one, since widths count bytes and a program that fills a
//! field cuts a long text wherever the field ends, also in the middle of a character. What is left of such a text is
//! kept and the cut is noted. Blanks (U+0020, U+3000, NUL) around a value are padding; zeros are not.

use yidang_schemas::contract::{ByteRange, Contract, Encoding};
use yidang_schemas::defect::Code;

use super::column::Presence;
use super::{COLUMNS, Decoded, EMPTY, ENCODING, Operation, Record, encoding};

/// Decodes the lines of one message. A line of another length than the contract's, or one that does not decode, is a
/// record of its own that could not be read, and the lines after it go on. The last line may lack its end.
pub(super) fn decode(
    contract: &Contract,
    encoding: Encoding,
    bytes: &[u8],
    message: usize,
    operation: Operation,
    decoded: &mut Decoded,
) {
    let bytes = encoding::without_mark(encoding, bytes);
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    if bytes.is_empty() || bytes == b"\r" {
        return decoded.fail(message, 0, EMPTY);
    }
    let width = contract.byte_ranges.iter().map(ByteRange::end).max();
    for (row, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let row = u32::try_from(row).expect("a message is bounded");
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let read = match Some(line.len()) == width {
            true => push_line(contract, encoding, line, decoded),
            false => Err(COLUMNS),
        };
        match read {
            Ok(()) => decoded.finish(Record {
                message,
                row,
                operation,
                problem: None,
            }),
            Err(code) => decoded.fail(message, row, code),
        }
    }
}

fn push_line(
    contract: &Contract,
    encoding: Encoding,
    line: &[u8],
    decoded: &mut Decoded,
) -> Result<(), Code> {
    let row = decoded.records.len();
    for (field, range) in contract.byte_ranges.iter().enumerate() {
        let bytes = line.get(range.start..range.end()).ok_or(COLUMNS)?;
        // No second byte of a character is one of these, so they are padding wherever they stand at an end.
        let (text, is_cut) = encoding::cut_text(encoding, trimmed(bytes)).ok_or(ENCODING)?;
        let text = text.trim_matches([' ', '\u{3000}', '\0']);
        if let Some(column) = decoded.columns.get_mut(field) {
            column.push(Presence::Text, text);
        }
        if is_cut {
            decoded.cuts.insert((row, field));
        }
    }
    Ok(())
}

fn trimmed(bytes: &[u8]) -> &[u8] {
    let is_padding = |byte: &u8| matches!(byte, b' ' | 0);
    let Some(start) = bytes.iter().position(|byte| !is_padding(byte)) else {
        return &[];
    };
    let end = bytes.iter().rposition(|byte| !is_padding(byte));
    let end = end.map_or(bytes.len(), |last| last + 1);
    bytes.get(start..end).unwrap_or_default()
}
