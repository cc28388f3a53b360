//! The order law (architecture, law 1) over the real folds and projection.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::cases::{Case, FEATURES, features};
use super::model::{self, Table};
use super::table::{projector, run};

/// Cases of the law; seeds are `FIRST_SEED` onwards.
pub(super) const CASES: u64 = 12_000;
pub(super) const FIRST_SEED: u64 = 20_261_124;

/// The first difference between two tables, for a person who reads a failure.
pub(super) fn difference(left: &Table, right: &Table) -> Option<String> {
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

fn broken(seed: u64, case: &Case, what: &str, left: &Table, right: &Table) -> Option<String> {
    let difference = difference(left, right)?;
    Some(format!("seed {seed}: {what}: {difference}\n{case:#?}"))
}

#[test]
fn any_permutation_repetition_and_batching_gives_the_same_file_rows() {
    let projector = projector();
    let seeds: Vec<u64> = (FIRST_SEED..FIRST_SEED + CASES).collect();
    let judged: Vec<(Vec<&'static str>, Option<String>)> = seeds
        .par_iter()
        .map(|seed| {
            let case = Case::new(*seed);
            let other = case.rearranged(*seed);
            let (first, second) = (run(&case, &projector), run(&other, &projector));
            let expected = model::table(&case.said);
            let found = [
                ("two orders of arrival differ", &first.table, &second.table),
                ("rows differ from the model", &first.table, &expected),
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
            let failure = found
                .iter()
                .find_map(|(what, left, right)| broken(*seed, &other, what, left, right));
            (features(&other).into_iter().collect(), failure)
        })
        .collect();
    if let Some(failure) = judged.iter().find_map(|(_, failure)| failure.as_ref()) {
        panic!("{failure}");
    }
    let mut counts: BTreeMap<&str, usize> = FEATURES.iter().map(|feature| (*feature, 0)).collect();
    for feature in judged.iter().flat_map(|(features, _)| features) {
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
