//! What is worth a note about a person's number beside the verdict on it: findings that never do more than observe.

use yidang_schemas::field::FieldIndex;
use yidang_schemas::rule::{Check, Rule};

use super::Batch;
use crate::decode::Operation;
use crate::decode::column::Presence;
use crate::normalize::resident_id::{self, Limits};
use crate::parse::Facet;

/// At most so many notes on one number.
type Notes = [Option<&'static str>; 2];

/// Codes of the notes that a rule has on a record.
pub(super) fn of(
    batch: &Batch<'_>,
    rule: &Rule,
    at: (usize, usize),
) -> impl Iterator<Item = &'static str> {
    let is_number = matches!(rule.check, Check::ResidentId | Check::Party);
    let number = rule.field.filter(|_| is_number);
    let notes = number.and_then(|field| on_number(batch, field, at));
    notes.into_iter().flatten().flatten()
}

/// What was folded is repaired and worth no note.
fn on_number(batch: &Batch<'_>, field: FieldIndex, (record, row): (usize, usize)) -> Option<Notes> {
    let record = batch.decoded.records.get(record)?;
    if record.operation != Operation::Upsert || record.problem.is_some() {
        return None;
    }
    let column = batch.decoded.columns.get(field)?;
    if column.presence(row) == Presence::Number {
        return Some([sent_as_number(column.text(row)), None]);
    }
    let facet = batch.facets.get(field)?;
    if let Facet::Person(read) = facet
        && let Some(Err(problem)) = read.get(row)?
    {
        return Some([problem.hint(), None]);
    }
    match facet.person(row)? {
        Err(_) => None,
        Ok(identifier) => identifier.resident.map(|id| {
            [
                id.region_unknown.then_some("ID_REGION_UNKNOWN"),
                id.sequence_000.then_some("ID_SEQUENCE_000"),
            ]
        }),
    }
}

/// A JSON number keeps its digits here; where they are no sound number, the sender's system lost some.
fn sent_as_number(text: &str) -> Option<&'static str> {
    let limits = Limits {
        latest_birth: None,
        numeric_source: true,
    };
    resident_id::parse(text, &limits).err()?.hint()
}
