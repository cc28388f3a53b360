//! A lake against the truth of a synthetic city, cell by cell.
//!
//! The truth is what the generator knew before it spoiled anything; it shares no code with the engine. Compared are both
//! file tables, the outcome and the failed rules of every record, and every issue. Leaves alone: how the lake came to
//! be, and what to say about the result. A difference is told by table, column and subject id, or by coordinates; never
//! by value.

mod cells;
mod files;
mod issues;
mod records;
mod result;

#[cfg(test)]
mod tests;

use yidang_ingest::lake::Tables;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::fault::Fault;
use yidang_simulate::{ENTERPRISE_COLUMNS, PERSON_COLUMNS, Truth};

pub use result::Comparison;

/// Compares every file, record, finding and issue.
///
/// The truth has to hold tokens and issue ids, so its city needs the lake's id key; the messages have to lie in topics
/// that held nothing before, since records are known by their coordinates.
///
/// # Errors
/// Faults of the store. A difference is no error, see [`Comparison::is_equal`].
pub async fn compare(
    tables: &Tables,
    catalog: &Catalog,
    truth: &Truth,
) -> Result<Comparison, Fault> {
    let mut comparison = Comparison::new(truth);
    for (table, dossier) in tables.files.iter().zip(&catalog.dossiers) {
        let (subjects, columns) = match dossier.name.as_str() {
            "person" => (&truth.persons, &PERSON_COLUMNS[..]),
            "enterprise" => (&truth.enterprises, &ENTERPRISE_COLUMNS[..]),
            _ => continue,
        };
        files::compare(table, dossier, subjects, columns, &mut comparison).await?;
    }
    records::compare(tables, truth, &mut comparison).await?;
    issues::compare(tables, truth, &mut comparison).await?;
    comparison.note_what_was_never_compared();
    Ok(comparison)
}
