//! CSV messages: a header line and one record per row.

use super::column::Presence;
use super::{COLUMNS, Decoded, EMPTY, Operation, Record, SYNTAX};
use yidang_schemas::contract::Contract;

/// Decodes one CSV text. A header line without any column of the contract is none. A header that lacks a column of the contract leaves that field absent; a row of another
/// length than the header is a record of its own that could not be read, and the rows after it go on.
pub(super) fn decode(
    contract: &Contract,
    text: &str,
    message: usize,
    operation: Operation,
    decoded: &mut Decoded,
) {
    let mut reader = ::csv::ReaderBuilder::new()
        .has_headers(true)
        .flexible(true)
        .from_reader(text.as_bytes());
    let header: Vec<Option<usize>> = match reader.headers() {
        Ok(names) => names
            .iter()
            .map(|name| contract.field_index(name.trim()))
            .collect(),
        Err(_) => return decoded.fail(message, 0, SYNTAX),
    };
    let unknown = header.iter().filter(|place| place.is_none()).count() as u64;
    let is_foreign = header.iter().all(Option::is_none);
    let mut row = 0;
    let mut fields = ::csv::StringRecord::new();
    loop {
        match reader.read_record(&mut fields) {
            Ok(false) => break,
            Ok(true) | Err(_) if is_foreign => return decoded.fail(message, 0, COLUMNS),
            Ok(true) if fields.len() == header.len() => {
                decoded.unknown_fields += unknown;
                push_row(&header, &fields, decoded);
                let record = Record {
                    message,
                    row,
                    operation,
                    problem: None,
                };
                decoded.finish(record);
            }
            Ok(true) => decoded.fail(message, row, COLUMNS),
            Err(_) => decoded.fail(message, row, SYNTAX),
        }
        row += 1;
    }
    if row == 0 {
        decoded.fail(message, 0, EMPTY);
    }
}

fn push_row(header: &[Option<usize>], fields: &::csv::StringRecord, decoded: &mut Decoded) {
    let row = decoded.records.len();
    for (place, text) in header.iter().zip(fields) {
        let column = place.and_then(|place| decoded.columns.get_mut(place));
        // A column named twice: the first one speaks.
        if let Some(column) = column.filter(|column| column.len() == row) {
            column.push(Presence::Text, text);
        }
    }
}
