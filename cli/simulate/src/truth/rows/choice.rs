//! The choice among candidates, and what a row says of itself: where each value comes from, which columns two agencies
//! contradict each other in, and how much of the row is filled.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::laws::{Broken, broken};
use super::{Candidate, Candidates, Row};
use crate::truth::{ENTERPRISE_COLUMNS, ENTERPRISE_NOT_TOLD, PERSON_COLUMNS, PERSON_NOT_TOLD};

/// What a file table looks like.
pub struct FileShape {
    /// In the order of the table.
    pub columns: &'static [&'static str],
    /// How many further columns feeds fill that the city does not tell.
    not_told: usize,
    /// Columns whose value is a list of elements.
    lists: &'static [&'static str],
}

pub const PERSON_FILE: FileShape = FileShape {
    columns: &PERSON_COLUMNS,
    not_told: PERSON_NOT_TOLD.len(),
    lists: &[
        "other_ids",
        "marriage_events",
        "parents",
        "social_insurance",
        "properties",
        "leases",
        "assistance",
        "dishonest",
        "phones",
        "death_evidence",
    ],
};
pub const ENTERPRISE_FILE: FileShape = FileShape {
    columns: &ENTERPRISE_COLUMNS,
    not_told: ENTERPRISE_NOT_TOLD.len(),
    lists: &["penalties", "utilities", "land", "dishonest"],
};

/// Columns that the platform states about the row, beside what agencies say of the subject.
const ABOUT_THE_ROW: [&str; 8] = [
    "person_id",
    "id_token",
    "ent_id",
    "provenance",
    "conflicts",
    "completeness",
    "rules_version",
    "last_business_time",
];
/// Two agencies may differ here without a contradiction: what was typed, what follows from another column, and stages of one
/// life, of which the later is known to one agency before the other.
const UNCONTESTED: [&str; 10] = [
    "id_type",
    "id_no",
    "name_raw",
    "household_token",
    "org_code",
    "residence_kind",
    "life_status",
    "foreign_name",
    "nationality",
    "birth_cert_no",
];
/// Version of the published authority lists that the ranks below follow.
const RULES_VERSION: u32 = 2;

impl Candidates {
    /// The row that the candidates make, all but the tokens; a list without elements is there and empty.
    pub fn into_row(self, shape: &FileShape) -> Row {
        let contested = self.contested(shape);
        let mut best: BTreeMap<(&'static str, String), Candidate> = BTreeMap::new();
        for candidate in self.list {
            let slot = (candidate.column, candidate.element.clone());
            let wins = best.get(&slot).is_none_or(|held| {
                (held.rank, std::cmp::Reverse(held.tie))
                    > (candidate.rank, std::cmp::Reverse(candidate.tie))
            });
            if wins {
                best.insert(slot, candidate);
            }
        }
        let mut row: Row = shape
            .lists
            .iter()
            .map(|column| (*column, json!([])))
            .collect();
        row.insert("provenance", provenance(best.values()));
        let winners: Vec<&Candidate> = best.values().collect();
        let conflicts = told(shape, contested, broken(&winners));
        for ((column, _), candidate) in best {
            match row.get_mut(column) {
                Some(Value::Array(list)) => list.push(candidate.value),
                _ => {
                    row.insert(column, candidate.value);
                }
            }
        }
        row.insert("completeness", json!(completeness(&row, shape)));
        row.insert("conflicts", conflicts);
        row.insert("rules_version", json!(RULES_VERSION));
        row.extend(
            self.last_business_ms
                .map(|time_ms| ("last_business_time", json!(time_ms))),
        );
        row
    }

    /// Columns in which two agencies contradict each other, each with all agencies that state it.
    fn contested(&self, shape: &FileShape) -> Broken {
        let conflict = |column: &'static str| {
            // Values of several parts are no single statement that another could contradict.
            let stated = |other: &&Candidate| other.column == column && !other.value.is_object();
            let stated: Vec<&Candidate> = self.list.iter().filter(stated).collect();
            let contradicted = stated.iter().any(|one| {
                stated.iter().any(|other| {
                    one.feed.agency() != other.feed.agency() && one.value != other.value
                })
            });
            let agencies = stated.iter().map(|candidate| candidate.feed.agency());
            contradicted.then(|| (column, agencies.collect()))
        };
        let contested = |column: &&&'static str| {
            !shape.lists.contains(*column) && !UNCONTESTED.contains(*column)
        };
        shape
            .columns
            .iter()
            .filter(contested)
            .filter_map(|column| conflict(column))
            .collect()
    }
}

/// The entries of `conflicts` in the order of the columns.
fn told(shape: &FileShape, contested: Broken, mut broken: Broken) -> Value {
    for (column, agencies) in contested {
        broken.entry(column).or_default().extend(agencies);
    }
    let entry = |column: &&'static str| {
        let agencies = broken.get(*column)?;
        Some(json!({"column": column, "agencies": agencies}))
    };
    shape.columns.iter().filter_map(entry).collect()
}

/// Column to the feeds that its value, or the elements of its list, come from.
fn provenance<'a>(winners: impl Iterator<Item = &'a Candidate>) -> Value {
    let mut columns: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for winner in winners {
        columns
            .entry(winner.column)
            .or_default()
            .insert(winner.feed.contract());
    }
    let told = |feed: &&str| json!({"agency": feed.split('.').next(), "feed": feed});
    let told = columns
        .into_iter()
        .map(|(column, feeds)| (column.to_owned(), feeds.iter().map(told).collect()));
    Value::Object(told.collect())
}

/// How many of a hundred columns that agencies fill have a value.
fn completeness(row: &Row, shape: &FileShape) -> usize {
    let facts = || {
        let facts = shape.columns.iter();
        facts.filter(|column| !ABOUT_THE_ROW.contains(*column))
    };
    let is_filled = |column: &&&'static str| {
        let value = row.get(*column);
        value.is_some_and(|value| value.as_array().is_none_or(|list| !list.is_empty()))
    };
    100 * facts().filter(is_filled).count() / (facts().count() + shape.not_told)
}
