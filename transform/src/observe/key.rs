//! Record keys: the agency's own key, each part normalized where it can be, trimmed raw where it cannot.

use yidang_schemas::defect::Code;
use yidang_schemas::field::FieldIndex;

use super::Stage;
use crate::normalize::date::DateOutcome;
use crate::parse::Facet;
use crate::record::RecordId;
use crate::token::UNIT_SEPARATOR;
use crate::verdict::RecordKey;

pub(super) const KEY_MISSING: Code = Code("KEY_MISSING");

/// The key of a record, taken as sound until its rules are judged.
pub(super) fn record_key(stage: &Stage<'_>, row: usize) -> Result<RecordKey, Code> {
    let mut text = String::with_capacity(32);
    for (place, field) in stage.contract.record_key.iter().enumerate() {
        if place > 0 {
            text.push(char::from(UNIT_SEPARATOR));
        }
        let before = text.len();
        push_part(stage, *field, row, &mut text);
        if text.len() == before {
            return Err(KEY_MISSING);
        }
    }
    let key_hash = stage.observer.id_key.keyed_hash(&[b"record-key", text.as_bytes()]);
    Ok(RecordKey { id: RecordId { feed: stage.observer.feed, key_hash }, text, sound: true })
}

fn push_part(stage: &Stage<'_>, field: FieldIndex, row: usize, text: &mut String) {
    let Some(raw) = stage.decoded.columns.get(field).and_then(|column| column.value(row)) else { return };
    match stage.facets.get(field) {
        Some(Facet::Person(read)) => {
            if let Some(Some(Ok(identifier))) = read.get(row) {
                return text.push_str(&identifier.canonical);
            }
        }
        Some(Facet::Organisation(read)) => {
            if let Some(Some(Ok(identifier))) = read.get(row) {
                return text.push_str(identifier.text());
            }
        }
        Some(Facet::Code(codes)) => {
            if let Some(code) = codes.get(row).copied().flatten().flatten() {
                return text.push_str(code);
            }
        }
        Some(Facet::Date(dates)) => {
            if let Some(Some(DateOutcome::Date(day))) = dates.get(row) {
                return text.push_str(&day.to_string().as_str());
            }
        }
        _ => {}
    }
    text.push_str(raw.trim());
}
