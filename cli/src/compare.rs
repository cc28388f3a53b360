//! A lake against the truth of a synthetic city, cell by cell.
//!
//! The truth is what the generator knew before it spoiled anything; it shares no code with the engine. Compared are both
//! file tables, the outcome and the failed rules of every record, and every issue. Leaves alone: how the lake came to
//! be, and what to say about the result. A difference is told by table, column and subject id, or by coordinates; never
//! by value.

mod cells;
mod files;
mod issues;
mod kinds;
mod records;
mod result;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use yidang_ingest::lake::Tables;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::dossier::{Dossier, PlatformColumn, Shape};
use yidang_schemas::fault::Fault;
use yidang_simulate::{
    ENTERPRISE_COLUMNS, ENTERPRISE_NOT_TOLD, NOT_COMPARED, PERSON_COLUMNS, PERSON_NOT_TOLD, Truth,
};

pub use result::Comparison;

/// What nothing fills yet.
const NEVER_FILLED: [PlatformColumn; 4] = [
    PlatformColumn::Disputed,
    PlatformColumn::Restriction,
    PlatformColumn::MergedInto,
    PlatformColumn::SplitFrom,
];

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
        let (subjects, columns, not_told) = match dossier.name.as_str() {
            "person" => (&truth.persons, &PERSON_COLUMNS[..], &PERSON_NOT_TOLD[..]),
            "enterprise" => (
                &truth.enterprises,
                &ENTERPRISE_COLUMNS[..],
                &ENTERPRISE_NOT_TOLD[..],
            ),
            _ => continue,
        };
        let wanted = wanted(catalog, dossier, not_told);
        files::compare(table, dossier, subjects, (columns, wanted), &mut comparison).await?;
    }
    records::compare(tables, truth, &mut comparison).await?;
    issues::compare(tables, truth, &mut comparison).await?;
    comparison.note_what_was_never_compared();
    Ok(comparison)
}

/// Columns for which a truth has to be stated: those that feeds of the city fill, and what the platform says of a row.
fn wanted(catalog: &Catalog, dossier: &Dossier, not_told: &[&str]) -> BTreeMap<String, u64> {
    let kind = catalog.kind_of_name(&dossier.name);
    let targets = catalog.feeds.iter().flat_map(|feed| {
        let mapped = feed.mappings.iter().map(|mapping| mapping.target);
        mapped.chain(feed.constants.iter().map(|constant| constant.target))
    });
    let leaves = targets
        .filter(|target| Some(target.kind) == kind)
        .filter_map(|target| dossier.leaves.get(usize::from(target.leaf)));
    let mapped: BTreeSet<usize> = leaves.map(|leaf| leaf.column).collect();
    let told = dossier
        .columns
        .iter()
        .enumerate()
        .filter(|(place, column)| {
            let is_told = match &column.shape {
                Shape::Platform(platform) => !NEVER_FILLED.contains(platform),
                Shape::Scalar(_) | Shape::Struct(_) | Shape::List { .. } => mapped.contains(place),
            };
            let name = column.name.as_str();
            let left_out = not_told.contains(&name) || NOT_COMPARED.contains(&name);
            is_told && !column.internal && !left_out
        });
    told.map(|(_, column)| (column.name.clone(), 0)).collect()
}
