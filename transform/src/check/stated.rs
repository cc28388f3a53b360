//! Whether a record states a field: the three states of law 3, for rules over several fields.

use yidang_schemas::contract::Mode;
use yidang_schemas::field::FieldIndex;

use super::Batch;
use crate::decode::column::Presence;
use crate::parse::type_fits;

/// What a record says of one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stated<'a> {
    /// Nothing that a rule could judge: absent in a patch, null where a value is required, or of a wrong JSON type.
    Silent,
    /// Null, or absent in a full record.
    Null,
    /// The text as sent.
    Value(&'a str),
}

pub(super) fn of<'a>(batch: &Batch<'a>, field: FieldIndex, row: usize) -> Stated<'a> {
    let (Some(column), Some(described)) = (
        batch.decoded.columns.get(field),
        batch.contract.fields.get(field),
    ) else {
        return Stated::Silent;
    };
    let presence = column.presence(row);
    match presence {
        Presence::Absent if batch.contract.mode == Mode::Patch => Stated::Silent,
        // The rule about the missing value speaks.
        Presence::Absent | Presence::Null if described.required => Stated::Silent,
        Presence::Absent | Presence::Null => Stated::Null,
        _ if !type_fits(described, presence) => Stated::Silent,
        _ => Stated::Value(column.text(row)),
    }
}
