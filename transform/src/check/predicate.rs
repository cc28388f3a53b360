//! Evaluating predicates over a batch: a column for each part, three values and no allocation per cell without need.
//!
//! A record is judged only where it states every field that the predicate reads, and these can be read: what is no date
//! is the matter of another rule. Null passes. An evaluation that fails (a division by zero, a number that grows too
//! large) blames nobody: the record is unjudged, and the failure is counted.

mod columns;
mod evaluate;
mod slot;

#[cfg(test)]
mod tests;

use regex::Regex;
use yidang_schemas::predicate::Predicate;

pub(super) use columns::{Columns, NO_END};
use evaluate::Evaluation;
pub(super) use evaluate::age_at;
pub(super) use slot::Slot;

use super::{Batch, Finding};
use crate::decode::Operation;

/// The patterns of a predicate, compiled once. Those that do not compile were refused when it was planned.
pub(super) fn patterns(predicate: &Predicate) -> Vec<Regex> {
    let compiled = predicate.patterns.iter().map(|pattern| {
        Regex::new(&pattern.regex())
            .expect("the pattern was compiled when the predicate was planned")
    });
    compiled.collect()
}

/// What a predicate says of each record of the batch.
pub(super) fn judge(
    batch: &Batch<'_>,
    columns: &Columns<'_>,
    predicate: &Predicate,
    patterns: &[Regex],
) -> Vec<Finding> {
    let rows = batch.decoded.records.len();
    let evaluation = Evaluation {
        columns,
        predicate,
        patterns,
        rows,
    };
    let verdicts = evaluation.test(&predicate.test);
    let fields = predicate.fields.iter();
    let stated: Vec<&[bool]> = fields.map(|field| columns.stated(*field)).collect();
    let records = batch.decoded.records.iter().enumerate();
    records
        .map(|(row, record)| {
            let is_stated = |column: &&[bool]| column.get(row) == Some(&true);
            let states = record.operation == Operation::Upsert && record.problem.is_none();
            if !states || !stated.iter().all(is_stated) {
                return Finding::Unjudged;
            }
            match verdicts.get(row) {
                Slot::Value(true) | Slot::Null => Finding::Pass,
                Slot::Value(false) => Finding::fail("PREDICATE"),
                Slot::Unreadable => Finding::Unjudged,
                Slot::Error => Finding::Error,
            }
        })
        .collect()
}
