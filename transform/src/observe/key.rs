//! Record keys: the agency's own key, each part normalized where it can be, trimmed raw where it cannot.

use std::fmt::Write;

use yidang_schemas::defect::Code;
use yidang_schemas::field::{FieldIndex, LogicalType};

use super::Stage;
use crate::check::MISTYPED;
use crate::decode::column::Presence;
use crate::normalize::date::{self, DateOutcome};
use crate::parse::Facet;
use crate::record::RecordId;
use crate::token::UNIT_SEPARATOR;
use crate::verdict::RecordKey;

pub(super) const KEY_MISSING: Code = Code("KEY_MISSING");

/// The key of a record, taken as sound until its rules are judged.
pub(super) fn record_key(stage: &Stage<'_>, row: usize) -> Result<RecordKey, Code> {
    let mut text = String::with_capacity(40);
    for (place, field) in stage.contract.record_key.iter().enumerate() {
        if place > 0 {
            text.push(char::from(UNIT_SEPARATOR));
        }
        let before = text.len();
        push_part(stage, *field, row, &mut text)?;
        if text.len() == before {
            return Err(KEY_MISSING);
        }
    }
    let key_hash = stage
        .observer
        .id_key
        .keyed_hash(&[b"record-key", text.as_bytes()]);
    Ok(RecordKey {
        id: RecordId {
            feed: stage.observer.feed,
            key_hash,
        },
        text,
        sound: true,
    })
}

/// Key of the markers of a feed: texts of record keys never are empty.
pub(super) fn marker_key(stage: &Stage<'_>) -> RecordKey {
    RecordKey {
        id: RecordId {
            feed: stage.observer.feed,
            key_hash: stage.observer.id_key.keyed_hash(&[b"record-key", b""]),
        },
        text: String::new(),
        sound: true,
    }
}

fn push_part(
    stage: &Stage<'_>,
    field: FieldIndex,
    row: usize,
    text: &mut String,
) -> Result<(), Code> {
    let Some(column) = stage.decoded.columns.get(field) else {
        return Ok(());
    };
    if column.presence(row) == Presence::Nested {
        return Err(MISTYPED);
    }
    if let Some(raw) = column.value(row)
        && normalized(stage, field, row, raw, text).is_none()
    {
        text.push_str(raw.trim());
    }
    Ok(())
}

/// Adds what the contract's normalization makes of a part; nothing where it makes nothing of it.
fn normalized(
    stage: &Stage<'_>,
    field: FieldIndex,
    row: usize,
    raw: &str,
    text: &mut String,
) -> Option<()> {
    match stage.facets.get(field)? {
        Facet::Plain => return None,
        facet @ (Facet::Person(_) | Facet::Organisation(_) | Facet::Party(_)) => {
            match facet.person(row) {
                Some(read) => text.push_str(&read.ok()?.canonical),
                None => text.push_str(facet.organisation(row)?.ok()?.text()),
            }
        }
        Facet::Code(codes) => text.push_str(codes.get(row).copied().flatten().flatten()?),
        Facet::Name(names) => text.push_str(&names.get(row)?.as_ref()?.as_ref().ok()?.text),
        Facet::Integer(numbers) => {
            write!(text, "{}", numbers.get(row).copied().flatten().flatten()?)
                .expect("a string takes all")
        }
        Facet::Date(dates) => {
            let day = match dates.get(row)?.as_ref()? {
                DateOutcome::Date(day) => day,
                DateOutcome::Partial { year, month } => {
                    write!(text, "{year:04}-{month:02}").expect("a string takes all");
                    return Some(());
                }
                _ => return None,
            };
            let is_day = stage.contract.fields.get(field)?.logical_type == LogicalType::Date;
            match is_day {
                true => write!(text, "{day}").expect("a string takes all"),
                false => {
                    let forms = &stage.observer.readers.get(field)?.forms;
                    let time =
                        date::epoch_milliseconds(raw, forms, stage.observer.order.zone()).ok()?;
                    write!(text, "{time}").expect("a string takes all");
                }
            }
        }
    }
    Some(())
}
