//! The law is worth something only if wrong folds break it: seven of them, each caught on the law's own cases.

use rayon::prelude::*;

use super::cases::Case;
use super::folds::{self, Mutation};
use super::law::{FIRST_SEED, difference};
use super::model;

const CASES: u64 = 3_000;

/// Cases in which two arrivals of the same records differ, and in which rows differ from the model.
fn caught(mutation: Mutation) -> (usize, usize) {
    let seeds: Vec<u64> = (FIRST_SEED..FIRST_SEED + CASES).collect();
    let judge = |seed: &u64| {
        let case = Case::new(*seed);
        let first = folds::run(&case, mutation);
        let second = folds::run(&case.rearranged(*seed), mutation);
        let unlawful = difference(&first, &second).is_some();
        let wrong = difference(&first, &model::table(&case.said)).is_some();
        (usize::from(unlawful), usize::from(wrong))
    };
    seeds
        .par_iter()
        .map(judge)
        .reduce(|| (0, 0), |one, other| (one.0 + other.0, one.1 + other.1))
}

#[test]
fn unbroken_folds_by_arrival_keep_the_law_and_agree_with_the_model() {
    assert_eq!(caught(Mutation::None), (0, 0), "seeds from {FIRST_SEED}");
}

#[test]
fn each_of_seven_wrong_folds_is_caught() {
    println!("of {CASES} cases: arrivals that differ, rows that are wrong");
    for mutation in Mutation::BREAKING {
        let (unlawful, wrong) = caught(mutation);
        println!("  {unlawful:>5} {wrong:>5}  {mutation:?}");
        let by_arrival = matches!(
            mutation,
            Mutation::LastArrivalWins
                | Mutation::NoHashTieBreak
                | Mutation::RemovalWithoutOrder
                | Mutation::FirstSubjectKept
        );
        assert!(wrong > 0, "{mutation:?} is not caught");
        assert!(
            !by_arrival || unlawful > 0,
            "{mutation:?} keeps the order law"
        );
    }
}
