//! The order law (architecture, law 1) over the real folds and projection.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::cases::{Case, FEATURES, features};
use super::model::{self, Table};
use super::mutants::Mutation;
use super::table::{projector, run};
use crate::project::Projector;

/// Cases of the law; seeds are `FIRST_SEED` onwards.
pub(super) const CASES: u64 = 12_000;
pub(super) const FIRST_SEED: u64 = 20_261_124;

/// The first difference between two tables, for a person who reads a failure.
fn difference(left: &Table, right: &Table) -> Option<String> {
    let ids = left.keys().chain(right.keys());
    for id in ids {
        let (Some(one), Some(other)) = (left.get(id), right.get(id)) else {
            return Some(format!("{id}: a row in one table and none in the other"));
        };
        let columns = one.as_object().unwrap().iter();
        for (column, value) in columns {
            if other.get(column) != Some(value) {
                let other = other.get(column).cloned().unwrap_or_default();
                return Some(format!("{id}.{column}: {value} against {other}"));
            }
        }
    }
    None
}

/// What the law compares, beside what every failure of it says.
pub(super) const ORDERS_DIFFER: &str = "two orders of arrival differ";
pub(super) const ROWS_DIFFER: &str = "rows differ from the model";

/// How a case breaks the law.
pub(super) struct Failure {
    pub what: &'static str,
    difference: String,
}

/// A case in its second arrival, and how it breaks the law.
pub(super) struct Judged {
    case: Case,
    pub failure: Option<Failure>,
}

/// Holds the case of a seed against the law, under folds that are broken in this way.
pub(super) fn judge(seed: u64, projector: &Projector, mutation: Mutation) -> Judged {
    let case = Case::new(seed);
    let other = case.rearranged(seed);
    let first = run(&case, projector, mutation);
    let second = run(&other, projector, mutation);
    let expected = model::table(&case.said);
    let compared = [
        (ORDERS_DIFFER, &first.table, &second.table),
        (ROWS_DIFFER, &first.table, &expected),
        (
            "upserted rows differ from projected ones",
            &first.table,
            &first.rebuilt,
        ),
        (
            "rows differ from the model after another arrival",
            &second.rebuilt,
            &expected,
        ),
    ];
    let failure = compared.into_iter().find_map(|(what, left, right)| {
        let difference = difference(left, right)?;
        Some(Failure { what, difference })
    });
    Judged {
        case: other,
        failure,
    }
}

#[test]
fn any_permutation_repetition_and_batching_gives_the_same_file_rows() {
    let projector = projector();
    let seeds: Vec<u64> = (FIRST_SEED..FIRST_SEED + CASES).collect();
    let judged: Vec<BTreeSet<&'static str>> = seeds
        .par_iter()
        .map(|seed| {
            let Judged { case, failure } = judge(*seed, &projector, Mutation::None);
            if let Some(Failure { what, difference }) = failure {
                panic!("seed {seed}: {what}: {difference}\n{case:#?}");
            }
            features(&case)
        })
        .collect();
    let mut counts: BTreeMap<&str, usize> = FEATURES.iter().map(|feature| (*feature, 0)).collect();
    for feature in judged.iter().flatten() {
        *counts.entry(feature).or_default() += 1;
    }
    println!("order law: {} cases from seed {FIRST_SEED}", judged.len());
    for (feature, count) in counts {
        let share = 100 * count / judged.len();
        println!("  {share:>3} %  {feature}");
        assert!(
            share >= 5,
            "seeds from {FIRST_SEED}: only {share} % of the cases have {feature}"
        );
    }
}
